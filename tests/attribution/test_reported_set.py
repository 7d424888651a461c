"""Reported sets against a slow loop, and when a cause counts as silent."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selloff.attribution.reported_set import LIMITS, moves_agree, reported_sets, silent
from selloff.attribution.signature import signatures
from selloff.catalog import ROLES, default_catalogue


@pytest.mark.parametrize("seed", range(6))
def test_a_set_holds_the_most_probable_and_all_within_the_limit_of_the_best(seed):
    random = np.random.default_rng(seed)
    n = 14
    factor, p = random.normal(0, 2, n), random.random(n)
    roles, out = random.integers(0, len(ROLES), n).tolist(), (random.random(n) < 0.2).tolist()
    expected = set()
    for role in range(len(ROLES)):
        rows = [i for i in range(n) if roles[i] == role and not out[i]]
        if not rows:
            continue
        best = max(factor[i] for i in rows)
        members = {i for i in rows if math.exp(best - factor[i]) <= math.exp(LIMITS[ROLES[role]])}
        expected.add(frozenset(members | {max(rows, key=lambda i: p[i])}))
    assert set(reported_sets(factor, p, roles, out)) == expected


def test_no_data_leave_every_cause_in_its_set():
    sets = reported_sets(np.zeros(4), np.full(4, 0.1), [0, 0, 0, 2], [False] * 4)
    assert set(sets) == {frozenset({0, 1, 2}), frozenset({3})}


def test_a_cause_without_an_opinion_is_silent_and_so_is_one_that_the_data_leave_alone():
    catalogue = default_catalogue()
    causes = [catalogue.causes["reserve_scarcity"], catalogue.causes["growth"]]
    table = signatures(causes, list(catalogue.assets), "adverse")
    strong = np.array([2.0, 2.0])
    assert silent(0, table, strong, told=False) and not silent(0, table, strong, told=True)
    assert not silent(1, table, strong, told=False)
    assert silent(1, table, np.array([0.0, math.log(1.1)]), told=True)
    assert not silent(1, table, np.array([0.0, math.log(1.2)]), told=True)


def test_a_calendar_alone_makes_no_cause_contributing():
    table = signatures(list(default_catalogue().causes.values()), ["spx", "btc"], "adverse")
    ids = list(default_catalogue().causes)
    row, open_row = ids.index("growth"), ids.index("reserve_scarcity")
    prices = np.zeros(len(ids))
    assert not moves_agree(row, table, prices)
    assert moves_agree(open_row, table, prices)
    prices[row] = np.log(1.2)
    assert moves_agree(row, table, prices)
