"""The background of every session: what `state_at` would have read in each morning note, from one read of all vintages.

Where every value came once and in order, all sessions are read off one array. Where values were revised, or came out of
order, the sessions are gone through one by one, in memory, with the vintages known then. Both give what `state_at`
gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.catalog import Catalogue, Indicator, Series
from selloff.catalog.sessions import Sessions
from selloff.detection.state.readings import fewest_past, readings
from selloff.detection.state.records import (
    FIRST_MINUTE,
    LAST_MINUTE,
    Ints,
    Records,
    last_bars,
    new_york_days,
    new_york_minutes,
)
from selloff.detection.state.records import table_records as rate_records
from selloff.detection.state.values import DAY, indicator_values
from selloff.panel.clock import morning_note
from selloff.panel.transforms import Floats
from selloff.store.asof import choose_sources

NAMES = ("value", "percentile", "change", "surprise", "age_days")


@dataclass(frozen=True)
class StateHistory:
    """Readings of every indicator in the morning note of every session.

    sessions : (n_sessions,) datetime64[D]. indicators : ids of the columns.
    value, percentile, change, surprise, age_days : (n_sessions, n_indicators), NaN where absent or stale.
    evidence : (n_sessions, n_indicators), whether the value could speak about the session: known, and of the session
        itself unless its indicator persists.
    """

    sessions: npt.NDArray[np.datetime64]
    indicators: tuple[str, ...]
    value: Floats
    percentile: Floats
    change: Floats
    surprise: Floats
    age_days: Floats
    evidence: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Vintages:
    """Every stored row of one series: period, the row of the first note that knew it, and what it said.

    first : (n,) the first note after the row became known. row : the first that also may use it, since the day of its
        period is over.
    """

    source: npt.NDArray[np.str_]
    day: Ints
    end: Ints
    minute: Ints
    first: Ints
    row: Ints
    lagged: npt.NDArray[np.bool_]
    exact: npt.NDArray[np.bool_]
    value: Floats

    def where(self, kept: npt.NDArray[np.bool_]) -> _Vintages:
        return _Vintages(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def state_history(
    rows: pl.DataFrame, catalogue: Catalogue, sessions: Sessions, *, first_row: int, n_rows: int
) -> StateHistory:
    """The background in the morning notes of sessions `first_row` to `n_rows - 1`.

    Parameters
    ----------
    rows : every stored row of the indicators' series, all vintages and sources, in any order. Rows known after the last
        note change nothing.

    Returns
    -------
    StateHistory, (n_rows - first_row, n_indicators); row t holds what was known in the note of its session.
    """
    dates = sessions.dates[:n_rows]
    moments = np.array([int(morning_note(d).timestamp() * 1e6) for d in dates.tolist()], dtype=np.int64)
    vintages = _vintages(rows, catalogue, dates, moments)
    indicators = list(catalogue.indicators.measured.values())
    names = list(catalogue.indicators.series())
    tables = rate_records(catalogue, names, sessions, n_rows, np.arange(n_rows))
    out = {name: np.full((n_rows, len(indicators)), np.nan) for name in (*NAMES, "evidence")}
    for column, indicator in enumerate(indicators):
        for start, stop, part in _segments(indicator, vintages, tables, catalogue, n_rows):
            found = _indicator_history(indicator, part, tables, catalogue, sessions, moments, start, stop)
            for name, column_values in found.items():
                out[name][start:stop, column] = column_values[start:stop]
    kept = slice(first_row, n_rows)
    evidence = out.pop("evidence")[kept] == 1.0
    names_of = tuple(i.id for i in indicators)
    return StateHistory(dates[kept], names_of, evidence=evidence, **{k: v[kept] for k, v in out.items()})


def _vintages(
    rows: pl.DataFrame, catalogue: Catalogue, dates: npt.NDArray[np.datetime64], moments: Ints
) -> dict[str, _Vintages]:
    wanted = [s for s in catalogue.indicators.series() if catalogue.series[s].formula is None]
    ordered = rows.filter(pl.col("series").is_in(wanted)).sort(
        "series", "known_at", "fetched_at", "period_end", maintain_order=True
    )
    day = new_york_days(ordered["period_end"])
    known = ordered["known_at"].to_physical().to_numpy()
    first = np.searchsorted(moments, known).astype(np.int64)
    row = np.maximum(first, np.searchsorted(dates.astype(np.int64), day))
    whole = _Vintages(
        source=ordered["source"].to_numpy().astype(np.str_),
        day=day,
        end=ordered["period_end"].to_physical().to_numpy(),
        minute=new_york_minutes(ordered["period_end"]),
        first=first,
        row=row.astype(np.int64),
        lagged=(ordered["vintage"] == "lagged").to_numpy(),
        exact=(ordered["vintage"] == "exact").to_numpy(),
        value=ordered["value"].to_numpy(),
    )
    names = ordered["series"].to_numpy()
    found: dict[str, _Vintages] = {}
    for series in wanted:
        low, high = np.searchsorted(names, [series, series + "\0"]) if len(names) else (0, 0)
        part = np.zeros(len(names), dtype=bool)
        part[low:high] = True
        found[series] = whole.where(part & (whole.first < len(moments)))
    return found


def _segments(
    indicator: Indicator,
    vintages: Mapping[str, _Vintages],
    tables: Mapping[str, Records],
    catalogue: Catalogue,
    n_rows: int,
) -> list[tuple[int, int, dict[str, _Vintages]]]:
    """Runs of sessions in which the same sources are read, with the rows of those sources."""
    specs = [catalogue.series[s] for s in indicator.formula.series if s not in tables and s in vintages]
    seen = {s.id: _first_rows(s, vintages[s.id]) for s in specs}
    edges = sorted({0, n_rows, *(row for first in seen.values() for row in first.values())})
    found = []
    for start, stop in pairwise(edges):
        present = {s: {name for name, row in first.items() if row <= start} for s, first in seen.items()}
        chosen: dict[str, _Vintages] = {}
        for spec in specs:
            kept = np.zeros(len(vintages[spec.id].row), dtype=bool)
            for stretch in choose_sources([spec], present):
                low = -np.inf if stretch.start is None else stretch.start.timestamp() * 1e6
                high = np.inf if stretch.end is None else stretch.end.timestamp() * 1e6
                end = vintages[spec.id].end
                kept |= (vintages[spec.id].source == stretch.source) & (end >= low) & (end < high)
            chosen[spec.id] = vintages[spec.id].where(kept)
        found.append((start, stop, chosen))
    return found


def _first_rows(spec: Series, vintages: _Vintages) -> dict[str, int]:
    """The first note that knew any row, by source: from then on the source can be chosen."""
    there = set(np.unique(vintages.source).tolist())
    return {s: int(vintages.first[vintages.source == s].min()) for s in spec.sources if s in there}


def _indicator_history(
    indicator: Indicator,
    vintages: Mapping[str, _Vintages],
    tables: Mapping[str, Records],
    catalogue: Catalogue,
    sessions: Sessions,
    moments: Ints,
    start: int,
    stop: int,
) -> dict[str, Floats]:
    """Readings of one indicator in every note, (n_rows,) each; those outside [start, stop) mean nothing."""
    n_rows = len(moments)
    session_known = np.arange(n_rows)
    updates = {s: _updates(v, catalogue.series[s].is_intraday) for s, v in vintages.items()}
    own = {s: r for s, r in tables.items() if s in indicator.formula.series}
    fewest = fewest_past(indicator, catalogue.series[indicator.formula.terms[0].series[0]])
    out = {name: np.full(n_rows, np.nan) for name in (*NAMES, "evidence")}
    if all(u.once for u in updates.values()):
        final = {**{s: u.final for s, u in updates.items() if len(u.final)}, **own}
        values = indicator_values(indicator, final, sessions, session_known)
        if values is None or len(values) == 0:
            return out
        if (values.known[1:] >= values.known[:-1]).all() and _joins_in_order(indicator, final):
            count = np.searchsorted(values.known, np.arange(start, stop), side="right")
            rows = np.arange(start, stop)[count > 0]
            _fill(out, indicator, values, count[count > 0] - 1, rows, moments, sessions, fewest)
            return out
    for row in _rows_by_one(updates, own, start, stop):
        known = {s: r for s, u in updates.items() if len(r := u.at(row))}
        known |= {s: cut for s, r in own.items() if len(cut := r.where(r.known <= row))}
        values = indicator_values(indicator, known, sessions, session_known[: row + 1])
        if values is None or len(values) == 0:
            continue
        here = np.array([row])
        _fill(out, indicator, values, np.array([len(values) - 1]), here, moments, sessions, fewest)
    return out


def _fill(
    out: dict[str, Floats],
    indicator: Indicator,
    values: Records,
    at: Ints,
    rows: Ints,
    moments: Ints,
    sessions: Sessions,
    fewest: int,
) -> None:
    """Write the readings of the values at positions `at` into the notes `rows`, where they are not stale."""
    age = (moments[rows] - values.end[at]) / DAY
    fresh = age <= indicator.stale_after_days
    at, rows = at[fresh], rows[fresh]
    if len(at) == 0:
        return
    places, back = np.unique(at, return_inverse=True)
    found = readings(values.day, values.value, places, indicator, fewest)
    out["value"][rows], out["age_days"][rows] = values.value[at], age[fresh]
    out["evidence"][rows] = indicator.persists | (values.day[at] >= sessions.dates[rows].astype(np.int64))
    for name in ("percentile", "change", "surprise"):
        out[name][rows] = getattr(found, name)[back]


@dataclass(frozen=True)
class _Updates:
    """What each note learnt of one series, in the order of becoming known.

    once : every period has one value, and an intraday day is complete in the note that first knew it.
    final : with `known` as the row of the note.
    """

    vintages: _Vintages
    intraday: bool
    once: bool
    final: Records

    def at(self, row: int) -> Records:
        """The records of the note of a session."""
        n = int(np.searchsorted(self.vintages.row, row, side="right"))
        return _latest(self.vintages, n, self.intraday)


def _updates(vintages: _Vintages, intraday: bool) -> _Updates:
    """Vintages in the order of their notes, without lagged values after an exact one."""
    order = np.argsort(vintages.row, kind="stable")
    effective = _unhidden(_Vintages(*(getattr(vintages, n)[order] for n in vintages.__dataclass_fields__)))
    final = _latest(effective, len(effective.row), intraday)
    if intraday:
        bars = (effective.minute > FIRST_MINUTE) & (effective.minute <= LAST_MINUTE)
        pairs = np.unique(np.column_stack([effective.day[bars], effective.row[bars]]), axis=0)
        once = len(pairs) == len(np.unique(pairs[:, 0]))
    else:
        pairs = np.unique(np.column_stack([effective.end, effective.row]), axis=0)
        once = len(pairs) == len(np.unique(pairs[:, 0]))
    return _Updates(effective, intraday, once, final)


def _unhidden(vintages: _Vintages) -> _Vintages:
    """Without the lagged values of a period that came after an exact one, by the store's rule."""
    if not (vintages.lagged.any() and vintages.exact.any()):
        return vintages
    position = np.arange(len(vintages.row))
    ends, place = np.unique(vintages.end, return_inverse=True)
    first_exact = np.full(len(ends), len(position))
    np.minimum.at(first_exact, place[vintages.exact], position[vintages.exact])
    return vintages.where(~vintages.lagged | (position < first_exact[place]))


