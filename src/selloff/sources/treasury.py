"""US Treasury par yield curve, nominal as CSV and real as XML, on the evening of the day itself.

Format: https://home.treasury.gov/treasury-daily-interest-rate-xml-feed and recorded bodies. One file a year, in the CSV
newest first. Codes are the element names of the XML; the CSV's columns are their translations. Columns come and go with
the maturities ("1.5 Month" since 2025; 30 years were not issued from 2002 to 2006): an empty field is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import polars as pl

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import Point, absent, broken, column, csv_of, dated, day, decimal, drift, text_of

URL = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates"
NOMINAL = "daily_treasury_yield_curve"
REAL = "daily_treasury_real_yield_curve"
FIRST_YEAR = {NOMINAL: 1990, REAL: 2003}
OVERLAP = timedelta(days=14)
"""The curve is final but for rare corrections within days."""
COLUMNS = {
    "BC_1MONTH": "1 Mo",
    "BC_2MONTH": "2 Mo",
    "BC_3MONTH": "3 Mo",
    "BC_4MONTH": "4 Mo",
    "BC_6MONTH": "6 Mo",
    "BC_1YEAR": "1 Yr",
    "BC_2YEAR": "2 Yr",
    "BC_3YEAR": "3 Yr",
    "BC_5YEAR": "5 Yr",
    "BC_7YEAR": "7 Yr",
    "BC_10YEAR": "10 Yr",
    "BC_20YEAR": "20 Yr",
    "BC_30YEAR": "30 Yr",
}
BEGAN = {"BC_1MONTH": 2001, "BC_2MONTH": 2018, "BC_4MONTH": 2022}
"""Year of the first value; files of earlier years may lack the column."""
MISSING = frozenset({"", "N/A"})

_DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
_META = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_MIDNIGHT = re.compile(r"(.{10})T00:00:00", re.ASCII)
_TWO_DECIMALS = re.compile(r"\.\d\d$", re.ASCII)
"""Recorded yields have two, zeros too, and not every file ends its last line: a cut number is still a number."""


class Treasury(NetworkSource):
    """`BC_…` are nominal and `TC_…` real par yields, in percent."""

    id = "treasury"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One file for each curve and year, from the year of the last stored day less `OVERLAP`."""
        asks = []
        for curve, prefix in ((NOMINAL, "BC_"), (REAL, "TC_")):
            codes = tuple(code for code in wanted if code.startswith(prefix))
            lasts = [wanted[code] for code in codes]
            if codes:
                known = [last for last in lasts if last is not None]
                first = (min(known) - OVERLAP).year if len(known) == len(lasts) else FIRST_YEAR[curve]
                asks += [_ask(curve, year, codes) for year in range(first, today.year + 1)]
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Yields by date."""
        where = f"Treasury {ask.params[0][1]} {dict(ask.params)['field_tdr_date_value']}"
        read = _read_xml if ask.url.endswith("/xml") else _read_csv
        return dated(read(ask, body, where), where)


def _ask(curve: str, year: int, codes: tuple[str, ...]) -> Ask:
    which = ("field_tdr_date_value", str(year))
    if curve == REAL:
        return Ask(url=f"{URL}/pages/xml", codes=codes, params=(("data", curve), which))
    params = (("type", curve), which, ("page", ""), ("_format", "csv"))
    return Ask(url=f"{URL}/daily-treasury-rates.csv/{year}/all", codes=codes, params=params)


def _year(ask: Ask) -> int:
    return int(dict(ask.params)["field_tdr_date_value"])


def _in_year(when: date, ask: Ask, field: str, where: str) -> date:
    if when.year != _year(ask):
        raise drift(where, field, when.isoformat())
    return when


def _read_csv(ask: Ask, body: bytes, where: str) -> Iterator[Point]:
    header, rows = csv_of(body, where)
    if not body.endswith(b"\n") and rows and rows[-1][-1] not in MISSING and not _TWO_DECIMALS.search(rows[-1][-1]):
        raise broken(f"{where} ends within a number: {rows[-1][-1]!r} should have two decimals.")
    at = column(header, "Date", where)
    places = {}
    for code in ask.codes:
        name = COLUMNS.get(code, code)
        if name not in header and _year(ask) <= BEGAN.get(code, 0):
            continue
        places[code] = column(header, name, where)
    for row in rows:
        when = _in_year(day(row[at], "Date", where, american=True), ask, "Date", where)
        for code, place in places.items():
            if row[place] not in MISSING:
                yield code, when, decimal(row[place], header[place], where)


def _read_xml(ask: Ask, body: bytes, where: str) -> Iterator[Point]:
    text = text_of(body, where, xml=True)
    # The feed has no document type; refusing one keeps entity bombs out.
    if "<!" in text.replace("<![CDATA[", "").replace("<!--", ""):
        raise broken(f"{where} declares a document type.")
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError, LookupError) as error:
        raise broken(f"{where} is not XML: {error}.") from error
    if root.tag != f"{_ATOM}feed":
        raise absent(where, "feed")
    for entry in root.iter(f"{_ATOM}entry"):
        row = entry.find(f"{_ATOM}content/{_META}properties")
        if row is None:
            raise absent(where, "properties")
        found = row.findall(f"{_DATA}NEW_DATE")
        stamp = _MIDNIGHT.fullmatch(found[0].text or "") if len(found) == 1 else None
        if stamp is None:
            raise drift(where, "NEW_DATE", [f.text for f in found])
        when = _in_year(day(stamp[1], "NEW_DATE", where), ask, "NEW_DATE", where)
        for code in ask.codes:
            yield from _element(code, when, row, where)


def _element(code: str, when: date, row: ET.Element, where: str) -> Iterator[Point]:
    found = row.findall(f"{_DATA}{code}")
    if not found and when.year <= BEGAN.get(code, 0):
        return
    if not found:
        raise absent(where, code)
    if len(found) > 1:
        raise drift(where, code, "an element that appears twice")
    if found[0].get(f"{_META}null") == "true":
        return
    yield code, when, decimal(found[0].text, code, where)
