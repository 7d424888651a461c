"""Events against matched days: which days are matched, and that only a method that knows the events passes."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from selloff.scorecard.event.matched import (
    CLEAR,
    REACH,
    auc_rows,
    difference_row,
    lifts,
    log_odds_lift,
    strata,
    wins,
)
from selloff.scorecard.weighed_days import WeighedDay

LAST = date(2020, 12, 31)
DAYS = [date(2018, 3, 1), date(2018, 3, 7), date(2019, 6, 3), date(2019, 10, 1)]


def weighed(day: date, p: float | None) -> WeighedDay:
    said = {} if p is None else {"geopolitics": p}
    return WeighedDay(day, "adverse", said, {"geopolitics": 0.08}, (), None, None, None, None, None)


def test_matched_days_are_near_and_away_from_every_event(sessions) -> None:
    found = strata(DAYS, sessions, LAST, 5)
    assert [s.day for s in found] == DAYS and found == strata(DAYS, sessions, LAST, 5)
    rows = [sessions.position(d) for d in DAYS]
    for stratum in found:
        own = sessions.position(stratum.day)
        for day in stratum.matched:
            row = sessions.position(day)
            assert 0 < abs(row - own) <= REACH
            assert min(abs(row - r) for r in rows) > CLEAR


def test_no_matched_day_is_later_than_now(sessions) -> None:
    (found,) = strata([date(2020, 12, 1)], sessions, date(2020, 12, 10), 1)
    assert max(found.matched) <= date(2020, 12, 10)


def test_the_lift_is_in_log_odds() -> None:
    assert log_odds_lift(weighed(LAST, 0.08), "geopolitics") == pytest.approx(0.0)
    assert log_odds_lift(weighed(LAST, 0.5), "geopolitics") == pytest.approx(np.log(0.92 / 0.08))
    assert log_odds_lift(weighed(LAST, None), "geopolitics") is None


def test_wins_are_the_area_under_the_curve() -> None:
    assert wins(np.array([2.0, 1.0, 3.0, 2.0])) == pytest.approx((1 + 0 + 0.5) / 3)


def test_only_knowing_the_events_passes(sessions) -> None:
    days = [d.item() for d in sessions.dates[6000:8400:60]]
    found = strata(days, sessions, LAST, 3)
    everything = {d for s in found for d in (s.day, *s.matched)}
    random = np.random.default_rng(1)
    coin = {d: weighed(d, float(random.uniform(0.01, 0.9))) for d in sorted(everything)}
    knows = {d: weighed(d, 0.5 if d in set(days) else 0.05) for d in everything}
    verdicts = [auc_rows(lifts(found, w, "geopolitics"), "x", "x")[0] for w in (coin, knows)]
    assert [v.verdict for v in verdicts] == ["failed", "passed"]
    assert verdicts[1].value.mid == 1.0


def test_events_that_were_not_testable_are_left_out(sessions) -> None:
    found = strata(DAYS, sessions, LAST, 5)
    some = {d: weighed(d, 0.3 if s is not found[0] else None) for s in found for d in (s.day, *s.matched)}
    assert len(lifts(found, some, "geopolitics")) == len(found) - 1
    assert auc_rows([], "x", "x")[0].verdict == "open"


def test_the_difference_of_two_groups_and_its_null() -> None:
    random = np.random.default_rng(4)
    same = difference_row(random.normal(size=30), random.normal(size=25), "d", "d")
    apart = difference_row(random.normal(2, 1, 30), random.normal(size=25), "d", "d")
    assert same.value.low < 0 < same.value.high
    assert apart.value.low > 1 and "p < 0.001" in apart.note
    assert difference_row(np.array([1.0]), np.array([1.0, 2.0]), "d", "d").note.startswith("not run")
