"""Derived series: computed row by row from their members."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from selloff.catalog import Catalogue, Series
from selloff.catalog.series import RateTable
from selloff.catalog.sessions import Sessions
from selloff.panel.quarter_sum import quarter_sum
from selloff.panel.total_return import total_return
from selloff.panel.transforms import Floats

Columns = dict[str, Floats]
Ends = dict[str, npt.NDArray[np.int64]]


def chain(members: Floats) -> Floats:
    """Equal-weight basket: mean simple daily move of the members, chained from 100 at the first full row."""
    full = ~np.isnan(members).any(axis=1)
    kept = members[full]
    basket = np.full(len(members), np.nan)
    if len(kept):
        moves = kept[1:] / kept[:-1] - 1.0
        basket[full] = 100.0 * np.concatenate([[1.0], np.cumprod(1.0 + moves.mean(axis=1))])
    return basket


def _rate_table(
    formula: RateTable, catalogue: Catalogue, sessions: Sessions, n_rows: int, as_of: datetime | None
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The rate in force on each session that had closed by then, and the session's close."""
    values = catalogue.rates[formula.table].on(sessions.dates[:n_rows])
    closes = sessions.closes[:n_rows]
    if as_of is not None:
        values = np.where(closes <= int(as_of.timestamp() * 1e6), values, np.nan)
    return values, np.where(np.isnan(values), 0, closes)


def _value(spec: Series, levels: Columns, ends: Ends) -> Floats:
    formula = spec.formula
    assert formula is not None and formula.kind != "rate_table"
    if formula.kind == "total_return":
        none = np.full_like(levels[formula.price], np.nan)
        dividends = none if formula.dividends is None else levels[formula.dividends]
        splits = none if formula.splits is None else levels[formula.splits]
        return total_return(levels[formula.price], dividends, splits)
    members = [levels[m] for m in formula.members]
    if formula.kind == "quarter_sum":
        return quarter_sum(np.stack(members, axis=1), np.stack([ends[m] for m in formula.members], axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        if formula.kind == "ratio":
            return np.where(members[1] > 0, members[0] / members[1], np.nan)
        if formula.kind == "difference":
            return np.asarray(members[0] - members[1])
        if formula.kind == "stand_in":
            rest = np.ones_like(members[0])
            for member, part in formula.less.items():
                rest = rest * levels[member] ** part
            return np.asarray(rest / members[0] if formula.inverse else members[0] / rest)
        if formula.kind == "log_sum":
            total = sum(w * np.log(levels[m]) for m, w in formula.weights.items())
            return np.asarray(formula.constant * np.exp(total))
    return chain(np.stack(members, axis=1))


def derive(
    spec: Series,
    levels: Columns,
    ends: Ends,
    *,
    catalogue: Catalogue,
    sessions: Sessions,
    n_rows: int,
    as_of: datetime | None,
) -> None:
    """Add a derived series, and what it is derived from, to the columns; its stored members must be there."""
    formula = spec.formula
    if spec.id in levels or formula is None:
        return
    if formula.kind == "rate_table":
        levels[spec.id], ends[spec.id] = _rate_table(formula, catalogue, sessions, n_rows, as_of)
        return
    for member in formula.members:
        derive(
            catalogue.find_series(member),
            levels,
            ends,
            catalogue=catalogue,
            sessions=sessions,
            n_rows=n_rows,
            as_of=as_of,
        )
    value = _value(spec, levels, ends)
    levels[spec.id] = value
    # A dividend's or split's row says when it counts, not when the level closed.
    closing = formula.members[:1] if formula.kind == "total_return" else formula.members
    ends[spec.id] = np.where(np.isnan(value), 0, np.max([ends[m] for m in closing], axis=0))
