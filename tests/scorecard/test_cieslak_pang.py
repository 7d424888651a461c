"""The price-only shocks: kept rotations obey every restriction, and a planted shock is found."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.scorecard.human.baselines.cieslak_pang import (
    accepted_impacts,
    shock_contributions,
    shock_kinds,
    var_innovations,
)
from selloff.scorecard.human.baselines.price_only import shock_shares

IMPACT = np.array(
    [
        [4.0, 4.5, 1.5, 1.0],
        [3.5, 3.0, 2.5, 2.0],
        [2.5, 2.0, 4.0, 4.0],
        [0.4, -0.4, 0.5, -0.6],
    ]
)
"""Columns: growth, monetary, hedging premium, common premium, in basis points and per cent."""


@pytest.fixture(scope="module")
def levels() -> np.ndarray:
    shocks = np.random.default_rng(8).standard_normal((1500, 4))
    changes = shocks @ IMPACT.T
    yields = 5.0 + np.cumsum(changes[:, :3], axis=0) / 100
    return np.column_stack([yields, 100 * np.exp(np.cumsum(changes[:, 3]) / 100)])


def _kind(column: np.ndarray) -> int:
    two, five, ten, stocks = (float(x) for x in column)
    if not (two * five > 0 and five * ten > 0):
        return -1
    a, b, c = abs(two), abs(five), abs(ten)
    if stocks * two > 0:
        return 0 if a > c and b > c else 2 if a < b < c else -1
    return 1 if a > b > c else 3 if a < b < c else -1


def test_kinds_against_a_loop():
    impact = np.random.default_rng(9).standard_normal((400, 4, 4))
    impact[:, :3] += 1.5 * np.sign(impact[:, :1])
    expected = [[_kind(m[:, k]) for k in range(4)] for m in impact]
    found = shock_kinds(impact)
    assert {-1, 0, 1, 2, 3} == set(np.unique(found).tolist())
    np.testing.assert_array_equal(found, expected)


def test_kept_impacts_obey_and_reproduce_the_covariance():
    covariance = IMPACT @ IMPACT.T
    kept = accepted_impacts(covariance)
    assert len(kept) > 5
    for impact in kept:
        np.testing.assert_allclose(impact @ impact.T, covariance, rtol=1e-9, atol=1e-9)
        assert [_kind(impact[:, k]) for k in range(4)] == [0, 1, 2, 3]
        assert (impact[0, :2] ** 2).sum() > (impact[0, 2:] ** 2).sum()
        assert (impact[2, :2] ** 2).sum() < (impact[2, 2:] ** 2).sum()


def test_contributions_add_up_to_the_innovation(levels: np.ndarray):
    changes = np.column_stack([np.diff(levels[:, :3], axis=0), np.diff(np.log(levels[:, 3]))]) * 100
    innovations = var_innovations(changes)
    found = shock_contributions(levels)
    assert found is not None
    assert sum(found) == pytest.approx(innovations[-1, 3] / innovations[:-1, 3].std(ddof=1), rel=1e-6)


@pytest.mark.parametrize("shock", range(4))
def test_a_planted_shock_contributes_most(levels: np.ndarray, shock: int):
    move = -6.0 * IMPACT[:, shock]
    last = np.append(levels[-1, :3] + move[:3] / 100, levels[-1, 3] * np.exp(move[3] / 100))
    found = shock_contributions(np.vstack([levels, last]))
    assert found is not None
    assert int(np.argmax(np.abs(found))) == shock


def test_gaps_and_short_histories_are_no_answer(levels: np.ndarray):
    gap = levels.copy()
    gap[-1, 1] = np.nan
    assert shock_contributions(gap) is None
    assert shock_contributions(levels[:400]) is None
    inside = levels.copy()
    inside[700] = np.nan
    assert shock_contributions(inside) is not None


def test_only_shocks_that_pushed_the_markets_way_share():
    shares = shock_shares(np.array([[-2.0, 1.0, -1.0, -1.0], [np.nan] * 4]))
    np.testing.assert_allclose(shares[0], [0.5, 0.0, 0.25, 0.25])
    assert np.isnan(shares[1]).all()
