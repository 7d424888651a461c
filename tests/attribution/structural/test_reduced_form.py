"""Reduced forms against closed forms and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.api import VAR

from selloff.attribution.structural.reduced_form import (
    DEGREES_OF_FREEDOM,
    inverse_wishart,
    schwarz_lag,
    student_covariance,
    var_posterior,
    wishart_factor,
)


def test_inverse_wishart_has_its_mean():
    scale = np.array([[2.0, 0.5], [0.5, 1.0]])
    factors = wishart_factor(20_000, 2, 10.0, np.random.default_rng(1))
    draws = [inverse_wishart(scale, f) for f in factors]
    covariance = np.array([d[0] for d in draws])
    assert covariance.mean(axis=0) == pytest.approx(scale / (10 - 2 - 1), rel=0.02)
    assert np.array([d[1] for d in draws]).mean(axis=0) == pytest.approx(10 * np.linalg.inv(scale), rel=0.02)
    assert np.abs(draws[0][0] @ draws[0][1] - np.eye(2)).max() < 1e-10


def heavy_tailed(covariance: np.ndarray, n: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    scale = 1 / np.sqrt(random.gamma(DEGREES_OF_FREEDOM / 2, 2 / DEGREES_OF_FREEDOM, n))
    return scale[:, None] * (random.standard_normal((n, len(covariance))) @ np.linalg.cholesky(covariance).T)


def test_the_scale_matrix_is_found_whatever_the_days_scales():
    covariance = np.array([[1.0, 0.6, -0.3], [0.6, 1.5, 0.0], [-0.3, 0.0, 0.7]])
    draws = student_covariance(heavy_tailed(covariance, 4000, 2), 300, np.random.default_rng(3))
    spread = draws.std(axis=0)
    assert np.abs((draws.mean(axis=0) - covariance) / spread).max() < 4.0
    assert spread.max() < 0.06


def test_a_crisis_day_does_not_dominate():
    values = heavy_tailed(np.eye(3), 500, 4)
    crash = np.vstack([values, [30.0, 30.0, -30.0]])
    before = student_covariance(values, 300, np.random.default_rng(3)).mean(axis=0)
    after = student_covariance(crash, 300, np.random.default_rng(3)).mean(axis=0)
    ordinary = np.corrcoef(crash.T) - np.corrcoef(values.T)
    assert np.abs(ordinary).max() > 0.3
    assert np.abs(after - before).max() < 0.05


def test_autoregression_centres_on_least_squares():
    random = np.random.default_rng(1)
    values = np.zeros((600, 2))
    for t in range(2, 600):
        values[t] = 0.4 * values[t - 1] - 0.2 * values[t - 2] + random.standard_normal(2)
    found = var_posterior(values, 2, 400, np.random.default_rng(2))
    fitted = VAR(values).fit(2, trend="c")
    assert found.residuals == pytest.approx(fitted.resid, abs=1e-9)
    error = fitted.stderr / np.sqrt(400)
    assert np.abs((found.coefficients.mean(axis=0) - fitted.params) / error).max() < 4.5
    assert found.coefficients.std(axis=0) == pytest.approx(fitted.stderr, rel=0.15)
    assert found.covariance.mean(axis=0) == pytest.approx(np.asarray(fitted.sigma_u), rel=0.05, abs=0.02)


def test_schwarz_chooses_as_statsmodels_does():
    random = np.random.default_rng(1)
    values = np.zeros((900, 2))
    for t in range(2, 900):
        values[t] = 0.4 * values[t - 1] - 0.3 * values[t - 2] + random.standard_normal(2)
    assert schwarz_lag(values, 5) == VAR(values).select_order(5, trend="c").bic == 2
