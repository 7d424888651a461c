"""Log moves against loops written from the definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from naive import naive_daily
from selloff.panel.transforms import daily_log_moves, last_rows, log_moves, price_scale, simple_move

NAN = math.nan


def _with_gaps(seed: int, n: int = 400, share: float = 0.35) -> np.ndarray:
    random = np.random.default_rng(seed)
    levels = 50 * np.exp(np.cumsum(random.standard_normal((n, 3)) * 0.02, axis=0))
    levels[:, 1] -= 1.02 * np.median(levels[:, 1])  # crosses zero
    levels[random.random((n, 3)) < share] = NAN
    for start in random.integers(0, n - 9, 6):
        levels[start : start + int(random.integers(4, 8)), int(random.integers(0, 3))] = NAN
    return levels


@pytest.mark.parametrize("seed", range(4))
def test_daily_moves_equal_the_naive_loop(seed):
    levels = _with_gaps(seed)
    is_difference = np.array([False, False, True])
    assert (levels[:, 1] <= 0).any()
    fast = daily_log_moves(levels, is_difference)
    for i in range(3):
        slow = naive_daily(levels[:, i].tolist(), bool(is_difference[i]))
        np.testing.assert_allclose(fast[:, i], slow, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("gap", "counts"), [(1, True), (4, True), (5, True), (6, False)])
def test_a_move_counts_across_at_most_five_sessions(gap, counts):
    levels = np.full((gap + 1, 1), NAN)
    levels[0], levels[gap] = 100.0, 110.0
    move = daily_log_moves(levels, np.array([False]))[gap, 0]
    if counts:
        assert move == pytest.approx(100 * math.log(1.1) / math.sqrt(gap))
    else:
        assert math.isnan(move)


def test_a_holiday_is_missing_not_zero():
    levels = np.array([[100.0], [NAN], [100.0]])
    assert np.isnan(daily_log_moves(levels, np.array([False]))[1, 0])


def test_last_rows_by_loop():
    levels = _with_gaps(9, n=60, share=0.6)
    for longest in (0, 2, 5, 60):
        rows = last_rows(levels, longest)
        for t in range(60):
            for i in range(3):
                back = [s for s in range(max(0, t - longest), t + 1) if not math.isnan(levels[s, i])]
                assert rows[t, i] == (back[-1] if back else -1)


def test_negative_price_moves_by_the_difference_over_the_median_positive_level():
    levels = np.array([[18.0], [20.0], [22.0], [-37.0], [10.0]])
    move = log_moves(levels, np.array([[2]]), np.array([[3]]), np.array([False]))[0, 0]
    assert move == pytest.approx(100 * (-37 - 22) / 20)
    back = log_moves(levels, np.array([[3]]), np.array([[4]]), np.array([False]))[0, 0]
    assert back == pytest.approx(100 * (10 + 37) / 20)


def test_price_scale_looks_back_250_sessions_only():
    column = np.concatenate([np.full(50, 1000.0), np.full(250, 10.0)])
    assert price_scale(column, 299) == 10.0
    assert math.isnan(price_scale(np.array([-1.0, 0.0]), 1))


@pytest.mark.parametrize(
    ("before", "after", "difference", "shown"),
    [(100.0, 90.0, False, -10.0), (2.0, 1.75, True, -25.0), (20.0, -20.0, False, -200.0)],
)
def test_displayed_move(before, after, difference, shown):
    levels = np.array([[before], [after]])
    log = float(log_moves(levels, np.array([[0]]), np.array([[1]]), np.array([difference]))[0, 0])
    assert simple_move(before, after, log, is_difference=difference) == pytest.approx(shown)
    if not difference and after > 0:
        assert log == pytest.approx(100 * math.log(after / before))
