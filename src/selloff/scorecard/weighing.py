"""One day or drawn world through the program's own attribution: what it takes, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from selloff.attribution import Attribution, attribute
from selloff.catalog import Catalogue
from selloff.explanation.explain import shown_series
from selloff.panel import Move, Panel, Window, build_panel, window_moves
from selloff.panel.assets import bind_assets
from selloff.panel.clock import morning_note
from selloff.scorecard.tier import ScoreContext

Method = Callable[[Panel, Window, Mapping[str, Move], Catalogue, Collection[str]], Attribution]
"""What is scored: the program's `attribute`, or something that pretends to be it."""

FEWEST_ASSETS = 3


@dataclass(frozen=True)
class Inputs:
    """What `attribute` takes. `bound` by asset id."""

    panel: Panel
    window: Window
    bound: dict[str, Move]
    available: frozenset[str]


def weigh(given: Inputs, catalogue: Catalogue, method: Method = attribute) -> Attribution:
    """The attribution of these inputs."""
    return method(given.panel, given.window, given.bound, catalogue, given.available)


def day_inputs(context: ScoreContext, day: date) -> Inputs | None:
    """What an explanation of one session would weigh, as known in its morning note.

    None if the day is no session, is not over, or has no S&P 500 or fewer than three assets: as in `explain`.
    """
    row = context.sessions.position(day)
    if row is None or row == 0 or morning_note(day) > context.now:
        return None
    catalogue = context.catalogue
    required = {n for c in catalogue.causes.values() for entry in c.requires for n in entry if n in catalogue.series}
    ids = list(dict.fromkeys([*shown_series(catalogue), *(s for s in catalogue.series if s in required)]))
    panel = build_panel(context.store, catalogue, ids, context.sessions, n_rows=row + 1, as_of=morning_note(day))
    window = Window(context.sessions.dates[row - 1].item(), day, day, row - 1, row)
    moves = {m.series.id: m for m in window_moves(panel, window)}
    bound = {asset: moves[s] for asset, s in bind_assets(catalogue, moves).items()}
    if "spx" not in bound or len(bound) < FEWEST_ASSETS:
        return None
    available = {s for s, m in moves.items() if m.log_move is not None}
    available |= catalogue.events.met_requirements(day, day, context.sessions, morning_note(day))
    return Inputs(panel, window, bound, frozenset(available))


def sigmas_of(given: Inputs) -> np.ndarray:
    """Slow sigmas of the bound assets, (n_assets,)."""
    return np.array([float(m.sigmas_slow or 0.0) for m in given.bound.values()])
