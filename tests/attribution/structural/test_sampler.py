"""Restricted draws against naive accept–reject, and conflicts by name."""

from __future__ import annotations

import numpy as np
import pytest

from attribution.structural.planted import claims
from selloff.attribution.structural.restrictions import Ranking, Restrictions, log_weight
from selloff.attribution.structural.rotations import haar
from selloff.attribution.structural.sampler import Draws, Infeasible, draw_loadings

BASE = np.linalg.cholesky(np.array([[1.0, 0.5, 0.2, 0.1], [0.5, 1, 0.3, 0], [0.2, 0.3, 1, -0.2], [0.1, 0, -0.2, 1]]))


def test_agrees_with_accept_reject():
    hard = claims(4, ["++??", "+-??", "??+-"], ["????", "????", "????"])
    restrictions = Restrictions(hard.assets, hard.shocks, hard.hard, hard.rises, hard.still, (Ranking(0, 1, 0),))
    random = np.random.default_rng(1)
    naive = BASE @ haar(400_000, 4, random)
    first = (naive[:, 0, 0] > 0) & (naive[:, 1, 0] > naive[:, 0, 0])
    second = (naive[:, 0, 1] > 0) & (naive[:, 1, 1] < 0)
    third = (naive[:, 2, 2] > 0) & (naive[:, 3, 2] < 0)
    naive = naive[first & second & third]
    assert len(naive) > 1000
    found = draw_loadings(np.broadcast_to(BASE, (3000, 4, 4)), restrictions, np.random.default_rng(2))
    assert isinstance(found, Draws)
    assert found.feasible_share > 0.999
    error = np.sqrt(naive.var(axis=0) / len(naive) + found.loadings.var(axis=0) / len(found.kept))
    assert np.abs((found.loadings.mean(axis=0) - naive.mean(axis=0)) / error)[:, :3].max() < 4.5
    assert found.loadings[:, :, :3].std(axis=0) == pytest.approx(naive[:, :, :3].std(axis=0), rel=0.08)


def test_hard_restrictions_hold_on_tight_sets():
    signs = np.sign(np.random.default_rng(4).standard_normal((6, 8)))
    table = ["".join("+" if s > 0 else "-" for s in row[:5]) + "???" for row in signs]
    restrictions = claims(8, table, ["????????"] * 6)
    base = np.broadcast_to(np.eye(8), (50, 8, 8))
    found = draw_loadings(base, restrictions, np.random.default_rng(2))
    assert isinstance(found, Draws)
    assert found.feasible_share > 0.9
    for j in range(6):
        assert (log_weight(found.loadings[:, :, j], j, restrictions) == 0.0).all()
    kept = found.loadings @ found.loadings.transpose(0, 2, 1)
    assert kept == pytest.approx(np.broadcast_to(np.eye(8), kept.shape), abs=1e-10)


def test_a_conflict_is_named_and_minimal():
    """Two shocks that raise two uncorrelated assets can't be orthogonal; the third asset has no part in it."""
    two_factors = np.broadcast_to(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), (20, 3, 2))
    restrictions = claims(3, ["++?", "++?"], ["???"] * 2)
    found = draw_loadings(two_factors, restrictions, np.random.default_rng(1))
    assert isinstance(found, Infeasible)
    assert found.tried == 20
    whole = {"shock0: asset0 rises", "shock0: asset1 rises", "shock1: asset0 rises", "shock1: asset1 rises"}
    assert set(found.conflicting) == whole
    wider = claims(3, ["+++", "++?"], ["???"] * 2)
    again = draw_loadings(two_factors, wider, np.random.default_rng(1))
    assert isinstance(again, Infeasible)
    assert "shock1: asset0 rises" in again.conflicting
    assert len(again.conflicting) == 4


def test_a_ranking_no_direction_can_meet_is_named():
    """One factor moves asset 0 by twice as much as asset 1, whatever the rotation."""
    base = np.broadcast_to(np.array([[2.0], [1.0]]), (10, 2, 1))
    hard = claims(2, ["++"], ["??"])
    restrictions = Restrictions(hard.assets, hard.shocks, hard.hard, hard.rises, hard.still, (Ranking(0, 1, 0),))
    found = draw_loadings(base, restrictions, np.random.default_rng(1))
    assert isinstance(found, Infeasible)
    assert found.conflicting == ("shock0: |asset1| > |asset0|",)


def test_hypotheses_alone_are_never_infeasible():
    restrictions = claims(3, ["???", "???"], ["+++", "+++"])
    found = draw_loadings(np.broadcast_to(np.eye(3)[:, :2], (40, 3, 2)), restrictions, np.random.default_rng(1))
    assert isinstance(found, Draws)
    assert found.feasible_share == 1.0


def test_more_shocks_than_columns_is_an_error():
    with pytest.raises(ValueError, match="2 shocks need as many columns, not 1"):
        draw_loadings(np.ones((1, 3, 1)), claims(3, ["???", "???"], ["???"] * 2), np.random.default_rng(1))
