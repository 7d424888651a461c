"""Office of Financial Research: Financial Stress Index, Short-term Funding Monitor, Hedge Fund Monitor.

Formats: https://www.financialresearch.gov/short-term-funding-monitor/api/, .../hedge-fund-monitor/api/ and a recorded
index file. The monitors answer a bare array of `[date, value]`, null where there is no value, and errors are plain text
under HTTP 200 ("Invalid mnemonic").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from selloff.sources.contract import Ask, NetworkSource, ServiceError
from selloff.sources.strict import Point, broken, column, csv_of, dated, day, decimal, drift, json_of, number, text_of

INDEX = "https://www.financialresearch.gov/financial-stress-index/data/fsi.csv"
FUNDING = "https://data.financialresearch.gov/v1/series/timeseries"
HEDGE_FUNDS = "https://data.financialresearch.gov/hf/v1/series/timeseries"
_STRESS = "fsi."
_FUNDS = ("FPF-", "FICC-")
_DOLLARS = ("_SUM", "_VOL")


class Ofr(NetworkSource):
    """`fsi.COLUMN` are parts of the index; other codes are mnemonics: rates in percent, amounts in billions of dollars.

    Everything is asked for in full: the index is re-estimated each day, Form PF each quarter, and the funding rates are
    preliminary until replaced; none of the files is large.
    """

    id = "ofr"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """The index file, and one request a mnemonic."""
        stress = tuple(code for code in wanted if code.startswith(_STRESS))
        asks = [Ask(url=INDEX, codes=stress)] if stress else []
        for code in wanted:
            if code not in stress:
                url = HEDGE_FUNDS if code.startswith(_FUNDS) else FUNDING
                asks.append(Ask(url=url, codes=(code,), params=(("mnemonic", code),)))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by date."""
        if ask.url == INDEX:
            return dated(_read_index(ask, body, "OFR fsi.csv"), "OFR fsi.csv")
        where = f"OFR {ask.codes[0]}"
        return dated(_read_series(ask.codes[0], body, where), where)


def _read_index(ask: Ask, body: bytes, where: str) -> Iterator[Point]:
    header, rows = csv_of(body, where, closed=True)
    at = column(header, "Date", where)
    places = {code: column(header, code.removeprefix(_STRESS), where) for code in ask.codes}
    for row in rows:
        when = day(row[at], "Date", where)
        for code, place in places.items():
            yield code, when, decimal(row[place], header[place], where, scientific=True)


def _read_series(code: str, body: bytes, where: str) -> Iterator[Point]:
    text = text_of(body, where).strip()
    if text.strip('"').lower().startswith("invalid mnemonic"):
        raise ServiceError(
            f"{where}: the service answered {text[:100]}.", "The series was renamed or ended.", retry=False
        )
    rows = json_of(body, where)
    if not isinstance(rows, list):
        raise drift(where, "timeseries", rows)
    if not rows:
        raise broken(f"{where} is an empty series.")
    scale = 1e9 if code.endswith(_DOLLARS) else 1.0
    for row in rows:
        if not isinstance(row, list) or len(row) != 2:
            raise drift(where, "[date, value]", row)
        when = day(row[0], "date", where)
        if row[1] is not None:
            yield code, when, number(row[1], "value", where) / scale
