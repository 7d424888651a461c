"""FRED, the St. Louis Fed's database, through its API: current values of a series.

Format: https://fred.stlouisfed.org/docs/api/fred/series_observations.html and recorded bodies. Values are strings, a
missing one is `"."`. Errors are `{"error_code", "error_message"}`, or XML if the file type was not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from selloff.sources.contract import Ask, NetworkSource, ServiceError
from selloff.sources.strict import Point, broken, count_member, dated, day, decimal, drift, json_of, list_member, member

URL = "https://api.stlouisfed.org/fred/series/observations"
PAGE = 100_000
"""Most observations in one answer (documented maximum of `limit`)."""
MISSING = "."
OVERLAP = timedelta(days=366)
"""Days asked for again: corrections of H.15, H.4.1 and EIA figures reach back to the last annual benchmark at most."""
REVISED_IN_FULL = frozenset({"NFCI", "STLFSI4", "ICSA", "THREEFYTP10", "USEPUINDXD", "DTWEXBGS"})
"""Re-estimated as a whole: indices of conditions and the term premium at each release, claims and the broad dollar for
several years at each annual revision."""

_XML_ERROR = re.compile(rb"\s*(?:<\?xml[^>]{0,100}\?>)?\s*<error code=\"(\d{3})\"\s+message=\"([^\"]{0,300})\"")


class Fred(NetworkSource):
    """Observations of FRED series; needs the user's free key."""

    id = "fred"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request a series, from `OVERLAP` before the last stored period."""
        return [
            Ask(url=URL, codes=(code,), params=_params(code, since(code, last)), key_param="api_key")
            for code, last in wanted.items()
        ]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by date; `"."` is missing."""
        where = f"FRED {ask.codes[0]}"
        return dated(_points(ask.codes[0], observations(ask, body, where), where), where)

    def more(self, ask: Ask, body: bytes) -> Ask | None:
        """The next 100,000 observations, if there are."""
        return next_page(ask, page_of(body, f"FRED {ask.codes[0]}"))


def since(code: str, last: date | None) -> date | None:
    """First date to ask for, or None for the whole history."""
    return None if last is None or code in REVISED_IN_FULL else last - OVERLAP


def _params(code: str, start: date | None) -> tuple[tuple[str, str], ...]:
    usual = [("series_id", code), ("file_type", "json"), ("limit", str(PAGE)), ("offset", "0")]
    if start is not None:
        usual.append(("observation_start", start.isoformat()))
    return tuple(usual)


def page_of(body: bytes, where: str) -> dict[str, Any]:
    """A page of observations, once the service's own errors are told apart.

    Raises
    ------
    ServiceError : the service's error message, in JSON or XML.
    """
    xml = _XML_ERROR.match(body)
    if xml is not None:
        raise _refusal(int(xml[1]), xml[2].decode("utf-8", "replace"), where)
    page = json_of(body, where)
    if isinstance(page, dict) and "error_code" in page:
        raise _refusal(count_member(page, "error_code", where), str(page.get("error_message", ""))[:300], where)
    list_member(page, "observations", where)
    assert isinstance(page, dict)
    return page


def _refusal(code: int, message: str, where: str) -> ServiceError:
    # A throttled key is sometimes called "not registered" (github.com/mortada/fredapi, issue 45).
    retry = code == 429 or code >= 500 or "not registered" in message
    hint = "Check the key in your settings (fredaccount.stlouisfed.org/apikeys)." if "api_key" in message else ""
    return ServiceError(f"{where}: the service answered {code}: {message}", hint, retry=retry)


def observations(ask: Ask, body: bytes, where: str) -> list[Any]:
    """The rows of a page, after checking that the page is the one asked for and whole.

    Raises
    ------
    SchemaDriftError : other units or another output type than asked for.
    PayloadError : the page holds another number of rows than it says.
    """
    page = page_of(body, where)
    rows: list[Any] = page["observations"]
    asked = dict(ask.params)
    if member(page, "units", where) != "lin":
        raise drift(where, "units", page["units"])
    if member(page, "output_type", where) != int(asked.get("output_type", "1")):
        raise drift(where, "output_type", page["output_type"])
    due = min(count_member(page, "limit", where), count_member(page, "count", where) - _offset(page, where))
    if len(rows) != max(due, 0):
        raise broken(f"{where}: {len(rows)} observations arrived, {due} were announced.")
    return rows


def _offset(page: Mapping[str, Any], where: str) -> int:
    return count_member(page, "offset", where)


def next_page(ask: Ask, page: Mapping[str, Any]) -> Ask | None:
    """The request for the rows after this page, or None after the last."""
    where = f"FRED {ask.codes[0]}"
    reached = _offset(page, where) + len(page["observations"])
    if not page["observations"] or reached >= count_member(page, "count", where):
        return None
    return replace(ask, params=tuple((k, str(reached) if k == "offset" else v) for k, v in ask.params))


def _points(code: str, rows: list[Any], where: str) -> Iterator[Point]:
    for row in rows:
        text = member(row, "value", where)
        when = day(member(row, "date", where), "date", where)
        if text != MISSING:
            yield code, when, decimal(text, "value", where)
