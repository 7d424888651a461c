"""One world's attribution against what was planted in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from selloff.attribution import Attribution
from selloff.attribution.contribution_draws import unexplained_share
from selloff.attribution.main_trigger import OTHER_WEIGHT, UNKNOWN_WEIGHT
from selloff.catalog import Catalogue, Cause
from selloff.panel import slow_sigmas
from selloff.panel.transforms import Floats
from selloff.scorecard.synthetic.explained import explain_world
from selloff.scorecard.synthetic.scoring import brier, covered, crps, log_score, reported_set, sbc_rank
from selloff.scorecard.synthetic.worlds import World
from selloff.scorecard.uncertainty import seed_of
from selloff.scorecard.weighing import Inputs, Method

OUTSIDE = "other or unknown"


@dataclass(frozen=True)
class Outcome:
    """Scores of one world; NaN where a score does not apply.

    Attributes
    ----------
    in_set : share of the planted causes that are in the reported set of their role. set_size : mean size of those sets.
    log_score, gain : nats, of the trigger shares, and over the prior shares.
    unexplained_covered_68, unexplained_covered_90 : 1.0 if that band of the unexplained share holds the true one.
    stated_unexplained, true_unexplained : the share itself, from 0 to 1, as the mean of the draws, and as it was.
    any_raised : 1.0 if any cause is called contributing or leading.
    excess_active : expected less true number of active causes. brier_gain : mean over causes, priors less posteriors.
    covered_68, covered_90, crps : over assets, of what all causes moved together, in sigmas.
    cause_covered_68, cause_covered_90 : over assets and causes.
    amount_covered_68, amount_covered_90 : over assets and planted causes, of what they moved if they were at work.
    contribution_rank, active_rank : SBC ranks.
    """

    in_set: float
    set_size: float
    log_score: float
    gain: float
    unexplained_covered_68: float
    unexplained_covered_90: float
    stated_unexplained: float
    true_unexplained: float
    any_raised: float
    excess_active: float
    brier_gain: float
    covered_68: float = math.nan
    covered_90: float = math.nan
    cause_covered_68: float = math.nan
    cause_covered_90: float = math.nan
    amount_covered_68: float = math.nan
    amount_covered_90: float = math.nan
    crps: float = math.nan
    contribution_rank: float = math.nan
    active_rank: float = math.nan


def prior_shares(causes: Sequence[Cause]) -> dict[str, float]:
    """Shares of the triggers before any data: priors, other and unknown, made to add up to one."""
    weights = {c.id: c.prior for c in causes if c.role == "trigger"} | {OUTSIDE: OTHER_WEIGHT + UNKNOWN_WEIGHT}
    total = math.fsum(weights.values())
    return {k: w / total for k, w in weights.items()}


def _truth(world: World, causes: Sequence[Cause]) -> dict[str, float]:
    """The triggers' true shares: equal among the planted ones."""
    triggers = [c.id for c in causes if c.role == "trigger" and c.id in world.planted]
    if not triggers or world.intensity == 0.0 or world.unlisted:
        return {OUTSIDE: 1.0}
    return {t: 1.0 / len(triggers) for t in triggers}


def _folded(shares: Mapping[str, float]) -> dict[str, float]:
    kept = {k: v for k, v in shares.items() if k not in {"other", "unknown"}}
    return kept | {OUTSIDE: shares.get("other", 0.0) + shares.get("unknown", 0.0)}


def _sets(world: World, found: Attribution, catalogue: Catalogue) -> tuple[float, float]:
    roles = [catalogue.causes[p].role for p in world.planted] or ["trigger"]
    sets = [reported_set(found.causes, role) for role in roles]
    caught = [float(p in s) for p, s in zip(world.planted, sets, strict=False)]
    return float(np.mean(caught)) if caught else math.nan, float(np.mean([len(s) for s in sets]))


def _as_measured(world: World, moves: Floats) -> Floats:
    """True contributions in the unit that the program measured the world's moves in, (n_causes, n_assets)."""
    unit = np.divide(moves, world.move, out=np.ones(len(moves)), where=np.abs(world.move) > 1e-12)
    return world.contributions * unit


