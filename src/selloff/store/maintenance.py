"""Upkeep: few, ordered files instead of many, and no files that nothing refers to. No read changes.

Rewriting is a Delta commit that says "same rows, other files": a reader goes on with the files it began with,
an append in flight conflicts and is decided again. Those older files, files that a killed writer left behind,
and the tables of a format that was migrated away, are removed once they are `keep_hours` old. A read lasts
seconds and an append less than a minute, so nobody can still be using them.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from selloff.store.layout import Layout, State
from selloff.store.migrations import TABLES

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


def _size(path: Path) -> tuple[int, int]:
    sizes = []
    for file in path.rglob("*"):
        try:
            if file.is_file():
                sizes.append(file.stat().st_size)
        except FileNotFoundError:
            continue  # another process removed it in between
    return len(sizes), sum(sizes)


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
    from deltalake import DeltaTable, WriterProperties

    files_before, bytes_before = _size(layout.path)
    observations = DeltaTable(str(layout.table("observations", state)))
    if len(observations.file_uris()) > 1:
        grouped = WriterProperties(max_row_group_size=ROW_GROUP)
        observations.optimize.z_order(list(Z_ORDER), writer_properties=grouped)
    index = DeltaTable(str(layout.table("payloads", state)))
    index.optimize.compact()
    for table in TABLES:
        _vacuum(layout.table(table, state), keep_hours)
    for path in _unreferenced(layout, state, time.time() - keep_hours * 3600):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    files_after, bytes_after = _size(layout.path)
    return Compacted(files_before, files_after, bytes_before, bytes_after)


def _vacuum(folder: Path, keep_hours: float) -> None:
    """Files that no version needs any more, and those that never belonged to one."""
    from deltalake import DeltaTable

    DeltaTable(str(folder)).vacuum(
        retention_hours=int(keep_hours), dry_run=False, enforce_retention_duration=False, full=True
    )


def _unreferenced(layout: Layout, state: State, before: float) -> Iterator[Path]:
    """Half-written files, payloads that the index does not have, and tables of former formats, if old
    enough."""

    def old(path: Path) -> bool:
        try:
            return path.stat().st_mtime <= before
        except FileNotFoundError:
            return False

    # Listed before the index is read: a payload kept since is not in the list, one indexed since is in the
    # index.
    raw = [path for path in layout.raw.glob("*/*") if old(path)]
    indexed = set(layout.scan("payloads", state).select(pl.col("sha256").unique()).collect()["sha256"])
    yield from (p for p in raw if p.name.startswith(".") or p.name.removesuffix(".gz") not in indexed)
    yield from (p for p in layout.path.glob(".FORMAT.*") if old(p))
    roots = {layout.path, *layout.path.glob("format-*")} - {layout.path / state.root}
    for root in roots:
        tables = [root / t for t in TABLES] if root == layout.path else [root]
        yield from (t for t in tables if t.is_dir() and old(layout.format_file) and old(t))
