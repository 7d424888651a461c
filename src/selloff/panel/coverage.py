"""What the store holds: coverage, freshness and vintage quality of every series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import polars as pl

from selloff.catalog import Catalogue, Series, Source, Vintage
from selloff.catalog.expected import next_due, period_date
from selloff.catalog.sessions import Sessions
from selloff.store import Store


@dataclass(frozen=True)
class SeriesStatus:
    """One stored series as it is read: from the first source of the catalogue's order that has rows.

    `due_since` is the moment at which the value after the last one should have become known, None if it is not due
    yet or nothing says when. `vintages` counts rows by quality. `other_sources` have rows too. `verified` is false
    where the source's parser was written without a real body of this series to test it on.
    """

    series: str
    name: str
    source: str
    other_sources: tuple[str, ...]
    rows: int
    first: str
    last: str
    last_value: float
    age_days: int
    due_since: datetime | None
    vintages: Mapping[str, int]
    licence: str | None
    flags: tuple[str, ...]
    verified: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        due = self.due_since.isoformat().replace("+00:00", "Z") if self.due_since is not None else None
        return {**asdict(self), "due_since": due}


@dataclass(frozen=True)
class StoreStatus:
    """Every stored series, the ids of catalogued ones without rows, and bytes on disk by part of the store."""

    series: tuple[SeriesStatus, ...]
    empty: tuple[str, ...]
    disk: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "series": [s.to_dict() for s in self.series],
            "empty": list(self.empty),
            "disk_bytes": dict(self.disk),
        }


def _one(
    spec: Series, stored: Mapping[str, dict[str, Any]], sessions: Sessions, now: datetime, source: Source
) -> SeriesStatus:
    row = stored[source.id]
    due = next_due(spec, row["last"], sessions)
    return SeriesStatus(
        series=spec.id,
        name=spec.name,
        source=source.id,
        other_sources=tuple(s for s in stored if s != source.id),
        rows=row["rows"],
        first=period_date(spec, row["first"]).isoformat(),
        last=period_date(spec, row["last"]).isoformat(),
        last_value=row["last_value"],
        age_days=(now - row["last"]).days,
        due_since=due if due is not None and due <= now else None,
        vintages={v.value: row[v.value] for v in Vintage if row[v.value]},
        licence=spec.licence or source.licence,
        flags=tuple(spec.flags),
        verified=source.is_verified(spec.id),
    )


def store_status(store: Store, catalogue: Catalogue, sessions: Sessions, now: datetime) -> StoreStatus:
    """Coverage, freshness against release rule and calendar, and vintage quality of every series."""
    if not store.exists():
        return StoreStatus((), tuple(s.id for s in catalogue.series.values() if s.formula is None), {})
    rows = store.collect(
        store.scan()
        .group_by("series", "source")
        .agg(
            pl.len().alias("rows"),
            pl.col("period_end").min().alias("first"),
            pl.col("period_end").max().alias("last"),
            pl.col("value").sort_by("period_end", "known_at", "fetched_at").last().alias("last_value"),
            *((pl.col("vintage") == v.value).sum().alias(v.value) for v in Vintage),
        )
        .sort("series", "source")
    )
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows.rows(named=True):
        found.setdefault(row["series"], {})[row["source"]] = row
    status, empty = [], []
    for spec in catalogue.series.values():
        if spec.formula is not None:
            continue
        stored = found.get(spec.id, {})
        source = next((s for s in spec.sources if s in stored), None)
        if source is None:
            empty.append(spec.id)
        else:
            status.append(_one(spec, stored, sessions, now, catalogue.sources[source]))
    return StoreStatus(tuple(status), tuple(empty), store.disk_use())
