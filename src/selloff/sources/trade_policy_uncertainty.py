"""Daily Trade Policy Uncertainty of Caldara, Iacoviello, Molligo, Prestipino and Raffo: one workbook, whole history.

Written after descriptions of the file by its readers: sheet `TPU_DAILY`, columns `DATE`, `TPUD_index` and its 7- and
30-day means. The publisher rebuilt the daily index in 2026, so what an older copy says may differ throughout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from typing_extensions import override

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import broken, dated
from selloff.sources.workbook import dated_numbers, xlsx_rows

_URL = "https://www.matteoiacoviello.com/tpu_files/tpu_web_latest.xlsx"
_SHEET, _DATE = "TPU_DAILY", "DATE"
_WHAT = "The TPU workbook"


class TradePolicyUncertainty(NetworkSource):
    """The code is the column of the sheet, `TPUD_index`: 100 is one per cent of the articles."""

    id = "trade_policy_uncertainty"

    @override
    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """The one file, always whole: newspapers that come in late revise the past."""
        return [Ask(url=_URL, codes=tuple(wanted))]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by day; an empty cell is missing, and rows without a date and value are not read."""
        rows = []
        for code, day, index, where in dated_numbers(xlsx_rows(body, _SHEET, _WHAT), _DATE, ask.codes, _WHAT):
            if index < 0:
                raise broken(f"{where}: {index} is below zero, which no count is.")
            rows.append((code, day, index))
        if not rows:
            raise broken(f"{_WHAT} has no values.")
        return dated(rows, _WHAT)
