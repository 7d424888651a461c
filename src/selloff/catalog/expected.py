"""The days on which a series should have values, and the day after the last one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.catalog.holidays import holidays
from selloff.catalog.periods import known_ats, last_days, period_ends
from selloff.catalog.series import Series
from selloff.catalog.sessions import NEW_YORK, Sessions

Days = npt.NDArray[np.datetime64]
Exchange = Callable[[str], Sessions]
"""Sessions of an exchange, by its exchange-calendars name."""

_MICROSECOND = timedelta(microseconds=1)


def period_date(series: Series, period_end: datetime) -> date:
    """The date that a period carries: that of its end in the zone of the series' close."""
    zone = ZoneInfo(series.close.zone) if series.close is not None else ZoneInfo("America/New_York")
    ends_at_midnight = series.close is not None and series.close.minutes == 24 * 60
    moment = period_end - _MICROSECOND if ends_at_midnight else period_end
    return moment.astimezone(zone).date()


def expected_days(calendar: str, first: date, last: date, exchange: Exchange) -> Days:
    """Days of a calendar from `first` to `last`, inclusive, (n,); as far as the exchange's calendar reaches."""
    if calendar in ("every_day", "weekdays", "us_federal", "us_bond"):
        days = np.arange(np.datetime64(first), np.datetime64(last) + np.timedelta64(1, "D"))
        if calendar == "every_day":
            return days
        closed = holidays(calendar) if calendar.startswith("us_") else np.array([], dtype="datetime64[D]")
        return days[np.is_busday(days, holidays=closed)]
    dates = exchange(calendar).dates
    return dates[(dates >= np.datetime64(first)) & (dates <= np.datetime64(last))]


def _following(series: Series, last: date, sessions: Sessions) -> date | None:
    if series.frequency == "weekly":
        return last + timedelta(days=7)
    if series.frequency in ("monthly", "quarterly"):
        start = pl.Series([last + timedelta(days=1)])
        following: date = last_days(start, series.frequency)[0]
        return following
    if series.frequency == "irregular":
        return None
    calendar = series.days or "weekdays"
    known = ("every_day", "weekdays", "us_federal", "us_bond", NEW_YORK)
    ahead = last + timedelta(days=30)
    days = expected_days(calendar if calendar in known else "weekdays", last, ahead, lambda _name: sessions)
    later = days[days > np.datetime64(last)]
    return later[0].item() if len(later) else None


def next_due(series: Series, last_end: datetime, sessions: Sessions) -> datetime | None:
    """When the value after the last one becomes known by the release rule; None where nothing says when.

    Parameters
    ----------
    last_end : end of the last period (UTC). Foreign exchanges count as open on every weekday.
    """
    following = _following(series, period_date(series, last_end), sessions)
    if following is None or series.release is None:
        return None
    dates = pl.Series([following], dtype=pl.Date)
    if series.close is not None:
        ends = period_ends(dates, series.close, sessions)
    else:
        end = datetime.combine(following, last_end.time(), UTC)
        ends = pl.Series([end], dtype=pl.Datetime("us", "UTC"))
    due: datetime = known_ats(dates, ends, series.release)[0]
    return due
