"""One window of a system with as many shocks as variables: contributions, shares and exact one-shock bounds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from selloff.attribution.structural.decomposition import BANDS, ROBUST_SHARE
from selloff.attribution.structural.faces import edges, one_shock_ranges
from selloff.attribution.structural.restrictions import Restrictions
from selloff.panel.transforms import Floats

JOINT = ("spx", "us2y", "us10y")
"""Assets of the signature table over which a shock's share of the sigma-weighted move is taken."""


@dataclass(frozen=True)
class SystemWindow:
    """Contributions of each shock; they add up to the log move, nothing is left.

    Attributes
    ----------
    assets, shocks : names of the axes. log_moves : (n_assets,), the asset's move unit.
    contributions : (n_shocks, n_assets), posterior means. draws : (n_draws, n_shocks, n_assets), equally weighted.
    share : (n_shocks,), part of the sigma-weighted move of S&P, 2y and 10y: Σᵢ yᵢ cᵢ / Σᵢ yᵢ² in sigmas. They add up
        to one.
    share_draws : (n_draws, n_shocks).
    low, high : (n_shocks, n_assets), prior-free bounds of the contributions, means over reduced forms.
    share_low, share_high : (n_shocks,), the same of the shares.
    robust : (n_shocks,), part of the reduced forms in which the bounds of the share exclude zero from below.
    """

    assets: tuple[str, ...]
    shocks: tuple[str, ...]
    log_moves: Floats
    contributions: Floats
    draws: Floats = field(repr=False)
    share: Floats
    share_draws: Floats = field(repr=False)
    low: Floats
    high: Floats
    share_low: Floats
    share_high: Floats
    robust: Floats

    def band(self, name: str) -> tuple[Floats, Floats]:
        """Equal-tailed band of the contributions, `68` or `90`, each (n_shocks, n_assets)."""
        low, high = np.quantile(self.draws, BANDS[name], axis=0)
        return low, high

    def share_band(self, name: str) -> tuple[Floats, Floats]:
        """Equal-tailed band of the shares, `68` or `90`, each (n_shocks,)."""
        low, high = np.quantile(self.share_draws, BANDS[name], axis=0)
        return low, high

    def exclude_zero(self) -> tuple[bool, ...]:
        """Per shock: whether it can only have moved shares and yields the way they went."""
        return tuple(bool(r >= ROBUST_SHARE) for r in self.robust)


def share_weights(assets: tuple[str, ...], log_moves: Floats, sigmas: Floats) -> Floats:
    """(n_assets,) ω with Σ ωᵢ cᵢ the share of a contribution c in log move units; 0 outside `JOINT`."""
    counted = np.isin(assets, JOINT) & (log_moves != 0.0)
    total = float(np.sum(sigmas[counted] ** 2))
    if total == 0.0:
        return np.zeros(len(assets))
    return np.where(counted, sigmas**2 / np.where(counted, log_moves, 1.0) / total, 0.0)


def window_parts(
    impact: Floats, roots: Floats, restrictions: Restrictions, volatility: Floats, log_moves: Floats, sigmas: Floats
) -> SystemWindow:
    """Split a window's moves into shocks.

    Parameters
    ----------
    impact : (n_draws, n, n), in units of `volatility`. roots : (n_forms, n, n), B with B B′ = Σ.
    volatility : (n,), the unit of the model's moves. log_moves, sigmas : (n,), of the window.
    """
    y = log_moves / volatility
    shocks = np.linalg.solve(impact, np.broadcast_to(y, (len(impact), len(y)))[..., None])[..., 0]
    draws = (impact * shocks[:, None, :]).transpose(0, 2, 1) * volatility
    weights = share_weights(restrictions.assets, log_moves, sigmas)
    share_draws = draws @ weights
    right = np.broadcast_to(y, (len(roots), len(y)))[..., None]
    size = np.asarray(np.linalg.solve(roots, right)[..., 0], dtype=np.float64)
    loads = np.concatenate([roots, ((weights * volatility) @ roots)[:, None]], axis=1)
    ranges = np.stack(
        [one_shock_ranges(loads, size, edges(roots, restrictions, j))[0] for j in range(len(restrictions.shocks))],
        axis=1,
    )
    ends = ranges.mean(axis=0)
    return SystemWindow(
        assets=restrictions.assets,
        shocks=restrictions.shocks,
        log_moves=log_moves,
        contributions=draws.mean(axis=0),
        draws=draws,
        share=share_draws.mean(axis=0),
        share_draws=share_draws,
        low=ends[:, :-1, 0] * volatility,
        high=ends[:, :-1, 1] * volatility,
        share_low=ends[:, -1, 0],
        share_high=ends[:, -1, 1],
        robust=(ranges[:, :, -1, 0] > 0.0).mean(axis=0),
    )
