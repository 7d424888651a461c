"""Binance: spot candles, funding rates and open interest of perpetual futures.

Formats (each from Binance's documentation; of the candles one row was recorded):

- `BTCUSDT:1d`, `BTCUSDT:1h`: `[[open time, "open", "high", "low", "close", "volume", close time, … 12 fields], …]`,
  oldest first, milliseconds, prices as texts, in Tether and not in dollars. Without a window the latest 1000 come, of
  which the newest is running: that is the only request whose body can hold it.
- `BTCUSDT:funding`: `[{"symbol", "fundingRate": "0.0001", "fundingTime", "markPrice"}, …]`, three a day, oldest first.
- `BTCUSDT:open_interest`: `[{"symbol", "sumOpenInterest", "sumOpenInterestValue": "…", "timestamp"}, …]`, one a day at
  00:00 UTC, the latest 30 days only.

Errors are `{"code": -1121, "msg": "…"}`; 451 comes with code 0 from countries that Binance doesn't serve. Spot candles
are asked from data-api.binance.vision, which has no such block; the futures' host has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

import polars as pl

from selloff.sources.candles import (
    INTERVALS,
    OVERLAP,
    Candle,
    history,
    interval_of,
    market_of,
    midnight,
    milliseconds,
    pages,
    values,
)
from selloff.sources.contract import Ask, NetworkSource, ServiceError
from selloff.sources.strict import (
    dated,
    decimal,
    drift,
    instant,
    json_of,
    mapping,
    member,
    number,
    positive,
    refused,
    sequence,
    shown,
)

SERVICE = "Binance"
KLINES = "https://data-api.binance.vision/api/v3/klines"
FUNDING = "https://fapi.binance.com/fapi/v1/fundingRate"
OPEN_INTEREST = "https://fapi.binance.com/futures/data/openInterestHist"

PAGE = 1000
FUNDINGS_A_DAY = 3
"""BTCUSDT and ETHUSDT have been settled at 00:00, 08:00 and 16:00 UTC since they were listed."""
FUNDING_DAYS = PAGE // FUNDINGS_A_DAY
OPEN_INTEREST_DAYS = 30
LISTED = date(2017, 8, 17)
FUTURES_LISTED = date(2019, 9, 10)

_WIDTH = 12
_BILLION = 1e9
_PASSING = (-1000, -1001, -1003, -1007, -1008, -1015)
"""Disconnected, too many requests, timeout, overloaded."""


class Binance(NetworkSource):
    """Closes in Tether; the day's mean funding rate; open interest in billions of dollars.

    Overlap: see `candles.OVERLAP`; funding rates and open interest are not revised, the same overlap completes a day
    that was cut short.
    """

    id: ClassVar[str] = "binance"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """Pages of 1000 candles or of 333 days of funding rates; open interest at one go."""
        asks: list[Ask] = []
        for code, last in wanted.items():
            kind = code.rpartition(":")[2]
            if kind in INTERVALS:
                asks += _klines(code, last, today)
            elif kind == "funding":
                asks += _fundings(code, last, today)
            else:
                limits = (("period", "1d"), ("limit", str(OPEN_INTEREST_DAYS)))
                asks.append(Ask(OPEN_INTEREST, (code,), (("symbol", market_of(code)), *limits)))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Candles by UTC date or instant of their end; the other two by UTC date."""
        (code,) = ask.codes
        found = json_of(body, SERVICE)
        if isinstance(found, dict) and "code" in found:
            raise _refusal(found)
        rows = sequence(found, "the body", SERVICE)
        kind = code.rpartition(":")[2]
        if kind in INTERVALS:
            candles = [_candle(row, interval_of(code)) for row in rows]
            return values(code, candles, SERVICE, newest_may_run="startTime" not in dict(ask.params))
        return _funding(code, rows) if kind == "funding" else _open_interest(code, rows)


def _refusal(found: Mapping[str, object]) -> ServiceError:
    text = found.get("msg")
    blocked = isinstance(text, str) and "restricted location" in text
    error = refused(SERVICE, text, retry=found["code"] in _PASSING)
    if blocked:
        error.hint = "Binance serves no requests from this country; other sources of the series still work."
    return error


