"""The store in plain Python: one list of rows, every rule spelt out, nothing fast. Independent of polars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA, Series

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, order=True)
class Row:
    """One observation."""

    series: str
    source: str
    period_end: datetime
    known_at: datetime
    value: float
    vintage: str
    fetched_at: datetime

    @property
    def period(self):
        return (self.series, self.source, self.period_end)


def frame(rows: Iterable[Row]) -> pl.DataFrame:
    """Rows as the store takes them."""
    columns = {c: [getattr(r, c) for r in rows] for c in OBSERVATION_SCHEMA} if (rows := list(rows)) else {}
    return pl.DataFrame(columns, schema=OBSERVATION_SCHEMA)


def rows_of(observations: pl.DataFrame) -> list[Row]:
    """What the store gives, as rows."""
    return [Row(**row) for row in observations.iter_rows(named=True)]


def last_of(rows: Sequence[Row], moment: tuple[datetime, datetime] | None = None) -> Row | None:
    """What a read of one source's period gives, at a (known_at, fetched_at) moment or with all rows."""
    known = [r for r in rows if moment is None or (r.known_at, r.fetched_at) <= moment]
    if any(r.vintage == "exact" for r in known):
        known = [r for r in known if r.vintage != "lagged"]
    return max(known, key=lambda r: (r.known_at, r.fetched_at)) if known else None


@dataclass
class Oracle:
    """Every row ever stored."""

    rows: list[Row] = field(default_factory=list)

    def append(self, batch: Iterable[Row]) -> list[Row]:
        """The rows that the batch adds."""
        batch, added = list(batch), []
        for period in sorted({r.period for r in batch}):
            mine = [r for r in batch if r.period == period]
            for fetched_at in sorted({r.fetched_at for r in mine}):
                added += self._fetch(period, [r for r in mine if r.fetched_at == fetched_at])
        return added

    def _fetch(self, period, claims: list[Row]) -> list[Row]:
        stored_before = [r for r in self.rows if r.period == period]
        added: list[Row] = []

        def offer(row: Row) -> None:
            now = [r for r in self.rows if r.period == period]
            if any((r.known_at, r.fetched_at) == (row.known_at, row.fetched_at) for r in now):
                return
            read = last_of(now, (row.known_at, row.fetched_at))
            if read is None or read.value != row.value:
                self.rows.append(row)
                added.append(row)

        by_claim = sorted(claims, key=lambda r: r.known_at)
        if not stored_before:
            for row in by_claim:
                if row.vintage == "lagged":
                    offer(row)
        for row in by_claim:
            if row.vintage == "exact" and all(r.known_at != row.known_at for r in stored_before):
                offer(row)
        seen = {max(r.known_at, r.fetched_at): r for r in by_claim if r.vintage == "first_seen"}
        for known_at in sorted(seen):
            offer(replace(seen[known_at], known_at=known_at))
        if seen or not stored_before:
            return added
        exact = [r for r in by_claim if r.vintage == "exact"]
        newest = (exact or by_claim)[-1]
        superseded = newest.vintage == "exact" and any(
            r.vintage == "exact" and r.known_at > newest.known_at for r in stored_before
        )
        if not superseded:
            seen_at = max(newest.known_at, newest.fetched_at)
            offer(replace(newest, known_at=seen_at, vintage="first_seen"))
        return added

    def read(self, series: Sequence[Series], as_of: datetime | None) -> list[Row]:
        """What was known of the series, sorted by series and period."""
        known = [r for r in self.rows if as_of is None or r.known_at <= as_of]
        out: list[Row] = []
        for spec in series:
            mine = [r for r in known if r.series == spec.id]
            first = next((s for s in spec.sources if any(r.source == s for r in mine)), None)
            if first is None:
                continue
            spliced = first in [s.source for s in spec.splice]
            for period in sorted({r.period for r in mine}):
                wanted = self._spliced_source(spec, period[2]) if spliced else first
                if period[1] == wanted:
                    row = last_of([r for r in mine if r.period == period])
                    assert row is not None
                    out.append(row)
        return sorted(out, key=lambda r: (r.series, r.period_end))

    def first_known(self, row: Row, as_of: datetime | None) -> datetime:
        """When the source of a row first had any value of its period."""
        return min(r.known_at for r in self.rows if r.period == row.period and (as_of is None or r.known_at <= as_of))

    @staticmethod
    def _spliced_source(spec: Series, period_end: datetime) -> str | None:
        day = period_end.astimezone(NEW_YORK).date()
        return next((s.source for s in spec.splice if s.until is None or day <= s.until), None)
