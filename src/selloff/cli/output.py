"""Where a command's result goes: a file, JSON on standard output, or the terminal; then what could not be fetched."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from rich.console import RenderableType

from selloff.cli.console import out, show_error
from selloff.errors import SelloffError, StoreError


class Result(Protocol):
    """What both `explain` and `scan` give."""

    def to_json(self) -> str: ...

    def to_html(self) -> str: ...


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    StoreError : it can't be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StoreError(
            f"{path} can't be written: {error.strerror}.", "Name a file in a folder that can be written."
        ) from error


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
        sys.stdout.write(result.to_json())
    else:
        out.print(terminal())
    for error in failed:
        show_error(error)
    if failed:
        raise SystemExit(2)
