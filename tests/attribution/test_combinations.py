"""Sets of causes: how many, and that their priors are a distribution."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from selloff.attribution.combinations import combinations
from selloff.attribution.components import components
from selloff.attribution.likelihood import INTENSITY_WEIGHTS
from selloff.catalog import default_catalogue

CAUSES = list(default_catalogue().causes.values())


def test_count_of_all_nineteen():
    """At most 2 of 11 triggers, 1 of 2 premia, 2 of 6 amplifiers."""
    sets = combinations(CAUSES)
    expected = (1 + 11 + math.comb(11, 2)) * (1 + 2) * (1 + 6 + math.comb(6, 2))
    assert sets.active.shape == (expected, 19)
    assert len(np.unique(sets.active, axis=0)) == expected


def test_priors_add_to_one_and_are_independent_ones():
    causes = CAUSES[:4] + CAUSES[11:14]
    sets = combinations(causes)
    assert np.exp(sets.log_prior).sum() == pytest.approx(1.0)
    naive = []
    for row in sets.active:
        naive.append(math.prod(c.prior if on else 1 - c.prior for c, on in zip(causes, row, strict=True)))
    np.testing.assert_allclose(np.exp(sets.log_prior), np.array(naive) / sum(naive), rtol=1e-12)


def test_sets_by_brute_force():
    causes = CAUSES[:3] + CAUSES[11:13] + CAUSES[13:16]
    roles = [c.role for c in causes]
    most = {"trigger": 2, "premium": 1, "amplifier": 2}
    allowed = {
        row
        for row in itertools.product([False, True], repeat=len(causes))
        if all(sum(on for on, r in zip(row, roles, strict=True) if r == role) <= n for role, n in most.items())
    }
    assert {tuple(map(bool, row)) for row in combinations(causes).active} == allowed


def test_no_causes_leave_the_empty_set():
    sets = combinations([])
    assert sets.active.shape == (1, 0)
    assert sets.log_prior.tolist() == [0.0]


def test_intensities_keep_the_prior_of_every_set():
    sets = combinations(CAUSES[:3] + CAUSES[13:15])
    parts = components(sets)
    above = 1.0 - INTENSITY_WEIGHTS[0]
    assert np.exp(parts.log_prior).sum() == pytest.approx(above)
    for row, log_prior in zip(sets.active, sets.log_prior, strict=True):
        same = (parts.active == row).all(axis=1)
        assert np.exp(parts.log_prior[same]).sum() == pytest.approx(above * math.exp(log_prior))
