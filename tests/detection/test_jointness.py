"""Jointness: exact order statistics, and p-values that are uniform when the null holds."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pytest
from scipy import stats
from tests.detection.histories import is_uniform, quiet_days, resampled_rows, window_depths

from selloff.detection import jointness as module
from selloff.detection.jointness import jointness, order_statistic_p, ranks, searched_p


@pytest.mark.parametrize("n", [3, 5, 7, 9])
@pytest.mark.parametrize("value", [0.0, 0.01, 0.2, 0.5, 0.93, 1.0])
def test_order_statistic_equals_the_beta_distribution(n, value):
    """The k-th lowest of n uniforms is Beta(k, n - k + 1) (David and Nagaraja 2003, Order Statistics, section 2.1)."""
    for k in range(1, n + 1):
        assert order_statistic_p(value, k, n) == pytest.approx(stats.beta.cdf(value, k, n - k + 1), abs=1e-12)


def test_ranks_by_loop():
    random = np.random.default_rng(0)
    history = random.standard_normal((200, 3))
    history[:170, 2] = math.nan
    history[random.random(200) < 0.2, 1] = math.nan
    depths = np.array([-1.0, 0.3, -2.0])
    found = ranks(history, depths)
    for i in (0, 1):
        known = [h for h in history[:, i].tolist() if not math.isnan(h)]
        assert found[i] == pytest.approx((1 + sum(h <= depths[i] for h in known)) / (len(known) + 1))
    assert math.isnan(found[2]), "thirty earlier windows are too few"


@lru_cache
def _p_values(rho: float, n_windows: int, seed: int) -> np.ndarray:
    """P-values of events drawn from the same law as their histories, five classes correlated at rho, (n_windows, 2)."""
    correlation = np.full((5, 5), rho) + (1 - rho) * np.eye(5)
    random = np.random.default_rng(seed)
    n = len(correlation)
    lower = np.linalg.cholesky(correlation)
    history = random.standard_normal((1000, n)) @ lower.T
    out = []
    for _ in range(n_windows):
        found = jointness(history, history, lower @ random.standard_normal(n))
        out.append((found.p_value, found.p_value_independent))
    return np.array(out, dtype=float)


def _bounds(n: int, p: float) -> tuple[float, float]:
    """Counts between which a binomial lies in 99.9 % of cases."""
    low, high = stats.binom.interval(0.999, n, p)
    return float(low), float(high)


@pytest.mark.parametrize("level", [0.1, 0.25, 0.5, 0.75])
def test_independent_null_gives_uniform_p_values(level):
    p = _p_values(0.0, 150, 11)[:, 1]
    low, high = _bounds(150, level)
    assert low <= np.count_nonzero(p <= level) <= high


@pytest.mark.parametrize("level", [0.1, 0.25, 0.5])
def test_correlated_null_gives_uniform_p_values_where_the_correlation_is_known(level):
    """Classes correlated at 0.6 always: given that correlation nothing is unusual; against independence it is."""
    both = _p_values(0.6, 150, 12)
    low, high = _bounds(150, level)
    # shrinkage of the correlation by a tenth and its t tails make the test a little liberal: 3 points
    assert low - 0.03 * 150 <= np.count_nonzero(both[:, 0] <= level) <= high + 0.03 * 150


def test_independence_is_rejected_too_often_when_classes_are_correlated():
    """The 5 % test against independence rejects far more than the 99.9 % bound of chance."""
    both = _p_values(0.6, 150, 13)
    assert np.count_nonzero(both[:, 1] <= 0.05) > _bounds(150, 0.05)[1]
    assert np.count_nonzero(both[:, 1] <= 0.05) > np.count_nonzero(both[:, 0] <= 0.05)


def test_a_joint_fall_is_more_joint_than_a_single_one():
    history = np.random.default_rng(3).standard_normal((800, 5))
    joint = jointness(history, history, np.full(5, -3.0))
    single = jointness(history, history, np.array([-9.0, 0.1, 0.2, -0.1, 0.4]))
    assert joint.p_value is not None and single.p_value is not None
    assert joint.p_value < 0.01
    assert single.p_value > 0.2


def test_depth_alone_is_taken_out():
    """Multiplying a class's history and event by the same number changes nothing."""
    history = np.random.default_rng(4).standard_normal((500, 4))
    event = np.array([-1.0, -2.0, 0.5, 0.1])
    scale = np.array([1.0, 10.0, 0.1, 3.0])
    assert jointness(history, history, event).p_value_independent == pytest.approx(
        jointness(history * scale, history * scale, event * scale).p_value_independent
    )


def test_fewer_than_three_classes_say_nothing():
    history = np.random.default_rng(5).standard_normal((500, 2))
    found = jointness(history, history, np.array([-1.0, -2.0]))
    assert (found.p_value, found.p_value_independent, found.n_classes) == (None, None, 2)


# -- resampled quiet histories -----------------------------------------------------------------------------------


@pytest.fixture
def _few_draws(monkeypatch):
    monkeypatch.setattr(module, "DRAWS", 2000)


