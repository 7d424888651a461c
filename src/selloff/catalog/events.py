"""Dated events: announcements, releases, results and exchange notices, and dated tables of rates.

A table's events are known beforehand where they were on a published schedule; the others from the moment they
happened, or from the end of their day where no time is known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from selloff.catalog.series import CatalogModel, ClockTime, SeriesId
from selloff.catalog.sessions import Sessions
from selloff.catalog.units import Unit

NEW_YORK = ZoneInfo("America/New_York")
AFTER_CLOSE, BEFORE_OPEN = time(16, 15), time(8, 0)
"""Where only "after the close" or "before the open" is known of a company's results."""

UNSCHEDULED_KINDS = ("unscheduled", "preliminary")
UNSCHEDULED_TABLES = ("margin_notices", "geopolitical_onsets")
AFTER_SETTLEMENT_TABLES = ("margin_notices",)
"""Notices come out after the day's settlement, so prices answer on the next session."""

SHANGHAI_EXCHANGES = ("SHFE", "SGE")

REQUIREMENT_TABLES = ("geopolitical_onsets",)
"""Tables that may meet a cause's `requires`: only dated onsets, in place of the GPR index. The others help."""

_FIELDS = ("ticker", "session", "exchange", "contract", "direction", "change", "dated_by", "effective", "supply", "url")


State = Literal["event", "none", "not_covered"]


class Event(CatalogModel):
    """One dated event.

    `moment` is the instant (UTC) at which it happened, None where no time is known. `zone` is that of `date`.
    """

    table: str
    date: date
    zone: str
    moment: datetime | None = None
    kind: str | None = None
    confidence: str | None = None
    scheduled: bool
    reacts_next: bool = False
    note: str | None = None
    details: dict[str, Any] = Field(default={})

    @property
    def known_at(self) -> datetime:
        """When it had happened for everyone to see: its moment, else the end of its day."""
        if self.moment is not None:
            return self.moment
        return datetime.combine(self.date + timedelta(days=1), time(0), ZoneInfo(self.zone)).astimezone(UTC)

    def known_by(self, as_of: datetime) -> bool:
        """Whether it was known at a moment, be it only as scheduled."""
        return self.scheduled or self.known_at <= as_of

    def reacts_on(self, sessions: Sessions) -> dt.date | None:
        """The New York session in which prices first answer; None beyond the last session."""
        if self.moment is not None:
            row = int(np.searchsorted(sessions.closes, int(self.moment.timestamp() * 1e6)))
        else:
            day = np.datetime64(self.date)
            row = int(np.searchsorted(sessions.dates, day, side="right" if self.reacts_next else "left"))
        found: dt.date | None = sessions.dates[row].item() if row < len(sessions.dates) else None
        return found


