"""Weights of candidate columns against a loop over cells."""

from __future__ import annotations

import math

import numpy as np
import pytest

from attribution.structural.planted_restrictions import CASES, slow_log_weight
from selloff.attribution.structural.restrictions import (
    VIOLATED,
    Ranking,
    Restrictions,
    Share,
    all_hard,
    log_weight,
    shares_hold,
)


@pytest.mark.parametrize("shock", range(3))
def test_weights_agree_with_a_loop_over_cells(shock):
    columns = np.random.default_rng(3).standard_normal((200, 5))
    found = log_weight(columns, shock, CASES)
    for column, value in zip(columns, found, strict=True):
        expected = slow_log_weight(column, shock, CASES)
        if expected == -math.inf:
            assert value < VIOLATED / 2
        else:
            assert value == pytest.approx(expected, abs=1e-9)


def test_a_soft_sign_tells_which_way_and_by_how_much():
    small = np.array([[1.0, 1.0, 1.0, 5.0, 1.0], [1.0, 1.0, 1.0, -5.0, 1.0]])
    up, down = log_weight(small, 1, CASES)
    p = CASES.rises[1, 3]
    assert up - down == pytest.approx(math.log(p / (1 - p)), abs=1e-3)


def test_an_unnamed_shock_claims_nothing():
    columns = np.random.default_rng(0).standard_normal((4, 5))
    assert np.all(log_weight(columns, len(CASES.shocks), CASES) == 0.0)


def test_weights_do_not_depend_on_a_column_s_length():
    columns = np.random.default_rng(1).standard_normal((50, 5))
    for shock in range(3):
        assert log_weight(7.0 * columns, shock, CASES) == pytest.approx(log_weight(columns, shock, CASES))


def test_shares_compare_variances():
    loadings = np.array([[[1.0, 2.0, 2.5]], [[1.0, 2.0, 1.5]]])
    assert shares_hold(loadings, (Share(0, (0, 1), (2,)),)).tolist() == [False, True]


def test_every_hard_restriction_has_a_name_and_can_be_dropped():
    claims = Restrictions(
        CASES.assets, CASES.shocks, CASES.hard, CASES.rises, CASES.still, CASES.rankings, (Share(0, (0,), (1,)),)
    )
    names = claims.hard_names()
    assert len(names) == np.count_nonzero(claims.hard) + 1 + 1
    for i in range(len(names)):
        keep = [k != i for k in range(len(names))]
        assert claims.without(keep).hard_names() == names[:i] + names[i + 1 :]


def test_stated_signs_taken_as_hard():
    hard = all_hard(CASES)
    assert np.array_equal(np.sign(CASES.rises - 0.5)[CASES.hard == 0], hard.hard[CASES.hard == 0])
    assert np.array_equal(hard.hard[CASES.hard != 0], CASES.hard[CASES.hard != 0])
    assert all(r.probability is None for r in hard.rankings)
    assert isinstance(hard.rankings[0], Ranking)
