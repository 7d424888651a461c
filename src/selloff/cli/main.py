"""`selloff`: the entry point."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import typer

from selloff.cli.data import app as data_app
from selloff.cli.episodes import episodes
from selloff.cli.explain import explain
from selloff.cli.scan import scan
from selloff.cli.scorecard import scorecard

app = typer.Typer(
    name="selloff",
    help="Why is everything falling at once? Answered from public data, reproducibly.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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


app.command()(explain)
app.command()(episodes)
app.command()(scan)
app.command()(scorecard)
app.add_typer(data_app, name="data")


def run() -> None:
    """Console-script entry."""
    app()
