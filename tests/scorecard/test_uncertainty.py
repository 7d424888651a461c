"""Intervals, verdicts and permutation p-values against slow versions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from selloff.scorecard.tier import Interval
from selloff.scorecard.uncertainty import (
    above,
    area_under_roc,
    at_least,
    at_most,
    block_rows,
    contains,
    mean_of,
    permutation_note,
    permutation_p,
    ratio_of,
    resampled,
)


def test_blocks_are_runs_of_rows_round_the_end() -> None:
    rows = block_rows(10, 4, 50, 1)
    assert rows.shape == (50, 10) and rows.min() >= 0 and rows.max() <= 9
    for draw in rows:
        for start in range(0, 10, 4):
            run = draw[start : start + 4]
            assert all((b - a) % 10 == 1 for a, b in itertools.pairwise(run))


def test_the_interval_of_a_mean_is_that_of_the_normal() -> None:
    values = np.random.default_rng(1).normal(3.0, 2.0, 400)
    value = resampled(values, mean_of, 5)
    half = 1.645 * values.std() / 20
    assert value.mid == pytest.approx(values.mean())
    assert (value.low, value.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.03)


def test_blocks_widen_the_interval_of_a_slow_series() -> None:
    random = np.random.default_rng(2)
    slow = np.repeat(random.normal(size=40), 10)
    single, blocked = resampled(slow, mean_of, 3), resampled(slow, mean_of, 3, block=10)
    assert blocked.high - blocked.low > 2 * (single.high - single.low)


def test_a_ratio_is_that_of_the_sums() -> None:
    table = np.array([[1.0, 2.0], [3.0, 2.0]])
    assert resampled(table, ratio_of, 1).mid == pytest.approx(1.0)
    nothing = resampled(np.array([[0.0, 0.0], [0.0, 0.0]]), ratio_of, 1)
    assert math.isnan(nothing.mid) and math.isnan(nothing.low)


def test_verdicts_follow_the_whole_interval() -> None:
    assert at_least(Interval(0.97, 0.95, 0.99), 0.95) == "passed"
    assert at_least(Interval(0.90, 0.85, 0.94), 0.95) == "failed"
    assert at_least(Interval(0.93, 0.85, 0.96), 0.95) == "open"
    assert at_most(Interval(0.3, 0.2, 0.4), 0.5) == "passed"
    assert at_most(Interval(0.7, 0.6, 0.9), 0.5) == "failed"
    assert contains(Interval(0.8, 0.7, 0.89), 0.9) == "failed"
    assert contains(Interval(0.88, 0.8, 0.95), 0.9) == "passed"
    assert at_least(resampled(np.array([]), mean_of, 1), 0.5) == "open"


def test_a_permutation_p_counts_the_observed_one() -> None:
    assert permutation_p(2.0, [0.0, 1.0, 2.0, 3.0]) == pytest.approx(3 / 5)
    assert permutation_p(9.0, [0.0] * 99) == pytest.approx(0.01)
    assert not math.isnan(permutation_p(1.0, []))


@pytest.mark.parametrize(("p", "text"), [(0.0002, "< 0.001"), (0.0005, "= 0.001"), (0.0571, "= 0.057")])
def test_a_p_value_is_never_zero(p, text):
    assert permutation_note(p) == f"permutation p {text}"


def test_the_area_under_the_roc_is_the_share_of_pairs_and_each_group_is_resampled_by_itself() -> None:
    random = np.random.default_rng(6)
    first, second = np.round(random.normal(0.8, 1.0, 25), 1), np.round(random.normal(size=40), 1)
    pairs = [(a > b) + 0.5 * (a == b) for a in first for b in second]
    slow = []
    for _ in range(3000):
        a, b = random.choice(first, 25), random.choice(second, 40)
        slow.append(float(np.mean((a[:, None] > b) + 0.5 * (a[:, None] == b))))
    value = area_under_roc(first, second, 2)
    assert value.mid == pytest.approx(np.mean(pairs))
    assert (value.low, value.high) == pytest.approx(np.quantile(slow, [0.05, 0.95]).tolist(), abs=0.01)
    assert math.isnan(area_under_roc(first, np.array([]), 2).mid)


def test_ties_alone_are_exactly_one_half_and_one_half_is_not_above_one_half() -> None:
    value = area_under_roc(np.full(23, 0.7), np.full(19, 0.7), 3)
    assert value == Interval(0.5, 0.5, 0.5) and above(value, 0.5) == "failed"
    assert [above(Interval(0.6, low, 0.7), 0.5) for low in (0.5, 0.51)] == ["open", "passed"]
