"""Cboe: whole histories of volatility indices as CSV, one file an index.

Format: `DATE,OPEN,HIGH,LOW,CLOSE` (VIX, VIX9D, VIX3M) or `DATE,<INDEX>` (VVIX, SKEW, OVX, GVZ), dates MM/DD/YYYY,
oldest first. Before 1992 the VIX file repeats the close as open, high and low; only the close is read. An empty field
is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar

import polars as pl

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import csv_of, dated, day, decimal, drift, positive

SERVICE = "Cboe"
URL = "https://cdn.cboe.com/api/global/us_indices/daily_prices/{code}_History.csv"


class Cboe(NetworkSource):
    """Daily closes of Cboe's volatility indices. A file is always the whole history, so revisions need no overlap."""

    id: ClassVar[str] = "cboe"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One file an index."""
        return [Ask(URL.format(code=code), (code,)) for code in wanted]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Closes by date, in index points."""
        (code,) = ask.codes
        header, rows = csv_of(body, SERVICE, closed=True)
        column = "CLOSE" if "CLOSE" in header else code
        for name in ("DATE", column):
            if header.count(name) != 1:
                raise drift(SERVICE, f"the column {name!r}", f"not once in the header {header}")
        when, what = header.index("DATE"), header.index(column)
        return dated(
            (
                (
                    code,
                    day(row[when], "DATE", SERVICE, american=True),
                    positive(decimal(row[what], f"{column} of {row[when]}", SERVICE, scientific=True), column, SERVICE),
                )
                for row in rows
                if row[what].strip()
            ),
            SERVICE,
        )
