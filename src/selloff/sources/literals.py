"""The one strict form of text, JSON, numbers and days that every reader of bodies shares.

Each function returns the value or raises ValueError with the reason; readers turn that into the contract's errors, with
the place where it stood.
"""

from __future__ import annotations

import json
import math
import re
from datetime import date
from typing import Any, NoReturn

YEARS = range(1700, 2101)
"""The oldest file on record (Stooq's S&P 500) starts in 1792; a year beyond is a damaged date, not an observation."""

_PLAIN = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)
_SCIENTIFIC = re.compile(r"-?(\d{1,30}(\.\d{1,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?", re.ASCII)
_HTML = ("<!doctype html", "<html", "<head", "<body", "<script")


def text(body: bytes, *, xml: bool = False) -> str:
    """A body as UTF-8 text without a byte-order mark; an empty body and a page are errors, XML too unless wanted."""
    try:
        found = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text (byte {error.start})") from error
    start = found.lstrip()[:200].lower()
    if not start:
        raise ValueError("empty")
    if start.startswith(_HTML) or (start.startswith("<") and not xml):
        script = " that wants JavaScript" if "script" in found.lower() else ""
        kind = "an HTML page" if start.startswith(_HTML) else "a page of markup"
        raise ValueError(f"{kind}{script}, not data: {' '.join(found.split())[:60]!r}")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice in one object")
    return found


def json_value(source: str) -> Any:
    """A JSON value; NaN, infinities, repeated keys and bottomless nesting are errors."""
    try:
        return json.loads(source, parse_constant=_no_constant, object_pairs_hook=_unique)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def number(value: object) -> float:
    """A finite JSON number; a string, a bool and null are errors."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    try:
        found = float(value)
    except OverflowError as error:
        raise ValueError("a number beyond all bounds") from error
    if not math.isfinite(found):
        raise ValueError("not finite")
    return found


def decimal(value: object, *, scientific: bool = False) -> float:
    """A finite number written as text in ASCII digits; no plus sign, no bare last point, an exponent only if wanted."""
    if not isinstance(value, str) or not (_SCIENTIFIC if scientific else _PLAIN).fullmatch(value):
        raise ValueError("not a number written as text")
    return number(float(value))


def day(year: int, month: int, monthday: int) -> date:
    """A day that exists, in a year that data can have."""
    if year not in YEARS:
        raise ValueError("no year that data can have")
    return date(year, month, monthday)
