"""On which side of its bands the truth lies, and for which causes: part `amounts` of attribution_calibration.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from attribution_worlds import ASSETS, CAUSES, worlds
from claims import Checks, committed
from selloff.attribution.contribution_draws import BANDS
from selloff.attribution.posterior import posterior
from selloff.panel.transforms import Floats

SEED_OF_AMOUNTS = 20_200
LIKELY = 0.5
GROUPS = {"all": (0.0, 1.0), f"below {LIKELY:g}": (0.0, LIKELY), f"{LIKELY:g} and more": (LIKELY, 1.0)}


def _ranks(n_each: int) -> tuple[Floats, Floats]:
    """Of each planted cause its probability, (n,), and the share of draws below what it moved, (n, n_assets).

    Signs are those of the assets' moves, so that a high share is a cause told too small.
    """
    order = [ASSETS.index(a) for a in sorted(ASSETS)]
    probability, ranks = [], []
    for world, given in worlds("one", n_each * len(CAUSES), SEED_OF_AMOUNTS):
        found = posterior(**given)
        row = [c.id for c in CAUSES].index(world.planted[0])
        move, sigmas = world.move[order], given["sigmas"]
        truth = world.contributions[row, order] * np.divide(sigmas, move, out=np.ones(len(move)), where=move != 0.0)
        below = (found.if_active[row] < truth).mean(axis=0)
        ranks.append(np.where(sigmas < 0, 1.0 - below, below))
        probability.append(found.probability[row])
    return np.array(probability), np.array(ranks)


def amounts(n_each: int) -> tuple[dict[str, Any], Checks]:
    """How often truths lie in, below and above the bands."""
    probability, ranks = _ranks(n_each)
    found: dict[str, Any] = {}
    checks, expected = Checks(), committed("attribution_amounts")
    for group, (low, high) in GROUPS.items():
        kept = ranks[(probability >= low) & (probability < high)]
        found[group] = {"causes": len(kept)}
        for level, (first, last) in BANDS.items():
            held = ((kept >= first) & (kept <= last)).mean(axis=1)
            found[group][str(level)] = {
                "held": round(float(held.mean()), 3),
                "below": round(float((kept < first).mean()), 3),
                "above": round(float((kept > last).mean()), 3),
            }
            checks.rate(f"{group}: held by {level} %", held, expected[group][str(level)]["held"])
    return found, checks
