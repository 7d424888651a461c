"""Readings: an indicator's value among its own past, its change, and its surprise.

percentile : share of the look-back's earlier values below the value, ties counted half, in per cent.
change : over N periods, as a difference, or in log per cent.
surprise : that change, or the deviation from the median of the 60 periods before, divided by the root mean square of
    the same thing over the look-back before.

The value's own period never counts as its past. A reading with fewer than a year's past values (250 sessions, 52
weeks, 12 slower periods) is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from selloff.catalog import Indicator, Series
from selloff.detection.state.records import Ints
from selloff.panel.transforms import Floats

MEDIAN_PERIODS = 60
DAYS_PER_YEAR = 365.25
CHUNK = 256
FEWEST = {"weekly": 52, "monthly": 12, "quarterly": 12, "irregular": 12}
FEWEST_DAILY = 250


@dataclass(frozen=True)
class Readings:
    """Readings at some periods, each (n,); NaN where it can't be told.

    percentile : per cent. n_past : values that ranked it.
    change : in the indicator's unit, or log per cent. surprise : in its own past sigmas.
    """

    percentile: Floats
    n_past: Ints
    change: Floats
    surprise: Floats


def fewest_past(indicator: Indicator, anchor: Series) -> int:
    """Past values that a reading needs: a year of them."""
    return FEWEST_DAILY if indicator.formula.per_session else FEWEST.get(anchor.frequency, FEWEST_DAILY)


def readings(day: Ints, value: Floats, at: Ints, indicator: Indicator, fewest: int) -> Readings:
    """Readings of the periods `at`, each from the periods up to it.

    Parameters
    ----------
    day, value : (n,) in order of period.
    at : (m,) positions in them, increasing.
    """
    scaled = on_scale(value, indicator)
    first = np.zeros(len(at), dtype=np.int64)
    if indicator.look_back_years is not None:
        oldest = day[at] - int(indicator.look_back_years * DAYS_PER_YEAR)
        first = np.searchsorted(day, oldest, side="right")
    n_past = at - first
    enough = n_past >= fewest
    percentile = np.where(enough, _percentiles(value, at, first), np.nan)
    n = indicator.change_periods
    change = np.full(len(at), np.nan)
    later = at >= n
    change[later] = scaled[at[later]] - scaled[at[later] - n]
    return Readings(percentile, n_past, change, _surprises(scaled, at, first, indicator, fewest))


def on_scale(value: Floats, indicator: Indicator) -> Floats:
    """The scale of changes: values as they are, or 100 × log; NaN for the log of what is not positive."""
    if indicator.change == "difference":
        return value
    positive = value > 0
    return np.where(positive, 100.0 * np.log(np.where(positive, value, 1.0)), np.nan)


def _percentiles(value: Floats, at: Ints, first: Ints) -> Floats:
    out = np.full(len(at), np.nan)
    for start in range(0, len(at), CHUNK):
        rows, low = at[start : start + CHUNK], first[start : start + CHUNK]
        columns = np.arange(low[0], rows[-1])
        past = value[low[0] : rows[-1]][None, :]
        counted = (columns >= low[:, None]) & (columns < rows[:, None])
        now = value[rows][:, None]
        below = np.count_nonzero((past < now) & counted, axis=1)
        level = np.count_nonzero((past == now) & counted, axis=1)
        out[start : start + CHUNK] = 100.0 * (below + 0.5 * level) / np.maximum(rows - low, 1)
    return out


def _surprises(scaled: Floats, at: Ints, first: Ints, indicator: Indicator, fewest: int) -> Floats:
    """What is new at each period over its usual size before; NaN where that is zero."""
    if len(at) == 0:
        return np.empty(0)
    low, n_periods = int(first[0]), indicator.change_periods
    start = max(low - max(MEDIAN_PERIODS, n_periods), 0)
    part = scaled[start : int(at[-1]) + 1]
    new = np.full(len(part), np.nan)
    if indicator.surprise == "change":
        new[n_periods:] = part[n_periods:] - part[:-n_periods]
    elif len(part) > MEDIAN_PERIODS:
        new[MEDIAN_PERIODS:] = part[MEDIAN_PERIODS:] - np.median(sliding_window_view(part, MEDIAN_PERIODS)[:-1], axis=1)
    there = ~np.isnan(new)
    squares = np.concatenate([[0.0], np.cumsum(np.where(there, new, 0.0) ** 2)])
    counts = np.concatenate([[0], np.cumsum(there)])
    moved = np.concatenate([[0], np.cumsum(there & (new != 0))])
    here, begin = at - start, first - start
    n = counts[here] - counts[begin]
    mean = (squares[here] - squares[begin]) / np.maximum(n, 1)
    # Counted, since a difference of sums is not exactly zero where nothing moved.
    usable = (n >= fewest) & (moved[here] > moved[begin]) & (mean > 0)
    return np.where(usable, new[here] / np.sqrt(np.where(usable, mean, 1.0)), np.nan)
