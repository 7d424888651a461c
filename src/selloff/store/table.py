"""The observation table: append only, atomic, read as of any moment.

A Delta Lake table. A row is added only if its value differs from the latest that its source gave for that
period, so A→B→A is three rows. The comparison and the insert are one Delta `merge` on the version that was
compared; a concurrent commit makes it fail, and it is tried again on the new version.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA, Series
from selloff.errors import PayloadError, StoreError, StoreVersionError
from selloff.store.asof import latest_per_source, resolve_vintages, select_sources
from selloff.store.payloads import Payload, keep_payload, read_payload

FORMAT = 1
PAYLOAD_SCHEMA: dict[str, pl.DataType] = {
    "source": pl.String(),
    "fetched_at": OBSERVATION_SCHEMA["fetched_at"],
    "name": pl.String(),
    "sha256": pl.String(),
    "bytes": pl.Int64(),
}
_KEY = ("series", "source", "period_end")
_ATTEMPTS = 60


@dataclass(frozen=True)
class Appended:
    """What an append did: rows new to their period, rows that revise one, rows that were already there."""

    new: int
    revised: int
    unchanged: int


@contextmanager
def _store_errors(path: Path) -> Iterator[None]:
    """Turn the storage layer's errors into one that says what to do."""
    from deltalake.exceptions import DeltaError

    try:
        yield
    except StoreError:
        raise
    except (OSError, DeltaError, pl.exceptions.ComputeError) as error:
        reason = getattr(error, "strerror", None) or str(error).split("\n", 1)[0]
        raise StoreError(
            f"The store in {path} can't be used: {reason}.",
            "Check that the folder can be written and the disk is not full, or set SELLOFF_HOME to another one.",
        ) from error


class Store:
    """Observations on disk.

    Parameters
    ----------
    path : folder of the store; it is created by the first append, never by a read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._observations = path / "observations"
        self._payload_index = path / "payloads"
        self._raw = path / "raw"

    # -- state ---------------------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether anything was ever stored here.

        Raises
        ------
        StoreVersionError : a newer selloff wrote this store.
        """
        with _store_errors(self.path):
            if not (self.path / "FORMAT").exists():
                return False
            try:
                found = int(json.loads((self.path / "FORMAT").read_text())["format"])
            except (ValueError, KeyError, TypeError) as error:
                raise StoreError(
                    f"{self.path / 'FORMAT'} is damaged.", "Restore the folder from a backup, or remove it."
                ) from error
        if found > FORMAT:
            raise StoreVersionError(
                f"The store in {self.path} has format {found}; this selloff reads up to {FORMAT}.",
                "Update selloff, or set SELLOFF_HOME to another folder.",
            )
        return (self._observations / "_delta_log").is_dir()

    def _create(self) -> None:
        from deltalake import write_deltalake

        self.path.mkdir(parents=True, exist_ok=True)
        partial = self.path / f".FORMAT.{os.getpid()}"
        partial.write_text(json.dumps({"format": FORMAT}))
        partial.replace(self.path / "FORMAT")
        for folder, schema in (
            (self._payload_index, PAYLOAD_SCHEMA),
            (self._observations, OBSERVATION_SCHEMA),
        ):
            write_deltalake(str(folder), pl.DataFrame(schema=schema), mode="ignore")

    # -- write ---------------------------------------------------------------------------------------------

    def append(self, rows: pl.DataFrame, payloads: Sequence[Payload] = ()) -> Appended:
        """Add the rows whose value differs from their source's latest for the period, in one commit.

        The payloads are kept first, so that a row never refers to bytes that are not there. A value that
        revises a `lagged` one is known from the moment it was fetched, whatever the release rule says.

        Parameters
        ----------
        rows : frame with the columns of `OBSERVATION_SCHEMA`; one row per series, source, period and vintage.

        Raises
        ------
        PayloadError : a value is null, NaN or infinite, or a row comes twice. Nothing is stored.
        StoreError : the folder can't be written.
        """
        rows = rows.select(list(OBSERVATION_SCHEMA)).cast(OBSERVATION_SCHEMA)  # type: ignore[arg-type]
        _check_rows(rows)
        with _store_errors(self.path):
            if not self.exists():
                self._create()
            self._keep(payloads)
            return self._merge(rows)

    def _keep(self, payloads: Sequence[Payload]) -> None:
        from deltalake import write_deltalake

        if not payloads:
            return
        for payload in payloads:
            keep_payload(self._raw, payload)
        index = pl.DataFrame([p.index_row() for p in payloads], schema=PAYLOAD_SCHEMA)
        write_deltalake(str(self._payload_index), index, mode="append")

    def _merge(self, rows: pl.DataFrame) -> Appended:
        from deltalake import DeltaTable
        from deltalake.exceptions import CommitFailedError

        for attempt in range(_ATTEMPTS):
            table = DeltaTable(str(self._observations))
            known = (
                pl.scan_delta(table)
                .filter(pl.col("series").is_in(rows["series"].unique().implode()))
                .join(rows.lazy().select(_KEY).unique(), on=_KEY, how="semi")
                .collect()
            )
            fresh = _differing(rows, latest_per_source(known))
            revised = fresh.join(known, on=_KEY, how="semi").height
            if fresh.is_empty():
                return Appended(0, 0, rows.height)
            merge = table.merge(
                fresh,
                predicate=" AND ".join(f"t.{c} = s.{c}" for c in (*_KEY, "known_at", "fetched_at")),
                source_alias="s",
                target_alias="t",
            ).when_not_matched_insert_all()
            try:
                merge.execute()
            except CommitFailedError:
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            return Appended(fresh.height - revised, revised, rows.height - fresh.height)
        raise AssertionError("unreachable")

    # -- read ----------------------------------------------------------------------------------------------

    def scan(self) -> pl.LazyFrame:
        """Every row ever stored, lazily."""
        if not self.exists():
            return pl.LazyFrame(schema=OBSERVATION_SCHEMA)
        return pl.scan_delta(str(self._observations))

    def read(self, series: Sequence[Series], as_of: datetime | None) -> pl.DataFrame:
        """What was known of some stored series at a moment: one row per series and period.

        Parameters
        ----------
        as_of : aware moment; None reads with hindsight, all that was ever stored.

        Returns
        -------
        Frame of the columns of `OBSERVATION_SCHEMA`, sorted by series and period. One source per series, the first
        of the catalogue's order that has any row, unless the catalogue declares a splice.
        """
        if not self.exists():
            return pl.DataFrame(schema=OBSERVATION_SCHEMA)
        with _store_errors(self.path):
            lazy = pl.scan_delta(str(self._observations)).filter(pl.col("series").is_in([s.id for s in series]))
            if as_of is not None:
                lazy = lazy.filter(pl.col("known_at") <= as_of)
            rows = lazy.collect()
        return select_sources(resolve_vintages(rows), series)

    def payload_of(self, source: str, fetched_at: datetime) -> tuple[dict[str, object], bytes] | None:
        """Index row and raw bytes of the payload that a source delivered at a moment, or None."""
        if not self.exists():
            return None
        found = self.payload_index().filter(source=source, fetched_at=fetched_at)
        if found.is_empty():
            return None
        row = found.row(0, named=True)
        return row, read_payload(self._raw, row["sha256"])

    def payload_index(self) -> pl.DataFrame:
        """One row per payload: `source, fetched_at, name, sha256, bytes`; `fetched_at` is unique per source."""
        if not self.exists():
            return pl.DataFrame(schema=PAYLOAD_SCHEMA)
        with _store_errors(self.path):
            return pl.read_delta(str(self._payload_index))


