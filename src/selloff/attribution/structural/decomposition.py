"""The historical decomposition of one window by asset and shock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from selloff.attribution.structural.bounds import contribution_bounds, shock_ranges
from selloff.attribution.structural.model import StructuralModel
from selloff.attribution.structural.reduced_form import DEGREES_OF_FREEDOM
from selloff.attribution.structural.restrictions import all_hard
from selloff.panel.transforms import Floats

Rows = npt.NDArray[np.intp]

BANDS: Mapping[str, tuple[float, float]] = {"68": (0.16, 0.84), "90": (0.05, 0.95)}
ROBUST_SHARE = 0.90
"""A sign counts as robust if the bounds fix it in nine of ten reduced forms: a 90 % robust credible region (Giacomini
and Kitagawa 2021, section 3)."""


@dataclass(frozen=True)
class Bounds:
    """Prior-free outer bounds over one set of restrictions; means over reduced forms.

    Attributes
    ----------
    low, high : (n_shocks, n_assets), contributions in log move units.
    shock_low, shock_high : (n_shocks,), the shock's conditional mean.
    sign_fixed : (n_shocks,), share of reduced forms in which the restrictions fix the shock's sign in this window.
    helps_fixed : (n_shocks,), share in which they also fix that the shock moved the panel the way it went.
    """

    low: Floats
    high: Floats
    shock_low: Floats
    shock_high: Floats
    sign_fixed: Floats
    helps_fixed: Floats

    def exclude_zero(self) -> tuple[bool, ...]:
        """Per shock: whether its part in the joint move can't have been zero or of the other sign."""
        return tuple(bool(s >= ROBUST_SHARE) for s in self.helps_fixed)


@dataclass(frozen=True)
class Decomposition:
    """What each shock moved each asset by. Means and the unexplained part add up to the log move.

    Attributes
    ----------
    assets, shocks : names of the axes.
    log_moves : (n_assets,), the asset's move unit.
    contributions : (n_shocks, n_assets), posterior means. unexplained : (n_assets,), the rest.
    draws : (n_draws, n_shocks, n_assets). unexplained_draws : (n_draws, n_assets). Both equally weighted.
    shock_draws : (n_draws, n_shocks), the shocks in units of their scale, for the whole window.
    share : (n_shocks,), part of the sigma-weighted move: Σᵢ yᵢ cᵢ / Σᵢ yᵢ² in sigmas. unexplained_share : the rest.
    published : bounds under published restrictions alone. stated : with every stated sign taken as
        hard; None if not asked for.
    effective_draws, feasible_share, n_sessions : of the model.
    """

    assets: tuple[str, ...]
    shocks: tuple[str, ...]
    log_moves: Floats
    contributions: Floats
    unexplained: Floats
    draws: Floats = field(repr=False)
    unexplained_draws: Floats = field(repr=False)
    shock_draws: Floats = field(repr=False)
    share: Floats
    unexplained_share: float
    published: Bounds
    stated: Bounds | None
    effective_draws: float
    feasible_share: float
    n_sessions: int

    def band(self, name: str) -> tuple[Floats, Floats]:
        """Equal-tailed band of the contributions, `68` or `90`, each (n_shocks, n_assets)."""
        low, high = np.quantile(self.draws, BANDS[name], axis=0)
        return low, high

    def unexplained_band(self, name: str) -> tuple[Floats, Floats]:
        """Equal-tailed band of the unexplained part, each (n_assets,)."""
        low, high = np.quantile(self.unexplained_draws, BANDS[name], axis=0)
        return low, high

    def to_dict(self) -> dict[str, Any]:
        """Everything but the draws, by shock and asset."""
        bands = {name: self.band(name) for name in BANDS}
        rest = {name: self.unexplained_band(name) for name in BANDS}

        def bounds(found: Bounds, j: int) -> dict[str, Any]:
            return {
                "low": dict(zip(self.assets, found.low[j].tolist(), strict=True)),
                "high": dict(zip(self.assets, found.high[j].tolist(), strict=True)),
                "shock": [float(found.shock_low[j]), float(found.shock_high[j])],
                "sign_fixed": float(found.sign_fixed[j]),
                "excludes_zero": found.exclude_zero()[j],
            }

        def one(j: int) -> dict[str, Any]:
            return {
                "contributions": dict(zip(self.assets, self.contributions[j].tolist(), strict=True)),
                "bands": {
                    name: {a: [float(low[j, i]), float(high[j, i])] for i, a in enumerate(self.assets)}
                    for name, (low, high) in bands.items()
                },
                "share": float(self.share[j]),
                "shock": {
                    "mean": float(self.shock_draws[:, j].mean()),
                    "sd": float(self.shock_draws[:, j].std()),
                    "positive": float((self.shock_draws[:, j] > 0.0).mean()),
                },
                "bounds_published": bounds(self.published, j),
                "bounds_stated": None if self.stated is None else bounds(self.stated, j),
            }

        return {
            "log_moves": dict(zip(self.assets, self.log_moves.tolist(), strict=True)),
            "shocks": {name: one(j) for j, name in enumerate(self.shocks)},
            "unexplained": {
                "moves": dict(zip(self.assets, self.unexplained.tolist(), strict=True)),
                "bands": {
                    name: {a: [float(low[i]), float(high[i])] for i, a in enumerate(self.assets)}
                    for name, (low, high) in rest.items()
                },
                "share": self.unexplained_share,
            },
            "effective_draws": self.effective_draws,
            "feasible_share": self.feasible_share,
            "n_sessions": self.n_sessions,
        }


