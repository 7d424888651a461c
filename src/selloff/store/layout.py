"""Where a store keeps what, its FORMAT file, and the states it can be in: absent, being made, ready,
damaged."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA
from selloff.errors import StoreError, StoreVersionError
from selloff.store import migrations
from selloff.store.commits import until_committed
from selloff.store.migrations import TABLES, Table
from selloff.store.payloads import PAYLOAD_SCHEMA
from selloff.store.place import Folder, Place

if TYPE_CHECKING:
    from deltalake import DeltaTable

_log = logging.getLogger("selloff.store")

SCHEMAS: dict[Table, dict[str, pl.DataType]] = {
    "observations": OBSERVATION_SCHEMA,
    "payloads": PAYLOAD_SCHEMA,
}
FORMAT = "FORMAT"


@contextmanager
def store_errors(place: Place) -> Iterator[None]:
    """Turn the storage layer's errors into one that says what to do."""
    from deltalake.exceptions import DeltaError, TableNotFoundError

    try:
        yield
    except StoreError:
        raise
    except TableNotFoundError as error:
        raise StoreError(f"The store in {place} has lost its transaction log.", place.restore) from error
    except (OSError, DeltaError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise place.failure(error) from error


def _files(opened: DeltaTable) -> dict[str, int]:
    """Size of each file of a table, by its name within the table's folder."""
    actions = pl.DataFrame(opened.get_add_actions()).select("path", "size_bytes")
    return {unquote(name): size for name, size in actions.iter_rows()}


def scanned(place: Place, folder: str, opened: DeltaTable, names: Iterable[str] | None = None) -> pl.LazyFrame:
    """An open table as a lazy frame; `names` of its files are looked up if they are not given.

    In a folder its files are scanned by name: `scan_delta` takes the address for a path as it stands, and so finds no
    file below a folder whose name an address has to escape (a space, `#`, `%`, a letter that is not ASCII).
    """
    if not isinstance(place, Folder):
        return pl.scan_delta(opened)
    files = [place.path / folder / name for name in (_files(opened) if names is None else names)]
    return pl.scan_parquet(files, glob=False) if files else pl.scan_delta(opened)


@dataclass(frozen=True)
class State:
    """What the FORMAT file says: the format's number, the folder of the tables, whether the making is
    finished."""

    format: int
    root: str = "."
    ready: bool = True


class Layout:
    """Names in a store, its creation and its migration.

    Parameters
    ----------
    place : where the store lies.
    """

    def __init__(self, place: Place) -> None:
        self.place = place

    def folder(self, table: Table, state: State) -> str:
        """Folder of a table."""
        return table if state.root == "." else f"{state.root}/{table}"

    def open(self, table: Table, state: State) -> DeltaTable:
        """The last version of a table."""
        from deltalake import DeltaTable

        return DeltaTable(self.place.address(self.folder(table, state)), storage_options=self.place.options)

    def state(self) -> State | None:
        """What is there; None before the first write.

        Raises
        ------
        StoreError : FORMAT is damaged, or gone while tables are there.
        StoreVersionError : a newer selloff wrote this store, or one so old that no migration is left.
        """
        place = self.place
        try:
            text = place.read(FORMAT)
        except FileNotFoundError:
            if any(any(place.entries(f"{t}/_delta_log")) for t in TABLES):
                raise StoreError(f"{place}/{FORMAT} is gone.", place.restore) from None
            return None
        try:
            said = json.loads(text)
            state = State(int(said["format"]), str(said.get("root", ".")), not said.get("creating", False))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{place}/{FORMAT} is damaged.", place.restore) from error
        if state.format > migrations.CURRENT:
            raise StoreVersionError(
                f"The store in {place} has format {state.format}; this selloff reads up to {migrations.CURRENT}.",
                "Update selloff, or set SELLOFF_HOME or SELLOFF_STORE to another place.",
            )
        if not migrations.can_migrate(state.format):
            raise StoreVersionError(
                f"The store in {place} has format {state.format}, which this selloff no longer reads.",
                "Open it once with an earlier selloff, or set SELLOFF_HOME or SELLOFF_STORE to another place.",
            )
        return state

    def scan(self, table: Table, state: State) -> pl.LazyFrame:
        """A table of any readable format, as one of the current format."""
        opened, folder = self.open(table, state), self.folder(table, state)
        wanted = _files(opened)
        for name, found in self.place.sizes(folder, wanted).items():
            # The reader would panic on a cut file.
            if found != wanted[name]:
                what = f"{self.place}/{folder}/{name} has {found} bytes instead of {wanted[name]}."
                raise StoreError(what, self.place.restore)
        return migrations.migrated(scanned(self.place, folder, opened, wanted), table, state.format)

    def empty_log_entries(self, state: State) -> list[str]:
        """Entries of the tables' logs that hold not one byte; Delta passes over them, and so over what they added."""
        logs = (f"{self.folder(table, state)}/_delta_log" for table in TABLES)
        return sorted(
            e.name for log in logs for e in self.place.entries(log) if e.size == 0 and e.name.endswith(".json")
        )

    def has_data_files(self, state: State) -> bool:
        """Whether files of observations lie there, whatever the log says of them."""
        folder = self.folder("observations", state)
        return any(e.name.endswith(".parquet") for e in self.place.entries(folder))

    @contextmanager
    def writing(self) -> Iterator[State]:
        """A ready store of the current format, for as long as a write lasts; made or migrated if need be.

        Appends need no lock against each other: Delta commits are atomic without it.
        """
        state = self.state()
        if state is None or not state.ready:
            self._create(state)
        elif state.format < migrations.CURRENT:
            with self.place.lock(exclusive=True):
                self._migrate()
        with self.place.lock(exclusive=False):
            state = self.state()
            assert state is not None and state.ready
            yield state

    def _create(self, state: State | None) -> None:
        """Make the tables. Every step may be repeated, and done by several processes at once.

        FORMAT says `creating` until both tables are there, so that a killed first write is told from a loss.
        """
        if state is None:
            # If it is there by now, another process is making the store as well, or has made it.
            self.place.create(FORMAT, _encoded({"format": migrations.CURRENT, "creating": True}))
        made = State(migrations.CURRENT)
        for table, schema in SCHEMAS.items():
            until_committed(partial(self._write_table, table, made, pl.DataFrame(schema=schema), "ignore"))
        self.place.write(FORMAT, _encoded({"format": migrations.CURRENT}))

    def _migrate(self) -> None:
        """Write the current format beside the old tables, then point FORMAT to it. Writers are locked out."""
        state = self.state()
        if state is None or state.format == migrations.CURRENT:
            return
        root = f"format-{migrations.CURRENT}"
        self.place.remove_folder(root)
        made = State(migrations.CURRENT, root)
        for table, schema in SCHEMAS.items():
            self._write_table(table, made, self.scan(table, state).select(list(schema)).collect(), "error")
        self.place.write(FORMAT, _encoded({"format": migrations.CURRENT, "root": root}))
        whys = "; ".join(migrations.MIGRATIONS[n].why for n in range(state.format, migrations.CURRENT))
        message = "The store in %s was migrated from format %d to %d (%s). `data compact` removes the old tables."
        _log.warning(message, self.place, state.format, migrations.CURRENT, whys)

    def _write_table(self, table: Table, state: State, rows: pl.DataFrame, mode: Literal["ignore", "error"]) -> None:
        from deltalake import write_deltalake

        address = self.place.address(self.folder(table, state))
        write_deltalake(address, rows, mode=mode, storage_options=self.place.options)


def _encoded(content: dict[str, object]) -> bytes:
    return json.dumps(content).encode()
