"""Scrambling keeps sizes and units and takes the reason away; information is a divergence from the prior."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from scored import says_nothing, sure_of
from selloff.attribution.direct import DirectReading
from selloff.catalog import default_catalogue
from selloff.scorecard.controls.scramble import (
    added_information,
    added_to_shares,
    dealt_evidence,
    decided,
    flipped_signs,
    information,
    permuted_names,
    shuffled_in_time,
    with_sigmas,
)
from selloff.scorecard.synthetic.explained import inputs_of
from selloff.scorecard.synthetic.worlds import draw_world
from selloff.scorecard.weighing import sigmas_of, weigh

CATALOGUE = default_catalogue()
CAUSES, ASSETS = list(CATALOGUE.causes.values()), list(CATALOGUE.assets)
DAYS = [inputs_of(draw_world("one", i, CAUSES, ASSETS, 3), CATALOGUE) for i in range(4)]


def test_log_moves_follow_the_sigmas() -> None:
    day = DAYS[0]
    doubled = with_sigmas(day, 2 * sigmas_of(day))
    for asset, move in day.bound.items():
        assert doubled.bound[asset].log_move == pytest.approx(2 * move.log_move)
        assert doubled.bound[asset].series is move.series


def test_permuting_and_flipping_keep_the_sizes() -> None:
    before = sigmas_of(DAYS[1])
    permuted = sigmas_of(permuted_names(DAYS[1], np.random.default_rng(1)))
    flipped = sigmas_of(flipped_signs(DAYS[1], np.random.default_rng(1)))
    assert sorted(permuted) == pytest.approx(sorted(before)) and not np.allclose(permuted, before)
    assert np.abs(flipped) == pytest.approx(np.abs(before)) and (flipped != before).any()


def test_dealing_out_in_time_keeps_each_assets_moves() -> None:
    shuffled = shuffled_in_time(DAYS, np.random.default_rng(2))
    before = np.array([sigmas_of(d) for d in DAYS])
    after = np.array([sigmas_of(d) for d in shuffled])
    assert np.sort(after, axis=0) == pytest.approx(np.sort(before, axis=0))
    assert not np.allclose(before, after)


def test_information_is_zero_at_the_prior_and_the_divergence_elsewhere() -> None:
    prior = weigh(DAYS[2], CATALOGUE, says_nothing)
    assert information(prior) == pytest.approx(0.0, abs=1e-12) and decided(prior) == 0.0
    sure = weigh(DAYS[2], CATALOGUE, partial(sure_of, "growth"))
    slow = 0.0
    for cause in CAUSES:
        for p, q in ((0.999 if cause.id == "growth" else 0.001, cause.prior),):
            slow += p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))
    assert information(sure) == pytest.approx(slow)
    assert decided(sure) == 1.0


def told(number: int) -> tuple[DirectReading, ...]:
    return tuple(DirectReading(i, "present", float(number), None, float(number)) for i in CATALOGUE.evidence)


def test_dealt_evidence_is_always_another_days_and_each_is_given_once() -> None:
    days = [replace(d, readings=told(n)) for n, d in enumerate(DAYS)]
    for seed in range(5):
        dealt = dealt_evidence(days, np.random.default_rng(seed))
        givers = []
        for n, (day, before) in enumerate(zip(dealt, days, strict=True)):
            assert day.bound == before.bound
            assert {r.value for r in day.readings if r.item.from_prices} == {n}
            (giver,) = {r.value for r in day.readings if not r.item.from_prices}
            assert giver != n
            givers.append(giver)
        assert sorted(givers) == [0, 1, 2, 3]
    assert dealt_evidence(days[:1], np.random.default_rng(0)) == []


def test_what_is_added_is_a_divergence_from_the_answer_before() -> None:
    before = weigh(DAYS[0], CATALOGUE)
    after = weigh(replace(DAYS[0], readings=told(1)), CATALOGUE)
    assert added_information(before, before) == added_to_shares(before, before) == 0.0
    slow = sum(p * math.log(p / before.trigger_shares[k]) for k, p in after.trigger_shares.items() if p > 0)
    assert added_to_shares(after, before) == pytest.approx(slow) and slow > 0
    prior = weigh(DAYS[0], CATALOGUE, says_nothing)
    assert added_information(after, prior) == pytest.approx(information(after))
