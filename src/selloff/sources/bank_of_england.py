"""Bank of England database: gilt yields and SONIA, as CSV of chosen columns, without a key.

Format by documentation (https://www.bankofengland.co.uk/boeapps/database/help.asp) and by what other readers of it
expect: with `CSVF=TN` a header `DATE,CODE,...` and rows such as `02 Jan 2026,4.50,..`: missing is `..` or nothing.
An unknown code is answered by a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import Point, calendar_day, column, csv_of, dated, decimal, drift

URL = "https://www.bankofengland.co.uk/boeapps/database/_iadb-fromshowcolumns.asp"
FIRST = date(1979, 1, 2)
"""Par yields start then, SONIA later."""
OVERLAP = timedelta(days=30)
"""No window for corrections is stated; a month is a guess on the safe side."""
MISSING = frozenset({"", "..", "."})

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = re.compile(rf"(\d{{2}}) ({'|'.join(_MONTHS)}) (\d{{4}})", re.ASCII)
_SERVICE = "Bank of England"


class BankOfEngland(NetworkSource):
    """Codes are those of the database; all of them come in one answer."""

    id = "bank_of_england"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request, from the overlap before the oldest of the last stored days."""
        if not wanted:
            return []
        start = min(FIRST if last is None else max(last - OVERLAP, FIRST) for last in wanted.values())
        params = (
            ("csv.x", "yes"),
            ("Datefrom", f"{start.day:02d}/{_MONTHS[start.month - 1]}/{start.year}"),
            ("Dateto", "now"),
            ("SeriesCodes", ",".join(wanted)),
            ("CSVF", "TN"),
            ("UsingCodes", "Y"),
            ("VPD", "Y"),
            ("VFD", "N"),
        )
        return [Ask(URL, tuple(wanted), params)]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Percent by date; `..` and an empty field are missing."""
        header, rows = csv_of(body, _SERVICE, closed=True)
        places = {code: column(header, code, _SERVICE) for code in ask.codes}
        return dated(_points(column(header, "DATE", _SERVICE), places, rows), _SERVICE)


def _points(at: int, places: Mapping[str, int], rows: Sequence[Sequence[str]]) -> Iterator[Point]:
    for row in rows:
        match = _DAY.fullmatch(row[at])
        if match is None:
            raise drift(_SERVICE, "DATE", row[at])
        when = calendar_day(int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1]), "DATE", _SERVICE)
        for code, place in places.items():
            if row[place] not in MISSING:
                yield code, when, decimal(row[place], code, _SERVICE)
