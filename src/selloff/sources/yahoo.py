"""Yahoo Finance, chart v8: daily closes of indices, futures, funds, stocks and currencies, with dividends and splits.

**Prices as traded.** Yahoo's `quote.close` is divided by every split since the bar, and so are its dividends; a new
split rewrites a whole history. We store what was traded: the close times the ratios of all splits after its date,
dividends in the same way (one on the day of a split is taken as per new share), the splits themselves apart. So a
stored price never changes with a split, and the total return over a span is computed from prices, splits and
dividends inside it. It follows that a body has to reach from its first bar to the present: one that ends earlier may
lack splits, and is refused. `adjclose`, which is divided by dividends too, isn't read.

**Numbers.** Yahoo keeps 32-bit floats and writes them with 64 bits (101.04000091552734); read is the shortest decimal
that is the same 32-bit float (101.04). Where a split was undone the price is rounded to the seven digits that 32 bits
carry.

**Dates.** A daily stamp is the session's open, or midnight of the market's zone. Its date is in
`exchangeTimezoneName`: `gmtoffset` is that of today and moves midnights of the other half of the year into the day
before.

**Unfinished bars.** A bar is final once its day is over by `currentTradingPeriod` and `regularMarketTime` (see
`_is_final`). A row stamped with the last trade repeats the day's own row with more volume, and gives way to it.

Missing: null in `quote.close`; `timestamp` is absent when there are no bars. Errors are `{"chart": {"error": {…}}}`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from selloff.sources.candles import midnight, seconds
from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import (
    broken,
    dated,
    drift,
    instant,
    json_of,
    mapping,
    member,
    number,
    positive,
    refused,
    sequence,
)

SERVICE = "Yahoo Finance"
URL = "https://query2.finance.yahoo.com/v8/finance/chart/{symbol}"
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
"""Without one of this kind every request gets 429."""

FIRST = date(1970, 1, 1)
"""Stamps before it are negative, and no recording shows how Yahoo treats them in a request."""

OVERLAP = timedelta(days=10)
"""Last closes are corrected within a day or two and dividends entered late by about a week; Yahoo states no window."""

AHEAD = timedelta(days=2)
"""How far beyond today is asked for: wherever the caller's day begins, the last trade anywhere comes before it."""

DIVIDEND, SPLIT, SESSION_BEFORE = "dividend", "split", "session_before"
"""What may follow the symbol in a code; `session_before` is for currencies, see `_session_before`."""

OFF_BY_ONE_SINCE = date(2010, 8, 5)
_FINAL_AFTER = timedelta(days=2)
_BIG_SPLIT = math.log(1.5)
_DIGITS = 7
_PASSING = ("too many requests", "internal", "unavailable", "timeout", "try again")


@dataclass(frozen=True)
class _Chart:
    """A body taken apart: closes by date (local), dividends and splits by date, and dates whose bar may still run."""

    closes: dict[date, float]
    unfinished: set[date]
    dividends: dict[date, float]
    splits: dict[date, float]


class Yahoo(NetworkSource):
    """Daily closes as traded. Codes: `SPY`, `SPY:dividend`, `SPY:split`, `JPY=X:session_before`."""

    id: ClassVar[str] = "yahoo"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request a symbol, always beyond today, so that no split is missed.

        The prices' last date decides where it starts, since dividends and splits come in the same bodies: that none is
        stored may only mean that there was none.
        """
        by_symbol: dict[str, list[str]] = defaultdict(list)
        for code in wanted:
            by_symbol[code.partition(":")[0]].append(code)
        asks = []
        for symbol, codes in by_symbol.items():
            prices = [c for c in codes if c.partition(":")[2] not in (DIVIDEND, SPLIT)] or codes
            known = [last for last in (wanted[c] for c in prices) if last is not None]
            first = max(FIRST, min(known) - OVERLAP) if len(known) == len(prices) else FIRST
            params = (
                ("period1", str(seconds(midnight(first)))),
                ("period2", str(seconds(midnight(today) + AHEAD))),
                ("interval", "1d"),
                ("events", "div|split"),
            )
            url = URL.format(symbol=quote(symbol, safe="="))
            asks.append(Ask(url, tuple(codes), params, headers={"User-Agent": USER_AGENT}))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by local date: prices in the symbol's currency, dividends per share, splits as new shares per old
        one."""
        symbol = ask.codes[0].partition(":")[0]
        until = datetime.fromtimestamp(int(dict(ask.params)["period2"]), UTC)
        chart = _chart(_result(body), symbol, until)
        rows: list[tuple[str, date, float]] = []
        for code in ask.codes:
            kind = code.partition(":")[2]
            if kind == SPLIT:
                rows += [(code, when, ratio) for when, ratio in chart.splits.items()]
            elif kind == DIVIDEND:
                rows += [(code, when, _as_traded(v, when, chart.splits)) for when, v in chart.dividends.items()]
            else:
                finished = {when: v for when, v in chart.closes.items() if when not in chart.unfinished}
                moved = _session_before if kind == SESSION_BEFORE else lambda when: when
                rows += [(code, moved(when), _as_traded(v, when, chart.splits)) for when, v in finished.items()]
        return dated(rows, SERVICE)


