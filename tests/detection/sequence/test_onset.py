"""The start of a fall: against loops, published laws, and planted paths."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selloff.detection.sequence.onset import critical_value, deepest, find_onset


def slow_onset(logs, variances, floor, threshold, kappa):
    """The rule word by word, in loops over pairs of bars."""
    n = len(logs)

    def usual(s, e):
        return sum(variances[s:e])

    def sigmas(s, e):
        return max(logs[s] - logs[e], 0.0) / math.sqrt(max(usual(s, e), floor))

    alarm = next((e for e in range(1, n) if any(sigmas(s, e) >= threshold for s in range(e))), None)
    if alarm is None:
        return None
    ratios = [[max(logs[s] - logs[e], 0.0) ** 2 / usual(s, e) for e in range(alarm, n)] for s in range(alarm)]
    profile = [max(row) for row in ratios]
    wild = (sum((logs[k + 1] - logs[k]) ** 2 / variances[k] for k in range(n - 1)) - max(profile)) / max(n - 2, 1)
    profile = [p / max(1.0, wild) for p in profile]
    top = max(profile)
    inside = [s for s in range(alarm) if profile[s] >= top - kappa]
    weights = [variances[s] * math.exp((profile[s] - top) / 2) for s in range(alarm)]
    best = profile.index(top)
    return {
        "best": best,
        "low": inside[0],
        "high": inside[-1],
        "alarm": alarm,
        "trough": alarm + max(range(n - alarm), key=lambda e: ratios[best][e]),
        "weights": [w / sum(weights) for w in weights],
        "sigmas": max(sigmas(s, e) for e in range(1, n) for s in range(e)),
    }


def test_against_loops():
    random = np.random.default_rng(1)
    alarms = 0
    for _ in range(60):
        n = int(random.integers(3, 40))
        variances = random.uniform(0.2, 3.0, n)
        logs = np.concatenate([[0.0], np.cumsum(random.standard_t(4, n) * np.sqrt(variances) - 0.4)])
        floor, threshold = float(variances.sum() / random.integers(1, 6)), float(random.uniform(1.0, 3.0))
        found = find_onset(logs, variances, floor, threshold)
        slow = slow_onset(logs.tolist(), variances.tolist(), floor, threshold, critical_value())
        assert (found is None) == (slow is None)
        if found is None:
            assert deepest(logs, variances, floor) < threshold
            continue
        alarms += 1
        for name in ("best", "low", "high", "alarm", "trough"):
            assert getattr(found, name) == slow[name], name
        np.testing.assert_allclose(found.weights, slow["weights"], atol=1e-12)
        assert found.sigmas == pytest.approx(slow["sigmas"]) == pytest.approx(deepest(logs, variances, floor))
    assert 10 < alarms < 60


def test_critical_values_are_the_published_ones():
    """Eo and Morley 2015: 7.35 for 95 %, from the law (1 − e^{−κ/2})² of Bai 1997."""
    assert critical_value(0.95) == pytest.approx(7.35, abs=0.005)
    for confidence in (0.5, 0.9, 0.99):
        assert (1 - math.exp(-critical_value(confidence) / 2)) ** 2 == pytest.approx(confidence)


def largest_absolute(x: float) -> float:
    """P(sup |B| ≤ x) of Brownian motion on [0, 1], by the reflection series."""
    odd = [2 * k + 1 for k in range(40)]
    return 4 / math.pi * sum((-1) ** k / m * math.exp(-((m * math.pi) ** 2) / (8 * x * x)) for k, m in enumerate(odd))


def test_depth_of_one_session_of_noise_follows_levys_law():
    """The drawdown of a Brownian path is distributed as its largest absolute value; 300 steps lie a little below it."""
    random = np.random.default_rng(2)
    n, draws = 300, 1200
    paths = np.concatenate([np.zeros((draws, 1)), np.cumsum(random.standard_normal((draws, n)), axis=1)], axis=1)
    variances = np.ones(n)
    depths = np.array([deepest(p, variances, float(n)) for p in paths])
    for x in (1.2, 1.6, 2.0):
        assert np.mean(depths <= x) == pytest.approx(largest_absolute(x), abs=0.05)


def planted(random, kind: str, n: int, per_session: int, sigmas: float):
    """Unit steps with a fall that starts at a known step."""
    steps, start = random.standard_normal(n), int(random.integers(n // 6, 2 * n // 3))
    length = {"at once": 1, "over a session": per_session, "to the end": n - start}[kind]
    part = steps[start : start + length]
    part -= sigmas * math.sqrt(max(per_session, len(part))) / len(part)
    return np.concatenate([[0.0], np.cumsum(steps)]), start


@pytest.mark.parametrize("kind", ["at once", "over a session", "to the end"])
def test_the_interval_covers_a_planted_start(kind):
    """At least 90 %, less two standard errors of 300 falls; at once: a bar or two wide."""
    random = np.random.default_rng(3)
    n, sessions = 130, 5
    covered, widths = [], []
    while len(covered) < 300:
        logs, start = planted(random, kind, n, n // sessions, 5.5)
        onset = find_onset(logs, np.ones(n), n / sessions, 4.22)
        if onset is None or onset.alarm <= start:
            continue
        covered.append(onset.low <= start <= onset.high)
        widths.append(onset.high - onset.low + 1)
    assert np.mean(covered) >= 0.90 - 2 * math.sqrt(0.9 * 0.1 / 300)
    assert np.median(widths) <= (1 if kind == "at once" else n / 2)


def test_a_fall_that_recovers_still_broke():
    logs = np.concatenate([np.zeros(10), np.full(5, -20.0), np.linspace(-20, 0, 10), np.zeros(10)])
    onset = find_onset(logs, np.ones(len(logs) - 1), 7.0, 3.0)
    assert onset is not None
    assert (onset.best, onset.low, onset.high, onset.alarm) == (9, 9, 9, 10)


def test_the_first_of_two_falls_counts_even_if_the_second_is_deeper():
    logs = np.concatenate([np.zeros(20), np.full(20, -15.0), np.full(20, -45.0)])
    onset = find_onset(logs + 0.01 * np.sin(np.arange(60)), np.ones(59), 12.0, 3.0)
    assert onset is not None
    assert onset.alarm == 20
    assert onset.best == 19


def test_one_wild_bar_below_the_floor_is_no_break():
    """Six times what a bar usually moves, but little for a session."""
    logs = np.concatenate([np.zeros(50), np.full(50, -6.0)])
    assert find_onset(logs, np.ones(99), 99.0, 2.37) is None


def test_a_rise_is_no_break():
    assert find_onset(np.linspace(0, 50, 60), np.ones(59), 12.0, 2.0) is None
