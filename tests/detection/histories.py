"""Quiet histories: what a resampled market without any joint fall looks like, and the checks made on it."""

from __future__ import annotations

import numpy as np
from scipy import stats

UNIFORMITY = 0.01
"""Smallest p-value of the Kolmogorov-Smirnov test at which p-values still count as uniform; the seeds are fixed."""


def quiet_days(n: int, n_classes: int, seed: int, rho: float = 0.4) -> np.ndarray:
    """Daily depths of correlated classes with heavy tails (t with 4 degrees of freedom, one scale for all each day)."""
    random = np.random.default_rng(seed)
    correlation = np.full((n_classes, n_classes), rho) + (1 - rho) * np.eye(n_classes)
    normal = random.standard_normal((n, n_classes)) @ np.linalg.cholesky(correlation).T
    return normal / np.sqrt(random.chisquare(4, (n, 1)) / 4)


def window_depths(days: np.ndarray, length: int) -> np.ndarray:
    """Depths of every window of a length, in daily sigmas times its root; the first `length - 1` rows are NaN."""
    sums = np.cumsum(np.vstack([np.zeros(days.shape[1]), days]), axis=0)
    out = np.full(days.shape, np.nan)
    out[length - 1 :] = (sums[length:] - sums[:-length]) / np.sqrt(length)
    return out


def resampled_rows(rows: np.ndarray, size: int, random: np.random.Generator, mean_block: int = 60) -> np.ndarray:
    """Stationary bootstrap of whole rows: dependence across classes stays as it is."""
    restart = random.random(size) < 1.0 / mean_block
    restart[0] = True
    starts = random.integers(0, len(rows), size)
    last = np.maximum.accumulate(np.where(restart, np.arange(size), 0))
    return rows[(starts[last] + np.arange(size) - last) % len(rows)]


def is_uniform(p_values: np.ndarray) -> bool:
    """Kolmogorov-Smirnov against the uniform law."""
    return bool(stats.kstest(p_values, "uniform").pvalue > UNIFORMITY)