class EventTable(CatalogModel):
    """A table of events of one sort; `source` and `note` say where the dates are from and what is missing.

    `covers`: first and last day between which the absence of an event means that there was none; None if it never does.
    """

    id: SeriesId
    name: str
    zone: str
    source: str
    note: str
    unverified_years: tuple[int, ...]
    covers: tuple[date, date] | None = None
    events: tuple[Event, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> EventTable:
        dates = [e.date for e in self.events]
        if dates != sorted(dates):
            raise ValueError(f"table {self.id!r} is not in order of date")
        return self


class Change(CatalogModel):
    """A rate from its first day on."""

    effective: date
    rate: float


class RateTable(CatalogModel):
    """A rate that holds from one change to the next, until `last_day`."""

    id: SeriesId
    name: str
    zone: str
    unit: Unit
    source: str
    note: str
    unverified_years: tuple[int, ...]
    last_day: date
    change: tuple[Change, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> RateTable:
        days = [c.effective for c in self.change]
        if days != sorted(set(days)) or self.last_day < days[-1]:
            raise ValueError(f"the changes of {self.id!r} are not in order, or go beyond its last day")
        return self

    def on(self, days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
        """The rate in force on each day, (n,); NaN outside the table."""
        starts = np.array([c.effective for c in self.change], dtype="datetime64[D]")
        rates = np.array([c.rate for c in self.change])
        place = np.searchsorted(starts, days, side="right") - 1
        inside = (place >= 0) & (days <= np.datetime64(self.last_day))
        return np.where(inside, rates[np.maximum(place, 0)], np.nan)


def _moment(day: date, clock: str | None, zone: str, session: str | None) -> datetime | None:
    """The instant of an event, as far as the table says."""
    if clock is not None:
        minutes = ClockTime(time=clock, zone=zone).minutes
        hours = time(minutes // 60, minutes % 60)
    elif session is not None:
        hours = AFTER_CLOSE if session == "after" else BEFORE_OPEN
    else:
        return None
    return datetime.combine(day, hours, ZoneInfo(zone)).astimezone(UTC)


def _event(table: Mapping[str, Any], values: Mapping[str, Any]) -> Event:
    exchange = values.get("exchange")
    zone = "Asia/Shanghai" if exchange in SHANGHAI_EXCHANGES else table["zone"]
    unscheduled = table["id"] in UNSCHEDULED_TABLES or values.get("kind") in UNSCHEDULED_KINDS
    known = {"date", "time", "kind", "confidence", "note", *_FIELDS}
    stray = [k for k in values if k not in known]
    if stray:
        raise ValueError(f"event of {values.get('date')} has the unknown field {stray[0]!r}")
    return Event(
        table=table["id"],
        date=values["date"],
        zone=zone,
        moment=_moment(values["date"], values.get("time"), zone, values.get("session")),
        kind=values.get("kind"),
        confidence=values.get("confidence"),
        scheduled=not unscheduled,
        reacts_next=table["id"] in AFTER_SETTLEMENT_TABLES and exchange not in SHANGHAI_EXCHANGES,
        note=values.get("note"),
        details={k: values[k] for k in _FIELDS if k in values},
    )


def event_table(values: Mapping[str, Any]) -> EventTable:
    """A table out of its file: either one `[[event]]` per event, or `dates` at one time of day with exceptions.

    Raises
    ------
    ValueError : a field is missing, unknown or malformed.
    """
    if "dates" in values:
        apart = {e["date"]: e for e in values.get("exception", [])}
        rows = [
            {
                "date": day,
                "time": apart.get(day, {}).get("time", values["time"]),
                "note": apart.get(day, {}).get("why"),
            }
            for day in values["dates"]
        ]
    else:
        rows = list(values["event"])
    head = {k: values[k] for k in ("id", "name", "zone", "source", "note", "unverified_years")}
    covers = tuple(values["covers"]) if "covers" in values else None
    return EventTable(**head, covers=covers, events=tuple(_event(values, row) for row in rows))


@dataclass(frozen=True)
class Calendar:
    """Every event table of the catalogue, by id."""

    tables: Mapping[str, EventTable]

    @cached_property
    def _events(self) -> tuple[Event, ...]:
        return tuple(sorted((e for t in self.tables.values() for e in t.events), key=lambda e: (e.date, e.table)))

    def events_known(self, as_of: datetime, tables: Iterable[str] | None = None) -> tuple[Event, ...]:
        """Events known at a moment, in order of date: those that had happened, and those on a schedule."""
        wanted = set(self.tables if tables is None else tables)
        return tuple(e for e in self._events if e.table in wanted and e.known_by(as_of))

    def events_on(self, first: date, last: date, sessions: Sessions, as_of: datetime) -> tuple[Event, ...]:
        """Events that prices answer to in the sessions from `first` to `last`, as far as known at a moment.

        What came out after a close belongs to the next session.
        """
        margin = timedelta(days=10)
        near = (e for e in self._events if first - margin <= e.date <= last + margin and e.known_by(as_of))
        return tuple(e for e in near if (day := e.reacts_on(sessions)) is not None and first <= day <= last)

    def state(self, table: str, first: date, last: date, sessions: Sessions, as_of: datetime) -> State:
        """What a table says of the sessions from `first` to `last`, as far as known at a moment.

        Returns
        -------
        `event`: one that prices answer to in them. `none`: the table covers them, and there was none. `not_covered`:
        it can't say.
        """
        if any(e.table == table for e in self.events_on(first, last, sessions, as_of)):
            return "event"
        covers = self.tables[table].covers if table in self.tables else None
        return "none" if covers is not None and covers[0] <= first and last <= covers[1] else "not_covered"

    def met_requirements(self, first: date, last: date, sessions: Sessions, as_of: datetime) -> frozenset[str]:
        """Tables that count as available for a cause's `requires` in a window: those that can say what happened."""
        tables = (t for t in REQUIREMENT_TABLES if t in self.tables)
        return frozenset(t for t in tables if self.state(t, first, last, sessions, as_of) != "not_covered")
