"""Upkeep: few, ordered files instead of many, and no files that nothing refers to. No read changes.

Rewriting is a Delta commit that says "same rows, other files": a reader goes on with the files it began with,
an append in flight conflicts and is decided again. Those older files, files that a killed writer left behind,
and the tables of a format that was migrated away, are removed once they are `keep_hours` old. A read lasts
seconds and an append less than a minute, so nobody can still be using them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from selloff.store.layout import FORMAT, Layout, State
from selloff.store.migrations import TABLES
from selloff.store.payloads import RAW, payload_name
from selloff.store.place import Place

if TYPE_CHECKING:
    from deltalake import DeltaTable

KEEP_HOURS = 6.0
"""Age at which an unreferenced file is removed: far above the longest read or append."""

Z_ORDER = ("series",)
"""Reads take whole series. Ordered by series and period, 40 series out of 5 million rows take 1.3 × as long."""

ROW_GROUP = 100_000
"""Rows that a scan skips or takes as one: with a million (Delta's own) the scan takes 2.4 × as long."""


@dataclass(frozen=True)
class Compacted:
    """Files and bytes of the store before and after."""

    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int

    @classmethod
    def nothing(cls) -> Compacted:
        """The result for a store that was never written."""
        return cls(0, 0, 0, 0)


def _size(place: Place) -> tuple[int, int]:
    sizes = [e.size for e in place.entries()]
    return len(sizes), sum(sizes)


def bytes_by_part(place: Place) -> dict[str, int]:
    """Bytes by first part of the name, for parts that have several."""
    parts: dict[str, int] = {}
    for entry in place.entries():
        part, _, rest = entry.name.partition("/")
        if rest:
            parts[part] = parts.get(part, 0) + entry.size
    return dict(sorted(parts.items()))


def compact(layout: Layout, state: State, keep_hours: float) -> Compacted:
    """Order the observations by series, merge the index's files, remove what nothing refers to.

    Parameters
    ----------
    keep_hours : age at which unreferenced files go. Below `KEEP_HOURS` only while nothing else uses the store: a
        read or append in flight would lose its files (it fails; nothing stored is lost).

    Raises
    ------
    CommitFailedError : another process committed first; call it again.
    """
    from deltalake import WriterProperties

    place = layout.place
    files_before, bytes_before = _size(place)
    observations = layout.open("observations", state)
    if len(observations.file_uris()) > 1:
        grouped = WriterProperties(max_row_group_size=ROW_GROUP)
        observations.optimize.z_order(list(Z_ORDER), writer_properties=grouped)
    layout.open("payloads", state).optimize.compact()
    for table in TABLES:
        _vacuum(layout.open(table, state), keep_hours)
    before = time.time() - keep_hours * 3600
    for name in _unreferenced(layout, state, before):
        place.remove(name)
    for folder in _former_tables(layout, state, before):
        place.remove_folder(folder)
    files_after, bytes_after = _size(place)
    return Compacted(files_before, files_after, bytes_before, bytes_after)


def _vacuum(table: DeltaTable, keep_hours: float) -> None:
    """Files that no version needs any more, and those that never belonged to one."""
    table.vacuum(retention_hours=int(keep_hours), dry_run=False, enforce_retention_duration=False, full=True)


def _is_half_written(name: str) -> bool:
    last = name.rpartition("/")[2]
    return last.startswith(".") and last != ".lock"


def _unreferenced(layout: Layout, state: State, before: float) -> Iterator[str]:
    """Half-written files, and payloads that the index does not have, if old enough."""
    # Listed before the index is read: a payload kept since is not in the list, one indexed since is in the
    # index.
    raw = [e.name for e in layout.place.entries(RAW) if e.modified <= before]
    indexed = set(layout.scan("payloads", state).select(pl.col("sha256").unique()).collect()["sha256"])
    known = {payload_name(sha256) for sha256 in indexed}
    yield from (name for name in raw if name not in known)
    top = [e for e in layout.place.entries() if "/" not in e.name]
    yield from (e.name for e in top if _is_half_written(e.name) and e.modified <= before)


def _former_tables(layout: Layout, state: State, before: float) -> Iterator[str]:
    """Folders of tables of a former format, if they and FORMAT have been left alone long enough."""
    newest: dict[str, float] = {}
    for entry in layout.place.entries():
        first = entry.name.partition("/")[0]
        newest[first] = max(newest.get(first, 0.0), entry.modified)
    current = TABLES if state.root == "." else (state.root,)
    former = [f for f in newest if (f in TABLES or f.startswith("format-")) and f not in current]
    yield from (f for f in former if max(newest[f], newest[FORMAT]) <= before)
