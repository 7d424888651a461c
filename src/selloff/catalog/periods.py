"""From a period's date to the instants at which it ended and became known."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.catalog.holidays import holidays
from selloff.catalog.observation import Vintage
from selloff.catalog.series import Close, Frequency, Release, Series
from selloff.catalog.sessions import Sessions
from selloff.errors import CatalogError

EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""

_MONTHS = {"monthly": 1, "quarterly": 3}


def _local_instant(day: pl.Expr, minutes: int, zone: str) -> pl.Expr:
    """UTC instant of a wall-clock time; a time that a clock change skips or repeats takes the later reading."""
    local = day.cast(pl.Datetime("us")) + pl.duration(minutes=minutes)
    return local.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null").dt.convert_time_zone("UTC")


def period_ends(dates: pl.Series, close: Close, sessions: Sessions | None) -> pl.Series:
    """Closing instants of dated periods.

    Parameters
    ----------
    dates : (n,) pl.Date.
    close : the series' closing time; its early closes are taken from `sessions` when it names a calendar.

    Returns
    -------
    (n,) UTC microseconds.
    """
    usual = dates.to_frame("day").select(_local_instant(pl.col("day"), close.minutes, close.zone).alias("end"))["end"]
    if close.calendar is None:
        return usual
    if sessions is None or sessions.exchange != close.calendar:
        raise CatalogError(
            f"The sessions of {close.calendar} are needed to date these closes.", "Pass them to `period_ends`."
        )
    early = pl.DataFrame(
        {
            "day": pl.Series(sessions.dates),
            "early": pl.Series(sessions.closes).cast(pl.Datetime("us", "UTC")),
        }
    )
    return (
        pl.DataFrame({"day": dates, "end": usual})
        .join(early, on="day", how="left", maintain_order="left")
        .select(pl.min_horizontal("end", "early"))["end"]
    )


def _release_dates(dates: pl.Series, release: Release) -> pl.Series:
    days = _regular_release_days(dates, release)
    periods = dates.to_numpy().astype("datetime64[D]")
    for stretch in release.late:
        inside = (periods >= np.datetime64(stretch.first)) & (periods <= np.datetime64(stretch.last))
        days = np.where(inside, np.maximum(days, np.datetime64(stretch.released)), days)
    return pl.Series(days)


def _regular_release_days(dates: pl.Series, release: Release) -> npt.NDArray[np.datetime64]:
    closed = holidays(release.holidays) if release.holidays else np.array([], dtype="datetime64[D]")
    days = dates.to_numpy().astype("datetime64[D]")
    if release.kind == "days_after" and release.business:
        return np.busday_offset(days, release.days, roll="backward", holidays=closed)
    if release.kind == "days_after":
        days = days + np.timedelta64(release.days, "D")
    elif release.kind == "weekday_after":
        assert release.weekday is not None
        weekday = (days.astype(np.int64) + EPOCH_WEEKDAY) % 7
        days = days + ((release.weekday - weekday - 1) % 7 + 1).astype("timedelta64[D]")
    if release.holidays:
        days = np.busday_offset(days, 0, roll="forward", holidays=closed)
    return days


def known_ats(dates: pl.Series, ends: pl.Series, release: Release) -> pl.Series:
    """Instants at which values became known: the release rule, never before the period's end.

    Returns
    -------
    (n,) UTC microseconds.
    """
    if release.kind == "at_close":
        return ends
    clock = release.clock
    frame = pl.DataFrame({"day": _release_dates(dates, release), "end": ends})
    return frame.select(
        pl.max_horizontal(_local_instant(pl.col("day"), clock.minutes, clock.zone), pl.col("end")).alias("known")
    )["known"]


def rule_vintage(release: Release) -> Vintage:
    """The vintage quality that a release rule gives."""
    return Vintage.EXACT if release.kind == "at_close" or release.exact else Vintage.LAGGED


def stamp(series: Series, dates: pl.Series, values: pl.Series, sessions: Sessions | None) -> pl.DataFrame:
    """Dated values of one series with their period's end, the moment they became known, and the vintage.

    Null values are left out: a missing value is the absence of a row.

    Returns
    -------
    Frame of `series, period_end, known_at, value, vintage`.
    """
    assert series.close is not None and series.release is not None
    ends = period_ends(dates, series.close, sessions)
    return pl.DataFrame(
        {
            "series": pl.repeat(series.id, len(dates), eager=True),
            "period_end": ends,
            "known_at": known_ats(dates, ends, series.release),
            "value": values,
            "vintage": pl.repeat(rule_vintage(series.release).value, len(dates), eager=True),
        }
    ).drop_nulls("value")


def last_days(first_days: pl.Series, frequency: Frequency) -> pl.Series:
    """Last days of the weeks, months or quarters that start on the given days.

    Parameters
    ----------
    first_days : (n,) pl.Date, any day of the month or quarter; the first of seven days for a week.
    """
    if frequency in _MONTHS:
        start = first_days.dt.truncate(f"{_MONTHS[frequency]}mo")
        return start.dt.offset_by(f"{_MONTHS[frequency]}mo").dt.offset_by("-1d")
    return first_days.dt.offset_by("6d") if frequency == "weekly" else first_days


def bar_ends(opens: pl.Series, minutes: int, close: Close | None, sessions: Sessions | None) -> pl.Series:
    """Closing instants of intraday bars: the open plus the bar's length, cut at the close of its trading day.

    Parameters
    ----------
    opens : (n,) UTC microseconds.
    close : the end of the trading day, or None for a market that never closes.

    Returns
    -------
    (n,) UTC microseconds.
    """
    ends = opens + timedelta(minutes=minutes)
    if close is None:
        return ends
    days = opens.dt.convert_time_zone(close.zone).dt.date()
    cut = period_ends(days, close, sessions)
    return pl.DataFrame({"open": opens, "end": ends, "cut": cut}).select(
        pl.when(pl.col("open") < pl.col("cut")).then(pl.min_horizontal("end", "cut")).otherwise("end")
    )["end"]


def stamp_instants(series: Series, ends: pl.Series, values: pl.Series) -> pl.DataFrame:
    """Values of one series at instants (bars, posts), known at once; null values are left out.

    Returns
    -------
    Frame of `series, period_end, known_at, value, vintage`.
    """
    assert series.release is not None
    known = known_ats(ends.dt.convert_time_zone("America/New_York").dt.date(), ends, series.release)
    return pl.DataFrame(
        {
            "series": pl.repeat(series.id, len(ends), eager=True),
            "period_end": ends,
            "known_at": known,
            "value": values,
            "vintage": pl.repeat(rule_vintage(series.release).value, len(ends), eager=True),
        }
    ).drop_nulls("value")
