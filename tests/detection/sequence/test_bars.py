"""Bars: trading hours, the grid, and what a step usually moves."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.detection.sequence.bars import HOUR, Bars, Pattern, trading_bars, usual_pattern, usual_variances
from selloff.detection.sequence.history import FEWEST_SESSIONS, MOST_STEPS, Readable, read_window

DAY = 24 * HOUR


def bars(ends, logs=None, slots=None, sessions=None) -> Bars:
    ends = np.asarray(ends, dtype=np.int64)
    zeros = np.zeros(len(ends), dtype=np.int64)
    return Bars(
        ends,
        np.zeros(len(ends)) if logs is None else np.asarray(logs, dtype=float),
        zeros if slots is None else np.asarray(slots, dtype=np.int64),
        zeros if sessions is None else np.asarray(sessions, dtype=np.int64),
    )


def test_only_bars_that_ended_while_the_market_was_open():
    opens, closes = np.array([10, 110]) * HOUR, np.array([16, 113]) * HOUR
    ends = np.array([9, 10, 11, 16, 17, 111, 113, 114]) * HOUR
    kept = trading_bars(bars(ends), opens, closes)
    assert (kept.ends // HOUR).tolist() == [11, 16, 111, 113]
    assert kept.sessions.tolist() == [0, 0, 1, 1]


def test_a_grid_keeps_the_last_bar_of_each_cell():
    thin = bars(np.array([5, 10, 15, 16, 29, 30, 45]) * HOUR).thinned(15 * HOUR)
    assert (thin.ends // HOUR).tolist() == [15, 30, 45]


def slow_pattern(b: Bars, prior):
    """Each slot on its own, in loops."""
    steps = [
        (int(b.slots[k]), (b.ends[k] - b.ends[k - 1]) / HOUR, (b.logs[k] - b.logs[k - 1]) ** 2)
        for k in range(1, len(b.ends))
        if b.sessions[k] == b.sessions[k - 1]
    ]
    gaps = [(b.logs[k] - b.logs[k - 1]) ** 2 for k in range(1, len(b.ends)) if b.sessions[k] != b.sessions[k - 1]]
    mean = sum(s[2] for s in steps) / sum(s[1] for s in steps)
    hours = []
    for slot in range(48):
        own = [s for s in steps if s[0] == slot]
        towards = mean if prior is None else prior.per_hour[slot]
        hours.append((sum(s[2] for s in own) + 10 * towards) / (sum(s[1] for s in own) + 10))
    if prior is None:
        return hours, float(np.mean(gaps))
    return hours, (sum(gaps) + 10 * prior.gap) / (len(gaps) + 10)


def test_pattern_against_loops():
    random = np.random.default_rng(6)
    ends = np.concatenate([d * DAY + np.arange(14, 21) * HOUR for d in range(15)])
    made = bars(ends, np.cumsum(random.standard_normal(len(ends))), ends // HOUR % 24, ends // DAY)
    for prior in (None, Pattern(random.uniform(0.5, 2, 48), 3.0)):
        found = usual_pattern(made, prior)
        hours, gap = slow_pattern(made, prior)
        np.testing.assert_allclose(found.per_hour, hours)
        assert found.gap == pytest.approx(gap)
        variances = usual_variances(made, found)
        assert variances[6] == pytest.approx(found.gap)
        assert variances[0] == pytest.approx(found.per_hour[15])


def test_a_busy_hour_is_found_whatever_the_level():
    random = np.random.default_rng(7)
    ends = np.arange(24 * 400) * HOUR
    slots = ends // HOUR % 24
    sizes = np.where(slots == 15, 3.0, 1.0)
    found = usual_pattern(bars(ends, np.cumsum(random.standard_normal(len(ends)) * sizes), slots), None)
    assert found.per_hour[15] / found.per_hour[3] == pytest.approx(9.0, rel=0.25)


def _always(hours_before: int, hours_after: int, step: int = HOUR, seed: int = 8) -> Bars:
    ends = np.arange(-hours_before * HOUR, hours_after * HOUR + 1, step) + 1000 * DAY
    random = np.random.default_rng(seed)
    return bars(ends, np.cumsum(random.standard_normal(len(ends))), ends // HOUR % 24)


def _without_the_base() -> Bars:
    """No bar from three hours before the base to two after it."""
    whole = _always(480, 24)
    keep = np.abs(whole.ends - BASE + HOUR // 2) > 2.6 * HOUR
    return Bars(whole.ends[keep], whole.logs[keep], whole.slots[keep], whole.sessions[keep])


BASE = 1000 * DAY
LAST_OPEN = BASE + 17 * HOUR


def test_the_finest_usable_series_is_read_and_the_coarse_one_gives_the_scale():
    hourly, fine = _always(24 * 25, 24), _always(24 * 2, 24, HOUR // 12)
    read = read_window([("fine", fine), ("hourly", hourly)], BASE, LAST_OPEN)
    assert isinstance(read, Readable)
    assert read.series == "fine"
    assert read.bars.ends[0] == BASE
    assert len(read.variances) == len(read.bars.ends) - 1 == 24 * 12
    # The fine bars move 12 an hour over two days, the hourly ones 1: each slot is (2 · 12 + 10 · 1) / (2 + 10).
    assert read.variances.sum() == pytest.approx(24 * 34 / 12, rel=0.15)


def test_a_long_window_is_thinned():
    read = read_window([("fine", _always(24 * 25, 24 * 9, HOUR // 12))], BASE, LAST_OPEN)
    assert isinstance(read, Readable)
    assert len(read.variances) <= MOST_STEPS
    assert set(np.diff(read.bars.ends)) == {HOUR}


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ([], "no_bars"),
        ([("a", _always(24 * (FEWEST_SESSIONS - 2), 24))], "short_history"),
        ([("a", _always(24 * 20, 10))], "stops_in_window"),
        ([("a", _without_the_base())], "starts_in_window"),
    ],
)
def test_why_a_window_cannot_be_read(series, reason):
    assert read_window(series, BASE, LAST_OPEN) == reason


def test_what_comes_after_the_base_leaves_the_scale_alone():
    quiet, wild = _always(24 * 25, 24), _always(24 * 25, 24)
    after = wild.ends > BASE
    wild = Bars(wild.ends, np.where(after, wild.logs * 50, wild.logs), wild.slots, wild.sessions)
    one, other = (read_window([("a", b)], BASE, LAST_OPEN) for b in (quiet, wild))
    assert isinstance(one, Readable) and isinstance(other, Readable)
    np.testing.assert_array_equal(one.variances, other.variances)
