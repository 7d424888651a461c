"""Scores against loops written from their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selloff.scorecard.scores import (
    BINS,
    FLOOR,
    Scored,
    balanced_accuracy,
    brier_scores,
    calibration_error,
    log_scores,
    reliability,
    top_scores,
)


@pytest.fixture
def case() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    return random.dirichlet(np.ones(8) * 0.4, 60), random.dirichlet(np.ones(8) * 0.3, 60)


def test_log_score_is_the_mean_over_coders(case):
    stated, votes = case
    naive = [
        sum(v * math.log((1 - FLOOR) * p + FLOOR / 8) for p, v in zip(ps, vs, strict=True))
        for ps, vs in zip(stated.tolist(), votes.tolist(), strict=True)
    ]
    np.testing.assert_allclose(log_scores(stated, votes), naive, rtol=1e-12)


def test_the_floor_bounds_the_loss_and_honesty_pays():
    votes = np.eye(8)[[0]]
    wrong = np.eye(8)[[3]]
    assert log_scores(wrong, votes)[0] == pytest.approx(math.log(FLOOR / 8))
    fractional = np.array([[0.5, 0.3, 0.2, 0, 0, 0, 0, 0]])
    bolder = np.array([[0.8, 0.1, 0.1, 0, 0, 0, 0, 0]])
    assert log_scores(fractional, fractional)[0] > log_scores(bolder, fractional)[0]


def test_brier_and_tops(case):
    stated, votes = case
    brier = [
        sum((p - v) ** 2 for p, v in zip(a, b, strict=True))
        for a, b in zip(stated.tolist(), votes.tolist(), strict=True)
    ]
    np.testing.assert_allclose(brier_scores(stated, votes), brier, rtol=1e-12)
    for k in (1, 2):
        naive = [
            sum(v[i] for i in sorted(range(8), key=lambda j: (-p[j], j))[:k])
            for p, v in zip(stated.tolist(), votes.tolist(), strict=True)
        ]
        np.testing.assert_allclose(top_scores(stated, votes, k), naive, rtol=1e-12)
    assert top_scores(np.full((1, 4), 0.25), np.array([[0.1, 0.2, 0.3, 0.4]]), 1)[0] == 0.1


def test_balanced_accuracy_of_a_constant_is_one_half():
    votes, weight = np.array([0.0, 1.0, 0.25, 1.0]), np.ones(4)
    for stated in (0.2, 0.9):
        parts = balanced_accuracy(np.full(4, stated), votes, np.full(4, 0.5), weight)
        assert np.mean([p.mean(np.ones((1, 4)))[0] for p in parts]) == 0.5


def test_balanced_accuracy_by_hand():
    stated, votes = np.array([0.9, 0.1, 0.6, 0.5]), np.array([1.0, 1.0, 0.0, 0.5])
    sensitivity, specificity = balanced_accuracy(stated, votes, np.full(4, 0.5), np.ones(4))
    once = np.ones((1, 4))
    assert sensitivity.mean(once)[0] == pytest.approx(1.0 / 2.5)
    assert specificity.mean(once)[0] == pytest.approx(0.5 / 1.5)


def test_calibration_error_against_a_loop(case):
    stated, votes = case
    confidence, right = stated.max(axis=1), top_scores(stated, votes, 1)
    weight = np.linspace(0.5, 1.5, 60)
    total = 0.0
    for b in range(BINS):
        inside = [i for i in range(60) if min(int(confidence[i] * BINS), BINS - 1) == b]
        total += abs(sum(weight[i] * (right[i] - confidence[i]) for i in inside))
    found = calibration_error(confidence, right, weight, np.ones((1, 60)))[0]
    assert found == pytest.approx(total / weight.sum())
    assert sum(n for _, _, n in reliability(confidence, right, weight)) == pytest.approx(weight.sum())


def test_a_calibrated_forecast_has_no_error():
    confidence = np.repeat([0.25, 0.75], 8)
    right = np.array([1, 0, 0, 0] * 2 + [1, 1, 1, 0] * 2, dtype=float)
    assert calibration_error(confidence, right, np.ones(16), np.ones((1, 16)))[0] == pytest.approx(0.0, abs=1e-12)


def test_counts_take_rows_as_often_as_they_say():
    value, weight = np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 1.0])
    found = Scored(value, weight).mean(np.array([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]))
    assert found[0] == pytest.approx((2 * 1 + 4) / 3)
    assert np.isnan(found[1])
