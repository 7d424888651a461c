"""Draws of contributions: their mean is the method's own, and a rejection sampler agrees."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.attribution.combinations import combinations
from selloff.attribution.components import components
from selloff.attribution.contribution_draws import ContributionDraws, amounts, systematic, unexplained_share
from selloff.attribution.if_active import draw_if_active
from selloff.attribution.likelihood import DEGREES_OF_FREEDOM as NU
from selloff.attribution.likelihood import INTENSITIES, INTENSITY_VARIANCE, INTENSITY_WEIGHTS, cells_of, fit
from selloff.attribution.noise_growth import learn_noise_growth
from selloff.attribution.posterior import Posterior, posterior
from selloff.attribution.signature import signatures
from selloff.attribution.unlisted import OPEN_VARIANCE
from selloff.catalog import ROLES, default_catalogue

CATALOGUE = default_catalogue()
CAUSES = [CATALOGUE.causes[i] for i in ("growth", "policy_tightening", "flight_to_quality")]
ASSETS = ["spx", "us10y"]
CORRELATION = np.array([[1.0, 0.3], [0.3, 1.0]])
SIGMAS = np.array([-1.2, 0.8])
OTHER = 0.35


def weighed(n: int, mirrored: np.ndarray | None = None, growths: tuple[float, ...] | None = None) -> Posterior:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("selloff.attribution.posterior.N_DRAWS", n)
        patch.setattr("selloff.attribution.if_active.N_COMPONENTS", n // 5)
        if growths is not None:
            patch.setattr("selloff.attribution.noise_growth.GROWTHS", np.array(growths))
        return posterior(
            SIGMAS,
            signatures(CAUSES, ASSETS, "adverse"),
            combinations(CAUSES),
            np.array([c.prior for c in CAUSES]),
            np.array([ROLES.index(c.role) for c in CAUSES]),
            np.zeros(3),
            CORRELATION,
            seed=5,
            other=OTHER,
            mirrored=mirrored,
        )


def test_the_mean_of_the_draws_is_the_posterior_mean() -> None:
    found = weighed(40000)
    assert np.abs(found.draws.values.mean(axis=0) - found.contribution).max() < 0.03
    assert found.draws.active.mean(axis=0) == pytest.approx(found.probability, abs=0.02)
    assert not found.draws.values[~found.draws.active[:, 0], 0].any()


@pytest.mark.parametrize("mirrored", [None, np.array([True, False, True])])
def test_the_draws_are_what_rejection_sampling_keeps(mirrored: np.ndarray | None) -> None:
    """Draw polarity, causes, intensity, contributions, unlisted news and noise from the model; keep what lands near the
    moves. With noise that grows as fast as the intensity, since sets are weighed with that."""
    random = np.random.default_rng(3)
    n = 500_000
    sets, table = combinations(CAUSES), signatures(CAUSES, ASSETS, "adverse")
    mean, variance = table.moments()
    root = np.linalg.cholesky(CORRELATION)
    active = sets.active[random.choice(len(sets.active), n, p=np.exp(sets.log_prior))].astype(float)
    g = random.choice(INTENSITIES, n, p=INTENSITY_WEIGHTS)
    mixing = np.sqrt(NU / random.chisquare(NU, n))
    unlisted = random.random(n) < OTHER / (OTHER + sum(c.prior for c in CAUSES if c.role == "trigger"))
    relief = random.random(n) < (0.0 if mirrored is None else 0.5)
    mean = np.where(relief[:, None] & (mirrored if mirrored is not None else False), -1.0, 1.0)[..., None] * mean
    common = np.sqrt(INTENSITY_VARIANCE) * random.standard_normal((n, 3))[..., None] * mean
    spread = common + np.sqrt(variance) * (random.standard_normal((n, 3, 2)) @ root.T)
    each = (g[:, None] * active * ~unlisted[:, None])[..., None] * (mean + mixing[:, None, None] * spread)
    apart = (unlisted * g * mixing)[:, None] * np.sqrt(OPEN_VARIANCE) * random.standard_normal((n, 2))
    noise = random.standard_normal((n, 2)) @ root.T
    noise *= (mixing * np.sqrt((NU - 2) / NU * (1 + g**2)))[:, None]
    kept = np.linalg.norm(each.sum(axis=1) + apart + noise - SIGMAS, axis=1) < 0.2
    assert kept.sum() > 1500
    found = weighed(20000, mirrored, growths=(1.0,))
    assert found.relief == pytest.approx(relief[kept].mean(), abs=0.04)
    slow, ours = each[kept].sum(axis=1), found.draws.values.sum(axis=1)
    for q in (0.05, 0.16, 0.5, 0.84, 0.95):
        assert np.quantile(ours, q, axis=0) == pytest.approx(np.quantile(slow, q, axis=0), abs=0.15)
    assert found.unlisted == pytest.approx(np.mean(unlisted[kept] & (g[kept] > 0)), abs=0.04)
    assert found.probability == pytest.approx(active[kept].mean(axis=0), abs=0.04)


def test_bands_are_quantiles_of_the_draws_and_the_narrow_one_lies_inside() -> None:
    found = weighed(999).draws
    low, high = found.bands()[90]
    inside = (found.values >= low) & (found.values <= high)
    assert (inside.mean(axis=0) >= 0.89).all()
    narrow_low, narrow_high = found.bands()[68]
    assert (narrow_low >= low).all() and (narrow_high <= high).all()


def test_systematic_resampling_gives_each_row_its_share_to_within_one() -> None:
    weights = np.random.default_rng(1).dirichlet(np.ones(9))
    counts = np.bincount(systematic(weights, 200, np.random.default_rng(2)), minlength=9)
    assert counts.sum() == 200
    assert (np.abs(counts - 200 * weights) < 1).all()


@pytest.mark.parametrize(("part", "share"), [(0.0, 1.0), (0.25, 0.75), (1.0, 0.0), (2.0, 1.0)])
def test_unexplained_share(part: float, share: float) -> None:
    sigmas = np.array([-2.0, 1.0])
    assert unexplained_share(sigmas, part * sigmas) == pytest.approx(share)
    draws = ContributionDraws((part * sigmas)[None, None], np.ones((1, 1), dtype=bool))
    assert draws.unexplained(sigmas).mean == pytest.approx(share)


def test_what_a_cause_moved_if_it_was_at_work_is_what_it_moved_in_the_draws_in_which_it_was() -> None:
    found = weighed(60000)
    seen = np.abs(found.draws.values).sum(axis=(1, 2)) > 0
    for cause in range(3):
        among = found.draws.values[seen & found.draws.active[:, cause], cause]
        assert len(among) > 2000
        for q in (0.05, 0.16, 0.5, 0.84, 0.95):
            expected = np.quantile(among, q, axis=0)
            assert np.quantile(found.if_active[cause], q, axis=0) == pytest.approx(expected, abs=0.12)


def test_a_cause_that_the_moves_exclude_has_its_prior_sets() -> None:
    """With no posterior weight on any set, sets are drawn by their prior and contributions are still told."""
    sets, table = combinations(CAUSES), signatures(CAUSES, ASSETS, "adverse")
    parts, cells = components(sets), cells_of(table, CORRELATION, np.ones((1, 3)))
    fastest = fit(SIGMAS, parts.active, parts.intensity, cells, CORRELATION)
    prior = np.exp(parts.log_prior)[None]

    def drawn(listed: np.ndarray) -> np.ndarray:
        growth = learn_noise_growth(SIGMAS, parts, fastest, prior, cells, CORRELATION)
        return draw_if_active(SIGMAS, cells, CORRELATION, parts, listed, growth, np.random.default_rng(7))

    assert drawn(np.zeros_like(prior)) == pytest.approx(drawn(prior))


def test_amounts_are_the_mean_the_median_and_two_bands_of_each_column() -> None:
    draws = np.random.default_rng(8).standard_normal((5001, 2)) * [1.0, 3.0]
    for column, amount in zip(draws.T, amounts(draws), strict=True):
        assert amount.mean == pytest.approx(column.mean())
        assert amount.mid == np.median(column)
        found = [amount.low, amount.low_68, amount.high_68, amount.high]
        assert found == np.quantile(column, [0.05, 0.16, 0.84, 0.95]).tolist()