def _bounds(model: StructuralModel, present: Rows, y: Floats, unit: Floats, *, stated: bool) -> Bounds:
    claims = all_hard(model.restrictions) if stated else model.restrictions
    ranges = model.ranges_stated if stated else model.ranges_published
    seen = model.base[:, present]
    covariance = model.base_covariance[:, present][:, :, present]
    right = np.broadcast_to(y, (len(seen), len(y)))[..., None]
    filtered = np.einsum("nir,ni->nr", seen, np.linalg.solve(covariance, right)[..., 0])
    shocks = shock_ranges(model.base, claims, filtered)
    low, high = contribution_bounds(seen, filtered, ranges[:, :, present], shocks)
    pull = shock_ranges(model.base, claims, np.einsum("nir,i->nr", seen, y))
    # both ends at zero: no direction meets the restrictions, so nothing is fixed
    up, down = shocks[..., 1] > 0.0, shocks[..., 0] < 0.0
    pull_up, pull_down = pull[..., 1] > 0.0, pull[..., 0] < 0.0
    one_way = (up & ~down & pull_up & ~pull_down) | (down & ~up & pull_down & ~pull_up)
    return Bounds(
        low=low.mean(axis=0) * unit,
        high=high.mean(axis=0) * unit,
        shock_low=shocks[..., 0].mean(axis=0),
        shock_high=shocks[..., 1].mean(axis=0),
        sign_fixed=(up ^ down).mean(axis=0),
        helps_fixed=one_way.mean(axis=0),
    )


def _conditional_draws(
    loadings: Floats, solved: Floats, mean: Floats, y: Floats, inner: Floats, random: np.random.Generator
) -> Floats:
    """Shocks given the window's moves: Student t around their means, (n_draws, n_shocks)."""
    n, size, n_shocks = loadings.shape
    left = np.eye(n_shocks) - inner
    values, vectors = np.linalg.eigh(left)
    noise = np.sqrt(np.maximum(values, 0.0)) * random.standard_normal((n, n_shocks))
    stretch = (DEGREES_OF_FREEDOM + solved @ y) / random.chisquare(DEGREES_OF_FREEDOM + size, n)
    return np.asarray(mean + np.sqrt(stretch)[:, None] * np.einsum("njk,nk->nj", vectors, noise))


def _equally_weighted(weights: Floats) -> Rows:
    """Rows that stand for the weighted draws with equal weights (systematic resampling at the midpoints)."""
    grid = (np.arange(len(weights)) + 0.5) / len(weights)
    return np.minimum(np.searchsorted(np.cumsum(weights), grid), len(weights) - 1)


def decompose(model: StructuralModel, sigmas: Floats, unit: Floats, seed: int, *, stated: bool = True) -> Decomposition:
    """Decompose a window's moves.

    A window of several sessions counts as one draw with one scale: its moves are in sigmas of its length.

    Parameters
    ----------
    sigmas : (n_assets,), log moves over (volatility known before × √sessions); NaN where missing, and then the asset
        takes no part.
    unit : (n_assets,), log move units per sigma.
    seed : derived from the inputs. stated : whether those bounds are wanted.
    """
    random = np.random.default_rng(seed)
    present = np.flatnonzero(~np.isnan(sigmas))
    y, scale = sigmas[present], unit[present]
    chosen = _equally_weighted(model.weights)
    loadings = model.loadings[chosen][:, present]
    covariance = model.covariance[chosen][:, present][:, :, present]
    right = np.concatenate([np.broadcast_to(y, (len(loadings), len(y)))[..., None], loadings], axis=2)
    solved = np.linalg.solve(covariance, right)
    mean = np.einsum("nij,ni->nj", loadings, solved[..., 0])
    inner = loadings.transpose(0, 2, 1) @ solved[..., 1:]
    shocks = _conditional_draws(loadings, solved[..., 0], mean, y, inner, random)
    draws = loadings.transpose(0, 2, 1) * shocks[:, :, None]
    # the conditional mean given each draw, averaged: the same mean with less noise
    contributions = (loadings.transpose(0, 2, 1) * mean[:, :, None]).mean(axis=0)
    total = float(y @ y)
    share = contributions @ y / total if total > 0.0 else np.zeros(len(contributions))
    return Decomposition(
        assets=tuple(model.restrictions.assets[i] for i in present),
        shocks=model.restrictions.shocks,
        log_moves=y * scale,
        contributions=contributions * scale,
        unexplained=(y - contributions.sum(axis=0)) * scale,
        draws=draws * scale,
        unexplained_draws=(y - draws.sum(axis=1)) * scale,
        shock_draws=shocks,
        share=share,
        unexplained_share=1.0 - float(share.sum()),
        published=_bounds(model, present, y, scale, stated=False),
        stated=_bounds(model, present, y, scale, stated=True) if stated else None,
        effective_draws=model.effective_draws,
        feasible_share=model.feasible_share,
        n_sessions=model.n_sessions,
    )
