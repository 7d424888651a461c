"""`selloff`: the entry point."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
if not os.environ.get("COLUMNS", "").strip("0"):  # some terminals say 0 where they do not know
    os.environ.pop("COLUMNS", None)

import typer

from selloff.cli.commands import CommandGroup

app = typer.Typer(
    name="selloff",
    cls=CommandGroup,
    help="Why is everything falling at once? Answered from public data, reproducibly.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

NEW_OBJECTS = 50_000
"""New objects between two searches for unreachable ones; Python's own 700 costs 50 ms while modules load."""


def _version(show: bool) -> None:
    if show:
        from importlib.metadata import version

        typer.echo(f"selloff {version('selloff')}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and leave."
    ),
) -> None:
    """Why is everything falling at once? Answered from public data, reproducibly."""


def _prepare_streams() -> None:
    """A closed stream takes what is written and drops it; what an encoding lacks is written as `?`."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (open to the end)
            setattr(sys, name, nowhere)
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def run() -> None:
    """Console-script entry."""
    gc.set_threshold(NEW_OBJECTS)
    _prepare_streams()
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except OSError as error:
        from selloff.cli.console import lose_output

        raise SystemExit(lose_output(error)) from None
