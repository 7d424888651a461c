"""Candles of exchanges that never close: pages of a history, checks on a bar, and which bar may still be running.

A code is `MARKET:INTERVAL`, such as `BTC-USD:1h`. Daily candles become dated values (the UTC day), hourly ones bars
with the instant at which they ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from selloff.sources.strict import EPOCH, broken, dated, drift, positive, timed

INTERVALS = {"1d": timedelta(days=1), "1h": timedelta(hours=1)}

OVERLAP = timedelta(days=2)
"""Exchanges correct candles within hours, when trades that were delivered late are added; two days are ample."""

SETTLED = timedelta(days=2)
"""A history page ends this long before today, so that no caller's time zone lets it reach a running bar."""


@dataclass(frozen=True)
class Candle:
    """One bar: the UTC instant at which it starts, and four prices."""

    start: datetime
    open: float
    high: float
    low: float
    close: float


def market_of(code: str) -> str:
    """The market of a code."""
    return code.rpartition(":")[0]


def interval_of(code: str) -> timedelta:
    """The bar length of a code."""
    return INTERVALS[code.rpartition(":")[2]]


def midnight(day: date) -> datetime:
    """The UTC start of a day."""
    return datetime.combine(day, time(), UTC)


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return (moment - EPOCH) // timedelta(seconds=1)


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def pages(first: datetime, end: datetime, interval: timedelta, size: int) -> Iterator[tuple[datetime, datetime]]:
    """First and last bar of consecutive pages of at most `size` bars that start before `end`."""
    step = size * interval
    while first < end:
        last = min(first + step, end) - interval
        yield first, last
        first = last + interval


def history(
    last: date | None, listed: date, today: date, interval: timedelta, size: int, live: int
) -> list[tuple[datetime, datetime]]:
    """The pages that a request for the latest `live` bars does not reach.

    Parameters
    ----------
    last : date of the last stored bar, or None.
    listed : date of the market's first bar.
    """
    first = max(midnight(listed), midnight(last) - OVERLAP) if last is not None else midnight(listed)
    end = midnight(today) - SETTLED
    # One bar fewer, since the newest of the live bars is running.
    if first >= midnight(today) - (live - 1) * interval:
        return []
    return list(pages(first, end, interval, size))


def values(
    code: str, candles: Sequence[Candle], service: str, *, newest_may_run: bool = False, now: datetime | None = None
) -> pl.DataFrame:
    """Checked candles as parsed rows.

    Parameters
    ----------
    newest_may_run : nothing in the body tells whether the newest bar is over, so it is left out until a later pull.
    now : the service's own clock, where the body has it: bars that end after it are left out.

    Raises
    ------
    SchemaDriftError : a bar off its grid, a price that is not above zero, or one outside low and high (as when
        columns change places).
    PayloadError : two candles of one start that differ.
    """
    interval = interval_of(code)
    found: dict[datetime, Candle] = {}
    for candle in candles:
        if (candle.start - EPOCH) % interval:
            raise drift(service, "the start of a candle", candle.start.isoformat())
        positive(candle.low, "the low of a candle", service)
        if not candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high:
            raise drift(service, "the order of low, open, close and high", candle)
        if found.setdefault(candle.start, candle) != candle:
            raise broken(f"{service}: {code} has two candles that start at {candle.start.isoformat()}.")
    newest = max(found, default=None)
    over = [
        c
        for c in found.values()
        if not (newest_may_run and c.start == newest) and (now is None or c.start + interval <= now)
    ]
    if interval == INTERVALS["1d"]:
        return dated(((code, c.start.date(), c.close) for c in over), service)
    return timed(((code, c.start + interval, c.close) for c in over), service)
