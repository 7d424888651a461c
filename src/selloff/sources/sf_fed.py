"""Daily News Sentiment Index of the San Francisco Fed: one workbook with the whole history.

Written after descriptions of the file by its readers: sheet `Data`, columns `date` and `News Sentiment`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from typing_extensions import override

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import broken, dated
from selloff.sources.workbook import dated_numbers, xlsx_rows

_URL = "https://www.frbsf.org/wp-content/uploads/news_sentiment_data.xlsx"
_SHEET, _DATE = "Data", "date"
_WHAT = "The news sentiment workbook"
_LARGEST = 5.0
"""The index has stayed between -1 and 1; a value beyond this is of another scale."""


class SfFed(NetworkSource):
    """The code is the column of the sheet, `News Sentiment`: negative is gloomy, zero the long-run mean."""

    id = "sf_fed"

    @override
    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """The one file, always whole: each weekly issue estimates the whole index again."""
        return [Ask(url=_URL, codes=tuple(wanted))]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by day; an empty cell is missing, and rows without a date and value are not read."""
        rows = []
        for code, day, index, where in dated_numbers(xlsx_rows(body, _SHEET, _WHAT), _DATE, ask.codes, _WHAT):
            if abs(index) > _LARGEST:
                raise broken(f"{where}: {index} is not on the index's scale.")
            rows.append((code, day, index))
        if not rows:
            raise broken(f"{_WHAT} has no values.")
        return dated(rows, _WHAT)
