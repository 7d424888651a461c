"""Who before whom: against draws and cases with a known answer."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.detection.sequence.order import before, first


def _spread(random, n, start):
    edges = start + np.cumsum(random.integers(1, 9, n + 1)) * 1_000_000
    weights = random.dirichlet(np.ones(n))
    return edges.astype(np.int64), weights


def _draw(random, spread, size):
    edges, weights = spread
    step = random.choice(len(weights), size, p=weights)
    return edges[step] + random.random(size) * (edges[step + 1] - edges[step])


def test_against_draws():
    random = np.random.default_rng(4)
    spreads = [_spread(random, n, start) for n, start in ((3, 0), (7, 2_000_000), (1, 9_000_000), (12, 0))]
    draws = np.stack([_draw(random, s, 200_000) for s in spreads])
    pairs = before(spreads)
    for i in range(4):
        for j in range(4):
            if i != j:
                assert pairs[i, j] == pytest.approx(np.mean(draws[i] < draws[j]), abs=0.005)
    shares = np.bincount(draws.argmin(axis=0), minlength=4) / draws.shape[1]
    np.testing.assert_allclose(first(spreads), shares, atol=0.005)


def test_they_add_up():
    random = np.random.default_rng(5)
    spreads = [_spread(random, int(n), 0) for n in random.integers(1, 20, 9)]
    pairs = before(spreads)
    np.testing.assert_allclose(pairs + pairs.T, 1.0, atol=1e-12)
    assert first(spreads).sum() == pytest.approx(1.0, abs=1e-12)


def test_apart_is_certain_and_the_same_step_is_even():
    one, two = (np.array([0, 10]), np.ones(1)), (np.array([10, 20]), np.ones(1))
    assert before([one, two])[0, 1] == pytest.approx(1.0)
    np.testing.assert_allclose(first([one, one, one]), 1 / 3)
    np.testing.assert_allclose(first([one]), 1.0)
