"""Prior-free bounds against a dense search of the sphere."""

from __future__ import annotations

import numpy as np
import pytest

from attribution.structural.planted import claims
from selloff.attribution.structural.bounds import (
    cone,
    contribution_bounds,
    loading_ranges,
    not_empty,
    reach,
    shock_ranges,
)
from selloff.attribution.structural.restrictions import Ranking, Restrictions

CLAIMS = claims(4, ["+-??", "++-?", "????"], ["????"] * 3)
RANKED = Restrictions(CLAIMS.assets, CLAIMS.shocks, CLAIMS.hard, CLAIMS.rises, CLAIMS.still, (Ranking(1, 0, 1),))


def directions(n: int = 200_000) -> np.ndarray:
    q = np.random.default_rng(1).standard_normal((n, 3))
    return q / np.linalg.norm(q, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(4))
def test_ranges_are_those_of_a_dense_search(seed):
    random = np.random.default_rng(seed)
    base, vector = random.standard_normal((1, 4, 3)), random.standard_normal((1, 3))
    sphere = directions()
    loads = sphere @ base[0].T
    inside = {
        0: (loads[:, 0] >= 0) & (loads[:, 1] <= 0),
        1: (loads[:, 0] >= 0) & (loads[:, 1] >= 0) & (loads[:, 2] <= 0) & (loads[:, 0] >= loads[:, 1]),
        2: np.ones(len(sphere), dtype=bool),
    }
    ranges, shocks = loading_ranges(base, RANKED)[0], shock_ranges(base, RANKED, vector)[0]
    low, high = contribution_bounds(base, vector, ranges[None], shocks[None])
    for j, keep in inside.items():
        seen = sphere[keep]
        assert len(seen) > 50
        values = np.column_stack([seen @ base[0].T, seen @ vector[0]])
        found = np.vstack([ranges[j], shocks[j]])
        length = np.append(np.linalg.norm(base[0], axis=1), np.linalg.norm(vector))
        # where the true end is beyond zero, zero stands for it
        top, bottom = np.maximum(values.max(axis=0), 0), np.minimum(values.min(axis=0), 0)
        assert np.all(found[:, 1] >= top - 1e-9) and np.all(found[:, 0] <= bottom + 1e-9)
        vectors = np.concatenate([base, vector[:, None]], axis=1)
        both = reach(np.concatenate([vectors, -vectors], axis=1), cone(base, RANKED, j), passes=4000)[0]
        if len(seen) > 2000:  # a thin cone is searched too thinly to compare with
            assert np.all(np.abs(both[:5] - top) < 0.02 * length) and np.all(np.abs(both[5:] + bottom) < 0.02 * length)
        products = values[:, :4] * values[:, 4:]
        assert np.all(low[0, j] <= products.min(axis=0) + 1e-9)
        assert np.all(high[0, j] >= products.max(axis=0) - 1e-9)
    free = sphere @ base[0].T * (sphere @ vector[0])[:, None]
    assert high[0, 2] == pytest.approx(free.max(axis=0), abs=0.01)
    assert low[0, 2] == pytest.approx(free.min(axis=0), abs=0.01)


def test_a_fixed_sign_is_found():
    """With as many restrictions as factors, a window along the cone's axis leaves the shock one sign."""
    base = np.eye(3)[None]
    restrictions = claims(3, ["+++"], ["???"])
    fixed = shock_ranges(base, restrictions, np.array([[1.0, 2.0, 0.5]]))[0, 0]
    assert fixed[0] == 0.0 and fixed[1] > 2.0
    open_sign = shock_ranges(base, restrictions, np.array([[1.0, 2.0, -0.5]]))[0, 0]
    assert open_sign[0] == pytest.approx(-0.5)


def test_fewer_restrictions_than_factors_fix_no_sign():
    """The proposition that docs/structural.md states: some direction of the cone is at right angles to all of them."""
    random = np.random.default_rng(3)
    base = random.standard_normal((50, 5, 4))
    restrictions = claims(5, ["+++??"], ["?????"])
    ranges = shock_ranges(base, restrictions, random.standard_normal((50, 4)))
    assert np.all(ranges[:, 0, 0] < 0.0) and np.all(ranges[:, 0, 1] > 0.0)


def test_an_empty_cone_reaches_nothing():
    base = np.array([[[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]])
    opposed = claims(3, ["++?"], ["???"])
    assert not not_empty(base, opposed)[0]
    assert not_empty(base, claims(3, ["+-?"], ["???"]))[0]
    assert not_empty(base, claims(3, ["???"], ["???"]))[0]


def test_no_rows_leave_vectors_whole():
    vectors = np.random.default_rng(0).standard_normal((2, 3, 4))
    rows = cone(np.ones((2, 4, 4)), claims(4, ["????"], ["????"]), 0)
    assert reach(vectors, rows) == pytest.approx(np.linalg.norm(vectors, axis=2))
