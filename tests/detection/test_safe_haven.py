"""Gold's line: status by its definition, base rates and the likelihood ratio by loop."""

from __future__ import annotations

import math
from importlib import import_module

import numpy as np
import pytest

from naive import make_panel, naive_window, window_of
from selloff.attribution import signature
from selloff.detection.safe_haven import EQUITIES_DOWN, UNCHANGED, ratio, safe_haven
from selloff.panel import window_moves

SERIES = ["sp500", "gld_adj"]


def _panel(equities: float, gold: float, n: int = 900, rho: float = 0.3):
    """Daily moves of 1 % with a last day as given, in per cent."""
    random = np.random.default_rng(4)
    moves = random.standard_normal((n, 2))
    moves[:, 1] = rho * moves[:, 0] + math.sqrt(1 - rho**2) * moves[:, 1]
    moves[-1] = equities, gold
    return make_panel(100 * np.exp(np.cumsum(moves, axis=0) / 100), SERIES)


def _haven(panel, length: int = 1):
    window = window_of(panel, len(panel.sessions) - 1 - length, len(panel.sessions) - 1)
    moves = {m.series.id: m for m in window_moves(panel, window)}
    return safe_haven(panel, window, moves["gld_adj"], moves["sp500"])


@pytest.mark.parametrize(
    ("equities", "gold", "status"),
    [
        (-3.0, -2.0, "failed"),
        (-3.0, 2.0, "held"),
        (-3.0, 0.1, "unrelated"),
        (-3.0, -0.1, "unrelated"),
        (-1.0, -5.0, "unrelated"),
        (3.0, -5.0, "unrelated"),
    ],
)
def test_status(equities, gold, status):
    found = _haven(_panel(equities, gold))
    assert found.status == status
    assert found.equities_down is (equities <= -3.0)
    assert (found.likelihood_ratio is None) is not found.equities_down


@pytest.mark.parametrize("length", [1, 5])
def test_base_rates_and_ratio_by_loop(length):
    panel = _panel(-6.0, -4.0)
    found = _haven(panel, length)
    base = len(panel.sessions) - 1 - length
    columns = [panel.levels[:, i].tolist() for i in (0, 1)]
    pairs = []
    for end in range(length, base + 1):
        equities, gold = (naive_window(c, end - length, end, False)["slow"] for c in columns)
        if equities is not None and gold is not None:
            pairs.append((equities, gold))
    down = [(e, g) for e, g in pairs if e <= EQUITIES_DOWN]
    assert (found.whole.n, found.whole.fell) == (len(down), sum(g < 0 for _, g in down))
    others = [g for e, g in pairs if e > EQUITIES_DOWN]
    hits, misses = sum(g <= -UNCHANGED for _, g in down), sum(g <= -UNCHANGED for g in others)
    assert found.status == "failed"
    assert found.likelihood_ratio == pytest.approx((hits / len(down)) / (misses / len(others)))
    assert found.low < found.likelihood_ratio < found.high


def test_the_last_five_years_are_counted_apart(monkeypatch):
    monkeypatch.setattr(import_module("selloff.detection.safe_haven"), "RECENT", 200)
    found = _haven(_panel(-3.0, -2.0))
    assert 0 < found.recent.n < found.whole.n
    assert found.recent.share == pytest.approx(found.recent.fell / found.recent.n)


def test_the_ratio_s_interval_covers_as_it_says():
    """Two binomials of the same probability: the 90 % interval holds 1 in about nine of ten cases."""
    random = np.random.default_rng(12)
    covered = 0
    for _ in range(1000):
        a, b = int(random.binomial(80, 0.4)), int(random.binomial(900, 0.4))
        found = ratio(a, 80, b, 900, 1)
        assert found is not None
        covered += found[1] <= 1.0 <= found[2]
    assert 0.865 <= covered / 1000 <= 0.935


def test_overlapping_windows_widen_the_interval():
    one, five = ratio(30, 80, 300, 900, 1), ratio(30, 80, 300, 900, 5)
    assert one[0] == five[0]
    assert math.log(five[2] / five[1]) == pytest.approx(math.sqrt(5) * math.log(one[2] / one[1]))
    assert ratio(0, 80, 300, 900, 1) is None


def test_gold_counts_as_unchanged_where_the_signatures_say_so():
    assert signature.UNCHANGED == UNCHANGED


def test_without_gold_there_is_no_line():
    panel = _panel(-3.0, -2.0)
    window = window_of(panel, 898, 899)
    moves = {m.series.id: m for m in window_moves(panel, window)}
    assert safe_haven(panel, window, None, moves["sp500"]) is None
    assert safe_haven(panel, window, moves["gld_adj"], None) is None


def test_the_future_does_not_count():
    panel = _panel(-3.0, -2.0)
    longer = make_panel(np.vstack([panel.levels, panel.levels[-1:] * [[0.5, 2.0]]]), SERIES)
    window = window_of(panel, 898, 899)
    moves = {m.series.id: m for m in window_moves(longer, window)}
    assert safe_haven(longer, window, moves["gld_adj"], moves["sp500"]) == _haven(panel)
