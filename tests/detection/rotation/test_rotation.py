"""Rotation: against scipy, polyfit and worlds whose leaders are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from selloff.catalog import default_catalogue
from selloff.detection.rotation import HORIZONS, find_rotation, rotate, rotation_series, share_as_low, spearman
from selloff.detection.rotation.baskets import mean_move, whole_moves
from selloff.detection.rotation.measure import betas, measure, sums
from selloff.panel import Panel, Window

ROWS = 1500


def test_spearman_against_scipy():
    random = np.random.default_rng(1)
    a, b = random.standard_normal((2, 20, 9))
    a[3:6] = random.integers(0, 4, (3, 9))
    found = spearman(a, b)
    for i in range(20):
        assert found[i] == pytest.approx(spearmanr(a[i], b[i]).statistic)
    assert np.isnan(spearman(np.ones(5), np.arange(5.0)))


def test_share_as_low_counts():
    earlier = np.append(np.linspace(-1, 1, 21), np.nan)
    assert share_as_low(-1.0, earlier) == pytest.approx(2 / 22)
    assert share_as_low(1.0, earlier) == 1.0
    assert share_as_low(0.0, earlier[:10]) is None


def test_its_p_values_are_uniform_on_histories_alike():
    random = np.random.default_rng(2)
    values = np.array([share_as_low(v[0], v[1:]) for v in random.standard_normal((2000, 40))])
    assert np.mean(values <= 0.05) == pytest.approx(2 / 40, abs=0.015)
    assert values.mean() == pytest.approx(0.5, abs=0.03)


def test_mean_move_by_rule():
    members = np.array([[10.0, -10.0, np.nan, np.nan], [5.0, np.nan, np.nan, np.nan], [1.0, 2.0, 3.0, 4.0]])
    found = mean_move(members, 4)
    assert found[0] == pytest.approx(100 * np.log((np.exp(0.1) + np.exp(-0.1)) / 2))
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(100 * np.log(np.mean(np.exp([0.01, 0.02, 0.03, 0.04]))))


def test_whole_moves_add_up_over_a_holiday():
    levels = np.array([[100.0], [np.nan], [110.0], [121.0]])
    moves = whole_moves(levels)
    assert np.isnan(moves[1, 0])
    assert np.nansum(moves) == pytest.approx(100 * np.log(1.21))


def test_betas_against_polyfit():
    random = np.random.default_rng(3)
    market = random.standard_normal(400)
    moves = 0.7 * market[:, None] + random.standard_normal((400, 2))
    moves[100:130, 1] = np.nan
    found = betas(moves, market)
    for row in (60, 299, 399):
        for column in (0, 1):
            y, x = moves[max(0, row - 249) : row + 1, column], market[max(0, row - 249) : row + 1]
            there = ~np.isnan(y)
            assert found[row, column] == pytest.approx(np.polyfit(x[there], y[there], 1)[0])
    assert np.isnan(found[38]).all()


def test_sums_need_half_of_the_rows():
    moves = np.array([[1.0], [np.nan], [2.0], [np.nan], [np.nan], [3.0]])
    np.testing.assert_allclose(sums(moves, 2)[:, 0], [np.nan, 1, 2, 2, np.nan, 3])


def _panel(fall: dict[str, float], drift: dict[str, float], *, absent: tuple[str, ...] = (), seed: int = 4) -> Panel:
    """Random prices; `drift` over the 120 sessions to the base, `fall` in the last session, log per cent."""
    catalogue = default_catalogue()
    ids = rotation_series(catalogue)
    random = np.random.default_rng(seed)
    moves = random.standard_normal((ROWS, len(ids)))
    moves += random.standard_normal((ROWS, 1)) * 0.5
    for i, series in enumerate(ids):
        moves[-121:-1, i] += drift.get(series, 0.0) / 120
        moves[-1, i] -= fall.get(series, 0.0)
    levels = 100 * np.exp(np.cumsum(moves, axis=0) / 100)
    levels[:, [ids.index(a) for a in absent]] = np.nan
    return Panel(
        np.arange(ROWS).astype("datetime64[D]"),
        tuple(catalogue.series[i] for i in ids),
        levels,
        np.ones(levels.shape, dtype=np.int64),
        pl.DataFrame(),
        datetime(2020, 1, 1),
    )


def _find(panel: Panel, n: int = 1):
    return rotate(panel.levels, [s.id for s in panel.series], n, default_catalogue(), "sp500")


def test_from_observations(sessions):
    """Daily rows of a store give what the levels give, and what comes after the window gives nothing."""
    panel, first = _panel({"xle_adj": 9.0}, {}), 5000
    days = sessions.dates[first : first + ROWS]
    closes = pl.Series(sessions.closes[first : first + ROWS]).cast(pl.Datetime("us", "UTC"))
    rows = pl.concat(
        pl.DataFrame({"series": [s.id] * ROWS, "period_end": closes, "value": panel.levels[:, i]})
        for i, s in enumerate(panel.series)
    ).sort("series", "period_end")
    end = ROWS - 2
    window = Window(days[end - 3].item(), days[end - 2].item(), days[end].item(), first + end - 3, first + end)
    found = find_rotation(rows, window, sessions, default_catalogue(), "sp500")
    again = rotate(panel.levels[: end + 1], [s.id for s in panel.series], 3, default_catalogue(), "sp500")
    assert replace(found, closes={}) == again
    base = end - 3
    measured = [base - h for h in reversed(HORIZONS)] + [base, end]
    expected = tuple(int(c) for c in sessions.closes[first : first + ROWS][measured])
    assert found.closes == {s: expected for b in found.baskets for s in b.members}
    later = rows.with_columns(
        value=pl.when(pl.col("period_end") > closes[end]).then(pl.col("value") * 3).otherwise("value")
    )
    assert find_rotation(later, window, sessions, default_catalogue(), "sp500") == found


def _spread(scale: float) -> dict[str, float]:
    """The more, the later a basket stands in the catalogue."""
    baskets = default_catalogue().baskets.values()
    return {s: scale * i for i, b in enumerate(baskets) for m in b.members for s in m}


def test_leaders_that_break_are_found():
    found = _find(_panel(_spread(1.0), _spread(6.0)))
    assert found.verdict == "leaders_broke"
    assert found.mean_correlation < -0.5
    assert found.p_value <= 0.05
    last = found.baskets[-1]
    assert [r.rank for r in last.run_ups][-1] <= 3
    assert [r.sessions for r in last.run_ups] == list(HORIZONS)


def test_laggards_that_break_are_found():
    assert _find(_panel(_spread(-1.0), _spread(6.0))).verdict == "laggards_broke"


def test_nothing_planted_is_found_at_the_nominal_rate():
    verdicts = [_find(_panel({}, {}, seed=s)).verdict for s in range(100, 140)]
    assert 30 <= verdicts.count("no_pattern") <= 40


@pytest.mark.parametrize("n", [1, 5, 20])
def test_earlier_windows_do_not_overlap(n):
    """Each needs 120 sessions of run-up and 40 before those."""
    assert _find(_panel({}, {}), n).windows == pytest.approx((ROWS - 160) / n, abs=2.5)


def test_missing_members():
    found = _find(_panel({}, {}, absent=("mu_adj", "wdc_adj", "aapl_adj", "xle_adj")))
    by_id = {b.basket.id: b for b in found.baskets}
    assert by_id["mag7"].flags == ("partial_basket",)
    assert by_id["memory_storage"].flags == ("partial_basket",)
    assert by_id["energy"].flags == ("no_data",)
    assert by_id["energy"].move is None
    assert "energy" not in found.baskets_used
    found = _find(_panel({}, {}, absent=("mu_adj", "wdc_adj", "stx_adj")))
    assert next(b for b in found.baskets if b.basket.id == "memory_storage").flags == ("no_data",)


def test_moves_of_one_basket_by_hand():
    panel = _panel({"xle_adj": 9.0}, {})
    found = next(b for b in _find(panel).baskets if b.basket.id == "energy")
    column = panel.column["xle_adj"]
    logs = 100 * np.diff(np.log(panel.levels[:, column]))
    market = 100 * np.diff(np.log(panel.levels[:, panel.column["sp500"]]))
    assert found.log_move == pytest.approx(logs[-1])
    assert found.move == pytest.approx(100 * (panel.levels[-1, column] / panel.levels[-2, column] - 1))
    assert found.sigmas == pytest.approx(logs[-1] / np.std(logs[-251:-1], ddof=1))
    beta = np.polyfit(market[-251:-1], logs[-251:-1], 1)[0]
    assert found.beta == pytest.approx(beta)
    assert found.adjusted == pytest.approx(logs[-1] - beta * market[-1])
    for run_up in found.run_ups:
        h = run_up.sessions
        assert run_up.log_move == pytest.approx(logs[-1 - h : -1].sum())
        before = logs[-1 - h - 250 : -1 - h]
        assert run_up.sigmas == pytest.approx(run_up.log_move / np.std(before, ddof=1) / np.sqrt(h))


def test_equal_against_cap_weight_is_a_difference():
    panel = _panel({"rsp_adj": 3.0, "spy_adj": 1.0}, {})
    found = next(b for b in _find(panel).baskets if b.basket.id == "equal_minus_cap")
    logs = {s: 100 * np.diff(np.log(panel.levels[:, panel.column[s]]))[-1] for s in ("rsp_adj", "spy_adj")}
    assert found.move == pytest.approx(logs["rsp_adj"] - logs["spy_adj"])


def test_units_known_before_the_window():
    """What happens in the window leaves run-ups, volatility and beta alone."""
    random = np.random.default_rng(5)
    moves = random.standard_normal((800, 6))
    wild = moves.copy()
    wild[-3:] *= 40
    one, other = (measure(m, m[:, 0], 3) for m in (moves, wild))
    base = 800 - 4
    np.testing.assert_array_equal(one.run_up_sigmas[:, base], other.run_up_sigmas[:, base])
    np.testing.assert_array_equal(one.beta[base], other.beta[base])
    np.testing.assert_allclose(one.moves[base] / one.sigmas[base], other.moves[base] / other.sigmas[base])


def test_nothing_there():
    found = _find(_panel({}, {}, absent=tuple(rotation_series(default_catalogue()))))
    assert (found.verdict, found.p_value, found.baskets_used) == ("not_testable", None, ())
