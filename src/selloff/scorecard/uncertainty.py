"""Intervals of scores by resampling, and verdicts that respect them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from selloff.panel.transforms import Floats
from selloff.scorecard.tier import Interval, Verdict

RESAMPLES = 2000
LEVEL = 0.90
UNKNOWN = Interval(math.nan, math.nan, math.nan)


def seed_of(*parts: Any) -> int:
    """A seed that depends on the inputs alone."""
    text = json.dumps(parts, default=str)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def block_rows(n: int, block: int, resamples: int, seed: int) -> npt.NDArray[np.int64]:
    """Rows of circular blocks, (resamples, n) (Politis and Romano 1992, A circular block-resampling procedure)."""
    random = np.random.default_rng(seed)
    starts = random.integers(0, n, (resamples, -(-n // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(resamples, -1)[:, :n] % n
    return np.asarray(rows, dtype=np.int64)


def resampled(
    values: Floats,
    statistic: Callable[[Floats], Floats],
    seed: int,
    *,
    block: int = 1,
    resamples: int = RESAMPLES,
) -> Interval:
    """A statistic with its 90 % percentile interval.

    Parameters
    ----------
    values : (n,) or (n, k): cases in order of time, whose rows are resampled together. None missing.
    statistic : over the second last axis of (m, n, k), giving (m,).
    block : length of the blocks; 1 for independent cases.

    Returns
    -------
    Interval; all NaN without cases.
    """
    if len(values) == 0:
        return UNKNOWN
    table = values.reshape(len(values), -1)
    mid = float(statistic(table[None])[0])
    found = statistic(table[block_rows(len(table), min(block, len(table)), resamples, seed)])
    known = found[~np.isnan(found)]
    if len(known) == 0:
        return Interval(mid, math.nan, math.nan)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(mid, float(low), float(high))


def mean_of(table: Floats) -> Floats:
    """Mean of the first column."""
    return np.asarray(table[:, :, 0].mean(axis=1))


def median_of(table: Floats) -> Floats:
    """Median of the first column."""
    return np.asarray(np.median(table[:, :, 0], axis=1))


def ratio_of(table: Floats) -> Floats:
    """Sum of the first column over that of the second; NaN where the second adds up to zero."""
    below = table[:, :, 1].sum(axis=1)
    out = np.full(len(table), np.nan)
    return np.asarray(np.divide(table[:, :, 0].sum(axis=1), below, out=out, where=below != 0))


def area_under_roc(first: Floats, second: Floats, seed: int, *, resamples: int = RESAMPLES) -> Interval:
    """How often a case of the first group is above one of the second, ties counting half, with its 90 % interval.

    The area under the ROC (Hanley and McNeil 1982, Radiology 143(1)); each group is resampled by itself.

    Parameters
    ----------
    first, second : (n,), (m,), independent cases. None missing.

    Returns
    -------
    Interval; all NaN if a group is empty.
    """
    if len(first) == 0 or len(second) == 0:
        return UNKNOWN
    won = 0.5 + 0.5 * np.sign(first[:, None] - second)
    random = np.random.default_rng(seed)
    taken = [random.multinomial(n, np.full(n, 1.0 / n), resamples) for n in won.shape]
    # whole and half numbers until the last step, so that ties alone give exactly one half
    areas = ((taken[0] @ won) * taken[1]).sum(axis=1) / won.size
    low, high = np.quantile(areas, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(won.mean()), float(low), float(high))


def above(value: Interval, bound: float) -> Verdict:
    """Passed if the whole interval is above the bound, failed if none of it is, else open; on it is not above."""
    if math.isnan(value.mid):
        return "open"
    return "passed" if value.low > bound else "failed" if value.high <= bound else "open"


def at_least(value: Interval, aim: float) -> Verdict:
    """Passed if the whole interval is at or above the aim, failed if all of it is below, else open."""
    if math.isnan(value.mid):
        return "open"
    return "passed" if value.low >= aim else "failed" if value.high < aim else "open"


def at_most(value: Interval, aim: float) -> Verdict:
    """Passed if the whole interval is at or below the aim, failed if all of it is above, else open."""
    if math.isnan(value.mid):
        return "open"
    return "passed" if value.high <= aim else "failed" if value.low > aim else "open"


def contains(value: Interval, aim: float) -> Verdict:
    """Failed if the interval leaves the aim out; a number that can't be told from it passes."""
    if math.isnan(value.mid):
        return "open"
    return "passed" if value.low <= aim <= value.high else "failed"


def permutation_p(observed: float, null: Sequence[float] | Floats) -> float:
    """Share of null draws at least as large, the observed one counted among them (Davison and Hinkley 1997, 4.5)."""
    draws = np.asarray(null, dtype=np.float64)
    return float((1 + np.sum(draws >= observed)) / (1 + len(draws)))


def permutation_note(p: float) -> str:
    """`permutation p = 0.057`; never 0, which no number of permutations can show."""
    return "permutation p < 0.001" if p < 0.0005 else f"permutation p = {p:.3f}"
