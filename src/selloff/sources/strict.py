"""Strict reading of bodies: whatever the bytes are, the outcome is a checked value or one of the contract's errors.

Nothing here guesses. A number is a JSON number, or a decimal text where the format says so: a bool, null, a nested
object, `NaN`, `Infinity` or `1e999` in its place is drift that names the field. Sources say which missing marker they
know. Readers of whole bodies take `(body, where)`, those of single values `(value, field, where)`; `where` is the
service, or the place within its answer.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from selloff.errors import PayloadError
from selloff.sources import literals
from selloff.sources.contract import PARSED_SCHEMA, SchemaDriftError, ServiceError, parsed

NOTHING = "Nothing of this response was stored."
CHANGED = f"{NOTHING} The service may have changed its format: look for a newer selloff, or report it."
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = 160
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_US_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_MOST_COUNTED = 10**9


def shown(value: object) -> str:
    """A value as it may appear in a message: one line, at most 160 characters."""
    try:
        text = " ".join(repr(value).split())
    except RecursionError:
        text = "nested too deeply to show"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def drift(where: str, field: str, found: object) -> SchemaDriftError:
    """The error of a field of another form than promised."""
    return changed(f"{where}: {field!r} is {shown(found)}, which its format does not allow.")


def absent(where: str, field: str) -> SchemaDriftError:
    """The error of a field that is not there."""
    return changed(f"{where}: {field!r} is missing.")


def changed(sentence: str) -> SchemaDriftError:
    """The error of a body that has another form than promised, in a sentence that names the field."""
    return SchemaDriftError(sentence, CHANGED)


def broken(sentence: str) -> PayloadError:
    """The error of a body that is not the format at all, or contradicts itself."""
    return PayloadError(sentence, NOTHING)


def refused(where: str, text: object, *, retry: bool) -> ServiceError:
    """The error of a service that answers with an error of its own."""
    hint = "Try again later." if retry else "Other sources of the series still work."
    return ServiceError(f"{where} answered: {shown(text)}.", hint, retry=retry)


# -- whole bodies ----------------------------------------------------------------------------------------------------


def text_of(body: bytes, where: str, *, xml: bool = False) -> str:
    """The body as text, without a byte-order mark.

    Raises
    ------
    PayloadError : empty, not UTF-8, a page of HTML, or of XML unless that is wanted.
    """
    try:
        return literals.text(body, xml=xml)
    except ValueError as error:
        raise broken(f"{where}: the body is {error}.") from error


def json_of(body: bytes, where: str) -> Any:
    """The body as JSON, without constants beyond the standard and without repeated keys.

    Raises
    ------
    PayloadError : not JSON, cut short, nested too deeply, or a page.
    """
    text = text_of(body, where)
    try:
        return literals.json_value(text)
    except ValueError as error:
        reason = f"{str(error)[:120]}: {shown(text.strip()[:60])}"
        raise broken(f"{where}: the body is not JSON ({reason}).") from error


def csv_of(body: bytes, where: str, *, closed: bool = False) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV; every row has as many fields as the header.

    Parameters
    ----------
    closed : the service ends every line, so a body without a last line end was cut short: a cut number is still a
        number.

    Raises
    ------
    PayloadError : a page, no rows at all, uneven rows, or a cut last line.
    """
    text = text_of(body, where)
    if closed and not text.endswith("\n"):
        raise broken(f"{where} ends within a line, so it was cut short: {shown(text[-60:])}.")
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise broken(f"{where} is not CSV: {error}.") from error
    if not rows:
        raise broken(f"{where} is empty.")
    header = [name.strip() for name in rows[0]]
    uneven = next((i for i, row in enumerate(rows) if len(row) != len(header)), None)
    if uneven is not None:
        raise broken(f"{where}: row {uneven + 1} has {len(rows[uneven])} fields, not {len(header)}.")
    return header, rows[1:]


def column(header: Sequence[str], field: str, where: str) -> int:
    """Position of a column that must be there exactly once."""
    if field not in header:
        raise absent(where, field)
    if header.count(field) > 1:
        raise drift(where, field, "a column that appears twice")
    return header.index(field)


# -- members of JSON -------------------------------------------------------------------------------------------------


def mapping(value: object, field: str, where: str) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise drift(where, field, value)
    return value


