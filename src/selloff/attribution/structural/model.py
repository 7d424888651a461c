"""The structural model of a panel: posterior draws of what each shock does to each asset.

Moves in sigmas known the day before are Λf + e times a common scale of the day: f are named shocks (and unnamed ones
that stand for what is not on the list), e is each asset's own. See docs/structural.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from selloff.attribution.structural.bounds import loading_ranges
from selloff.attribution.structural.image_factors import common_part
from selloff.attribution.structural.narrative import Narrative, narrative_log_weights
from selloff.attribution.structural.reduced_form import student_covariance
from selloff.attribution.structural.restrictions import Restrictions, all_hard
from selloff.attribution.structural.sampler import Infeasible, draw_loadings
from selloff.panel.transforms import Floats

DRAWS = 1000
UNNAMED = 1
"""Common shocks that no cause stands for; without one, whatever moves together would be put on a named cause."""

BOUND_DRAWS = 40
"""Reduced forms, evenly spaced through the draws, for which the bounds are computed."""

MOST_TRIED = 3
"""Reduced forms tried per draw wanted: where fewer than a third has a rotation, there are fewer draws."""

FEWEST_SESSIONS = 250


@dataclass(frozen=True)
class StructuralModel:
    """Posterior draws.

    Attributes
    ----------
    restrictions : what was claimed; it names assets and shocks.
    loadings : (n_draws, n_assets, n_shocks), sigmas per unit of each named shock.
    covariance : (n_draws, n_assets, n_assets), Σ in sigmas².
    weights : (n_draws,), add up to one; equal without narratives.
    base : (n_bounds, n_assets, n_columns), B of the reduced forms that the bounds use.
    base_covariance : (n_bounds, n_assets, n_assets).
    ranges_published, ranges_stated : (n_bounds, n_shocks, n_assets, 2), prior-free ranges of loadings under the hard
        restrictions alone, and with every stated sign taken as hard.
    n_sessions : sessions it was estimated on.
    feasible_share : share of reduced forms for which a rotation was found.
    """

    restrictions: Restrictions
    loadings: Floats
    covariance: Floats
    weights: Floats
    base: Floats
    base_covariance: Floats
    ranges_published: Floats
    ranges_stated: Floats
    n_sessions: int
    feasible_share: float

    @property
    def effective_draws(self) -> float:
        """Effective sample size of the weights."""
        return float(1.0 / np.sum(self.weights**2))


def _draws(
    values: Floats, restrictions: Restrictions, random: np.random.Generator, draws: int, n_columns: int
) -> tuple[Floats, Floats, Floats, float] | Infeasible:
    """Loadings, Σ and B of up to `draws` reduced forms with a rotation, and the share that has one."""
    parts: list[tuple[Floats, Floats, Floats]] = []
    tried, have = 0, 0
    while have < draws and tried < MOST_TRIED * draws:
        wanted = draws if not tried else min(int(1.1 * (draws - have) * tried / have) + 1, draws)
        covariance = student_covariance(values, wanted, random)
        precision = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
        base = common_part(covariance, precision, n_columns)
        found = draw_loadings(base, restrictions, random)
        if isinstance(found, Infeasible):
            if not parts:
                return found
            break
        tried, have = tried + wanted, have + len(found.kept)
        parts.append((found.loadings, covariance[found.kept], base[found.kept]))
    loadings, kept, bases = (np.concatenate([p[i] for p in parts])[:draws] for i in range(3))
    return loadings, kept, bases, have / tried


def structural_model(
    values: Floats,
    restrictions: Restrictions,
    seed: int,
    *,
    narratives: tuple[Narrative, ...] = (),
    draws: int = DRAWS,
    unnamed: int = UNNAMED,
) -> StructuralModel | Infeasible:
    """Estimate the model on the sessions before a window.

    Parameters
    ----------
    values : (n_sessions, n_assets) daily moves over the volatility known the day before, none missing; at least 250
        sessions, and more assets than shocks and unnamed shocks together.
    seed : derived from the inputs.

    Returns
    -------
    The model, or why the hard restrictions can't be met.
    """
    n_shocks = len(restrictions.shocks)
    if values.shape[1] <= n_shocks + unnamed:
        raise ValueError(f"{n_shocks} shocks and {unnamed} unnamed need more assets than {values.shape[1]}")
    if len(values) < FEWEST_SESSIONS or np.isnan(values).any():
        raise ValueError(f"needs {FEWEST_SESSIONS} sessions without gaps, not {len(values)}")
    random = np.random.default_rng(seed)
    found = _draws(values, restrictions, random, draws, n_shocks + unnamed)
    if isinstance(found, Infeasible):
        return found
    loadings, covariance, base, feasible_share = found
    log_weights = narrative_log_weights(loadings, covariance, narratives)
    weights = np.exp(log_weights - log_weights.max())
    some = np.linspace(0, len(base) - 1, min(BOUND_DRAWS, len(base))).astype(np.int64)
    return StructuralModel(
        restrictions=restrictions,
        loadings=loadings[:, :, :n_shocks],
        covariance=covariance,
        weights=weights / weights.sum(),
        base=base[some],
        base_covariance=covariance[some],
        ranges_published=loading_ranges(base[some], restrictions),
        ranges_stated=loading_ranges(base[some], all_hard(restrictions)),
        n_sessions=len(values),
        feasible_share=feasible_share,
    )
