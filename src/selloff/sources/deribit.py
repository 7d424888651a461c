"""Deribit: the volatility index DVOL, hourly.

Format: `{"result": {"data": [[ms, open, high, low, close], …], "continuation": ms or null}, "usOut": µs, …}`, oldest
first within a page, in percent a year; errors `{"error": {"code", "message"}}`. Pages run backwards: `continuation`
is the next page's `end_timestamp`. A stamp is taken as the start of its hour: if it were the end, values would only
date an hour late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import polars as pl

from selloff.sources.candles import OVERLAP, Candle, midnight, milliseconds, values
from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import broken, drift, instant, json_of, mapping, member, number, refused, sequence, shown

SERVICE = "Deribit"
URL = "https://www.deribit.com/api/v2/public/get_volatility_index_data"
PUBLISHED = datetime(2021, 3, 31, 4, tzinfo=UTC)
"""Deribit announced DVOL on 2021-03-31 at 03:33 UTC. The values from 2021-03-24 on were computed afterwards: nobody
knew them then, so they are left out."""

_WIDTH = 5
_PASSING = (10028, 10040, 10041, 10047, 11051, 13028)
"""Too many requests, retry, settlement under way, matching engine queue full, system maintenance, unavailable."""


class Deribit(NetworkSource):
    """DVOL of a currency, hourly closes in percent. Overlap: see `candles.OVERLAP`."""

    id: ClassVar[str] = "deribit"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request a currency; its older pages follow by `more`."""
        asks = []
        for code, last in wanted.items():
            first = PUBLISHED if last is None else max(PUBLISHED, midnight(last) - OVERLAP)
            window = (
                ("start_timestamp", str(milliseconds(first))),
                ("end_timestamp", str(milliseconds(midnight(today) + timedelta(days=1)))),
            )
            asks.append(Ask(URL, (code,), (("currency", code), *window, ("resolution", "3600"))))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Closes by the instant at which their hour ended."""
        (code,) = ask.codes
        top, result = _result(body)
        rows = [_candle(row) for row in sequence(member(result, "data", SERVICE), "data", SERVICE)]
        now = instant(top["usOut"], "usOut", SERVICE, 1_000_000) if "usOut" in top else None
        hours = values(f"{code}:1h", rows, SERVICE, newest_may_run=now is None, now=now)
        return hours.filter(pl.col("period_end") > PUBLISHED).with_columns(code=pl.lit(code))

    def more(self, ask: Ask, body: bytes) -> Ask | None:
        """The page before, down to the window's start."""
        token = member(_result(body)[1], "continuation", SERVICE)
        if token is None:
            return None
        params = dict(ask.params)
        instant(token, "continuation", SERVICE, 1000)
        assert isinstance(token, int)
        if token >= int(params["end_timestamp"]):
            raise broken(f"{SERVICE}: a page names itself or a later one as the next.")
        if token <= int(params["start_timestamp"]):
            return None
        params["end_timestamp"] = str(token)
        return replace(ask, params=tuple(params.items()))


def _result(body: bytes) -> tuple[Mapping[str, object], Mapping[str, object]]:
    top = mapping(json_of(body, SERVICE), "the body", SERVICE)
    if "error" in top:
        error = mapping(top["error"], "error", SERVICE)
        raise refused(SERVICE, error.get("message"), retry=error.get("code") in _PASSING)
    return top, mapping(member(top, "result", SERVICE), "result", SERVICE)


def _candle(row: object) -> Candle:
    fields = sequence(row, "a candle", SERVICE)
    if len(fields) != _WIDTH:
        raise drift(SERVICE, f"a candle of {_WIDTH} fields", shown(row))
    prices = [number(fields[i + 1], name, SERVICE) for i, name in enumerate(("open", "high", "low", "close"))]
    return Candle(instant(fields[0], "a stamp", SERVICE, 1000), *prices)
