"""Why: every cause weighed against one window, per role."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from selloff.attribution.cause_results import CauseResult, Status, WindowPosterior, cause_results
from selloff.attribution.combinations import combinations
from selloff.attribution.contribution_draws import Amount, ContributionDraws
from selloff.attribution.direct import DirectReading
from selloff.attribution.leading import Structural, structural_of
from selloff.attribution.main_trigger import OTHER_WEIGHT, UNKNOWN_WEIGHT
from selloff.attribution.moves_evidence import read_moves
from selloff.attribution.posterior import Posterior, posterior
from selloff.attribution.signature import Polarity, signatures
from selloff.attribution.structural.cache import ModelCache
from selloff.attribution.testable import missing_requirements
from selloff.attribution.weighing import weigh_direct
from selloff.catalog import ROLES, Catalogue, Cause
from selloff.panel import Move, Panel, Window, slow_sigmas
from selloff.panel.correlation import recent_correlation
from selloff.panel.transforms import Floats

NOISE_SHRINKAGE = 0.3
"""How far the correlation known before is shrunk for the moves no cause accounts for: what is usual between assets is a
weaker guide to the unusual, and a nearly singular matrix would let small moves refute causes on quiet days."""


@dataclass(frozen=True)
class Attribution:
    """Every cause weighed against one window.

    `relief`: probability that the window is a relief, in which causes with a mirror turn their signs round. Where no
    such cause accounts for the moves it stays near one half. `polarity` is what evidence for and against is read by.
    `unexplained_moves` by asset: the log move minus every contribution, in the asset's move unit.
    `unexplained` is the share of the sigma-weighted move that no cause accounts for, by the draws.
    `unlisted`, `unlisted_prior` : probability that news outside the menu made the moves, and what it was beforehand.
    `draws` : posterior draws of contributions in sigmas, causes and assets in the order of `draws_of`.
    `readings`: every item of direct evidence. `price_ratios`: log Bayes factor of prices by outcome of the label map.
    `fitted_at`: from when on the weights of the main trigger were known; None before anything was fitted.
    `structural`: shocks from prices alone, which decide what leads; None if no model was asked for.
    """

    polarity: Polarity
    relief: float
    causes: tuple[CauseResult, ...]
    trigger_shares: Mapping[str, float]
    unexplained_moves: Mapping[str, float]
    unexplained: Amount
    unlisted: float = 0.0
    unlisted_prior: float = 0.0
    draws: ContributionDraws | None = None
    draws_of: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    readings: tuple[DirectReading, ...] = ()
    price_ratios: Mapping[str, float] = field(default_factory=dict)
    fitted_at: datetime | None = None
    structural: Structural | None = None


def _other_weight(causes: Iterable[Cause], tested: Collection[str]) -> float:
    """Prior weight of news that no testable trigger stands for, beside the priors of the testable ones."""
    return OTHER_WEIGHT + UNKNOWN_WEIGHT + sum(c.prior for c in causes if c.role == "trigger" and c.id not in tested)


def _seed(assets: Sequence[str], sigmas: Floats, causes: Sequence[Cause]) -> int:
    """A hash of what is weighed, whatever the order it comes in."""
    numbers = sorted([a, round(float(s), 9)] for a, s in zip(assets, sigmas, strict=True))
    text = json.dumps([numbers, sorted(c.id for c in causes)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def _posterior(
    panel: Panel,
    window: Window,
    bound: Mapping[str, Move],
    catalogue: Catalogue,
    tested: Sequence[Cause],
    moves_log_ratio: Floats,
    evidence_log_ratio: Floats,
) -> Posterior:
    """The posterior over sets of the causes that can be tested, drawn with the assets in the order of their names."""
    assets = sorted(bound)
    moves = [bound[a] for a in assets]
    sigmas = slow_sigmas(moves)
    columns = [panel.column[m.series.id] for m in moves]
    found = posterior(
        sigmas=sigmas,
        table=signatures(tested, assets, "adverse"),
        sets=combinations(tested),
        prior=np.array([c.prior for c in tested]),
        roles=np.array([ROLES.index(c.role) for c in tested], dtype=np.int64),
        moves_log_ratio=moves_log_ratio,
        correlation=recent_correlation(panel.daily_moves[: window.base_row + 1, columns], NOISE_SHRINKAGE),
        seed=_seed(assets, sigmas, tested),
        other=_other_weight(catalogue.causes.values(), {c.id for c in tested}),
        evidence_log_ratio=evidence_log_ratio,
        mirrored=np.array([c.mirror for c in tested], dtype=np.bool_),
    )
    return found.with_assets(np.array([assets.index(a) for a in bound], dtype=np.int64))


def attribute(
    panel: Panel,
    window: Window,
    bound: Mapping[str, Move],
    catalogue: Catalogue,
    available: Collection[str],
    readings: Sequence[DirectReading] = (),
    as_of: datetime | None = None,
    *,
    models: ModelCache | None = None,
    fallen: Collection[str] = (),
) -> Attribution:
    """Weigh every cause of the catalogue against a window's moves.

    Parameters
    ----------
    bound : move of each bound asset, by asset id.
    available : ids of series with a value for the window; bound assets are added.
    readings : direct evidence; without any, prices alone are weighed. as_of : decides which fitted set may be used.
    models : where structural models are kept; None leaves them out, and then nothing leads.
    fallen : asset classes that fell; without shares or bonds among them nothing leads.
    """
    everything = {*available, *bound}
    missing = {c.id: missing_requirements(c, everything) for c in catalogue.causes.values()}
    testable = (c for c in catalogue.causes.values() if not missing[c.id])
    tested = sorted(testable, key=lambda c: (ROLES.index(c.role), c.id))
    moves = read_moves(tested, panel, window, bound, readings, catalogue)
    stocks = bound["spx"].log_move if "spx" in bound else None
    direct = weigh_direct(readings, catalogue, tested, as_of, (stocks or 0.0) / math.sqrt(window.n_sessions))
    moved = moves.log_ratio(tested) + direct.window_log_ratio
    found = _posterior(panel, window, bound, catalogue, tested, moved, direct.log_ratio)
    w = WindowPosterior(panel, window, bound, catalogue, tested, missing, moves, direct, found)
    probability = dict(zip((c.id for c in tested), found.probability.tolist(), strict=True))
    ratios = direct.price_ratios(probability)
    shares = direct.shares(ratios, probability)
    statuses: dict[str, Status] = w.statuses()
    structural = None
    if models is not None:
        raised = [c for c, status in statuses.items() if status == "contributing"]
        structural = structural_of(panel, window, bound, tested, raised, fallen, w.polarity, models)
        statuses |= dict.fromkeys(structural.leading, "leading")
    residual = np.array([float(m.log_move or 0.0) for m in bound.values()]) - w.contributions.sum(axis=0)
    return Attribution(
        polarity=w.polarity,
        relief=found.relief,
        causes=cause_results(w, statuses, shares),
        trigger_shares=shares,
        unexplained_moves=dict(zip(bound, residual.tolist(), strict=True)),
        unexplained=found.draws.unexplained(w.sigmas),
        unlisted=found.unlisted,
        unlisted_prior=found.unlisted_prior,
        draws=found.draws,
        draws_of=(tuple(c.id for c in tested), w.assets),
        readings=tuple(readings),
        price_ratios=dict(zip(direct.model.outcomes, ratios.tolist(), strict=True)),
        fitted_at=None if direct.model.fitted is None else direct.model.fitted.known_at,
        structural=structural,
    )
