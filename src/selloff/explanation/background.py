"""The background of a window: indicators, scheduled events, the economy, and how fragile markets were before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np

from selloff.attribution.direct import DirectReading, read_direct
from selloff.catalog import Catalogue, Event
from selloff.catalog.sessions import Sessions
from selloff.detection import JointFall
from selloff.detection.fragility import Fragility, recent_fragility
from selloff.detection.fragility.fragility import Level
from selloff.detection.fragility.recent import COMPOSITE_SESSIONS
from selloff.detection.state import Economy, ScheduledReading, State, StateReading, economy_of, state_at
from selloff.explanation.getting import pulling_sources
from selloff.panel import Move, Panel, Window
from selloff.store import Store

STRESS_INDICES = ("financial_stress_ofr", "financial_stress_st_louis", "financial_conditions")
"""Published indices that stand beside the composite: the OFR's, the St. Louis Fed's and the Chicago Fed's."""


@dataclass(frozen=True)
class Background:
    """What was known of the state of the world around a window.

    state : indicators and scheduled events. economy : the row on growth and the fall.
    fragility : known at the close of the window's base; percentiles are among the year before.
    """

    state: State
    economy: Economy
    fragility: Fragility


def background_of(
    store: Store,
    catalogue: Catalogue,
    sessions: Sessions,
    panel: Panel,
    window: Window,
    as_of: datetime | None,
    now: datetime,
    joint: JointFall,
) -> Background:
    """The background of a window, from the rows of a panel that read the indicators' series along."""
    state = state_at(store, catalogue, sessions, window, as_of, now, read=panel.observations)
    return Background(state, economy_of(state, joint.verdict), fragility_before(panel, window, joint))


def fragility_before(panel: Panel, window: Window, joint: JointFall) -> Fragility:
    """Fragility at the close of the window's base, of the series that the joint-fall test counted."""
    members = {d.asset_class.id: [panel.column[s] for s in d.members] for d in joint.depths}
    used = sorted({column for columns in members.values() for column in columns})
    place = {column: i for i, column in enumerate(used)}
    rows = slice(max(window.base_row - COMPOSITE_SESSIONS, 0), window.base_row + 1)
    found = recent_fragility(
        panel.daily_moves[rows][:, used] * panel.fall_signs[used],
        panel.volatility[rows][:, used],
        {c: [place[column] for column in columns] for c, columns in members.items()},
    )
    return replace(found, row=window.base_row)


def usable_for_requirements(
    background: State, catalogue: Catalogue, window: Window, sessions: Sessions, known_by: datetime
) -> set[str]:
    """Series and tables that meet a cause's `requires` beside those that moved in the window.

    A series that a column of the signature table binds to still needs a move: what a cause predicts of it is one. Of
    the tables only dated onsets count, where the table covers the window.
    """
    assets = {s for a in catalogue.assets.values() for s in a.series}
    tables = catalogue.events.met_requirements(window.start, window.end, sessions, known_by)
    return {s for s in background.usable_series if s not in assets} | set(tables)


def evidence_known(
    state: State,
    catalogue: Catalogue,
    panel: Panel,
    window: Window,
    sessions: Sessions,
    bound: Mapping[str, Move],
    moves: Mapping[str, Move],
    known_by: datetime,
) -> tuple[set[str], tuple[DirectReading, ...]]:
    """What attribution is told beside the bound moves: what meets the causes' `requires`, and every direct reading.

    Parameters
    ----------
    state : the window's indicators and scheduled events as known then.
    bound : moves by asset id. moves : moves by series id.
    """
    available = {s for s, m in moves.items() if m.log_move is not None}
    available |= usable_for_requirements(state, catalogue, window, sessions, known_by)
    return available, read_direct(catalogue.evidence, state, panel, window, bound, moves)


# -- as plain types --------------------------------------------------------------------------------------------


