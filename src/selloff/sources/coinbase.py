"""Coinbase Exchange: candles of a market.

Format: `[[time, LOW, HIGH, open, close, volume], …]`, newest first, seconds, JSON numbers; intervals without a trade
are absent; errors are `{"message": …}`. At most 300 candles a request (350 were seen without a window). Without
`start` and `end` the latest candles come, of which the newest is running: that is the only request whose body can
hold it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

import polars as pl

from selloff.sources.candles import Candle, history, interval_of, market_of, values
from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import drift, instant, json_of, number, refused, sequence, shown

SERVICE = "Coinbase"
URL = "https://api.exchange.coinbase.com/products/{market}/candles"
PAGE = 300
LISTED = {"BTC-USD": date(2015, 7, 20), "ETH-USD": date(2016, 5, 18)}
"""First days with candles; earlier pages would be empty."""

_COLUMNS = ("time", "low", "high", "open", "close", "volume")
_PASSING = ("rate limit", "slow down", "internal server error", "too many", "unavailable")


class Coinbase(NetworkSource):
    """Daily and hourly closes in dollars. Overlap: see `candles.OVERLAP`."""

    id: ClassVar[str] = "coinbase"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """History in windows of 300 candles, then the latest ones without a window."""
        asks = []
        for code, last in wanted.items():
            interval, url = interval_of(code), URL.format(market=market_of(code))
            grain = ("granularity", str(int(interval.total_seconds())))
            for first, final in history(last, LISTED[market_of(code)], today, interval, PAGE, PAGE):
                asks.append(Ask(url, (code,), (grain, ("start", _iso(first)), ("end", _iso(final)))))
            asks.append(Ask(url, (code,), (grain,)))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Closes: by UTC date for daily candles, by the instant of their end for hourly ones."""
        (code,) = ask.codes
        rows = json_of(body, SERVICE)
        if isinstance(rows, dict) and isinstance(rows.get("message"), str):
            text = rows["message"]
            raise refused(SERVICE, text, retry=any(word in text.lower() for word in _PASSING))
        candles = [_candle(row) for row in sequence(rows, "the body", SERVICE)]
        return values(code, candles, SERVICE, newest_may_run="start" not in dict(ask.params))


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _candle(row: object) -> Candle:
    fields = sequence(row, "a candle", SERVICE)
    if len(fields) != len(_COLUMNS):
        raise drift(SERVICE, f"a candle of {len(_COLUMNS)} fields", shown(row))
    low, high, start, close, _ = (number(fields[i], _COLUMNS[i], SERVICE) for i in range(1, len(_COLUMNS)))
    return Candle(instant(fields[0], "time", SERVICE), start, high, low, close)
