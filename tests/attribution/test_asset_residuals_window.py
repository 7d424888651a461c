"""Residuals beyond the assets: which sessions they are learnt from."""

from __future__ import annotations

import numpy as np

from naive import make_panel, window_of
from selloff.attribution.asset_residuals import AssetResiduals
from selloff.panel import window_moves

NAMES = ["sp500", "ust_10y", "xlf_adj"]
N = 600


def test_whether_a_series_moved_is_told_by_the_volatility_known_before_the_window():
    """Banks swing by 30 % a day through the window and end 1.5 % lower: that is a move by what was usual before it,
    though none by what was usual when it ended."""
    moves = np.random.default_rng(3).standard_normal((N, 3)) * [0.3, 5.0, 0.4]
    moves[-4:, :2] = 0.0
    moves[-4:, 2] = [30.0, -30.0, 30.0, -31.5]
    path = np.cumsum(moves / 100.0, axis=0)
    panel = make_panel(np.column_stack([100 * np.exp(path[:, 0]), 50.0 + path[:, 1], 100 * np.exp(path[:, 2])]), NAMES)
    window = window_of(panel, N - 5, N - 1)
    of = {m.series.id: m for m in window_moves(panel, window)}
    found = AssetResiduals(panel, window, {"spx": of["sp500"], "us10y": of["ust_10y"]}).of("xlf_adj")
    assert found is not None and found.sigmas < -1.0
