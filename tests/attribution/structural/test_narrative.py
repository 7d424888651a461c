"""Narrative weights against scipy and against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from attribution.structural.planted import SMALL, world
from selloff.attribution.structural.model import structural_model
from selloff.attribution.structural.narrative import Narrative, narrative_log_weights, student_cdf
from selloff.attribution.structural.reduced_form import DEGREES_OF_FREEDOM


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 9, 16, 19])
def test_student_distribution(degrees):
    x = np.linspace(-6, 6, 41)
    assert student_cdf(x, degrees) == pytest.approx(stats.t.cdf(x, degrees), abs=1e-12)


def test_weights_are_probabilities_of_the_sign():
    """Simulate shocks and moves, keep those near the story's moves, and count signs."""
    loadings = np.array([[1.0, 0.3], [0.4, -0.8]])
    covariance = loadings @ loadings.T + np.diag([0.3, 0.5])
    moves = np.array([0.6, 0.5])
    random = np.random.default_rng(1)
    n = 1_000_000
    scale = 1 / np.sqrt(random.gamma(DEGREES_OF_FREEDOM / 2, 2 / DEGREES_OF_FREEDOM, n))
    shocks = scale[:, None] * random.standard_normal((n, 2))
    own = scale[:, None] * random.standard_normal((n, 2)) * np.sqrt([0.3, 0.5])
    near = np.abs(shocks @ loadings.T + own - moves).max(axis=1) < 0.05
    for shock in (0, 1):
        found = np.exp(narrative_log_weights(loadings[None], covariance[None], (Narrative(moves, shock, 1),)))[0]
        counted = (shocks[near, shock] > 0).mean()
        assert found == pytest.approx(counted, abs=4 * np.sqrt(0.25 / near.sum()))


def test_a_story_moves_the_weights_and_is_reported():
    random = np.random.default_rng(5)
    made = world(SMALL, 1, random)
    values = made.moves(300, random)
    moves = np.array([2.0, -1.0, -2.0, 0.0, 1.0, 0.0])
    plain = structural_model(values, SMALL, 1, draws=200)
    told = structural_model(values, SMALL, 1, draws=200, narratives=(Narrative(moves, 0, 1),))
    assert plain.effective_draws == pytest.approx(len(plain.weights))
    assert told.effective_draws < len(told.weights) - 1
    column = told.loadings[:, :, 0]
    sign = np.einsum(
        "ni,ni->n", column, np.linalg.solve(told.covariance, np.broadcast_to(moves, column.shape)[..., None])[..., 0]
    )
    assert told.weights[sign > 0].min() > told.weights[sign < 0].max()
