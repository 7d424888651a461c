"""Recent closes, funding traces and the scan's document: which days they hold."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from conftest import NOW
from naive import make_panel, window_of
from selloff.catalog import default_catalogue
from selloff.explanation.funding import FUNDING, funding_background
from selloff.explanation.recent import recent_levels
from selloff.explanation.scan import scan

N = 400


# -- recent


def test_sixty_sessions_up_to_the_window_s_end_prices_from_100_and_nothing_filled():
    levels = 100.0 * np.exp(np.cumsum(np.random.default_rng(1).normal(0.0, 0.01, (N, 3)), axis=0))
    levels[N - 30, 2] = -20.0
    levels[N - 70 : N - 40, 0] = np.nan
    levels[N - 10, 0] = np.nan
    panel = make_panel(levels, ["sp500", "ust_10y", "wti_spot"])
    window = window_of(panel, N - 6, N - 4)
    found = recent_levels(panel, window, {"spx": "sp500", "us10y": "ust_10y", "oil": "wti_spot"})
    first = window.end_row + 1 - 60
    assert found.sessions == tuple(d.item() for d in panel.sessions[first : window.end_row + 1])
    assert found.rebased == ("spx",)
    start = levels[N - 40, 0]
    for row, (spx, ten, oil) in enumerate(zip(*(found.values[a] for a in ("spx", "us10y", "oil")), strict=True), first):
        assert spx == (None if np.isnan(levels[row, 0]) else pytest.approx(100.0 * levels[row, 0] / start))
        assert (ten, oil) == (levels[row, 1], levels[row, 2])


# -- funding


def test_each_trace_is_the_year_before_the_base_and_the_window_of_the_first_series_with_data():
    names = [name for row in FUNDING for name in row]
    values = np.random.default_rng(2).standard_normal((N, len(names)))
    values[:, names.index("sofr_minus_iorb")] = np.nan
    values[:, names.index("tga")] = np.nan
    values[N - 50, names.index("tga")] = 1.0
    panel = make_panel(values, names)
    window = window_of(panel, N - 6, N - 4)
    found = funding_background(panel, window)
    assert [t.series.id for t in found] == ["effr_minus_ioer", "reserves", "on_rrp", "fed_assets"]
    rows = range(window.base_row - 250, window.end_row + 1)
    for trace in found:
        assert trace.dates == tuple(panel.sessions[r].item() for r in rows)
        assert trace.values == tuple(values[r, names.index(trace.series.id)] for r in rows)
        assert trace.ends == (rows[0] + 1, rows[-1] + 1)


# -- scan


def test_of_each_week_the_session_on_which_stress_was_highest(monkeypatch: pytest.MonkeyPatch):
    module, catalogue = import_module("selloff.explanation.scan"), default_catalogue()
    names = list(dict.fromkeys(s for c in catalogue.classes.values() for m in c.members for s in m))
    panel = make_panel(np.full((60, len(names)), 100.0), names)
    stress = np.random.default_rng(3).random(60)
    stress[:9] = np.nan
    monkeypatch.setattr(module, "stress_history", lambda *_: stress)
    found = module._stress(panel, catalogue, 20)
    best: dict[tuple[int, int], tuple[float, object]] = {}
    for row in range(20, 60):
        day = panel.sessions[row].item()
        week = day.isocalendar()[:2]
        if week not in best or stress[row] > best[week][0]:
            best[week] = (stress[row], day)
    assert list(zip(found.values, found.dates, strict=True)) == list(best.values())


def test_years_are_the_sessions_looked_at_over_252(world, store):
    found = scan(
        "2019-08-01", "2019-08-30", window=1, store=store, catalogue=world.catalogue, sessions=world.sessions, now=NOW
    )
    assert found.years == pytest.approx(22 / 252)
