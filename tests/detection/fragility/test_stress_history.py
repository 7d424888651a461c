"""Stress through a long history, against a slow version of its own definition."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.detection.fragility import composite, stress_history
from selloff.detection.fragility.fragility import class_mean, stress_indicators
from selloff.detection.fragility.stress_history import scaled_by_past

CLASSES = [[[0, 1], [6]], [[2], [3]], [[7, 8]], [[]], [[9]]]


@pytest.fixture(scope="module")
def moves(gappy):
    return gappy(900, 4, 0)


def _naive_scaled(moves: np.ndarray, fewest: int) -> np.ndarray:
    out = np.full(moves.shape, np.nan)
    for j in range(moves.shape[1]):
        for t in range(len(moves)):
            past = [x for x in moves[:t, j] if not np.isnan(x)]
            if len(past) >= fewest and any(past) and not np.isnan(moves[t, j]):
                out[t, j] = moves[t, j] / np.sqrt(np.mean(np.square(past)))
    return out


def test_scaling_uses_the_past_alone(moves):
    few = moves[:120]
    assert np.allclose(scaled_by_past(few, 30), _naive_scaled(few, 30), equal_nan=True)
    assert np.isnan(scaled_by_past(np.zeros((40, 1)), 10)).all()


def test_the_first_series_with_a_move_speaks_for_a_member(moves):
    scaled = scaled_by_past(moves)
    columns = []
    for members in CLASSES:
        rows = []
        for t in range(len(moves)):
            said = [next((scaled[t, c] for c in m if not np.isnan(scaled[t, c])), np.nan) for m in members if m]
            rows.append(said)
        if rows[0]:
            columns.append(class_mean(np.array(rows)))
    n = len(columns)
    expected = composite(stress_indicators(np.column_stack(columns)), [*range(n), *range(n)]).value
    found = stress_history(moves, CLASSES)
    assert np.isfinite(found).sum() > 100
    assert np.allclose(found, expected, equal_nan=True)


def test_units_do_not_matter(moves):
    other = moves * np.linspace(0.01, 100.0, moves.shape[1])
    assert np.allclose(stress_history(other, CLASSES), stress_history(moves, CLASSES), equal_nan=True)


def test_later_rows_change_nothing(moves):
    cut = 700
    changed = moves.copy()
    changed[cut:] *= -7.0
    assert np.array_equal(stress_history(changed, CLASSES)[:cut], stress_history(moves, CLASSES)[:cut], equal_nan=True)
    assert np.array_equal(stress_history(moves[:cut], CLASSES), stress_history(moves, CLASSES)[:cut], equal_nan=True)


def test_one_class_is_not_enough(moves):
    assert np.isnan(stress_history(moves, [[[0]], [[]]])).all()
