"""Computed exposures against slow oracles, cases worked by hand, and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naive_exposure import naive_trend, naive_vol_control
from selloff.detection.exposure import trend_exposure, vol_control_exposure

RULES = (vol_control_exposure, trend_exposure)
N = 400


def _levels(seed: int, n: int = N, volatility: float = 0.011) -> np.ndarray:
    """Log closes of an invented index, with a calm and a wild half."""
    random = np.random.default_rng(seed)
    wild = np.where(np.arange(n) > n // 2, 2.0, 0.7)
    return 4.6 + np.cumsum(random.standard_t(4, n) * volatility * wild / np.sqrt(2.0))


@pytest.mark.parametrize("seed", range(4))
def test_against_the_sums_written_out(seed):
    levels = _levels(seed)
    prices = np.exp(levels).tolist()
    for rule, naive in ((vol_control_exposure, naive_vol_control), (trend_exposure, naive_trend)):
        found = rule(levels)
        assert np.isnan(found[:252]).all()
        for t in (252, 253, 300, N - 1):
            assert found[t] == pytest.approx(naive(prices[t - 252 : t + 1]), rel=1e-9)


def test_volatility_control_by_hand():
    """Moves of ±1 % a day are 15.87 % a year: 10 / 15.87. Ten times calmer, the cap binds."""
    steps = np.where(np.arange(300) % 2, 0.01, -0.01)
    assert vol_control_exposure(np.cumsum(steps))[-1] == pytest.approx(0.10 / (0.01 * np.sqrt(252)))
    assert vol_control_exposure(np.cumsum(steps / 10))[-1] == 1.5


def test_a_trend_by_hand():
    """Up over each look-back, with moves of +2 % and 0 % in turn: σ is 1 % a day about the mean, nearly."""
    steps = np.where(np.arange(300) % 2, 0.02, 0.0)
    assert trend_exposure(np.cumsum(steps))[-1] == pytest.approx(0.40 / (0.01 * np.sqrt(261)), rel=1e-3)
    assert trend_exposure(-np.cumsum(steps))[-1] == pytest.approx(-0.40 / (0.01 * np.sqrt(261)), rel=1e-3)


def test_a_close_that_came_back_exactly_has_no_direction():
    levels = _levels(5)[:253]
    levels[[0, 252 - 63, 252 - 21]] = levels[252]
    assert trend_exposure(levels)[-1] == 0.0
    levels[252 - 21] -= 0.01
    assert trend_exposure(levels)[-1] > 0


def test_the_larger_of_the_two_volatilities_counts():
    """After a shock the short memory decides, long after it the long one: exposure returns more slowly than it fell."""
    steps = np.where(np.arange(600) % 2, 0.004, -0.004)
    steps[400] = -0.08
    exposure = vol_control_exposure(np.cumsum(steps))
    before, at_once, later = exposure[399], exposure[400], exposure[440]
    assert at_once < 0.5 * before and at_once < later < before
    short = 0.06 * 0.08**2 * 0.94**40 + 0.004**2 * (1 - 0.06 * 0.94**40)
    assert later < 0.9 * 0.10 / np.sqrt(252 * short)


def test_closes_that_never_moved_have_no_exposure():
    for rule in RULES:
        assert np.isnan(rule(np.full(N, 4.6))).all()
    assert np.isnan(trend_exposure(0.001 * np.arange(N))).all()


@pytest.mark.parametrize("n", [0, 1, 2, 252])
def test_too_short_a_history_has_none(n):
    for rule in RULES:
        found = rule(_levels(1)[:n])
        assert found.shape == (n,) and np.isnan(found).all()


def test_a_missing_close_is_missing_as_far_as_the_memory_reaches():
    levels = _levels(2, 700)
    holed = levels.copy()
    holed[300] = np.nan
    for rule in RULES:
        whole, found = rule(levels), rule(holed)
        assert np.array_equal(found[252:300], whole[252:300])
        assert np.isnan(found[300:553]).all()
        assert np.allclose(found[553:], whole[553:], rtol=1e-12)


@given(seed=st.integers(0, 10**6), scale=st.floats(-8, 8))
def test_the_scale_of_prices_does_not_matter(seed, scale):
    levels = _levels(seed, 270)
    for rule in RULES:
        assert np.allclose(rule(levels + scale)[252:], rule(levels)[252:], rtol=1e-6)


@given(seed=st.integers(0, 10**6), factor=st.floats(0.3, 5))
def test_exposure_falls_as_volatility_rises(seed, factor):
    levels = _levels(seed, 270)
    assert np.allclose(trend_exposure(factor * levels)[252:], trend_exposure(levels)[252:] / factor, rtol=1e-6)
    assert np.allclose(trend_exposure(-levels)[252:], -trend_exposure(levels)[252:], rtol=1e-9)
    held = vol_control_exposure(levels)[252:]
    after = vol_control_exposure(factor * levels)[252:]
    free = (held < 1.5) & (after < 1.5)
    assert np.allclose(after[free], held[free] / factor, rtol=1e-6)
    assert ((after > 0) & (after <= 1.5)).all()
    assert np.allclose(vol_control_exposure(-levels)[252:], held, rtol=1e-9)


@given(seed=st.integers(0, 10**6), cut=st.integers(253, 299))
def test_nothing_later_and_nothing_older_than_the_memory_matters(seed, cut):
    levels = _levels(seed, 300)
    for rule in RULES:
        assert np.array_equal(rule(levels[:cut]), rule(levels)[:cut], equal_nan=True)
        assert np.allclose(rule(levels[cut - 253 : cut])[-1], rule(levels)[cut - 1], rtol=1e-9)
