"""Historical frequencies, counted by loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selloff.catalog import AssetClass
from selloff.detection import ClassDepth
from selloff.detection.base_rate import base_rate, count_spells
from selloff.detection.verdict import VERDICTS, Thresholds, joint_verdict

CLASSES = [AssetClass(id=i, name=i, group=i, members=()) for i in "abcd"]
RULE = Thresholds(joint=1.0, partial=1.2, isolated=2.0, fewest_groups=3, scales=dict.fromkeys("abcd", 1.0))


def naive_spells(hit: list[bool], n_sessions: int) -> int:
    spells, last = 0, None
    for t, h in enumerate(hit):
        if h:
            if last is None or t - last > n_sessions:
                spells += 1
            last = t
    return spells


@pytest.mark.parametrize("n_sessions", [1, 3, 20])
def test_spells_by_loop(n_sessions):
    hit = np.random.default_rng(n_sessions).random(2000) < 0.05
    assert count_spells(hit, n_sessions) == naive_spells(hit.tolist(), n_sessions) > 0
    assert count_spells(np.zeros(5, dtype=bool), n_sessions) == 0


def test_counts_by_loop():
    random = np.random.default_rng(1)
    history = random.standard_normal((1500, 4))
    history[random.random(history.shape) < 0.15] = math.nan
    history[:300, :2] = math.nan
    kth = np.where(np.isnan(history).any(axis=1), math.nan, np.sort(history, axis=1)[:, 1])
    sessions = np.datetime64("2001-01-01") + np.arange(1500)
    found = base_rate(history, CLASSES, kth, -0.8, np.array([-0.9, 0.0, -1.1, 0.5]), "partial", RULE, 1, sessions)
    verdicts, first = [], None
    for t, row in enumerate(history.tolist()):
        depths = [ClassDepth(c, None if math.isnan(x) else x, ()) for c, x in zip(CLASSES, row, strict=True)]
        if sum(d.depth is not None for d in depths) >= 3:
            verdicts.append(joint_verdict(depths, RULE)[0])
            first = t if first is None else first
        else:
            verdicts.append(None)
    assert found.n_windows == sum(v is not None for v in verdicts)
    assert found.verdicts == {v: verdicts.count(v) for v in VERDICTS}
    assert found.since == int(str(sessions[first])[:4])
    strong = naive_spells([v in ("partial", "joint") for v in verdicts], 1)
    assert found.alarms_per_year == pytest.approx(strong / (found.n_windows / 252))
    assert found.as_deep == sum(1 for x in kth.tolist() if not math.isnan(x) and x <= -0.8)
    assert found.of == sum(1 for x in kth.tolist() if not math.isnan(x))
    assert found.deep_since == 2001
    third = [x for x in history[:, 2].tolist() if not math.isnan(x)]
    assert (found.nearest, found.nearest_as_deep, found.nearest_of) == ("c", sum(x <= -1.1 for x in third), len(third))


def test_without_history_there_is_no_frequency():
    empty = np.full((10, 4), math.nan)
    now = np.full(4, -3.0)
    found = base_rate(
        empty, CLASSES, empty[:, 0], None, now, "joint", RULE, 5, np.datetime64("2001-01-01") + np.arange(10)
    )
    assert (found.n_windows, found.since, found.alarms_per_year, found.of, found.deep_since) == (0, None, None, 0, None)
