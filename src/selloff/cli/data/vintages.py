"""`selloff data vintages`: everything that was ever stored of one period, down to the bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from selloff.cli.console import context, fails_cleanly, out
from selloff.cli.data.render import Shape, as_table, show, with_iso_times
from selloff.errors import NoDataError, WindowError

_SHORT_HASH = 12


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
        raise WindowError(f"The period {text!r} can't be read.", "Write 2020-03-12 or 2020-03-12T16:00.") from error
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
    shown = with_iso_times(rows).select(
        "source",
        "period_end",
        "known_at",
        "value",
        "vintage",
        "fetched_at",
        "payload",
        sha256=rows["sha256"].str.head(_SHORT_HASH),
    )
    out.print(f"{spec.name} ({series}), {spec.unit.info.symbol}")
    out.print(as_table(shown))
