"""Daily US Economic Policy Uncertainty of Baker, Bloom and Davis: one CSV with the whole history."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from typing_extensions import override

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import broken, calendar_day, changed, column, csv_of, dated, decimal

_URL = "https://www.policyuncertainty.com/media/All_Daily_Policy_Data.csv"
_WHAT = "The EPU file"
_HEADER = ("day", "month", "year")
_WHOLE = re.compile(r"[0-9]{1,4}")


class Epu(NetworkSource):
    """The code is the file's column, `daily_policy_index`."""

    id = "epu"

    @override
    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """The one file, always whole: the newest months are revised as newspapers come in late."""
        return [Ask(url=_URL, codes=tuple(wanted))]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by day; an empty field is missing, and anything else that is no number is drift."""
        header, table = csv_of(body, _WHAT, closed=True)
        places = {name: column(header, name, _WHAT) for name in (*_HEADER, *ask.codes)}
        rows = []
        for line, fields in enumerate(table, start=2):
            where = f"{_WHAT}, line {line}"
            named = {name: fields[place] for name, place in places.items()}
            day, month, year = (_whole(named[name], name, where) for name in _HEADER)
            when = calendar_day(year, month, day, "day, month, year", where)
            for code in ask.codes:
                if named[code].strip():
                    index = decimal(named[code].strip(), code, where, scientific=True)
                    if index < 0:
                        raise broken(f"{where}, column {code!r}: {index} is below zero, which no count is.")
                    rows.append((code, when, index))
        if not rows:
            raise broken(f"{_WHAT} has no values.")
        return dated(rows, _WHAT)


def _whole(text: str, name: str, where: str) -> int:
    if not _WHOLE.fullmatch(text.strip(" ")):
        raise changed(f"{where}, column {name!r}: {text[:40]!r} should be a whole number.")
    return int(text)
