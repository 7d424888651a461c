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


def sigma_history(panel: Panel, n_sessions: int, last_row: int, columns: Sequence[int] | None = None) -> Floats:
    """Slow sigmas of every window of that length, signed so that minus is a loss.

    Parameters
    ----------
    columns : columns of the panel to compute; the others are NaN. None computes all that hold any level.

    Returns
    -------
    (last_row + 1, n_series): row t holds the window that ends at session t, by the same rules as `window_moves`; NaN
    where the series has no level at the window's end or base, or no volatility.
    """
    chosen = panel.filled if columns is None else np.asarray(columns, dtype=np.int64)
    sigmas = np.full((last_row + 1, panel.levels.shape[1]), np.nan, order="F")
    for i in chosen:
        levels = panel.levels[: last_row + 1, [i]]
        bases = np.full(levels.shape, -1, dtype=np.int64)
        bases[n_sessions:] = last_rows(levels)[:-n_sessions]
        latest = last_rows(levels, longest=n_sessions - 1)
        moves = log_moves(levels, bases, latest, panel.is_difference[[i]])[n_sessions:, 0]
        volatility = panel.volatility[: last_row + 1 - n_sessions, i]
        sigmas[n_sessions:, i] = moves / (volatility * np.sqrt(n_sessions)) * panel.fall_signs[i]
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


def bound_class_history(panel: Panel, sigmas: Floats, classes: Sequence[AssetClass]) -> Floats:
    """Depth of every class in every window, each window with the series that `class_depths` would bind to it.

    Returns
    -------
    (n_windows, n_classes), NaN where no member has a series with a slow sigma.
    """
    depths = np.full((len(sigmas), len(classes)), np.nan)
    for i, asset_class in enumerate(classes):
        total, count = np.zeros(len(sigmas)), np.zeros(len(sigmas))
        for member in asset_class.members:
            first = np.full(len(sigmas), np.nan)
            for column in (panel.column[s] for s in member if s in panel.column):
                first = np.where(np.isnan(first), sigmas[:, column], first)
            total += np.where(np.isnan(first), 0.0, first)
            count += ~np.isnan(first)
        np.divide(total, count, out=depths[:, i], where=count > 0)
    return depths


def kth_worst(depths: Floats, k: int) -> Floats:
    """The k-th lowest depth of each row, (n_windows,); NaN where a class is missing."""
    ordered = np.sort(depths, axis=1)
    complete = ~np.isnan(depths).any(axis=1)
    worst: Floats = np.where(complete, ordered[:, k - 1], np.nan)
    return worst
