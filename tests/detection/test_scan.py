"""The scan against `joint_fall` window by window, episodes against a naive merge, delays against a loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from naive import NAN, make_panel, window_of
from selloff.catalog import default_catalogue
from selloff.detection import joint_fall
from selloff.detection.scan import WINDOWS, find_episodes, known_rows, merge, scan_windows, verdict_counts
from selloff.detection.verdict import VERDICTS, shipped_thresholds
from selloff.panel import window_moves

SERIES = ["sp500", "nikkei_225", "aapl_adj", "gld_adj", "wti_spot", "btc_utc", "btc_hourly", "ust_10y", "hy_oas"]
CLASSES = list(default_catalogue().classes.values())


def _panel(n: int = 1900, seed: int = 2):
    """Series that come, go and pause; joint falls and falls of one class planted on a few days."""
    random = np.random.default_rng(seed)
    moves = random.standard_t(4, (n, len(SERIES)))
    signs = np.array([1, 1, 1, 1, 1, 1, 1, -1, -1])
    for day in (700, 1300, 1301, 1750):
        moves[day] = -5.0 * signs
    moves[900, 3] = -14.0
    moves[1500:1504, :3] = -2.5
    levels = 100 * np.exp(np.cumsum(moves, axis=0) / 100)
    levels[:, 7:] = 6 + np.cumsum(moves[:, 7:], axis=0) * 0.02
    levels[random.random(levels.shape) < 0.04] = NAN
    levels[:1000, 6] = NAN
    levels[1690:1697, 1] = NAN
    levels[1200, 4] = -3.0
    return make_panel(levels, SERIES)


PANEL = _panel()
NO_DELAY = np.zeros(PANEL.levels.shape, dtype=np.int64)
SCANS = scan_windows(PANEL, CLASSES, shipped_thresholds(), WINDOWS, NO_DELAY)


def _joint_fall(row: int, n: int):
    window = window_of(PANEL, row - n, row)
    moves = {m.series.id: m for m in window_moves(PANEL, window)}
    return joint_fall(PANEL, window, moves, default_catalogue())


@pytest.mark.parametrize("scan", SCANS, ids=lambda s: f"{s.n_sessions}d")
def test_every_sampled_window_is_judged_as_joint_fall_judges_it(scan):
    random = np.random.default_rng(scan.n_sessions)
    hits = np.flatnonzero(scan.codes)
    rows = {*random.choice(hits, 6).tolist(), *random.integers(60, 1900, 8).tolist(), 700, 900, 1301, 1698}
    for row in sorted(rows):
        expected = _joint_fall(row, scan.n_sessions)
        assert VERDICTS[scan.codes[row]] == expected.verdict
        depths = [NAN if d.depth is None else d.depth for d in expected.depths]
        np.testing.assert_allclose(scan.depths[row], depths, rtol=1e-9)


@pytest.mark.parametrize("weakest", ["isolated", "joint"])
def test_episodes_say_what_joint_fall_says_of_their_deepest_window(weakest):
    found = find_episodes(PANEL, CLASSES, shipped_thresholds(), SCANS, 1, weakest)
    assert len(found) >= 2
    for episode in found[-6:]:
        expected = _joint_fall(episode.peak_row, episode.peak_row - episode.peak_base)
        assert (episode.verdict, episode.classes_down) == (expected.verdict, expected.classes_down)
        assert (episode.return_period.mid is None) == (expected.return_period.mid is None)
        assert (episode.return_period.mid or 0.0) == pytest.approx(expected.return_period.mid or 0.0, rel=1e-9)
        assert episode.return_period.history_years == expected.return_period.history_years
        assert episode.rarity_depth == pytest.approx(expected.rarity_depth)


def test_no_episode_begins_before_the_first_session():
    late = find_episodes(PANEL, CLASSES, shipped_thresholds(), SCANS, 1000, "isolated")
    assert late
    assert all(e.start_row >= 1000 for e in late)


def naive_episodes(weakest: str) -> list[tuple[int, int, int, str]]:
    """Sessions of every hit painted one by one; runs of windows that share one."""
    windows = [
        (row - s.n_sessions + 1, row, VERDICTS[s.codes[row]])
        for s in SCANS
        for row in range(s.n_sessions, len(s.codes))
        if s.codes[row] >= VERDICTS.index(weakest)
    ]
    groups: list[list[tuple[int, int, str]]] = []
    for window in windows:
        touching = [g for g in groups if any(a <= window[1] and window[0] <= b for a, b, _ in g)]
        groups = [g for g in groups if g not in touching] + [[window, *(w for g in touching for w in g)]]
    strongest = [max((v for _, _, v in g), key=VERDICTS.index) for g in groups]
    spans = [(min(a for a, _, _ in g), max(b for _, b, _ in g), len(g)) for g in groups]
    return sorted((*span, verdict) for span, verdict in zip(spans, strongest, strict=True))


@pytest.mark.parametrize("weakest", ["isolated", "partial", "joint"])
def test_episodes_by_a_naive_merge(weakest):
    found = find_episodes(PANEL, CLASSES, shipped_thresholds(), SCANS, 1, weakest)
    assert [(e.start_row, e.end_row, e.n_windows, e.verdict) for e in found] == naive_episodes(weakest)


def test_the_deepest_window_has_the_strongest_verdict_and_the_largest_total():
    for episode in find_episodes(PANEL, CLASSES, shipped_thresholds(), SCANS, 1, "isolated"):
        totals = []
        for s in SCANS:
            for row in range(episode.start_row + s.n_sessions - 1, episode.end_row + 1):
                if VERDICTS[s.codes[row]] == episode.verdict:
                    limits = shipped_thresholds().at(s.n_sessions).limits(CLASSES, episode.verdict)
                    pairs = zip(s.depths[row].tolist(), limits.tolist(), strict=True)
                    totals.append((sum(d for d, limit in pairs if d <= -limit), s.n_sessions, row))
        _, n, row = min(totals)
        assert (episode.peak_row - episode.peak_base, episode.peak_row) == (n, row)


def test_merge_joins_what_shares_a_session_and_nothing_else():
    starts, ends = np.array([10, 1, 5, 4, 12]), np.array([11, 3, 6, 5, 12])
    assert merge(starts, ends).tolist() == [2, 0, 1, 1, 3]
    assert merge(np.array([1, 3]), np.array([9, 4])).tolist() == [0, 0]


def test_nothing_found_is_no_episode():
    calm = make_panel(100 + np.zeros((400, 2)) + np.random.default_rng(1).random((400, 2)), ["sp500", "gld_adj"])
    waits = np.zeros(calm.levels.shape, dtype=np.int64)
    scans = scan_windows(calm, CLASSES, shipped_thresholds(), (1,), waits)
    assert find_episodes(calm, CLASSES, shipped_thresholds(), scans, 1, "joint") == ()


def test_counts_by_loop():
    for s in SCANS:
        counts = verdict_counts(s, 500)
        codes = s.codes[500 + s.n_sessions - 1 :].tolist()
        for verdict in ("isolated", "partial", "joint"):
            rows = [t for t, c in enumerate(codes) if VERDICTS[c] == verdict]
            spells = sum(1 for i, t in enumerate(rows) if i == 0 or t - rows[i - 1] > s.n_sessions)
            assert counts[verdict] == {"windows": len(rows), "spells": spells}


# -- what was known by each morning note -------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 3])
def test_known_rows_by_loop(n):
    random = np.random.default_rng(n)
    levels = random.random((60, 3))
    levels[random.random(levels.shape) < 0.3] = math.nan
    waits = random.integers(0, 4, levels.shape)
    bases, ends = known_rows(levels, waits, n, base=True), known_rows(levels, waits, n, base=False)
    for t in range(60):
        for i in range(3):
            usable = [r for r in range(t + 1) if not math.isnan(levels[r, i]) and r + waits[r, i] <= t]
            inside = [r for r in usable if r > t - n]
            before = [r for r in usable if t - n - 5 <= r <= t - n]
            assert ends[t, i] == (inside[-1] if inside else -1)
            assert bases[t, i] == (before[-1] if before else -1)


def test_a_level_that_comes_late_is_not_in_the_window_that_ends_with_it():
    waits = NO_DELAY.copy()
    waits[700, 3] = 1  # gold's close of the crash, known a morning later
    one, two = (scan_windows(PANEL, CLASSES, shipped_thresholds(), (n,), waits)[0] for n in (1, 3))
    gold = [c.id for c in CLASSES].index("precious_metals")
    assert np.isnan(one.depths[700, gold])
    assert one.depths[701, gold] == pytest.approx(SCANS[0].depths[701, gold], nan_ok=True)
    assert two.depths[700, gold] > SCANS[1].depths[700, gold]
    assert two.depths[701, gold] == pytest.approx(SCANS[1].depths[701, gold])
