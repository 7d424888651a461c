"""Posterior over sets of causes: probabilities, contributions, and how firm they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from selloff.attribution.combinations import Combinations
from selloff.attribution.components import Components, Masses, components, from_log_odds, log_odds
from selloff.attribution.contribution_draws import (
    N_DRAWS,
    ContributionDraws,
    draw_contributions,
    systematic,
)
from selloff.attribution.if_active import draw_if_active
from selloff.attribution.likelihood import (
    INTENSITIES,
    INTENSITY_WEIGHTS,
    Cells,
    cells_of,
    expected_contributions,
    fit,
)
from selloff.attribution.noise_growth import NoiseGrowth, learn_noise_growth
from selloff.attribution.sensitivity import probability_intervals
from selloff.attribution.signature import Signatures
from selloff.attribution.unlisted import unlisted_log_density, unlisted_prior
from selloff.catalog import ROLES
from selloff.panel.transforms import Floats

TRIGGER = ROLES.index("trigger")


@dataclass(frozen=True)
class Posterior:
    """What the moves say.

    Attributes
    ----------
    probability, low, high : (n_causes,), posterior that each cause was active, its prior if the data say nothing, and
        its 90 % interval under perturbed signatures and priors.
    contribution : (n_causes, n_assets), posterior mean, in sigmas. draws : posterior draws, in sigmas.
    if_active : (n_causes, n_draws, n_assets), draws of each cause's contribution given that it was active, in sigmas;
        each asset by itself.
    unlisted, unlisted_prior : probability that news outside the menu made the moves, and what it was beforehand.
    log_factor : (n_causes,), log Bayes factor of each cause's being active, if listed causes made the moves.
    relief : probability that the window is a relief; one half if the moves say nothing of listed causes, 0 if only one
        polarity was weighed.
    relief_if_active : (n_causes,), the same given that a cause was active and moved something.
    """

    probability: Floats
    low: Floats
    high: Floats
    contribution: Floats
    draws: ContributionDraws
    if_active: Floats
    unlisted: float
    unlisted_prior: float
    log_factor: Floats
    relief: float
    relief_if_active: Floats

    def with_assets(self, order: npt.NDArray[np.int64]) -> Posterior:
        """The same with assets in another order: `order` holds, for each place, the column that comes there."""
        return replace(
            self,
            contribution=self.contribution[:, order],
            draws=replace(self.draws, values=self.draws.values[..., order]),
            if_active=self.if_active[..., order],
        )


def _draws(sigmas: Floats, table: Signatures, cells: Cells, correlation: Floats, parts: Components, masses: Masses,
           growth: NoiseGrowth, prior: Floats, random: np.random.Generator) -> ContributionDraws:  # fmt: skip
    """Draws of contributions: sets in proportion to their weights, and nothing seen where the moves are silent."""
    chosen = systematic(np.append(masses.listed, masses.silent), N_DRAWS, random)
    seen = chosen < masses.listed.size
    polarity, component = np.divmod(chosen[seen], len(parts.intensity))
    values = np.zeros((N_DRAWS, *cells.mean.shape[1:]))
    active = random.random((N_DRAWS, len(prior))) < prior
    active[seen] = parts.active[component]
    values[seen] = draw_contributions(
        sigmas,
        table,
        cells,
        correlation,
        active[seen],
        parts.intensity[component],
        growth.draw(polarity, component, random),
        polarity,
        random,
    )
    return ContributionDraws(values, active)


def posterior(
    sigmas: Floats,
    table: Signatures,
    sets: Combinations,
    prior: Floats,
    roles: npt.NDArray[np.int64],
    moves_log_ratio: Floats,
    correlation: Floats,
    seed: int,
    other: float,
    evidence_log_ratio: Floats | None = None,
    mirrored: npt.NDArray[np.bool_] | None = None,
) -> Posterior:
    """Weigh every set of causes, and news outside the menu, against the window's moves.

    Parameters
    ----------
    sigmas : (n_assets,), slow sigmas, none missing.
    table : signatures of the n_causes testable causes on those assets, adverse if both polarities are weighed.
    prior : (n_causes,). roles : (n_causes,), role number of each cause.
    moves_log_ratio : (n_causes,) or (n_polarities, n_causes), log likelihood ratio of each cause by what of the moves
        the signature has not seen: rankings, chains and surprises.
    correlation : (n_assets, n_assets), known before the window.
    seed : derived from the inputs; draws of contributions alone use it.
    other : weight, beside the priors of the triggers, of news that none of them stands for.
    evidence_log_ratio : (n_causes,), log likelihood ratio of each cause by what is known apart from the moves; it holds
        whatever made them, so it shifts the prior.
    mirrored : (n_causes,), causes whose signs turn round in a relief, which is as likely beforehand as an adverse
        window. None: the table's polarity is given, and no other is weighed.
    """
    turns = np.ones((1, len(prior))) if mirrored is None else np.where([[False], [True]] & mirrored, -1.0, 1.0)
    stated = prior
    if evidence_log_ratio is not None:
        shifted = sets.log_prior + sets.active @ evidence_log_ratio
        sets = Combinations(sets.active, shifted - np.logaddexp.reduce(shifted))
        prior = from_log_odds(log_odds(prior) + evidence_log_ratio)
    parts = components(sets)
    cells = cells_of(table, correlation, turns)
    outside = unlisted_prior(other, float(stated[roles == TRIGGER].sum()))
    fitted = fit(sigmas, parts.active, parts.intensity, cells, correlation)
    apart = unlisted_log_density(sigmas, INTENSITIES, correlation)
    log_prior = np.log1p(-outside) - np.log(len(turns)) + parts.log_prior
    log_listed = log_prior + np.atleast_2d(moves_log_ratio) @ parts.active.T + fitted.log_density
    log_apart = np.log(INTENSITY_WEIGHTS) + apart + np.where(INTENSITIES > 0, np.log(outside), 0.0)
    top = max(float(log_listed.max()), float(log_apart.max()))
    listed, silent = np.exp(log_listed - top), np.exp(log_apart - top)
    total = float(listed.sum() + silent.sum())
    masses = Masses(listed / total, float(silent[0]) / total, float(silent[1:].sum()) / total)

    truncated = log_odds(np.exp(sets.log_prior) @ sets.active)
    seen = max(1.0 - masses.silent, 1e-300)
    log_factor = log_odds(masses.listed.sum(axis=0) @ parts.active / seen) - truncated
    probability = (1.0 - masses.silent) * from_log_odds(log_factor + log_odds(prior)) + masses.silent * prior
    low, high = probability_intervals(sigmas, table, turns, sets, parts, masses, prior, fitted, correlation)
    growth = learn_noise_growth(sigmas, parts, fitted, masses.listed, cells, correlation)
    random = np.random.default_rng(seed)
    contribution = expected_contributions(growth.fitted, masses.listed, parts.active, parts.intensity, cells)
    return Posterior(
        probability=probability,
        low=np.minimum(low, probability),
        high=np.maximum(high, probability),
        contribution=contribution,
        draws=_draws(sigmas, table, cells, correlation, parts, masses, growth, prior, random),
        if_active=draw_if_active(sigmas, cells, correlation, parts, masses.listed, growth, random),
        unlisted=masses.unlisted,
        unlisted_prior=outside,
        log_factor=log_factor + log_odds(prior) - log_odds(stated),
        relief=float(masses.listed[1:].sum()) + masses.silent / 2 if len(turns) > 1 else 0.0,
        relief_if_active=masses.listed[1:].sum(axis=0)
        @ parts.active
        / np.maximum(masses.listed.sum(axis=0) @ parts.active, 1e-300),
    )
