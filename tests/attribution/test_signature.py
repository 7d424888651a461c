"""Moments of a cell against draws from it, and the bucket that a move falls into."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.attribution.signature import SIZE_SPREAD, STRENGTH, Signatures, observed_bucket, signatures
from selloff.catalog import default_catalogue


@pytest.mark.parametrize("p", [(0.7, 0.2, 0.1), (0.35, 0.30, 0.35), (0.05, 0.9, 0.05)])
def test_mean_and_variance_are_those_of_a_sign_times_a_lognormal_size(p):
    """To five standard errors of 400,000 draws."""
    n, size, random = 400_000, 1.5, np.random.default_rng(2)
    table = Signatures(np.array([[p]]), np.array([[size]]), np.ones((1, 1)), ("one",), ("a",))
    width = np.sqrt(np.log(1.0 + SIZE_SPREAD**2))
    drawn = random.choice([-1.0, 0.0, 1.0], n, p=p) * size * np.exp(width * random.standard_normal(n) - width**2 / 2)
    mean, variance = (float(m[0, 0]) for m in table.moments())
    assert mean == pytest.approx(drawn.mean(), abs=5 * drawn.std() / np.sqrt(n))
    assert variance == pytest.approx(drawn.var(), abs=5 * (drawn**2).std() / np.sqrt(n))


@pytest.mark.parametrize(("moved", "bucket"), [(-0.5, 0), (-0.49, 1), (0.0, 1), (0.49, 1), (0.5, 2), (3.0, 2)])
def test_half_a_sigma_is_a_move(moved, bucket):
    assert observed_bucket(moved) == bucket


def test_a_cell_is_worth_what_its_basis_is():
    """Published cells forty observations, hypotheses and open ones ten."""
    causes = list(default_catalogue().causes.values())
    assets = list(default_catalogue().assets)
    found = signatures(causes, assets, "adverse").strength
    bases = [[c.signature[a].basis for a in assets] for c in causes]
    assert {b: {float(x) for row, r in zip(found, bases, strict=True) for x, y in zip(row, r, strict=True) if y == b}
            for b in STRENGTH} == {"published": {40.0}, "hypothesis": {10.0}, "open": {10.0}}  # fmt: skip