def _check_rows(rows: pl.DataFrame) -> None:
    bad = rows.filter(pl.any_horizontal(pl.all().is_null()) | ~pl.col("value").is_finite())
    if not bad.is_empty():
        row = bad.row(0, named=True)
        raise PayloadError(
            f"{row['series']!r} from {row['source']!r}, period {row['period_end']}: the value is {row['value']}.",
            "A missing value is the absence of a row; nothing was stored.",
        )
    twice = rows.filter(rows.select(*_KEY, "known_at").is_duplicated())
    if not twice.is_empty():
        row = twice.row(0, named=True)
        raise PayloadError(
            f"{row['series']!r} from {row['source']!r} has the period {row['period_end']} twice.",
            "Remove one of the rows; nothing was stored.",
        )


def _differing(rows: pl.DataFrame, latest: pl.DataFrame) -> pl.DataFrame:
    """The rows that differ from the latest known value, revisions of lagged values dated when they were fetched.

    Within one batch a period may come with several vintages; each is compared with the one before it.
    """
    joined = (
        rows.sort(*_KEY, "known_at", "fetched_at")
        .join(latest.select(*_KEY, before="value", before_known="known_at"), on=_KEY, how="left")
        .with_columns(
            before=pl.coalesce(pl.col("value").shift(1).over(_KEY), "before"),
            first=pl.int_range(pl.len()).over(_KEY) == 0,
        )
    )
    revision = pl.col("before_known").is_not_null() & (pl.col("vintage") == "lagged")
    return (
        joined.filter(pl.col("before").is_null() | (pl.col("before") != pl.col("value")))
        .with_columns(
            known_at=pl.when(revision).then(pl.max_horizontal("known_at", "fetched_at")).otherwise("known_at"),
            vintage=pl.when(revision).then(pl.lit("first_seen")).otherwise("vintage"),
        )
        .select(list(OBSERVATION_SCHEMA))
    )
