"""How deep: slow sigmas by asset class, on the day and through history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from selloff.catalog import AssetClass
from selloff.panel import Move, Panel
from selloff.panel.transforms import Floats, last_rows, log_moves


@dataclass(frozen=True)
class ClassDepth:
    """One asset class over the window.

    `depth` is the equal-weight mean of its members' slow sigmas, minus meaning a loss; None if no member has one.
    `members` are the series that counted.
    """

    asset_class: AssetClass
    depth: float | None
    members: tuple[str, ...]


def bind_members(asset_class: AssetClass, moves: Mapping[str, Move]) -> tuple[str, ...]:
    """The first available series of each member: the first with a slow sigma over the window."""
    found = (
        next((s for s in member if s in moves and moves[s].sigmas_slow is not None), None)
        for member in asset_class.members
    )
    return tuple(s for s in found if s is not None)


def class_depths(classes: Sequence[AssetClass], moves: Mapping[str, Move]) -> tuple[ClassDepth, ...]:
    """Depth of every class over the window."""

    def one(asset_class: AssetClass) -> ClassDepth:
        members = bind_members(asset_class, moves)
        depths = [d for s in members if (d := moves[s].depth) is not None]
        return ClassDepth(asset_class, float(np.mean(depths)) if depths else None, members)

    return tuple(one(c) for c in classes)


def sigma_history(panel: Panel, n_sessions: int, last_row: int) -> Floats:
    """Slow sigmas of every window of that length, signed so that minus is a loss.

    Returns
    -------
    (last_row + 1, n_series): row t holds the window that ends at session t, by the same rules as `window_moves`; NaN
    where the series has no level at the window's end or base, or no volatility.
    """
    levels = panel.levels[: last_row + 1]
    bases = np.full(levels.shape, -1, dtype=np.int64)
    bases[n_sessions:] = last_rows(levels)[:-n_sessions]
    latest = last_rows(levels, longest=n_sessions - 1)
    moves = log_moves(levels, bases, latest, panel.is_difference)
    volatility = np.full(levels.shape, np.nan)
    volatility[n_sessions:] = panel.volatility[: last_row + 1 - n_sessions]
    sigmas: Floats = moves / (volatility * np.sqrt(n_sessions)) * panel.fall_signs
    return sigmas


def class_history(panel: Panel, sigmas: Floats, members: Sequence[Sequence[str]]) -> Floats:
    """Depth of every class in every window: the mean of the members that have one.

    Returns
    -------
    (n_windows, n_classes), NaN where no member has one.
    """
    columns = []
    for names in members:
        part = sigmas[:, [panel.column[s] for s in names]]
        count = np.sum(~np.isnan(part), axis=1)
        columns.append(np.where(count > 0, np.nansum(part, axis=1) / np.maximum(count, 1), np.nan))
    return np.column_stack(columns) if columns else np.empty((len(sigmas), 0))


def kth_worst(depths: Floats, k: int) -> Floats:
    """The k-th lowest depth of each row, (n_windows,); NaN where a class is missing."""
    ordered = np.sort(depths, axis=1)
    complete = ~np.isnan(depths).any(axis=1)
    worst: Floats = np.where(complete, ordered[:, k - 1], np.nan)
    return worst
