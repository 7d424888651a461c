"""The panel: levels of many series on New York sessions, as they were known at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from selloff.catalog import Catalogue, Series
from selloff.catalog.sessions import Sessions
from selloff.panel.derive import derive
from selloff.panel.placement import PLACED, place
from selloff.panel.slices import EVER, rows_since
from selloff.panel.transforms import Floats, daily_log_moves
from selloff.panel.volatility import slow_volatility
from selloff.store import Store


@dataclass(frozen=True)
class Panel:
    """Levels of many series, one row per New York session.

    Attributes
    ----------
    sessions : (n_sessions,) datetime64[D].
    series : the columns.
    levels : (n_sessions, n_series), NaN where the series has no close on that session. Never filled. Column-major, like
        every array of this shape: the work is done series by series.
    ends : (n_sessions, n_series) int64, the instant (UTC microseconds) at which the level's period ended; 0 if missing.
    observations : the stored rows behind the levels, for lineage, and those read along; in a panel out of a store with
        the column `first_known`.
    as_of : the moment at which this was known; None is hindsight.
    """

    sessions: npt.NDArray[np.datetime64]
    series: tuple[Series, ...]
    levels: Floats
    ends: npt.NDArray[np.int64]
    observations: pl.DataFrame = field(repr=False)
    as_of: datetime | None

    @cached_property
    def column(self) -> dict[str, int]:
        """Column of each series id."""
        return {s.id: i for i, s in enumerate(self.series)}

    @cached_property
    def is_difference(self) -> npt.NDArray[np.bool_]:
        """(n_series,) true for rates and spreads, whose moves are differences, and for what has no moves."""
        return np.array([s.transform != "log" for s in self.series])

    @cached_property
    def fall_signs(self) -> Floats:
        """(n_series,) +1 where a lower value is a loss, -1 where a higher one is."""
        return np.array([float(s.fall_sign) for s in self.series])

    @cached_property
    def filled(self) -> npt.NDArray[np.int64]:
        """Columns with any level at all; the others, most of them on a small store, need no arithmetic."""
        return np.flatnonzero(~np.isnan(self.levels).all(axis=0))

    @cached_property
    def daily_moves(self) -> Floats:
        """(n_sessions, n_series) daily log moves, see `transforms.daily_log_moves`."""
        moves = np.full(self.levels.shape, np.nan, order="F")
        moves[:, self.filled] = daily_log_moves(self.levels[:, self.filled], self.is_difference[self.filled])
        return moves

    @cached_property
    def volatility(self) -> Floats:
        """(n_sessions, n_series) slow daily volatility known at each close."""
        volatility = np.full(self.levels.shape, np.nan, order="F")
        volatility[:, self.filled] = slow_volatility(self.daily_moves[:, self.filled])
        return volatility


def build_panel(
    store: Store,
    catalogue: Catalogue,
    series_ids: Sequence[str],
    sessions: Sessions,
    *,
    n_rows: int,
    as_of: datetime | None,
    also_read: Sequence[str] = (),
) -> Panel:
    """Align series on the first `n_rows` New York sessions, as known at `as_of`.

    Observations fall to sessions by the rules of `placement`. A local holiday is missing, not zero. Derived series
    are computed row by row from their members. Weekly and slower series stand in the row of their period's end; read
    them with `levels_as_of` instead.

    Series of `also_read` have no column: their rows stand in `observations`, so that one read serves all.
    """
    specs = [catalogue.find_series(i) for i in dict.fromkeys(series_ids)]
    stored = catalogue.with_members(s.id for s in specs)
    ids = {s.id for s in stored}
    more = [s for s in catalogue.with_members(also_read) if s.id not in ids]
    observations = store.read([*stored, *more], as_of, first_known=True)
    own = rows_since(observations.select(PLACED), dict.fromkeys(ids, EVER)) if more else observations
    stored_levels, stored_ends = place(own, stored, sessions, n_rows)
    levels = {s.id: stored_levels[:, i] for i, s in enumerate(stored)}
    ends = {s.id: stored_ends[:, i] for i, s in enumerate(stored)}

    for spec in specs:
        derive(spec, levels, ends, catalogue=catalogue, sessions=sessions, n_rows=n_rows, as_of=as_of)
    return Panel(
        sessions=sessions.dates[:n_rows],
        series=tuple(specs),
        levels=np.stack([levels[s.id] for s in specs]).T,
        ends=np.stack([ends[s.id] for s in specs]).T,
        observations=observations,
        as_of=as_of,
    )
