"""`selloff data vintages`: everything that was ever stored of one period, down to the bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from selloff.cli.console import context, fails_cleanly, out
from selloff.cli.data.render import Shape, show
from selloff.errors import NoDataError, WindowError

if TYPE_CHECKING:
    import polars as pl

    from selloff.report.stacked import StackedTable

_SHORT_HASH = 7
_MINUTE = "%Y-%m-%d %H:%M"


def parse_period(text: str) -> tuple[datetime, datetime]:
    """The span [start, end) of period ends that a year, month or day in New York, or one exact moment, means.

    Raises
    ------
    WindowError : it can't be read.
    """
    from selloff.panel.clock import NEW_YORK_ZONE

    said = re.fullmatch(r"(\d{4})(?:-(\d{2}))?", text.strip())
    try:
        if said is not None:
            year, month = int(said[1]), int(said[2] or 1)
            moment = datetime(year, month, 1)
            n_months = 1 if said[2] else 12
            end = datetime(year + (month - 1 + n_months) // 12, (month - 1 + n_months) % 12 + 1, 1)
        else:
            moment = datetime.fromisoformat(text.strip())
            is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()) is not None
            # Added before the change of zone: a day of New York may have 23 or 25 hours.
            end = moment + (timedelta(days=1) if is_day else timedelta(microseconds=1))
        start, stop = (m.replace(tzinfo=m.tzinfo or NEW_YORK_ZONE).astimezone(UTC) for m in (moment, end))
    except (ValueError, OverflowError) as error:
        hint = "Write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHH:MM."
        raise WindowError(f"The period {text!r} can't be read.", hint) from error
    return start, stop


@fails_cleanly
def vintages(
    series: Annotated[str, typer.Argument(help="A series of the catalogue.", show_default=False)],
    period: Annotated[
        str, typer.Argument(help="Year, month or day it closed in New York, or its exact end.", show_default=False)
    ],
    json: Annotated[bool, typer.Option("--json", help="Print JSON, with whole hashes.")] = False,
) -> None:
    """Every stored row of a period: source, when it became known, value, vintage, fetch, payload."""
    spec = context.catalogue.find_series(series)
    if spec.formula is not None:
        raise NoDataError(
            f"{series!r} is derived and never stored.",
            f"Ask for {' or '.join(spec.formula.members)} instead.",
        )
    start, end = parse_period(period)
    rows = context.store.vintages(series, start, end)
    if rows.is_empty():
        raise NoDataError(
            f"Nothing is stored of {series!r} for {period}.", "`selloff data status` shows what there is."
        )
    if json:
        show(rows, Shape.JSON)
        return
    unit = spec.unit.info.symbol or spec.unit.value.replace("_", " ")
    out.print(f"{spec.name} ({series}), {unit}")
    ends = rows["period_end"].unique()
    if len(ends) == 1:
        out.print(f"period that ended {ends[0]:{_MINUTE}} UTC")
    out.print(_table(rows, with_period=len(ends) > 1))
    for sha256, name in rows.select("sha256", "payload").drop_nulls().unique(maintain_order=True).iter_rows():
        out.print(f"payload {sha256[:_SHORT_HASH]}: {name}", style="dim")


def _table(rows: pl.DataFrame, *, with_period: bool) -> StackedTable:
    """The rows in order of period, with the start of each payload's hash; the JSON has it whole."""
    from selloff.report.stacked import Column, StackedTable

    columns = (
        *((Column("period end (UTC)"),) if with_period else ()),
        Column("source"),
        Column("known at (UTC)"),
        Column("value", right=True),
        Column("vintage"),
        Column("payload"),
        Column("fetched at (UTC)", below="fetched at {}"),
    )
    cells = [
        (
            *((f"{row['period_end']:{_MINUTE}}",) if with_period else ()),
            row["source"],
            f"{row['known_at']:{_MINUTE}}",
            f"{row['value']:,.8g}",
            row["vintage"],
            (row["sha256"] or "")[:_SHORT_HASH],
            f"{row['fetched_at']:{_MINUTE}}",
        )
        for row in rows.sort("period_end", "source", "known_at", "fetched_at").iter_rows(named=True)
    ]
    return StackedTable(columns, cells)
