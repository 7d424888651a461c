"""The posterior: what it must do when data say nothing, when causes are planted, and when assets are reordered."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pytest
from scipy.stats import binom

from selloff.attribution.combinations import combinations
from selloff.attribution.posterior import Posterior, posterior
from selloff.attribution.signature import signatures
from selloff.catalog import ROLES, default_catalogue

CATALOGUE = default_catalogue()
ASSETS = list(CATALOGUE.assets)
CAUSES = [
    c
    for c in CATALOGUE.causes.values()
    if c.id not in {"reserve_scarcity", "crypto_leverage", "geopolitics", "crowded_metals", "china", "fiscal"}
]
PRIOR = np.array([c.prior for c in CAUSES])
SETS = combinations(CAUSES)
OTHER = 0.35


@pytest.fixture(scope="module", autouse=True)
def _few_draws() -> Iterator[None]:
    """The sensitivity draws cost most of the time and enter no number tested here but their bounds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
        yield


def weigh(sigmas: np.ndarray, assets: list[str], correlation: np.ndarray, polarity="adverse", seed=1) -> Posterior:
    return posterior(
        sigmas=sigmas,
        table=signatures(CAUSES, assets, polarity),
        sets=SETS,
        prior=PRIOR,
        roles=np.array([ROLES.index(c.role) for c in CAUSES]),
        moves_log_ratio=np.zeros(len(CAUSES)),
        correlation=correlation,
        seed=seed,
        other=OTHER,
    )


def _correlation(n: int, seed: int = 0) -> np.ndarray:
    loadings = np.random.default_rng(seed).standard_normal((n, 2))
    covariance = loadings @ loadings.T + np.eye(n)
    root = np.sqrt(np.diag(covariance))
    return covariance / np.outer(root, root)


def test_without_assets_probabilities_are_the_priors():
    found = weigh(np.empty(0), [], np.empty((0, 0)))
    np.testing.assert_allclose(found.probability, PRIOR, rtol=1e-12)


def test_without_causes_there_is_nothing_to_weigh():
    found = posterior(
        sigmas=np.array([-1.0, 2.0]),
        table=signatures([], ["spx", "gold"], "adverse"),
        sets=combinations([]),
        prior=np.empty(0),
        roles=np.empty(0, dtype=np.int64),
        moves_log_ratio=np.empty(0),
        correlation=np.eye(2),
        seed=1,
        other=OTHER,
    )
    assert found.probability.size == found.if_active.size == 0
    assert found.draws.unexplained(np.array([-1.0, 2.0])).mean == 1.0


