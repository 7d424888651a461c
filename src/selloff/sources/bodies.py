"""Strict reading of response bodies: JSON, CSV, dates and numbers, with an error that names the field.

Nothing here guesses. A value of another form than promised is a `SchemaDriftError`, bytes of another kind than promised
are a `PayloadError`, and no other exception leaves these functions.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from selloff.errors import PayloadError
from selloff.sources import literals
from selloff.sources.contract import PARSED_SCHEMA, SchemaDriftError, parsed

NOTHING_STORED = "Nothing of this response was stored."
DRIFT_HINT = "Nothing of this response was stored; the service may have changed its format."

_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_US_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)


def drift(where: str, field: str, found: object) -> SchemaDriftError:
    """The error for a field of another form than promised."""
    shown = repr(found)
    return SchemaDriftError(f"{where}: field {field!r} is {shown[:60]}, which its format does not allow.", DRIFT_HINT)


def absent(where: str, field: str) -> SchemaDriftError:
    """The error for a field that is not there."""
    return SchemaDriftError(f"{where}: field {field!r} is missing.", DRIFT_HINT)


def text_of(body: bytes, where: str) -> str:
    """The body as text, without a byte-order mark.

    Raises
    ------
    PayloadError : empty, not UTF-8, or an HTML page.
    """
    try:
        return literals.text(body, xml=True)
    except ValueError as error:
        raise PayloadError(f"{where} is {error}.", NOTHING_STORED) from error


def json_of(body: bytes, where: str) -> Any:
    """The body as JSON, without NaN, infinities and repeated keys.

    Raises
    ------
    PayloadError : not JSON (an HTML page, cut short, too deeply nested).
    """
    text = text_of(body, where)
    try:
        return literals.json_value(text)
    except ValueError as error:
        raise PayloadError(f"{where} is not JSON: {str(error)[:120]}.", NOTHING_STORED) from error


def member(value: object, field: str, where: str) -> Any:
    """A member of a JSON object.

    Raises
    ------
    SchemaDriftError : not an object, or without this member.
    """
    if not isinstance(value, Mapping):
        raise drift(where, field, value)
    if field not in value:
        raise absent(where, field)
    return value[field]


def text_member(value: object, field: str, where: str) -> str:
    """A member that must be a string."""
    found = member(value, field, where)
    if not isinstance(found, str):
        raise drift(where, field, found)
    return found


def list_member(value: object, field: str, where: str) -> list[Any]:
    """A member that must be an array."""
    found = member(value, field, where)
    if not isinstance(found, list):
        raise drift(where, field, found)
    return found


def count_member(value: object, field: str, where: str) -> int:
    """A member that must be a whole number, not negative."""
    found = member(value, field, where)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 10**9:
        raise drift(where, field, found)
    return found


def number(value: object, field: str, where: str) -> float:
    """A JSON number; strings, booleans and null are drift."""
    try:
        return literals.number(value)
    except ValueError as error:
        raise drift(where, field, value) from error


def decimal(value: object, field: str, where: str, *, scientific: bool = False) -> float:
    """A number written as text: digits with an optional sign and point, and an exponent only if `scientific`."""
    try:
        return literals.decimal(value, scientific=scientific)
    except ValueError as error:
        raise drift(where, field, value) from error


def day(value: object, field: str, where: str, *, american: bool = False) -> date:
    """A date as YYYY-MM-DD, or as MM/DD/YYYY if `american`; nothing may follow."""
    found = (_US_DAY if american else _ISO_DAY).fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise drift(where, field, value)
    parts = [int(part) for part in found.groups()]
    year, month, monthday = (parts[2], parts[0], parts[1]) if american else parts
    try:
        return literals.day(year, month, monthday)
    except ValueError as error:
        raise drift(where, field, value) from error


def csv_of(body: bytes, where: str, *, closed: bool = False) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV; every row has as many fields as the header.

    Parameters
    ----------
    closed : the service ends every line, so a body without a last line end was cut short.

    Raises
    ------
    PayloadError : HTML, no rows at all, uneven rows, or a cut last line.
    """
    text = text_of(body, where)
    if closed and not text.endswith("\n"):
        raise PayloadError(f"{where} ends within a line.", NOTHING_STORED)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise PayloadError(f"{where} is not CSV: {error}.", NOTHING_STORED) from error
    if not rows:
        raise PayloadError(f"{where} is empty.", NOTHING_STORED)
    header = rows[0]
    uneven = next((i for i, row in enumerate(rows) if len(row) != len(header)), None)
    if uneven is not None:
        raise PayloadError(
            f"{where}: row {uneven + 1} has {len(rows[uneven])} fields, not {len(header)}.", NOTHING_STORED
        )
    return header, rows[1:]


def column(header: Sequence[str], field: str, where: str) -> int:
    """Position of a column that must be there exactly once."""
    if field not in header:
        raise absent(where, field)
    if header.count(field) > 1:
        raise drift(where, field, "a column that appears twice")
    return header.index(field)


Point = tuple[str, date, float]
"""Code, date, value."""


def dated(points: Iterable[Point], where: str) -> pl.DataFrame:
    """Dated values as a frame of `PARSED_SCHEMA`, in order of code and date; exact repetitions are kept once.

    Raises
    ------
    PayloadError : one code has two different values for one date.
    """
    values: dict[tuple[str, date], float] = {}
    for code, when, value in points:
        if values.setdefault((code, when), value) != value:
            raise PayloadError(f"{where} has two values of {code} for {when}.", NOTHING_STORED)
    keys = sorted(values)
    return parsed(
        pl.DataFrame(
            {"code": [c for c, _ in keys], "date": [d for _, d in keys], "value": [values[k] for k in keys]},
            schema={name: PARSED_SCHEMA[name] for name in ("code", "date", "value")},
        )
    )
