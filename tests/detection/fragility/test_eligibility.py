"""The rule for missing, young and stale series, by loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selloff.detection.fragility.eligibility import eligible, segments


@pytest.mark.parametrize(("look_back", "seed"), [(5, 0), (20, 1), (60, 2)])
def test_equals_the_rule_by_loop(gappy, eligible_at, look_back, seed):
    moves = gappy(240, 2, seed)
    random = np.random.default_rng(seed)
    moves[random.random(moves.shape) < 0.1] = math.nan
    moves[100:170, 6] = 0.0
    moves[130, 6] = math.nan
    found = eligible(moves, look_back)
    for t in range(len(moves)):
        assert np.flatnonzero(found[t]).tolist() == eligible_at(moves, t, look_back)


def test_each_character_at_its_session(gappy):
    n, look_back = 400, 100
    found = eligible(gappy(n, 1, 3), look_back)
    assert not found[: look_back - 1].any()
    assert found[look_back - 1 :, 0].all()
    assert found[look_back - 1 :, 1].mean() > 0.99
    assert np.flatnonzero(found[:, 2])[0] == n // 2 + 79  # 80 of 100 sessions
    assert np.flatnonzero(found[:, 3])[-1] == 3 * n // 4 + 3  # the fifth session without a move is the last straw
    assert not found[:, 4].any()
    assert not found[:, 5].any()


def test_segments_cover_every_session_with_a_series(gappy):
    found = eligible(gappy(300, 1, 4), 50)
    rebuilt = np.zeros_like(found)
    for start, stop, columns in segments(found):
        assert start < stop
        assert not rebuilt[start:stop].any()
        rebuilt[np.ix_(np.arange(start, stop), columns)] = True
    np.testing.assert_array_equal(rebuilt, found)
    assert list(segments(found[:0])) == []
