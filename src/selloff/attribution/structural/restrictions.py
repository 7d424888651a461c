"""Restrictions on the loadings of structural shocks, and how well a candidate column meets them.

Published restrictions are hard. A hypothesis is soft: a cell that says "rises with probability p, given that it moves"
weighs a loading by p·H + (1 − p)·(1 − H), where H = 1/(1 + exp(−ρ/τ)) and ρ is the loading over its column's root
mean square (smooth penalties: Read and Zhu 2026, arXiv 2603.27088, section 3). So no set of hypotheses is infeasible.
A cell that says "hardly moves" weighs by p₀·exp(−ρ²/2s²) + 1 − p₀.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from selloff.panel.transforms import Floats

SOFTNESS = 0.1
"""τ: a loading of a tenth of its column's root mean square is where a soft sign is about three quarters decided."""

STILL_SIZE = 0.3
"""s: the size of `0` cells in the causes' README, relative to the event's intensity."""

VIOLATED = -1e9
"""Stands for log 0: finite, so that sums over cells keep their order, and far below any soft weight."""


@dataclass(frozen=True)
class Ranking:
    """|loading of `larger`| × `scale[0]` exceeds |loading of `smaller`| × `scale[1]` for one shock.

    `probability` None makes it hard. `scale` turns loadings into the units that are compared.
    """

    shock: int
    larger: int
    smaller: int
    probability: float | None = None
    scale: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True)
class Share:
    """The variance of one asset from some shocks exceeds that from others; always hard."""

    asset: int
    larger: tuple[int, ...]
    smaller: tuple[int, ...]


@dataclass(frozen=True)
class Restrictions:
    """What is claimed of each shock's loadings.

    Attributes
    ----------
    assets, shocks : names, (n_assets,) and (n_shocks,).
    hard : (n_shocks, n_assets) of −1, 0, 1: a sign that must hold; 0 is none.
    rises : (n_shocks, n_assets): probability of a rise given a move, soft; 0.5 is none.
    still : (n_shocks, n_assets): probability of hardly any move, soft; 0 is none.
    rankings, shares : restrictions between loadings.
    """

    assets: tuple[str, ...]
    shocks: tuple[str, ...]
    hard: npt.NDArray[np.int8]
    rises: Floats
    still: Floats
    rankings: tuple[Ranking, ...] = ()
    shares: tuple[Share, ...] = field(default=())

    def without(self, kept: Sequence[bool]) -> Restrictions:
        """The same with only those hard restrictions kept, in the order of `hard_names`."""
        flags = iter(kept)
        hard = self.hard.copy()
        for j, i in zip(*np.nonzero(self.hard), strict=True):
            if not next(flags):
                hard[j, i] = 0
        rankings = tuple(r for r in self.rankings if r.probability is not None or next(flags))
        shares = tuple(s for s in self.shares if next(flags))
        return Restrictions(self.assets, self.shocks, hard, self.rises, self.still, rankings, shares)

    def hard_names(self) -> tuple[str, ...]:
        """Every hard restriction in words."""
        names = [
            f"{self.shocks[j]}: {self.assets[i]} {'rises' if self.hard[j, i] > 0 else 'falls'}"
            for j, i in zip(*np.nonzero(self.hard), strict=True)
        ]
        names += [
            f"{self.shocks[r.shock]}: |{self.assets[r.larger]}| > |{self.assets[r.smaller]}|"
            for r in self.rankings
            if r.probability is None
        ]
        for s in self.shares:
            larger = " and ".join(self.shocks[j] for j in s.larger)
            smaller = " and ".join(self.shocks[j] for j in s.smaller)
            names.append(f"{self.assets[s.asset]}: variance of {larger} > variance of {smaller}")
        return tuple(names)


def all_hard(restrictions: Restrictions) -> Restrictions:
    """The same with every soft sign and ranking made hard on its likelier side, and `still` cells left open."""
    signs = np.sign(restrictions.rises - 0.5).astype(np.int8)
    hard = np.where(restrictions.hard != 0, restrictions.hard, signs).astype(np.int8)
    open_cells = np.full(restrictions.rises.shape, 0.5)
    rankings = tuple(Ranking(r.shock, r.larger, r.smaller, None, r.scale) for r in restrictions.rankings)
    still = np.zeros_like(restrictions.still)
    return Restrictions(
        restrictions.assets, restrictions.shocks, hard, open_cells, still, rankings, restrictions.shares
    )


def _logistic(x: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


def _relative(columns: Floats) -> Floats:
    size = np.sqrt(np.einsum("...i,...i->...", columns, columns) / columns.shape[-1])[..., None]
    return np.asarray(columns / np.maximum(size, 1e-300))


def _ranking_log_weight(columns: Floats, ranking: Ranking) -> Floats:
    larger = np.abs(columns[..., ranking.larger]) * ranking.scale[0]
    smaller = np.abs(columns[..., ranking.smaller]) * ranking.scale[1]
    if ranking.probability is None:
        return np.where(larger > smaller, 0.0, VIOLATED)
    gap = (larger - smaller) / np.maximum(larger + smaller, 1e-300)
    held = _logistic(gap / SOFTNESS)
    return np.asarray(np.log(2.0 * (ranking.probability * held + (1.0 - ranking.probability) * (1.0 - held))))


def log_weight(columns: Floats, shock: int, restrictions: Restrictions) -> Floats:
    """Log weight of candidate columns for one shock.

    Parameters
    ----------
    columns : (..., n_assets) loadings. shock : which one; at or above n_shocks it is unnamed and anything goes.

    Returns
    -------
    (...,), 0 where nothing is claimed, `VIOLATED` or below where a hard restriction fails.
    """
    if shock >= len(restrictions.shocks):
        return np.zeros(columns.shape[:-1])
    hard = restrictions.hard[shock]
    pinned = np.flatnonzero(hard)
    failed = (columns[..., pinned] * hard[pinned] <= 0.0).sum(axis=-1)
    total = VIOLATED * failed
    soft = np.flatnonzero(restrictions.rises[shock] != 0.5)
    still = np.flatnonzero(restrictions.still[shock] > 0.0)
    if len(soft) or len(still):
        relative = _relative(columns)
        p = restrictions.rises[shock, soft]
        up = _logistic(relative[..., soft] / SOFTNESS)
        # a product of a dozen factors in (0.02, 2) stays far from underflow, and one log is cheaper than a dozen
        total = total + np.log(np.prod(2.0 * ((2.0 * p - 1.0) * up + 1.0 - p), axis=-1))
        p0 = restrictions.still[shock, still]
        calm = np.exp(-0.5 * (relative[..., still] / STILL_SIZE) ** 2)
        total = total + np.log(np.prod(p0 * calm + 1.0 - p0, axis=-1))
    for ranking in restrictions.rankings:
        if ranking.shock == shock:
            total = total + _ranking_log_weight(columns, ranking)
    return np.asarray(total)


def shares_hold(loadings: Floats, shares: Sequence[Share]) -> npt.NDArray[np.bool_]:
    """Whether every variance share holds, (n,), for loadings (n, n_assets, n_columns)."""
    held = np.ones(len(loadings), dtype=bool)
    for share in shares:
        variance = loadings[:, share.asset] ** 2
        held &= variance[:, list(share.larger)].sum(axis=1) > variance[:, list(share.smaller)].sum(axis=1)
    return held
