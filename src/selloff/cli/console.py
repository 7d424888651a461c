"""What every command shares: the consoles, the context, and errors turned into one line and exit code 2."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from rich.console import Console
from rich.text import Text

from selloff.errors import SelloffError

if TYPE_CHECKING:
    from selloff.catalog import Catalogue
    from selloff.catalog.sessions import Sessions
    from selloff.settings import Settings
    from selloff.store import Store

P = ParamSpec("P")
R = TypeVar("R")

# Without markup and emoji codes: names of files, columns and episodes come from outside and may hold `[/x]` or `:x:`.
out = Console(soft_wrap=False, highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)


def show_error(error: SelloffError) -> None:
    """One error: what was wrong, and the next step."""
    err.print(Text.assemble(("error:", "bold red"), " ", error.message), soft_wrap=True)
    if error.hint:
        err.print(f"       {error.hint}", soft_wrap=True)


def write_data(text: str) -> None:
    """JSON or CSV on standard output: UTF-8 with plain line ends, whatever the terminal's encoding (RFC 8259, 8.1)."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def say_progress(line: str) -> None:
    """One line about what takes time, beside the output."""
    err.print(line, style="dim")


def lose_output(error: OSError) -> int:
    """Say once that the output can't be written, drop the rest of it, and give the exit code: 0 if nobody reads it."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return 0
    what = f"{error.filename} can't be used" if error.filename else "The output can't be written"
    with contextlib.suppress(OSError):
        show_error(SelloffError(f"{what}: {error.strerror or error}.", "Check where it goes, and the disk."))
    return 2


def fails_cleanly(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command; a selloff error becomes its message and exit code 2, Ctrl-C exit code 130."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SelloffError as error:
            show_error(error)
            raise SystemExit(2) from None
        except OSError as error:
            raise SystemExit(lose_output(error)) from None
        except KeyboardInterrupt:
            err.print("interrupted; the store is as it was before this command's last commit")
            raise SystemExit(130) from None

    return run


class Context:
    """Settings, catalogue, sessions and store of one run, each made when first needed."""

    @functools.cached_property
    def settings(self) -> Settings:
        """The user's settings."""
        from selloff.settings import load_settings

        return load_settings()

    @functools.cached_property
    def catalogue(self) -> Catalogue:
        """The shipped catalogue with the user's own causes."""
        from selloff.catalog import default_catalogue

        return default_catalogue(self.settings.causes_path)

    @functools.cached_property
    def now(self) -> datetime:
        """The moment the command started."""
        return datetime.now(UTC)

    @functools.cached_property
    def sessions(self) -> Sessions:
        """New York sessions."""
        from selloff.catalog.sessions import load_sessions

        return load_sessions(self.settings.cache_path, last_year=self.now.year + 1)

    @functools.cached_property
    def store(self) -> Store:
        """The observation store."""
        from selloff.store import Store

        return Store(self.settings.store_place)


context = Context()
