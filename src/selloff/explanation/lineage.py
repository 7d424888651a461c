"""Where the numbers come from: the stored observations behind everything that an explanation shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from selloff.attribution import CauseResult
from selloff.catalog import Catalogue
from selloff.detection.rotation import Rotation
from selloff.detection.sequence import BreakOrder
from selloff.detection.state import State
from selloff.explanation.documents import utc_text
from selloff.explanation.funding import Trace
from selloff.explanation.result import Explanation, Lineage
from selloff.panel import Move, Panel
from selloff.store import Store

Wanted = tuple[str, str, int]
"""What a row is for, the stored series, and the instant (UTC microseconds) at which its period ended."""


def rows_of_moves(moves: Iterable[Move], catalogue: Catalogue) -> Iterator[Wanted]:
    """Both levels of each move, of every stored member."""
    for move in moves:
        for spec in catalogue.with_members([move.series.id]):
            yield from ((move.series.id, spec.id, end) for end in (move.base_end, move.last_end) if end is not None)


def rows_of_chains(causes: Iterable[CauseResult], moves: Mapping[str, Move], catalogue: Catalogue) -> Iterator[Wanted]:
    """Both levels of every link that moved."""
    linked = [r.series for c in causes if c.chain is not None for r in c.chain.links if r.sigmas is not None]
    yield from rows_of_moves([moves[s] for s in dict.fromkeys(linked) if s is not None and s in moves], catalogue)


def rows_of_breaks(order: BreakOrder) -> Iterator[Wanted]:
    """The bars at which each fall may have begun, most likely began and was seen."""
    for b in order.broke:
        ends = (b.low, b.best, b.high, b.alarm)
        yield from ((b.series, b.series, end) for end in ends if b.series is not None and end is not None)


def rows_of_state(state: State) -> Iterator[Wanted]:
    """The newest observations behind each indicator."""
    for reading in state.readings:
        yield from ((f"indicator:{reading.indicator.id}", series, end) for series, end in reading.rows)


def rows_of_rotation(rotation: Rotation) -> Iterator[Wanted]:
    """By basket the closes between which run-ups and window are measured."""
    for turn in rotation.baskets:
        for series in turn.members:
            yield from ((f"basket:{turn.basket.id}", series, end) for end in rotation.closes[series])


def rows_of_funding(traces: Iterable[Trace], panel: Panel, catalogue: Catalogue) -> Iterator[Wanted]:
    """The first and the last value of each trace; of a difference each member's newest period up to there."""
    for trace in traces:
        for spec in catalogue.with_members([trace.series.id]):
            own = panel.observations.filter(pl.col("series") == spec.id)["period_end"].to_physical().to_numpy()
            found = np.searchsorted(own, trace.ends, side="right") - 1
            yield from ((trace.series.id, spec.id, int(own[i])) for i in found if i >= 0)


def rows_shown(e: Explanation, moves: Mapping[str, Move], panel: Panel) -> Iterator[Wanted]:
    """The rows behind everything that an explanation shows.

    Parameters
    ----------
    moves : of every series over the window, by series id; links of chains may be none of those shown.
    """
    yield from rows_of_moves([*e.moves, *e.asia_answer], e.catalogue)
    yield from rows_of_chains(e.attribution.causes, moves, e.catalogue)
    yield from rows_of_breaks(e.sequence)
    yield from rows_of_state(e.background.state)
    yield from rows_of_rotation(e.rotation)
    yield from rows_of_funding(e.funding, panel, e.catalogue)


def lineage_of(wanted: Iterable[Wanted], panel: Panel, store: Store) -> dict[str, Lineage]:
    """The stored observations that are wanted, with the bytes behind them; what is not stored has none."""
    keys = pl.DataFrame(
        list(dict.fromkeys(wanted)), schema={"for": pl.String, "series": pl.String, "end": pl.Int64}, orient="row"
    ).with_columns(period_end=pl.col("end").cast(pl.Datetime("us", "UTC")))
    near = panel.observations.filter(pl.col("period_end").is_in(keys["period_end"].unique().implode()))
    hashes = store.payload_index().select("source", "fetched_at", "sha256", "name")
    rows = (
        keys.join(near, on=["series", "period_end"], how="inner", maintain_order="left")
        .join(hashes, on=["source", "fetched_at"], how="left", maintain_order="left")
        .rows(named=True)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["for"], []).append(
            {
                "series": row["series"],
                "source": row["source"],
                "period_end": utc_text(row["period_end"]),
                "known_at": utc_text(row["known_at"]),
                "vintage": row["vintage"],
                "value": row["value"],
                "payload": row["name"],
                "sha256": row["sha256"],
            }
        )
    return {k: Lineage(k, tuple(v)) for k, v in found.items()}
