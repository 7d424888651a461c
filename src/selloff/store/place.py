"""Where a store lies: a place that reads, writes, lists and removes bytes by name, whichever sort it is.

Names are relative to the place, with `/` between their parts; a *folder* is what names before a `/` have in common.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Protocol

from selloff.errors import SettingsError, StoreError

S3 = "s3://"

_UNUSABLE = re.compile(r"[\[\]|^\\\x00-\x1f\x7f\ud800-\udfff]|%[0-9A-Fa-f]{2}")
"""What the Delta library can't have in a folder's name: it reads an escaped character as the character itself."""


@dataclass(frozen=True)
class Entry:
    """Bytes that are kept under a name: how many, and when they were written, in seconds since 1970."""

    name: str
    size: int
    modified: float


class Place(Protocol):
    """What a store needs of the place it lies in. `str()` gives its address, for messages.

    A name that is not there raises FileNotFoundError; anything else that goes wrong raises an OSError.
    """

    restore: str
    """The next step when something is damaged or lost."""

    @property
    def options(self) -> dict[str, str] | None:
        """What Delta needs to know beside the address."""

    def address(self, name: str) -> str:
        """The address of a folder, for Delta."""

    def read(self, name: str) -> bytes:
        """The bytes under a name."""

    def write(self, name: str, content: bytes) -> None:
        """Put bytes under a name, whether or not it is there. A reader sees the old ones or the new ones, whole."""

    def create(self, name: str, content: bytes) -> bool:
        """Put bytes under a new name; False, and nothing written, if it is there. Of several at once one wins."""

    def entries(self, folder: str = "") -> Iterator[Entry]:
        """Everything in a folder and below it; nothing if there is no such folder."""

    def sizes(self, folder: str, names: Iterable[str]) -> dict[str, int]:
        """Bytes of some names, given relative to a folder."""

    def remove(self, name: str) -> None:
        """Remove a name; that it is gone already is no error."""

    def remove_folder(self, folder: str) -> None:
        """Remove everything in a folder and below it."""

    def lock(self, *, exclusive: bool) -> AbstractContextManager[None]:
        """Keep a migration and writers apart, where the place can: writers share the lock, a migration has it alone."""

    def failure(self, error: BaseException) -> StoreError:
        """An error of the storage, or of Delta on it, as one that says what to do."""


def first_line(error: BaseException) -> str:
    """What an error says, on one line and without a full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


class Folder:
    """A folder of this machine.

    Parameters
    ----------
    path : it is made by the first write, never by a read.

    Raises
    ------
    SettingsError : a store can't be kept under such a name.
    """

    restore = "Restore the folder from a backup, or remove it and pull again."
    options = None

    def __init__(self, path: Path) -> None:
        self.path = path
        for part in path.absolute().parts[1:]:
            odd = _UNUSABLE.search(part)
            if odd is not None:
                what = f"The store can't be in {str(path)!r}: {odd[0]!r} can't be in the name of its folder."
                raise SettingsError(what, "Rename the folder, or set SELLOFF_HOME or SELLOFF_STORE to another one.")

    def __str__(self) -> str:
        return str(self.path)

    def address(self, name: str) -> str:
        """See `Place`."""
        return str(self.path / name)

    def read(self, name: str) -> bytes:
        """See `Place`."""
        return (self.path / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """See `Place`."""
        self._partial(name, content).replace(self.path / name)

    def create(self, name: str, content: bytes) -> bool:
        """See `Place`."""
        partial = self._partial(name, content)
        try:
            os.link(partial, self.path / name)
        except FileExistsError:
            return False
        finally:
            partial.unlink()
        return True

    def _partial(self, name: str, content: bytes) -> Path:
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}-{get_ident()}")
        partial.write_bytes(content)
        return partial

    def entries(self, folder: str = "") -> Iterator[Entry]:
        """See `Place`. What another process removes meanwhile is left out."""
        for file in (self.path / folder).rglob("*"):
            try:
                if file.is_file():
                    found = file.stat()
                    yield Entry(file.relative_to(self.path).as_posix(), found.st_size, found.st_mtime)
            except FileNotFoundError:
                continue

    def sizes(self, folder: str, names: Iterable[str]) -> dict[str, int]:
        """See `Place`."""
        return {name: (self.path / folder / name).stat().st_size for name in names}

    def remove(self, name: str) -> None:
        """See `Place`."""
        (self.path / name).unlink(missing_ok=True)

    def remove_folder(self, folder: str) -> None:
        """See `Place`."""
        shutil.rmtree(self.path / folder, ignore_errors=True)

    @contextmanager
    def lock(self, *, exclusive: bool) -> Iterator[None]:
        """See `Place`. It falls with its process. Windows has none: there, migrate while nothing else writes."""
        try:
            import fcntl
        except ImportError:
            yield
            return
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            yield

    def failure(self, error: BaseException) -> StoreError:
        """See `Place`."""
        reason = getattr(error, "strerror", None) or first_line(error)
        return StoreError(
            f"The store in {self} can't be used: {reason.rstrip('.')}.",
            "Check that the folder can be written and the disk is not full, restore it from a backup, or set "
            "SELLOFF_HOME to another one.",
        )


def open_place(where: Path | str, environment: Mapping[str, str] = os.environ) -> Place:
    """The place at an address: a folder, or `s3://bucket/prefix`. Nothing is read or made yet.

    Parameters
    ----------
    environment : a bucket is reached as its `AWS_*` variables say.

    Raises
    ------
    SettingsError : the address is of another sort, or names no bucket.
    StoreError : a bucket is asked for and the extra `s3` is not installed.
    """
    if isinstance(where, str) and where.startswith(S3):
        from selloff.store.bucket import Bucket

        return Bucket(where, environment)
    if isinstance(where, str) and "://" in where:
        raise SettingsError(f"The store can't be in {where}.", "SELLOFF_STORE takes a folder, or s3://bucket/prefix.")
    return Folder(Path(where).expanduser())
