"""The decomposition of a panel's window: sample, reuse, order, truncation."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from conftest import NOW
from selloff.attribution.structural.cache import ModelCache
from selloff.attribution.structural.window import (
    FEWEST_ASSETS,
    Unavailable,
    WindowDecomposition,
    cut_off,
    decompose_window,
    sample_of,
)
from selloff.panel import find_as_of
from truncation import truncated

WHEN = "2019-08-12:2019-08-16"


@pytest.fixture(scope="session")
def found(at, causes) -> WindowDecomposition:
    made = decompose_window(*at(WHEN), causes, None)
    assert isinstance(made, WindowDecomposition)
    return made


def as_bytes(found: WindowDecomposition) -> bytes:
    return json.dumps(found.to_dict()).encode() + found.decomposition.draws.tobytes()


def test_it_adds_up_to_the_panel_s_log_moves(at, found):
    _, _, bound = at(WHEN)
    d = found.decomposition
    total = d.contributions.sum(axis=0) + d.unexplained
    assert total == pytest.approx([bound[a].log_move for a in d.assets], abs=1e-9)
    assert set(d.assets) | set(found.excluded) == set(bound)


def test_each_cause_has_at_most_one_shock(found, causes):
    inside = [c for shock in found.causes_of.values() for c in shock]
    assert len(inside) == len(set(inside))
    assert "growth" in found.causes_of["growth"] and "reserve_scarcity" not in inside
    assert set(inside) <= {c.id for c in causes}


def test_the_order_of_assets_and_causes_does_not_matter(at, causes, found):
    panel, window, bound = at(WHEN)
    turned = dict(reversed(list(bound.items())))
    assert as_bytes(decompose_window(panel, window, turned, causes[::-1], None)) == as_bytes(found)


def test_the_sample_ends_before_the_window_s_month(at):
    for words in (WHEN, "2019-08-01", "2019-08-30", "2019-09-03"):
        panel, window, _ = at(words)
        last = panel.sessions[cut_off(panel, window)]
        assert last < np.datetime64(window.start)
        assert str(last) == ("2019-07-31" if "-08-" in words else "2019-08-30")
        assert cut_off(panel, window) <= window.base_row


def test_windows_of_a_month_share_a_model(at, causes, tmp_path, found):
    cache = ModelCache(tmp_path)
    first = decompose_window(*at(WHEN), causes, cache)
    assert as_bytes(first) == as_bytes(found)
    files = list(tmp_path.iterdir())
    again = decompose_window(*at(WHEN), causes, cache)
    assert as_bytes(again) == as_bytes(found)
    other = decompose_window(*at("2019-08-14"), causes, cache)
    assert list(tmp_path.iterdir()) == files and len(files) == 1
    assert other.sample_end == first.sample_end


def test_nothing_later_enters(at, world, store, causes, found, tmp_path):
    _, window, _ = at(WHEN)
    moment = find_as_of(None, window, world.sessions, NOW)
    cut = truncated(store, moment, tmp_path / "cut")
    assert as_bytes(decompose_window(*at(WHEN, cut), causes, None)) == as_bytes(found)


def test_what_happens_in_the_window_does_not_move_the_model(at, causes):
    """The sample of a window whose levels are spoilt from its first session on is the same."""
    panel, window, bound = at(WHEN)
    spoilt = panel.levels.copy()
    spoilt[window.base_row + 1 :] *= 1.7
    changed = type(panel)(panel.sessions, panel.series, spoilt, panel.ends, panel.observations, panel.as_of)
    one, two = sample_of(panel, window, bound), sample_of(changed, window, bound)
    assert one.values.tobytes() == two.values.tobytes()


def test_a_short_asset_is_left_out_and_said_so(at, causes):
    panel, window, bound = at("2019-03-12")
    short = next(a for a in ("nky", "gold", "oil") if a in bound)
    levels = panel.levels.copy()
    levels[: window.base_row - 150, panel.column[bound[short].series.id]] = np.nan
    changed = type(panel)(panel.sessions, panel.series, levels, panel.ends, panel.observations, panel.as_of)
    sample = sample_of(changed, window, bound)
    assert short not in sample.assets
    assert "moves with a known volatility" in sample.excluded[short]
    assert not np.isnan(sample.values).any()


def test_a_stand_in_is_left_out_and_said_so(at, causes):
    """The same sample and answer as without the asset."""
    panel, window, bound = at(WHEN)
    move = bound["us10y"]
    standing = replace(move, series=move.series.model_copy(update={"flags": ("stand_in",)}))
    without = sample_of(panel, window, {a: m for a, m in bound.items() if a != "us10y"})
    sample = sample_of(panel, window, {**bound, "us10y": standing})
    assert sample.assets == without.assets
    assert sample.values.tobytes() == without.values.tobytes()
    assert "stand-in" in sample.excluded["us10y"]


def test_too_little_is_a_typed_answer(at, causes):
    panel, window, bound = at(WHEN)
    few = {a: bound[a] for a in list(bound)[: FEWEST_ASSETS - 1]}
    answer = decompose_window(panel, window, few, causes, None)
    assert isinstance(answer, Unavailable)
    assert "5 are needed" in answer.reason


def test_another_seed_stays_within_the_stated_error(at, causes, found):
    """Shares move by no more than four of their Monte-Carlo errors."""
    from selloff.attribution.structural.decomposition import decompose
    from selloff.attribution.structural.model import structural_model
    from selloff.attribution.structural.shocks import restrictions_of, shocks_of

    panel, window, bound = at(WHEN)
    sample = sample_of(panel, window, bound)
    shocks = shocks_of(causes, sample.assets, len(sample.assets) - 2)
    volatility = dict(zip(sample.assets, sample.volatility.tolist(), strict=True))
    model = structural_model(sample.values, restrictions_of(shocks, sample.assets, volatility), 77)
    y = np.array([bound[a].sigmas_slow for a in sample.assets])
    unit = np.array([bound[a].log_move for a in sample.assets]) / y
    other = decompose(model, y, unit, 78)
    d = found.decomposition
    error = np.sqrt(d.draws.var(axis=0) / len(d.draws) + other.draws.var(axis=0) / len(other.draws))
    assert np.abs((other.contributions - d.contributions) / error).max() < 4.5