def sequence(value: object, field: str, where: str) -> list[Any]:
    """A JSON array."""
    if not isinstance(value, list):
        raise drift(where, field, value)
    return value


def member(value: object, field: str, where: str) -> Any:
    """A member of a JSON object that must be there (it may be null)."""
    if not isinstance(value, dict):
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
    return sequence(member(value, field, where), field, where)


def count_member(value: object, field: str, where: str) -> int:
    """A member that must be a whole number, not negative."""
    found = member(value, field, where)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < _MOST_COUNTED:
        raise drift(where, field, found)
    return found


# -- values ----------------------------------------------------------------------------------------------------------


def number(value: object, field: str, where: str) -> float:
    """A finite JSON number; strings, booleans and null are drift."""
    try:
        return literals.number(value)
    except ValueError as error:
        raise drift(where, field, value) from error


def decimal(value: object, field: str, where: str, *, scientific: bool = False) -> float:
    """A number written as text: ASCII digits with an optional minus sign and point; an exponent if `scientific`."""
    try:
        return literals.decimal(value, scientific=scientific)
    except ValueError as error:
        raise drift(where, field, value) from error


def positive(value: float, field: str, where: str) -> float:
    """A price, ratio or amount, which is above zero."""
    if value <= 0:
        raise drift(where, field, value)
    return value


def instant(value: object, field: str, where: str, per_second: int = 1) -> datetime:
    """The instant of a whole number of seconds, milliseconds (1000) or microseconds since 1970, negative before."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise drift(where, field, value)
    try:
        found = EPOCH + timedelta(microseconds=value * (1_000_000 // per_second))
    except OverflowError as error:
        raise drift(where, field, "an impossible instant") from error
    if found.year not in literals.YEARS:
        raise drift(where, field, value)
    return found


def day(value: object, field: str, where: str, *, american: bool = False) -> date:
    """A date as YYYY-MM-DD, or as MM/DD/YYYY if `american`; nothing may follow."""
    found = (_US_DAY if american else _ISO_DAY).fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise drift(where, field, value)
    parts = [int(part) for part in found.groups()]
    year, month, monthday = (parts[2], parts[0], parts[1]) if american else parts
    return calendar_day(year, month, monthday, field, where)


def calendar_day(year: int, month: int, monthday: int, field: str, where: str) -> date:
    """A day that exists, in a year that data can have."""
    try:
        return literals.day(year, month, monthday)
    except (ValueError, OverflowError) as error:
        raise drift(where, field, f"{year}-{month}-{monthday}") from error


# -- parsed rows -----------------------------------------------------------------------------------------------------

Point = tuple[str, date, float]
"""Code, date, value."""


def dated(rows: Iterable[Point], where: str) -> pl.DataFrame:
    """Dated values as rows of `PARSED_SCHEMA`, sorted; a row that comes twice unchanged counts once.

    Raises
    ------
    PayloadError : one period has two different values.
    """
    return _frame(("code", "date", "value"), (((code, when), value) for code, when, value in rows), where)


def timed(rows: Iterable[tuple[str, datetime, float]], where: str) -> pl.DataFrame:
    """Bars within the day by the instant at which they ended; otherwise as `dated`."""
    return _frame(("code", "period_end", "value"), (((code, when), value) for code, when, value in rows), where)


def vintages(rows: Iterable[tuple[str, date, datetime | None, float]], where: str) -> pl.DataFrame:
    """Dated values with the publisher's own vintage, as `dated`; two vintages of a period are no contradiction."""
    names = ("code", "date", "known_at", "value")
    return _frame(names, (((code, when, known_at), value) for code, when, known_at, value in rows), where)


def _frame(names: Sequence[str], rows: Iterable[tuple[tuple[Any, ...], float]], where: str) -> pl.DataFrame:
    found: dict[tuple[Any, ...], float] = {}
    for key, value in rows:
        if found.setdefault(key, value) != value:
            raise broken(f"{where} has two values of {key[0]} for {key[1]}: {found[key]} and {value}.")
    schema = {name: PARSED_SCHEMA[name] for name in names}
    table = pl.DataFrame([(*key, value) for key, value in found.items()], schema=schema, orient="row")
    return parsed(table).sort(names[:-1])
