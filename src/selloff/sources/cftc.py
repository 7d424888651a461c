"""CFTC Commitments of Traders: weekly futures positions, from the agency's Socrata service.

Rows are as of a Tuesday; the release rule of the series, not this file, says that they were published on the Friday.
The service's column names carry typos (`swap__positions_short_all`, `noncomm_postions_spread_all`) and suffixes that
differ between its datasets; only the columns asked for by name are read, so a repaired typo elsewhere breaks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from typing_extensions import override

from selloff.sources.contract import Ask, NetworkSource, ServiceError
from selloff.sources.strict import broken, changed, dated, day, json_of, mapping, sequence, text_member

_URL = "https://publicreporting.cftc.gov/resource/{dataset}.json"
_DATE, _CONTRACT, _KIND, _OPEN = (
    "report_date_as_yyyy_mm_dd",
    "cftc_contract_market_code",
    "futonly_or_combined",
    "open_interest_all",
)

_PAGE = 5000
"""Rows a request; Socrata allows 50,000 (its default is 1,000)."""

_OVERLAP = timedelta(days=56)
"""The CFTC republishes reports with corrections, as a rule within weeks; after the shutdowns of 2018-19 and 2025 it
caught up on missed ones within two months."""

_MIDNIGHT = "T00:00:00.000"
_COUNT = re.compile(r"[0-9]{1,10}")

_TREASURIES: Mapping[str, date] = {
    "042601": date(2006, 6, 13),
    "044601": date(2006, 6, 13),
    "043602": date(2006, 6, 13),
    "020601": date(2006, 6, 13),
    "020604": date(2011, 1, 1),
    "043607": date(2017, 1, 1),
}
"""Two-, five- and ten-year notes, bonds, ultra bonds and ultra ten-year notes, each with the day from which a week
without it is incomplete: the dataset's first report, or the end of the year of listing (January 2010, January 2016)."""


@dataclass(frozen=True)
class _Report:
    """A dataset of the service, and its columns of the group whose net position is the series."""

    dataset: str
    long: str
    short: str


_REPORTS = {
    "disaggregated": _Report("72hh-3qpy", "m_money_positions_long_all", "m_money_positions_short_all"),
    "tff": _Report("gpe5-46if", "lev_money_positions_long", "lev_money_positions_short"),
    "legacy": _Report("6dca-aqww", "noncomm_positions_long_all", "noncomm_positions_short_all"),
}


class Cftc(NetworkSource):
    """Net positions of managed money, leveraged funds or non-commercial traders, futures only, in contracts.

    A code is `report:contract`, such as `disaggregated:088691`; `tff:treasuries` is the sum over all Treasury futures,
    in contracts of different face value. A week in which one of them is missing has no sum.
    """

    id = "cftc"

    @override
    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request for each code, from `_OVERLAP` before the last stored week, oldest first."""
        return [_ask(code, None if last is None else last - _OVERLAP) for code, last in wanted.items()]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Net positions by report date; the last date of a full page is left to the next page."""
        rows = _rows(ask, body)
        (code,) = ask.codes
        if len(rows) >= _PAGE:
            rows = [row for row in rows if row[0] < rows[-1][0]]
        if code != "tff:treasuries":
            return dated(((code, when, net) for when, _, net in rows), "The CFTC's answer")
        weeks: dict[date, dict[str, float]] = {}
        for when, contract, net in rows:
            if weeks.setdefault(when, {}).setdefault(contract, net) != net:
                raise broken(f"The CFTC's answer has two values of {contract} for {when}.")
        return dated(((code, when, net) for when, net in _sums(weeks)), "The CFTC's answer")

    def more(self, ask: Ask, body: bytes) -> Ask | None:
        """From the last date of a full page on, so that no week is split."""
        rows = _rows(ask, body)
        if len(rows) < _PAGE:
            return None
        if rows[0][0] == rows[-1][0]:
            raise broken("The CFTC's answer has a full page of one report date.")
        return _ask(ask.codes[0], rows[-1][0])


def _contracts(code: str) -> tuple[str, ...]:
    contract = code.partition(":")[2]
    return tuple(_TREASURIES) if contract == "treasuries" else (contract,)


def _ask(code: str, start: date | None) -> Ask:
    report = _REPORTS[code.partition(":")[0]]
    named = ",".join(f"'{c}'" for c in _contracts(code))
    where = f"{_CONTRACT} in({named})"
    if start is not None:
        where += f" AND {_DATE} >= '{start.isoformat()}{_MIDNIGHT}'"
    return Ask(
        url=_URL.format(dataset=report.dataset),
        codes=(code,),
        params=(
            ("$select", ",".join((_DATE, _CONTRACT, _KIND, _OPEN, report.long, report.short))),
            ("$where", where),
            ("$order", f"{_DATE} ASC,{_CONTRACT} ASC"),
            ("$limit", str(_PAGE)),
        ),
        key_header="X-App-Token",
    )


def _rows(ask: Ask, body: bytes) -> list[tuple[date, str, float]]:
    """Report date, contract and net position of each row, oldest first."""
    (code,) = ask.codes
    report, contracts = _REPORTS[code.partition(":")[0]], _contracts(code)
    answer = json_of(body, "The CFTC's answer")
    if isinstance(answer, dict) and "message" in answer:
        refusal = f"The CFTC refused the query: {str(answer['message'])[:160]!r}."
        if "no-such-column" in str(answer.get("code")):
            raise changed(refusal)
        raise ServiceError(refusal, "Other sources are not affected.", retry=False)
    found = []
    for number, item in enumerate(sequence(answer, "the body", "The CFTC's answer")):
        where = f"The CFTC's row {number}"
        row = mapping(item, "the entry", where)
        contract = text_member(row, _CONTRACT, where).strip()
        if contract not in contracts:
            raise broken(f"{where} is of contract {contract!r}, which was not asked for.")
        if text_member(row, _KIND, where).strip() != "FutOnly":
            raise changed(f"{where}, field {_KIND!r}: {row[_KIND]!r} should be 'FutOnly'.")
        stamp = text_member(row, _DATE, where)
        if not stamp.endswith(_MIDNIGHT):
            raise changed(f"{where}, field {_DATE!r}: {stamp[:40]!r} should be a date at midnight.")
        when = day(stamp.removesuffix(_MIDNIGHT), _DATE, where)
        held, sold, total = (_count(row, name, where) for name in (report.long, report.short, _OPEN))
        if max(held, sold) > total:
            raise broken(f"{where}: a group holds more contracts than are open.")
        found.append((when, contract, float(held - sold)))
    if found != sorted(found, key=lambda r: r[0]):
        raise broken("The CFTC's rows are not in the order that was asked for.")
    return found


def _count(row: Mapping[str, object], name: str, where: str) -> int:
    text = text_member(row, name, where).strip()
    if not _COUNT.fullmatch(text):
        raise changed(f"{where}, field {name!r}: {text[:40]!r} should be a count.")
    return int(text)


def _sums(weeks: Mapping[date, Mapping[str, float]]) -> list[tuple[date, float]]:
    """Sums of the weeks that have every contract listed by then; the others are left out, not understated."""
    seen: set[str] = set()
    found = []
    for when in sorted(weeks):
        seen |= weeks[when].keys()
        due = seen | {contract for contract, since in _TREASURIES.items() if since <= when}
        if due <= weeks[when].keys():
            found.append((when, sum(weeks[when].values())))
    if weeks and not found:
        gone = sorted(_TREASURIES.keys() - seen)
        raise changed(f"The CFTC's answer has no week with every Treasury contract; none at all of {gone}.")
    return found
