"""Strict reading of bodies: text, JSON, numbers and dates that are what they claim to be, or a typed error.

Every function here takes what a service sent and `where` it stood, and raises `PayloadError` (not the format at all) or
`SchemaDriftError` (the format, but a field of it is missing or of another form). None of them guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

import polars as pl

from selloff.errors import PayloadError
from selloff.sources import literals
from selloff.sources.contract import SchemaDriftError, parsed

NOTHING = "Nothing of it was stored."
_DRIFT = f"The service changed its format: report it to the maintainers of selloff. {NOTHING}"
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def drift(what: str) -> SchemaDriftError:
    """The error of a field that is missing or of another form."""
    return SchemaDriftError(what, _DRIFT)


def broken(what: str) -> PayloadError:
    """The error of a body that is not the format, or contradicts itself."""
    return PayloadError(what, NOTHING)


def text_of(body: bytes, what: str) -> str:
    """The body as text, without a byte-order mark.

    Raises
    ------
    PayloadError : not UTF-8, or a page of markup where data should be.
    """
    try:
        return literals.text(body)
    except ValueError as error:
        raise broken(f"{what} is {error}.") from error


def json_of(body: bytes, what: str) -> object:
    """The JSON value of a body; NaN, Infinity and doubled keys are errors.

    Raises
    ------
    PayloadError : not JSON, cut short, or a key comes twice in one object.
    """
    text = text_of(body, what)
    try:
        found: object = literals.json_value(text)
    except ValueError as error:
        raise broken(f"{what} is not valid JSON: {str(error)[:120]}.") from error
    return found


def object_of(value: object, where: str) -> Mapping[str, object]:
    """The value as a JSON object."""
    if not isinstance(value, dict):
        raise drift(f"{where} should be an object.")
    return value


def list_of(value: object, where: str) -> list[object]:
    """The value as a JSON array."""
    if not isinstance(value, list):
        raise drift(f"{where} should be a list.")
    return value


def member(value: Mapping[str, object], name: str, where: str) -> object:
    """A field that must be there."""
    if name not in value:
        raise drift(f"{where} has no field {name!r}.")
    return value[name]


def text_member(value: Mapping[str, object], name: str, where: str) -> str:
    """A field that must be there and be a string."""
    found = member(value, name, where)
    if not isinstance(found, str):
        raise drift(f"{where}, field {name!r}: {str(found)[:40]!r} should be a string.")
    return found


def number_of(value: object, where: str) -> float:
    """A JSON number; a string, a bool, null and a number beyond floating point are drift."""
    try:
        return literals.number(value)
    except ValueError as error:
        raise drift(f"{where}: {str(value)[:40]!r} should be a number.") from error


def number_text(value: object, where: str) -> float:
    """A decimal number written as a string, in ASCII digits with a point."""
    try:
        return literals.decimal(value.strip() if isinstance(value, str) else value, scientific=True)
    except ValueError as error:
        raise drift(f"{where}: {str(value)[:40]!r} should be a number written as a string.") from error


def calendar_day(year: int, month: int, day: int, where: str) -> date:
    """A day that exists, in a year that data can have."""
    try:
        return literals.day(year, month, day)
    except (ValueError, OverflowError) as error:
        raise drift(f"{where}: {year}-{month}-{day} is no date that data can have.") from error


def day_of(value: object, where: str) -> date:
    """A day written YYYY-MM-DD."""
    match = _ISO_DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise drift(f"{where}: {str(value)[:40]!r} should be a date YYYY-MM-DD.")
    return calendar_day(int(match[1]), int(match[2]), int(match[3]), where)


def values_of(rows: Iterable[tuple[str, date, float]], what: str) -> pl.DataFrame:
    """Dated values with the columns of `PARSED_SCHEMA`, sorted; a row that comes twice unchanged counts once.

    Raises
    ------
    PayloadError : one period has two different values.
    """
    return vintages_of(((code, day, None, value) for code, day, value in rows), what)


def vintages_of(rows: Iterable[tuple[str, date, datetime | None, float]], what: str) -> pl.DataFrame:
    """Dated values with the publisher's own vintage, as `values_of`; two vintages of a period are no contradiction."""
    found: dict[tuple[str, date, datetime | None], float] = {}
    for code, day, known_at, value in rows:
        if found.setdefault((code, day, known_at), value) != value:
            raise broken(f"{what} has two values of {code} for {day}.")
    schema = {
        "code": pl.String(),
        "date": pl.Date(),
        "known_at": pl.Datetime("us", "UTC"),
        "value": pl.Float64(),
    }
    table = pl.DataFrame([(*key, value) for key, value in found.items()], schema=schema, orient="row")
    return parsed(table.sort("code", "date", "known_at"))
