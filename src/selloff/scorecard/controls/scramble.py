"""Inputs with the reason taken out of them, and how much a method still claims to know."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from selloff.attribution import Attribution
from selloff.panel import Move
from selloff.panel.transforms import Floats
from selloff.scorecard.weighing import Inputs, sigmas_of

SMALLEST = 1e-12


def with_sigmas(given: Inputs, sigmas: Floats) -> Inputs:
    """The same day with other moves: slow sigmas as given, log moves to match, depth of the day untouched otherwise.

    Parameters
    ----------
    sigmas : (n_assets,), in the order of `given.bound`.
    """

    def moved(move: Move, sigma: float) -> Move:
        before = move.sigmas_slow or 0.0
        unit = (move.log_move or 0.0) / before if abs(before) > SMALLEST else 1.0
        return replace(move, sigmas_slow=sigma, log_move=sigma * unit)

    bound = {a: moved(m, float(s)) for (a, m), s in zip(given.bound.items(), sigmas, strict=True)}
    return replace(given, bound=bound)


def permuted_names(given: Inputs, random: np.random.Generator) -> Inputs:
    """Every asset gets another one's sigmas."""
    return with_sigmas(given, random.permutation(sigmas_of(given)))


def flipped_signs(given: Inputs, random: np.random.Generator) -> Inputs:
    """The sign of each asset's move by a coin."""
    sigmas = sigmas_of(given)
    return with_sigmas(given, sigmas * random.choice([-1.0, 1.0], len(sigmas)))


def shuffled_in_time(days: Sequence[Inputs], random: np.random.Generator) -> list[Inputs]:
    """Every asset's moves dealt out anew among the days on which it moved: no day's moves belong together."""
    table = [dict(zip(d.bound, sigmas_of(d), strict=True)) for d in days]
    for asset in sorted({a for row in table for a in row}):
        where = [i for i, row in enumerate(table) if asset in row]
        for i, value in zip(where, random.permutation([table[j][asset] for j in where]), strict=True):
            table[i][asset] = float(value)
    return [with_sigmas(d, np.array(list(row.values()))) for d, row in zip(days, table, strict=True)]


def prices_alone(given: Inputs) -> Inputs:
    """The same day with its direct evidence set aside."""
    return replace(given, readings=())


def dealt_evidence(days: Sequence[Inputs], random: np.random.Generator) -> list[Inputs]:
    """Every day with the direct readings of another one: moves, and what is read from them, stay.

    The days stand in one random circle and take from their neighbour, so that none keeps its own. Empty for fewer than
    two days.
    """
    if len(days) < 2:
        return []
    circle = random.permutation(len(days))
    giver = dict(zip(circle.tolist(), np.roll(circle, 1).tolist(), strict=True))
    return [_told_by(day, days[giver[i]]) for i, day in enumerate(days)]


def _told_by(day: Inputs, other: Inputs) -> Inputs:
    pairs = zip(day.readings, other.readings, strict=True)
    return replace(day, readings=tuple(own if own.item.from_prices else given for own, given in pairs))


def information(found: Attribution) -> float:
    """Nats that the answer claims to have learnt: Σ over testable causes of KL(probability ‖ prior)."""
    tested = [(r.probability, r.cause.prior) for r in found.causes if r.probability is not None]
    return sum(_divergence(p, q) for p, q in tested)


def added_information(found: Attribution, before: Attribution) -> float:
    """Nats between two answers on one day's causes: Σ over testable causes of KL(probability ‖ probability before)."""
    pairs = zip(found.causes, before.causes, strict=True)
    known = [(r.probability, b.probability) for r, b in pairs]
    return sum(_divergence(p, q) for p, q in known if p is not None and q is not None)


def added_to_shares(found: Attribution, before: Attribution) -> float:
    """KL(shares of the main trigger ‖ those before), in nats."""
    pairs = [(p, before.trigger_shares[k]) for k, p in found.trigger_shares.items()]
    return sum(p * math.log(max(p, SMALLEST) / max(q, SMALLEST)) for p, q in pairs)


def _divergence(p: float, q: float) -> float:
    """KL between two coins."""
    p, q = (min(max(x, SMALLEST), 1 - SMALLEST) for x in (p, q))
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


def decided(found: Attribution) -> float:
    """Share of the testable causes that are called leading, contributing or ruled down; NaN without any."""
    tested = [r for r in found.causes if r.probability is not None]
    if not tested:
        return math.nan
    return sum(r.status in {"leading", "contributing", "ruled_down"} for r in tested) / len(tested)
