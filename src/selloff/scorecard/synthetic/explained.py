"""A drawn world through the program's own attribution: panel and moves as it takes them, no store."""

from __future__ import annotations

import numpy as np
import polars as pl

from selloff.attribution import Attribution, attribute
from selloff.catalog import Catalogue
from selloff.panel import Panel, Window, window_moves
from selloff.scorecard.synthetic.worlds import HISTORY, World
from selloff.scorecard.weighing import Inputs, Method, weigh

PER_CENT, BASIS_POINTS = 1.0, 5.0
"""Daily standard deviation given to prices, and to yields and spreads. Only sigmas enter a number."""

START = 100.0


def inputs_of(world: World, catalogue: Catalogue) -> Inputs:
    """Levels whose moves are the world's, and the moves that the panel layer finds in them.

    Every requirement of every cause counts as available, so that the whole menu is weighed.
    """
    specs = tuple(catalogue.series[asset.series[0]] for asset in catalogue.assets.values())
    is_log = np.array([spec.transform == "log" for spec in specs])
    moves = np.vstack([world.history, world.move]) * np.where(is_log, PER_CENT, BASIS_POINTS)
    path = np.vstack([np.zeros(len(specs)), np.cumsum(moves / 100.0, axis=0)])
    levels = np.where(is_log, START * np.exp(path), START + path)
    days = np.arange(len(levels)).astype("datetime64[D]")
    panel = Panel(days, specs, levels, np.ones(levels.shape, dtype=np.int64), pl.DataFrame(), None)
    last = HISTORY + 1
    window = Window(days[HISTORY].item(), days[last].item(), days[last].item(), HISTORY, last)
    bound = dict(zip(catalogue.assets, window_moves(panel, window), strict=True))
    required = {name for cause in catalogue.causes.values() for entry in cause.requires for name in entry}
    return Inputs(panel, window, bound, frozenset(required))


def explain_world(world: World, catalogue: Catalogue, method: Method = attribute) -> tuple[Inputs, Attribution]:
    """The attribution of one world."""
    given = inputs_of(world, catalogue)
    return given, weigh(given, catalogue, method)
