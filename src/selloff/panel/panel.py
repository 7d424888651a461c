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
from selloff.panel.total_return import total_return
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
    levels : (n_sessions, n_series), NaN where the series has no close on that session. Never filled.
    ends : (n_sessions, n_series) int64, the instant (UTC microseconds) at which the level's period ended; 0 if missing.
    observations : the stored rows behind the levels, for lineage.
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
        """(n_series,) true for rates and spreads, whose moves are differences."""
        return np.array([s.transform == "difference" for s in self.series])

    @cached_property
    def fall_signs(self) -> Floats:
        """(n_series,) +1 where a lower value is a loss, -1 where a higher one is."""
        return np.array([float(s.fall_sign) for s in self.series])

    @cached_property
    def daily_moves(self) -> Floats:
        """(n_sessions, n_series) daily log moves, see `transforms.daily_log_moves`."""
        return daily_log_moves(self.levels, self.is_difference)

    @cached_property
    def volatility(self) -> Floats:
        """(n_sessions, n_series) slow daily volatility known at each close."""
        return slow_volatility(self.daily_moves)


def _stored_columns(
    observations: pl.DataFrame, stored: Sequence[Series], sessions: Sessions, n_rows: int
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Levels and period ends of stored series; a row takes the last bar that closed since the session before."""
    column = pl.DataFrame({"series": [s.id for s in stored], "column": np.arange(len(stored))})
    placed = (
        observations.select(
            "series",
            "value",
            "period_end",
            day=pl.col("period_end").dt.convert_time_zone("America/New_York").dt.date(),
        )
        .join(column, on="series")
        .sort("column", "period_end")
    )
    rows = np.searchsorted(sessions.dates, placed["day"].to_numpy().astype("datetime64[D]"))
    columns = placed["column"].to_numpy()
    is_last = np.ones(len(rows), dtype=bool)
    is_last[:-1] = (rows[:-1] != rows[1:]) | (columns[:-1] != columns[1:])
    keep = is_last & (rows < n_rows)
    levels = np.full((n_rows, len(stored)), np.nan)
    ends = np.zeros((n_rows, len(stored)), dtype=np.int64)
    levels[rows[keep], columns[keep]] = placed["value"].to_numpy()[keep]
    ends[rows[keep], columns[keep]] = placed["period_end"].to_physical().to_numpy()[keep]
    return levels, ends


def _derive(spec: Series, levels: dict[str, Floats], ends: dict[str, npt.NDArray[np.int64]]) -> None:
    """Add a derived series to the columns; its members must be there, or be derivable from them."""
    formula = spec.formula
    assert formula is not None
    members = [levels[m] for m in formula.members]
    with np.errstate(invalid="ignore", divide="ignore"):
        if formula.kind == "ratio":
            value = np.where(members[1] > 0, members[0] / members[1], np.nan)
        elif formula.kind == "difference":
            value = members[0] - members[1]
        elif formula.kind == "log_sum":
            value = formula.constant * np.exp(
                sum(w * np.log(levels[m]) for m, w in formula.weights.items())
            )
        elif formula.kind == "total_return":
            none = np.full_like(members[0], np.nan)
            value = total_return(
                members[0],
                none if formula.dividends is None else levels[formula.dividends],
                none if formula.splits is None else levels[formula.splits],
            )
        else:
            value = _chain(np.stack(members, axis=1))
    levels[spec.id] = value
    closing = formula.members[:1] if formula.kind == "total_return" else formula.members
    ends[spec.id] = np.where(np.isnan(value), 0, np.max([ends[m] for m in closing], axis=0))


def _chain(members: Floats) -> Floats:
    """Equal-weight basket: mean simple daily move of the members, chained from 100 at the first full row."""
    full = ~np.isnan(members).any(axis=1)
    kept = members[full]
    basket = np.full(len(members), np.nan)
    if len(kept):
        moves = kept[1:] / kept[:-1] - 1.0
        basket[full] = 100.0 * np.concatenate([[1.0], np.cumprod(1.0 + moves.mean(axis=1))])
    return basket


def build_panel(
    store: Store,
    catalogue: Catalogue,
    series_ids: Sequence[str],
    sessions: Sessions,
    *,
    n_rows: int,
    as_of: datetime | None,
) -> Panel:
    """Align series on the first `n_rows` New York sessions, as known at `as_of`.

    A bar belongs to the New York date on which it closes; what closed between two sessions (a weekend, a New York
    holiday) adds to the next one. A local holiday is missing, not zero. Derived series are computed row by row from
    their members.
    """
    specs = [catalogue.find_series(i) for i in dict.fromkeys(series_ids)]
    stored = catalogue.with_members(s.id for s in specs)
    observations = store.read(stored, as_of)
    stored_levels, stored_ends = _stored_columns(observations, stored, sessions, n_rows)
    levels = {s.id: stored_levels[:, i] for i, s in enumerate(stored)}
    ends = {s.id: stored_ends[:, i] for i, s in enumerate(stored)}

    def ensure(spec: Series) -> None:
        if spec.id in levels or spec.formula is None:
            return
        for member in spec.formula.members:
            ensure(catalogue.find_series(member))
        _derive(spec, levels, ends)

    for spec in specs:
        ensure(spec)
    return Panel(
        sessions=sessions.dates[:n_rows],
        series=tuple(specs),
        levels=np.column_stack([levels[s.id] for s in specs]),
        ends=np.column_stack([ends[s.id] for s in specs]),
        observations=observations,
        as_of=as_of,
    )
