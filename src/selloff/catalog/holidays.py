"""Public holidays of the United States by rule: days on which statistics aren't published.

Rules: 5 U.S.C. 6103 as in force since 1971, later holidays from their first year. A holiday on a Saturday is also
observed on the Friday before (the Federal Reserve is open then; taking it as closed dates a release later, never
earlier). `us_bond` adds Good Friday, on which bond markets close and their rates aren't published.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

HolidayCalendar = Literal["us_federal", "us_bond"]

FIRST_YEAR, LAST_YEAR = 1950, 2060
KING_SINCE, JUNETEENTH_SINCE = 1986, 2021
MONDAY, THURSDAY = 0, 3


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian computus, Nature 13, 20 April 1876, p. 487)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    shift = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * shift) // 451
    month, day = divmod(h + shift - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _of_year(year: int, calendar: HolidayCalendar) -> list[date]:
    fixed = [(1, 1), (7, 4), (11, 11), (12, 25)]
    if year >= JUNETEENTH_SINCE:
        fixed.append((6, 19))
    days = [_observed(date(year, month, day)) for month, day in fixed]
    days += [_nth(year, 2, MONDAY, 3), _last_monday_of_may(year), _nth(year, 9, MONDAY, 1)]
    days += [_nth(year, 10, MONDAY, 2), _nth(year, 11, THURSDAY, 4)]
    if year >= KING_SINCE:
        days.append(_nth(year, 1, MONDAY, 3))
    if calendar == "us_bond":
        days.append(easter(year) - timedelta(days=2))
    return days


@lru_cache(maxsize=2)
def holidays(calendar: HolidayCalendar) -> npt.NDArray[np.datetime64]:
    """Every holiday from 1950 to 2060, (n,) datetime64[D], increasing."""
    days = [day for year in range(FIRST_YEAR, LAST_YEAR + 1) for day in _of_year(year, calendar)]
    return np.array(sorted(days), dtype="datetime64[D]")
