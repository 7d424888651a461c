"""Daily Geopolitical Risk index of Caldara and Iacoviello: one legacy workbook with the whole history.

Columns have come and gone (moving averages, events, a table of labels beside the data), so they are found by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from typing_extensions import override

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import broken, calendar_day, changed, dated, number
from selloff.sources.workbook import Cell, cell_at, columns, serial_day, xls_rows

_URL = "https://www.matteoiacoviello.com/gpr_files/data_gpr_daily_recent.xls"
_WHAT = "The GPR workbook"
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


class Gpr(NetworkSource):
    """Codes are the workbook's columns `GPRD`, `GPRD_ACT` and `GPRD_THREAT`, indices with 1985-2019 = 100."""

    id = "gpr"

    @override
    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """The one file, always whole: each weekly issue revises the past."""
        return [Ask(url=_URL, codes=tuple(wanted))]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by day; an empty cell is missing, and rows below the data without a day are not read."""
        sheet = xls_rows(body, _WHAT)
        places = columns(sheet, ("DAY", "date", *ask.codes), _WHAT)
        rows = []
        for line, row in enumerate(sheet[1:], start=2):
            where = f"{_WHAT}, row {line}"
            stated, stamp = cell_at(row, places["DAY"]), cell_at(row, places["date"])
            cells = {code: cell_at(row, places[code]) for code in ask.codes}
            if stated is None and stamp is None and not any(value is not None for value in cells.values()):
                continue
            day = _day(stated, where)
            if serial_day(stamp, "date", where) != day:
                raise broken(f"{where}: 'DAY' says {day}, 'date' another day.")
            for code, value in cells.items():
                if value is not None:
                    index = number(value, code, where)
                    if index < 0:
                        raise broken(f"{where}, column {code!r}: {index} is below zero, which no count is.")
                    rows.append((code, day, index))
        if not rows:
            raise broken(f"{_WHAT} has no values.")
        return dated(rows, _WHAT)


def _day(value: Cell, where: str) -> date:
    """A day written YYYYMMDD, as text or as a whole number."""
    text = str(int(value)) if isinstance(value, float) and value == value // 1 and abs(value) < 1e9 else value
    match = _DAY.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise changed(f"{where}, column 'DAY': {str(value)[:40]!r} should be a day YYYYMMDD.")
    return calendar_day(int(match[1]), int(match[2]), int(match[3]), "DAY", where)