def state_document(state: State, economy: Economy, catalogue: Catalogue, day: date) -> dict[str, Any]:
    """The `state` object of the JSON."""
    return {
        "indicators": [_indicator(r, catalogue, day) for r in state.readings],
        "economy": {
            "strength": economy.strength,
            "word": economy.word,
            "indicators": list(economy.indicators),
            "strong_and_assets_fall": economy.strong_and_falling,
        },
        "without_source": [
            {"id": w.id, "name": w.name, "reason": w.reason, "proxy": w.proxy, "causes": list(w.causes)}
            for w in catalogue.indicators.without_source.values()
        ],
    }


def _indicator(reading: StateReading, catalogue: Catalogue, day: date) -> dict[str, Any]:
    spec = reading.indicator
    absent = reading.status == "absent"
    return {
        "id": spec.id,
        "name": spec.name,
        "group": spec.group,
        "status": reading.status,
        "evidence": reading.evidence,
        "value": reading.value,
        "unit": spec.unit.value,
        "date": reading.day.isoformat() if reading.day is not None else None,
        "known_at": _utc(reading.known_at),
        "age_days": reading.age_days,
        "stale_after_days": spec.stale_after_days,
        "in_window": reading.in_window,
        "percentile": reading.percentile,
        "look_back_years": spec.look_back_years,
        "n_past": reading.n_past,
        "change": reading.change,
        "change_periods": spec.change_periods,
        "change_unit": "log %" if spec.change == "log" else spec.unit.value,
        "window_change": reading.window_change,
        "held": reading.held,
        "held_percentile": reading.held_percentile,
        "surprise": reading.surprise,
        "stress": spec.stress,
        "stress_percentile": reading.stress_percentile,
        "transform": spec.transform,
        "causes": list(spec.causes),
        "series": list(spec.formula.series),
        "sources": list(pulling_sources(catalogue, spec.formula.series, day)) if absent else [],
    }


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def calendar_document(scheduled: tuple[ScheduledReading, ...]) -> list[dict[str, Any]]:
    """The `calendar` list of the JSON."""
    return [
        {
            "id": r.indicator.id,
            "name": r.indicator.name,
            "answer": r.answer,
            "sessions_before": r.indicator.sessions_before,
            "causes": list(r.indicator.causes),
            "events": [_event(e) for e in r.events],
        }
        for r in scheduled
    ]


def _event(event: Event) -> dict[str, Any]:
    details = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in event.details.items()}
    return {
        "date": event.date.isoformat(),
        "moment": _utc(event.moment),
        "kind": event.kind,
        "scheduled": event.scheduled,
        "confidence": event.confidence,
        "note": event.note,
        **details,
    }


def fragility_document(fragility: Fragility, state: State, base: str) -> dict[str, Any]:
    """The `fragility` object of the JSON."""
    levels = {name: asdict(level) for name, level in vars(fragility).items() if isinstance(level, Level)}
    table = fragility.table
    beside = {i: r for i in STRESS_INDICES if (r := state.reading(i)) is not None}
    return {
        "session": base,
        **levels,
        "classes": list(fragility.classes),
        "classes_missing": list(fragility.classes_missing),
        "connectedness_from_others": _by_class(fragility, table.from_others),
        "connectedness_to_others": _by_class(fragility, table.to_others),
        "connectedness_net": _by_class(fragility, table.net),
        "published_indices": {
            i: {
                "status": r.status,
                "value": r.value,
                "date": r.day.isoformat() if r.day is not None else None,
                "percentile": r.percentile,
            }
            for i, r in beside.items()
        },
    }


def _by_class(fragility: Fragility, values: Any) -> Mapping[str, float | None]:
    pairs = zip(fragility.classes, np.asarray(values).tolist(), strict=True)
    return {c: None if np.isnan(x) else x for c, x in pairs}


__all__ = [
    "Background",
    "background_of",
    "calendar_document",
    "evidence_known",
    "fragility_document",
    "state_document",
    "usable_for_requirements",
]
