"""The observation table: append only, atomic, read as of any moment.

A Delta Lake table. What an append adds is decided by `decide.rows_to_add` from the rows of one table version,
and inserted by a Delta `merge` on that same version; a concurrent commit to the same rows makes it fail, and
it is decided again on the new version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA, Series, Vintage, default_catalogue
from selloff.errors import NoDataError, PayloadError, StoreError
from selloff.store.asof import resolve
from selloff.store.commits import until_committed
from selloff.store.decide import KEY, rows_to_add
from selloff.store.layout import Layout, State, scanned, store_errors
from selloff.store.maintenance import KEEP_HOURS, Compacted, bytes_by_part, compact
from selloff.store.migrations import Table
from selloff.store.payloads import (
    PAYLOAD_SCHEMA,
    Payload,
    PayloadFinding,
    check_payloads,
    keep_payload,
    read_payload,
)
from selloff.store.place import Place, open_place

if TYPE_CHECKING:
    from deltalake import DeltaTable

_ROW = (*KEY, "known_at", "fetched_at")
_FETCH = ("source", "fetched_at")


@dataclass(frozen=True)
class Appended:
    """What an append did to its rows.

    new : added rows of periods that had none.
    revised : added rows of periods that had some.
    unchanged : rows of the batch that needed none.
    """

    new: int
    revised: int
    unchanged: int


def _insert(table: DeltaTable, rows: pl.DataFrame, key: Sequence[str], bounded: str) -> None:
    """Insert rows whose key is not there, on the version that `table` has open.

    The bounds on `bounded`, a column of what was compared, are implied by the key. Spelt out they let Delta
    skip files and row groups (0.03 s instead of 0.8 s on 5 million rows), and let commits elsewhere pass.
    """
    low, high = rows[bounded].min(), rows[bounded].max()
    assert isinstance(low, datetime) and isinstance(high, datetime)
    equal = [f"t.{c} = s.{c}" for c in key]
    within = [
        f"t.{bounded} >= TIMESTAMP '{low.isoformat()}'",
        f"t.{bounded} <= TIMESTAMP '{high.isoformat()}'",
    ]
    predicate = " AND ".join([*equal, *within])
    merge = table.merge(rows, predicate=predicate, source_alias="s", target_alias="t")
    merge.when_not_matched_insert_all().execute()


class Store:
    """Observations in a folder or a bucket.

    Parameters
    ----------
    where : folder, or `s3://bucket/prefix`; made by the first append, never by a read.
    """

    def __init__(self, where: Path | str | Place) -> None:
        self.place = open_place(where) if isinstance(where, Path | str) else where
        self._layout = Layout(self.place)
        self._seen_rows = False

    def _ready(self) -> State | None:
        with store_errors(self.place):
            state = self._layout.state()
        return state if state is not None and state.ready else None

    def _scan(self, table: Table, schema: dict[str, pl.DataType]) -> pl.LazyFrame:
        state = self._ready()
        if state is None:
            return pl.LazyFrame(schema=schema)
        with store_errors(self.place):
            return self._layout.scan(table, state)

    def exists(self) -> bool:
        """Whether anything was ever stored here.

        Raises
        ------
        StoreVersionError : a newer selloff wrote this store.
        StoreError : it is damaged.
        """
        return self._ready() is not None

    def is_empty(self) -> bool:
        """Whether there is not one observation, as after a first write that failed.

        A store that once had some is not looked at again: nothing is ever taken out.

        Raises
        ------
        StoreError : rows that were stored are gone, see `losses`.
        """
        state = self._ready()
        if state is None:
            return True
        if not self._seen_rows:
            seen = self._has_rows()
            lost = self._losses(state, has_rows=seen)
            if lost:
                raise StoreError(f"The store in {self.place} is damaged: {lost[0]}.", self.place.restore)
            self._seen_rows = seen
        return not self._seen_rows

    def losses(self) -> tuple[str, ...]:
        """What tells that rows were stored and are gone, in words. Empty means that nothing does.

        Delta takes a table whose last log entries are lost, or empty, for one to which nothing was added.
        """
        state = self._ready()
        return () if state is None else self._losses(state, has_rows=self._has_rows())

    def _has_rows(self) -> bool:
        return not self.collect(self.scan().head(1)).is_empty()

    def _losses(self, state: State, *, has_rows: bool) -> tuple[str, ...]:
        with store_errors(self.place):
            found = [f"the log entry {name} is empty" for name in self._layout.empty_log_entries(state)]
            if not has_rows and self._layout.has_data_files(state) and not self.payload_index().is_empty():
                found.append("it has payloads and files of observations, and a log that knows of no observation")
        return tuple(found)

    # -- write ---------------------------------------------------------------------------------------------

    def append(self, rows: pl.DataFrame, payloads: Sequence[Payload] = ()) -> Appended:
        """Add the rows that say something new, in one commit; `selloff.store.decide` has the rules.

        The payloads are kept first, so that a row never refers to bytes that are not there. A store of an
        older format is migrated first.

        Parameters
        ----------
        rows : frame with the columns of `OBSERVATION_SCHEMA`; a period may come with several `known_at`, and from
            several fetches.

        Raises
        ------
        PayloadError : a value is null, NaN or infinite, a row comes twice, a vintage is unknown, or a source
            delivered two payloads at one moment. Nothing is stored.
        StoreError : the place can't be written.
        """
        rows = rows.select(list(OBSERVATION_SCHEMA)).cast(pl.Schema(OBSERVATION_SCHEMA))
        _check_rows(rows)
        index = _checked_index(payloads)
        with store_errors(self.place), self._layout.writing() as state:
            for payload in payloads:
                keep_payload(self.place, payload)
            if payloads:
                until_committed(lambda: self._add_to_index(index, state))
            return until_committed(lambda: self._add_rows(rows, state))

    def _add_to_index(self, index: pl.DataFrame, state: State) -> None:
        table = self._layout.open("payloads", state)
        known = (
            scanned(self.place, self._layout.folder("payloads", state), table)
            .join(index.lazy(), on=_FETCH, how="semi")
            .collect()
        )
        clash = index.join(known, on=_FETCH).filter(pl.col("sha256") != pl.col("sha256_right"))
        _refuse_clash(clash)
        new = index.join(known, on=_FETCH, how="anti")
        if not new.is_empty():
            _insert(table, new, _FETCH, "fetched_at")

    def _add_rows(self, rows: pl.DataFrame, state: State) -> Appended:
        if rows.is_empty():
            return Appended(0, 0, 0)
        table = self._layout.open("observations", state)
        ends = rows["period_end"]
        known = (
            scanned(self.place, self._layout.folder("observations", state), table)
            .filter(
                pl.col("series").is_in(rows["series"].unique().implode())
                & pl.col("period_end").is_between(ends.min(), ends.max())
            )
            .collect()
            .join(rows, on=KEY, how="semi")
        )
        added = rows_to_add(rows, known)
        if not added.is_empty():
            _insert(table, added, _ROW, "period_end")
        revised = added.join(known, on=KEY, how="semi").height
        needless = rows.join(added, on=(*KEY, "value", "fetched_at"), how="anti").height
        return Appended(added.height - revised, revised, needless)

    # -- read ----------------------------------------------------------------------------------------------

    def scan(self) -> pl.LazyFrame:
        """Every row ever stored, lazily; `collect` carries it out."""
        return self._scan("observations", OBSERVATION_SCHEMA)

    def collect(self, lazy: pl.LazyFrame) -> pl.DataFrame:
        """What a query of `scan` gives.

        Raises
        ------
        StoreError : a file of the store is damaged or gone.
        """
        with store_errors(self.place):
            return lazy.collect()

    def read(
        self, series: Sequence[Series | str] | str, as_of: datetime | None, *, first_known: bool = False
    ) -> pl.DataFrame:
        """What was known of some stored series at a moment: one row per series and period.

        Parameters
        ----------
        series : entries of a catalogue, or ids of the catalogue with the installed plugins.
        as_of : aware moment; None reads with hindsight, all that was ever stored.
        first_known : whether to add a column of that name: from when on the source had any value of the period. Of a
            value that was revised, `known_at` is the moment of the revision.

        Returns
        -------
        Frame of the columns of `OBSERVATION_SCHEMA` and what was asked for, sorted by series and period. One source
        per series, the first of the catalogue's order that has any row known by then, or its splice if that source
        belongs to one.

        Raises
        ------
        SeriesNotFoundError : an id is not in the catalogue.
        NoDataError : an id is that of a derived series, which is never stored.
        """
        wanted = _entries([series] if isinstance(series, str) else series)
        lazy = self.scan().filter(pl.col("series").is_in([s.id for s in wanted]))
        if as_of is not None:
            lazy = lazy.filter(pl.col("known_at") <= as_of.astimezone(UTC))
        with store_errors(self.place):
            rows = lazy.collect()
        return resolve(rows, wanted, first_known=first_known)

    def vintages(self, series: str, start: datetime, end: datetime) -> pl.DataFrame:
        """Every stored row of the periods that ended in [start, end), each with its payload.

        Returns
        -------
        Frame of the columns of `OBSERVATION_SCHEMA`, `payload` (name) and `sha256`; null where a row has no
        payload.
        """
        period = pl.col("period_end")
        lazy = self.scan().filter((pl.col("series") == series) & (period >= start) & (period < end))
        with store_errors(self.place):
            rows = lazy.collect()
        index = self.payload_index().select(*_FETCH, "sha256", payload="name")
        return rows.join(index, on=_FETCH, how="left").sort("source", "period_end", "known_at", "fetched_at")

    # -- lineage and upkeep --------------------------------------------------------------------------------

    def payload_of(self, source: str, fetched_at: datetime) -> tuple[dict[str, object], bytes] | None:
        """Index row and raw bytes of the payload that a source delivered at a moment, or None."""
        found = self.payload_index().filter(source=source, fetched_at=fetched_at)
        if found.is_empty():
            return None
        row = found.row(0, named=True)
        return row, read_payload(self.place, row["sha256"])

    def payload_index(self) -> pl.DataFrame:
        """One row per payload: `source, fetched_at, name, sha256, bytes`; `fetched_at` is unique per
        source."""
        with store_errors(self.place):
            return self._scan("payloads", PAYLOAD_SCHEMA).collect()

    def verify_payloads(self) -> tuple[PayloadFinding, ...]:
        """Hash every payload again, and look for observations without one. Empty means that all is well."""
        with store_errors(self.place):
            fetches = self.scan().group_by(_FETCH).agg(n_rows=pl.len()).collect()
        return tuple(check_payloads(self.place, self.payload_index(), fetches))

    def disk_use(self) -> dict[str, int]:
        """Bytes by part of the store: `observations`, `payloads` (their index), `raw` (their bytes), `quarantine`."""
        with store_errors(self.place):
            return bytes_by_part(self.place)

    def compact(self, keep_hours: float = KEEP_HOURS) -> Compacted:
        """Rewrite the tables in few, ordered files and remove what nothing refers to; see
        `maintenance.compact`."""
        with store_errors(self.place):
            if not self.exists():
                return Compacted.nothing()
            with self._layout.writing() as state:
                return until_committed(lambda: compact(self._layout, state, keep_hours))


def _entries(series: Sequence[Series | str]) -> list[Series]:
    """Entries of the catalogue, those for ids out of the default one."""
    return [s if isinstance(s, Series) else _stored_series(s) for s in series]


def _stored_series(series_id: str) -> Series:
    spec = default_catalogue().find_series(series_id)
    if spec.formula is not None:
        members = " and ".join(spec.formula.members)
        hint = f"Read {members} instead." if members else "`selloff data show` gives its values."
        raise NoDataError(f"{series_id!r} is derived and never stored.", hint)
    return spec


def _checked_index(payloads: Sequence[Payload]) -> pl.DataFrame:
    index = pl.DataFrame([p.index_row() for p in payloads], schema=PAYLOAD_SCHEMA)
    _refuse_clash(index.filter(pl.col("sha256").n_unique().over(_FETCH) > 1))
    return index.unique(_FETCH, keep="first", maintain_order=True)


def _refuse_clash(clash: pl.DataFrame) -> None:
    if not clash.is_empty():
        row = clash.row(0, named=True)
        raise PayloadError(
            f"{row['source']!r} delivered two different payloads at {row['fetched_at']}.",
            "Give each payload its own `fetched_at`, a microsecond apart; nothing was stored.",
        )


def _check_rows(rows: pl.DataFrame) -> None:
    bad = rows.filter(pl.any_horizontal(pl.all().is_null()) | ~pl.col("value").is_finite())
    if not bad.is_empty():
        row = bad.row(0, named=True)
        missing = next((name for name, value in row.items() if value is None), "value")
        raise PayloadError(
            f"{row['series']!r} from {row['source']!r}, period {row['period_end']}: the {missing} is {row[missing]}.",
            "A missing value is the absence of a row; nothing was stored.",
        )
    unknown = rows.filter(~pl.col("vintage").is_in([v.value for v in Vintage]))
    if not unknown.is_empty():
        row = unknown.row(0, named=True)
        raise PayloadError(
            f"{row['series']!r} from {row['source']!r} has the vintage {row['vintage']!r}.",
            "It is exact, lagged or first_seen; nothing was stored.",
        )
    if rows.select(_ROW).n_unique() == rows.height:
        return
    row = rows.filter(rows.select(_ROW).is_duplicated()).row(0, named=True)
    raise PayloadError(
        f"{row['series']!r} from {row['source']!r} has the period {row['period_end']} twice.",
        "Remove one of the rows; nothing was stored.",
    )
