"""The search over window lengths: what it chooses, its selection effect, and the correction."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.detection.histories import is_uniform, quiet_days, window_depths

from naive import NAN, make_panel
from selloff.catalog import default_catalogue
from selloff.detection import search as module
from selloff.detection.search import search_length, smallest_p

LENGTHS = (1, 3, 5, 10, 20)


def naive_smallest_p(history: list[list[float]], now: list[float]) -> tuple[list[float], float]:
    rows = [*history, now]
    n = len(rows)
    p = [[sum(other[i] <= row[i] for other in rows) / n for i in range(len(now))] for row in rows]
    lowest = [min(x) for x in p]
    return p[-1], sum(x <= lowest[-1] for x in lowest) / n


def test_p_values_by_loop():
    random = np.random.default_rng(0)
    history = np.round(random.standard_normal((120, 3)), 1)
    for now in np.round(random.standard_normal((20, 3)), 1):
        p, corrected = smallest_p(history, now)
        expected, expected_corrected = naive_smallest_p(history.tolist(), now.tolist())
        assert p.tolist() == pytest.approx(expected)
        assert corrected == pytest.approx(expected_corrected)


def _searched(seed: int) -> tuple[float, float]:
    """Smallest p-value and its correction at the last session of a quiet history."""
    days = quiet_days(900, 5, seed)
    worst = np.column_stack([np.sort(window_depths(days, n), axis=1)[:, 2] for n in LENGTHS])
    p, corrected = smallest_p(worst[20:880], worst[-1])
    return float(p.min()), corrected


def test_the_selection_effect_and_its_correction():
    """The smallest of five p-values is small far too often; corrected it is uniform."""
    both = np.array([_searched(seed) for seed in range(300)])
    assert is_uniform(both[:, 1])
    assert not is_uniform(both[:, 0])
    assert np.mean(both[:, 0] <= 0.05) > 0.10
    assert np.mean(both[:, 1] <= 0.05) <= 0.09  # binomial(300, 0.05) is above 27 in 0.1 % of cases


# -- on a panel --------------------------------------------------------------------------------------------------

SERIES = ["sp500", "aapl_adj", "gld_adj", "wti_spot", "ust_10y"]


def _panel(falls: int, depth: float, n: int = 1700):
    """Five classes; the last `falls` sessions bring each of them down by `depth` daily sigmas a session."""
    random = np.random.default_rng(6)
    moves = random.standard_normal((n, 5))
    moves[-falls:] = -depth
    levels = 100 * np.exp(np.cumsum(moves, axis=0) / 100)
    levels[:, 4] = 50 - np.cumsum(moves[:, 4]) * 0.05  # a yield: its rise is the loss
    return make_panel(levels, SERIES)


def _classes():
    return [c for c in default_catalogue().classes.values() if c.members]


@pytest.mark.parametrize(("falls", "depth", "chosen"), [(1, 6.0, 1), (5, 2.2, 5), (20, 1.3, 20)])
def test_the_planted_length_is_chosen(falls, depth, chosen):
    panel = _panel(falls, depth)
    found = search_length(panel, _classes(), len(panel.sessions) - 1)
    assert found.chosen == chosen
    assert found.p_value == min(found.p_values.values())
    assert found.p_value <= found.p_corrected
    assert found.n_windows > 1200
    assert set(found.classes) == {"equity_regions", "mega_caps", "precious_metals", "energy", "government_bonds"}


def test_in_a_tie_the_greatest_record_is_chosen():
    panel = _panel(5, 2.2)
    found = search_length(panel, _classes(), len(panel.sessions) - 1)
    records = [n for n, p in found.p_values.items() if p == found.p_value]
    assert len(records) > 1
    assert found.chosen == 5


def test_without_history_the_deepest_is_chosen_and_nothing_said():
    panel = _panel(5, 2.2, n=200)
    found = search_length(panel, _classes(), 199)
    assert (found.p_value, found.p_corrected, dict(found.p_values)) == (None, None, {})
    assert found.chosen in LENGTHS
    assert found.n_windows < module.FEWEST_WINDOWS


def test_without_any_class_the_shortest_is_taken():
    panel = make_panel(np.full((60, 5), NAN), SERIES)
    found = search_length(panel, _classes(), 59)
    assert (found.chosen, found.p_value, found.classes) == (1, None, ())


def test_later_sessions_do_not_count():
    panel = _panel(5, 2.2)
    longer = make_panel(np.vstack([panel.levels, panel.levels[-1:] * 0.5]), SERIES)
    row = len(panel.sessions) - 1
    assert search_length(longer, _classes(), row) == search_length(panel, _classes(), row)


# -- in an explanation -------------------------------------------------------------------------------------------


def test_auto_is_the_window_that_it_names(explain_world):
    import worlds

    day = str(worlds.CRASH)
    auto = explain_world(day, window="auto")
    given = explain_world(day, window=f"{auto.search.chosen}d")
    assert given.search is None
    assert auto.window == given.window
    assert auto.joint.verdict == given.joint.verdict
    assert auto.joint.jointness.p_value == given.joint.jointness.p_value
    assert given.joint.jointness.p_value_searched is None
    assert auto.joint.jointness.p_value_searched >= auto.joint.jointness.p_value
    assert not math.isnan(auto.joint.rarity_depth or 0.0)
    assert auto.to_dict()["search"]["chosen"] == auto.window.n_sessions
