"""The main trigger's shares against a slow reading of the same formula; direct evidence read from made-up states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace

import numpy as np
import pytest

from naive import make_panel, window_of
from selloff.attribution.direct import DirectReading, read_direct, standardised
from selloff.attribution.main_trigger import (
    PRICE_POWER,
    direct_log_ratios,
    price_log_ratios,
    trigger_model,
    trigger_shares,
)
from selloff.attribution.weighing import weigh_direct
from selloff.catalog import default_catalogue
from selloff.catalog.evidence import EvidenceItem, evidence_digest
from selloff.catalog.freeze import frozen_digests
from selloff.panel import Window, window_moves

CATALOGUE = default_catalogue()
ITEMS = CATALOGUE.evidence
MAP = CATALOGUE.label_map
LATE = datetime(2020, 1, 1, tzinfo=UTC)


def _readings(values: dict[str, float]) -> tuple[DirectReading, ...]:
    return tuple(
        DirectReading(
            i, "present" if i.id in values else "missing", values.get(i.id), None, standardised(i, values.get(i.id))
        )
        for i in ITEMS
    )


def test_items_are_the_frozen_ones():
    assert evidence_digest(ITEMS) == frozen_digests()["evidence"]


@pytest.mark.parametrize("as_of", [datetime(1980, 1, 1, tzinfo=UTC), LATE])
def test_shares_against_the_formula_by_hand(as_of):
    random = np.random.default_rng(3)
    values = {i.id: float(random.normal(50, 30)) for i in ITEMS[::2]}
    readings = _readings(values)
    model = trigger_model(ITEMS, MAP, CATALOGUE.causes, as_of, -5.0)
    prices = random.normal(size=len(MAP.outcomes))
    found = model.shares(np.array([r.standard for r in readings]), prices)
    scores = []
    for k, outcome in enumerate(MAP.outcomes):
        score = math.log(model.base[k]) + PRICE_POWER * prices[k] + model.weights[0, k]
        for j, item in enumerate(ITEMS):
            score += model.weights[j + 1, k] * standardised(item, values.get(item.id))
        scores.append(math.exp(score))
        if as_of.year < 1981:
            assert [model.weights[j + 1, k] for j in range(len(ITEMS))] == [i.outcomes.get(outcome, 0) for i in ITEMS]
    assert found == pytest.approx([s / sum(scores) for s in scores])
    assert (model.fitted is None) == (as_of.year < 1981)


def test_without_any_evidence_the_shares_are_the_base_rates_but_for_the_constant():
    model = trigger_model((), MAP, CATALOGUE.causes, datetime(1980, 1, 1, tzinfo=UTC), 3.0)
    assert model.shares(np.zeros(0), np.zeros(len(MAP.outcomes))) == pytest.approx(model.base)


def test_trigger_shares_add_up_by_outcome_and_follow_the_probabilities():
    shares = np.array([0.3, 0.1, 0.2, 0.05, 0.05, 0.1, 0.12, 0.08])
    found = trigger_shares(shares, MAP, CATALOGUE.causes, {"growth": 0.4, "inflation": 0.1})
    assert math.fsum(found.values()) == pytest.approx(1.0, abs=1e-12)
    assert MAP.outcome_shares(found) == pytest.approx(shares)
    assert found["growth"] / found["inflation"] == pytest.approx(4.0)
    factor = 0.5 / (CATALOGUE.causes["growth"].prior + CATALOGUE.causes["inflation"].prior)
    assert found["china"] / found["growth"] == pytest.approx(factor * CATALOGUE.causes["china"].prior / 0.4)


def test_windows_without_a_jump_of_stocks_use_nothing_fitted():
    calm, jump = (trigger_model(ITEMS, MAP, CATALOGUE.causes, LATE, move) for move in (-1.9, -2.1))
    assert calm.fitted is None and jump.fitted is not None
    assert (calm.price_power, jump.price_power) == (1.0, PRICE_POWER)
    assert not calm.weights[0].any()


def test_price_ratio_is_a_weighted_mean_of_bayes_factors():
    factors = {"growth": math.log(3.0), "policy_tightening": math.log(0.2)}
    found = dict(zip(MAP.outcomes, price_log_ratios(MAP, CATALOGUE.causes, factors), strict=True))
    for outcome in MAP.outcome:
        priors = {t: CATALOGUE.causes[t].prior for t in outcome.triggers}
        extra = {"other": 0.20, "unknown": 0.15}.get(outcome.id, 0.0)
        top = sum(p * math.exp(factors.get(t, 0.0)) for t, p in priors.items()) + extra
        assert found[outcome.id] == pytest.approx(math.log(top / (sum(priors.values()) + extra)))


def test_prices_do_not_enter_the_probability_twice():
    causes = list(CATALOGUE.causes.values())
    model = trigger_model(ITEMS, MAP, CATALOGUE.causes, LATE, 3.0)
    calm = direct_log_ratios(model, _readings({}), MAP, causes)
    prices = {i.id: 3.0 for i in ITEMS if i.from_prices}
    assert direct_log_ratios(model, _readings(prices), MAP, causes) == pytest.approx(calm)
    assert calm == pytest.approx(0.0)
    fomc = direct_log_ratios(model, _readings({"fomc_unscheduled": 1.0}), MAP, causes)
    by_id = {c.id: r for c, r in zip(causes, fomc.tolist(), strict=True)}
    assert by_id["policy_tightening"] > 1.0
    assert by_id["growth"] < 0.0


def test_amplifiers_add_the_catalogues_weights():
    causes = [CATALOGUE.causes["reserve_scarcity"]]
    readings = _readings({"money_market_spread": 100.0, "reserves_share": 0.0})
    model = trigger_model(ITEMS, MAP, CATALOGUE.causes, LATE, 3.0)
    expected = 0.8 * 50 / 29 + -0.4 * -50 / 29
    assert direct_log_ratios(model, readings, MAP, causes) == pytest.approx([expected])
    told = weigh_direct(readings, CATALOGUE, causes, LATE, 3.0).evidence(causes[0], "adverse")
    assert [d.reading.item.id for d in told] == ["money_market_spread", "reserves_share"]
    assert told[0].likelihood_ratio == pytest.approx(math.exp(0.8 * 50 / 29)) and told[0].basis == "judgement"


@dataclass(frozen=True)
class _State:
    readings: dict
    scheduled: tuple = ()

    def reading(self, name):
        return self.readings.get(name)


def _item(**fields) -> EvidenceItem:
    return EvidenceItem(id="x", name="X", why="-", outcomes={"macro": 1.0}, **fields)


def _read(item, state=None, levels=None):
    n = 400
    random = np.random.default_rng(1)
    walk = 100 * np.exp(np.cumsum(random.normal(0, 0.01, (n, 2)), axis=0)) if levels is None else levels
    panel = make_panel(walk, ["sp500", "nasdaq_composite"])
    window = window_of(panel, n - 2, n - 1)
    moves = {m.series.id: m for m in window_moves(panel, window)}
    bound = {"spx": moves["sp500"]}
    return read_direct([item], state or _State({}), panel, window, bound, moves)[0], moves, panel, window


def test_scheduled_events_have_three_values():
    def answered(**answers):
        return _State({}, tuple(SimpleNamespace(indicator=SimpleNamespace(id=k), answer=v) for k, v in answers.items()))

    item = _item(reading="scheduled", of=("a", "b"))
    assert _read(item, answered(a="absent", b="present"))[0].status == "present"
    assert _read(item, answered(a="absent", b="absent"))[0].status == "absent"
    found = _read(item, answered(a="absent", b="no_table"))[0]
    assert (found.status, found.value, found.standard) == ("missing", None, 0.0)


def test_indicators_take_the_first_known_and_never_a_stale_one():
    def reading(status, percentile, surprise):
        return SimpleNamespace(status=status, percentile=percentile, surprise=surprise)

    state = _State({"a": reading("stale", 99.0, 9.0), "b": reading("known", 79.0, -6.0)})
    level = _read(_item(reading="percentile", of=("a", "b")), state)[0]
    assert (level.value, level.source, level.standard) == (79.0, "b", pytest.approx(1.0))
    assert _read(_item(reading="surprise", of=("a", "b")), state)[0].standard == -2.0
    assert _read(_item(reading="percentile", of=("a",)), state)[0].status == "missing"


def test_readings_of_moves_against_their_definitions():
    found, moves, _, _ = _read(_item(reading="aligned", of=("nasdaq_composite",), minus="spx"))
    spx, ndx = moves["sp500"].sigmas_slow, moves["nasdaq_composite"].sigmas_slow
    assert found.value == pytest.approx((ndx - spx) * math.copysign(1, spx))
    assert _read(_item(reading="absolute", of=("nasdaq_composite",)))[0].value == pytest.approx(abs(ndx))
    assert _read(_item(reading="size"))[0].value == pytest.approx(math.log(abs(spx)))
    assert _read(_item(reading="direction"))[0].value == math.copysign(0.5, spx)


def test_run_up_ends_at_the_base():
    found, _, panel, window = _read(_item(reading="run_up", of=("sp500",), sessions=60))
    levels = panel.levels[:, 0]
    start = window.base_row - 60
    daily = 100 * np.diff(np.log(levels[: start + 1]))[-250:]
    expected = 100 * math.log(levels[window.base_row] / levels[start]) / (np.std(daily, ddof=1) * math.sqrt(60))
    assert found.value == pytest.approx(expected)
    changed = panel.levels.copy()
    changed[window.base_row + 1 :] *= 2
    assert _read(_item(reading="run_up", of=("sp500",), sessions=60), levels=changed)[0].value == pytest.approx(
        expected
    )


@pytest.mark.parametrize(
    ("day", "there"), [(date(2019, 1, 10), 1.0), (date(2019, 1, 28), 0.0), (date(2019, 2, 15), 0.0)]
)
def test_season(day, there):
    item = _item(reading="season", months=(1, 4), days=(10, 27))
    found = read_direct([item], _State({}), None, Window(day, day, day, 0, 1), {}, {})[0]
    assert (found.value, found.status) == (there, "present" if there else "absent")
