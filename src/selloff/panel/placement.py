"""Placing observations on New York sessions.

Daily and slower values: a bar belongs to the New York date on which it closes; what closed between two sessions (a
weekend, a New York holiday) goes to the next one. But a New York price dated on a day without a session is no close of
the next one: until that session's own value is known it has none. Abroad markets trade on New York's holidays, and
crypto at weekends. Intraday bars: a session takes the last bar that ended by its closing instant, at most two hours
old.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.catalog import Series
from selloff.catalog.sessions import Sessions
from selloff.panel.clock import NEW_YORK_ZONE
from selloff.panel.transforms import Floats

OLDEST_BAR = 2 * 3_600_000_000
"""Microseconds before a close within which an intraday bar must have ended."""

PLACED = ("series", "period_end", "value")
"""Columns that `place` reads."""

Rows = npt.NDArray[np.int64]


def days_of(sessions: Sessions, later: str = "0d") -> Rows:
    """Midnight in New York at which each session's date begins, or so much later, UTC microseconds, (n_sessions,)."""
    midnights = pl.Series(sessions.dates).dt.offset_by(later).cast(pl.Datetime("us"))
    return np.asarray(midnights.dt.replace_time_zone(NEW_YORK_ZONE.key).to_physical().to_numpy(), dtype=np.int64)


def days_after(sessions: Sessions) -> Rows:
    """Midnight in New York after each session's date, UTC microseconds, (n_sessions,)."""
    return days_of(sessions, "1d")


def needs_own_day(spec: Series) -> bool:
    """Whether only a value of the session's own date is a close of it: a daily New York price."""
    at_home = spec.close is not None and spec.close.zone == NEW_YORK_ZONE.key
    return spec.frequency == "daily" and at_home and spec.days != "every_day" and not spec.is_level


def daily_rows(ends: Rows, next_days: Rows) -> Rows:
    """Session of each instant (UTC microseconds): that of its New York date, or the next one.

    Parameters
    ----------
    next_days : `days_after` of the sessions.
    """
    return np.searchsorted(next_days, ends, side="right").astype(np.int64)


def intraday_rows(ends: Rows, sessions: Sessions) -> Rows:
    """Session of each bar's end (UTC microseconds); -1 for a bar that no session takes."""
    rows = np.searchsorted(sessions.closes, ends).astype(np.int64)
    closes = sessions.closes[np.minimum(rows, len(sessions.closes) - 1)]
    return np.where((rows < len(sessions.closes)) & (closes - ends <= OLDEST_BAR), rows, -1)


def place(observations: pl.DataFrame, stored: Sequence[Series], sessions: Sessions, n_rows: int) -> tuple[Floats, Rows]:
    """Levels and period ends of stored series on the first `n_rows` sessions.

    Parameters
    ----------
    observations : one row per series and period, sorted by both, as known at one moment.

    Returns
    -------
    levels, ends : (n_rows, n_series); a row takes the last of the bars that fall to it, NaN and 0 where none does.
    """
    levels = np.full((n_rows, len(stored)), np.nan, order="F")
    ends = np.zeros((n_rows, len(stored)), dtype=np.int64, order="F")
    next_days, own_days = days_after(sessions), days_of(sessions)
    columns = {s.id: i for i, s in enumerate(stored)}
    runs = observations["series"].rle().struct
    instants, values = observations["period_end"].to_physical().to_numpy(), observations["value"].to_numpy()
    start = 0
    for name, length in zip(runs.field("value").to_list(), runs.field("len").to_list(), strict=True):
        own = slice(start, start + length)
        start += length
        column = columns[name]
        intraday = stored[column].is_intraday
        rows = intraday_rows(instants[own], sessions) if intraday else daily_rows(instants[own], next_days)
        keep = (rows >= 0) & (rows < n_rows)
        keep[:-1] &= rows[:-1] != rows[1:]
        if needs_own_day(stored[column]):
            keep &= instants[own] >= own_days[np.minimum(rows, len(own_days) - 1)]
        levels[rows[keep], column] = values[own][keep]
        ends[rows[keep], column] = instants[own][keep]
    return levels, ends
