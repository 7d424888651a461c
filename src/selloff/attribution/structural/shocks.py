"""From causes to shocks: which causes prices could tell apart, and what each shock is claimed to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from selloff.attribution.structural.restrictions import Ranking, Restrictions
from selloff.catalog import Cause
from selloff.panel.transforms import Floats

FEWEST_CELLS = 3
"""A cause that claims fewer signs on the assets at hand could be turned into almost any shock."""

LOOKALIKE = 0.9
"""Cosine between expected moves above which prices can't be expected to tell two causes apart, as in `attribute`."""

MOST_SHOCKS = 10
"""The permutation sampler's work doubles with each shock; ten leave the model within its three seconds."""


@dataclass(frozen=True)
class Shock:
    """One or several causes that leave nearly the same marks.

    `p` : (n_assets, 3), P(falls), P(hardly moves), P(rises), averaged over causes by prior.
    `size` : (n_assets,), the same for sizes. `published` : one cause with published restrictions, never merged.
    """

    causes: tuple[Cause, ...]
    p: Floats
    size: Floats
    published: bool

    @property
    def name(self) -> str:
        """Ids of its causes, joined by `+`."""
        return "+".join(c.id for c in self.causes)

    @property
    def prior(self) -> float:
        """Sum of its causes' priors."""
        return sum(c.prior for c in self.causes)

    def expected(self) -> Floats:
        """Expected move of each asset per unit of intensity, in sigmas."""
        return np.asarray(self.size * (self.p[:, 2] - self.p[:, 0]))


def _restricted(cause: Cause, assets: Sequence[str]) -> int:
    return sum(cause.signature[a].basis != "open" for a in assets)


def _moved(cause: Cause, assets: Sequence[str]) -> bool:
    return any(cause.signature[a].basis != "open" and cause.signature[a].sign != "0" for a in assets)


def _single(cause: Cause, assets: Sequence[str]) -> Shock:
    cells = [cause.signature[a] for a in assets]
    return Shock(
        (cause,),
        np.array([c.p for c in cells], dtype=np.float64),
        np.array([c.size for c in cells], dtype=np.float64),
        any(c.basis == "published" for c in cells),
    )


def _merged(a: Shock, b: Shock) -> Shock:
    share = a.prior / (a.prior + b.prior)
    causes = tuple(sorted((*a.causes, *b.causes), key=lambda c: c.id))
    return Shock(causes, share * a.p + (1.0 - share) * b.p, share * a.size + (1.0 - share) * b.size, published=False)


def _closest(shocks: Sequence[Shock]) -> tuple[float, int, int]:
    """Highest cosine between two shocks that may be merged, and which; (−2, 0, 0) if none may."""
    means = [s.expected() for s in shocks]
    best = (-2.0, 0, 0)
    for i, one in enumerate(shocks):
        for j in range(i + 1, len(shocks)):
            if one.published or shocks[j].published:
                continue
            length = float(np.linalg.norm(means[i]) * np.linalg.norm(means[j]))
            cosine = float(means[i] @ means[j]) / max(length, 1e-12)
            if cosine > best[0] + 1e-12:
                best = (cosine, i, j)
    return best


def shocks_of(causes: Sequence[Cause], assets: Sequence[str], most: int) -> tuple[Shock, ...]:
    """The shocks that these assets can carry.

    Causes with too few claims are left out. Lookalikes are merged, and so are the closest pairs while there are more
    than `most`; causes with published restrictions stay by themselves.
    """
    usable = [c for c in sorted(causes, key=lambda c: c.id) if _restricted(c, assets) >= FEWEST_CELLS]
    shocks = [_single(c, assets) for c in usable if _moved(c, assets)]
    while True:
        cosine, i, j = _closest(shocks)
        if cosine < -1.5 or (cosine <= LOOKALIKE and len(shocks) <= min(most, MOST_SHOCKS)):
            break
        pair = _merged(shocks[i], shocks[j])
        shocks = [s for k, s in enumerate(shocks) if k not in (i, j)] + [pair]
    return tuple(sorted(shocks, key=lambda s: s.name))


def restrictions_of(shocks: Sequence[Shock], assets: Sequence[str], volatility: Mapping[str, float]) -> Restrictions:
    """Published signs and rankings hard, hypotheses soft.

    Parameters
    ----------
    volatility : daily volatility of each asset in its move unit, for rankings of moves as they are.
    """
    shape = (len(shocks), len(assets))
    hard, rises, still = np.zeros(shape, dtype=np.int8), np.full(shape, 0.5), np.zeros(shape)
    rankings = []
    column = {a: i for i, a in enumerate(assets)}
    for j, shock in enumerate(shocks):
        for i, asset in enumerate(assets):
            falls, unmoved, up = shock.p[i]
            bases = {c.signature[asset].basis for c in shock.causes}
            if "published" in bases:
                hard[j, i] = 1 if up > falls else -1
            elif unmoved > 0.5:
                still[j, i] = unmoved
            elif bases != {"open"}:
                rises[j, i] = up / (up + falls)
        for r in shock.causes[0].ranking if len(shock.causes) == 1 else ():
            if r.larger in column and r.smaller in column:
                scale = (volatility[r.larger], volatility[r.smaller]) if r.scale == "move" else (1.0, 1.0)
                probability = None if r.basis == "published" else r.probability
                rankings.append(Ranking(j, column[r.larger], column[r.smaller], probability, scale))
    names = tuple(s.name for s in shocks)
    return Restrictions(tuple(assets), names, hard, rises, still, tuple(rankings))
