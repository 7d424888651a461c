"""The permutation sampler against every signed permutation written out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from attribution.structural.planted_restrictions import CASES, slow_log_weight
from selloff.attribution.structural.orbits import apply, draw_from_orbits
from selloff.attribution.structural.restrictions import VIOLATED

SIZE = 4


def every_candidate(loadings: np.ndarray) -> dict[tuple, float]:
    """Weight of each (columns, signs) of one set of loadings (n_assets, n_columns); the fourth column is unnamed."""
    found = {}
    for columns in itertools.permutations(range(SIZE)):
        for signs in itertools.product((-1.0, 1.0), repeat=SIZE):
            total = sum(slow_log_weight(signs[j] * loadings[:, columns[j]], j, CASES) for j in range(3))
            found[columns, signs] = math.exp(total)
    return found


def test_orbit_totals_equal_the_mean_over_all_candidates():
    loadings = np.random.default_rng(5).standard_normal((30, 5, SIZE))
    orbit = draw_from_orbits(loadings, CASES, np.random.default_rng(1))
    seen_empty = False
    for one, log_total in zip(loadings, orbit.log_total, strict=True):
        weights = every_candidate(one)
        mean = sum(weights.values()) / len(weights)
        if mean == 0.0:
            seen_empty = True
            assert log_total <= VIOLATED / 2
        else:
            assert log_total == pytest.approx(math.log(mean), abs=1e-9)
    assert not seen_empty or len(loadings) > 1


def test_candidates_are_drawn_in_proportion_to_their_weight():
    random = np.random.default_rng(8)
    while True:
        one = random.standard_normal((5, SIZE))
        weights = every_candidate(one)
        if sum(w > 0 for w in weights.values()) >= 6:
            break
    n = 20_000
    orbit = draw_from_orbits(np.broadcast_to(one, (n, 5, SIZE)), CASES, np.random.default_rng(2))
    counts: dict[tuple, int] = {}
    for columns, signs in zip(orbit.columns.tolist(), orbit.signs.tolist(), strict=True):
        key = (tuple(columns), tuple(signs))
        counts[key] = counts.get(key, 0) + 1
    whole = sum(weights.values())
    assert set(counts) <= {k for k, w in weights.items() if w > 0}
    for key, weight in weights.items():
        share = weight / whole
        assert abs(counts.get(key, 0) / n - share) <= 5 * math.sqrt(share * (1 - share) / n) + 1e-12


def test_applying_permutes_and_flips():
    loadings = np.random.default_rng(2).standard_normal((3, 5, SIZE))
    orbit = draw_from_orbits(loadings, CASES, np.random.default_rng(2))
    moved = apply(loadings, orbit)
    for k in range(3):
        for j in range(SIZE):
            assert np.array_equal(moved[k, :, j], orbit.signs[k, j] * loadings[k, :, orbit.columns[k, j]])
    # a rotation by a signed permutation leaves the common covariance as it is
    assert moved @ moved.transpose(0, 2, 1) == pytest.approx(loadings @ loadings.transpose(0, 2, 1))
