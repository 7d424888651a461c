"""Rules of weighing, one test each; headings name the module."""

from __future__ import annotations

import math
from dataclasses import astuple, replace
from datetime import UTC, datetime
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

from naive import make_panel, window_of
from selloff.attribution import attribute
from selloff.attribution.asset_residuals import AssetResiduals, window_move
from selloff.attribution.chains import LinkEvidence
from selloff.attribution.direct import DirectReading, read_direct
from selloff.attribution.main_trigger import TriggerModel, item_log_ratios
from selloff.attribution.moves_evidence import MovesEvidence
from selloff.attribution.unlisted import unlisted_prior
from selloff.catalog import default_catalogue
from selloff.catalog.evidence import EvidenceItem
from selloff.panel import window_moves
from selloff.scorecard.synthetic.explained import inputs_of
from selloff.scorecard.synthetic.worlds import draw_world
from selloff.scorecard.weighing import weigh

CATALOGUE = default_catalogue()


# -- attribute


@pytest.mark.parametrize(("days", "fitted"), [(1, True), (5, False)])
def test_whether_stocks_jumped_is_asked_per_root_of_a_session(monkeypatch, days, fitted):
    """A fall of 3 % in one session is a jump, for which weights were fitted; over five sessions it is none."""
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
    assets = ("spx", "gold", "us10y")
    moves = np.random.default_rng(2).standard_normal((400, 3)) * [1.0, 1.0, 5.0]
    moves[-days:, 0] = -3.0 / days
    path = np.cumsum(moves / 100.0, axis=0)
    levels = np.column_stack([100.0 * np.exp(path[:, :2]), 50.0 + path[:, 2]])
    panel = make_panel(levels, [CATALOGUE.assets[a].series[0] for a in assets])
    window = window_of(panel, 399 - days, 399)
    bound = dict(zip(assets, window_moves(panel, window), strict=True))
    everything = {name for c in CATALOGUE.causes.values() for entry in c.requires for name in entry}
    found = attribute(panel, window, bound, CATALOGUE, everything, (), datetime(2020, 1, 1, tzinfo=UTC))
    assert (found.fitted_at is not None) == fitted


# -- main_trigger


def test_an_item_that_speaks_for_every_outcome_alike_speaks_for_none():
    k = len(CATALOGUE.label_map.outcomes)
    base = np.random.default_rng(1).dirichlet(np.ones(k))
    item = EvidenceItem(id="x", name="X", why="-", outcomes={"macro": 1.0}, reading="season", months=(1,))
    reading = DirectReading(item, "present", 1.0, None, standard=2.0)
    growth = CATALOGUE.causes["growth"]
    column = next(i for i, o in enumerate(CATALOGUE.label_map.outcome) if "growth" in o.triggers)
    for own, expected in ((0.7, 0.0), (1.7, 2.0 * (1.0 - base[column]))):
        weights = np.full((2, k), 0.7)
        weights[1, column] = own
        model = TriggerModel(CATALOGUE.label_map.outcomes, ("x",), base, weights, 0.25, None)
        found = item_log_ratios(model, [reading], CATALOGUE.label_map, growth, "adverse")
        assert found["x"] == pytest.approx(expected, abs=1e-12)


def test_what_was_held_is_read_as_it_is_and_nothing_stands_in_for_it():
    item = EvidenceItem(id="x", name="X", why="-", outcomes={"macro": 1.0}, reading="held", of=("a",))

    def value(held: float | None) -> float | None:
        reading = SimpleNamespace(status="known", percentile=10.0, surprise=3.0, held_percentile=held)
        state = SimpleNamespace(scheduled=(), reading=lambda _: reading)
        return read_direct([item], state, None, None, {}, {})[0].value

    assert value(80.0) == 80.0
    assert value(None) is None


# -- moves_evidence


def test_links_count_in_the_polarity_whose_signs_they_were_held_against():
    def link(ratio: float) -> tuple[LinkEvidence, ...]:
        return (LinkEvidence(None, "x", "-", -1.0, ratio),)  # type: ignore[arg-type]

    growth = CATALOGUE.causes["growth"]
    found = MovesEvidence({"growth": []}, {"growth": {"adverse": link(1.5), "relief": link(0.6)}})
    assert found.log_ratio([growth]) == pytest.approx(np.log([[1.5], [0.6]]))


# -- asset_residuals