@lru_cache
def _resampled(length: int, independent: bool, shift: float) -> np.ndarray:
    """P-values of events drawn from resampled quiet histories of six classes, (200, 2).

    `shift` moves every class of the event down by so many sigmas: a planted joint fall.
    """
    days = quiet_days(2500, 6, seed=length)
    pool = np.hstack([days, window_depths(days, length)])[length:]
    random = np.random.default_rng(77)
    out = []
    for _ in range(200):
        if independent:
            parts = [resampled_rows(pool[:, [j, j + 6]], 801, random) for j in range(6)]
            rows = np.hstack([np.column_stack([p[:, i] for p in parts]) for i in (0, 1)])
            event = np.array([pool[random.integers(len(pool)), 6 + j] for j in range(6)])
        else:
            rows = resampled_rows(pool, 801, random)
            event = pool[random.integers(len(pool)), 6:]
        found = jointness(rows[:800, 6:], rows[:800, :6], event - shift)
        out.append((found.p_value, found.p_value_independent))
    return np.array(out, dtype=float)


@pytest.mark.usefixtures("_few_draws")
@pytest.mark.parametrize("length", [1, 5])
def test_given_the_correlation_p_values_are_uniform_on_resampled_quiet_histories(length):
    p = _resampled(length, independent=False, shift=0.0)
    assert is_uniform(p[:, 0])
    assert not is_uniform(p[:, 1]), "against independent classes a correlated market is too joint"


@pytest.mark.usefixtures("_few_draws")
def test_against_independence_p_values_are_uniform_when_classes_are_resampled_on_their_own():
    p = _resampled(1, independent=True, shift=0.0)
    assert is_uniform(p[:, 1])
    # tails that come together make the other null careful here: it rejects too seldom, never too often
    assert np.count_nonzero(p[:, 0] <= 0.05) <= _bounds(200, 0.05)[1]


@pytest.mark.usefixtures("_few_draws")
@pytest.mark.parametrize(("shift", "power"), [(1.0, 0.20), (2.0, 0.60), (3.0, 0.85)])
def test_planted_joint_falls_are_found(shift, power):
    """All classes down by so many sigmas on top of what they did; the test is at 5 %."""
    p = _resampled(1, independent=False, shift=shift)
    assert np.mean(p[:, 0] <= 0.05) >= power
    assert np.mean(p[:, 0] <= 0.05) > np.mean(_resampled(1, False, 0.0)[:, 0] <= 0.05)


def test_a_planted_fall_of_one_class_alone_is_not_joint(monkeypatch):
    monkeypatch.setattr(module, "DRAWS", 2000)
    days = quiet_days(800, 6, seed=3)
    random = np.random.default_rng(5)
    rejected = 0
    for _ in range(60):
        event = quiet_days(1, 6, seed=int(random.integers(1e9)))[0]
        event[0] -= 8.0
        rejected += jointness(days, days, event).p_value <= 0.05
    assert rejected <= _bounds(60, 0.05)[1] + 3  # the one class adds one to the count of low ranks


# -- searched windows --------------------------------------------------------------------------------------------


def test_the_smallest_of_several_p_values_is_corrected():
    """Against a plain simulation of the search: one p-value per length, the smallest kept."""
    correlation = np.full((5, 5), 0.3) + 0.7 * np.eye(5)
    random = np.random.default_rng(9)
    lengths, draws = (1, 3, 5, 10, 20), 4000
    normal = random.standard_normal((draws, 20, 5)) @ np.linalg.cholesky(correlation).T
    days = normal / np.sqrt(random.chisquare(4, (draws, 20, 1)) / 4)
    smallest = np.ones(draws)
    for n in lengths:
        sums = days[:, :n].sum(axis=1)
        place = stats.rankdata(sums, axis=0) / draws
        third = np.sort(place, axis=1)[:, 2]
        smallest = np.minimum(smallest, stats.rankdata(third) / draws)
    for p in (0.01, 0.05, 0.2, 0.5):
        expected = float(np.mean(smallest <= p))
        error = 4 * math.sqrt(2 * expected * (1 - expected) / draws)
        assert searched_p(p, lengths, correlation) == pytest.approx(expected, abs=error)
        assert p < searched_p(p, lengths, correlation) < 5 * p


def test_a_search_over_one_length_corrects_nothing():
    assert searched_p(0.1, (1,), np.eye(4)) == pytest.approx(0.1, abs=0.01)


def test_searched_p_values_stand_beside_the_plain_ones():
    history = np.random.default_rng(3).standard_normal((800, 5))
    event = np.array([-1.5, -1.0, -1.2, 0.1, 0.3])
    plain, searched = jointness(history, history, event), jointness(history, history, event, (1, 3, 5, 10, 20))
    assert (plain.p_value, plain.p_value_independent) == (searched.p_value, searched.p_value_independent)
    assert plain.p_value_searched is None
    assert searched.p_value_searched > searched.p_value
    assert searched.p_value_independent_searched > searched.p_value_independent
