"""Densities against scipy, contributions against a slow loop with explicit inverses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import multivariate_t

from selloff.attribution.likelihood import (
    INTENSITY_VARIANCE,
    INTENSITY_WEIGHTS,
    Cells,
    cells_of,
    expected_contributions,
    fit,
    scale_matrices,
)
from selloff.attribution.signature import Signatures


def _scene(seed: int, n: int = 40, n_causes: int = 5, n_assets: int = 6):
    random = np.random.default_rng(seed)
    loadings = random.standard_normal((n_assets, 3))
    covariance = loadings @ loadings.T + np.eye(n_assets)
    root = np.sqrt(np.diag(covariance))
    return {
        "sigmas": random.standard_t(3, n_assets) * 3,
        "active": random.random((n, n_causes)) < 0.4,
        "intensity": random.choice([0.25, 1.0, 4.0, 16.0], n),
        "cells": Cells(random.standard_normal((2, n_causes, n_assets)), _covariances(n_causes, n_assets, random)),
        "correlation": covariance / np.outer(root, root),
    }


def _covariances(n_causes: int, n_assets: int, random: np.random.Generator) -> np.ndarray:
    roots = random.standard_normal((n_causes, n_assets, n_assets + 2))
    return roots @ roots.transpose(0, 2, 1) / n_assets


def contributions(s: dict, weights: np.ndarray) -> np.ndarray:
    return expected_contributions(fit(**s), weights, s["active"], s["intensity"], s["cells"])


def naive_scale(on: np.ndarray, g: float, cells: Cells, correlation: np.ndarray, growth: float = 1.0) -> np.ndarray:
    """(ν - 2)/ν (1 + s²g²) R + g² Σ over active causes of K, ν = 4."""
    scale = 0.5 * (1 + growth**2 * g**2) * correlation
    for c in np.flatnonzero(on):
        scale = scale + g**2 * cells.covariance[c]
    return scale


def test_cells_deviate_together_as_assets_do():
    """K cell by cell: v·mean·mean' plus the product of the two standard deviations times the correlation."""
    random = np.random.default_rng(1)
    p = random.dirichlet(np.ones(3), (2, 3))
    table = Signatures(p, random.random((2, 3)) + 0.5, np.full((2, 3), 10.0), ("one", "two"), ("a", "b", "c"))
    correlation = np.array([[1.0, 0.6, -0.2], [0.6, 1.0, 0.1], [-0.2, 0.1, 1.0]])
    mean, variance = table.moments()
    found = cells_of(table, correlation, np.array([[1.0, 1.0], [1.0, -1.0]]))
    np.testing.assert_array_equal(found.mean, [mean, mean * [[1.0], [-1.0]]])
    for c in range(2):
        for a in range(3):
            assert found.covariance[c, a, a] == pytest.approx(variance[c, a] + INTENSITY_VARIANCE * mean[c, a] ** 2)
            for b in range(3):
                spread = math.sqrt(variance[c, a] * variance[c, b]) * correlation[a, b]
                assert found.covariance[c, a, b] == pytest.approx(INTENSITY_VARIANCE * mean[c, a] * mean[c, b] + spread)


@pytest.mark.parametrize(("seed", "growth"), [(0, 1.0), (1, 1.0), (2, 1.0), (3, 0.5), (4, 0.0)])
def test_log_likelihood_is_scipy_s_multivariate_t(seed, growth):
    s = _scene(seed)
    found = fit(**s, growth=growth).log_density
    for polarity, i in np.ndindex(found.shape):
        on, g = s["active"][i], float(s["intensity"][i])
        location = g * s["cells"].mean[polarity, on].sum(axis=0)
        law = multivariate_t(location, naive_scale(on, g, s["cells"], s["correlation"], growth), df=4)
        assert found[polarity, i] == pytest.approx(law.logpdf(s["sigmas"]), rel=1e-9)


