"""The order of 16 assets' breaks over seven sessions, from hourly and 5-minute bars; aimed at below 40 ms."""

from __future__ import annotations

import numpy as np
import polars as pl

from selloff.catalog import default_catalogue
from selloff.catalog.sessions import Sessions
from selloff.detection.sequence import find_sequence, sequence_series
from selloff.panel import Window

ROW = 7000
STEPS = {"5min": 300_000_000, "hourly": 3_600_000_000}


def _ends(sessions: Sessions, frequency: str, market: str) -> np.ndarray:
    """Ends of bars from 21 sessions before the base to the end: all day, or six hours up to each close."""
    step, closes = STEPS[frequency], sessions.closes[ROW - 21 : ROW + 8]
    if market == "always":
        return np.arange(int(closes[0]), int(closes[-1]) + 1, step)
    return np.concatenate([np.arange(c - 6 * STEPS["hourly"], c + 1, step) for c in closes.tolist()])


def test_seven_sessions(benchmark, sessions: Sessions):
    catalogue = default_catalogue()
    days = sessions.dates
    random = np.random.default_rng(0)
    markets = {s: a.market for a in catalogue.intraday_assets.values() for s in a.series}
    frames = []
    for series in sorted(sequence_series(catalogue)):
        ends = _ends(sessions, catalogue.series[series].frequency, markets[series])
        values = 100 * np.exp(np.cumsum(random.standard_normal(len(ends))) / 1000)
        moments = pl.Series(ends).cast(pl.Datetime("us", "UTC"))
        frames.append(pl.DataFrame({"series": [series] * len(ends), "period_end": moments, "value": values}))
    rows = pl.concat(frames)
    window = Window(days[ROW].item(), days[ROW + 1].item(), days[ROW + 7].item(), ROW, ROW + 7)
    order = benchmark(find_sequence, rows, window, sessions, catalogue, {})
    assert {b.state for b in order.breaks} <= {"broke", "did_not_break"}
