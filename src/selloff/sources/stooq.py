"""Stooq: daily files that the user has downloaded. selloff asks Stooq for nothing.

Since spring 2026 Stooq answers programs with a CAPTCHA or a page that wants JavaScript; working round that is not
ours to do. The parser serves files that came through a browser.

Format: `Date,Open,High,Low,Close[,Volume]` (or `Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie[,Wolumen]` from
stooq.pl), dates YYYY-MM-DD, oldest first; currencies and metals lack the volume. Errors are texts under HTTP 200.
Prices of funds and stocks are adjusted for splits and dividends, so they belong to our `_adj` series. The last row
may have been taken before the close, and a file doesn't say when it was made: it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar

import polars as pl

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import csv_of, dated, day, decimal, drift, positive, refused, text_of

SERVICE = "Stooq"
HEADERS = {"Date": "Close", "Data": "Zamkniecie"}
"""The date's and the close's columns, in English and Polish."""

_LIMIT = ("exceeded the daily hits limit", "przekroczony dzienny limit")
_REFUSALS = ("no data", "brak danych", "get your apikey", "access denied", "unauthorized")
_SHORT = 400


class Stooq(NetworkSource):
    """Daily closes out of downloaded files."""

    id: ClassVar[str] = "stooq"
    why_no_requests: ClassVar[str] = (
        "Stooq lets only browsers in (CAPTCHA). Download the file there and read it with `selloff data import`."
    )

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """Nothing; `why_no_requests` says why."""
        return ()

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Closes by date, without the file's last row."""
        (code,) = ask.codes
        text = text_of(body, SERVICE)[:_SHORT].strip().lower()
        if text.startswith(_LIMIT):
            raise refused(SERVICE, text, retry=True)
        if text.startswith(_REFUSALS):
            raise refused(SERVICE, text, retry=False)
        header, rows = csv_of(body, SERVICE, closed=True)
        when = next((name for name in HEADERS if header.count(name) == 1), None)
        if when is None or header.count(HEADERS[when]) != 1:
            raise drift(SERVICE, "the header with Date and Close, or Data and Zamkniecie", header)
        place, column = header.index(HEADERS[when]), header.index(when)
        values = [
            (
                code,
                day(row[column], when, SERVICE),
                positive(
                    decimal(row[place], f"{HEADERS[when]} of {row[column]}", SERVICE, scientific=True),
                    HEADERS[when],
                    SERVICE,
                ),
            )
            for row in rows
        ]
        if values != sorted(values, key=lambda value: value[1]):
            raise drift(SERVICE, "the order of rows", "not oldest first")
        return dated(values[:-1], SERVICE)