def _session_before(when: date) -> date:
    """The weekday before, since 5 August 2010: from then on the close of a currency dated t is the level at which the
    London day t opens, two hours after New York closed the session before (measured against FXY; see the catalogue's
    entries of the yen). No bar is dated on a weekend.
    """
    if when < OFF_BY_ONE_SINCE:
        return when
    return when - timedelta(days=3 if when.weekday() == 0 else 1)


def _as_traded(value: float, when: date, splits: Mapping[date, float]) -> float:
    """A value with the splits after its date undone."""
    factor = math.prod(ratio for split, ratio in splits.items() if split > when)
    return value if factor == 1 else number(float(f"{value * factor:.{_DIGITS}g}"), "a price as traded", SERVICE)


def _shortest(value: float) -> float:
    """The shortest decimal that is the same 32-bit float, if the value is one."""
    narrow = np.float32(value) if abs(value) < float(np.finfo(np.float32).max) else None
    return float(str(narrow)) if narrow is not None and float(narrow) == value else value


def _result(body: bytes) -> Mapping[str, object]:
    if body.strip().lower().startswith((b"too many requests", b"edge: too many requests")):
        raise refused(SERVICE, "Too Many Requests", retry=True)
    top = mapping(json_of(body, SERVICE), "the body", SERVICE)
    for part in top.values():
        error = part.get("error") if isinstance(part, dict) else None
        if error is not None:
            said = f"{error.get('code')}: {error.get('description')}" if isinstance(error, dict) else str(error)
            raise refused(SERVICE, said, retry=any(word in said.lower() for word in _PASSING))
    chart = mapping(member(top, "chart", SERVICE), "chart", SERVICE)
    results = sequence(member(chart, "result", SERVICE), "result", SERVICE)
    if len(results) != 1:
        raise drift(SERVICE, "one result", len(results))
    return mapping(results[0], "result", SERVICE)


def _chart(result: Mapping[str, object], symbol: str, until: datetime) -> _Chart:
    meta = mapping(member(result, "meta", SERVICE), "meta", SERVICE)
    for field, expected in (("symbol", symbol), ("dataGranularity", "1d")):
        if meta.get(field) != expected:
            raise drift(SERVICE, f"meta.{field} {expected!r}", meta.get(field))
    traded = instant(member(meta, "regularMarketTime", SERVICE), "meta.regularMarketTime", SERVICE)
    if traded > until:
        reason = (
            f"{symbol} was asked until {until:%Y-%m-%d} only, but traded on {traded:%Y-%m-%d}: splits may be missing"
        )
        raise broken(f"{SERVICE}: {reason}.")
    zone = _zone(member(meta, "exchangeTimezoneName", SERVICE))
    stamps, closes = _bars(result)
    by_day = _by_day(stamps, closes, zone, traded)
    events = mapping(result.get("events", {}), "events", SERVICE)
    splits = _events(events, "splits", zone, _ratio)
    dividends = _events(events, "dividends", zone, _amount)
    _check_splits_applied(by_day, splits, symbol)
    unfinished = {when for when in by_day if not _is_final(when, meta, zone, traded, until)}
    return _Chart({when: v for when, v in by_day.items() if v is not None}, unfinished, dividends, splits)


def _zone(name: object) -> ZoneInfo:
    try:
        if not isinstance(name, str):
            raise ValueError(name)
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise drift(SERVICE, "meta.exchangeTimezoneName", name) from error


