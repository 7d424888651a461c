"""What the tiers weigh is what `explain` weighs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

import worlds
from conftest import NOW
from selloff.panel.clock import morning_note
from selloff.scorecard import ScoreContext
from selloff.scorecard.weighing import day_inputs, weigh, without_evidence


@pytest.fixture
def context(store, world) -> ScoreContext:
    return ScoreContext(store=store, catalogue=world.catalogue, sessions=world.sessions, now=NOW)


@pytest.mark.parametrize("day", [worlds.CRASH, worlds.CRYPTO_DAY])
def test_a_weighed_day_says_what_explain_says(context, explain_world: Callable, day: date) -> None:
    given = day_inputs(context, day)
    assert given is not None and given.as_of == morning_note(day)
    ours, theirs = weigh(given, context.catalogue), explain_world(str(day)).attribution
    assert ours.trigger_shares == theirs.trigger_shares
    assert [(r.cause.id, r.probability) for r in ours.causes] == [(r.cause.id, r.probability) for r in theirs.causes]
    assert ours.readings == theirs.readings and ours.price_ratios == theirs.price_ratios


def test_an_item_left_out_is_gone_and_the_others_stay(context) -> None:
    whole, less = (day_inputs(context, worlds.CRASH, without) for without in ((), ("geopolitical_onset",)))
    assert whole is not None and less is not None
    assert [r for r in whole.readings if r.item.id != "geopolitical_onset"] == list(less.readings)
    assert len(less.readings) == len(whole.readings) - 1


def test_without_evidence_only_what_the_moves_say_is_left(context) -> None:
    given = day_inputs(context, worlds.CRASH)
    assert given is not None and any(not r.item.from_prices and r.standard for r in given.readings)
    for before, after in zip(given.readings, without_evidence(given).readings, strict=True):
        assert after.item == before.item
        assert after == before if before.item.from_prices else (after.status, after.standard) == ("missing", 0.0)
