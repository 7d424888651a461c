"""CoinGecko: prices of a coin in dollars, a year back without a paid plan.

Format: `{"prices": [[ms, price], …], "market_caps": …, "total_volumes": …}`, oldest first, JSON numbers. With more than
90 days the points are daily at 00:00 UTC: the price at the end of the day before. The last point is the price of now.
Errors: `{"error": "…"}`, `{"error": {"status": {…}}}` or `{"status": {"error_code", "error_message"}}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import ClassVar

import polars as pl

from selloff.sources.candles import midnight
from selloff.sources.contract import Ask, NetworkSource, ServiceError
from selloff.sources.strict import dated, drift, instant, json_of, mapping, member, number, positive, refused, sequence

SERVICE = "CoinGecko"
URL = "https://api.coingecko.com/api/v3/coins/{coin}/market_chart"

DAYS = "365"
"""As far back as is free. Always the whole year: fewer than 91 days would change the points to hourly ones."""


class CoinGecko(NetworkSource):
    """Prices at the end of the UTC day. A body is always the whole year, so revisions need no overlap."""

    id: ClassVar[str] = "coingecko"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request a coin; a demo key goes into a header."""
        params = (("vs_currency", "usd"), ("days", DAYS))
        return [Ask(URL.format(coin=code), (code,), params, key_header="x-cg-demo-api-key") for code in wanted]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Prices by the UTC date that ended at the stamp."""
        (code,) = ask.codes
        top = mapping(json_of(body, SERVICE), "the body", SERVICE)
        if "error" in top or "status" in top:
            raise _refusal(top)
        points = []
        for point in sequence(member(top, "prices", SERVICE), "prices", SERVICE):
            pair = sequence(point, "a point of prices", SERVICE)
            if len(pair) != 2:
                raise drift(SERVICE, "a point of two numbers", pair)
            price = positive(number(pair[1], "a price", SERVICE), "a price", SERVICE)
            points.append((instant(pair[0], "the stamp of a price", SERVICE, 1000), price))
        if points != sorted(points, key=lambda point: point[0]):
            raise drift(SERVICE, "the order of prices", "not oldest first")
        rows = []
        for when, price in points[:-1]:
            if when != midnight(when.date()):
                raise drift(SERVICE, "a stamp at 00:00 UTC", when.isoformat())
            rows.append((code, when.date() - timedelta(days=1), price))
        return dated(rows, SERVICE)


def _refusal(top: Mapping[str, object]) -> ServiceError:
    error = top.get("error", top)
    status = error.get("status", error) if isinstance(error, dict) else error
    if not isinstance(status, dict):
        return refused(SERVICE, status, retry=False)
    return refused(SERVICE, status.get("error_message"), retry=status.get("error_code") == 429)
