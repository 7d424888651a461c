"""Densities against scipy, contributions against a slow loop with explicit inverses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_t

from selloff.attribution.likelihood import (
    INTENSITY_VARIANCE,
    INTENSITY_WEIGHTS,
    Cells,
    expected_contributions,
    log_likelihoods,
    scale_matrices,
)


def _scene(seed: int, n: int = 40, n_causes: int = 5, n_assets: int = 6):
    random = np.random.default_rng(seed)
    loadings = random.standard_normal((n_assets, 3))
    covariance = loadings @ loadings.T + np.eye(n_assets)
    root = np.sqrt(np.diag(covariance))
    return {
        "sigmas": random.standard_t(3, n_assets) * 3,
        "active": random.random((n, n_causes)) < 0.4,
        "intensity": random.choice([0.25, 1.0, 4.0, 16.0], n),
        "cells": Cells(random.standard_normal((n_causes, n_assets)), random.random((n_causes, n_assets)) + 0.05),
        "correlation": covariance / np.outer(root, root),
    }


def naive_scale(on: np.ndarray, g: float, cells: Cells, correlation: np.ndarray) -> np.ndarray:
    """(ν - 2)/ν R + g² Σ over active causes of (diag of variances + v mean mean'), ν = 4."""
    scale = 0.5 * correlation
    for c in np.flatnonzero(on):
        scale = scale + g**2 * (
            np.diag(cells.variance[c]) + INTENSITY_VARIANCE * np.outer(cells.mean[c], cells.mean[c])
        )
    return scale


@pytest.mark.parametrize("seed", range(5))
def test_log_likelihood_is_scipy_s_multivariate_t(seed):
    s = _scene(seed)
    found = log_likelihoods(**s)
    for i in range(len(found)):
        on, g = s["active"][i], float(s["intensity"][i])
        location = g * s["cells"].mean[on].sum(axis=0)
        law = multivariate_t(location, naive_scale(on, g, s["cells"], s["correlation"]), df=4)
        assert found[i] == pytest.approx(law.logpdf(s["sigmas"]), rel=1e-9)


def test_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch):
    s = _scene(6, n=50)
    whole = log_likelihoods(**s)
    weights = np.full(50, 1 / 50)
    contribution = expected_contributions(weights=weights, **s)
    monkeypatch.setattr("selloff.attribution.likelihood.CHUNK", 7)
    np.testing.assert_allclose(log_likelihoods(**s), whole, rtol=1e-12)
    np.testing.assert_allclose(expected_contributions(weights=weights, **s), contribution, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_scale_matrices(seed):
    s = _scene(seed)
    found = scale_matrices(s["active"].astype(float), s["intensity"], s["cells"], s["correlation"])
    for i in range(len(found)):
        expected = naive_scale(s["active"][i], float(s["intensity"][i]), s["cells"], s["correlation"])
        np.testing.assert_allclose(found[i], expected, rtol=1e-12)


def naive_contributions(s: dict, weights: np.ndarray) -> np.ndarray:
    """E[what each active cause moved | moves]: its mean plus covariance with the moves times the inverse scale."""
    cells = s["cells"]
    total = np.zeros_like(cells.mean)
    for on, g, w in zip(s["active"], s["intensity"], weights, strict=True):
        inverse = np.linalg.inv(naive_scale(on, g, cells, s["correlation"]))
        surprise = s["sigmas"] - g * cells.mean[on].sum(axis=0)
        for c in np.flatnonzero(on):
            covariance = g**2 * (
                np.diag(cells.variance[c]) + INTENSITY_VARIANCE * np.outer(cells.mean[c], cells.mean[c])
            )
            total[c] += w * (g * cells.mean[c] + covariance @ inverse @ surprise)
    return total


@pytest.mark.parametrize("seed", range(4))
def test_expected_contributions_equal_the_slow_loop(seed):
    s = _scene(seed)
    weights = np.random.default_rng(seed).dirichlet(np.ones(40))
    np.testing.assert_allclose(
        expected_contributions(weights=weights, **s), naive_contributions(s, weights), rtol=1e-9, atol=1e-12
    )


def test_conditional_mean_against_simulation():
    """One cause, one asset, known intensity: simulate cause and noise, keep draws near the move, average the cause.

    The tolerance is four standard errors of the average plus the width of the band.
    """
    random = np.random.default_rng(0)
    mean, variance, g, move = -0.8, 0.5, 2.0, -3.0
    cells = Cells(np.array([[mean]]), np.array([[variance]]))
    n = 2_000_000
    # a multivariate t shares its chi-square between cause and noise, which is what makes the mean linear
    heavy = np.sqrt(random.chisquare(4, n) / 4)
    cause = g * mean + g * np.sqrt(variance + INTENSITY_VARIANCE * mean**2) * random.standard_normal(n) / heavy
    noise = np.sqrt(0.5) * random.standard_normal(n) / heavy
    near = cause[np.abs(cause + noise - move) < 0.05]
    found = expected_contributions(
        np.array([move]), np.ones(1), np.array([[True]]), np.array([g]), cells, np.ones((1, 1))
    )[0, 0]
    assert abs(found - near.mean()) < 4 * near.std() / np.sqrt(len(near)) + 0.05


def test_no_assets_no_opinion():
    cells = Cells(np.empty((3, 0)), np.empty((3, 0)))
    active = np.array([[True, False, True], [False, False, False]])
    found = log_likelihoods(np.empty(0), active, np.ones(2), cells, np.empty((0, 0)))
    assert found.tolist() == [0.0, 0.0]
    contribution = expected_contributions(np.empty(0), np.ones(2) / 2, active, np.ones(2), cells, np.empty((0, 0)))
    assert contribution.shape == (3, 0)


def test_intensity_weights_are_a_distribution():
    assert INTENSITY_WEIGHTS.sum() == pytest.approx(1.0)
    assert (np.diff(INTENSITY_WEIGHTS) < 0).all()
