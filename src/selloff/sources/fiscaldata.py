"""FiscalData, the US Treasury's API: the government's cash, its debt, and demand at its auctions.

Format: https://fiscaldata.treasury.gov/api-documentation/ and recorded bodies. All values are strings, a missing one is
the string `"null"`. The cash table changed twice: to September 2021 the account is "Federal Reserve Account", then
"Treasury General Account (TGA)"; both close in `close_today_bal`. Since 2022 opening and closing balance have rows of
their own, and the closing row holds its value in `open_today_bal`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from selloff.sources.contract import Ask, NetworkSource, ServiceError
from selloff.sources.strict import (
    Point,
    broken,
    count_member,
    dated,
    day,
    decimal,
    drift,
    json_of,
    list_member,
    member,
    text_member,
)

URL = "https://api.fiscaldata.treasury.gov/services/api/fiscal_service"
PAGE = 10_000
"""Documented maximum of `page[size]`."""
OVERLAP = timedelta(days=92)
"""Daily statements are restated within the month, and debt within the quarter; auction results are final."""
MISSING = "null"

_OLD_ACCOUNTS = frozenset({"Federal Reserve Account", "Treasury General Account (TGA)"})
_CLOSING = "Treasury General Account (TGA) Closing Balance"
_AUCTION = "auction."
_AUCTION_FIELDS = (
    "auction_date,security_type,original_security_term,inflation_index_security,floating_rate,bid_to_cover_ratio"
)
_BY_LINE = "record_date,src_line_nbr"
_FIRST_AUCTION = date(2000, 1, 1)


@dataclass(frozen=True)
class _Table:
    path: str
    date_field: str
    sort: str
    read: Callable[[Ask, list[Any], str], Iterator[Point]]
    first: date | None = None
    fields: str | None = None
    bound: str | None = None


class FiscalData(NetworkSource):
    """`tga` and `debt` in millions of dollars; `auction.TERM` is the bid-to-cover ratio of notes and bonds."""

    id = "fiscaldata"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request a table (further pages follow), from `OVERLAP` before the last stored day."""
        asks = []
        groups = (("tga",), ("debt",), tuple(code for code in wanted if code.startswith(_AUCTION)))
        for name, codes in zip(_TABLES, groups, strict=True):
            chosen = tuple(code for code in codes if code in wanted)
            if chosen:
                asks.append(_ask(_TABLES[name], chosen, [wanted[code] for code in chosen], today))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by date; `"null"` is missing."""
        table = next(t for t in _TABLES.values() if ask.url.endswith(t.path))
        where = f"FiscalData {table.path}"
        page = _page(body, where)
        rows = list_member(page, "data", where)
        if len(rows) != count_member(member(page, "meta", where), "count", where):
            raise broken(f"{where}: other than the announced number of rows arrived.")
        return dated(table.read(ask, rows, where), where)

    def more(self, ask: Ask, body: bytes) -> Ask | None:
        """The next page, by the page count that the service states."""
        where = f"FiscalData {ask.url.removeprefix(URL)}"
        pages = count_member(member(_page(body, where), "meta", where), "total-pages", where)
        reached = int(dict(ask.params)["page[number]"])
        if reached >= pages:
            return None
        return replace(ask, params=tuple((k, str(reached + 1) if k == "page[number]" else v) for k, v in ask.params))


def _ask(table: _Table, codes: tuple[str, ...], lasts: list[date | None], today: date) -> Ask:
    known = [last for last in lasts if last is not None]
    start = min(known) - OVERLAP if len(known) == len(lasts) else table.first
    params = [("fields", table.fields)] if table.fields else []
    bounds = [f"{table.date_field}:gte:{start}"] if start else []
    bounds.append(f"{table.date_field}:lte:{today}")
    if table.bound:
        bounds.append(table.bound)
    params += [("filter", ",".join(bounds)), ("sort", table.sort)]
    params += [("page[number]", "1"), ("page[size]", str(PAGE))]
    return Ask(url=f"{URL}{table.path}", codes=codes, params=tuple(params))


def _page(body: bytes, where: str) -> Any:
    page = json_of(body, where)
    if isinstance(page, dict) and "error" in page and "data" not in page:
        text = f"{page.get('error')}: {page.get('message')}"[:300]
        raise ServiceError(f"{where}: the service answered {text}", "", retry=False)
    return page


def _read_cash(ask: Ask, rows: list[Any], where: str) -> Iterator[Point]:
    days = [day(member(row, "record_date", where), "record_date", where) for row in rows]
    closed = set()
    for when, row in zip(days, rows, strict=True):
        account = text_member(row, "account_type", where)
        field = "open_today_bal" if account == _CLOSING else "close_today_bal"
        if account == _CLOSING or account in _OLD_ACCOUNTS:
            closed.add(when)
            yield ask.codes[0], when, decimal(member(row, field, where), field, where)
    # Accounts were renamed twice; a day without a closing balance would be the third time. The borders of a page may
    # cut a day in two, so they prove nothing.
    cut = set(days[-1:] if len(rows) == PAGE else []) | set(days[:1] if dict(ask.params)["page[number]"] != "1" else [])
    unclosed = set(days) - closed - cut
    if unclosed:
        raise drift(where, "account_type", f"without a closing balance on {min(unclosed)}")


def _read_debt(ask: Ask, rows: list[Any], where: str) -> Iterator[Point]:
    field = "tot_pub_debt_out_amt"
    for row in rows:
        when = day(member(row, "record_date", where), "record_date", where)
        text = member(row, field, where)
        if text != MISSING:
            yield ask.codes[0], when, decimal(text, field, where) / 1e6


def _read_auctions(ask: Ask, rows: list[Any], where: str) -> Iterator[Point]:
    for row in rows:
        code = _AUCTION + text_member(row, "original_security_term", where)
        kind = text_member(row, "security_type", where)
        # An inflation-protected or floating note shares type and term with the plain one.
        if kind not in {"Note", "Bond"} or _flag(row, "inflation_index_security", where):
            continue
        if _flag(row, "floating_rate", where) or code not in ask.codes:
            continue
        when = day(member(row, "auction_date", where), "auction_date", where)
        text = member(row, "bid_to_cover_ratio", where)
        if text != MISSING:
            yield code, when, decimal(text, "bid_to_cover_ratio", where)


def _flag(row: Any, field: str, where: str) -> bool:
    text = text_member(row, field, where)
    if text not in {"Yes", "No", MISSING}:
        raise drift(where, field, text)
    return text == "Yes"


_TABLES = {
    "tga": _Table("/v1/accounting/dts/operating_cash_balance", "record_date", _BY_LINE, _read_cash),
    "debt": _Table("/v2/accounting/od/debt_to_penny", "record_date", _BY_LINE, _read_debt),
    "auctions": _Table(
        "/v1/accounting/od/auctions_query",
        "auction_date",
        "auction_date",
        _read_auctions,
        first=_FIRST_AUCTION,
        fields=_AUCTION_FIELDS,
        bound="security_type:in:(Note,Bond)",
    ),
}
