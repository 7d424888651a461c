"""Where a store keeps what, its FORMAT file, and the states it can be in: absent, being made, ready,
damaged."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA
from selloff.errors import StoreError, StoreVersionError
from selloff.store import migrations
from selloff.store.migrations import TABLES, Table
from selloff.store.payloads import PAYLOAD_SCHEMA

if TYPE_CHECKING:
    from deltalake import DeltaTable

_log = logging.getLogger("selloff.store")

SCHEMAS: dict[Table, dict[str, pl.DataType]] = {
    "observations": OBSERVATION_SCHEMA,
    "payloads": PAYLOAD_SCHEMA,
}
_RESTORE = "Restore the folder from a backup, or remove it and pull again."


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn the storage layer's errors into one that says what to do."""
    from deltalake.exceptions import DeltaError, TableNotFoundError

    try:
        yield
    except StoreError:
        raise
    except TableNotFoundError as error:
        raise StoreError(f"The store in {path} has lost its transaction log.", _RESTORE) from error
    except (OSError, DeltaError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = getattr(error, "strerror", None) or (str(error).splitlines() or [type(error).__name__])[0]
        raise StoreError(
            f"The store in {path} can't be used: {reason.rstrip('.')}.",
            "Check that the folder can be written and the disk is not full, or restore it from a backup.",
        ) from error


def _check_files(opened: DeltaTable, folder: Path) -> None:
    """Every file of the table has the size that the log says; the reader would panic on a cut one."""
    actions = pl.DataFrame(opened.get_add_actions()).select("path", "size_bytes")
    for name, size in actions.iter_rows():
        found = (folder / unquote(name)).stat().st_size
        if found != size:
            raise StoreError(f"{folder / name} has {found} bytes instead of {size}.", _RESTORE)


@dataclass(frozen=True)
class State:
    """What the FORMAT file says: the format's number, the folder of the tables, whether the making is
    finished."""

    format: int
    root: str = "."
    ready: bool = True


class Layout:
    """Paths of a store, its creation and its migration.

    Parameters
    ----------
    path : folder of the store.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.raw = path / "raw"
        self.format_file = path / "FORMAT"

    def table(self, table: Table, state: State) -> Path:
        """Folder of a table."""
        return self.path / state.root / table

    def state(self) -> State | None:
        """What is there; None before the first write.

        Raises
        ------
        StoreError : FORMAT is damaged, or gone while tables are there.
        StoreVersionError : a newer selloff wrote this store, or one so old that no migration is left.
        """
        try:
            text = self.format_file.read_text(encoding="utf-8")
        except FileNotFoundError:
            if any((self.path / t / "_delta_log").is_dir() for t in TABLES):
                raise StoreError(f"{self.format_file} is gone.", _RESTORE) from None
            return None
        try:
            said = json.loads(text)
            state = State(int(said["format"]), str(said.get("root", ".")), not said.get("creating", False))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{self.format_file} is damaged.", _RESTORE) from error
        if state.format > migrations.CURRENT:
            raise StoreVersionError(
                f"The store in {self.path} has format {state.format}; this selloff reads up to {migrations.CURRENT}.",
                "Update selloff, or set SELLOFF_HOME to another folder.",
            )
        if not migrations.can_migrate(state.format):
            raise StoreVersionError(
                f"The store in {self.path} has format {state.format}, which this selloff no longer reads.",
                "Open it once with an earlier selloff, or set SELLOFF_HOME to another folder.",
            )
        return state

    def scan(self, table: Table, state: State) -> pl.LazyFrame:
        """A table of any readable format, as one of the current format."""
        from deltalake import DeltaTable

        opened = DeltaTable(str(self.table(table, state)))
        _check_files(opened, self.table(table, state))
        return migrations.migrated(pl.scan_delta(opened), table, state.format)

    @contextmanager
    def writing(self) -> Iterator[State]:
        """A ready store of the current format, for as long as a write lasts; made or migrated if need be."""
        self.path.mkdir(parents=True, exist_ok=True)
        state = self.state()
        if state is None or not state.ready:
            self._create(state)
        elif state.format < migrations.CURRENT:
            with self._lock(exclusive=True):
                self._migrate()
        with self._lock(exclusive=False):
            state = self.state()
            assert state is not None and state.ready
            yield state

    def _create(self, state: State | None) -> None:
        """Make the tables. Every step may be repeated, and done by several processes at once.

        FORMAT says `creating` until both tables are there, so that a killed first write is told from a loss.
        """
        from deltalake import write_deltalake

        if state is None:
            partial = self._write_partial({"format": migrations.CURRENT, "creating": True})
            try:
                os.link(partial, self.format_file)
            except FileExistsError:
                pass  # another process is making the store as well, or has made it
            finally:
                partial.unlink()
        made = State(migrations.CURRENT)
        for table, schema in SCHEMAS.items():
            write_deltalake(str(self.table(table, made)), pl.DataFrame(schema=schema), mode="ignore")
        self._write_partial({"format": migrations.CURRENT}).replace(self.format_file)

    def _migrate(self) -> None:
        """Write the current format beside the old tables, then point FORMAT to it. Writers are locked out."""
        from deltalake import write_deltalake

        state = self.state()
        if state is None or state.format == migrations.CURRENT:
            return
        root = f"format-{migrations.CURRENT}"
        shutil.rmtree(self.path / root, ignore_errors=True)
        made = State(migrations.CURRENT, root)
        for table, schema in SCHEMAS.items():
            frame = self.scan(table, state).select(list(schema)).collect()
            write_deltalake(str(self.table(table, made)), frame)
        self._write_partial({"format": migrations.CURRENT, "root": root}).replace(self.format_file)
        whys = "; ".join(migrations.MIGRATIONS[n].why for n in range(state.format, migrations.CURRENT))
        message = "The store in %s was migrated from format %d to %d (%s). `data compact` removes the old tables."
        _log.warning(message, self.path, state.format, migrations.CURRENT, whys)

    def _write_partial(self, content: dict[str, object]) -> Path:
        partial = self.path / f".FORMAT.{os.getpid()}"
        partial.write_text(json.dumps(content), encoding="utf-8")
        return partial

    @contextmanager
    def _lock(self, *, exclusive: bool) -> Iterator[None]:
        """Writers share the lock, a migration has it alone. It falls with its process.

        Appends don't need it against each other: Delta commits are atomic without it.
        """
        try:
            import fcntl
        except ImportError:  # Windows has none: there, migrate while nothing else writes
            yield
            return
        with (self.path / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            yield
