"""Catalogued series: what a series is, when its period closes, and when its value becomes known."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from selloff.catalog.holidays import HolidayCalendar
from selloff.catalog.units import Unit

SeriesId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]

_CLOCK_TIME = re.compile(r"^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$")


class CatalogModel(BaseModel):
    """Frozen model that rejects unknown keys, so that a misspelt one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ClockTime(CatalogModel):
    """A wall-clock time in a zone; `24:00` is the end of the day."""

    time: str
    zone: str

    @field_validator("time")
    @classmethod
    def _is_clock_time(cls, value: str) -> str:
        if not _CLOCK_TIME.match(value):
            raise ValueError(f"{value!r} is not HH:MM between 00:00 and 24:00")
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @property
    def minutes(self) -> int:
        """Minutes after midnight."""
        hours, minutes = self.time.split(":")
        return 60 * int(hours) + int(minutes)


class Close(ClockTime):
    """When the period of a daily or slower series ends; the end of the trading day of an intraday one.

    `calendar` is an exchange-calendars name whose early closes hold for the series. An intraday bar that runs
    beyond that close is cut there.
    """

    calendar: str | None = None


Frequency = Literal["daily", "hourly", "5min", "weekly", "monthly", "quarterly", "irregular"]
INTRADAY: tuple[Frequency, ...] = ("hourly", "5min")
SLOW: tuple[Frequency, ...] = ("weekly", "monthly", "quarterly", "irregular")


class LateRelease(CatalogModel):
    """Periods dated from `first` to `last`, both included, that came out on the day `released`."""

    first: date
    last: date
    released: date


class Release(CatalogModel):
    """When a value becomes known.

    at_close : with the period's end (a market price seen by everyone).
    same_day : on the period's date at `time`.
    days_after : `days` weekdays (or calendar days if `business` is false) after the period's date, at `time`.
    weekday_after : the first `weekday` (0 is Monday) after the period's date, at `time`.

    `holidays` names the days on which the publisher is closed: they are not counted as weekdays, and a release that
    falls on one comes on the next day that is neither. `late` (in a file: the name of a table of
    `catalog/data/late`) holds releases that came later than that.
    """

    kind: Literal["at_close", "same_day", "days_after", "weekday_after"]
    time: str | None = None
    zone: str | None = None
    days: int = Field(default=0, ge=0)
    business: bool = True
    weekday: int | None = Field(default=None, ge=0, le=6)
    holidays: HolidayCalendar | None = None
    late: tuple[LateRelease, ...] = ()
    exact: bool = False
    """The publisher never revises the value, so the rule gives its own vintage."""

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Release:
        if self.kind == "at_close":
            return self
        if self.time is None or self.zone is None:
            raise ValueError(f"release rule {self.kind!r} needs time and zone")
        ClockTime(time=self.time, zone=self.zone)
        if self.kind == "weekday_after" and self.weekday is None:
            raise ValueError("release rule 'weekday_after' needs weekday")
        return self

    @property
    def clock(self) -> ClockTime:
        """The time of day of the release; only for kinds other than `at_close`."""
        assert self.time is not None and self.zone is not None
        return ClockTime(time=self.time, zone=self.zone)


class Splice(CatalogModel):
    """One stretch of a series that is spliced from several sources; `until` is inclusive."""

    source: str
    until: date | None = None


class Ratio(CatalogModel):
    """Numerator over denominator, in the same row."""

    kind: Literal["ratio"]
    numerator: SeriesId
    denominator: SeriesId

    @property
    def members(self) -> tuple[str, ...]:
        """Series the formula reads."""
        return (self.numerator, self.denominator)


class LogSum(CatalogModel):
    """constant × Π member^weight, in the same row."""

    kind: Literal["log_sum"]
    constant: float = Field(gt=0)
    weights: dict[SeriesId, float]

    @property
    def members(self) -> tuple[str, ...]:
        """Series the formula reads."""
        return tuple(self.weights)


class Difference(CatalogModel):
    """First member minus second, in the same row."""

    kind: Literal["difference"]
    minuend: SeriesId
    subtrahend: SeriesId

    @property
    def members(self) -> tuple[str, ...]:
        """Series the formula reads."""
        return (self.minuend, self.subtrahend)


class Basket(CatalogModel):
    """Equal-weight mean of the members' daily simple moves, chained from 100; a day needs every member."""

    kind: Literal["basket"]
    members: tuple[SeriesId, ...] = Field(min_length=2)


class QuarterSum(CatalogModel):
    """Sum over companies of the fiscal quarters that end in one calendar quarter; see `panel.quarter_sum`.

    A company that has not reported leaves the quarter missing, not partial.
    """

    kind: Literal["quarter_sum"]
    members: tuple[SeriesId, ...] = Field(min_length=2)


