"""The background of a window: each indicator's last value known then, its rank, change and surprise.

Of each series count the periods that ended by the last day of the window, in the vintage known at the as-of moment.
Ages run from a value's period end to the as-of moment, at most to the morning note of the window's last session. A
value older than its indicator allows is stale: shown, ranked by nothing, and no evidence. A count of news of a day
before the window is ranked, but is no evidence for the window.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import numpy as np
import polars as pl

from selloff.catalog import Catalogue, Indicator
from selloff.catalog.sessions import Sessions
from selloff.detection.state.readings import DAYS_PER_YEAR, Readings, fewest_past, readings
from selloff.detection.state.records import Ints, Records, records_of, table_records
from selloff.detection.state.scheduled import ScheduledReading, scheduled_readings
from selloff.detection.state.values import DAY, indicator_values, newest_rows
from selloff.panel.clock import Window, morning_note
from selloff.panel.slices import by_series
from selloff.store import Store

Status = Literal["known", "stale", "absent"]

EXTRA_YEARS = 3
"""Read beyond the look-back: for the values that lags, changes and medians need (at most 260 periods)."""


@dataclass(frozen=True)
class StateReading:
    """One indicator at a window. Numbers are None where they can't be told, and all of them if `absent`.

    value : in the indicator's unit. day : New York date of its period's end. known_at : when it became known.
    age_days : from the period's end. percentile, n_past, change, surprise : see `readings`; None if stale.
    window_change : from the last value of the window's base or before, None if no value of the window is known.
    held, held_percentile : of an exposure: its value at the window's base from closes that were there in that
        session's morning note, revised or not since, and its rank then; None for other indicators, and where it can't
        be told.
    in_window : its period ended inside the window.
    rows : series and period end (UTC microseconds) of the newest stored rows behind the value.
    evidence : it may speak about the window: neither absent nor stale, and of the window itself unless it persists.
    """

    indicator: Indicator
    status: Status
    value: float | None = None
    day: date | None = None
    known_at: datetime | None = None
    age_days: float | None = None
    percentile: float | None = None
    n_past: int = 0
    change: float | None = None
    window_change: float | None = None
    held: float | None = None
    held_percentile: float | None = None
    surprise: float | None = None
    in_window: bool = False
    rows: tuple[tuple[str, int], ...] = ()

    @property
    def evidence(self) -> bool:
        """Whether it may speak about the window."""
        return self.status == "known" and (self.indicator.persists or self.in_window)

    @property
    def stress_percentile(self) -> float | None:
        """The percentile turned so that 100 is the most stress; None where no direction is stress."""
        if self.percentile is None or self.indicator.stress == "both":
            return None
        return self.percentile if self.indicator.stress == "high" else 100.0 - self.percentile


@dataclass(frozen=True)
class State:
    """The background of a window.

    readings : every indicator of the catalogue, in its order. scheduled : every scheduled one.
    usable_series : ids of series whose last value may stand for the window in a cause's `requires`.
    """

    readings: tuple[StateReading, ...]
    scheduled: tuple[ScheduledReading, ...]
    usable_series: frozenset[str]

    def reading(self, indicator_id: str) -> StateReading | None:
        """The reading of an indicator, None if the catalogue has no such one."""
        return next((r for r in self.readings if r.indicator.id == indicator_id), None)


def day_number(day: date) -> int:
    """Days since 1970, as in `Records.day`."""
    return int(np.datetime64(day, "D").astype(np.int64))


def first_ends(indicators: Collection[Indicator], moment: datetime) -> dict[str, int]:
    """The oldest period end (UTC microseconds) that the indicators need, by series."""
    found: dict[str, int] = {}
    for indicator in indicators:
        since = 0
        if indicator.look_back_years is not None:
            days = (indicator.look_back_years + EXTRA_YEARS) * DAYS_PER_YEAR
            since = int((moment - timedelta(days=days)).timestamp() * 1e6)
        for series in indicator.formula.series:
            found[series] = min(since, found.get(series, since))
    return found


def state_at(
    store: Store,
    catalogue: Catalogue,
    sessions: Sessions,
    window: Window,
    as_of: datetime | None,
    now: datetime,
    *,
    read: pl.DataFrame | None = None,
) -> State:
    """The background of a window as known at a moment.

    Parameters
    ----------
    as_of : None is hindsight: every vintage that was ever stored, of the same periods.
    now : the present moment.
    read : what was read as of the same moment of all the indicators' series, sorted by series and period, with the
        column `first_known`; other series may be among them. None reads it.
    """
    indicators = catalogue.indicators
    until = morning_note(window.end) if as_of is None else min(as_of, morning_note(window.end))
    first = first_ends(indicators.measured.values(), until)
    if read is None:
        stored = [catalogue.series[s] for s in first if catalogue.series[s].formula is None]
        read = store.read(stored, as_of, first_known=True)
    parts = by_series(read, first)
    n_rows = int(np.searchsorted(sessions.closes, int(until.timestamp() * 1e6), side="right"))
    n_rows = min(n_rows, window.end_row + 1)
    closes = sessions.closes[:n_rows]
    records = records_of(parts, catalogue.series)
    records |= table_records(catalogue, list(first), sessions, n_rows, closes)
    last_day = day_number(window.end)
    records = {s: cut for s, r in records.items() if len(cut := r.to(last_day))}
    there = {s: r.to(last_day) for s, r in _dated_by_first(parts, indicators.measured.values(), catalogue).items()}
    at = int(until.timestamp() * 1e6)
    held_by = min(at, int(morning_note(window.base).timestamp() * 1e6))
    start, base = day_number(window.start), day_number(window.base)

    def one(indicator: Indicator) -> StateReading:
        values = indicator_values(indicator, records, sessions, closes)
        reading = _reading(indicator, records, values, at, start, base, catalogue)
        if not indicator.formula.is_exposure:
            return reading
        if any(s in there for s in indicator.formula.series):
            values = indicator_values(indicator, {**records, **there}, sessions, closes)
        return _with_held(reading, values, base, held_by, catalogue)

    return State(
        readings=tuple(one(i) for i in indicators.measured.values()),
        scheduled=scheduled_readings(
            indicators.scheduled.values(), catalogue.events, window, sessions, now if as_of is None else as_of
        ),
        usable_series=usable_series(list(indicators.measured.values()), records, at, start),
    )


def _dated_by_first(
    parts: Mapping[str, pl.DataFrame], indicators: Collection[Indicator], catalogue: Catalogue
) -> dict[str, Records]:
    """Records behind the exposures known from each period's first value on; of series with a revision only."""
    behind = {s for i in indicators if i.formula.is_exposure for s in i.formula.series}
    revised = {s: p for s, p in parts.items() if s in behind and (p["first_known"] != p["known_at"]).any()}
    return records_of(revised, catalogue.series, known="first_known")


