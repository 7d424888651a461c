"""How rare: return periods by peaks over threshold.

Method: exceedances of the 95th percentile, declustered by runs, generalised Pareto by probability-weighted moments
(Hosking and Wallis 1987, Parameter and quantile estimation for the generalized Pareto distribution, Technometrics
29(3), section 3), interval by resampling clusters, whose number is Poisson.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from selloff.panel.transforms import Floats

SESSIONS_PER_YEAR = 252
THRESHOLD_QUANTILE = 0.95
FEWEST_CLUSTERS = 20
RESAMPLES = 400
FURTHEST = 10.0
"""Return periods are not reported beyond this many times the length of the history."""


@dataclass(frozen=True)
class ReturnPeriod:
    """Years between events at least as deep; `low` to `high` is the 90 % interval.

    A value at `FURTHEST` times `history_years` means "that or more". None: the history has too few clusters.
    """

    low: float | None
    mid: float | None
    high: float | None
    history_years: float


def seed_from(*arrays: Floats) -> int:
    """A seed that depends on the numbers alone."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(np.round(array, 9)).tobytes())
    return int.from_bytes(digest.digest()[:8], "little")


def cluster_peaks(depths: Floats, threshold: float, run: int) -> Floats:
    """Highest value of each cluster above a threshold; a gap of `run` values below it ends a cluster."""
    above = np.flatnonzero(depths > threshold)
    if len(above) == 0:
        return np.empty(0)
    starts = np.flatnonzero(np.diff(above, prepend=above[0] - run - 1) > run)
    peaks: Floats = np.maximum.reduceat(depths[above], starts)
    return peaks


def fit_pareto(excesses: Floats) -> tuple[float, float]:
    """Shape ξ and scale σ of the generalised Pareto distribution by probability-weighted moments."""
    shape, scale = fit_resamples(np.sort(excesses), np.ones((1, len(excesses))))
    return float(shape[0]), float(scale[0])


def fit_resamples(ordered: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Shapes and scales of resamples of sorted excesses, without building them, each (n_resamples,); see `fit_pareto`.

    Parameters
    ----------
    ordered : (n,), ascending. counts : (n_resamples, n), how often each is in the resample.
    """
    n = np.maximum(counts.sum(axis=1), 1.0)
    last = np.cumsum(counts, axis=1)
    ranks = counts * (2.0 * last - counts + 1.0) / 2.0
    mean = counts @ ordered / n
    weighted = mean * (1.0 + 0.35 / n) - ranks @ ordered / n**2
    heavy = mean <= 2.0 * weighted
    gap = np.where(heavy, 1.0, mean - 2.0 * weighted)
    shape = np.where(heavy, 0.99, np.minimum(2.0 - mean / gap, 0.99))
    scale = np.where(heavy, np.maximum(mean * 0.01, 1e-9), np.maximum(2.0 * mean * weighted / gap, 1e-9))
    return shape, scale


def pareto_survival(excess: float, shape: float, scale: float) -> float:
    """Probability that an excess is larger."""
    if abs(shape) < 1e-9:
        return float(np.exp(-excess / scale))
    inside = 1.0 + shape * excess / scale
    return float(inside ** (-1.0 / shape)) if inside > 0 else 0.0


def _years(excess: float, shape: float, scale: float, history_years: float, count: float) -> float:
    survival = pareto_survival(excess, shape, scale)
    rate = count / history_years * survival
    return FURTHEST * history_years if rate <= 0 else min(1.0 / rate, FURTHEST * history_years)


def _resamples(n: int, random: np.random.Generator) -> Floats:
    """How often each of n clusters is in each resample of a Poisson number of them, (RESAMPLES, n)."""
    sizes = random.poisson(n, RESAMPLES)
    drawn = np.repeat(np.arange(RESAMPLES) * n, sizes) + random.integers(0, n, int(sizes.sum()))
    return np.bincount(drawn, minlength=RESAMPLES * n).reshape(RESAMPLES, n).astype(np.float64)


def return_period(history: Floats, depth: float, n_sessions: int, *, interval: bool = True) -> ReturnPeriod:
    """Return period of a depth (positive is deep) in a history of windows of the same length.

    Below the threshold it is the plain historical frequency, which needs no model and gets no interval.

    Parameters
    ----------
    history : (n_windows,) depths of earlier windows, one per session, NaN where unknown.
    depth : the depth of the event.
    n_sessions : the windows' length; clusters are at least five sessions apart on top of it.
    interval : false leaves `low` and `high` out, which saves the resampling; `mid` is the same.
    """
    known = history[~np.isnan(history)]
    years = len(known) / SESSIONS_PER_YEAR
    run = 5 + n_sessions
    if len(known) < 2 * SESSIONS_PER_YEAR or not np.isfinite(depth):
        return ReturnPeriod(None, None, None, years)
    threshold = float(np.quantile(known, THRESHOLD_QUANTILE))
    if depth <= threshold:
        between = years / max(int(np.count_nonzero(known >= depth)), 1)
        return ReturnPeriod(between, between, between, years)
    peaks = cluster_peaks(known, threshold, run)
    if len(peaks) < FEWEST_CLUSTERS:
        return ReturnPeriod(None, None, None, years)
    mid = _years(depth - threshold, *fit_pareto(peaks - threshold), years, len(peaks))
    if not interval:
        return ReturnPeriod(None, mid, None, years)
    random = np.random.default_rng(seed_from(peaks, np.array([depth])))
    counts = _resamples(len(peaks), random)
    fits = zip(*fit_resamples(np.sort(peaks) - threshold, counts), counts.sum(axis=1), strict=True)
    draws = [_years(depth - threshold, float(a), float(b), years, max(float(n), 1.0)) for a, b, n in fits]
    low, high = np.quantile(draws, [0.05, 0.95])
    return ReturnPeriod(min(float(low), mid), mid, max(float(high), mid), years)
