"""Intervals by resampling blocks of time."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from selloff.scorecard.scores import Floats
from selloff.scorecard.tier import Interval

DRAWS = 2000
INTERVAL = (0.05, 0.95)


def seed_from_days(days: npt.NDArray[np.datetime64]) -> int:
    """A seed that depends on the scored days alone."""
    digest = hashlib.sha256(",".join(days.astype("datetime64[D]").astype(str)).encode()).digest()
    return int.from_bytes(digest[:8], "little")


def block_counts(days: npt.NDArray[np.datetime64], seed: int, draws: int = DRAWS) -> Floats:
    """How often each row is taken in each resample of calendar years with replacement.

    Jumps come in clusters of months with one story, so days are not independent but years nearly are; a block is a
    calendar year with any row (Cameron, Gelbach and Miller 2008, Bootstrap-based improvements for inference with
    clustered errors, REStat 90(3), section III: the pairs cluster bootstrap).

    Parameters
    ----------
    days : (n_rows,) datetime64[D].

    Returns
    -------
    (draws, n_rows); without any draw if there is only one year.
    """
    years, block = np.unique(days.astype("datetime64[Y]"), return_inverse=True)
    if len(years) < 2:
        return np.empty((0, len(days)))
    random = np.random.default_rng(seed)
    drawn = random.integers(0, len(years), (draws, len(years)))
    taken = np.zeros((draws, len(years)))
    np.add.at(taken, (np.arange(draws)[:, None], drawn), 1.0)
    return np.asarray(taken[:, block])


def interval_of(mid: float, draws: Floats) -> Interval:
    """A number with its 90 % interval; NaN bounds without draws. The interval is widened to hold the number itself,
    since resampling biases a sum of absolute values upwards."""
    kept = draws[np.isfinite(draws)]
    if len(kept) == 0 or not np.isfinite(mid):
        return Interval(mid, float("nan"), float("nan"))
    low, high = np.quantile(kept, INTERVAL)
    return Interval(mid, min(float(low), mid), max(float(high), mid))
