"""`selloff data sql`: one reading statement over everything stored."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from selloff.cli.console import context, fails_cleanly
from selloff.cli.data.render import Shape, show
from selloff.errors import NoDataError, StoreError

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)


@fails_cleanly
def sql(
    query: Annotated[
        str,
        typer.Argument(help="A SELECT over the tables `observations` and `payloads`.", show_default=False),
    ],
    format: Annotated[Shape, typer.Option("--format", help="How to print the result.")] = Shape.TABLE,
) -> None:
    """Run one SELECT (or WITH … SELECT) over the store. Nothing can be changed: polars runs it on read-only
    scans.

    Tables: observations (series, source, period_end, known_at, value, vintage, fetched_at) with every row
    ever stored, and payloads (source, fetched_at, name, sha256, bytes).
    """
    import polars as pl

    check_reads_only(query)
    if not context.store.exists():
        raise NoDataError("Nothing is stored yet.", "`selloff data pull starter` or `selloff data import` get data.")
    tables = {"observations": context.store.scan(), "payloads": context.store.payload_index().lazy()}
    try:
        with pl.SQLContext(tables, eager=False) as sql_context:
            result = sql_context.execute(query.strip().rstrip(";")).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).split("\n", 1)[0].rstrip(".")
        raise StoreError(
            f"The query fails: {reason}.", "`selloff data sql --help` lists tables and columns."
        ) from error
    show(result, format)


def check_reads_only(query: str) -> None:
    """Refuse anything but one SELECT or WITH statement; quoted text and comments don't count.

    Raises
    ------
    StoreError : another statement, several, or none.
    """
    bare = _QUOTED.sub(" ", query).strip().rstrip(";").rstrip()
    words = re.findall(r"\w+", bare)
    if not words or words[0].upper() not in ("SELECT", "WITH"):
        said = f"starts with {words[0]!r}" if words else "is empty"
        raise StoreError(f"The query {said}; only SELECT and WITH … SELECT can be run.", "Start it with SELECT.")
    if ";" in bare:
        raise StoreError("The query holds more than one statement.", "Run them one at a time.")
