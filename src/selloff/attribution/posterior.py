"""Posterior over sets of causes: probabilities, main shares, contributions, and how firm they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.attribution.combinations import Combinations
from selloff.attribution.likelihood import (
    INTENSITIES,
    INTENSITY_WEIGHTS,
    Cells,
    expected_contributions,
    fit,
)
from selloff.attribution.signature import Signatures
from selloff.panel.transforms import Floats

DRAWS = 40
KEPT_MASS = 0.995
MOST_KEPT = 700
PRIOR_SPREAD = 0.5
"""Standard deviation of the log prior odds in the sensitivity draws."""


@dataclass(frozen=True)
class Components:
    """Every set of causes at every intensity.

    Attributes
    ----------
    active : (n, n_causes) bool. intensity : (n,). log_prior : (n,), normalised.
    """

    active: npt.NDArray[np.bool_]
    intensity: Floats
    log_prior: Floats


@dataclass(frozen=True)
class Posterior:
    """What the moves say.

    Attributes
    ----------
    probability : (n_causes,), posterior that each cause was active; its prior if the data say nothing.
    main : (n_causes,), posterior that each cause was the main one of its role.
    contribution : (n_causes, n_assets), posterior mean, in sigmas.
    draws_probability, draws_unexplained : (n_draws, n_causes) and (n_draws,), under perturbed signatures and priors.
    unexplained : share of the sigma-weighted move that no cause accounts for.
    log_pairs : (n_causes, n_causes), log Bayes factor of "row without column" against "column without row".
    """

    probability: Floats
    main: Floats
    contribution: Floats
    draws_probability: Floats
    draws_unexplained: Floats
    unexplained: float
    log_pairs: Floats


def components(sets: Combinations) -> Components:
    """Cross the sets with the intensity grid; the empty set needs no intensity and keeps one component."""
    empty = ~sets.active.any(axis=1)
    n = len(INTENSITIES)
    active = np.concatenate([sets.active[empty], np.repeat(sets.active[~empty], n, axis=0)])
    intensity = np.concatenate([np.ones(empty.sum()), np.tile(INTENSITIES, int((~empty).sum()))])
    log_prior = np.concatenate(
        [
            sets.log_prior[empty],
            (sets.log_prior[~empty][:, None] + np.log(INTENSITY_WEIGHTS)[None, :]).ravel(),
        ]
    )
    return Components(active, intensity, log_prior)


def _normalised(log_weights: Floats) -> Floats:
    weights: Floats = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _calibrated(posterior: Floats, truncated_prior: Floats, prior: Floats) -> Floats:
    """Marginal posterior with the prior that truncating the sets took away put back, by odds."""
    tiny = 1e-15
    after = np.clip(posterior, tiny, 1 - tiny)
    before = np.clip(truncated_prior, tiny, 1 - tiny)
    odds = after / (1 - after) / (before / (1 - before)) * prior / (1 - prior)
    return np.asarray(odds / (1 + odds))


def _main_weights(active: npt.NDArray[np.bool_], cells: Cells, roles: npt.NDArray[np.int64]) -> Floats:
    """Share of each active cause in its role's signature strength, (n, n_causes)."""
    strength = active * np.linalg.norm(cells.mean, axis=1)
    shares = np.zeros(active.shape)
    for role in np.unique(roles):
        of_role = roles == role
        total = strength[:, of_role].sum(axis=1, keepdims=True)
        shares[:, of_role] = np.divide(
            strength[:, of_role], total, out=np.zeros_like(strength[:, of_role]), where=total > 0
        )
    return shares


def _unexplained_share(sigmas: Floats, contribution: Floats) -> float:
    """Sigma-weighted mean of |unexplained| over |move|, at most one; explaining too much counts as well as too little."""
    total = float(np.sum(sigmas**2))
    if total < 1e-12:
        return 1.0
    residual = sigmas - contribution.sum(axis=0)
    return float(min(np.sum(np.abs(residual * sigmas)) / total, 1.0))


def _log_pairs(weights: Floats, prior: Floats, active: npt.NDArray[np.bool_]) -> Floats:
    on = active.astype(np.float64)
    tiny = 1e-300

    def only(w: Floats) -> Floats:
        return np.asarray((w[:, None] * on).T @ (1.0 - on)) + tiny

    after, before = only(weights), only(prior)
    return np.asarray(np.log(after) - np.log(after.T) - np.log(before) + np.log(before.T))


def _perturbed(table: Signatures, random: np.random.Generator) -> Cells:
    """Cells with probabilities drawn from a Dirichlet of the cell's strength and sizes lognormal around theirs."""
    shape = random.gamma(np.maximum(table.p * table.strength[..., None], 1e-3))
    p = shape / shape.sum(axis=-1, keepdims=True)
    size = table.size * np.exp(random.normal(0.0, 0.35, table.size.shape))
    return Cells(*Signatures(p, size, table.strength).moments())


def posterior(
    sigmas: Floats,
    table: Signatures,
    sets: Combinations,
    prior: Floats,
    roles: npt.NDArray[np.int64],
    ranking_log_ratio: Floats,
    correlation: Floats,
    seed: int,
) -> Posterior:
    """Weigh every set of causes against the window's moves.

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas, none missing.
    table : signatures of the n_causes testable causes on those assets.
    prior : (n_causes,). roles : (n_causes,), role number of each cause.
    ranking_log_ratio : (n_causes,), log likelihood ratio of each cause's rankings.
    correlation : (n_assets, n_assets), known before the window.
    seed : derived from the inputs; only the sensitivity draws use it.
    """
    parts = components(sets)
    cells = Cells(*table.moments())
    rankings = parts.active @ ranking_log_ratio
    fitted = fit(sigmas, parts.active, parts.intensity, cells, correlation)
    weights = _normalised(parts.log_prior + rankings + fitted.log_density)
    prior_weights = np.exp(parts.log_prior)
    truncated = prior_weights @ parts.active
    contribution = expected_contributions(fitted, weights, parts.active, parts.intensity, cells)

    order = np.argsort(-weights, kind="stable")
    count = int(np.searchsorted(np.cumsum(weights[order]), KEPT_MASS)) + 1
    kept = order[: min(count, MOST_KEPT)]
    active, intensity = parts.active[kept], parts.intensity[kept]
    dropped = 1.0 - weights[kept].sum()
    rest = np.setdiff1d(np.arange(len(weights)), kept)
    rest_probability = weights[rest] @ parts.active[rest]
    random = np.random.default_rng(seed)
    probabilities, unexplained = [], []
    for _ in range(DRAWS):
        drawn = _perturbed(table, random)
        shift = random.normal(0.0, PRIOR_SPREAD, len(prior))
        refitted = fit(sigmas, active, intensity, drawn, correlation)
        log_drawn = parts.log_prior[kept] + rankings[kept] + active @ shift + refitted.log_density
        share = _normalised(log_drawn) * (1.0 - dropped)
        probabilities.append(_calibrated(share @ active + rest_probability, truncated, prior))
        moved = expected_contributions(refitted, share, active, intensity, drawn)
        unexplained.append(_unexplained_share(sigmas, moved))
    return Posterior(
        probability=_calibrated(weights @ parts.active, truncated, prior),
        main=weights @ _main_weights(parts.active, cells, roles),
        contribution=contribution,
        draws_probability=np.array(probabilities),
        draws_unexplained=np.array(unexplained),
        unexplained=_unexplained_share(sigmas, contribution),
        log_pairs=_log_pairs(weights, prior_weights, parts.active),
    )
