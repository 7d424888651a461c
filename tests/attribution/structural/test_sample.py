"""What a model is estimated on, by loops: moves over the volatility of the session before, none after the cut-off."""

from __future__ import annotations

import math

import numpy as np
import pytest

from naive import make_panel, naive_slow, window_of
from selloff.attribution.structural.window import SAMPLE_SESSIONS, cut_off, sample_of
from selloff.catalog import default_catalogue
from selloff.panel import window_moves

CATALOGUE = default_catalogue()
ASSETS = ("spx", "nky", "gold", "oil", "us2y", "us10y")
N = 420


def test_each_move_is_over_the_volatility_known_the_session_before_and_the_units_are_those_of_the_last_one():
    """Heavy tails, so that a session's own move is seen in its own volatility."""
    names = [CATALOGUE.assets[a].series[0] for a in ASSETS]
    moves = np.random.default_rng(6).standard_t(2.5, (N, len(ASSETS)))
    path = np.cumsum(moves / 100.0, axis=0)
    panel = make_panel(np.column_stack([100.0 * np.exp(path[:, :4]), 50.0 + path[:, 4:]]), names)
    window = window_of(panel, N - 4, N - 1)
    sample = sample_of(panel, window, dict(zip(ASSETS, window_moves(panel, window), strict=True)))
    last = cut_off(panel, window)
    assert sample.last == panel.sessions[last].item() and last < window.base_row < last + 31
    place = {a: i for i, a in enumerate(ASSETS)}
    expected, units = [], []
    for asset in sample.assets:
        daily = panel.daily_moves[:, place[asset]].tolist()
        known = [naive_slow(daily, t) for t in range(last + 1)]
        rows = range(max(1, last - SAMPLE_SESSIONS + 1), last + 1)
        expected.append([daily[t] / known[t - 1] for t in rows if not math.isnan(known[t - 1])])
        units.append(known[last])
    assert sample.values == pytest.approx(np.array(expected).T, rel=1e-9)
    assert sample.volatility == pytest.approx(units, rel=1e-9)