class StandIn(CatalogModel):
    """The moves of another series, less parts of others', turned round if `inverse`; the level means nothing.

    `less` says how much of each other series' log move is taken off: of / Π other^part, in the same row.
    """

    kind: Literal["stand_in"]
    of: SeriesId
    less: dict[SeriesId, float] = Field(default_factory=dict)
    inverse: bool = False

    @property
    def members(self) -> tuple[str, ...]:
        """Series the formula reads."""
        return (self.of, *self.less)


class RateTable(CatalogModel):
    """A rate from a dated table of the catalogue's calendar: on each session the rate in force that day."""

    kind: Literal["rate_table"]
    table: str

    @property
    def members(self) -> tuple[str, ...]:
        """None: the table is part of the catalogue."""
        return ()


class TotalReturn(CatalogModel):
    """Raw price with dividends reinvested and splits undone, as far as they are known; see `panel.total_return`.

    Leave `dividends` or `splits` out where the asset has none; a listed one without rows means that none is known.
    """

    kind: Literal["total_return"]
    price: SeriesId
    dividends: SeriesId | None = None
    splits: SeriesId | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """Series the formula reads."""
        return tuple(m for m in (self.price, self.dividends, self.splits) if m is not None)


Formula = Annotated[
    Ratio | LogSum | Difference | Basket | QuarterSum | StandIn | RateTable | TotalReturn, Field(discriminator="kind")
]

Flag = Literal["early", "late", "partial_basket", "published_late", "estimate", "misaligned", "stand_in"]


class Series(CatalogModel):
    """One catalogued time series.

    Either stored (`close`, `release`, `sources`) or derived from stored ones by `formula`.
    `fall` says which direction of the value means that the asset lost value.
    `transform` is `none` for what is no price: it is read as a level, and has no moves.
    `calendar` names the days on which a daily series has values: an exchange-calendars name, `us_federal` or `us_bond`
    (weekdays without those holidays), `weekdays` or `every_day`; None is not known.
    `proxy` is the liquid New York series that the alignment audit compares it with; by default that of its class.
    `begins` is the first day of which anybody has a value, where that is later than 1985.
    """

    id: SeriesId
    name: str
    begins: date | None = None
    asset_class: str | None = None
    unit: Unit
    frequency: Frequency = "daily"
    transform: Literal["log", "difference", "none"]
    fall: Literal["down", "up"] = "down"
    close: Close | None = None
    calendar: str | None = None
    release: Release | None = None
    sources: tuple[str, ...] = ()
    splice: tuple[Splice, ...] = ()
    formula: Formula | None = None
    flags: tuple[Flag, ...] = ()
    proxy: SeriesId | None = None
    licence: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _is_stored_or_derived(self) -> Series:
        if self.formula is None:
            timeless = self.frequency in INTRADAY or self.frequency == "irregular"
            if self.release is None or (self.close is None and not timeless):
                raise ValueError(f"series {self.id!r} needs close and release, or a formula")
        elif self.close or self.release or self.sources or self.splice:
            raise ValueError(f"series {self.id!r} has a formula, so it has no close, release, sources or splice")
        unlisted = [s.source for s in self.splice if s.source not in self.sources]
        if unlisted:
            raise ValueError(f"series {self.id!r} splices {unlisted}, which its sources do not list")
        return self

    @property
    def fall_sign(self) -> int:
        """+1 where a lower value is a loss, -1 where a higher one is."""
        return 1 if self.fall == "down" else -1

    @property
    def move_unit(self) -> Literal["%", "bp"]:
        """Unit of displayed moves."""
        return "%" if self.transform == "log" else "bp"

    @property
    def is_stand_in(self) -> bool:
        """It stands for another series in sign and sigmas alone: its moves are in another unit or of another size."""
        return "stand_in" in self.flags

    @property
    def is_intraday(self) -> bool:
        """Its observations are bars within a day."""
        return self.frequency in INTRADAY

    @property
    def is_level(self) -> bool:
        """Read as a level as of a moment; it has no moves."""
        return self.transform == "none" or self.frequency in SLOW

    @property
    def days(self) -> str | None:
        """Calendar of the days on which it has values: its own, else that of its close."""
        return self.calendar or (self.close.calendar if self.close is not None else None)

    @property
    def levels_mean_nothing(self) -> bool:
        """Adjusted prices, total returns, chained baskets and stand-ins: only their returns are data."""
        if self.unit is Unit.ADJUSTED_USD:
            return True
        if self.formula is None:
            return False
        if self.formula.kind in ("stand_in", "total_return"):
            return True
        return self.formula.kind != "log_sum" and self.unit is Unit.RATIO


class Asset(CatalogModel):
    """A column of the signature table, bound to the first available series of its list."""

    id: SeriesId
    name: str
    label: str
    series: tuple[SeriesId, ...]


class AssetClass(CatalogModel):
    """A class of the joint-fall test; each member is a list of series of which the first available counts."""

    id: SeriesId
    name: str
    group: str
    members: tuple[tuple[SeriesId, ...], ...]
    also: tuple[SeriesId, ...] = ()
    proxy: SeriesId | None = None
