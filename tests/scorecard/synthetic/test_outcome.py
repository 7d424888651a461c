"""A world's scores under methods that pretend: one that knows what was planted, and one that says the opposite."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from selloff.attribution import Amount, Attribution, attribute
from selloff.catalog import default_catalogue
from selloff.scorecard.synthetic.outcome import score_world
from selloff.scorecard.synthetic.worlds import World, draw_world

CATALOGUE = default_catalogue()
CAUSES = list(CATALOGUE.causes.values())
WORLD = draw_world("two", 0, CAUSES, list(CATALOGUE.assets), 4)


@pytest.fixture(scope="module")
def real() -> tuple:
    """The arguments and the answer of the real method on the world, once."""
    kept = []

    def method(*arguments) -> Attribution:
        kept.append((arguments, attribute(*arguments)))
        return kept[-1][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
        score_world(WORLD, CATALOGUE, method, 0, 1)
    return kept[0]


def scored(found: Attribution, world: World = WORLD):
    return score_world(world, CATALOGUE, lambda *_: found, 0, 1)


def knowing(found: Attribution, p: float) -> Attribution:
    """What was planted has this probability, all else its complement; nothing is in a set but by itself."""
    causes = tuple(
        replace(r, probability=p if r.cause.id in WORLD.planted else 1.0 - p, indistinguishable_from=())
        for r in found.causes
    )
    share = {
        k: (p / 2 if k in WORLD.planted else (1.0 - p) / (len(found.trigger_shares) - 2)) for k in found.trigger_shares
    }
    return replace(found, causes=causes, trigger_shares=share)


def test_knowing_gains_and_the_opposite_loses_by_the_squares_of_the_errors(real):
    _, found = real
    truth = np.array([float(c.id in WORLD.planted) for c in CAUSES])
    prior = np.array([c.prior for c in CAUSES])
    for p in (0.99, 0.01):
        stated = np.where(truth == 1.0, p, 1.0 - p)
        outcome = scored(knowing(found, p))
        assert outcome.brier_gain == pytest.approx(np.mean((prior - truth) ** 2 - (stated - truth) ** 2))
        assert outcome.excess_active == pytest.approx(stated.sum() - 2.0)
    # with p = 0.99 the most probable trigger is one of the two; the other is in no set, since none is told alike
    outcome = scored(knowing(found, 0.99))
    assert (outcome.in_set, outcome.set_size) == (0.5, 1.0)
    assert scored(knowing(found, 0.01)).in_set == 0.0
    assert outcome.log_score == pytest.approx(np.log(0.495)) and outcome.gain > 0.0


def test_news_outside_the_menu_makes_unknown_the_true_trigger(real):
    """The same answer, scored on a world whose moves an unlisted shock made."""
    _, found = real
    outside = replace(WORLD, unlisted=True, contributions=np.zeros_like(WORLD.contributions))
    shares = dict.fromkeys(found.trigger_shares, 0.0) | {"other": 0.5, "unknown": 0.3, WORLD.planted[0]: 0.2}
    outcome = scored(replace(found, trigger_shares=shares), outside)
    assert outcome.log_score == pytest.approx(np.log(0.8))
    assert np.isnan(outcome.amount_covered_90)


@pytest.mark.parametrize(("half", "in_68", "in_90"), [(0.5, 1.0, 1.0), (1.5, 0.0, 1.0), (2.5, 0.0, 0.0)])
def test_each_band_of_an_amount_is_scored_by_its_own_ends(real, half, in_68, in_90):
    """Bands of ± 1 and ± 2 round a number that is `half` away from what the planted cause moved."""
    (_, _, bound, *_), found = real
    unit = {a: (m.log_move / move if move else 1.0) for (a, m), move in zip(bound.items(), WORLD.move, strict=True)}
    moved = {c.id: dict(zip(bound, row, strict=True)) for c, row in zip(CAUSES, WORLD.contributions, strict=True)}
    causes = []
    for r in found.causes:
        at = {a: moved[r.cause.id][a] * unit[a] + half for a in bound}
        causes.append(
            replace(r, if_active={a: Amount(x, x, x - 2.0, x + 2.0, x - 1.0, x + 1.0) for a, x in at.items()})
        )
    outcome = scored(replace(found, causes=tuple(causes)))
    assert (outcome.amount_covered_68, outcome.amount_covered_90) == (in_68, in_90)


def test_each_band_of_the_unexplained_share_is_scored_by_its_own_ends(real):
    _, found = real
    whole, none = Amount(0.5, 0.5, 0.0, 1.0, 0.0, 1.0), Amount(0.5, 0.5, 0.0, 1.0, 2.0, 2.0)
    for left, expected in ((whole, (1.0, 1.0)), (none, (0.0, 1.0))):
        outcome = scored(replace(found, unexplained=left))
        assert (outcome.unexplained_covered_68, outcome.unexplained_covered_90) == expected


def test_the_stated_share_is_the_mean_that_the_report_states_and_the_true_one_is_one_outside_the_menu(real):
    _, found = real
    stated = replace(found, unexplained=Amount(0.37, 0.35, 0.0, 1.0, 0.1, 0.9))
    outside = replace(WORLD, unlisted=True, contributions=np.zeros_like(WORLD.contributions))
    assert scored(stated).stated_unexplained == scored(stated, outside).stated_unexplained == 0.37
    assert scored(stated, outside).true_unexplained == 1.0 > scored(stated).true_unexplained > 0.0


@pytest.mark.parametrize(
    ("status", "raised"), [("leading", 1.0), ("contributing", 1.0), ("undetermined", 0.0), ("ruled_down", 0.0)]
)
def test_one_cause_that_is_raised_makes_a_world_one_in_which_a_cause_is_raised(real, status, raised):
    _, found = real
    causes = tuple(replace(r, status=status if i == 3 else "undetermined") for i, r in enumerate(found.causes))
    assert scored(replace(found, causes=causes)).any_raised == raised