@pytest.mark.parametrize(
    ("moved", "there"), [((0.0, 0.0), False), ((-4.0, -4.8), True), ((-4.0, 0.0), True), ((0.0, -2.0), True)]
)
def test_silent_only_if_neither_the_series_nor_what_explains_it_moved(moved, there):
    names = ["sp500", "gold_futures", "xlf_adj"]
    moves = np.random.default_rng(3).standard_normal((700, 3)) * [1.0, 1.0, 0.5]
    moves[:, 2] += 1.2 * moves[:, 0]
    moves[-1] = [moved[0], 0.0, moved[1]]
    panel = make_panel(100.0 * np.exp(np.cumsum(moves / 100.0, axis=0)), names)
    window = window_of(panel, 698, 699)
    of = {m.series.id: m for m in window_moves(panel, window)}
    found = AssetResiduals(panel, window, {"spx": of["sp500"], "gold": of["gold_futures"]}).of("xlf_adj")
    assert (found is not None) == there


def test_a_market_closed_at_the_end_of_a_longer_window_has_its_last_close_inside_it():
    """Closed on the last eight of ten sessions: its move ends with the second; closed on all ten it has none."""
    levels = 100.0 * np.exp(np.cumsum(np.random.default_rng(1).normal(0.0, 0.01, (300, 1)), axis=0))
    levels[-8:] = np.nan
    panel = make_panel(levels, ["sp500"])
    move, base = window_move(panel, window_of(panel, 289, 299), 0)
    assert base == 289 and move == pytest.approx(100 * math.log(levels[291, 0] / levels[289, 0]))
    levels = levels.copy()
    levels[-10:] = np.nan
    assert math.isnan(window_move(make_panel(levels, ["sp500"]), window_of(panel, 289, 299), 0)[0])


# -- attribute


def test_amounts_and_bands_are_in_the_asset_s_own_unit(monkeypatch):
    """The same sigmas with twice the log move of one asset: what causes moved it by doubles, nothing else changes."""
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
    given = inputs_of(draw_world("one", 3, list(CATALOGUE.causes.values()), list(CATALOGUE.assets), 5), CATALOGUE)
    spx = given.bound["spx"]
    wider = replace(given, bound={**given.bound, "spx": replace(spx, log_move=2.0 * spx.log_move)})
    before, after = weigh(given, CATALOGUE), weigh(wider, CATALOGUE)
    assert any(r.if_active for r in before.causes)
    for one, two in zip(before.causes, after.causes, strict=True):
        assert one.probability == two.probability
        for asset in one.contributions:
            factor = 2.0 if asset == "spx" else 1.0
            assert two.contributions[asset] == pytest.approx(factor * one.contributions[asset])
            assert astuple(two.if_active[asset]) == pytest.approx([factor * x for x in astuple(one.if_active[asset])])
            (low, high), (wide_low, wide_high) = (r.contribution_bands[asset] for r in (one, two))
            assert (wide_low, wide_high) == pytest.approx((factor * low, factor * high))
            assert low <= one.contributions[asset] <= high


def test_triggers_that_can_not_be_tested_count_as_news_outside_the_menu():
    weight = import_module("selloff.attribution.attribute")._other_weight
    causes = list(CATALOGUE.causes.values())
    triggers = {c.id: c.prior for c in causes if c.role == "trigger"}
    assert weight(causes, set(CATALOGUE.causes)) == pytest.approx(0.35)
    assert unlisted_prior(0.35, sum(triggers.values())) == pytest.approx(0.27, abs=0.005)  # as docs/method.md has it
    assert unlisted_prior(0.35, 0.0) < 1.0
    tested = set(CATALOGUE.causes) - {"geopolitics", "growth", "reserve_scarcity"}
    assert weight(causes, tested) == pytest.approx(0.35 + triggers["geopolitics"] + triggers["growth"])


def test_what_leads_is_asked_of_what_fell_and_of_causes_that_contribute(monkeypatch):
    module, asked = import_module("selloff.attribution.attribute"), []

    def structural_of(panel, window, bound, tested, raised, fallen, polarity, models):
        asked.append((set(raised), tuple(fallen)))
        return SimpleNamespace(leading=())

    monkeypatch.setattr(module, "structural_of", structural_of)
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
    given = inputs_of(draw_world("one", 0, list(CATALOGUE.causes.values()), list(CATALOGUE.assets), 5), CATALOGUE)
    found = attribute(
        given.panel, given.window, given.bound, CATALOGUE, given.available, models=object(), fallen=("crypto", "energy")
    )
    contributing = {c.cause.id for c in found.causes if c.status == "contributing"}
    assert contributing and asked == [(contributing, ("crypto", "energy"))]
