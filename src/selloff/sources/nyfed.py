"""New York Fed Markets API: reference rates, desk operations, liquidity swaps, SOMA holdings, primary dealers.

Format: https://markets.newyorkfed.org/static/docs/markets-api.html and recorded bodies of the two rates; the others
follow the documentation. Amounts are in dollars, those of dealers in millions of dollars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import (
    Point,
    absent,
    dated,
    day,
    decimal,
    drift,
    json_of,
    list_member,
    member,
    number,
    text_member,
)

URL = "https://markets.newyorkfed.org/api"
OVERLAP = timedelta(days=14)
"""Rates are revised on their own day only, operations within days; two weeks also bridge a pull that failed."""
SPAN = timedelta(days=366)
"""Longest span of one request for operations: a year of bodies with their details stays at some megabytes."""
FIRST = {
    "sofr": date(2018, 4, 2),
    "effr": date(2000, 7, 3),
    "on_rrp": date(2013, 9, 23),
    "standing_repo": date(2021, 7, 29),
    "swap_lines": date(2007, 12, 12),
}
"""First day of each facility or rate; overnight repos before are other operations."""
FULL_ALLOTMENT = date(2025, 12, 11)
"""From this day standing repos are full allotments; before, they were auctions at multiple prices."""
LONGEST_SWAP = timedelta(days=95)
"""Swaps have run for 88 days at most; a balance needs all operations of that time before it."""

_RATES = {"sofr": ("secured/sofr", "SOFR"), "effr": ("unsecured/effr", "EFFR")}
_OPERATIONS = ("on_rrp", "standing_repo")
_SOMA = "soma."
_DEALERS = "pd."
_METHODS = frozenset({"Full Allotment", "Fixed Rate", "Multiple Price", "Single Price"})
_EARLY_TEST = "10:30"
_WEDNESDAY = 2
_SUPPRESSED = "*"


class NyFed(NetworkSource):
    """Several endpoints; `soma.NAME` and `pd.KEYID` are codes of holdings and of dealer series."""

    id = "nyfed"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """Rates in one request each, operations by year, swaps as one, holdings and dealers in full."""
        asks = [_rate(code, wanted[code], today) for code in _RATES if code in wanted]
        asks += _operations({c: wanted[c] for c in _OPERATIONS if c in wanted}, today)
        if "swap_lines" in wanted:
            start = _start("swap_lines", wanted["swap_lines"]) - LONGEST_SWAP
            asks.append(_ask("fxs/usdollar/search.json", ("swap_lines",), start, today))
        holdings = tuple(c for c in wanted if c.startswith(_SOMA))
        if holdings:
            asks.append(Ask(url=f"{URL}/soma/summary.json", codes=holdings))
        for code in wanted:
            if code.startswith(_DEALERS):
                asks.append(Ask(url=f"{URL}/pd/get/{code.removeprefix(_DEALERS)}.json", codes=(code,)))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by date: rates in percent, operations in billions, the rest in millions of dollars."""
        path = ask.url.removeprefix(URL)
        where = f"NY Fed {path}"
        reader = next(read for start, read in _READERS.items() if path.startswith(start))
        return dated(reader(ask, json_of(body, where), where), where)


def _start(code: str, last: date | None) -> date:
    return FIRST[code] if last is None else max(last - OVERLAP, FIRST[code])


def _ask(path: str, codes: tuple[str, ...], start: date, end: date, *more: tuple[str, str]) -> Ask:
    span = (("startDate", start.isoformat()), ("endDate", end.isoformat()))
    return Ask(url=f"{URL}/{path}", codes=codes, params=(*span, *more))


def _rate(code: str, last: date | None, today: date) -> Ask:
    return _ask(f"rates/{_RATES[code][0]}/search.json", (code,), _start(code, last), today)


def _operations(wanted: Mapping[str, date | None], today: date) -> list[Ask]:
    if not wanted:
        return []
    starts = {code: _start(code, last) for code, last in wanted.items()}
    start = min(starts.values())
    asks = []
    while start <= today:
        end = min(start + SPAN, today)
        codes = tuple(code for code in wanted if starts[code] <= end)
        asks.append(_ask("rp/results/search.json", codes, start, end))
        start = end + timedelta(days=1)
    return asks


def _read_rates(ask: Ask, body: Any, where: str) -> Iterator[Point]:
    code = ask.codes[0]
    for row in list_member(body, "refRates", where):
        if text_member(row, "type", where) != _RATES[code][1]:
            raise drift(where, "type", row["type"])
        when = day(member(row, "effectiveDate", where), "effectiveDate", where)
        yield code, when, number(member(row, "percentRate", where), "percentRate", where)


