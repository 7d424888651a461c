"""One day or drawn world through the program's own attribution: what it takes, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from selloff.attribution import Attribution, attribute
from selloff.attribution.direct import DirectReading
from selloff.catalog import Catalogue
from selloff.detection.state import state_at
from selloff.explanation.background import evidence_known
from selloff.explanation.explain import weighed_series
from selloff.panel import Move, Panel, Window, build_panel, slow_sigmas, window_moves
from selloff.panel.assets import bind_assets
from selloff.panel.clock import morning_note
from selloff.scorecard.tier import ScoreContext

Told = Sequence[DirectReading]
Method = Callable[[Panel, Window, Mapping[str, Move], Catalogue, Collection[str], Told, datetime | None], Attribution]
"""What is scored: the program's `attribute`, or something that pretends to be it."""

FEWEST_ASSETS = 3


@dataclass(frozen=True)
class Inputs:
    """What `attribute` takes. `bound` by asset id; a drawn world has no readings and no moment."""

    panel: Panel
    window: Window
    bound: dict[str, Move]
    available: frozenset[str]
    readings: tuple[DirectReading, ...] = ()
    as_of: datetime | None = None


def weigh(given: Inputs, catalogue: Catalogue, method: Method = attribute) -> Attribution:
    """The attribution of these inputs."""
    return method(given.panel, given.window, given.bound, catalogue, given.available, given.readings, given.as_of)


def day_inputs(context: ScoreContext, day: date, without: Collection[str] = ()) -> Inputs | None:
    """What an explanation of one session would weigh, as known in its morning note.

    Parameters
    ----------
    without : items of direct evidence that are left out, such as one that is evidence and label at once.

    Returns
    -------
    None if the day is no session, is not over, or has no S&P 500 or fewer than three assets: as in `explain`.
    """
    row, moment = context.sessions.position(day), morning_note(day)
    if row is None or row == 0 or moment > context.now:
        return None
    catalogue, sessions = context.catalogue, context.sessions
    panel = build_panel(
        context.store,
        catalogue,
        weighed_series(catalogue),
        sessions,
        n_rows=row + 1,
        as_of=moment,
        also_read=catalogue.indicators.series(),
    )
    window = Window(sessions.dates[row - 1].item(), day, day, row - 1, row)
    moves = {m.series.id: m for m in window_moves(panel, window)}
    bound = {asset: moves[s] for asset, s in bind_assets(catalogue, moves).items()}
    if "spx" not in bound or len(bound) < FEWEST_ASSETS:
        return None
    state = state_at(context.store, catalogue, sessions, window, moment, context.now, read=panel.observations)
    available, readings = evidence_known(state, catalogue, panel, window, sessions, bound, moves, moment)
    kept = tuple(r for r in readings if r.item.id not in without)
    return Inputs(panel, window, bound, frozenset(available), kept, moment)


def without_evidence(given: Inputs) -> Inputs:
    """The same day with all direct evidence missing but what is read from its own moves."""
    return replace(given, readings=tuple(r if r.item.from_prices else _missing(r) for r in given.readings))


def _missing(reading: DirectReading) -> DirectReading:
    return DirectReading(reading.item, "missing", None, None, 0.0)


def sigmas_of(given: Inputs) -> np.ndarray:
    """Slow sigmas of the bound assets, (n_assets,)."""
    return slow_sigmas(given.bound.values())
