"""Attribution of the synthetic world's windows: sums, statuses, quiet days, shares."""

from __future__ import annotations

import math
from dataclasses import astuple, replace

import numpy as np
import pytest

import worlds
from selloff.attribution.attribute import attribute
from selloff.catalog import default_catalogue
from selloff.scorecard.synthetic.explained import inputs_of
from selloff.scorecard.synthetic.worlds import draw_world
from selloff.scorecard.weighing import weigh

WINDOWS = [
    str(worlds.CRASH),
    str(worlds.CRYPTO_DAY),
    str(worlds.OIL_NEGATIVE),
    f"{worlds.CALM_FIRST}:{worlds.CALM_LAST}",
    "2019-08-12:2019-08-16",
    "2021-11-15",
    "2017-03-01:2017-03-28",
]


@pytest.mark.parametrize("when", WINDOWS)
def test_contributions_and_unexplained_add_to_the_log_move(explain_world, when):
    e = explain_world(when)
    tested = [c for c in e.attribution.causes if c.status != "not_testable"]
    assert tested
    for asset in e.assets:
        total = sum(c.contributions[asset] for c in tested) + e.attribution.unexplained_moves[asset]
        assert total == pytest.approx(e.move_of(asset).log_move, abs=1e-9)


@pytest.mark.parametrize("when", WINDOWS)
def test_trigger_shares_add_to_one(explain_world, when):
    a = explain_world(when).attribution
    assert math.fsum(a.trigger_shares.values()) == pytest.approx(1.0, abs=1e-12)
    assert all(0 <= share <= 1 for share in a.trigger_shares.values())
    assert {"other", "unknown"} < set(a.trigger_shares)
    triggers = {c.cause.id for c in a.causes if c.cause.role == "trigger"}
    assert set(a.trigger_shares) - {"other", "unknown"} == triggers


@pytest.mark.parametrize("when", WINDOWS)
def test_statuses_follow_their_rule(explain_world, when):
    for c in explain_world(when).attribution.causes:
        if c.status == "not_testable":
            assert c.missing
            assert (c.probability, c.low, c.high, c.main_share) == (None, None, None, None)
            assert c.contributions == {} and c.evidence_for == () and c.evidence_against == ()
            continue
        assert c.missing == ()
        assert c.low <= c.probability <= c.high
        if c.low > c.cause.prior and c.status == "undetermined":
            assert c.direct, "raised by prices alone, and not contributing"
        elif c.low > c.cause.prior:
            assert c.status in ("contributing", "leading")
        elif c.high < c.cause.prior / 2:
            assert c.status == "ruled_down"
        else:
            assert c.status == "undetermined"
        assert (c.main_share is None) == (c.cause.role != "trigger")


@pytest.mark.parametrize("when", WINDOWS)
def test_what_leads_is_what_the_structural_rule_says(explain_world, when):
    found = explain_world(when).attribution
    leading = {c.cause.id for c in found.causes if c.status == "leading"}
    assert leading == set(found.structural.leading)


def test_without_models_nothing_leads_and_nothing_is_said(world, store):
    from scored import NOW
    from selloff.scorecard import ScoreContext
    from selloff.scorecard.weighing import day_inputs, weigh

    context = ScoreContext(store, world.catalogue, world.sessions, NOW, seed=1)
    found = weigh(day_inputs(context, worlds.CRASH), world.catalogue)
    assert found.structural is None
    assert "leading" not in {c.status for c in found.causes}


@pytest.mark.parametrize("when", WINDOWS)
def test_a_cause_is_testable_when_each_requirement_is_met(explain_world, when):
    e = explain_world(when)
    have = set(e.assets) | {m.series.id for m in e.moves if m.log_move is not None}
    for c in e.attribution.causes:
        absent = [entry for entry in c.cause.requires if not set(entry) & have]
        if absent and c.status != "not_testable":
            # a required series need not be among the shown ones
            assert all(any(x in default_catalogue().series for x in entry) for entry in absent), c.cause.id
        if not absent:
            assert c.status != "not_testable", c.cause.id
        for requirement in c.missing:
            assert not set(requirement.any_of) & have


@pytest.mark.parametrize("when", WINDOWS)
def test_twins_are_mutual_and_of_one_role(explain_world, when):
    by_id = {c.cause.id: c for c in explain_world(when).attribution.causes}
    for c in by_id.values():
        for other in c.indistinguishable_from:
            assert c.cause.id in by_id[other].indistinguishable_from
            assert by_id[other].cause.role == c.cause.role
            assert by_id[other].status != "ruled_down"


