"""Return periods: the Pareto fit on simulated excesses, clusters, and frequencies below the threshold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from selloff.detection.rarity import (
    FURTHEST,
    SESSIONS_PER_YEAR,
    cluster_peaks,
    fit_pareto,
    pareto_survival,
    return_period,
)


def _pwm_errors(shape: float, scale: float, n: int) -> tuple[float, float]:
    """Asymptotic standard errors of the PWM estimators of (shape, scale).

    Hosking and Wallis 1987, section 4 (their k is minus our shape), valid for shape < 0.5.
    """
    k = -shape
    bottom = n * (1 + 2 * k) * (3 + 2 * k)
    var_k = (1 + k) * (2 + k) ** 2 * (1 + k + 2 * k**2) / bottom
    var_a = scale**2 * (7 + 18 * k + 11 * k**2 + 2 * k**3) / bottom
    return math.sqrt(var_k), math.sqrt(var_a)


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.1, 0.25])
@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_fit_recovers_known_parameters(shape, scale):
    """4,000 excesses; within four standard errors (chance of a false alarm 6e-5 each, and the seed is fixed)."""
    n = 4000
    excesses = stats.genpareto.rvs(shape, scale=scale, size=n, random_state=np.random.default_rng(1234))
    found_shape, found_scale = fit_pareto(excesses)
    error_shape, error_scale = _pwm_errors(shape, scale, n)
    assert abs(found_shape - shape) < 4 * error_shape
    assert abs(found_scale - scale) < 4 * error_scale


def test_fit_is_unbiased_over_many_small_samples():
    """200 samples of 60: the mean estimate lies within 4 standard errors of its mean plus the known small-n bias."""
    random = np.random.default_rng(5)
    found = np.array([fit_pareto(stats.genpareto.rvs(0.1, size=60, random_state=random)) for _ in range(200)])
    error_shape, error_scale = _pwm_errors(0.1, 1.0, 60)
    assert abs(found[:, 0].mean() - 0.1) < 4 * error_shape / math.sqrt(200) + 0.05
    assert abs(found[:, 1].mean() - 1.0) < 4 * error_scale / math.sqrt(200) + 0.05


@pytest.mark.parametrize("shape", [-0.3, -1e-12, 0.0, 0.2, 0.7])
@pytest.mark.parametrize("excess", [0.0, 0.3, 2.0, 6.6, 50.0])
def test_survival_equals_scipy(shape, excess):
    scale = 1.7
    expected = stats.genpareto.sf(excess, 0.0 if abs(shape) < 1e-9 else shape, scale=scale)
    assert pareto_survival(excess, shape, scale) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def naive_peaks(depths: list[float], threshold: float, run: int) -> list[float]:
    peaks: list[float] = []
    last = None
    for t, depth in enumerate(depths):
        if depth > threshold:
            if last is None or t - last > run:
                peaks.append(depth)
            else:
                peaks[-1] = max(peaks[-1], depth)
            last = t
    return peaks


@pytest.mark.parametrize("run", [1, 6, 25])
def test_clusters_by_loop(run):
    depths = np.random.default_rng(run).standard_t(3, 1500)
    assert cluster_peaks(depths, 2.0, run).tolist() == naive_peaks(depths.tolist(), 2.0, run)
    assert cluster_peaks(depths, 1e9, run).tolist() == []


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9, 0.949])
def test_below_the_threshold_it_is_the_plain_frequency(quantile):
    history = np.random.default_rng(2).standard_normal(2520)
    depth = float(np.quantile(history, quantile))
    years = 2520 / SESSIONS_PER_YEAR
    period = return_period(history, depth, 1)
    count = sum(1 for h in history.tolist() if h >= depth)
    assert period.low == period.mid == period.high == pytest.approx(years / count)
    assert period.history_years == pytest.approx(10.0)


def test_above_the_threshold_against_the_true_return_period():
    """Independent exponential depths of 400 years: the depth that comes once in ten years is called 10 years.

    The 90 % interval should cover the truth; over 20 histories at least 14 do (binomial, p = 0.9: below 14 in 0.2 %;
    declustering merges some neighbours, so the nominal level is not exact).
    """
    random = np.random.default_rng(8)
    true = 10.0
    depth = math.log(true * SESSIONS_PER_YEAR)  # P(exponential > depth) is one in `true` years
    periods = [return_period(random.exponential(size=40 * SESSIONS_PER_YEAR), depth, 1) for _ in range(20)]
    covered = sum(p.low <= true <= p.high for p in periods if p.low is not None and p.high is not None)
    assert covered >= 14
    middle = float(np.median([p.mid for p in periods if p.mid is not None]))
    assert true / 2 < middle < true * 2


def test_return_period_grows_with_depth_and_stops_at_its_limit():
    history = np.random.default_rng(3).standard_t(4, 2520)
    mids = [return_period(history, d, 1).mid for d in (0.5, 1.0, 2.0, 4.0, 8.0, 1e6)]
    assert all(m is not None for m in mids)
    assert mids == sorted(mids)  # type: ignore[type-var]
    assert mids[-1] == pytest.approx(FURTHEST * 10)


def test_interval_contains_the_middle():
    history = np.random.default_rng(4).standard_t(4, 2520)
    for depth in (3.0, 5.0, 9.0):
        p = return_period(history, depth, 5)
        assert p.low is not None and p.mid is not None and p.high is not None
        assert p.low <= p.mid <= p.high


@pytest.mark.parametrize("n", [100, 503])
def test_short_histories_say_nothing(n):
    p = return_period(np.random.default_rng(1).standard_normal(n), 3.0, 1)
    assert (p.low, p.mid, p.high) == (None, None, None)
    assert p.history_years == pytest.approx(n / 252)


def test_missing_windows_do_not_count():
    history = np.random.default_rng(2).standard_normal(2520)
    gappy = np.concatenate([np.full(300, math.nan), history])
    assert return_period(gappy, 1.0, 1) == return_period(history, 1.0, 1)
    assert return_period(history, math.nan, 1).mid is None


def test_same_numbers_same_interval():
    history = np.random.default_rng(6).standard_t(3, 2520)
    assert return_period(history, 4.0, 1) == return_period(history.copy(), 4.0, 1)
