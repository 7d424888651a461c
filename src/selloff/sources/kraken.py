"""Kraken: the latest 720 candles of a pair, whatever `since` says.

Format: `{"error": [], "result": {"XXBTZUSD": [[time, "open", "high", "low", "close", "vwap", "volume", count], …],
"last": time}}`, oldest first, seconds, prices as texts. The last row is running: `last` is the newest finished one.
Errors come as texts in `error` with HTTP 200. The key of the result is the pair's own name, not the one asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar

import polars as pl

from selloff.sources.candles import OVERLAP, Candle, interval_of, market_of, midnight, seconds, values
from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import decimal, drift, instant, json_of, mapping, member, refused, sequence, shown

SERVICE = "Kraken"
URL = "https://api.kraken.com/0/public/OHLC"
NAMES = {"XBTUSD": "XXBTZUSD", "ETHUSD": "XETHZUSD"}
"""The pairs' names in answers."""

_WIDTH = 8
_PASSING = ("EService", "EAPI:Rate limit", "EGeneral:Too many", "EGeneral:Internal")


class Kraken(NetworkSource):
    """Daily and hourly closes in dollars, two years or a month back. Overlap: see `candles.OVERLAP`."""

    id: ClassVar[str] = "kraken"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request a pair and interval; older candles can't be had."""
        asks = []
        for code, last in wanted.items():
            minutes = str(int(interval_of(code).total_seconds()) // 60)
            params = [("pair", market_of(code)), ("interval", minutes)]
            if last is not None:
                params.append(("since", str(seconds(midnight(last) - OVERLAP))))
            asks.append(Ask(URL, (code,), tuple(params)))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Closes: by UTC date for daily candles, by the instant of their end for hourly ones."""
        (code,) = ask.codes
        top = mapping(json_of(body, SERVICE), "the body", SERVICE)
        errors = sequence(member(top, "error", SERVICE), "error", SERVICE)
        if errors:
            text = ", ".join(str(e) for e in errors)
            raise refused(SERVICE, text, retry=any(word in text for word in _PASSING))
        result = mapping(member(top, "result", SERVICE), "result", SERVICE)
        pair = market_of(code)
        names = set(result) - {"last"}
        if names not in ({NAMES[pair]}, {pair}):
            raise drift(SERVICE, f"the pair {NAMES[pair]} of the result", sorted(names))
        finished = instant(member(result, "last", SERVICE), "last", SERVICE)
        rows = sequence(result[names.pop()], "the list of candles", SERVICE)
        candles = [_candle(row) for row in rows]
        return values(code, candles, SERVICE, now=finished + interval_of(code))


def _candle(row: object) -> Candle:
    fields = sequence(row, "a candle", SERVICE)
    if len(fields) != _WIDTH:
        raise drift(SERVICE, f"a candle of {_WIDTH} fields", shown(row))
    prices = [
        decimal(fields[i + 1], name, SERVICE, scientific=True)
        for i, name in enumerate(("open", "high", "low", "close"))
    ]
    return Candle(instant(fields[0], "time", SERVICE), *prices)
