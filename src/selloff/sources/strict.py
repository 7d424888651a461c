"""Strict reading of bodies: whatever the bytes are, the outcome is a checked value or one of the contract's errors.

A number is a JSON number or a decimal text and nothing else: a bool, null, a nested object, `NaN`, `Infinity` or
`1e999` in its place is drift that names the field. Readers of single sources say which missing marker they know.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import polars as pl

from selloff.errors import PayloadError
from selloff.sources import literals
from selloff.sources.contract import PARSED_SCHEMA, SchemaDriftError, ServiceError, parsed

NOTHING = "Nothing of it was stored."
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = 160


def shown(value: object) -> str:
    """A value as it may appear in a message: one line, at most 160 characters."""
    try:
        text = " ".join(repr(value).split())
    except RecursionError:
        text = "nested too deeply to show"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def drift(service: str, field: str, found: object) -> SchemaDriftError:
    """The error of a field that is missing or has another form."""
    what = f"{service} changed its format: {field} is {shown(found)}."
    return SchemaDriftError(what, f"{NOTHING} Look for a newer selloff, or report it.")


def refused(service: str, text: object, *, retry: bool) -> ServiceError:
    """The error of a service that answers with an error of its own."""
    hint = "Try again later." if retry else "Other sources of the series still work."
    return ServiceError(f"{service} answered: {shown(text)}.", hint, retry=retry)


def spoiled(service: str, reason: str) -> PayloadError:
    """The error of a body that is not the promised format at all."""
    return PayloadError(f"{service}: {reason}.", NOTHING)


def text_of(body: bytes, service: str) -> str:
    """The body as text.

    Raises
    ------
    PayloadError : empty, not UTF-8, or a page of HTML or XML.
    """
    try:
        return literals.text(body)
    except ValueError as error:
        raise spoiled(service, f"the body is {error}") from error


def json_of(body: bytes, service: str) -> object:
    """The body as JSON, without constants beyond the standard and without repeated keys.

    Raises
    ------
    PayloadError : not JSON, cut short, nested too deeply, or a page.
    """
    text = text_of(body, service)
    try:
        found: object = literals.json_value(text)
    except ValueError as error:
        raise spoiled(service, f"the body is no JSON ({error}): {shown(text.strip()[:60])}") from error
    return found


def csv_of(body: bytes, service: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a comma-separated body; every row has as many fields as the header.

    Raises
    ------
    PayloadError : a page, a row of another length, or no line break at the end (cut short: a cut number is still a
        number).
    """
    text = text_of(body, service)
    if not text.endswith("\n"):
        raise spoiled(service, f"the body ends without a line break, so it was cut short: {shown(text[-60:])}")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise spoiled(service, f"the body is no CSV ({error})") from error
    header = [name.strip() for name in rows[0]]
    wrong = next((i for i, row in enumerate(rows) if len(row) != len(header)), None)
    if wrong is not None:
        raise spoiled(service, f"row {wrong + 1} has {len(rows[wrong])} fields where the header has {len(header)}")
    return header, rows[1:]


def mapping(value: object, service: str, field: str) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise drift(service, field, value)
    return value


def sequence(value: object, service: str, field: str) -> Sequence[object]:
    """A JSON array."""
    if not isinstance(value, list):
        raise drift(service, field, value)
    return value


def member(value: Mapping[str, object], key: str, service: str) -> object:
    """A member that has to be there (it may be null)."""
    if key not in value:
        raise drift(service, f"the field {key!r}", "absent")
    return value[key]


def number(value: object, service: str, field: str) -> float:
    """A finite JSON number."""
    try:
        return literals.number(value)
    except ValueError as error:
        raise drift(service, field, value) from error


def decimal(value: object, service: str, field: str) -> float:
    """A finite number written as a decimal text."""
    try:
        return literals.decimal(value.strip(" ") if isinstance(value, str) else value, scientific=True)
    except ValueError as error:
        raise drift(service, field, value) from error


def positive(value: float, service: str, field: str) -> float:
    """A price, ratio or amount, which is above zero."""
    if value <= 0:
        raise drift(service, field, value)
    return value


def instant(value: object, service: str, field: str, per_second: int = 1) -> datetime:
    """The instant of a whole number of seconds, milliseconds (1000) or microseconds since 1970, negative before."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise drift(service, field, value)
    try:
        found = EPOCH + timedelta(microseconds=value * (1_000_000 // per_second))
    except OverflowError as error:
        raise drift(service, field, "an impossible instant") from error
    if found.year not in literals.YEARS:
        raise drift(service, field, value)
    return found


def day(text: str, pattern: re.Pattern[str], service: str, field: str) -> date:
    """The date that a pattern with the groups `y`, `m` and `d` reads out of a text."""
    match = pattern.fullmatch(text.strip(" "))
    try:
        if match is None:
            raise ValueError(text)
        return literals.day(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError as error:
        raise drift(service, field, text) from error


def dated(rows: Iterable[tuple[str, date, float]], service: str) -> pl.DataFrame:
    """Parsed rows of dated values, each period once; see `_one_each`."""
    return _frame("date", _one_each(rows, service))


def timed(rows: Iterable[tuple[str, datetime, float]], service: str) -> pl.DataFrame:
    """Parsed rows of bars within the day by the instant at which they ended, each period once; see `_one_each`."""
    return _frame("period_end", _one_each(rows, service))


def _frame(column: str, rows: Mapping[tuple[str, date], float]) -> pl.DataFrame:
    schema = {name: PARSED_SCHEMA[name] for name in ("code", column, "value")}
    table = pl.DataFrame([(code, when, value) for (code, when), value in rows.items()], schema=schema, orient="row")
    return parsed(table).sort("code", column)


def _one_each(rows: Iterable[tuple[str, date, float]], service: str) -> dict[tuple[str, date], float]:
    """Each period once: a repeated row is taken once, one with another value spoils the body."""
    found: dict[tuple[str, date], float] = {}
    for code, when, value in rows:
        if found.setdefault((code, when), value) != value:
            raise spoiled(service, f"{code} has two values for {when}: {found[code, when]} and {value}")
    return found
