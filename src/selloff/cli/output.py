"""Where a command's result goes: a file, JSON on standard output, or the terminal; then what could not be fetched."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from rich.console import RenderableType

from selloff.cli.console import out, show_error, write_data
from selloff.errors import SelloffError, StoreError


class Result(Protocol):
    """What both `explain` and `scan` give."""

    def to_json(self) -> str: ...

    def to_html(self) -> str: ...


def _unwritable(path: Path, error: Exception) -> StoreError:
    reason = getattr(error, "strerror", None) or str(error).split("\n", 1)[0].rstrip(".")
    return StoreError(f"{path} can't be written: {reason}.", "Name a file in a folder that can be written.")


@contextlib.contextmanager
def whole_file(path: Path, *failures: type[Exception]) -> Iterator[Path]:
    """Where to write so that a file appears whole or not at all; nothing stays of one that fails.

    A link stays a link: what it leads to is replaced. A device or a pipe is written into.

    Parameters
    ----------
    failures : what a writer may raise beside `OSError`.

    Raises
    ------
    StoreError : it can't be written.
    """
    caught: tuple[type[Exception], ...] = (OSError, *failures)
    try:
        if path.exists() and not path.is_file():
            yield path
            return
        target = Path(os.path.realpath(path))
        partial = target.with_name(f".selloff-{os.getpid()}.partial")
        try:
            yield partial
            partial.replace(target)
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
    except caught as error:
        raise _unwritable(path, error) from error


def check_place(path: Path | None) -> None:
    """Fail before anything is computed if a file can't be written where it is wanted; None is no file.

    Raises
    ------
    StoreError : its folder is missing or can't be written.
    """
    if path is None:
        return
    try:
        if path.exists() and not path.is_file():
            return
        with tempfile.TemporaryFile(dir=Path(os.path.realpath(path)).parent):
            pass
    except OSError as error:
        raise _unwritable(path, error) from error


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    StoreError : it can't be written.
    """
    with whole_file(path) as place:
        place.write_text(text, encoding="utf-8")


def deliver(
    result: Result,
    terminal: Callable[[], RenderableType],
    failed: Sequence[SelloffError],
    *,
    as_json: bool,
    html: Path | None,
) -> None:
    """Write the page if asked for, print the JSON or the text; `failed` sources are named last, with exit code 2.

    Raises
    ------
    StoreError : the page can't be written.
    """
    if html is not None:
        write_file(html, result.to_html())
    if as_json:
        write_data(result.to_json())
    else:
        out.print(terminal())
    for error in failed:
        show_error(error)
    if failed:
        raise SystemExit(2)
