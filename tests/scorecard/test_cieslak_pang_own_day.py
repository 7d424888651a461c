"""The price-only baseline is estimated without the day that it explains."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.scorecard.human.baselines.cieslak_pang import shock_contributions, var_innovations


def test_the_last_session_is_left_out_of_what_it_is_judged_by():
    """Another last session leaves every earlier innovation as it was; twice its surprise is twice its contributions."""
    changes = np.random.default_rng(2).standard_normal((700, 4)) * [5.0, 5.0, 5.0, 1.0]
    wild = changes.copy()
    wild[-1] = [60.0, -40.0, 30.0, -12.0]
    np.testing.assert_array_equal(var_innovations(wild)[:-1], var_innovations(changes)[:-1])


def test_contributions_grow_with_the_last_session_s_surprise_alone():
    """Stock move and yields such that the innovation doubles: in its own covariance it would damp itself."""
    random = np.random.default_rng(8)
    factors = random.standard_normal((900, 4)) @ np.array(
        [[5.0, 4.0, 3.0, 0.5], [5.0, 4.0, 3.0, -0.5], [-2.0, -3.0, -4.0, -0.6], [2.0, 3.0, 4.0, -0.6]]
    )

    def found(last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        changes = factors.copy()
        changes[-1] = last
        path = np.cumsum(changes, axis=0) / 100.0
        levels = np.column_stack([5.0 + path[:, :3], 100.0 * np.exp(path[:, 3])])
        moved = shock_contributions(levels)
        assert moved is not None
        # what the program takes as changes: those between the levels
        taken = np.column_stack([np.diff(levels[:, :3], axis=0), np.diff(np.log(levels[:, 3]))]) * 100.0
        return np.array(moved), var_innovations(taken)

    last = np.array([30.0, 25.0, 18.0, -8.0])
    one, innovations = found(last)
    two, again = found(last + innovations[-1])
    assert again[-1] == pytest.approx(2 * innovations[-1])
    assert two == pytest.approx(2 * one)
