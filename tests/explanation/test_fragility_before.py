"""Fragility stands at the close of the base: nothing of the window is in it."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest

from naive import make_panel, window_of
from selloff.detection.fragility.recent import COMPOSITE_SESSIONS, recent_fragility
from selloff.explanation.background import fragility_before

SERIES = {
    "equity_regions": ("sp500", "nikkei_225"),
    "precious_metals": ("gold_futures",),
    "government_bonds": ("ust_10y",),
}
N = 700


def drawn(spoilt: bool) -> tuple:
    names = [s for members in SERIES.values() for s in members]
    moves = np.random.default_rng(4).standard_normal((N, len(names))) @ (0.6 * np.eye(4) + 0.3)
    if spoilt:
        moves[-3:] = [[-9.0, -8.0, -7.0, 6.0], [5.0, 4.0, -9.0, -3.0], [-9.0, -9.0, -9.0, 9.0]]
    path = np.cumsum(moves / 100.0, axis=0)
    panel = make_panel(np.column_stack([100.0 * np.exp(path[:, :3]), 50.0 + path[:, 3]]), names)
    depths = [SimpleNamespace(asset_class=SimpleNamespace(id=c), members=m) for c, m in SERIES.items()]
    return panel, window_of(panel, N - 4, N - 1), SimpleNamespace(depths=depths)


def plain(found) -> dict:
    return {k: v for k, v in asdict(found).items() if k != "table"}


def test_the_window_s_own_sessions_change_nothing():
    calm, wild = (fragility_before(*drawn(spoilt)) for spoilt in (False, True))
    assert str(plain(wild)) == str(plain(calm))
    np.testing.assert_array_equal(wild.table.total, calm.table.total)
    assert calm.row == N - 4


def test_it_is_the_fragility_of_the_sessions_up_to_the_base_with_bond_yields_turned_round():
    panel, window, joint = drawn(spoilt=False)
    rows = slice(max(window.base_row - COMPOSITE_SESSIONS, 0), window.base_row + 1)
    turned = panel.daily_moves[rows] * [1.0, 1.0, 1.0, -1.0]
    members = {"equity_regions": [0, 1], "precious_metals": [2], "government_bonds": [3]}
    expected = recent_fragility(turned, panel.volatility[rows], members)
    found = fragility_before(panel, window, joint)
    for name in ("turbulence", "correlation", "downside_correlation", "tail_dependence", "connectedness", "composite"):
        assert getattr(found, name).value == pytest.approx(getattr(expected, name).value, nan_ok=True), name
