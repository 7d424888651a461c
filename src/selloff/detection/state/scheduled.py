"""Scheduled indicators: whether a dated event fell into a window. Present, absent and no table are three answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from selloff.catalog import Calendar, Event, ScheduledIndicator
from selloff.catalog.sessions import Sessions
from selloff.panel.clock import Window

Answer = Literal["present", "absent", "no_table"]


@dataclass(frozen=True)
class ScheduledReading:
    """One scheduled indicator at a window.

    answer : `present`; `absent` if the table is complete for those days and has no event known by then; else
        `no_table`.
    events : those that prices answer to in the window, or in the sessions before it that count.
    """

    indicator: ScheduledIndicator
    answer: Answer
    events: tuple[Event, ...]


def scheduled_readings(
    indicators: Collection[ScheduledIndicator], calendar: Calendar, window: Window, sessions: Sessions, as_of: datetime
) -> tuple[ScheduledReading, ...]:
    """Every scheduled indicator at a window, as known at a moment.

    An event on a published schedule is known beforehand, any other from the moment it was announced.
    """
    firsts = {i.id: max(window.base_row + 1 - i.sessions_before, 0) for i in indicators}
    if not firsts:
        return ()
    earliest = sessions.dates[min(firsts.values())].item()
    near = [(e, e.reacts_on(sessions)) for e in calendar.events_on(earliest, window.end, sessions, as_of)]
    found = []
    for indicator in indicators:
        first: date = sessions.dates[firsts[indicator.id]].item()
        events = tuple(e for e, day in near if indicator.counts(e) and day is not None and first <= day)
        absent: Answer = "absent" if _complete(indicator, calendar, first, window.end) else "no_table"
        found.append(ScheduledReading(indicator, "present" if events else absent, events))
    return tuple(found)


def _complete(indicator: ScheduledIndicator, calendar: Calendar, first: date, last: date) -> bool:
    """Whether no row means no event, on all days of a span.

    The indicator says so, else its table. Of a published schedule, which is known beforehand, it holds from the first
    event to the last; unscheduled events never say it, as a later one would vouch for the days before it.
    """
    table = calendar.tables.get(indicator.table)
    if table is None:
        return False
    spans = [(s.first, s.last) for s in indicator.complete]
    if not spans and table.covers is not None:
        spans = [table.covers]
    own = [e for e in table.events if indicator.counts(e)]
    if not spans and own and all(e.scheduled for e in own):
        spans = [(own[0].date, own[-1].date)]
    return any(a <= first and last <= b for a, b in spans)
