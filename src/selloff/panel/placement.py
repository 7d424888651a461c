"""Placing observations on New York sessions.

Daily and slower values: a bar belongs to the New York date on which it closes; what closed between two sessions (a
weekend, a New York holiday) goes to the next one. Intraday bars: a session takes the last bar that ended by its
closing instant, at most two hours old.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.catalog import Series
from selloff.catalog.sessions import Sessions
from selloff.panel.transforms import Floats

OLDEST_BAR = 2 * 3_600_000_000
"""Microseconds before a close within which an intraday bar must have ended."""

Rows = npt.NDArray[np.int64]


def daily_rows(days: npt.NDArray[np.datetime64], sessions: Sessions) -> Rows:
    """Session of each New York date: the day itself, or the next session."""
    return np.searchsorted(sessions.dates, days).astype(np.int64)


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
    levels = np.full((n_rows, len(stored)), np.nan)
    ends = np.zeros((n_rows, len(stored)), dtype=np.int64)
    if observations.is_empty():
        return levels, ends
    places = {s.id: i for i, s in enumerate(stored)}
    columns = observations["series"].replace_strict(places, return_dtype=pl.Int64).to_numpy()
    instants = observations["period_end"].to_physical().to_numpy()
    intraday = np.array([s.is_intraday for s in stored], dtype=bool)[columns]
    rows = np.full(len(columns), -1, dtype=np.int64)
    rows[intraday] = intraday_rows(instants[intraday], sessions)
    local = observations["period_end"].filter(pl.Series(~intraday)).dt.convert_time_zone("America/New_York")
    rows[~intraday] = daily_rows(local.dt.date().to_numpy().astype("datetime64[D]"), sessions)
    is_last = np.ones(len(rows), dtype=bool)
    is_last[:-1] = (rows[:-1] != rows[1:]) | (columns[:-1] != columns[1:])
    keep = is_last & (rows >= 0) & (rows < n_rows)
    levels[rows[keep], columns[keep]] = observations["value"].to_numpy()[keep]
    ends[rows[keep], columns[keep]] = instants[keep]
    return levels, ends
