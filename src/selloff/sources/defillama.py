"""DefiLlama: stablecoins outstanding, all chains.

Format (from code of others; no body was recorded): `[{"date": "1609372800", "totalCirculating": {"peggedUSD": 1.0, …},
…}, …]`, oldest first, daily at 00:00 UTC, `date` as a text of seconds. The last point is of today and still changes.
Read is the number of coins pegged to the dollar, so a lost peg doesn't show as coins redeemed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar

import polars as pl

from selloff.sources.candles import midnight
from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import dated, drift, instant, json_of, mapping, member, number, positive, refused, sequence

SERVICE = "DefiLlama"
URL = "https://stablecoins.llama.fi/stablecoincharts/{code}"
_BILLION = 1e9


class DefiLlama(NetworkSource):
    """Billions of dollar coins by UTC date. A body is always the whole history, so revisions need no overlap.

    Whether a point is of the start or the course of its day is not documented; it is dated by the day, whose end is
    later than either.
    """

    id: ClassVar[str] = "defillama"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request."""
        return [Ask(URL.format(code=code), (code,)) for code in wanted]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Coins pegged to the dollar, in billions, by date."""
        (code,) = ask.codes
        found = json_of(body, SERVICE)
        if isinstance(found, dict) and ("message" in found or "error" in found):
            raise refused(SERVICE, found.get("message", found.get("error")), retry=False)
        rows = []
        for point in sequence(found, "the body", SERVICE):
            entry = mapping(point, "a point", SERVICE)
            stamp = member(entry, "date", SERVICE)
            if isinstance(stamp, str) and stamp.isascii() and stamp.isdigit() and len(stamp) <= 11:
                stamp = int(stamp)
            when = instant(stamp, "date", SERVICE)
            if when != midnight(when.date()):
                raise drift(SERVICE, "date at 00:00 UTC", when.isoformat())
            coins = mapping(member(entry, "totalCirculating", SERVICE), "totalCirculating", SERVICE)
            value = number(member(coins, "peggedUSD", SERVICE), "peggedUSD", SERVICE)
            rows.append((code, when.date(), positive(value, "peggedUSD", SERVICE) / _BILLION))
        newest = max((when for _, when, _ in rows), default=None)
        return dated((row for row in rows if row[1] != newest), SERVICE)
