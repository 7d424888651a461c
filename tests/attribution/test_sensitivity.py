"""Intervals of probabilities against the posterior itself, weighed anew with each draw's cells and priors."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.attribution.combinations import combinations
from selloff.attribution.components import log_odds
from selloff.attribution.hypothesis_draws import hypothesis_draws
from selloff.attribution.posterior import Posterior, posterior
from selloff.attribution.signature import Signatures, signatures
from selloff.catalog import ROLES, default_catalogue

CATALOGUE = default_catalogue()
CAUSES = [CATALOGUE.causes[i] for i in ("growth", "policy_tightening", "flight_to_quality", "dash_for_cash")]
ASSETS = ["spx", "gold", "us10y"]
PRIOR = np.array([c.prior for c in CAUSES])
CORRELATION = np.array([[1.0, 0.2, 0.4], [0.2, 1.0, -0.1], [0.4, -0.1, 1.0]])
SEED = 3


def weigh(sigmas: np.ndarray, assets: list[str], table: Signatures, shift: np.ndarray) -> Posterior:
    return posterior(
        sigmas=sigmas,
        table=table,
        sets=combinations(CAUSES),
        prior=PRIOR,
        roles=np.array([ROLES.index(c.role) for c in CAUSES]),
        moves_log_ratio=np.zeros(len(CAUSES)),
        correlation=CORRELATION[: len(assets), : len(assets)],
        seed=SEED,
        other=0.35,
        evidence_log_ratio=shift,
    )


def test_an_interval_is_the_mean_odds_of_the_draws_and_1_645_deviations(monkeypatch: pytest.MonkeyPatch):
    """A draw's cells in the place of the table, and its priors by odds that are shifted as evidence shifts them."""
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 12)
    monkeypatch.setattr("selloff.attribution.sensitivity.KEPT_MASS", 1.0 - 1e-9)
    sigmas, table, nothing = np.array([-3.0, 0.5, -2.0]), signatures(CAUSES, ASSETS, "adverse"), np.zeros(len(CAUSES))
    found = weigh(sigmas, ASSETS, table, nothing)
    draws = list(hypothesis_draws(table))
    odds = np.array([log_odds(weigh(sigmas, ASSETS, drawn, shift).probability) for drawn, shift in draws])
    low, high = odds.mean(axis=0) - 1.645 * odds.std(axis=0), odds.mean(axis=0) + 1.645 * odds.std(axis=0)
    own = log_odds(found.probability)
    # sets are cut off at two triggers and one premium, which shifted priors feel a little
    assert log_odds(found.low) == pytest.approx(np.minimum(low, own), abs=0.03)
    assert log_odds(found.high) == pytest.approx(np.maximum(high, own), abs=0.03)


def test_without_data_an_interval_is_that_of_the_prior_odds_alone(monkeypatch: pytest.MonkeyPatch):
    """Normal log odds with a standard deviation of one half: 1.645 halves on either side, even with few draws, since
    their mean square is that of the normal. Sets are cut off, which shifted priors feel a little."""
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 40)
    found = weigh(np.empty(0), [], signatures(CAUSES, [], "adverse"), np.zeros(len(CAUSES)))
    assert log_odds(found.low) == pytest.approx(log_odds(PRIOR) - 1.645 * 0.5, abs=0.03)
    assert log_odds(found.high) == pytest.approx(log_odds(PRIOR) + 1.645 * 0.5, abs=0.03)


def test_a_corrected_price_moves_an_interval_by_no_more_than_it_says():
    """A thousandth of a sigma; draws from a seed of the moves would shift ends by 0.07 in log odds."""
    table = signatures(CAUSES, ASSETS, "adverse")
    sigmas = np.array([-3.0, 0.5, -2.0])
    one, other = (weigh(s, ASSETS, table, np.zeros(len(CAUSES))) for s in (sigmas, sigmas + 1e-3))
    for a, b in ((one.low, other.low), (one.high, other.high)):
        assert np.abs(log_odds(a) - log_odds(b)).max() < 2e-3


@pytest.mark.parametrize("kept", [0.3, 0.995])
def test_without_a_perturbation_there_is_no_interval_however_few_components_are_weighed_anew(monkeypatch, kept):
    """Those that are not keep their weight, so the odds are the posterior's own."""

    def unchanged(table: Signatures):
        yield from [(table, np.zeros(len(CAUSES)))] * 2

    monkeypatch.setattr("selloff.attribution.sensitivity.hypothesis_draws", unchanged)
    monkeypatch.setattr("selloff.attribution.sensitivity.KEPT_MASS", kept)
    found = weigh(np.array([-3.0, 0.5, -2.0]), ASSETS, signatures(CAUSES, ASSETS, "adverse"), np.zeros(len(CAUSES)))
    assert found.low == pytest.approx(found.probability, rel=1e-9)
    assert found.high == pytest.approx(found.probability, rel=1e-9)
