"""Draws of contributions: their mean is the method's own, they add up, and a rejection sampler agrees."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.attribution.combinations import combinations
from selloff.attribution.posterior import posterior
from selloff.attribution.signature import signatures
from selloff.catalog import ROLES, default_catalogue
from selloff.scorecard.synthetic.contributions import draw_contributions

CATALOGUE = default_catalogue()
CAUSES = [CATALOGUE.causes[i] for i in ("growth", "policy_tightening", "flight_to_quality")]
ASSETS = ["spx", "us10y"]
CORRELATION = np.array([[1.0, 0.3], [0.3, 1.0]])
SIGMAS = np.array([-1.2, 0.8])


def drawn(n: int) -> tuple[np.ndarray, np.ndarray]:
    return draw_contributions(SIGMAS, CAUSES, ASSETS, "adverse", CORRELATION, np.zeros(3), n, 5)


def test_the_mean_of_the_draws_is_the_posterior_mean() -> None:
    exact = posterior(
        SIGMAS,
        signatures(CAUSES, ASSETS, "adverse"),
        combinations(CAUSES),
        np.array([c.prior for c in CAUSES]),
        np.array([ROLES.index(c.role) for c in CAUSES]),
        np.zeros(3),
        CORRELATION,
        seed=1,
    )
    draws, active = drawn(40000)
    assert np.abs(draws.mean(axis=0) - exact.contribution).max() < 0.03
    assert active.mean(axis=0) == pytest.approx(exact.probability, abs=0.02)
    assert not draws[active[:, 0] == 0, 0].any()


def test_the_draws_are_what_rejection_sampling_keeps() -> None:
    """Draw causes, intensity, contributions and noise from the model; keep what lands near the moves."""
    from selloff.attribution.likelihood import (
        DEGREES_OF_FREEDOM as NU,
    )
    from selloff.attribution.likelihood import (
        INTENSITIES,
        INTENSITY_VARIANCE,
        INTENSITY_WEIGHTS,
    )

    random = np.random.default_rng(3)
    n = 500_000
    sets, table = combinations(CAUSES), signatures(CAUSES, ASSETS, "adverse")
    mean, variance = table.moments()
    active = sets.active[random.choice(len(sets.active), n, p=np.exp(sets.log_prior))].astype(float)
    g = random.choice(INTENSITIES, n, p=INTENSITY_WEIGHTS)
    mixing = np.sqrt(NU / random.chisquare(NU, n))
    common = np.sqrt(INTENSITY_VARIANCE) * random.standard_normal((n, 3))[..., None] * mean
    spread = common + np.sqrt(variance) * random.standard_normal((n, 3, 2))
    each = (g[:, None] * active)[..., None] * (mean + mixing[:, None, None] * spread)
    noise = random.standard_normal((n, 2)) @ np.linalg.cholesky(CORRELATION).T
    noise *= (mixing * np.sqrt((NU - 2) / NU * (1 + g**2)))[:, None]
    kept = np.linalg.norm(each.sum(axis=1) + noise - SIGMAS, axis=1) < 0.2
    assert kept.sum() > 1500
    draws, _ = drawn(20000)
    slow, ours = each[kept].sum(axis=1), draws.sum(axis=1)
    for q in (0.1, 0.5, 0.9):
        assert np.quantile(ours, q, axis=0) == pytest.approx(np.quantile(slow, q, axis=0), abs=0.15)
