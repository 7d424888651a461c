"""An invented world: weekly, daily, revised, late and irregular series, with the moments at which they became known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = date(2016, 1, 4), date(2019, 12, 31)
Row = tuple[str, str, datetime, datetime, float, str]


def at(day: date, clock: str = "17:00") -> datetime:
    hours, minutes = clock.split(":")
    return datetime.combine(day, time(int(hours), int(minutes)), NEW_YORK).astimezone(UTC)


def frame(rows: Iterable[Row]) -> pl.DataFrame:
    """Rows of (series, source, period end, known at, value, vintage)."""
    names = ("series", "source", "period_end", "known_at", "value", "vintage")
    table = [dict(zip(names, row, strict=True)) | {"fetched_at": datetime(2020, 6, 1, tzinfo=UTC)} for row in rows]
    return pl.DataFrame(table, schema=OBSERVATION_SCHEMA)


def _after(day: date, steps: int) -> date:
    """So many weekdays later."""
    while steps:
        day += timedelta(days=1)
        steps -= day.weekday() < 5
    return day


def invented_rows() -> list[Row]:
    random = np.random.default_rng(7)
    days = [FIRST + timedelta(days=i) for i in range((LAST - FIRST).days + 1)]
    weekdays = [d for d in days if d.weekday() < 5]
    rows: list[Row] = []

    def walk(n: int, start: float, step: float) -> list[float]:
        return (start + np.cumsum(random.normal(0, step, n))).tolist()

    for series, start, step in (("vix", 20, 0.4), ("ust_10y", 3, 0.03), ("ust_2y", 2, 0.03), ("hy_oas", 4, 0.05)):
        for d, v in zip(weekdays, walk(len(weekdays), start, step), strict=True):
            rows.append((series, "import", at(d, "16:15"), at(d, "18:00"), round(v, 2), "exact"))
    for d, v in zip(weekdays, walk(len(weekdays), 2, 0.01), strict=True):
        rows.append(("sofr", "import", at(d), at(_after(d, 1), "08:00"), round(v, 2), "lagged"))
    for d in days:
        rows.append(("iorb", "import", at(d, "09:00"), at(d, "09:00"), 2.0, "lagged"))
        monday = d + timedelta(days=7 - d.weekday())
        rows.append(
            ("gpr_daily", "import", at(d, "23:59"), at(monday, "18:00"), float(random.lognormal(4.5, 0.3)), "lagged")
        )
    thursdays = [d for d in days if d.weekday() == 3]
    for d, v in zip(thursdays, walk(len(thursdays), 4, 0.04), strict=True):
        rows.append(("mortgage_30y", "import", at(d, "10:00"), at(d, "12:00"), round(v, 2), "lagged"))
    for d, v in zip(thursdays, walk(len(thursdays), 0, 0.1), strict=True):
        friday = d + timedelta(days=1)
        for week in range(4):  # revised three times, a week apart, from another source than the first years' copies
            known = at(friday + timedelta(days=5 + 7 * week), "08:30")
            rows.append(("nfci", "alfred", at(friday), known, round(v + 0.01 * week, 3), "exact"))
        if d.year == 2016:
            rows.append(("nfci", "fred", at(friday), at(friday + timedelta(days=3), "08:30"), round(v, 3), "lagged"))
    for d in days:
        for _ in range(int(random.poisson(1.5))):
            moment = at(d, f"{int(random.integers(0, 24)):02d}:{int(random.integers(0, 60)):02d}")
            rows.append(("presidential_posts", "import", moment, moment, 1.0, "exact"))
    for d in days:
        for hour in range(0, 24, 2):
            end = at(d, f"{hour:02d}:00")
            rows.append(("btc_implied_vol", "import", end, end, float(random.normal(60, 5)), "exact"))
    for d, v in zip(weekdays, walk(len(weekdays), 4.6, 0.01), strict=True):
        rows.append(("sp500", "import", at(d, "16:00"), at(d, "16:00"), float(np.exp(v)), "exact"))
    seen: set[tuple[str, str, datetime, datetime]] = set()
    return [r for r in rows if not (r[:4] in seen or seen.add(r[:4]))]  # type: ignore[func-returns-value]
