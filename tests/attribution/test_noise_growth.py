"""The growth of the noise: weighed by densities alone, and told by how well a signature fits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_t

from selloff.attribution.components import Components
from selloff.attribution.likelihood import Cells, expected_contributions, fit
from selloff.attribution.noise_growth import GROWTHS, NoiseGrowth, learn_noise_growth

ACTIVE = np.array([[True, False], [True, True], [False, True]])
INTENSITY = np.array([2.0, 8.0, 0.5])
CELLS = Cells(np.array([[[1.0, -1.0, 0.5], [0.0, 0.3, 1.0]]]), np.stack([0.2 * np.eye(3), 0.4 * np.eye(3)]))
CORRELATION = np.array([[1.0, 0.4, 0.1], [0.4, 1.0, -0.2], [0.1, -0.2, 1.0]])


LISTED = np.array([[0.5, 0.2, 0.1]])


def learnt(sigmas: np.ndarray) -> NoiseGrowth:
    parts = Components(ACTIVE, INTENSITY, np.log(np.full(3, 1 / 3)))
    fastest = fit(sigmas, ACTIVE, INTENSITY, CELLS, CORRELATION)
    return learn_noise_growth(sigmas, parts, fastest, LISTED, CELLS, CORRELATION)


def test_weights_are_the_posterior_of_three_growths_that_were_as_likely():
    sigmas = np.array([2.5, -1.0, 3.0])
    found = learnt(sigmas)
    for i, (on, g) in enumerate(zip(ACTIVE, INTENSITY, strict=True)):
        density = []
        for growth in GROWTHS:
            scale = 0.5 * (1 + (growth * g) ** 2) * CORRELATION + g**2 * CELLS.covariance[on].sum(axis=0)
            density.append(multivariate_t(g * CELLS.mean[0, on].sum(axis=0), scale, df=4).pdf(sigmas))
        assert found.weights[:, 0, i] == pytest.approx(np.array(density) / sum(density))


def test_moves_on_the_signature_speak_for_steady_noise_and_others_for_noise_that_grew():
    on_it = 8.0 * CELLS.mean[0].sum(axis=0)
    steady, half, fast = learnt(on_it).weights[:, 0, 1]
    assert steady > half > fast
    steady, half, fast = learnt(on_it + np.array([40.0, 40.0, -40.0])).weights[:, 0, 1]
    assert steady < half < fast


def test_growths_are_drawn_in_proportion_to_their_weights():
    found = learnt(np.array([2.5, -1.0, 3.0]))
    n = 60_000
    drawn = found.draw(np.zeros(n, dtype=int), np.ones(n, dtype=int), np.random.default_rng(4))
    shares = [(drawn == growth).mean() for growth in GROWTHS]
    assert shares == pytest.approx(found.weights[:, 0, 1], abs=0.01)


def test_contributions_are_the_mean_over_growths():
    """E[what a cause moved | moves], with an inverse for each component and growth."""
    sigmas = np.array([2.5, -1.0, 3.0])
    found = learnt(sigmas)
    expected = np.zeros((2, 3))
    for i, (on, g) in enumerate(zip(ACTIVE, INTENSITY, strict=True)):
        for j, growth in enumerate(GROWTHS):
            scale = 0.5 * (1 + (growth * g) ** 2) * CORRELATION + g**2 * CELLS.covariance[on].sum(axis=0)
            solved = np.linalg.solve(scale, sigmas - g * CELLS.mean[0, on].sum(axis=0))
            for c in np.flatnonzero(on):
                mean = g * CELLS.mean[0, c] + g**2 * CELLS.covariance[c] @ solved
                expected[c] += LISTED[0, i] * found.weights[j, 0, i] * mean
    assert expected_contributions(found.fitted, LISTED, ACTIVE, INTENSITY, CELLS) == pytest.approx(expected)


def test_components_of_little_weight_keep_the_growth_they_were_weighed_with(monkeypatch):
    monkeypatch.setattr("selloff.attribution.noise_growth.KEPT_MASS", 0.6)
    found = learnt(np.array([2.5, -1.0, 3.0]))
    assert found.weights[:, 0, 2].tolist() == [0.0, 0.0, 1.0]
    monkeypatch.undo()
    assert found.weights[:, 0, 0] == pytest.approx(learnt(np.array([2.5, -1.0, 3.0])).weights[:, 0, 0])
