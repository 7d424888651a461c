"""`selloff data status`: what is stored, how fresh, how well dated, under which licence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.console import RenderableType
from rich.table import Table

from selloff.cli.console import context, fails_cleanly, out, write_data
from selloff.cli.data.render import size

if TYPE_CHECKING:
    from selloff.panel.coverage import StoreStatus

SHOWN = 3
"""Series named per licence; `--json` has each series' own."""


def _table(status: StoreStatus) -> RenderableType:
    from selloff.report.stacked import Column, StackedTable

    columns = (
        Column("series"),
        Column("rows", right=True),
        Column("from"),
        Column("to"),
        Column("due since", below="due since {}"),
        Column("vintage", below="{}"),
        Column("source", below="{}"),
    )
    rows = []
    for s in status.series:
        due = f"{s.due_since:%Y-%m-%d}" if s.due_since is not None else ""
        quality = ", ".join(v if len(s.vintages) == 1 else f"{v} {n:,}" for v, n in s.vintages.items())
        source = s.source if s.verified else f"{s.source} (unverified)"
        rows.append((s.series, f"{s.rows:,}", s.first, s.last, due, quality, source))
    return StackedTable(columns, rows)


def _licences(status: StoreStatus) -> Table:
    named: dict[str, list[str]] = {}
    for s in status.series:
        named.setdefault(s.licence or "not stated", []).append(s.series)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("licence", overflow="fold")
    table.add_column("series", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for licence, series in sorted(named.items(), key=lambda item: -len(item[1])):
        more = f" and {len(series) - SHOWN} more" if len(series) > SHOWN else ""
        table.add_row(licence, str(len(series)), ", ".join(series[:SHOWN]) + more)
    return table


@fails_cleanly
def status(
    licences: bool = typer.Option(False, "--licences", help="Also list the licences, with their series."),
    as_json: bool = typer.Option(False, "--json", help="Print as JSON."),
) -> None:
    """Coverage, freshness against the release calendar, vintage quality, licence and disk use."""
    from selloff.panel.coverage import store_status

    found = store_status(context.store, context.catalogue, context.sessions, context.now)
    if as_json:
        write_data(json.dumps(found.to_dict(), indent=1) + "\n")
        return
    if not found.series:
        out.print(f"Nothing is stored in {context.store.place} yet: `selloff data pull starter` fetches a start.")
        return
    out.print(_table(found))
    if licences:
        out.print(_licences(found))
    due = sum(s.due_since is not None for s in found.series)
    doubtful = sorted({s.source for s in found.series if not s.verified})
    if doubtful:
        out.print(f"Unverified: {', '.join(doubtful)}. No real body was at hand when their parsers were written.")
    rows = sum(s.rows for s in found.series)
    disk = ", ".join(f"{part} {size(n)}" for part, n in found.disk.items())
    out.print(
        f"{len(found.series)} series with {rows:,} rows, {due} of them with a newer value due; "
        f"{len(found.empty)} catalogued series have none."
    )
    if not licences:
        n_licences = len({s.licence for s in found.series})
        out.print(f"{n_licences} licence{'s' if n_licences > 1 else ''}: `--licences` lists them.")
    out.print(f"{context.store.place}: {disk}")
