"""On which side of its bands the truth lies, and for which causes: part `amounts` of attribution_calibration.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from attribution_worlds import ASSETS, CATALOGUE, CAUSES
from claims import Checks, committed
from selloff.report.role_words import BIG_MOVE, is_good_part
from selloff.scorecard.synthetic.explained import explain_world
from selloff.scorecard.synthetic.worlds import draw_world

SEED_OF_AMOUNTS = 20_200
GROUPS = ("all", "raised", "not raised", "told")


def _cells(n_each: int) -> Iterator[tuple[int, bool, bool, dict[str, int]]]:
    """Of each planted cause and asset: its world, whether the cause is raised, whether the amount would be told in
    words, and whether what it moved lies below (-1), in (0) or above (1) each band, upwards being further along the
    asset's move.
    """
    for index in range(n_each * len(CAUSES)):
        world = draw_world("one", index, CAUSES, ASSETS, SEED_OF_AMOUNTS)
        given, found = explain_world(world, CATALOGUE)
        (result,) = (r for r in found.causes if r.cause.id in world.planted)
        row = [c.id for c in CAUSES].index(result.cause.id)
        for column, asset in enumerate(ASSETS):
            measured, amount = given.bound[asset], result.if_active[asset]
            move = float(measured.log_move or 0.0)
            # as parts of the move: contributions are in the world's unit, amounts in that of the panel
            true = float(world.contributions[row, column] / world.move[column])
            part, low, high = amount.mean / move, *sorted((amount.low / move, amount.high / move))
            low_68, high_68 = sorted((amount.low_68 / move, amount.high_68 / move))
            told = result.raised and abs(measured.sigmas_slow or 0.0) >= BIG_MOVE and is_good_part(part, low, high)
            bands = {"68": (low_68, high_68), "90": (low, high)}
            place = {level: int(true > end[1]) - int(true < end[0]) for level, end in bands.items()}
            yield index, result.raised, told, place


def amounts(n_each: int) -> tuple[dict[str, Any], Checks]:
    """How often truths lie in, below and above the bands."""
    cells = list(_cells(n_each))
    world = np.array([c[0] for c in cells])
    raised, told = (np.array([c[k] for c in cells], dtype=bool) for k in (1, 2))
    found: dict[str, Any] = {}
    checks, expected = Checks(), committed("attribution_amounts")
    for group, chosen in zip(GROUPS, (np.ones(len(cells), dtype=bool), raised, ~raised, told), strict=True):
        worlds = np.unique(world[chosen])
        found[group] = {"causes": len(worlds), "amounts": int(chosen.sum())}
        for level in ("68", "90"):
            place = np.array([c[3][level] for c in cells])
            held = [float(np.mean(place[chosen & (world == w)] == 0)) for w in worlds]
            found[group][level] = {
                name: round(float(np.mean(place[chosen] == side)), 3)
                for name, side in (("held", 0), ("below", -1), ("above", 1))
            }
            checks.rate(f"{group}: held by {level} %", held, expected[group][level]["held"])
    return found, checks
