"""Tail dependence against loops over ranks."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from selloff.detection.fragility import tail_dependence


def naive(moves, window, eligible_at):
    value, independent = [], []
    for t in range(len(moves)):
        columns = eligible_at(moves, t, window)
        rows = [r for r in moves[max(t - window + 1, 0) : t + 1, columns].tolist() if not any(map(math.isnan, r))]
        n = len(rows)
        if len(columns) < 2 or n < 100:
            value.append(math.nan)
            independent.append(math.nan)
            continue
        k = math.isqrt(n)
        worst = [set(sorted(range(n), key=lambda s, i=i: (rows[s][i], s))[:k]) for i in range(len(columns))]
        pairs = [len(a & b) / k for a, b in combinations(worst, 2)]
        value.append(sum(pairs) / len(pairs))
        independent.append(k / n)
    return value, independent


@pytest.mark.parametrize(("n_sessions", "window", "seed"), [(300, 130, 0), (420, 200, 1)])
def test_equals_the_loop(gappy, eligible_at, n_sessions, window, seed):
    moves = gappy(n_sessions, 2, seed)
    found = tail_dependence(moves, window=window)
    value, independent = naive(moves, window, eligible_at)
    np.testing.assert_allclose(found.value, value, rtol=1e-12)
    np.testing.assert_allclose(found.independent, independent, rtol=1e-12)
    assert np.isfinite(found.value).sum() > 50


def test_ties_go_to_the_earlier_session(eligible_at):
    moves = np.round(np.random.default_rng(2).standard_normal((260, 4)))
    np.testing.assert_allclose(tail_dependence(moves, window=120).value, naive(moves, 120, eligible_at)[0])


def test_dependent_series_show_one_and_independent_ones_k_over_n():
    random = np.random.default_rng(3)
    one = random.standard_normal((200, 1))
    assert tail_dependence(np.hstack([one, 3 * one, one**3]), window=200).value[-1] == 1.0
    found = tail_dependence(random.standard_normal((2500, 30)), window=2500)
    assert found.independent[-1] == 50 / 2500
    assert found.value[-1] == pytest.approx(0.02, abs=0.004)


def test_fewer_than_100_sessions_give_nothing():
    moves = np.random.default_rng(4).standard_normal((300, 3))
    assert np.isnan(tail_dependence(moves, window=99).value).all()
    assert np.isfinite(tail_dependence(moves, window=100).value[-1])
