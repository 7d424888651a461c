"""Scan of 9,100 sessions × 40 series × 5 window lengths; the bound is 2 s on 2 cores; not asserted, compared below.

The oracle is `joint_fall` window by window, as `explain` calls it. It is timed on a few of the 45,500 windows in the
same run, checked for equality there, and scaled. Both times and their ratio go into the benchmark's extra info.
"""

from __future__ import annotations

import time

import numpy as np
import pytest

from naive import make_panel, window_of
from selloff.catalog import default_catalogue
from selloff.detection import joint_fall
from selloff.detection.scan import WINDOWS, find_episodes, scan_windows
from selloff.detection.verdict import VERDICTS, shipped_thresholds
from selloff.panel import Panel, window_moves

SESSIONS, SERIES = 9100, 40
SAMPLED = 10


@pytest.fixture(scope="module")
def levels() -> np.ndarray:
    random = np.random.default_rng(0)
    market = random.standard_t(4, (SESSIONS, 1))
    moves = 0.5 * market + random.standard_t(4, (SESSIONS, SERIES))
    return 100 * np.exp(np.cumsum(moves, axis=0) / 200)


def _panel(levels: np.ndarray) -> Panel:
    """A new panel each time, so that volatility is computed again."""
    classes = default_catalogue().classes.values()
    ids = list(dict.fromkeys(m[0] for c in classes for m in c.members))
    more = list(dict.fromkeys(s for c in classes for m in c.members for s in m[1:]))
    return make_panel(levels, [*ids, *more][:SERIES])


def test_scan(benchmark, levels):
    classes, table = list(default_catalogue().classes.values()), shipped_thresholds()
    waits = np.zeros(levels.shape, dtype=np.int64)

    def run():
        panel = _panel(levels)
        scans = scan_windows(panel, classes, table, WINDOWS, waits)
        return scans, find_episodes(panel, classes, table, scans, 1, "isolated")

    scans, episodes = benchmark.pedantic(run, rounds=3)
    assert len(episodes) > 10
    panel, slow = _panel(levels), 0.0
    rows = np.random.default_rng(1).integers(1500, SESSIONS, SAMPLED).tolist()
    for number, row in enumerate(rows):
        scan = scans[number % len(scans)]
        began = time.perf_counter()
        window = window_of(panel, row - scan.n_sessions, row)
        found = joint_fall(panel, window, {m.series.id: m for m in window_moves(panel, window)}, default_catalogue())
        slow += time.perf_counter() - began
        assert VERDICTS[scan.codes[row]] == found.verdict
        depths = [np.nan if d.depth is None else d.depth for d in found.depths]
        np.testing.assert_allclose(scan.depths[row], depths, rtol=1e-9)
    scaled = slow / SAMPLED * SESSIONS * len(WINDOWS)
    benchmark.extra_info["loop_seconds_scaled"] = round(scaled)
    if benchmark.stats is not None:
        print(f"\nloop {scaled:,.0f} s, ratio {scaled / benchmark.stats.stats.median:,.0f}")
