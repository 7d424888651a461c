"""Scrambling keeps sizes and units and takes the reason away; information is a divergence from the prior."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from scored import says_nothing, sure_of
from selloff.catalog import default_catalogue
from selloff.scorecard.controls.scramble import (
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
