"""Frames as a table, CSV or JSON on standard output; instants as ISO 8601 in UTC."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from rich.table import Table

from selloff.cli.console import err, out, write_data

if TYPE_CHECKING:
    import polars as pl

LONGEST_TABLE = 200


class Shape(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def size(n_bytes: int) -> str:
    """Bytes as kB, or MB from a million on."""
    return f"{n_bytes / 1e6:,.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:,.1f} kB"


def with_iso_times(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its UTC instants as ISO 8601 text, `2020-03-12T20:00:00.000000Z`."""
    import polars as pl
    import polars.selectors as cs

    instants = cs.datetime(time_zone="*")
    return frame.with_columns(
        instants.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"),
        cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String),
    )


def show(frame: pl.DataFrame, shape: Shape) -> None:
    """Print a frame; a table stops after 200 rows and says so, and shows instants to the second."""
    if shape is Shape.CSV:
        write_data(with_iso_times(frame).write_csv())
    elif shape is Shape.JSON:
        write_data(with_iso_times(frame).write_json() + "\n")
    else:
        out.print(as_table(_to_the_second(frame.head(LONGEST_TABLE))))
        if frame.height > LONGEST_TABLE:
            err.print(f"{frame.height - LONGEST_TABLE:,} more rows: add LIMIT, or print them as csv or json.")


def _to_the_second(frame: pl.DataFrame) -> pl.DataFrame:
    import polars.selectors as cs

    return frame.with_columns(cs.datetime(time_zone="*").dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%d %H:%M:%SZ"))


def as_table(frame: pl.DataFrame) -> Table:
    """A rich table; numbers to the right, empty where null."""
    table = Table(box=None, pad_edge=False)
    for name, dtype in frame.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*("" if value is None else _text(value) for value in row))
    return table


def _text(value: object) -> str:
    return f"{value:,.8g}" if isinstance(value, float) else str(value)
