"""`selloff data vintages`: everything that was ever stored of one period, down to the bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from selloff.cli.console import context, fails_cleanly, out
from selloff.cli.data.render import Shape, as_table, show
from selloff.errors import NoDataError, WindowError

if TYPE_CHECKING:
    import polars as pl

_SHORT_HASH = 7
_MINUTE = "%Y-%m-%d %H:%M"


def parse_period(text: str) -> tuple[datetime, datetime]:
    """The span [start, end) of period ends that a date (a day in New York) or one exact moment means.

    Raises
    ------
    WindowError : it can't be read.
    """
    from selloff.panel.clock import NEW_YORK_ZONE

    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise WindowError(f"The period {text!r} can't be read.", "Write YYYY-MM-DD or YYYY-MM-DDTHH:MM.") from error
    moment = moment.replace(tzinfo=moment.tzinfo or NEW_YORK_ZONE)
    is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()) is not None
    # Added before the change of zone: a day of New York may have 23 or 25 hours.
    end = moment + (timedelta(days=1) if is_day else timedelta(microseconds=1))
    return moment.astimezone(UTC), end.astimezone(UTC)


@fails_cleanly
def vintages(
    series: Annotated[str, typer.Argument(help="A series of the catalogue.", show_default=False)],
    period: Annotated[str, typer.Argument(help="The day it closed in New York, or its exact end.", show_default=False)],
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
    out.print(f"{spec.name} ({series}), {spec.unit.info.symbol}")
    for end in rows["period_end"].unique(maintain_order=True).sort():
        out.print(f"\nperiod that ended {end:{_MINUTE}} UTC")
        out.print(_table(rows.filter(period_end=end)))


def _table(rows: pl.DataFrame) -> Table:
    """The rows of one period; payload names and whole hashes are in the JSON."""
    import polars as pl

    return as_table(
        rows.select(
            "source",
            pl.col("known_at").dt.strftime(_MINUTE).alias("known at (UTC)"),
            "value",
            "vintage",
            pl.col("fetched_at").dt.strftime(_MINUTE).alias("fetched at (UTC)"),
            pl.col("sha256").str.head(_SHORT_HASH).alias("payload"),
        )
    )
