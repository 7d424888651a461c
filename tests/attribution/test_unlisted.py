"""News outside the menu against scipy's density."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_t

from selloff.attribution.unlisted import unlisted_log_density


def test_density_is_a_multivariate_t_with_open_cells_on_the_diagonal():
    """Variance of an open cell of size 1 with coefficient of variation one half: 0.7 · 1.25."""
    correlation = np.array([[1.0, 0.5, 0.1], [0.5, 1.0, -0.3], [0.1, -0.3, 1.0]])
    sigmas, grid = np.array([2.0, -3.0, 0.5]), np.array([0.0, 1.0, 4.0])
    found = unlisted_log_density(sigmas, grid, correlation)
    for g, value in zip(grid, found, strict=True):
        scale = 0.5 * (1 + g**2) * correlation + g**2 * 0.7 * 1.25 * np.eye(3)
        assert value == pytest.approx(multivariate_t(np.zeros(3), scale, df=4).logpdf(sigmas), rel=1e-9)


def test_without_assets_it_has_no_opinion():
    assert unlisted_log_density(np.empty(0), np.array([0.0, 2.0]), np.empty((0, 0))).tolist() == [0.0, 0.0]
