"""`selloff data vintages`: everything that was ever stored of one period, down to the bytes."""

from __future__ import annotations

from typing import Annotated

import typer

from selloff.cli.console import context, fails_cleanly, out
from selloff.cli.data.moments import parse_period
from selloff.cli.data.render import Shape, as_table, show, with_iso_times
from selloff.errors import NoDataError

_SHORT_HASH = 12


@fails_cleanly
def vintages(
    series: Annotated[str, typer.Argument(help="A series of the catalogue.", show_default=False)],
    period: Annotated[
        str, typer.Argument(help="The day it closed in New York, or its exact end.", show_default=False)
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
