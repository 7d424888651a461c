"""Turbulence against a loop with numpy's covariance and inverse."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selloff.detection.fragility import turbulence


def naive(moves, look_back, eligible_at):
    value, used = [], []
    for t in range(len(moves)):
        candidates = eligible_at(moves, t - 1, look_back) if t else []
        before = moves[max(t - look_back, 0) : t][:, candidates]
        complete = before[~np.isnan(before).any(axis=1)]
        today = [i for i, c in enumerate(candidates) if not math.isnan(moves[t, c])]
        if len(today) < 2 or len(complete) < max(40, 2 * len(candidates)):
            value.append(math.nan)
            used.append(0)
            continue
        covariance = np.cov(complete, rowvar=False)[np.ix_(today, today)]
        gap = moves[t, [candidates[i] for i in today]] - complete.mean(axis=0)[today]
        value.append(float(gap @ np.linalg.inv(covariance) @ gap) / len(today))
        used.append(len(today))
    return value, used


@pytest.mark.parametrize(("n_sessions", "look_back", "seed"), [(320, 60, 0), (700, 100, 1)])
def test_equals_the_loop(gappy, eligible_at, n_sessions, look_back, seed):
    moves = gappy(n_sessions, 3, seed)
    found = turbulence(moves, look_back=look_back)
    value, used = naive(moves, look_back, eligible_at)
    np.testing.assert_allclose(found.value, value, rtol=1e-9)
    np.testing.assert_array_equal(found.n_series, used)
    assert set(used) >= {0, 5, 6, 7}  # holidays, the young one and the stale one all occurred


def test_does_not_depend_on_units_or_rotation():
    random = np.random.default_rng(2)
    moves = random.standard_normal((300, 4))
    mixed = moves @ random.standard_normal((4, 4)) * 50.0 + 7.0
    np.testing.assert_allclose(turbulence(mixed, look_back=100).value, turbulence(moves, look_back=100).value)


def test_ordinary_sessions_are_near_one():
    """Mean of T² over n with m rows: (m² - 1) / (m (m - n - 2)) (Hotelling's T², F distribution's mean)."""
    moves = np.random.default_rng(3).standard_normal((6000, 6)) * 2.0
    value = turbulence(moves, look_back=100).value
    expected = (100**2 - 1) / (100 * (100 - 6 - 2))
    assert np.nanmean(value) == pytest.approx(expected, rel=0.05)


def test_a_series_held_twice_counts_once():
    moves = np.random.default_rng(4).standard_normal((200, 3))
    twice = np.column_stack([moves, moves[:, 0]])
    found, plain = turbulence(twice, look_back=80), turbulence(moves, look_back=80)
    np.testing.assert_allclose(found.value, plain.value, rtol=1e-6)
    np.testing.assert_array_equal(found.n_series, plain.n_series)


def test_an_unusual_combination_is_more_turbulent_than_a_usual_one_of_the_same_size():
    random = np.random.default_rng(5)
    factor = random.standard_normal((400, 1))
    moves = factor + 0.3 * random.standard_normal((400, 2))
    together, apart = moves.copy(), moves.copy()
    together[-1], apart[-1] = [2.0, 2.0], [2.0, -2.0]
    assert turbulence(apart, look_back=200).value[-1] > 5 * turbulence(together, look_back=200).value[-1]
