"""What is left unexplained, under answers that tell where a shock came from and under answers that do not."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from selloff.scorecard.synthetic import unexplained
from selloff.scorecard.synthetic.outcome import Outcome

RANDOM = np.random.default_rng(3)


def outcomes(stated, true=1.0, raised=()) -> list[Outcome]:
    """Worlds with these stated shares; a cause is raised in those that are numbered."""
    blank = {f.name: np.nan for f in fields(Outcome)}
    return [
        Outcome(**blank | {"stated_unexplained": s, "true_unexplained": true, "any_raised": float(i in raised)})
        for i, s in enumerate(stated)
    ]


def verdicts(planted, outside) -> dict[str, str]:
    return {r.id: r.verdict for r in unexplained.rows(planted, outside, 1)}


@pytest.mark.parametrize(
    ("after_planted", "after_outside", "verdict"),
    [
        (RANDOM.uniform(0.1, 0.6, 38), RANDOM.uniform(0.4, 0.9, 60), "passed"),
        (RANDOM.uniform(0.4, 0.9, 38), RANDOM.uniform(0.1, 0.6, 60), "failed"),
        (np.tile([0.4, 0.6], 19), np.tile([0.4, 0.6], 30), "open"),
        (np.full(38, 0.7), np.full(60, 0.7), "failed"),
    ],
)
def test_only_a_share_that_is_larger_outside_the_menu_passes(after_planted, after_outside, verdict):
    """One share for all worlds tells nothing and fails, however large."""
    assert verdicts(outcomes(after_planted), outcomes(after_outside))["unexplained_auc"] == verdict


def test_means_stand_beside_the_truth():
    planted, outside = outcomes(RANDOM.normal(0.5, 0.05, 38), true=0.3), outcomes([0.8, 0.9, 1.0])
    rows = {r.id: r for r in unexplained.rows(planted, outside, 1)}
    assert rows["unexplained_stated_outside"].value.mid == pytest.approx(0.9)
    assert rows["unexplained_stated_one"].note == "the true mean is 0.300"
    bias = rows["unexplained_bias_one"]
    assert (bias.verdict, bias.value.mid) == ("failed", pytest.approx(rows["unexplained_stated_one"].value.mid - 0.3))
    right = outcomes(RANDOM.normal(0.3, 0.05, 38), true=0.3)
    assert verdicts(right, outside)["unexplained_bias_one"] == "passed"


@pytest.mark.parametrize(("n_raised", "verdict"), [(0, "passed"), (1, "passed"), (6, "open"), (20, "failed")])
def test_a_cause_may_be_raised_in_one_of_ten_worlds_outside_the_menu(n_raised, verdict):
    outside = outcomes(np.full(60, 0.9), raised=range(n_raised))
    planted = outcomes(np.full(38, 0.5), raised=range(38))
    assert verdicts(planted, outside)["raised_outside"] == verdict


def test_without_worlds_there_are_no_rows():
    assert unexplained.rows([], [], 1) == []
    assert set(verdicts([], outcomes([1.0]))) == {"unexplained_stated_outside", "raised_outside"}
