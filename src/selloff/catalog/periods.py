"""From a period's date to the instants at which it ended and became known."""

from __future__ import annotations

import numpy as np
import polars as pl

from selloff.catalog.observation import Vintage
from selloff.catalog.series import Close, Release, Series
from selloff.catalog.sessions import Sessions
from selloff.errors import CatalogError

MICROSECONDS_PER_DAY = 86_400_000_000


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
    usual = dates.to_frame("day").select(
        _local_instant(pl.col("day"), close.minutes, close.zone).alias("end")
    )["end"]
    if close.calendar is None:
        return usual
    if sessions is None or sessions.exchange != close.calendar:
        raise CatalogError(
            f"The sessions of {close.calendar} are needed to date these closes.", "Pass them to `period_ends`."
        )
    early = pl.DataFrame({
        "day": pl.Series(sessions.dates),
        "early": pl.Series(sessions.closes).cast(pl.Datetime("us", "UTC")),
    })
    return (
        pl.DataFrame({"day": dates, "end": usual})
        .join(early, on="day", how="left", maintain_order="left")
        .select(pl.min_horizontal("end", "early"))["end"]
    )


def _release_dates(dates: pl.Series, release: Release) -> pl.Series:
    if release.kind == "days_after" and release.business:
        days = dates.to_numpy().astype("datetime64[D]")
        return pl.Series(np.busday_offset(days, release.days, roll="backward")).cast(pl.Date)
    if release.kind == "days_after":
        return dates.dt.offset_by(f"{release.days}d")
    if release.kind == "weekday_after":
        assert release.weekday is not None
        ahead = (release.weekday - (dates.dt.weekday().cast(pl.Int64) - 1) - 1) % 7 + 1
        return (dates.cast(pl.Datetime("us")) + ahead * pl.duration(days=1)).dt.date()
    return dates


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
    return pl.DataFrame({
        "series": pl.repeat(series.id, len(dates), eager=True),
        "period_end": ends,
        "known_at": known_ats(dates, ends, series.release),
        "value": values,
        "vintage": pl.repeat(rule_vintage(series.release).value, len(dates), eager=True),
    }).drop_nulls("value")
