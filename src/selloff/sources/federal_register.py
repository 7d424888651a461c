"""Federal Register: how many trade-policy documents an issue has, counted from the documents API.

Asked for are all documents of five agencies. Two of them (the International Trade Administration and Commission)
publish case notices in nearly every issue and are not counted: they show that there was an issue, so that a day without
trade policy is a zero and a day without an issue is missing.

The service stops within a long result, so pages are cut by date: the next one starts at the last date of a page that
did not hold everything, and that date is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from selloff.sources.contract import Ask, NetworkSource, ServiceError
from selloff.sources.strict import broken, changed, dated, day, json_of, list_member, mapping, member, text_member

_URL = "https://www.federalregister.gov/api/v1/documents.json"
_WHAT = "The Federal Register's answer"

_TRADE_OFFICE = "trade-representative-office-of-united-states"
_BY_TITLE = ("executive-office-of-the-president", "industry-and-security-bureau")
_SIGNS_OF_AN_ISSUE = ("international-trade-administration", "international-trade-commission")
_TITLE = re.compile(r"tariff|dut(?:y|ies)\b|\bimport|\btrade\b|section (?:232|301)|entity list|export control", re.I)
"""Presidential documents and those of Industry and Security count if their title speaks of trade; all documents of the
Trade Representative do."""

_FIRST = date(1994, 1, 1)
"""The API's first issue."""

_PAGE = 1000
"""The documented largest page."""

_OVERLAP = timedelta(days=7)
"""Issues are not revised; a document may be indexed some days late."""

_GTE, _LTE = "conditions[publication_date][gte]", "conditions[publication_date][lte]"


class FederalRegister(NetworkSource):
    """The code is `trade`: documents of an issue, dated by its day of publication."""

    id = "federal_register"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request for each calendar year from the last stored issue, less `_OVERLAP`, to today."""
        asks: list[Ask] = []
        for code, last in wanted.items():
            start = _FIRST if last is None else max(_FIRST, last - _OVERLAP)
            asks += [
                _ask(code, max(start, date(year, 1, 1)), min(today, date(year, 12, 31)))
                for year in range(start.year, today.year + 1)
            ]
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Counts by issue; the last date of a page that did not hold everything is left to the next page."""
        documents, complete = _documents(ask, body)
        if not complete:
            documents = [d for d in documents if d[0] < documents[-1][0]]
        counts: dict[date, int] = {}
        for when, _, counted in documents:
            counts[when] = counts.get(when, 0) + counted
        return dated(((ask.codes[0], when, float(count)) for when, count in counts.items()), _WHAT)

    def more(self, ask: Ask, body: bytes) -> Ask | None:
        """From the last date of a page that did not hold everything on."""
        documents, complete = _documents(ask, body)
        if complete:
            return None
        if documents[0][0] == documents[-1][0]:
            raise broken(f"{_WHAT} does not fit the issue of {documents[0][0]} into a page.")
        return _ask(ask.codes[0], documents[-1][0], date.fromisoformat(dict(ask.params)[_LTE]))


def _ask(code: str, first: date, last: date) -> Ask:
    fields = ("document_number", "publication_date", "title", "agencies")
    agencies = (_TRADE_OFFICE, *_BY_TITLE, *_SIGNS_OF_AN_ISSUE)
    return Ask(
        url=_URL,
        codes=(code,),
        params=(
            ("per_page", str(_PAGE)),
            ("order", "oldest"),
            (_GTE, first.isoformat()),
            (_LTE, last.isoformat()),
            *(("conditions[agencies][]", agency) for agency in agencies),
            *(("fields[]", name) for name in fields),
        ),
    )


def _documents(ask: Ask, body: bytes) -> tuple[list[tuple[date, str, bool]], bool]:
    """Day, number and whether it counts, of each document, oldest first; and whether these are all."""
    answer = mapping(json_of(body, _WHAT), "the body", _WHAT)
    if "errors" in answer:
        raise ServiceError(f"The Federal Register refused: {str(answer['errors'])[:160]}.", "", retry=False)
    total = member(answer, "count", _WHAT)
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        raise changed(f"{_WHAT}, field 'count': {str(total)[:40]!r} should be a count.")
    if total == 0:
        # An empty answer has no list of results at all.
        return [], True
    first, last = (date.fromisoformat(dict(ask.params)[name]) for name in (_GTE, _LTE))
    found: dict[tuple[date, str], bool] = {}
    results = list_member(answer, "results", _WHAT)
    for number, item in enumerate(results):
        where = f"{_WHAT}, document {number}"
        document = mapping(item, "the entry", where)
        when = day(text_member(document, "publication_date", where), "publication_date", where)
        if not first <= when <= last:
            raise broken(f"{where} is of {when}, which was not asked for.")
        key = (when, text_member(document, "document_number", where))
        found[key] = _counts(document, where)
    documents = [(when, name, counted) for (when, name), counted in found.items()]
    if documents != sorted(documents, key=lambda d: d[0]):
        raise broken(f"{_WHAT} is not oldest first, as asked for.")
    if len(results) > total or not results:
        raise broken(f"{_WHAT} has {len(results)} documents and says that there are {total}.")
    return documents, len(results) == total


def _counts(document: Mapping[str, object], where: str) -> bool:
    """Whether a document is of trade policy. Joint documents have several agencies; some entries lack a slug."""
    agencies = list_member(document, "agencies", where)
    slugs = {str(mapping(agency, "agencies", where).get("slug")) for agency in agencies}
    known = {_TRADE_OFFICE, *_BY_TITLE, *_SIGNS_OF_AN_ISSUE}
    if not known & slugs:
        raise changed(f"{where}, field 'agencies': none of the agencies asked for is among {str(sorted(slugs))[:120]}.")
    title = text_member(document, "title", where)
    return _TRADE_OFFICE in slugs or (bool(slugs & set(_BY_TITLE)) and _TITLE.search(title) is not None)
