"""ALFRED, FRED's archive: every vintage of a series, each known from the day on which it was published.

Format by documentation (https://fred.stlouisfed.org/docs/api/fred/realtime_period.html): with `output_type=1` a row
holds one value with the real-time period in which it was the current one.

Three traps shape the requests (github.com/mortada/fredapi, issues 28, 48, pull requests 49, 52): at most 2,000 vintage
dates fit in one request, so history is read in windows; a row that was current before the window starts is shown as
starting with it; and a window before the first vintage is an error. Windows therefore go back in time from today,
share their border day, and end where nothing older was carried in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from selloff.sources.contract import PARSED_SCHEMA, Ask, NetworkSource, parsed
from selloff.sources.fred import MISSING, PAGE, URL, next_page, observations, page_of
from selloff.sources.strict import broken, day, decimal, member

WINDOW = timedelta(days=1_999)
"""With both borders 2,000 days, so never more than 2,000 vintage dates."""
NEWEST = "9999-12-31"
"""The service's word for "still current"; any other day after today is refused."""
ALL_PERIODS = ("observation_start", "1776-07-04")
"""The service's earliest date. Only a request for the whole history names it, which tells `more` to go on backwards."""
REVISION = timedelta(days=5 * 366)
"""Periods asked for again: annual revisions of seasonal factors (claims) reach back five years."""
FIRST_VALUES_ONLY = frozenset({"NFCI", "STLFSI4", "THREEFYTP10"})
"""Re-estimated in full at each release: all vintages would be millions of rows, so only first values are asked for."""
ARCHIVED_LATE = timedelta(days=92)
"""A first value this long after its period is no publication but the start of the archive (the longest delay by a
shutdown of the government, in 2025, was shorter). Such a value gets the series' own release rule."""

OLDEST = date(1900, 1, 1)
"""No vintage in the archive is older; an end for the way back should the service ever show other real-time periods."""

_NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class _Row:
    period: date
    since: date
    value: float | None


class Alfred(NetworkSource):
    """Vintages of FRED series; needs the same key as FRED.

    `known_at` is the end of the vintage's day in New York: the archive knows the day, not the hour, and the latest hour
    never lets a reader see a value too early.
    """

    id = "alfred"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """New vintages since the last stored period, or for a new series the newest window of its history."""
        asks = []
        for code, last in wanted.items():
            if last is None:
                asks.append(_ask(code, ALL_PERIODS, today - WINDOW, NEWEST))
                continue
            periods = ("observation_start", (last - REVISION).isoformat())
            # A vintage is never older than its period, so nothing unseen lies before the last stored one. The day
            # before it is asked for too, since rows of a window's first day can't be told from carried-in ones.
            start = last - timedelta(days=1)
            while today - start > WINDOW:
                asks.append(_ask(code, periods, start, (start + WINDOW).isoformat()))
                start += WINDOW
            asks.append(_ask(code, periods, start, NEWEST))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by date and vintage; `known_at` is null where the archive began after the value was published."""
        where = f"ALFRED {ask.codes[0]}"
        rows = list(_rows(observations(ask, body, where), where))
        asked = dict(ask.params)
        window = date.fromisoformat(asked["realtime_start"])
        unsure = set()
        if rows and asked["offset"] != "0":
            unsure.add(rows[0].period)
        if rows and self._next_page(ask, body) is not None:
            unsure.add(rows[-1].period)
        return _frame(ask.codes[0], rows, window, unsure, where)

    def _next_page(self, ask: Ask, body: bytes) -> Ask | None:
        return next_page(ask, page_of(body, f"ALFRED {ask.codes[0]}"))

    def more(self, ask: Ask, body: bytes) -> Ask | None:
        """The next page of the window, then the window before it as long as something was carried in."""
        where = f"ALFRED {ask.codes[0]}"
        page = page_of(body, where)
        following = next_page(ask, page)
        if following is not None or ALL_PERIODS not in ask.params:
            return following
        window = date.fromisoformat(dict(ask.params)["realtime_start"])
        # Newest periods come first, so the last page has the oldest ones: they tell whether anything came before.
        carried = any(row.since <= window for row in _rows(page["observations"], where))
        if not carried or window - WINDOW < OLDEST:
            return None
        earlier = {"realtime_start": (window - WINDOW).isoformat(), "realtime_end": window.isoformat(), "offset": "0"}
        return replace(ask, params=tuple((k, earlier.get(k, v)) for k, v in ask.params))


def _ask(code: str, periods: tuple[str, str], start: date, end: str) -> Ask:
    kind = "4" if code in FIRST_VALUES_ONLY else "1"
    params = (
        ("series_id", code),
        ("file_type", "json"),
        ("output_type", kind),
        ("limit", str(PAGE)),
        ("offset", "0"),
        ("sort_order", "desc"),
        periods,
        ("realtime_start", start.isoformat()),
        ("realtime_end", end),
    )
    return Ask(url=URL, codes=(code,), params=params, key_param="api_key")


def _rows(rows: list[Any], where: str) -> Iterator[_Row]:
    for row in rows:
        text = member(row, "value", where)
        yield _Row(
            period=day(member(row, "date", where), "date", where),
            since=day(member(row, "realtime_start", where), "realtime_start", where),
            value=None if text == MISSING else decimal(text, "value", where),
        )


def _known(since: date) -> datetime:
    return datetime.combine(since + timedelta(days=1), time(), tzinfo=_NEW_YORK).astimezone(UTC)


def _frame(code: str, rows: list[_Row], window: date, unsure: set[date], where: str) -> pl.DataFrame:
    """Rows of `PARSED_SCHEMA`.

    Parameters
    ----------
    window : its first day; what was current then already belongs to an older window.
    unsure : periods whose vintages may be split over two pages, so that the first row here need not be the first.
    """
    first: dict[date, date] = {}
    values: dict[tuple[date, date], float | None] = {}
    for row in rows:
        if values.setdefault((row.period, row.since), row.value) != row.value:
            raise broken(f"{where} has two values for {row.period} of {row.since}.")
        first[row.period] = min(row.since, first.get(row.period, row.since))
    kept: list[tuple[str, date, datetime | None, float]] = []
    for (period, since), value in sorted(values.items()):
        if value is None or since <= window:
            continue
        archived = since == first[period] and since - period > ARCHIVED_LATE and period not in unsure
        kept.append((code, period, None if archived else _known(since), value))
    names = ("code", "date", "known_at", "value")
    return parsed(pl.DataFrame(kept, schema={n: PARSED_SCHEMA[n] for n in names}, orient="row"))
