"""The written rules for odd data (docs/method.md), each on a panel that breaks in that one way."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from naive import NAN, make_panel, window_of
from selloff.catalog import default_catalogue
from selloff.detection import joint_fall
from selloff.detection.scan import scan_windows
from selloff.detection.verdict import VERDICTS, shipped_thresholds
from selloff.errors import WindowError
from selloff.panel import find_window, window_moves

SERIES = ["sp500", "gld_adj", "gold_futures", "wti_spot", "ust_10y", "btc_utc"]
DAY = 600
CLASSES = list(default_catalogue().classes.values())


def _levels(seed: int = 1) -> np.ndarray:
    """Six series; on `DAY` every one of them loses five daily sigmas."""
    moves = np.random.default_rng(seed).standard_normal((700, 6))
    moves[DAY] = -5.0
    moves[:, 4] *= -1
    return 100 * np.exp(np.cumsum(moves, axis=0) / 100)


def _judge(levels: np.ndarray, length: int = 1):
    """The window that ends on `DAY`, by `joint_fall` and by the scan; both must agree."""
    panel = make_panel(levels, SERIES)
    window = window_of(panel, DAY - length, DAY)
    moves = {m.series.id: m for m in window_moves(panel, window)}
    found = joint_fall(panel, window, moves, default_catalogue())
    (scan,) = scan_windows(panel, CLASSES, shipped_thresholds(), (length,), np.zeros(levels.shape, dtype=np.int64))
    assert VERDICTS[scan.codes[DAY]] == found.verdict
    depths = {d.asset_class.id: d for d in found.depths}
    expected = [NAN if d.depth is None else d.depth for d in found.depths]
    np.testing.assert_allclose(scan.depths[DAY], expected, rtol=1e-9)
    return found, depths, moves


def test_all_there():
    found, depths, _ = _judge(_levels())
    assert found.verdict == "joint"
    assert len(found.classes_down) == 5
    assert depths["precious_metals"].members == ("gld_adj",)


def test_a_missing_class_is_absent_not_zero_and_does_not_count_among_half():
    levels = _levels()
    levels[:, [3, 5]] = NAN  # no energy, no crypto: three groups are left, and all three are down
    found, depths, moves = _judge(levels)
    assert (depths["energy"].depth, depths["energy"].members) == (None, ())
    assert moves["wti_spot"].flags[-1] == "no_data"
    assert found.verdict == "joint"
    levels[:, 4] = NAN  # two are left: too few for a joint fall
    assert _judge(levels)[0].verdict == "partial"


@pytest.mark.parametrize(
    ("known", "counts", "flag"), [(39, False, None), (41, True, "short_history"), (260, True, None)]
)
def test_a_series_that_starts_inside_the_look_back(known, counts, flag):
    """Forty moves before the base are enough, and flagged up to 249."""
    levels = _levels()
    levels[: DAY - 1 - known, 5] = NAN
    _, depths, moves = _judge(levels)
    assert (depths["crypto"].depth is not None) is counts
    assert ("short_history" in moves["btc_utc"].flags) is (flag is not None or not counts)


def test_a_series_that_starts_inside_the_window_has_no_move():
    levels = _levels()
    levels[: DAY - 3, 5] = NAN
    _, depths, moves = _judge(levels, length=5)
    assert depths["crypto"].depth is None
    assert "starts_in_window" in moves["btc_utc"].flags


def test_a_halt_gives_way_to_the_next_series_of_the_member():
    levels = _levels()
    levels[DAY, 1] = NAN
    _, depths, moves = _judge(levels)
    assert "closed_in_window" in moves["gld_adj"].flags
    assert depths["precious_metals"].members == ("gold_futures",)


def test_a_halt_at_the_end_of_a_longer_window_uses_the_last_close_and_says_so():
    levels = _levels()
    levels[DAY, 1] = NAN
    _, depths, moves = _judge(levels, length=3)
    assert depths["precious_metals"].members == ("gld_adj",)
    assert any(f.startswith("last_") for f in moves["gld_adj"].flags)


@pytest.mark.parametrize(("closed", "moves_at_all"), [(5, True), (6, False)])
def test_a_halt_before_the_window_reaches_back_five_sessions(closed, moves_at_all):
    levels = _levels()
    levels[DAY - closed : DAY, 3] = NAN
    _, depths, moves = _judge(levels)
    assert (depths["energy"].depth is not None) is moves_at_all
    if moves_at_all:
        assert any(f.startswith("base_") for f in moves["wti_spot"].flags)


def test_a_stale_series_stops_counting_and_says_since_when():
    levels = _levels()
    levels[DAY - 20 :, 3] = NAN
    _, depths, moves = _judge(levels)
    assert depths["energy"].depth is None
    assert any(f.startswith("stopped_") for f in moves["wti_spot"].flags)


def test_a_price_that_repeats_is_a_move_of_zero_until_it_has_no_volatility():
    levels = _levels()
    levels[DAY - 10 :, 3] = levels[DAY - 10, 3]
    _, depths, _ = _judge(levels)
    assert depths["energy"].depth == 0.0
    levels[DAY - 300 :, 3] = levels[DAY - 300, 3]
    assert _judge(levels)[1]["energy"].depth is None


def test_a_negative_price_moves_by_the_difference_over_its_usual_level():
    levels = _levels()
    levels[DAY, 3] = -20.0
    found, depths, moves = _judge(levels)
    usual = float(np.median(levels[DAY - 250 : DAY, 3]))
    assert moves["wti_spot"].log_move == pytest.approx(100 * (-20.0 - levels[DAY - 1, 3]) / usual)
    assert "difference_rule" in moves["wti_spot"].flags
    assert depths["energy"].depth < -50
    assert found.verdict == "joint"


@pytest.mark.parametrize(
    ("words", "around"),
    [
        ("2020-03-14:2020-03-15", ("2020-03-13", "2020-03-16")),
        ("2020-03-14", ("2020-03-13", "2020-03-16")),
        ("2020-12-25:2020-12-27", ("2020-12-24", "2020-12-28")),
        ("2020-12-25", ("2020-12-24", "2020-12-28")),
        ("2020-03-14:2020-03-17", ("2020-03-13", "2020-03-16")),
    ],
)
def test_a_window_without_sessions_is_an_error_that_names_those_around(sessions, words, around):
    with pytest.raises(WindowError) as error:
        find_window(words, None, default_catalogue(), sessions, date(2026, 1, 5))
    assert all(day in str(error.value) for day in around)


def test_a_weekend_alone_is_called_that_and_its_trade_is_in_the_next_session(sessions):
    with pytest.raises(
        WindowError, match=r"No New York session lies in .* what traded in between is in the moves of 2020"
    ):
        find_window("2020-03-14:2020-03-15", None, default_catalogue(), sessions, date(2026, 1, 5))


def test_a_window_across_a_holiday_counts_sessions_not_days(sessions):
    window = find_window("2020-12-24:2020-12-28", None, default_catalogue(), sessions, date(2026, 1, 5))
    assert (window.n_sessions, str(window.base)) == (2, "2020-12-23")
