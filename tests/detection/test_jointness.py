"""Jointness: exact order statistics, and p-values that are uniform when the null holds."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pytest
from scipy import stats

from selloff.detection.jointness import jointness, order_statistic_p, ranks


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
