"""Fragility from the last four years only: the values of the whole history, percentiles of the last year."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.detection.fragility import composite, fragility_at, fragility_history, recent_fragility
from selloff.detection.fragility.fragility import Level, class_mean, stress_indicators
from selloff.detection.fragility.recent import COMPOSITE_SESSIONS, LEVELS

N = 1500
MEMBERS = {"equity": [0, 1, 6], "metals": [2, 3], "energy": [7, 8], "credit": [9], "fx": [5], "bonds": []}


@pytest.fixture(scope="module")
def market(gappy):
    moves = gappy(N, 4, 0)
    return moves, np.full(moves.shape, 1.5)


def test_equals_the_whole_history(market):
    recent, history = recent_fragility(*market, MEMBERS), fragility_history(*market, MEMBERS)
    whole = fragility_at(history, N - 1)
    for name, values in history.measures.items():
        if name == "composite":
            continue
        level: Level = getattr(recent, name)
        assert level.value == pytest.approx(getattr(whole, name).value, rel=1e-9), name
        if name == "absorption_shift":
            assert level.percentile is None
            continue
        last = values[-LEVELS:]
        assert level.n_levels == np.isfinite(last).sum(), name
        expected = 100 * np.mean(last <= last[-1]) if np.isfinite(last).all() else None
        assert level.percentile == (None if expected is None else pytest.approx(expected, abs=0.5)), name
    assert np.allclose(recent.table.shares, whole.table.shares, equal_nan=True)
    assert recent.classes_missing == whole.classes_missing


def test_the_composite_is_that_of_the_last_four_years(market):
    moves, _ = market
    by_class = np.column_stack([class_mean(moves[-COMPOSITE_SESSIONS:, m]) for m in MEMBERS.values()])
    segments = [*range(len(MEMBERS))] * 2
    expected = composite(stress_indicators(by_class), segments).value
    found = recent_fragility(*market, MEMBERS).composite
    assert found.value == pytest.approx(expected[-1])
    assert found.n_levels == LEVELS


def test_only_the_last_four_years_matter(market):
    moves, volatility = market
    other = moves.copy()
    other[: N - COMPOSITE_SESSIONS - 1] *= -3.0
    assert (
        recent_fragility(other, volatility, MEMBERS).to_dict() == recent_fragility(moves, volatility, MEMBERS).to_dict()
    )


@pytest.mark.parametrize("n", [1, 2, 30, 300, 700])
def test_a_short_history_gives_what_it_can(market, n):
    moves, volatility = market
    found = recent_fragility(moves[:n], volatility[:n], MEMBERS)
    assert found.row == n - 1
    assert (found.correlation.value is None) == (n < 250)
    assert (found.turbulence.value is None) == (n < 501)
    assert found.absorption_shift.percentile is None