@pytest.mark.parametrize("when", WINDOWS)
def test_evidence_is_what_the_signature_says(explain_world, when):
    """Each likelihood ratio is the cell's probability of what happened over the unconditional (0.35, 0.30, 0.35)."""
    e = explain_world(when)
    for c in e.attribution.causes:
        for item in (*c.evidence_for, *c.evidence_against):
            if item.kind != "sign":
                continue
            sigmas = e.move_of(item.asset).sigmas_slow
            bucket = 1 if abs(sigmas) < 0.5 else 0 if sigmas < 0 else 2
            cell = c.cause.signature[item.asset]
            p = cell.p[::-1] if e.attribution.polarity == "relief" and c.cause.mirror else cell.p
            assert item.observed == sigmas
            assert item.probability == p[bucket]
            assert item.likelihood_ratio == pytest.approx(p[bucket] / (0.35, 0.30, 0.35)[bucket])
            assert cell.sign != "?"
        assert all(i.likelihood_ratio > 1 for i in c.evidence_for)
        assert all(i.likelihood_ratio < 1 for i in c.evidence_against)


def _odds_over_prior(c) -> float:
    return c.probability / (1 - c.probability) / (c.cause.prior / (1 - c.cause.prior))


def test_a_calm_week_raises_nothing(explain_world):
    e = explain_world(f"{worlds.CALM_FIRST}:{worlds.CALM_LAST}")
    assert max(abs(m.sigmas_slow) for a in e.assets if (m := e.move_of(a))) < 0.5
    tested = [c for c in e.attribution.causes if c.probability is not None]
    assert {c.status for c in tested} <= {"undetermined", "ruled_down"}
    assert all(_odds_over_prior(c) < 2 for c in tested)


def test_a_calm_week_leaves_probabilities_near_their_priors(explain_world):
    e = explain_world(f"{worlds.CALM_FIRST}:{worlds.CALM_LAST}")
    tested = [c for c in e.attribution.causes if c.probability is not None]
    assert all(_odds_over_prior(c) > 0.25 for c in tested)
    assert "ruled_down" not in {c.status for c in tested}


def test_a_crypto_only_day_is_crypto_news(explain_world):
    e = explain_world(str(worlds.CRYPTO_DAY))
    by_id = {c.cause.id: c for c in e.attribution.causes}
    assert by_id["crypto_specific"].status == "contributing"
    assert by_id["crypto_specific"].contributions["btc"] < 0.5 * e.move_of("btc").log_move
    assert [c.cause.id for c in e.attribution.causes if c.status == "contributing"] == ["crypto_specific"]
    assert "crypto_leverage" in by_id["crypto_specific"].untested_lookalikes


def test_two_explanations_of_one_window_are_equal(explain_world, world, store):
    from conftest import NOW
    from selloff.explanation import explain

    again = explain(str(worlds.CRASH), store=store, catalogue=world.catalogue, sessions=world.sessions, now=NOW)
    first = explain_world(str(worlds.CRASH))
    assert again.to_json() == first.to_json()
    assert np.isfinite(astuple(first.attribution.unexplained)).all()


@pytest.mark.parametrize("index", range(3))
def test_the_order_of_assets_and_causes_does_not_matter(index, monkeypatch):
    """Probabilities, intervals, statuses and bands, seed and draws included."""
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 4)
    catalogue = default_catalogue()
    given = inputs_of(draw_world("two", index, list(catalogue.causes.values()), list(catalogue.assets), 3), catalogue)
    random = np.random.default_rng(index)
    bound, causes = list(given.bound.items()), list(catalogue.causes.items())
    random.shuffle(bound)
    random.shuffle(causes)
    one = weigh(given, catalogue)
    other = attribute(given.panel, given.window, dict(bound), replace(catalogue, causes=dict(causes)), given.available)
    assert [c.cause.id for c in other.causes] == [c for c, _ in causes]
    assert list(other.unexplained_moves) == [a for a, _ in bound]
    assert other.unexplained_moves == pytest.approx(one.unexplained_moves, abs=1e-9)
    assert astuple(other.unexplained) == pytest.approx(astuple(one.unexplained), abs=1e-9)
    assert (other.relief, other.unlisted) == pytest.approx((one.relief, one.unlisted), abs=1e-9)
    assert other.trigger_shares == pytest.approx(one.trigger_shares, abs=1e-9)
    first = {c.cause.id: c for c in one.causes}
    for c in other.causes:
        twin = first[c.cause.id]
        assert (c.status, c.silent) == (twin.status, twin.silent)
        assert set(c.indistinguishable_from) == set(twin.indistinguishable_from)
        assert (c.probability, c.low, c.high) == pytest.approx((twin.probability, twin.low, twin.high), abs=1e-9)
        assert c.contributions == pytest.approx(twin.contributions, abs=1e-9)
        for asset in given.bound:
            assert c.contribution_bands[asset] == pytest.approx(twin.contribution_bands[asset], abs=1e-9)
            assert astuple(c.if_active[asset]) == pytest.approx(astuple(twin.if_active[asset]), abs=1e-9)
