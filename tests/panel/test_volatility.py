"""Slow and fast volatility against loops written from the definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from naive import naive_fast, naive_slow
from selloff.panel.volatility import fast_volatility, sessions_since_start, slow_volatility

NAN = math.nan


def _moves(seed: int, n: int = 620) -> np.ndarray:
    random = np.random.default_rng(seed)
    moves = random.standard_t(4, (n, 3)) * np.array([1.0, 0.02, 30.0]) + np.array([0.0, 0.3, -5.0])
    moves[random.random((n, 3)) < 0.15] = NAN
    moves[:70, 1] = NAN
    moves[300:520, 2] = NAN
    return moves


@pytest.mark.parametrize("seed", range(3))
def test_slow_equals_the_naive_loop(seed):
    moves = _moves(seed)
    slow = slow_volatility(moves)
    for i in range(3):
        naive = [naive_slow(moves[:, i].tolist(), t) for t in range(len(moves))]
        np.testing.assert_allclose(slow[:, i], naive, rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("length", [30, 60, 250, 620])
def test_fast_equals_the_naive_loop(seed, length):
    moves = _moves(seed)[:length]
    np.testing.assert_allclose(fast_volatility(moves), [naive_fast(moves[:, i].tolist()) for i in range(3)], rtol=1e-12)


@pytest.mark.parametrize(("n", "known"), [(39, False), (40, True)])
def test_forty_moves_are_needed(n, known):
    moves = np.concatenate([np.full(20, NAN), np.random.default_rng(1).standard_normal(n)])[:, None]
    assert np.isfinite(slow_volatility(moves)[-1, 0]) == known
    assert np.isfinite(fast_volatility(moves)[0]) == known


def test_a_series_that_never_moves_has_no_volatility():
    still = np.zeros((300, 1))
    assert np.isnan(slow_volatility(still)).all()
    assert np.isnan(fast_volatility(still)).all()


def test_volatility_is_of_a_move_s_own_size():
    """The standard error of a standard deviation of n normal moves is 1 / sqrt(2 n): four of them."""
    moves = 2.5 * np.random.default_rng(7).standard_normal((250, 200))
    error = 4 * 2.5 / math.sqrt(2 * 250 * 200)
    assert abs(slow_volatility(moves)[-1].mean() - 2.5) < error + 2.5 / (4 * 250)  # c4 bias


def test_sessions_since_start():
    levels = np.full((10, 2), NAN)
    levels[3:, 0] = 1.0
    assert sessions_since_start(levels, 9).tolist() == [6, -1]
    assert sessions_since_start(levels, 2).tolist() == [-1, -1]
