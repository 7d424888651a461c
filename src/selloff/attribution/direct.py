"""Direct evidence: reads every item of the catalogue for one window, as known then."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from selloff.catalog.evidence import STANDARD, EvidenceItem
from selloff.detection.state import State, StateReading
from selloff.panel import Move, Panel, Window
from selloff.panel.transforms import last_rows, log_moves

Status = Literal["present", "absent", "missing"]


@dataclass(frozen=True)
class DirectReading:
    """One item over the window.

    status : `absent` is a scheduled event or season that is known not to be there; `missing`: it can't be told.
    value : as read (a percentile, sigmas, 1 for a present event); None if missing. source : what it was read from.
    standard : the standardised value that weights multiply; 0 if it says nothing: if missing, or if a column of the
        signature has shown the same.
    """

    item: EvidenceItem
    status: Status
    value: float | None
    source: str | None
    standard: float


def _scheduled(item: EvidenceItem, state: State) -> tuple[float | None, str | None]:
    """1 if any of the events is present, 0 if each is known to be absent, None if one can't be told."""
    answers = {s.indicator.id: s.answer for s in state.scheduled}
    given = [(answers.get(name, "no_table"), name) for name in item.of]
    present = next((name for answer, name in given if answer == "present"), None)
    if present is not None:
        return 1.0, present
    return (0.0, item.of[0]) if all(answer == "absent" for answer, _ in given) else (None, None)


def _read(item: EvidenceItem, reading: StateReading) -> float | None:
    if item.reading == "held":
        return reading.held_percentile
    if reading.status != "known" or (item.is_move and not reading.in_window):
        return None
    return reading.percentile if item.reading == "percentile" else reading.surprise


def _indicator(item: EvidenceItem, state: State) -> tuple[float | None, str | None]:
    for name in item.of:
        reading = state.reading(name)
        value = None if reading is None else _read(item, reading)
        if value is not None:
            return value, name
    return None, None


def _may_speak_for(item: EvidenceItem, source: str | None, state: State) -> bool:
    """Whether the level it is read from lies above the item's limit, if it has one."""
    if item.above is None or source is None:
        return True
    reading = state.reading(source)
    return reading is None or reading.value is None or reading.value > item.above


def _sigmas(name: str, bound: Mapping[str, Move], moves: Mapping[str, Move]) -> float | None:
    move = bound.get(name) or moves.get(name)
    return None if move is None else move.sigmas_slow


def _from_moves(
    item: EvidenceItem, bound: Mapping[str, Move], moves: Mapping[str, Move]
) -> tuple[float | None, str | None]:
    stocks = _sigmas("spx", bound, moves)
    if stocks is None:
        return None, None
    if item.reading == "direction":
        return math.copysign(0.5, stocks) if stocks else 0.0, "spx"
    if item.reading == "size":
        return (math.log(abs(stocks)) if stocks else None), "spx"
    name = next((n for n in item.of if _sigmas(n, bound, moves) is not None), None)
    if name is None:
        return None, None
    sigmas = float(_sigmas(name, bound, moves) or 0.0)
    if item.reading == "absolute":
        return abs(sigmas), name
    less = 0.0 if item.minus is None else _sigmas(item.minus, bound, moves)
    return (None, None) if less is None else ((sigmas - less) * float(np.sign(stocks)), name)


def _run_up(
    item: EvidenceItem, panel: Panel, window: Window, bound: Mapping[str, Move]
) -> tuple[float | None, str | None]:
    """Sigmas over the sessions up to the window's base, by the volatility known before them."""
    for name in item.of:
        series = bound[name].series.id if name in bound else name
        start = window.base_row - item.sessions
        if series not in panel.column or start < 0:
            continue
        column = panel.column[series]
        levels = panel.levels[: window.base_row + 1, [column]]
        rows = last_rows(levels)[[start, window.base_row]]
        move = log_moves(levels, rows[[0]], rows[[1]], panel.is_difference[[column]])[0, 0]
        sigmas = float(move / (panel.volatility[start, column] * np.sqrt(item.sessions)))
        if np.isfinite(sigmas):
            return sigmas, name
    return None, None


def standardised(item: EvidenceItem, value: float | None) -> float:
    """The value that weights multiply: centred, scaled and limited by the reading's fixed numbers; 0 if missing."""
    if value is None:
        return 0.0
    centre, scale, limit = STANDARD[item.reading]
    return max(-limit, min(limit, (value - centre) / scale))


def read_direct(
    items: Sequence[EvidenceItem],
    state: State,
    panel: Panel,
    window: Window,
    bound: Mapping[str, Move],
    moves: Mapping[str, Move],
) -> tuple[DirectReading, ...]:
    """Every item's reading.

    Parameters
    ----------
    state : the window's indicators and scheduled events as known then.
    bound : moves by asset id. moves : moves by series id.
    """

    def one(item: EvidenceItem) -> DirectReading:
        if item.reading == "season":
            there = window.end.month in item.months and item.days[0] <= window.end.day <= item.days[1]
            value, source = float(there), None
        elif item.reading == "scheduled":
            value, source = _scheduled(item, state)  # type: ignore[assignment]
        elif item.reading in ("percentile", "surprise", "held"):
            value, source = _indicator(item, state)  # type: ignore[assignment]
        elif item.reading == "run_up":
            value, source = _run_up(item, panel, window, bound)  # type: ignore[assignment]
        else:
            value, source = _from_moves(item, bound, moves)  # type: ignore[assignment]
        status: Status = "missing" if value is None else "present"
        if item.reading in ("scheduled", "season") and value == 0.0:
            status = "absent"
        standard = 0.0 if any(column in bound for column in item.seen_in) else standardised(item, value)
        if not _may_speak_for(item, source, state):
            standard = min(standard, 0.0)
        return DirectReading(item, status, value, source, standard)

    return tuple(one(item) for item in items)
