"""Spans of a daily series that are no closes but lines drawn between points further apart.

A line through points a month apart, rounded as the series is, lies within one rounding unit of the chord between any
two of its values. A market that moves by two units and more on a usual day does not stay that close to a chord for
ten values in a row, over and over. One that is twelve times as quiet as usual for 400 sessions looks like lines in 9 of
3,000 drawn histories.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]
Values = npt.NDArray[np.float64]

SHORTEST_RUN = 10
"""Values on one straight line."""

SHORTEST_SPAN = 60
"""Values in a row that straight lines cover, each beginning where the one before ends."""

LEAST_MOVE = 2.0
"""Usual daily move of the series outside the span, in rounding units; slower ones look straight by rounding."""

LEAST_RISE = 4.0
"""Mean rise or fall of a span's lines, in rounding units: less is a quiet market that rounding straightens."""

_LONGEST_RUN = 130
_MOST_DECIMALS = 9
_SHARE_ROUNDED = 0.9


@dataclass(frozen=True)
class Span:
    """Values `start` to `end`, both included, on `n_runs` touching lines; `rise` is the lines' mean, absolute."""

    start: int
    end: int
    n_runs: int
    rise: float

    @property
    def n_values(self) -> int:
        """Values in the span."""
        return self.end - self.start + 1


def rounding_unit(values: Values) -> float:
    """The step of which nine in ten values are multiples: 1, 0.1, 0.01 and so on."""
    for decimals in range(_MOST_DECIMALS):
        scaled = values * 10.0**decimals
        near = np.abs(scaled - np.round(scaled)) <= 1e-6 + 1e-12 * np.abs(scaled)
        if near.mean() >= _SHARE_ROUNDED:
            return float(10.0**-decimals)
    return float(10.0**-_MOST_DECIMALS)


def _run_end(x: Values, y: Values, start: int, unit: float) -> int | None:
    """The last value of the longest straight run from a value on; None if there is none, or it is constant."""
    dx = x[start + 1 : start + _LONGEST_RUN] - x[start]
    dy = y[start + 1 : start + _LONGEST_RUN] - y[start]
    if len(dx) < SHORTEST_RUN - 1:
        return None
    # A chord from the start passes within one unit of a value if its slope lies between these two.
    low = np.maximum.accumulate((dy - unit) / dx)
    high = np.minimum.accumulate((dy + unit) / dx)
    slope = dy / dx
    fits = np.flatnonzero((slope >= low) & (slope <= high))
    if not len(fits) or fits[-1] < SHORTEST_RUN - 2:
        return None
    last = int(fits[-1])
    return start + 1 + last if np.any(dy[: last + 1] != 0) else None


def _may_start(x: Values, y: Values, unit: float) -> npt.NDArray[np.bool_]:
    """Whether a straight run may start at a value: its first ten are then within two units of their own chord."""
    n = len(x) - SHORTEST_RUN + 1
    may = np.zeros(len(x), dtype=bool)
    if n <= 0:
        return may
    starts, last = np.arange(n), SHORTEST_RUN - 1
    slope = (y[starts + last] - y[starts]) / (x[starts + last] - x[starts])
    ok = np.ones(n, dtype=bool)
    for k in range(1, last):
        ok &= np.abs(y[starts + k] - y[starts] - slope * (x[starts + k] - x[starts])) <= 2 * unit
    may[:n] = ok
    return may


def _spans(x: Values, y: Values, unit: float) -> list[Span]:
    """Spans that the fewest straight runs cover, each beginning at the end of the one before or earlier.

    Where the point between two lines has no value of its own, the next line may begin with the value after.
    """
    starts = np.flatnonzero(_may_start(x, y, unit)).tolist()
    runs = [(start, end) for start in starts if (end := _run_end(x, y, start, unit)) is not None]
    found: list[Span] = []
    at = 0
    while at < len(runs):
        first, end = runs[at]
        rises = [abs(float(y[end] - y[first]))]
        at += 1
        while True:
            within = at
            while within < len(runs) and runs[within][0] <= end + 1:
                within += 1
            farthest = max(runs[at:within], key=lambda run: run[1], default=(end, end))
            at = within
            if farthest[1] <= end:
                break
            rises.append(abs(float(y[farthest[1]] - y[farthest[0]])))
            end = farthest[1]
        if end - first + 1 >= SHORTEST_SPAN:
            found.append(Span(first, end, len(rises), float(np.mean(rises))))
    return found


def straight_spans(days: Days, values: Values) -> list[Span]:
    """Spans of a daily series that lines between points further apart have filled.

    A series that lines fill from end to end is not told: nothing outside says how it moves. Neither is a stretch of
    equal values, as pegs and policy rates have them.

    Parameters
    ----------
    days : (n,) increasing.
    values : (n,) finite.
    """
    if len(values) < SHORTEST_SPAN:
        return []
    unit = rounding_unit(values)
    tolerance = unit * (1 + 1e-6) + 1e-12 * float(np.abs(values).max())
    x = days.astype("datetime64[D]").astype(np.float64)
    spans = [s for s in _spans(x, values, tolerance) if s.rise >= LEAST_RISE * unit]
    outside = np.ones(len(values) - 1, dtype=bool)
    for span in spans:
        outside[span.start : span.end] = False
    moves = np.abs(np.diff(values))[outside]
    if len(moves) < SHORTEST_SPAN or np.median(moves) < LEAST_MOVE * unit * (1 - 1e-6):
        return []
    return spans