def test_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch):
    s = _scene(6, n=50)
    whole = fit(**s).log_density
    weights = np.full((2, 50), 1 / 100)
    contribution = contributions(s, weights)
    monkeypatch.setattr("selloff.attribution.likelihood.CHUNK", 7)
    np.testing.assert_allclose(fit(**s).log_density, whole, rtol=1e-12)
    np.testing.assert_allclose(contributions(s, weights), contribution, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_scale_matrices(seed):
    s = _scene(seed)
    growth = np.random.default_rng(seed).random(40)
    found = scale_matrices(s["active"].astype(float), s["intensity"], growth, s["cells"], s["correlation"])
    for i in range(len(found)):
        expected = naive_scale(s["active"][i], float(s["intensity"][i]), s["cells"], s["correlation"], growth[i])
        np.testing.assert_allclose(found[i], expected, rtol=1e-12)


def naive_contributions(s: dict, weights: np.ndarray) -> np.ndarray:
    """E[what each active cause moved | moves]: its mean plus covariance with the moves times the inverse scale."""
    cells = s["cells"]
    total = np.zeros_like(cells.mean[0])
    for mean, shares in zip(cells.mean, weights, strict=True):
        for on, g, w in zip(s["active"], s["intensity"], shares, strict=True):
            inverse = np.linalg.inv(naive_scale(on, g, cells, s["correlation"]))
            surprise = s["sigmas"] - g * mean[on].sum(axis=0)
            for c in np.flatnonzero(on):
                total[c] += w * (g * mean[c] + g**2 * cells.covariance[c] @ inverse @ surprise)
    return total


@pytest.mark.parametrize("seed", range(4))
def test_expected_contributions_equal_the_slow_loop(seed):
    s = _scene(seed)
    weights = np.random.default_rng(seed).dirichlet(np.ones(80)).reshape(2, 40)
    np.testing.assert_allclose(contributions(s, weights), naive_contributions(s, weights), rtol=1e-9, atol=1e-12)


def test_conditional_mean_against_simulation():
    """One cause, one asset, known intensity: simulate cause and noise, keep draws near the move, average the cause.

    The tolerance is four standard errors of the average plus the width of the band.
    """
    random = np.random.default_rng(0)
    mean, variance, g, move = -0.8, 0.5, 2.0, -3.0
    cells = Cells(np.array([[[mean]]]), np.array([[[variance + INTENSITY_VARIANCE * mean**2]]]))
    n = 2_000_000
    # a multivariate t shares its chi-square between cause and noise, which is what makes the mean linear
    heavy = np.sqrt(random.chisquare(4, n) / 4)
    cause = g * mean + g * np.sqrt(variance + INTENSITY_VARIANCE * mean**2) * random.standard_normal(n) / heavy
    noise = np.sqrt(0.5 * (1 + g**2)) * random.standard_normal(n) / heavy
    near = cause[np.abs(cause + noise - move) < 0.05]
    scene = {"sigmas": np.array([move]), "active": np.array([[True]]), "intensity": np.array([g]), "cells": cells}
    found = contributions({**scene, "correlation": np.ones((1, 1))}, np.ones((1, 1)))[0, 0]
    assert abs(found - near.mean()) < 4 * near.std() / np.sqrt(len(near)) + 0.05


def test_no_assets_no_opinion():
    cells = Cells(np.empty((1, 3, 0)), np.empty((3, 0, 0)))
    active = np.array([[True, False, True], [False, False, False]])
    found = fit(np.empty(0), active, np.ones(2), cells, np.empty((0, 0)))
    assert found.log_density.tolist() == [[0.0, 0.0]]
    contribution = expected_contributions(found, np.ones((1, 2)) / 2, active, np.ones(2), cells)
    assert contribution.shape == (3, 0)


def test_intensity_weights_are_a_distribution():
    assert INTENSITY_WEIGHTS.sum() == pytest.approx(1.0)
    assert (np.diff(INTENSITY_WEIGHTS) <= 0).all()