def _local_date(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _bars(result: Mapping[str, object]) -> tuple[list[datetime], list[float | None]]:
    """Stamps and closes, null being missing; both empty where Yahoo has no bars."""
    indicators = mapping(member(result, "indicators", SERVICE), "indicators", SERVICE)
    quotes = sequence(member(indicators, "quote", SERVICE), "indicators.quote", SERVICE)
    if len(quotes) != 1:
        raise drift(SERVICE, "one list of quotes", len(quotes))
    quoted = mapping(quotes[0], "indicators.quote[0]", SERVICE)
    if "timestamp" not in result and "close" not in quoted:
        return [], []
    stamps = sequence(member(result, "timestamp", SERVICE), "timestamp", SERVICE)
    closes = sequence(member(quoted, "close", SERVICE), "quote.close", SERVICE)
    if len(stamps) != len(closes):
        raise drift(SERVICE, "a close for each stamp", f"{len(closes)} for {len(stamps)}")
    return (
        [instant(stamp, "timestamp", SERVICE) for stamp in stamps],
        [None if close is None else _shortest(number(close, "quote.close", SERVICE)) for close in closes],
    )


def _by_day(
    stamps: Sequence[datetime], closes: Sequence[float | None], zone: ZoneInfo, traded: datetime
) -> dict[date, float | None]:
    """Closes by local date; the row of the last trade gives way to its day's own row."""
    found: dict[date, float | None] = {}
    rows = sorted(zip(stamps, closes, strict=True), key=lambda row: (row[0] == traded, row[0]))
    for stamp, close in rows:
        when = _local_date(stamp, zone)
        if when not in found:
            found[when] = close
        elif stamp != traded and found[when] != close:
            raise broken(f"{SERVICE}: two closes for {when}: {found[when]} and {close}.")
    return found


def _is_final(when: date, meta: Mapping[str, object], zone: ZoneInfo, traded: datetime, until: datetime) -> bool:
    """Whether a day's bar is over.

    It is when the current trading period is of a later day, or of the same day and the last trade came at its end or
    after. Markets around the clock have a period until 23:59 in which they close, so on a weekend neither holds: there
    two days between the bar and the request are proof enough, wherever the caller's day begins.
    """
    periods = mapping(member(meta, "currentTradingPeriod", SERVICE), "meta.currentTradingPeriod", SERVICE)
    regular = mapping(member(periods, "regular", SERVICE), "currentTradingPeriod.regular", SERVICE)
    start = instant(member(regular, "start", SERVICE), "regular.start", SERVICE)
    end = instant(member(regular, "end", SERVICE), "regular.end", SERVICE)
    current = _local_date(start, zone)
    asked = (until - AHEAD).date()
    return when < current or (when == current and traded >= end) or asked - when >= _FINAL_AFTER


def _events(
    events: Mapping[str, object], kind: str, zone: ZoneInfo, read: Callable[[Mapping[str, object]], float]
) -> dict[date, float]:
    found: dict[date, float] = {}
    for entry in mapping(events.get(kind, {}), f"events.{kind}", SERVICE).values():
        event = mapping(entry, f"an entry of {kind}", SERVICE)
        when = _local_date(instant(member(event, "date", SERVICE), f"{kind}.date", SERVICE), zone)
        value = read(event)
        if found.setdefault(when, value) != value:
            raise broken(f"{SERVICE}: two {kind} on {when}: {found[when]} and {value}.")
    return found


def _amount(event: Mapping[str, object]) -> float:
    field = "dividends.amount"
    return positive(_shortest(number(member(event, "amount", SERVICE), field, SERVICE)), field, SERVICE)


def _ratio(event: Mapping[str, object]) -> float:
    parts = [
        positive(number(member(event, field, SERVICE), f"splits.{field}", SERVICE), f"splits.{field}", SERVICE)
        for field in ("numerator", "denominator")
    ]
    return positive(number(parts[0] / parts[1], "the ratio of a split", SERVICE), "the ratio of a split", SERVICE)


def _check_splits_applied(closes: Mapping[date, float | None], splits: Mapping[date, float], symbol: str) -> None:
    """Yahoo lists a split hours before it divides the older closes; undoing what was not done would be wrong.

    Judged by the move over the split, for ratios that no day's move reaches: divided closes move by less than half the
    split's logarithm.
    """
    known = {when: close for when, close in closes.items() if close is not None and close > 0}
    for split, ratio in splits.items():
        before = max((when for when in known if when < split), default=None)
        since = min((when for when in known if when >= split), default=None)
        if before is None or since is None or abs(math.log(ratio)) < _BIG_SPLIT:
            continue
        if abs(math.log(known[since]) - math.log(known[before]) + math.log(ratio)) < abs(math.log(ratio)) / 2:
            raise broken(f"{SERVICE}: the closes of {symbol} before {split} are not divided by its split yet.")
