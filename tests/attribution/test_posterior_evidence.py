"""Direct evidence in the posterior, and what its constants have to agree with."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selloff.attribution.combinations import combinations
from selloff.attribution.contribution_draws import unexplained_share
from selloff.attribution.likelihood import INTENSITY_VARIANCE, INTENSITY_WEIGHTS
from selloff.attribution.posterior import Posterior, posterior
from selloff.attribution.signature import SIZE_SPREAD, signatures
from selloff.catalog import ROLES, default_catalogue
from selloff.scorecard.synthetic.worlds import SPREAD

CATALOGUE = default_catalogue()
CAUSES = [CATALOGUE.causes[i] for i in ("growth", "policy_tightening", "flight_to_quality", "dash_for_cash")]
PRIOR = np.array([c.prior for c in CAUSES])
ROLE = np.array([ROLES.index(c.role) for c in CAUSES])
OTHER = 0.35


def told(ratio: np.ndarray) -> Posterior:
    """Direct evidence alone, without a single move."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
        return posterior(
            np.empty(0), signatures(CAUSES, [], "adverse"), combinations(CAUSES), PRIOR, ROLE, np.zeros(4),
            np.empty((0, 0)), seed=1, other=OTHER, evidence_log_ratio=ratio,
        )  # fmt: skip


def test_without_moves_the_bayes_factor_is_that_of_direct_evidence():
    ratio = np.log([3.0, 0.5, 1.0, 2.0])
    assert told(ratio).log_factor == pytest.approx(ratio, abs=1e-9)


@pytest.mark.parametrize("factor", [1.0, 20.0])
def test_direct_evidence_on_a_trigger_leaves_news_outside_the_menu_as_likely_as_it_was(factor):
    """Its prior is `other` against the stated priors of the triggers, times the chance that anything happened."""
    triggers = sum(c.prior for c in CAUSES if c.role == "trigger")
    found = told(np.array([math.log(factor), 0.0, 0.0, 0.0])).unlisted
    outside, quiet = OTHER / (OTHER + triggers), INTENSITY_WEIGHTS[0]
    assert found == pytest.approx((1 - quiet) * outside / (quiet + 1 - quiet))


def test_cells_and_causes_vary_as_much_as_drawn_worlds_have_it():
    """Strength of a cause and size of a cell: lognormal with variance 1/4 in worlds, 1/4 in the likelihood."""
    assert np.exp(SPREAD**2) - 1.0 == pytest.approx(INTENSITY_VARIANCE) == pytest.approx(SIZE_SPREAD**2)
    assert INTENSITY_VARIANCE == 0.25


def test_too_much_of_one_asset_does_not_make_up_for_too_little_of_another():
    sigmas = np.array([-2.0, 1.0])
    assert unexplained_share(sigmas, np.array([-3.0, 0.25])) == pytest.approx((2.0 * 1.0 + 1.0 * 0.75) / 5.0)
