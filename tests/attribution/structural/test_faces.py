"""Exact one-shock ranges against brute force: a grid of directions, and rotations that meet every restriction."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from selloff.attribution.structural.faces import edges, one_shock_ranges
from selloff.attribution.structural.share_bond_shocks import scaled_restrictions

VOLATILITY = np.array([5.0, 6.0, 6.5, 1.1])
RESTRICTIONS = scaled_restrictions(VOLATILITY)
SIGNS = {0: (1, 1, 1, 1), 1: (1, 1, 1, -1), 2: (-1, -1, -1, -1), 3: (1, 1, 1, -1)}
"""Of each shock in 2y, 5y, 10y and stocks, written down apart from the library."""


def root(seed: int) -> np.ndarray:
    """Root of a covariance in sigmas like that of yields and stocks: level, slope, stocks that go with the level."""
    random = np.random.default_rng(seed)
    loads = np.array([[0.9, 0.35, 0.0], [0.97, 0.0, 0.0], [0.92, -0.35, 0.0], [0.3, 0.0, 0.95]])
    loads = loads + 0.05 * random.standard_normal(loads.shape)
    return np.linalg.cholesky(loads @ loads.T + 0.02 * np.eye(4))


def meets(column: np.ndarray, shock: int) -> np.ndarray:
    """Whether loadings in sigmas (..., 4) meet a shock's own restrictions, spelt out in basis points."""
    slack = 1e-9
    held = np.all(column * np.array(SIGNS[shock]) >= -slack, axis=-1)
    two, five, ten = (np.abs(column[..., i]) * VOLATILITY[i] for i in range(3))
    order = {
        0: (two >= ten - slack) & (five >= ten - slack),
        1: (two >= five - slack) & (five >= ten - slack),
        2: (ten >= five - slack) & (five >= two - slack),
        3: (ten >= five - slack) & (five >= two - slack),
    }
    return held & order[shock]


def grid_over(rows: np.ndarray, steps: int = 24) -> np.ndarray:
    """Directions of the cone on a grid: mixtures of its rays, the rays themselves among them."""
    rays = np.linalg.inv(rows).T
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    mix = np.array([m for m in itertools.product(range(steps + 1), repeat=4) if sum(m) == steps]) / steps
    q = mix @ rays
    return q / np.linalg.norm(q, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shock", range(4))
def test_ranges_are_those_of_a_grid_of_directions(seed, shock):
    random = np.random.default_rng(100 + seed)
    base = root(seed)
    y = random.standard_normal(4) * 2.0
    size = np.linalg.solve(base, y)
    rows = edges(base[None], RESTRICTIONS, shock)
    found, sizes = one_shock_ranges(base[None], size[None], rows)
    q = grid_over(rows[0])
    loads = q @ base.T
    assert meets(loads, shock).all(), "the rows are the published restrictions"
    products = loads * (q @ size)[:, None]
    scale = np.abs(products).max()
    assert np.all(found[0, :, 0] <= products.min(axis=0) + 1e-9)
    assert np.all(found[0, :, 1] >= products.max(axis=0) - 1e-9)
    assert np.all(products.min(axis=0) - found[0, :, 0] < 0.03 * scale)
    assert np.all(found[0, :, 1] - products.max(axis=0) < 0.03 * scale)
    assert sizes[0] == pytest.approx([(q @ size).min(), (q @ size).max()], abs=0.03 * np.linalg.norm(size))


def test_no_rotation_that_meets_every_restriction_is_outside():
    """Naive accept–reject: all four shocks at once, orthogonal, in any order and sign."""
    random = np.random.default_rng(4)
    base, y = root(1), np.array([2.0, 1.5, 1.0, -2.5])
    size = np.linalg.solve(base, y)
    q, r = np.linalg.qr(random.standard_normal((80_000, 4, 4)))
    impact = base @ (q * np.sign(np.einsum("nii->ni", r))[:, None, :])
    accepted = 0
    inside = {j: one_shock_ranges(base[None], size[None], edges(base[None], RESTRICTIONS, j))[0][0] for j in range(4)}
    for order in itertools.permutations(range(4)):
        columns = impact[:, :, list(order)]
        good = np.ones(len(columns), dtype=bool)
        for j in range(4):
            good &= meets(columns[:, :, j], j) | meets(-columns[:, :, j], j)
        kept = columns[good]
        accepted += len(kept)
        shocks = np.linalg.solve(kept, np.broadcast_to(y, (len(kept), 4))[..., None])[..., 0]
        moved = kept * shocks[:, None, :]
        for j in range(4):
            assert np.all(moved[:, :, j] >= inside[j][:, 0] - 1e-9)
            assert np.all(moved[:, :, j] <= inside[j][:, 1] + 1e-9)
    assert accepted > 20


def test_implied_signs_are_left_out():
    base = root(0)[None]
    for j in range(4):
        rows = edges(base, RESTRICTIONS, j)
        assert rows.shape == (1, 4, 4)
        assert np.linalg.matrix_rank(rows[0]) == 4


@pytest.mark.parametrize("shock", range(4))
def test_a_window_inside_the_dual_cone_fixes_the_sign(shock):
    """v = A′λ with λ > 0 makes v·q ≥ 0 on the whole set; the mirror of the window mirrors the range."""
    base = root(2)[None]
    rows = edges(base, RESTRICTIONS, shock)
    size = (np.array([1.0, 0.5, 2.0, 1.5]) @ rows[0])[None]
    _, up = one_shock_ranges(base, size, rows)
    _, down = one_shock_ranges(base, -size, rows)
    assert up[0, 0] > 0.0
    assert down[0] == pytest.approx(-up[0, ::-1])


def test_a_range_that_ends_at_zero_ends_there_exactly():
    """What a sign restricts can be nothing at the edge of the set; rounding must not put it above or below zero."""
    zeros = 0
    for seed, shock in itertools.product(range(30), range(4)):
        base = root(seed)
        size = np.linalg.solve(base, np.random.default_rng(300 + seed).standard_normal(4) * 2.0)
        found, sizes = one_shock_ranges(base[None], size[None], edges(base[None], RESTRICTIONS, shock))
        length = np.linalg.norm(size)
        for ends, scale in ((found, length * np.linalg.norm(base, axis=1)[:, None]), (sizes, length)):
            assert not ((ends != 0.0) & (np.abs(ends) < 1e-9 * scale)).any()
            zeros += int((ends == 0.0).sum())
    assert zeros > 10
