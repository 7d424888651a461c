"""On which side of its bands the truth lies, and for which causes: part `amounts` of attribution_calibration.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from attribution_worlds import ASSETS, CAUSES, PRIOR, worlds
from claims import Checks, committed
from selloff.attribution.contribution_draws import BANDS
from selloff.attribution.posterior import posterior
from selloff.panel.transforms import Floats

SEED_OF_AMOUNTS = 20_200
LIKELY = 0.5


def _ranks(n_each: int) -> tuple[Floats, npt.NDArray[np.bool_], Floats]:
    """Of each planted cause its probability, whether the low end of its interval is above its prior, both (n,), and
    the share of draws below what it moved, (n, n_assets).

    Signs are those of the assets' moves, so that a high share is a cause told too small.
    """
    order = [ASSETS.index(a) for a in sorted(ASSETS)]
    probability, raised, ranks = [], [], []
    for world, given in worlds("one", n_each * len(CAUSES), SEED_OF_AMOUNTS):
        found = posterior(**given)
        row = [c.id for c in CAUSES].index(world.planted[0])
        move, sigmas = world.move[order], given["sigmas"]
        truth = world.contributions[row, order] * np.divide(sigmas, move, out=np.ones(len(move)), where=move != 0.0)
        below = (found.if_active[row] < truth).mean(axis=0)
        ranks.append(np.where(sigmas < 0, 1.0 - below, below))
        probability.append(found.probability[row])
        raised.append(found.low[row] > PRIOR[row])
    return np.array(probability), np.array(raised), np.array(ranks)


def amounts(n_each: int) -> tuple[dict[str, Any], Checks]:
    """How often truths lie in, below and above the bands."""
    probability, raised, ranks = _ranks(n_each)
    groups = {
        "all": np.ones(len(ranks), dtype=bool),
        f"below {LIKELY:g}": probability < LIKELY,
        f"{LIKELY:g} and more": probability >= LIKELY,
        "raised": raised,
        "not raised": ~raised,
    }
    found: dict[str, Any] = {}
    checks, expected = Checks(), committed("attribution_amounts")
    for group, chosen in groups.items():
        kept = ranks[chosen]
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
