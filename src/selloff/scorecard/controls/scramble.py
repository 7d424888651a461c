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


def information(found: Attribution) -> float:
    """Nats that the answer claims to have learnt: Σ over testable causes of KL(probability ‖ prior)."""
    total = 0.0
    for result in found.causes:
        if result.probability is None:
            continue
        p, q = (min(max(x, SMALLEST), 1 - SMALLEST) for x in (result.probability, result.cause.prior))
        total += p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))
    return total


def decided(found: Attribution) -> float:
    """Share of the testable causes that are called leading, contributing or ruled down; NaN without any."""
    tested = [r for r in found.causes if r.probability is not None]
    if not tested:
        return math.nan
    return sum(r.status in {"leading", "contributing", "ruled_down"} for r in tested) / len(tested)