def _amounts_covered(world: World, found: Attribution, given: Inputs) -> dict[str, float]:
    """How often the bands of what planted causes moved, if they were at work, hold what they did move."""
    if world.unlisted or world.intensity == 0.0:
        return {}
    truth = _as_measured(world, np.array([float(m.log_move or 0.0) for m in given.bound.values()]))
    held: dict[str, list[float]] = {"68": [], "90": []}
    for row, result in zip(truth, found.causes, strict=True):
        if result.cause.id not in world.planted or not result.if_active:
            continue
        for moved, amount in zip(row.tolist(), (result.if_active[a] for a in given.bound), strict=True):
            held["68"].append(float(amount.low_68 <= moved <= amount.high_68))
            held["90"].append(float(amount.low <= moved <= amount.high))
    return {f"amount_covered_{level}": float(np.mean(h)) for level, h in held.items() if h}


def score_world(world: World, catalogue: Catalogue, method: Method, n_draws: int, seed: int) -> Outcome:
    """Explain a world and score it.

    Parameters
    ----------
    n_draws : posterior draws that ranks are taken from; 0 leaves the scores of draws NaN.
    """
    causes = list(catalogue.causes.values())
    given, found = explain_world(world, catalogue, method)
    sigmas = slow_sigmas(given.bound.values())
    truth = _as_measured(world, sigmas)
    goal = _truth(world, causes)
    score = log_score(_folded(found.trigger_shares), goal)
    in_set, set_size = _sets(world, found, catalogue)
    left, true_share = found.unexplained, float(unexplained_share(sigmas, truth.sum(axis=0)))
    active = np.array([float(c.id in world.planted) for c in causes])
    priors = np.array([c.prior for c in causes])
    probabilities = np.array([r.cause.prior if r.probability is None else r.probability for r in found.causes])
    drawn = _drawn(world, found, causes, truth, sigmas, n_draws, seed) if n_draws else {}
    return Outcome(
        in_set=in_set,
        set_size=set_size,
        log_score=score,
        gain=score - log_score(prior_shares(causes), goal),
        unexplained_covered_90=float(left.low - 1e-12 <= true_share <= left.high + 1e-12),
        unexplained_covered_68=float(left.low_68 - 1e-12 <= true_share <= left.high_68 + 1e-12),
        stated_unexplained=left.mean,
        true_unexplained=true_share,
        any_raised=float(any(r.raised for r in found.causes)),
        excess_active=float(probabilities.sum() - active.sum()),
        brier_gain=float(np.mean(brier(priors, active) - brier(probabilities, active))),
        **_amounts_covered(world, found, given),
        **drawn,
    )


def _drawn(
    world: World,
    found: Attribution,
    causes: Sequence[Cause],
    truth: Floats,
    sigmas: Floats,
    n_draws: int,
    seed: int,
) -> dict[str, float]:
    """Scores of the method's draws of contributions; none if it gives none."""
    if found.draws is None:
        return {}
    place = {cause: i for i, cause in enumerate(found.draws_of[0])}
    rows = [place[c.id] for c in causes]
    draws, active = found.draws.values[:, rows], found.draws.active[:, rows]
    random = np.random.default_rng(seed_of(seed, world.kind, [round(float(s), 9) for s in sigmas]))
    total, true_total = draws.sum(axis=1), truth.sum(axis=0)
    chosen = int(random.integers(len(sigmas)))
    thinned = random.permutation(len(draws))[:n_draws]
    planted = [i for i, c in enumerate(causes) if c.id in world.planted]
    scores = {
        "crps": float(np.mean(crps(total, true_total))),
        "contribution_rank": float(sbc_rank(total[thinned, chosen], float(true_total[chosen]), random.random())),
        "active_rank": float(sbc_rank(active[thinned].sum(axis=1), float(len(planted)), random.random())),
    }
    ties = random.random((len(causes) + 1, len(sigmas)))
    for level in (68, 90):
        part = level / 100
        scores[f"covered_{level}"] = float(np.mean(covered(total, true_total, part, ties[-1])))
        every = [covered(draws[:, i], truth[i], part, ties[i]) for i in range(len(causes))]
        scores[f"cause_covered_{level}"] = float(np.mean(every))
    return scores
