"""Scores of probabilities, sets, intervals and draws against a known truth. Pure functions; oracles in the tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from selloff.attribution import CauseResult
from selloff.panel.transforms import Floats

SMALLEST_SHARE = 1e-6
"""A share is never scored below this, so that one impossible truth does not make a mean infinite."""


def log_score(shares: Mapping[str, float], truth: Mapping[str, float]) -> float:
    """Log score of shares against fractional truth, in nats: Σ truth · log share. Zero is best.

    Parameters
    ----------
    truth : weights that add up to one; a share that is absent counts as zero.
    """
    return math.fsum(w * math.log(max(shares.get(k, 0.0), SMALLEST_SHARE)) for k, w in truth.items() if w > 0)


def brier(probability: Floats, happened: Floats) -> Floats:
    """Squared error of each probability (Brier 1950); shapes as given."""
    return np.asarray((probability - happened) ** 2)


def crps(draws: Floats, truth: Floats) -> Floats:
    """Continuous ranked probability score of each column of draws (Gneiting and Raftery 2007, eq. 21).

    E|X - y| - E|X - X'| / 2 over the empirical distribution, in O(n log n) by sorting.

    Parameters
    ----------
    draws : (n_draws, n). truth : (n,).

    Returns
    -------
    (n,), in the unit of the draws. Zero is best.
    """
    n = len(draws)
    ordered = np.sort(draws, axis=0)
    weights = 2.0 * np.arange(1, n + 1) - n - 1
    spread = (weights @ ordered) / n**2
    return np.asarray(np.mean(np.abs(draws - truth), axis=0) - spread)


def covered(draws: Floats, truth: Floats, level: float, uniform: Floats | None = None) -> Floats:
    """Whether each truth lies in the central interval of its column of draws, 1.0 or 0.0, (n,).

    Parameters
    ----------
    uniform : (n,), numbers by which ties are broken. A draw is exactly zero where a cause was not active, so an
        interval that holds its ends holds the truth too often; with ties broken (randomised probability integral
        transform, Smith 1985, Journal of Forecasting 4(3)) the level is met exactly if the draws are right.
    """
    slack = 1e-12
    if uniform is None:
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return np.asarray((truth >= low - slack) & (truth <= high + slack), dtype=np.float64)
    below = (draws < truth - slack).mean(axis=0)
    equal = (np.abs(draws - truth) <= slack).mean(axis=0)
    return np.asarray(np.abs(below + uniform * equal - 0.5) <= level / 2, dtype=np.float64)


def sbc_rank(draws: Floats, truth: float, uniform: float) -> int:
    """Rank of the truth among the draws, 0 to n_draws; ties by a given uniform number.

    Talts, Betancourt, Simpson, Vehtari and Gelman 2018, Validating Bayesian inference algorithms with simulation-based
    calibration, section 4.1: uniform if the draws are from the right posterior.
    """
    below, equal = int(np.sum(draws < truth)), int(np.sum(draws == truth))
    return below + int(uniform * (equal + 1))


def uniformity(ranks: Sequence[int], n_draws: int, bins: int, seed: int, simulations: int = 4000) -> float:
    """p-value of ranks being uniform on 0 to `n_draws`: χ² over bins against simulated uniform ranks.

    Parameters
    ----------
    bins : of nearly equal size; n_draws + 1 should be a multiple.

    Returns
    -------
    Share of simulated sets at least as uneven, the observed one counted among them; NaN without ranks.
    """
    n = len(ranks)
    if n == 0:
        return math.nan
    edges = np.linspace(0, n_draws + 1, bins + 1)
    expected = n * np.diff(np.ceil(edges)) / (n_draws + 1)

    def statistic(sample: Floats) -> Floats:
        place = np.searchsorted(edges, sample, side="right") - 1
        counts = np.stack([(place == b).sum(axis=-1) for b in range(bins)], axis=-1)
        return np.asarray(((counts - expected) ** 2 / expected).sum(axis=-1))

    observed = statistic(np.asarray(ranks, dtype=np.float64)[None])[0]
    random = np.random.default_rng(seed)
    null = statistic(random.integers(0, n_draws + 1, (simulations, n)).astype(np.float64))
    return float((1 + np.sum(null >= observed - 1e-9)) / (1 + simulations))


def reported_set(results: Sequence[CauseResult], role: str) -> frozenset[str]:
    """The answer for a role: the most probable cause and all that it can't be told apart from.

    Empty if nothing of that role is testable.
    """
    tested = [r for r in results if r.cause.role == role and r.probability is not None]
    if not tested:
        return frozenset()
    first = max(tested, key=lambda r: (r.probability or 0.0, r.cause.id))
    return frozenset({first.cause.id, *first.indistinguishable_from})
