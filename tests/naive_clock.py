"""The clock in plain Python and zoneinfo, one value at a time: the oracle of the placement tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
TWO_HOURS = timedelta(hours=2)


def level_of_session(
    day: date, sessions: list[date], ends: list[datetime], values: list[float], own_day: bool = False
) -> float | None:
    """A daily series: the last bar that closed on a New York date after the session before, up to this one.

    With `own_day`, as for New York prices, on the session's date alone.
    """
    before = day - timedelta(days=1) if own_day else max((s for s in sessions if s < day), default=date.min)
    inside = [
        (end, value) for end, value in zip(ends, values, strict=True) if before < end.astimezone(NEW_YORK).date() <= day
    ]
    return max(inside)[1] if inside else None


def bar_of_session(close: datetime, ends: list[datetime], values: list[float]) -> float | None:
    """An intraday series: the last bar that ended by the close, at most two hours before it."""
    inside = [(end, value) for end, value in zip(ends, values, strict=True) if close - TWO_HOURS <= end <= close]
    return max(inside)[1] if inside else None


def utc(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