def _window(first: datetime, end: datetime) -> tuple[tuple[str, str], ...]:
    """The parameters of a window; Binance takes its end as inclusive."""
    return (("startTime", str(milliseconds(first))), ("endTime", str(milliseconds(end) - 1)), ("limit", str(PAGE)))


def _klines(code: str, last: date | None, today: date) -> list[Ask]:
    kind = (("symbol", market_of(code)), ("interval", code.rpartition(":")[2]))
    interval = interval_of(code)
    windows = history(last, LISTED, today, interval, PAGE, PAGE)
    asks = [Ask(KLINES, (code,), (*kind, *_window(first, final + interval))) for first, final in windows]
    return [*asks, Ask(KLINES, (code,), (*kind, ("limit", str(PAGE))))]


def _fundings(code: str, last: date | None, today: date) -> list[Ask]:
    day = timedelta(days=1)
    first = midnight(FUTURES_LISTED) if last is None else max(midnight(FUTURES_LISTED), midnight(last) - OVERLAP)
    return [
        Ask(FUNDING, (code,), (("symbol", market_of(code)), *_window(start, final + day)))
        for start, final in pages(first, midnight(today) + day, day, FUNDING_DAYS)
    ]


def _candle(row: object, interval: timedelta) -> Candle:
    fields = sequence(row, "a candle", SERVICE)
    if len(fields) != _WIDTH:
        raise drift(SERVICE, f"a candle of {_WIDTH} fields", shown(row))
    prices = [
        decimal(fields[i + 1], name, SERVICE, scientific=True)
        for i, name in enumerate(("open", "high", "low", "close"))
    ]
    start = instant(fields[0], "the open time", SERVICE, 1000)
    length = instant(fields[6], "the close time", SERVICE, 1000) - start
    if not timedelta(0) < length <= interval:
        raise drift(SERVICE, "the length of a candle", str(length))
    return Candle(start, *prices)


def _record(row: object, code: str) -> Mapping[str, object]:
    record = mapping(row, "an entry", SERVICE)
    if record.get("symbol") != market_of(code):
        raise drift(SERVICE, f"the symbol {market_of(code)!r}", record.get("symbol"))
    return record


def _funding(code: str, rows: Sequence[object]) -> pl.DataFrame:
    """The mean of a UTC day's three rates, as a fraction a period of eight hours; days that lack one are left out."""
    rates: dict[date, dict[datetime, float]] = defaultdict(dict)
    for row in rows:
        record = _record(row, code)
        # The stamp is some milliseconds late at times, never early.
        when = instant(member(record, "fundingTime", SERVICE), "fundingTime", SERVICE, 1000)
        rate = decimal(member(record, "fundingRate", SERVICE), "fundingRate", SERVICE, scientific=True)
        if rates[when.date()].setdefault(when, rate) != rate:
            raise drift(SERVICE, "one funding rate a stamp", when.isoformat())
    for found in rates.values():
        if len(found) > FUNDINGS_A_DAY or len({moment.hour // 8 for moment in found}) != len(found):
            raise drift(SERVICE, "funding every eight hours", [m.isoformat() for m in found])
    means = {
        settled: number(sum(found.values()) / FUNDINGS_A_DAY, "the mean of fundingRate", SERVICE)
        for settled, found in rates.items()
        if len(found) == FUNDINGS_A_DAY
    }
    return dated(((code, settled, mean) for settled, mean in means.items()), SERVICE)


def _open_interest(code: str, rows: Sequence[object]) -> pl.DataFrame:
    """Snapshots at 00:00 UTC, each the end of the day before; billions of dollars."""
    found = []
    for row in rows:
        record = _record(row, code)
        stamp = member(record, "timestamp", SERVICE)
        if isinstance(stamp, str) and stamp.isascii() and stamp.isdigit() and len(stamp) == 13:
            stamp = int(stamp)  # a text in the documentation's example, a number in answers that others recorded
        when = instant(stamp, "timestamp", SERVICE, 1000)
        if when != midnight(when.date()):
            raise drift(SERVICE, "timestamp at 00:00 UTC", when.isoformat())
        field = "sumOpenInterestValue"
        value = positive(decimal(member(record, field, SERVICE), field, SERVICE, scientific=True), field, SERVICE)
        found.append((code, when.date() - timedelta(days=1), value / _BILLION))
    return dated(found, SERVICE)