def _read_operations(ask: Ask, body: Any, where: str) -> Iterator[Point]:
    rows = list_member(member(body, "repo", where), "operations", where)
    kinds = {text_member(row, "operationType", where) for row in rows}
    if rows and not kinds & {"Repo", "Reverse Repo"}:
        raise drift(where, "operationType", sorted(kinds))
    for code in ask.codes:
        sums: dict[date, float] = {}
        unfinished: set[date] = set()
        for row in rows:
            when = day(member(row, "operationDate", where), "operationDate", where)
            if when < FIRST[code] or not _belongs(code, row, when, where):
                continue
            if text_member(row, "auctionStatus", where) != "Results":
                unfinished.add(when)
                continue
            amount = number(member(row, "totalAmtAccepted", where), "totalAmtAccepted", where)
            sums[when] = sums.get(when, 0.0) + amount
        # A day is complete only when all its operations are: the second one would revise a sum that stored readers saw.
        yield from ((code, when, dollars / 1e9) for when, dollars in sums.items() if when not in unfinished)


def _belongs(code: str, row: Any, when: date, where: str) -> bool:
    """Whether a row is an operation of the facility, rather than a term, foreign or small-value operation."""
    if row["operationType"] != ("Reverse Repo" if code == "on_rrp" else "Repo"):
        return False
    if text_member(row, "term", where) != "Overnight" or _is_small(row, where):
        return False
    if code == "on_rrp":
        return True
    method = text_member(row, "operationMethod", where)
    if method not in _METHODS:
        raise drift(where, "operationMethod", method)
    if when >= FULL_ALLOTMENT:
        return method in {"Full Allotment", "Multiple Price"}
    # Tests of 2021 to 2025 ran at 10:30, some without a note; the facility's own operation was at 13:30.
    return method == "Multiple Price" and row.get("releaseTime") != _EARLY_TEST


def _is_small(row: Mapping[str, Any], where: str) -> bool:
    flag = row.get("isSmallValue")
    if flag not in (None, "", "N", "Y"):  # a tuple: an unhashable value is drift, too
        raise drift(where, "isSmallValue", flag)
    note = row.get("note")
    if note is not None and not isinstance(note, str):
        raise drift(where, "note", note)
    words = (note or "").lower().replace("-", " ")
    return flag == "Y" or "small value" in words


def _read_swaps(ask: Ask, body: Any, where: str) -> Iterator[Point]:
    """Dollars outstanding on each Wednesday, as the H.4.1 counts them; small-value tests are outstanding, too."""
    held = []
    for row in list_member(member(body, "fxSwaps", where), "operations", where):
        if text_member(row, "currency", where) != "USD":
            raise drift(where, "currency", row["currency"])
        settled = day(member(row, "settlementDate", where), "settlementDate", where)
        matured = day(member(row, "maturityDate", where), "maturityDate", where)
        held.append((settled, matured, number(member(row, "amount", where), "amount", where)))
    if not held:
        return
    asked = dict(ask.params)
    # Before its first and after its last operation the list is no evidence of zero: nobody says how far it reaches.
    first = max(date.fromisoformat(asked["startDate"]), min(settled for settled, _, _ in held))
    end = min(date.fromisoformat(asked["endDate"]), max(matured for _, matured, _ in held))
    wednesday = first + LONGEST_SWAP
    wednesday += timedelta(days=(_WEDNESDAY - wednesday.weekday()) % 7)
    while wednesday <= end:
        amount = sum(a for settled, matured, a in held if settled <= wednesday < matured)
        yield "swap_lines", wednesday, amount / 1e6
        wednesday += timedelta(days=7)


def _read_soma(ask: Ask, body: Any, where: str) -> Iterator[Point]:
    for row in list_member(member(body, "soma", where), "summary", where):
        when = day(member(row, "asOfDate", where), "asOfDate", where)
        for code in ask.codes:
            field = code.removeprefix(_SOMA)
            text = member(row, field, where)
            if text != "":
                yield code, when, decimal(text, field, where) / 1e6


def _read_dealers(ask: Ask, body: Any, where: str) -> Iterator[Point]:
    code = ask.codes[0]
    rows = list_member(member(body, "pd", where), "timeseries", where)
    if not rows:
        raise absent(where, "timeseries")
    for row in rows:
        if text_member(row, "keyid", where) != code.removeprefix(_DEALERS):
            raise drift(where, "keyid", row["keyid"])
        when = day(member(row, "asofdate", where), "asofdate", where)
        text = member(row, "value", where)
        if text != _SUPPRESSED:
            yield code, when, decimal(text, "value", where)


_READERS: dict[str, Callable[[Ask, Any, str], Iterator[Point]]] = {
    "/rates/": _read_rates,
    "/rp/": _read_operations,
    "/fxs/": _read_swaps,
    "/soma/": _read_soma,
    "/pd/": _read_dealers,
}