def test_open_cells_alone_prove_nothing_about_direction():
    """Only gold, for which growth says nothing: a fall and a rise of the same size give growth the same posterior."""
    growth = next(i for i, c in enumerate(CAUSES) if c.id == "growth")
    assert CAUSES[growth].signature["gold"].sign == "?"
    only = [c for c in CAUSES if c.signature["gold"].sign == "?"]
    args = {
        "table": signatures(only, ["gold"], "adverse"),
        "sets": combinations(only),
        "prior": np.array([c.prior for c in only]),
        "roles": np.array([ROLES.index(c.role) for c in only]),
        "moves_log_ratio": np.zeros(len(only)),
        "correlation": np.ones((1, 1)),
        "seed": 1,
        "other": OTHER,
    }
    down, up = posterior(sigmas=np.array([-4.0]), **args), posterior(sigmas=np.array([4.0]), **args)
    np.testing.assert_allclose(down.probability, up.probability, rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_order_of_assets_does_not_matter(seed):
    random = np.random.default_rng(seed)
    correlation, sigmas = _correlation(len(ASSETS), seed), random.standard_t(3, len(ASSETS)) * 2
    order = random.permutation(len(ASSETS))
    one = weigh(sigmas, ASSETS, correlation)
    other = weigh(sigmas[order], [ASSETS[i] for i in order], correlation[np.ix_(order, order)])
    np.testing.assert_allclose(one.probability, other.probability, atol=1e-9)
    np.testing.assert_allclose(one.contribution[:, order], other.contribution, atol=1e-9)


def _mirrored(moves: np.ndarray, polarity="adverse", both: bool = False) -> Posterior:
    """Causes with a mirror alone, in one polarity or in both."""
    mirrored = [c for c in CATALOGUE.causes.values() if c.mirror and c.id != "geopolitics"]
    assert len(mirrored) >= 8
    return posterior(
        sigmas=moves,
        table=signatures(mirrored, ASSETS, polarity),
        sets=combinations(mirrored),
        prior=np.array([c.prior for c in mirrored]),
        roles=np.array([ROLES.index(c.role) for c in mirrored]),
        moves_log_ratio=np.zeros(len(mirrored)),
        correlation=_correlation(len(ASSETS)),
        seed=2,
        other=OTHER,
        mirrored=np.ones(len(mirrored), dtype=bool) if both else None,
    )


def test_relief_of_mirrored_causes_is_the_mirror_image():
    """With mirrored causes only, turning every move round and the polarity too changes nothing."""
    sigmas = np.random.default_rng(4).standard_normal(len(ASSETS)) * 3
    fall, rise = _mirrored(sigmas, "adverse"), _mirrored(-sigmas, "relief")
    np.testing.assert_allclose(fall.probability, rise.probability, atol=1e-9)
    np.testing.assert_allclose(fall.contribution, -rise.contribution, atol=1e-9)


def test_a_window_turned_round_is_as_much_a_relief_as_it_was_adverse():
    """Both polarities weighed: the same probabilities, everything else turned over."""
    growth = CATALOGUE.causes["growth"]
    sigmas = 3 * signatures([growth], ASSETS, "adverse").moments()[0][0] + 0.3
    fall, rise = _mirrored(sigmas, both=True), _mirrored(-sigmas, both=True)
    assert fall.relief < 0.5
    assert rise.relief == pytest.approx(1.0 - fall.relief)
    np.testing.assert_allclose(fall.probability, rise.probability, atol=1e-9)
    np.testing.assert_allclose(fall.contribution, -rise.contribution, atol=1e-9)


def test_causes_without_a_mirror_keep_their_signs_in_relief():
    for cause in CATALOGUE.causes.values():
        adverse = signatures([cause], ASSETS, "adverse").moments()[0]
        relief = signatures([cause], ASSETS, "relief").moments()[0]
        np.testing.assert_allclose(relief, -adverse if cause.mirror else adverse, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_shapes_and_bounds(seed):
    sigmas = np.random.default_rng(seed).standard_t(3, len(ASSETS)) * 4
    found = weigh(sigmas, ASSETS, _correlation(len(ASSETS), seed))
    assert ((found.probability > 0) & (found.probability < 1)).all()
    assert ((found.low > 0) & (found.low <= found.probability)).all()
    assert ((found.high < 1) & (found.high >= found.probability)).all()
    assert 0 <= found.unlisted <= 1
    assert 0 <= found.draws.unexplained(sigmas).mean <= 1


@lru_cache
def _planted(cause_id: str, seed: int) -> float:
    """Posterior over prior odds of a cause whose own signature, at intensity 6 with t noise, made the moves."""
    row = next(i for i, c in enumerate(CAUSES) if c.id == cause_id)
    random = np.random.default_rng([seed, row])
    table = signatures(CAUSES, ASSETS, "adverse")
    correlation = _correlation(len(ASSETS), seed)
    signs = np.array([random.choice([-1.0, 0.0, 1.0], p=table.p[row, a]) for a in range(len(ASSETS))])
    sizes = table.size[row] * np.exp(random.normal(0.0, 0.3, len(ASSETS)))
    noise = np.linalg.cholesky(correlation) @ random.standard_normal(len(ASSETS))
    noise /= math.sqrt(random.chisquare(8) / 8)
    found = weigh(6.0 * signs * sizes + noise, ASSETS, correlation, seed=seed)
    p, prior = found.probability[row], PRIOR[row]
    return float(p / (1 - p) / (prior / (1 - prior)))


SEEDS = range(8)


@pytest.mark.parametrize("cause_id", [c.id for c in CAUSES])
def test_a_planted_cause_rises_above_its_prior(cause_id):
    """Moves are drawn from the cause's own cells, so on average the data favour it; signs are drawn too, so now and
    then they look like something else. If the chance of rising is at least 0.75, fewer than 3 of 8 happens in 0.04 %.
    The overall bound below is the sharper one.
    """
    risen = sum(_planted(cause_id, seed) > 1.0 for seed in SEEDS)
    assert risen >= 3, f"{cause_id} rose in {risen} of {len(SEEDS)}"


def test_planted_causes_rise_in_the_great_majority():
    """Over all causes and seeds: at least the count that a true rate of 0.8 exceeds in 99.9 % of cases."""
    outcomes = [_planted(c.id, seed) > 1.0 for c in CAUSES for seed in SEEDS]
    assert sum(outcomes) >= binom.ppf(0.001, len(outcomes), 0.8), f"{sum(outcomes)} of {len(outcomes)}"


@pytest.mark.parametrize("seed", range(5))
def test_quiet_noise_raises_no_cause(seed):
    """Moves of half a sigma from no cause: no odds rise fourfold."""
    correlation = _correlation(len(ASSETS), seed)
    noise = 0.5 * np.linalg.cholesky(correlation) @ np.random.default_rng(seed).standard_normal(len(ASSETS))
    found = weigh(noise, ASSETS, correlation, seed=seed)
    assert (found.probability / (1 - found.probability) / (PRIOR / (1 - PRIOR)) < 4).all()


def test_zero_move_has_nothing_to_explain():
    found = weigh(np.zeros(len(ASSETS)), ASSETS, np.eye(len(ASSETS)))
    assert found.draws.unexplained(np.zeros(len(ASSETS))).mean == 1.0


def test_moves_that_fit_no_cause_stay_unexplained_more_than_those_that_fit_one():
    """Growth's own mean signature, and the same sizes with signs drawn by a coin (mean of ten tosses)."""
    row = next(i for i, c in enumerate(CAUSES) if c.id == "growth")
    fitting = 6 * signatures(CAUSES, ASSETS, "adverse").moments()[0][row]
    random = np.random.default_rng(1)

    def left(sigmas: np.ndarray) -> float:
        return weigh(sigmas, ASSETS, np.eye(len(ASSETS))).draws.unexplained(sigmas).mean

    tossed = [left(fitting * random.choice([-1.0, 1.0], len(ASSETS))) for _ in range(10)]
    assert left(fitting) < sum(tossed) / len(tossed)


def test_moves_by_open_cells_go_to_news_outside_the_menu():
    """Coin-flip signs at six sigmas against what growth's own signature makes: more of it unlisted, causes nearer to
    their priors."""
    random = np.random.default_rng(5)
    correlation = _correlation(len(ASSETS), 3)
    table = signatures(CAUSES, ASSETS, "adverse").moments()[0]
    own = 6 * table[next(i for i, c in enumerate(CAUSES) if c.id == "growth")]
    listed = weigh(own, ASSETS, correlation)
    tossed = [weigh(6 * random.choice([-1.0, 1.0], len(ASSETS)), ASSETS, correlation) for _ in range(5)]
    assert all(t.unlisted > max(0.5, 2 * listed.unlisted) for t in tossed)

    def learnt(p: np.ndarray) -> float:
        return float(np.sum(p * np.log(p / PRIOR) + (1 - p) * np.log((1 - p) / (1 - PRIOR))))

    assert np.mean([learnt(t.probability) for t in tossed]) < 0.5 * learnt(listed.probability)


def test_evidence_apart_from_the_moves_holds_whatever_made_them():
    """Without assets it multiplies the odds; with moves that say nothing of the menu it is not lost."""
    ratio = np.where(np.arange(len(CAUSES)) == 2, math.log(5.0), 0.0)
    args = {
        "sets": SETS,
        "prior": PRIOR,
        "roles": np.array([ROLES.index(c.role) for c in CAUSES]),
        "moves_log_ratio": np.zeros(len(CAUSES)),
        "seed": 1,
        "other": OTHER,
        "evidence_log_ratio": ratio,
    }
    found = posterior(np.empty(0), signatures(CAUSES, [], "adverse"), correlation=np.empty((0, 0)), **args)
    odds = found.probability / (1 - found.probability) / (PRIOR / (1 - PRIOR))
    np.testing.assert_allclose(odds, np.exp(ratio), rtol=1e-9)
    strange = 6 * np.random.default_rng(5).choice([-1.0, 1.0], len(ASSETS))
    bare = weigh(strange, ASSETS, np.eye(len(ASSETS)))
    given = posterior(strange, signatures(CAUSES, ASSETS, "adverse"), correlation=np.eye(len(ASSETS)), **args)
    assert given.probability[2] > bare.probability[2] + 0.5 * (5 * PRIOR[2] / (1 + 4 * PRIOR[2]) - PRIOR[2])
