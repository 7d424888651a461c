"""Alpha Vantage EARNINGS: by how much quarterly earnings per share beat the estimate.

Earnings per share themselves are adjusted for later splits, so they are not what was reported on the day and are not
stored; the surprise in percent of the estimate has no scale and stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from selloff.sources.contract import Ask, NetworkSource, ServiceError
from selloff.sources.strict import broken, day, decimal, json_of, list_member, mapping, text_member, vintages

_URL = "https://www.alphavantage.co/query"
_WHAT = "Alpha Vantage's answer"
_NONE = ("None", "", "-")
_ZONE = ZoneInfo("America/New_York")
_LIMIT = "The free key allows 25 requests a day; the rest comes with tomorrow's pull."


class AlphaVantage(NetworkSource):
    """The code is the ticker: earnings surprise as a fraction of the estimate, dated by the fiscal quarter's end.

    `known_at` is the end of the reported day in New York: whether it came before or after the session is not told in
    every answer, and the day is sometimes one late.
    """

    id = "alphavantage"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request for each ticker whose last stored quarter ended long enough ago for the next to be due.

        An answer is always the whole history. Quarters are reported from three weeks after their end, so within 105
        days of the last stored one there is nothing new, and the 25 requests of a day are saved.
        """
        due = [t for t, last in wanted.items() if last is None or today - last >= timedelta(days=105)]
        return [
            Ask(_URL, (ticker,), (("function", "EARNINGS"), ("symbol", ticker)), key_param="apikey") for ticker in due
        ]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Surprises by quarter; `"None"` is missing."""
        answer = mapping(json_of(body, _WHAT), "the body", _WHAT)
        (ticker,) = ask.codes
        for notice in ("Note", "Information"):
            if notice in answer:
                raise ServiceError(f"Alpha Vantage answered: {_short(answer[notice])}.", _LIMIT, retry=True)
        if "Error Message" in answer:
            raise ServiceError(f"Alpha Vantage answered: {_short(answer['Error Message'])}.", "", retry=False)
        if not answer:
            # An unknown ticker gives an empty object under HTTP 200.
            raise ServiceError(f"Alpha Vantage has no earnings of {ticker}.", "Correct the ticker.", retry=False)
        if text_member(answer, "symbol", _WHAT) != ticker:
            raise broken(f"{_WHAT} is about {str(answer['symbol'])[:20]!r}, asked was {ticker}.")
        rows = []
        quarters = list_member(answer, "quarterlyEarnings", _WHAT)
        for number, item in enumerate(quarters):
            where = f"{_WHAT}, quarter {number}"
            quarter = mapping(item, "the entry", where)
            percent = text_member(quarter, "surprisePercentage", where)
            reported = text_member(quarter, "reportedDate", where)
            if percent in _NONE or reported in _NONE:
                continue
            ended = day(text_member(quarter, "fiscalDateEnding", where), "fiscalDateEnding", where)
            when = day(reported, "reportedDate", where)
            if not timedelta() <= when - ended <= timedelta(days=366):
                raise broken(f"{where}: the quarter to {ended} reported on {when}.")
            known_at = datetime.combine(when + timedelta(days=1), time(), _ZONE).astimezone(UTC)
            value = decimal(percent, "surprisePercentage", where, scientific=True) / 100
            rows.append((ticker, ended, known_at, value))
        if len({(row[0], row[1]) for row in rows}) != len(set(rows)):
            raise broken(f"{_WHAT} has two values for one quarter.")
        return vintages(rows, _WHAT)


def _short(value: object) -> str:
    return repr(str(value)[:160])