def _latest(vintages: _Vintages, n: int, intraday: bool) -> Records:
    """The last value of each period among the first `n` vintages, in order of period."""
    end = vintages.end[:n]
    # The last occurrence of each end: unique finds the first, so the order is turned round.
    _, back = np.unique(end[::-1], return_index=True)
    last = n - 1 - back
    records = Records(vintages.day[last], end[last], vintages.row[last], vintages.value[last])
    return last_bars(records, vintages.minute[last]) if intraday else records


def _joins_in_order(indicator: Indicator, final: Mapping[str, Records]) -> bool:
    """Whether every joined value was there when its period was first known, so that none was replaced later."""
    if len(indicator.formula.terms) == 1 and len(indicator.formula.terms[0].series) == 1:
        return not indicator.formula.per_session or _posts_in_time(final)
    if any(len(t.series) > 1 and _overlap([final[s] for s in t.series if s in final]) for t in indicator.formula.terms):
        return False
    if indicator.formula.gap_days == 0:
        return True
    anchors = [final[s] for s in indicator.formula.terms[0].series if s in final]
    others = [final[s] for t in indicator.formula.terms[1:] for s in t.series if s in final]
    return all(
        not (other.known[place[there]] > anchor.known[there]).any()
        for anchor in anchors
        for other in others
        for place in [np.searchsorted(other.day, anchor.day, side="right") - 1]
        for there in [place >= 0]
    )


def _posts_in_time(final: Mapping[str, Records]) -> bool:
    """Whether all that is added up by session was known in the note of its own day."""
    return all(bool((np.diff(r.known) >= 0).all()) for r in final.values())


def _overlap(records: Sequence[Records]) -> bool:
    """Whether two alternatives have a value of one day."""
    days = np.concatenate([r.day for r in records]) if records else np.empty(0)
    return len(np.unique(days)) < len(days)


def _rows_by_one(updates: Mapping[str, _Updates], tables: Mapping[str, Records], start: int, stop: int) -> Ints:
    """Notes to go through one by one: all from the first that knew anything, since ages move on without news."""
    first = [u.vintages.row[0] for u in updates.values() if len(u.vintages.row)]
    first += [r.known[0] for r in tables.values() if len(r)]
    return np.arange(max(start, min(first, default=stop)), stop)
