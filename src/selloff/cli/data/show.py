"""`selloff data show`: the values of one series, as known at a moment."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import numpy as np
import typer
from rich import box
from rich.table import Table

from selloff.catalog import Series
from selloff.cli.console import context, fails_cleanly, out, write_data
from selloff.errors import NoDataError

Rows = list[dict[str, Any]]

MOST = 1_000_000_000
"""Values that can be asked for; no series has as many."""


def _stored(spec: Series, as_of: datetime, last: int) -> Rows:
    import polars as pl

    rows = context.store.read([spec], as_of).tail(last)
    names = context.store.payload_index().select("source", "fetched_at", payload="name")
    joined = rows.join(names, on=["source", "fetched_at"], how="left", maintain_order="left")
    times = [pl.col(c).dt.strftime("%Y-%m-%dT%H:%M:%SZ") for c in ("period_end", "known_at", "fetched_at")]
    columns = ("period_end", "value", "known_at", "vintage", "source", "payload", "fetched_at")
    return joined.with_columns(times).select(columns).rows(named=True)


def _derived(spec: Series, as_of: datetime, last: int) -> Rows:
    from selloff.panel import build_panel

    sessions = context.sessions
    n_rows = int(np.searchsorted(sessions.closes, int(as_of.timestamp() * 1e6), side="right"))
    panel = build_panel(context.store, context.catalogue, [spec.id], sessions, n_rows=n_rows, as_of=as_of)
    present = np.flatnonzero(~np.isnan(panel.levels[:, 0]))[-last:]
    return [{"session": str(panel.sessions[row]), "value": float(panel.levels[row, 0])} for row in present]


def _shown(name: str, value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}"
    text = str(value or "")
    return text[:16].replace("T", " ") if name in ("period_end", "known_at") else text


def _table(rows: Rows) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    names = [n for n in rows[0] if n not in ("fetched_at", "source")]
    for name in names:
        heading = {"period_end": "period end (UTC)", "known_at": "known at (UTC)"}.get(name, name)
        table.add_column(heading, justify="right" if name == "value" else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_shown(name, row[name]) for name in names))
    return table


@fails_cleanly
def show(
    series: str = typer.Argument(help="Id of the series; `selloff data series` lists them."),
    as_of: str | None = typer.Option(None, help="A date (09:00) or timestamp, New York. Default: now."),
    last: int = typer.Option(10, min=1, help="So many values, the latest ones."),
    as_json: bool = typer.Option(False, "--json", help="Print as JSON."),
) -> None:
    """Show the last values of a series, as they were known at a moment."""
    from selloff.panel.clock import parse_moment

    spec = context.catalogue.find_series(series)
    moment = context.now if as_of is None else parse_moment(as_of)
    rows = (_stored if spec.formula is None else _derived)(spec, moment, min(last, MOST))
    if not rows:
        when = "" if as_of is None else f" as of {as_of}"
        raise NoDataError(f"The store has no value of {series!r}{when}.", "`selloff data status` shows what is there.")
    if as_json:
        described = {"series": spec.id, "name": spec.name, "unit": spec.unit.value, "licence": spec.licence}
        shown = {**described, "flags": list(spec.flags), "note": spec.note, "values": rows}
        write_data(json.dumps(shown, indent=1) + "\n")
        return
    origin = "" if spec.formula is None else f", computed from {', '.join(spec.formula.members) or 'a dated table'}"
    unit = spec.unit.info.symbol or spec.unit.value.replace("_", " ")
    out.print(f"{spec.name} ({unit}{origin})")
    if spec.levels_mean_nothing:
        out.print("Levels mean nothing here, only their moves.")
    out.print(_table(rows))
    for text in (spec.note, f"Licence: {spec.licence}" if spec.licence else None):
        if text:
            out.print(text, style="dim")
