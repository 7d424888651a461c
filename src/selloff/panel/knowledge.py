"""When each level of a panel became known: for analyses that look at many past moments out of one read.

A level counts as known from the first value of its period on. A later revision changes what it is, not since when
there was one: else a correction, or an adjusted file that is rescaled as a whole, would take the past away.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.catalog import Catalogue, Series
from selloff.catalog.sessions import Sessions
from selloff.panel.clock import morning_note
from selloff.panel.panel import Panel
from selloff.panel.placement import place
from selloff.panel.transforms import Floats

NEVER = np.iinfo(np.int32).max


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


def _late(panel: Panel, catalogue: Catalogue) -> list[Series]:
    """Series of the panel with any stored value that a morning note may have missed.

    A close falls on the session's own date in New York or earlier, so what is known nine hours after it is in time.
    """
    waited = (pl.col("first_known") - pl.col("period_end")) > pl.duration(hours=9)
    stored = set(panel.observations.lazy().filter(waited).select(pl.col("series").unique()).collect()["series"])
    return [s for s in panel.series if stored & {m.id for m in catalogue.with_members([s.id])}]


def known_instants(panel: Panel, late: list[Series], catalogue: Catalogue, sessions: Sessions) -> Floats:
    """Instant (UTC microseconds) at which each level of some series became known, (n_sessions, n_late); 0 for none.

    Of a revised level the instant of its first value counts.
    A derived level is known when the last of its members is; a table of facts counts as known at each session's close.
    """
    stored = catalogue.with_members(s.id for s in late)
    rows = panel.observations.filter(pl.col("series").is_in([s.id for s in stored]))
    as_values = rows.with_columns(value=pl.col("first_known").to_physical().cast(pl.Float64))
    placed, _ = place(as_values, stored, sessions, len(panel.sessions))
    column = {s.id: i for i, s in enumerate(stored)}

    def of(spec: Series) -> Floats:
        if spec.formula is None:
            return placed[:, column[spec.id]]
        if spec.formula.kind == "rate_table":
            return sessions.closes[: len(panel.sessions)].astype(np.float64)
        members = spec.formula.members[:1] if spec.formula.kind == "total_return" else spec.formula.members
        return np.asarray(np.max([of(catalogue.find_series(m)) for m in members], axis=0))

    known = np.column_stack([of(s) for s in late])
    levels = panel.levels[:, [panel.column[s.id] for s in late]]
    return np.where(np.isnan(levels) | np.isnan(known), 0.0, known)


def delays(panel: Panel, catalogue: Catalogue, sessions: Sessions) -> npt.NDArray[np.int64]:
    """Sessions after its own at whose morning note each level is first known, (n_sessions, n_series); 0 for most.

    The morning note of a session is 09:00 New York on the next calendar day. A level that is not known by the morning
    note of the panel's last session has `NEVER`.
    """
    waits = np.zeros(panel.levels.shape, dtype=np.int64)
    late = _late(panel, catalogue)
    if late:
        notes = np.array([_microseconds(morning_note(d)) for d in panel.sessions.tolist()], dtype=np.float64)
        first = np.searchsorted(notes, known_instants(panel, late, catalogue, sessions))
        waited = np.maximum(first - np.arange(len(notes))[:, None], 0)
        waits[:, [panel.column[s.id] for s in late]] = np.where(first >= len(notes), NEVER, waited)
    return waits
