"""FRED's chart download: the same series as the API, as CSV and without a key.

Two generations are alive in recordings and caches: header `DATE,ID` with `.` for a missing value, and since 2025
`observation_date,ID` with an empty field. An unknown id answers HTTP 404 with an HTML page. The host drops HTTP/2
connections of some clients; HTTP/1.1 works.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.fred import since
from selloff.sources.strict import Point, absent, column, csv_of, dated, day, decimal, drift

URL = "https://fred.stlouisfed.org/graph/fredgraph.csv"
DATE_COLUMNS = ("observation_date", "DATE")
MISSING = frozenset({"", "."})


class FredGraph(NetworkSource):
    """Keyless CSV of FRED series, one request each."""

    id = "fredgraph"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request a series, from the same overlap as the API's before the last stored period."""
        asks = []
        for code, last in wanted.items():
            start = since(code, last)
            params = [("id", code)] if start is None else [("id", code), ("cosd", start.isoformat())]
            asks.append(Ask(url=URL, codes=(code,), params=tuple(params)))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by date; an empty field and `.` are missing."""
        code = ask.codes[0]
        where = f"fredgraph {code}"
        header, rows = csv_of(body, where, closed=True)
        if header[0] not in DATE_COLUMNS:
            raise absent(where, DATE_COLUMNS[0])
        if len(header) != 2:
            raise drift(where, "header", header)
        return dated(_points(code, column(header, code, where), rows, where), where)


def _points(code: str, at: int, rows: list[list[str]], where: str) -> Iterator[Point]:
    for row in rows:
        when = day(row[0], DATE_COLUMNS[0], where)
        if row[at] not in MISSING:
            yield code, when, decimal(row[at], code, where)
