"""Announcements: where they land, how signs are compared, and that noise does not pass for skill."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from selloff.errors import ScorecardError
from selloff.scorecard.event.policy import Announcements, agreement, read_announcements, rows
from selloff.scorecard.weighed_days import WeighedDay

HEAD = "start,pc1,SP500,MP_pm,CBI_pm,MP_median,CBI_median\n"


def weighed(day: date, policy: float, move: float) -> WeighedDay:
    return WeighedDay(day, "adverse", {}, {}, (), policy, policy, -policy, move, 0.0)


def announced(n: int, seed: int) -> Announcements:
    first = np.datetime64("2001-01-01")
    days = tuple((first + np.timedelta64(30 * i, "D")).item() for i in range(n))
    return Announcements(days, np.random.default_rng(seed).standard_normal((n, 2)))


def test_an_announcement_after_the_close_belongs_to_the_next_session(tmp_path: Path, sessions) -> None:
    path = tmp_path / "jk.csv"
    lines = ["2019-07-31 14:00,0.1,0,0,0,0.2,0", "2019-07-31 17:00,0.3,0,0,0,0.4,0", "2019-08-03 10:00,1,0,0,0,1,0"]
    path.write_text(HEAD + "\n".join([*lines, "2019-09-18 14:00,NaN,0,0,0,0.1,0"]) + "\n", encoding="utf-8")
    found = read_announcements(path, sessions)
    assert found.days == (date(2019, 7, 31), date(2019, 8, 1), date(2019, 8, 5))
    assert found.shock[:, 1].tolist() == pytest.approx([0.2, 0.4, 1.0])


def test_two_of_one_session_are_added_up(tmp_path: Path, sessions) -> None:
    path = tmp_path / "jk.csv"
    path.write_text(HEAD + "2019-07-31 10:00,1,0,0,0,2,0\n2019-07-31 14:00,3,0,0,0,4,0\n", encoding="utf-8")
    assert read_announcements(path, sessions).shock.tolist() == [[4.0, 6.0]]


def test_a_file_of_something_else_is_an_error(tmp_path: Path, sessions) -> None:
    path = tmp_path / "jk.csv"
    path.write_text("day,shock\n2019-07-31,1\n", encoding="utf-8")
    with pytest.raises(ScorecardError, match="start"):
        read_announcements(path, sessions)


def test_agreement_is_a_share_of_signs() -> None:
    assert agreement(np.array([1.0, -2, 3, 0]), np.array([2.0, 1, -1, 5])).tolist() == [1.0, 0.0, 0.0, 0.5]


def test_a_perfect_shock_beats_a_coin_and_a_coin_does_not_beat_it() -> None:
    found = announced(120, 1)
    coins = np.random.default_rng(7).standard_normal(120)
    good = {d: weighed(d, float(s[1]), float(c)) for d, s, c in zip(found.days, found.shock, coins, strict=True)}
    bad = {d: weighed(d, float(c), float(s[1])) for d, s, c in zip(found.days, found.shock, coins, strict=True)}
    winning, losing = ({r.id: r for r in rows(found, days)[0]} for days in (good, bad))
    assert winning["mp_median_policy_2y"].value.mid == 1.0
    assert winning["mp_median_gain"].verdict == "passed"
    assert losing["mp_median_gain"].verdict == "failed"
    assert "p < 0.001" in winning["mp_median_policy_2y"].note
    assert winning["mp_median_policy_2y_large"].n == 60


def test_equal_to_the_baseline_is_no_gain() -> None:
    found = announced(40, 2)
    same = {d: weighed(d, float(s[0]), float(s[0])) for d, s in zip(found.days, found.shock, strict=True)}
    assert {r.id: r for r in rows(found, same)[0]}["pc1_gain"].verdict == "open"


def test_days_without_a_number_are_counted_and_left_out() -> None:
    found = announced(10, 3)
    days = {d: weighed(d, 1.0, 1.0) for d in found.days[:6]}
    scored, left = rows(found, days)
    assert left == 4 and {r.n for r in scored} <= {6, 3, 4}
