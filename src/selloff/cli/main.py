"""`selloff`: the entry point."""

from __future__ import annotations

import gc
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

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


def run() -> None:
    """Console-script entry."""
    gc.set_threshold(NEW_OBJECTS)
    app()
