"""Depth through history against the same question asked window by window."""

from __future__ import annotations

import math

import numpy as np
import pytest

from naive import NAN, make_panel, window_of
from selloff.catalog import default_catalogue
from selloff.detection.depth import bound_class_history, class_depths, class_history, kth_worst, sigma_history
from selloff.panel import window_moves

SERIES = ["sp500", "ust_10y", "wti_spot", "btc_utc"]


def _panel(seed: int, n: int = 700):
    random = np.random.default_rng(seed)
    levels = 50 * np.exp(np.cumsum(random.standard_normal((n, 4)) * 0.02, axis=0))
    levels[:, 1] = 2 + np.cumsum(random.standard_normal(n)) * 0.05
    levels[:, 2] -= 1.1 * np.median(levels[:, 2])
    levels[random.random((n, 4)) < 0.1] = NAN
    levels[300:309, 0] = NAN
    levels[:200, 3] = NAN
    return make_panel(levels, SERIES)


@pytest.mark.parametrize("length", [1, 3, 5, 20])
def test_history_equals_window_moves_at_every_sampled_row(length):
    panel = _panel(length)
    history = sigma_history(panel, length, len(panel.sessions) - 1)
    random = np.random.default_rng(99)
    rows = [*random.integers(length, len(panel.sessions), 80), *range(296, 316), length, len(panel.sessions) - 1]
    for row in rows:
        moves = window_moves(panel, window_of(panel, int(row) - length, int(row)))
        expected = [NAN if m.depth is None else m.depth for m in moves]
        np.testing.assert_allclose(history[row], expected, rtol=1e-9, err_msg=f"row {row}")
    assert np.isfinite(history).mean() > 0.4


def test_windows_that_start_before_the_data_have_no_depth():
    panel = _panel(5)
    assert np.isnan(sigma_history(panel, 20, 300)[:20]).all()


def test_history_ends_at_its_last_row_and_does_not_see_later():
    panel = _panel(6)
    short = sigma_history(panel, 5, 400)
    np.testing.assert_array_equal(short, sigma_history(panel, 5, 650)[:401])


@pytest.mark.parametrize("k", [1, 2, 3])
def test_kth_worst_by_loop(k):
    random = np.random.default_rng(k)
    depths = random.standard_normal((200, 4))
    depths[random.random((200, 4)) < 0.1] = NAN
    worst = kth_worst(depths, k)
    for row, found in zip(depths.tolist(), worst, strict=True):
        expected = NAN if any(math.isnan(d) for d in row) else sorted(row)[k - 1]
        np.testing.assert_equal(found, expected)


def test_class_history_is_the_mean_of_the_members_that_are_there():
    panel = _panel(7)
    sigmas = sigma_history(panel, 1, 650)
    both = class_history(panel, sigmas, [["sp500", "btc_utc"], ["ust_10y"]])
    for row in range(0, 651, 13):
        known = [sigmas[row, i] for i in (0, 3) if not math.isnan(sigmas[row, i])]
        np.testing.assert_allclose(both[row, 0], sum(known) / len(known) if known else NAN)
    np.testing.assert_array_equal(both[:, 1], sigmas[:, 1])


def test_class_depth_takes_the_first_available_member_and_turns_yields_round():
    catalogue = default_catalogue()
    levels = _panel(8).levels
    panel = make_panel(np.column_stack([levels[:, 0], levels[:, 0] * 2, 1 + levels[:, 1]]), ["dax", "sp500", "ust_2y"])
    moves = {m.series.id: m for m in window_moves(panel, window_of(panel, 500, 505))}
    depths = {d.asset_class.id: d for d in class_depths(list(catalogue.classes.values()), moves)}
    regions, bonds = depths["equity_regions"], depths["government_bonds"]
    assert regions.members == ("sp500", "dax")  # euro_stoxx_50 is not there, so its stand-in counts
    assert regions.depth == pytest.approx((moves["sp500"].sigmas_slow + moves["dax"].sigmas_slow) / 2)
    assert bonds.depth == pytest.approx(-moves["ust_2y"].sigmas_slow)
    assert depths["crypto"].depth is None
    assert depths["crypto"].members == ()


def test_bound_history_is_class_depths_window_by_window():
    """Series come and go; each window has the first of each member's list that was there."""
    classes = list(default_catalogue().classes.values())
    levels = np.column_stack([_panel(9).levels, _panel(10).levels[:, [0, 3]]])
    levels[400:, 0], levels[:450, 5] = NAN, NAN
    panel = make_panel(levels, [*SERIES, "spy_adj", "btc_hourly"])
    found = bound_class_history(panel, sigma_history(panel, 3, 699), classes)
    seen = set()
    for row in range(60, 700, 9):
        moves = {m.series.id: m for m in window_moves(panel, window_of(panel, row - 3, row))}
        expected = class_depths(classes, moves)
        seen |= {d.members for d in expected}
        np.testing.assert_allclose(found[row], [NAN if d.depth is None else d.depth for d in expected], rtol=1e-9)
    assert {("sp500",), ("spy_adj",), ("btc_hourly",), ("btc_utc",)} <= seen


def test_chosen_columns_are_the_same_numbers_and_the_others_missing():
    panel = _panel(11)
    whole, part = sigma_history(panel, 5, 600), sigma_history(panel, 5, 600, [0, 2])
    np.testing.assert_array_equal(part[:, [0, 2]], whole[:, [0, 2]])
    assert np.isnan(part[:, [1, 3]]).all()
