"""Rules of direct evidence on single causes: what is dated, what was seen already, which polarity, which triggers."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from selloff.attribution.direct import DirectReading, read_direct, standardised
from selloff.attribution.main_trigger import direct_log_ratios, item_log_ratios, trigger_model, window_log_ratios
from selloff.attribution.signature import POLARITIES
from selloff.attribution.weighing import weigh_direct
from selloff.catalog import default_catalogue
from selloff.catalog.evidence import EvidenceItem

CATALOGUE = default_catalogue()
MAP, CAUSES = CATALOGUE.label_map, list(CATALOGUE.causes.values())
PREMIUM, AMPLIFIER = CATALOGUE.causes["balance_sheet"], CATALOGUE.causes["dash_for_cash"]
ADVERSE, RELIEF = POLARITIES.index("adverse"), POLARITIES.index("relief")


def _item(**fields) -> EvidenceItem:
    return EvidenceItem(id="x", name="X", why="-", **fields)


def _surprise(**weights) -> EvidenceItem:
    return _item(reading="surprise", of=("a",), **weights)


def _read(item: EvidenceItem, bound=None, **fields) -> DirectReading:
    usual = {"status": "known", "value": 1.0, "percentile": 90.0, "surprise": 1.5, "in_window": True}
    reading = SimpleNamespace(**{**usual, **fields})
    state = SimpleNamespace(scheduled=(), reading=lambda _: reading)
    return read_direct([item], state, None, None, bound or {}, {})[0]


def _readings(**values: float) -> tuple[DirectReading, ...]:
    """Every shipped item; those that are not named are missing."""
    return tuple(
        DirectReading(i, "present", values[i.id], None, standardised(i, values[i.id]))
        if i.id in values
        else DirectReading(i, "missing", None, None, 0.0)
        for i in CATALOGUE.evidence
    )


def _by_cause(readings: tuple[DirectReading, ...]) -> dict[str, float]:
    model = trigger_model([r.item for r in readings], MAP, CATALOGUE.causes, None, 3.0)
    return dict(zip(CATALOGUE.causes, direct_log_ratios(model, readings, MAP, CAUSES).tolist(), strict=True))


# -- what may be read


def test_a_surprise_of_a_mechanism_must_be_dated_in_the_window():
    weighed = _surprise(causes={"balance_sheet": 0.6})
    assert _read(weighed).standard == pytest.approx(1.0)
    before = _read(weighed, in_window=False)
    assert (before.status, before.value, before.standard) == ("missing", None, 0.0)


def test_a_count_of_the_news_is_a_background_that_the_day_before_may_have():
    assert _read(_surprise(outcomes={"fiscal": 0.3}), in_window=False).value == 1.5


def test_what_a_column_of_the_signature_shows_weighs_nothing_more():
    item = _surprise(seen_in=("hy",), causes={"dash_for_cash": 0.4})
    assert _read(item).standard == pytest.approx(1.0)
    seen = _read(item, bound={"hy": object()})
    assert (seen.status, seen.value, seen.standard) == ("present", 1.5, 0.0)


@pytest.mark.parametrize(("value", "expected"), [(0.01, 40 / 29), (0.0, 0.0), (-0.10, 0.0)])
def test_a_level_at_its_limit_or_below_never_speaks_for_a_cause(value, expected):
    item = _item(reading="percentile", of=("a",), above=0.0, causes={"reserve_scarcity": 0.8})
    assert _read(item, value=value).standard == pytest.approx(expected)
    assert _read(item, value=value, percentile=21.0).standard == pytest.approx(-1.0)


def test_a_limit_needs_weights_that_speak_for():
    with pytest.raises(ValueError, match="weights must be positive"):
        _item(reading="percentile", of=("a",), above=0.0, causes={"reserve_scarcity": -0.8})


def test_triggers_need_an_outcome():
    with pytest.raises(ValueError, match="it has none"):
        _item(reading="percentile", of=("a",), triggers=("growth",), causes={"growth": 0.8})


# -- how it is weighed


def test_a_surprise_turns_round_in_a_relief_as_its_cause_does():
    item = _surprise(causes={"balance_sheet": 0.6, "dash_for_cash": 0.4})
    found = window_log_ratios([_read(item)], [PREMIUM, AMPLIFIER])
    assert found[ADVERSE] == pytest.approx([0.6, 0.4])
    assert found[RELIEF] == pytest.approx([-0.6, 0.4])


def test_it_is_weighed_with_the_moves_and_not_as_known_beforehand():
    item = _surprise(causes={"balance_sheet": 0.6})
    found = weigh_direct([_read(item)], CATALOGUE, [PREMIUM], None, 3.0)
    assert found.log_ratio == pytest.approx([0.0])
    assert found.window_log_ratio[:, 0] == pytest.approx([0.6, -0.6])
    told = {p: found.evidence(PREMIUM, p)[0].likelihood_ratio for p in POLARITIES}
    assert told == {"adverse": pytest.approx(math.exp(0.6)), "relief": pytest.approx(math.exp(-0.6))}


def test_levels_and_positions_hold_in_both_polarities():
    found = window_log_ratios(_readings(treasury_volatility=100.0), CAUSES)
    assert not found.any()
    assert _by_cause(_readings(treasury_volatility=100.0))["balance_sheet"] == pytest.approx(0.3 * 50 / 29)


def test_a_release_speaks_for_the_triggers_it_may_bring_and_against_the_others():
    found = _by_cause(_readings(payrolls_or_cpi=1.0))
    assert found["growth"] == found["inflation"] > 0.2
    assert found["china"] == found["credit_bank"] == pytest.approx(found["fiscal"])
    assert found["china"] < 0
    model = trigger_model(CATALOGUE.evidence, MAP, CATALOGUE.causes, None, 3.0)
    told = item_log_ratios(model, _readings(payrolls_or_cpi=1.0), MAP, CATALOGUE.causes["china"], "adverse")
    assert told["payrolls_or_cpi"] < 0


def test_a_weight_on_a_trigger_moves_its_probability_and_no_share():
    dear = _readings(technology_valuation=79.0)
    usual = _by_cause(_readings())
    found = _by_cause(dear)
    assert found["megacap_valuation"] - usual["megacap_valuation"] == pytest.approx(0.3)
    assert {c: r for c, r in found.items() if c != "megacap_valuation"} == pytest.approx(
        {c: r for c, r in usual.items() if c != "megacap_valuation"}
    )
    none = np.zeros(len(MAP.outcomes))
    stated = {"megacap_valuation": 0.1}
    calm, told = (weigh_direct(r, CATALOGUE, CAUSES, None, 3.0).shares(none, stated) for r in (_readings(), dear))
    assert calm == told


def test_a_weight_on_a_trigger_is_judgement_beside_fitted_ones():
    late = CATALOGUE.causes["megacap_valuation"]
    fitted = weigh_direct(_readings(technology_valuation=108.0, results_season=1.0), CATALOGUE, [late], None, 3.0)
    assert {d.reading.item.id: d.basis for d in fitted.evidence(late, "adverse")} == {
        "technology_valuation": "judgement",
        "results_season": "judgement" if fitted.model.fitted is None else "fitted",
    }


def test_only_a_rise_of_margins_is_a_notice_that_forces():
    notices = CATALOGUE.indicators.scheduled["margin_notices"]
    events = CATALOGUE.events.tables["margin_notices"].events
    assert {e.details["direction"] for e in events if notices.counts(e)} == {"rise"}
    assert {e.details["direction"] for e in events if not notices.counts(e)} >= {"cut"}
