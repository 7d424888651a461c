"""Scores against slow versions of their definitions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from selloff.scorecard.synthetic.scoring import brier, covered, crps, log_score, sbc_rank, uniformity


def test_log_score_is_the_expected_log_of_the_shares() -> None:
    shares = {"a": 0.5, "b": 0.25, "unknown": 0.25}
    assert log_score(shares, {"a": 1.0}) == pytest.approx(math.log(0.5))
    assert log_score(shares, {"a": 0.5, "b": 0.5}) == pytest.approx(0.5 * math.log(0.5) + 0.5 * math.log(0.25))
    assert log_score(shares, {"absent": 1.0}) == pytest.approx(math.log(1e-6))


def test_log_score_is_proper() -> None:
    truth = {"a": 0.6, "b": 0.3, "c": 0.1}
    best = log_score(truth, truth)
    for shift in itertools.permutations((0.05, -0.05, 0.0)):
        other = {k: v + s for (k, v), s in zip(truth.items(), shift, strict=True)}
        assert log_score(other, truth) < best


def test_brier_is_the_squared_error() -> None:
    p, z = np.array([0.1, 0.9, 0.5]), np.array([0.0, 1.0, 1.0])
    assert brier(p, z).tolist() == pytest.approx([0.01, 0.01, 0.25])


@pytest.mark.parametrize("n", [1, 2, 7, 50])
def test_crps_is_the_double_sum(n: int) -> None:
    random = np.random.default_rng(n)
    draws, truth = random.standard_normal((n, 3)), random.standard_normal(3)
    for j in range(3):
        x = draws[:, j]
        slow = sum(abs(a - truth[j]) for a in x) / n - sum(abs(a - b) for a in x for b in x) / (2 * n * n)
        assert crps(draws, truth)[j] == pytest.approx(slow, abs=1e-12)


def test_crps_is_the_integral_of_squared_distance_between_distributions() -> None:
    draws = np.array([[0.0], [1.0], [3.0]])
    grid = np.linspace(-5, 8, 130001)
    distance = ((draws[:, 0][:, None] <= grid).mean(axis=0) - (grid >= 2.0)) ** 2
    slow = float(np.sum((distance[1:] + distance[:-1]) / 2) * (grid[1] - grid[0]))
    assert crps(draws, np.array([2.0]))[0] == pytest.approx(slow, abs=1e-3)


def test_coverage_of_the_right_distribution_is_its_level() -> None:
    random = np.random.default_rng(1)
    draws, truth = random.standard_normal((2000, 3000)), random.standard_normal(3000)
    assert covered(draws, truth, 0.68).mean() == pytest.approx(0.68, abs=0.03)
    assert covered(0.5 * draws, truth, 0.90).mean() < 0.7


def test_ranks_are_uniform_for_the_right_posterior_and_not_for_a_narrow_or_shifted_one() -> None:
    random = np.random.default_rng(2)
    n, n_draws = 300, 59
    truth = random.standard_normal(n)
    data = truth + random.standard_normal(n)
    right = data / 2 + math.sqrt(0.5) * random.standard_normal((n_draws, n))

    def p(draws: np.ndarray) -> float:
        ranks = [sbc_rank(draws[:, i], truth[i], random.random()) for i in range(n)]
        return uniformity(ranks, n_draws, 6, 1)

    assert p(right) > 0.05
    assert p(data / 2 + 0.5 * (right - data / 2)) < 0.01
    assert p(right + 0.4) < 0.01


def test_ties_are_broken_evenly() -> None:
    draws = np.zeros(9)
    ranks = [sbc_rank(draws, 0.0, u) for u in np.linspace(0, 0.999999, 1000)]
    assert np.bincount(ranks).tolist() == [100] * 10


def test_uniformity_is_the_chi_square_of_the_counts() -> None:
    """With 60 ranks in 6 equal bins, simulated p-values agree with a direct simulation of the multinomial."""
    ranks = [0] * 20 + [15] * 10 + [25] * 10 + [35] * 10 + [45] * 5 + [55] * 5
    counts = np.array([20, 10, 10, 10, 5, 5])
    observed = float(((counts - 10.0) ** 2 / 10.0).sum())
    drawn = np.random.default_rng(5).multinomial(60, [1 / 6] * 6, 20000)
    slow = float(np.mean(((drawn - 10.0) ** 2 / 10.0).sum(axis=1) >= observed - 1e-9))
    assert uniformity(ranks, 59, 6, 3) == pytest.approx(slow, abs=0.01)


def test_ties_broken_at_random_give_the_level_where_draws_are_often_exactly_zero() -> None:
    """Truth and draws from one mixture, zero with probability 0.7: an interval that holds its ends holds too much."""
    random = np.random.default_rng(4)

    def mixture(shape: tuple[int, ...]) -> np.ndarray:
        return random.standard_normal(shape) * (random.random(shape) < 0.3)

    draws, truth = mixture((199, 4000)), mixture((4000,))
    for level in (0.68, 0.9):
        error = 4 * np.sqrt(level * (1 - level) / 4000)
        assert abs(covered(draws, truth, level, random.random(4000)).mean() - level) < error + 1 / 199
    assert covered(draws, truth, 0.68).mean() > 0.68 + error
