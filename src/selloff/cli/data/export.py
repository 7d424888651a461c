"""`selloff data export`: observations into a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selloff.cli.console import context, fails_cleanly, out
from selloff.cli.data.render import with_iso_times
from selloff.cli.output import whole_file
from selloff.errors import NoDataError, StoreError, WindowError

if TYPE_CHECKING:
    import polars as pl

    from selloff.catalog import Series


class FileFormat(StrEnum):
    """What kind of file is written."""

    CSV = "csv"
    PARQUET = "parquet"
    JSONL = "jsonl"


@fails_cleanly
def export(
    file: Annotated[Path, typer.Argument(help="Where to write.", dir_okay=False, show_default=False)],
    series: Annotated[
        list[str] | None, typer.Option("--series", help="Only this series; may come several times.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="One row per period, as known then. Without it: every row ever stored."),
    ] = None,
    format: Annotated[FileFormat | None, typer.Option("--format", help="Default: by the file's ending.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
) -> None:
    """Write observations to a CSV, Parquet or JSON-lines file."""
    kind = format or _by_ending(file)
    if file.is_file() and not overwrite:
        raise StoreError(f"{file} is there already.", "Name another file, or add --overwrite.")
    wanted = _stored_series(series)
    moment = None if as_of is None else _moment(as_of)
    rows = _rows(wanted, moment, everything=series is None)
    if rows.is_empty():
        raise NoDataError("The store has none of these observations.", "`selloff data status` shows what there is.")
    _write(rows, file, kind)
    what = "every stored row, all vintages" if moment is None else f"as known on {moment:%Y-%m-%d %H:%M} UTC"
    out.print(f"{rows.height:,} rows of {rows['series'].n_unique():,} series in {file}: {what}.", soft_wrap=True)


def _moment(text: str) -> datetime:
    from selloff.panel.clock import parse_moment

    moment = parse_moment(text)
    if moment > context.now:
        raise WindowError(f"The as-of moment {text} is in the future.", "Leave it out, or give an earlier one.")
    return moment


def _by_ending(file: Path) -> FileFormat:
    try:
        return FileFormat(file.suffix.removeprefix(".").lower())
    except ValueError:
        raise NoDataError(
            f"The ending of {file.name!r} does not say which format is meant.",
            "Add --format csv, parquet or jsonl.",
        ) from None


def _stored_series(names: Sequence[str] | None) -> list[Series]:
    if names is None:
        return [s for s in context.catalogue.series.values() if s.formula is None]
    found = [context.catalogue.find_series(n) for n in names]
    for spec in found:
        if spec.formula is not None:
            members = ", ".join(spec.formula.members)
            raise NoDataError(f"{spec.id!r} is derived and never stored.", f"Export its members: {members}.")
    return found


def _rows(wanted: Sequence[Series], moment: datetime | None, *, everything: bool) -> pl.DataFrame:
    """Without a moment and without names also what the catalogue no longer has: the whole table."""
    import polars as pl

    if moment is not None:
        return context.store.read(wanted, moment)
    lazy = context.store.scan()
    if not everything:
        lazy = lazy.filter(pl.col("series").is_in([s.id for s in wanted]))
    return context.store.collect(lazy.sort("series", "source", "period_end", "known_at", "fetched_at"))


def _write(rows: pl.DataFrame, file: Path, kind: FileFormat) -> None:
    """Write beside the file and put it in place whole."""
    from polars.exceptions import PolarsError

    with whole_file(file, PolarsError) as place, place.open("wb") as opened:
        if kind is FileFormat.PARQUET:
            rows.write_parquet(opened)
        elif kind is FileFormat.CSV:
            with_iso_times(rows).write_csv(opened)
        else:
            with_iso_times(rows).write_ndjson(opened)
