"""Running tiers: known by their package, and honest about what they can't score."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from selloff.errors import NotScoredError, ScorecardError
from selloff.scorecard import ScoreContext, run_scorecard, tier_ids
from selloff.scorecard.run import TIER_IDS, load_tier


def test_every_tier_answers_to_its_name():
    assert "human" in tier_ids()
    assert [load_tier(i).id for i in tier_ids()] == [i for i in TIER_IDS if i in tier_ids()]


def test_an_unknown_tier_names_the_known():
    with pytest.raises(ScorecardError, match=r"no tier 'astral'\. The tiers are .*human"):
        load_tier("astral")


def test_a_tier_without_its_file_fails_or_says_so(score_context: Callable[..., ScoreContext]):
    context = score_context(files={})
    with pytest.raises(NotScoredError, match="needs labels"):
        run_scorecard(["human"], context)
    found = run_scorecard(["human"], context, skip_unscored=True).to_dict()
    assert found["summary"].startswith("Not scored: The human tier needs labels.")
    assert found["rows"] == [] and "model" not in found
