"""Haar draws and the slice sampler."""

from __future__ import annotations

import numpy as np
import pytest

from attribution.structural.planted import claims
from selloff.attribution.structural.restrictions import Restrictions, Share, log_weight, shares_hold
from selloff.attribution.structural.rotations import haar, refresh


def test_haar_rotations_are_orthogonal_and_uniform():
    q = haar(20_000, 3, np.random.default_rng(1))
    assert np.abs(q @ q.transpose(0, 2, 1) - np.eye(3)).max() < 1e-12
    # E q_ij = 0, E q_ij² = 1/3, E q_ij⁴ = 3/15; four standard errors
    assert np.abs(q.mean(axis=0)).max() < 4 * np.sqrt(1 / 3 / 20_000)
    assert np.abs((q**2).mean(axis=0) - 1 / 3).max() < 4 * np.sqrt(4 / 45 / 20_000)
    assert np.abs((q**4).mean(axis=0) - 0.2).max() < 0.01
    assert 0.47 < (np.linalg.det(q) > 0).mean() < 0.53


def test_the_slice_sampler_draws_from_the_weighted_circle():
    """With two columns the rotation is one angle: compare with weights on a fine grid of angles."""
    base = np.array([[1.0, 0.2], [0.5, -1.0], [-0.3, 0.8]])
    restrictions = claims(3, ["+??", "???"], ["?+-", "-??"])
    angles = np.linspace(0, 2 * np.pi, 20_001)[:-1]
    turned = base @ np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]]).transpose(2, 0, 1)
    log_weights = sum(log_weight(turned[:, :, j], j, restrictions) for j in range(2))
    weights = np.exp(log_weights)
    expected = (weights[:, None, None] * turned).sum(axis=0) / weights.sum()
    spread = np.sqrt((weights[:, None, None] * (turned - expected) ** 2).sum(axis=0) / weights.sum())
    n = 8000
    start = np.broadcast_to(turned[np.argmax(weights)], (n, 3, 2))
    found = refresh(start, restrictions, 12, np.random.default_rng(4))
    assert np.abs((found.mean(axis=0) - expected) / (spread / np.sqrt(n))).max() < 4.5


def test_hard_restrictions_and_shares_survive():
    restrictions = claims(4, ["++??", "+-??", "??+?"], ["??+?", "????", "???-"])
    restrictions = Restrictions(
        restrictions.assets,
        restrictions.shocks,
        restrictions.hard,
        restrictions.rises,
        restrictions.still,
        shares=(Share(0, (0,), (1,)),),
    )
    random = np.random.default_rng(0)
    start = np.abs(random.standard_normal((1, 4, 3)))
    start[0, :, 1] = [0.01, -1, 1, 1]
    start = np.repeat(start, 100, axis=0)
    found = refresh(start, restrictions, 6, random)
    assert not np.array_equal(found, start)
    assert shares_hold(found, restrictions.shares).all()
    assert all((log_weight(found[:, :, j], j, restrictions) > -100).all() for j in range(3))
    assert found @ found.transpose(0, 2, 1) == pytest.approx(start @ start.transpose(0, 2, 1))