def usable_series(
    indicators: Sequence[Indicator], records: Mapping[str, Records], at: int, start: int
) -> frozenset[str]:
    """Series whose last value may stand for the window.

    The rule: an indicator reads the series, its last value is no older than that indicator allows, and either the
    indicator persists, or the value is of a day of the window. A spread or a position holds until the next reading; a
    count of news says nothing about a day that it does not count. Closes that an exposure is
    computed from don't count.

    Parameters
    ----------
    at : the moment from which ages run, UTC microseconds. start : first day of the window, days since 1970.
    """
    return frozenset(
        series
        for indicator in indicators
        for series in indicator.formula.series
        if series in records
        and not indicator.formula.is_exposure
        and at - int(records[series].end[-1]) <= indicator.stale_after_days * DAY
        and (indicator.persists or int(records[series].day[-1]) >= start)
    )


def _reading(
    indicator: Indicator,
    records: Mapping[str, Records],
    values: Records | None,
    at: int,
    start: int,
    base: int,
    catalogue: Catalogue,
) -> StateReading:
    if values is None or len(values) == 0:
        return StateReading(indicator, "absent")
    last = len(values) - 1
    day, end = int(values.day[last]), int(values.end[last])
    age = (at - end) / DAY
    stale = age > indicator.stale_after_days
    in_window = day >= start
    numbers = None if stale else _numbers(indicator, values, catalogue)
    before = int(np.searchsorted(values.day, base, side="right")) - 1
    moved = in_window and not stale and before >= 0
    return StateReading(
        indicator=indicator,
        status="stale" if stale else "known",
        value=float(values.value[last]),
        day=np.datetime64(day, "D").item(),
        known_at=datetime.fromtimestamp(int(values.known[last]) / 1e6, UTC),
        age_days=age,
        percentile=None if numbers is None else _number(numbers.percentile[0]),
        n_past=0 if numbers is None else int(numbers.n_past[0]),
        change=None if numbers is None else _number(numbers.change[0]),
        window_change=_between(indicator, values, before, last) if moved else None,
        surprise=None if numbers is None else _number(numbers.surprise[0]),
        in_window=in_window,
        rows=newest_rows(indicator, records, day),
    )


def _with_held(
    reading: StateReading, values: Records | None, base: int, held_by: int, catalogue: Catalogue
) -> StateReading:
    """An exposure's reading with what was held before the window."""
    if values is None:
        return reading
    indicator = reading.indicator
    before = values.where((values.day <= base) & (values.known <= held_by))
    if len(before) == 0 or (held_by - int(before.end[-1])) / DAY > indicator.stale_after_days:
        return reading
    rank = _number(_numbers(indicator, before, catalogue).percentile[0])
    return replace(reading, held=float(before.value[-1]), held_percentile=rank)


def _numbers(indicator: Indicator, values: Records, catalogue: Catalogue) -> Readings:
    anchor = catalogue.series[indicator.formula.terms[0].series[0]]
    at: Ints = np.array([len(values) - 1])
    return readings(values.day, values.value, at, indicator, fewest_past(indicator, anchor))


def _between(indicator: Indicator, values: Records, before: int, last: int) -> float | None:
    a, b = float(values.value[before]), float(values.value[last])
    if indicator.change == "difference":
        return b - a
    return 100.0 * float(np.log(b / a)) if a > 0 and b > 0 else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
