"""The logit against statsmodels and against a general optimiser."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from selloff.scorecard.ridge_logit import fit_ridge_logit


@pytest.fixture
def case() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    features = random.normal(size=(200, 3)) * np.array([1.0, 5.0, 0.2])
    scores = features @ random.normal(size=(3, 4)) * 0.5
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    votes = np.array([np.bincount(random.choice(4, 2, p=row), minlength=4) / 2 for row in p])
    base = np.tile(np.log([0.4, 0.3, 0.2, 0.1]), (200, 1))
    return features, base, votes


def test_against_a_general_optimiser(case):
    features, base, votes = case
    ridge = 3.0
    fitted = fit_ridge_logit(features, base, votes, ridge)
    standard = (features - features.mean(axis=0)) / features.std(axis=0)
    design = np.column_stack([np.ones(200), standard])

    def loss(flat: np.ndarray) -> float:
        weights = flat.reshape(4, 4)
        total = 0.0
        for x, b, v in zip(design, base, votes, strict=True):
            scores = b + x @ weights
            total -= v @ (scores - np.log(np.exp(scores).sum()))
        return total + 0.5 * ridge * (weights**2).sum()

    found = minimize(loss, np.zeros(16), method="BFGS", options={"gtol": 1e-5})
    np.testing.assert_allclose(fitted.weights, found.x.reshape(4, 4), atol=2e-4)


def test_without_penalty_it_is_the_textbook_logit(case):
    statsmodels = pytest.importorskip("statsmodels.discrete.discrete_model")
    features, _, votes = case
    chosen = votes.argmax(axis=1)
    hard = np.eye(4)[chosen]
    fitted = fit_ridge_logit(features, np.zeros((200, 4)), hard, 1e-7)
    textbook = statsmodels.MNLogit(chosen, np.column_stack([np.ones(200), features])).fit(disp=0)
    expected = textbook.predict(np.column_stack([np.ones(200), features]))
    np.testing.assert_allclose(fitted.predict(features, np.zeros((200, 4))), expected, atol=1e-5)


def test_a_heavy_penalty_gives_back_the_offset(case):
    features, base, votes = case
    fitted = fit_ridge_logit(features, base, votes, 1e9)
    np.testing.assert_allclose(fitted.predict(features, base), np.exp(base), atol=1e-6)


def test_a_missing_feature_says_nothing(case):
    features, base, votes = case
    fitted = fit_ridge_logit(features, base, votes, 3.0)
    gap = np.array([[np.nan, 1.0, 0.1]])
    mean = np.array([[fitted.mean[0], 1.0, 0.1]])
    np.testing.assert_array_equal(fitted.predict(gap, base[:1]), fitted.predict(mean, base[:1]))


def test_a_feature_that_is_always_missing_is_harmless(case):
    features, base, votes = case
    wider = np.column_stack([features, np.full(200, np.nan)])
    a, b = fit_ridge_logit(features, base, votes, 3.0), fit_ridge_logit(wider, base, votes, 3.0)
    np.testing.assert_allclose(a.predict(features, base), b.predict(wider, base), atol=1e-9)
