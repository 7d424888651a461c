"""`selloff data quarantine`: values set aside, and what to do with them."""

from __future__ import annotations

from typing import Annotated

import typer

from selloff.cli.console import context, err, fails_cleanly, out

app = typer.Typer(help="Values that were set aside.", no_args_is_help=True, rich_markup_mode=None)
Ids = Annotated[list[str], typer.Argument(help="Ids, as `list` shows them.")]


@app.command("list")
@fails_cleanly
def list_values(
    everything: Annotated[bool, typer.Option("--all", help="Also those that were accepted or rejected.")] = False,
) -> None:
    """List the values that wait for a decision, with the reason."""
    from rich import box
    from rich.table import Table

    from selloff.pull.checks import REASONS
    from selloff.pull.quarantine import SET_ASIDE, Quarantine

    rows = Quarantine(context.store.place).listed(None if everything else SET_ASIDE)
    if rows.is_empty():
        err.print("No value is set aside.")
        return
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("id", "series", "source", "period ended (UTC)", "value", "state", "why"):
        table.add_column(name, justify="right" if name == "value" else "left", no_wrap=name == "id")
    for row in rows.iter_rows(named=True):
        ended = f"{row['period_end']:%Y-%m-%d %H:%M}"
        state = "waits" if row["event"] == SET_ASIDE else row["event"]
        table.add_row(
            row["id"], row["series"], row["source"], ended, f"{row['value']:g}", state, REASONS[row["reason"]].text
        )
    out.print(table)


@app.command()
@fails_cleanly
def accept(ids: Ids) -> None:
    """Store values as they were delivered, with the moment and bytes they came from."""
    from selloff.pull.quarantine import Quarantine

    appended = Quarantine(context.store.place).accept(ids, context.store, context.now)
    err.print(f"stored {appended.new} new and {appended.revised} revised values")


@app.command()
@fails_cleanly
def reject(ids: Ids) -> None:
    """Leave values out; they stay on record and are not asked about again."""
    from selloff.pull.quarantine import Quarantine

    err.print(f"rejected {Quarantine(context.store.place).reject(ids, context.now)} values")
