"""The window length that makes a fall look rarest, and what that choice does to its p-value.

Whoever looks at five windows and shows the rarest finds something rare too often. The null of what was shown is that of
the minimum over all that was looked at (Westfall and Young 1993, Resampling-Based Multiple Testing,
the single-step minP adjustment, with earlier sessions in place of resamples).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.catalog import AssetClass
from selloff.detection.depth import bound_class_history, sigma_history
from selloff.detection.joint_fall import RARITY_HISTORY
from selloff.detection.scan import WINDOWS
from selloff.panel import Panel
from selloff.panel.transforms import Floats

FEWEST_WINDOWS = 250
"""Earlier windows below which nothing is said about rarity, and the deepest length is taken."""


@dataclass(frozen=True)
class Search:
    """A search over window lengths that end at one session.

    p_values : by length, share of earlier windows of that length whose k-th worst class was as deep; empty without
    history.
    chosen : the length with the smallest; in a tie, as when several lengths set a record, the one that is deepest
        compared with the deepest earlier window of its length; without history the one with the lowest depth.
    p_value : its p-value as if nothing else had been looked at. p_corrected : against the smallest p-value that the
        same search finds at earlier sessions. None without history.
    n_windows : earlier sessions. classes : ids of the classes with a long history that were searched.
    """

    lengths: tuple[int, ...]
    p_values: Mapping[int, float]
    chosen: int
    p_value: float | None
    p_corrected: float | None
    n_windows: int
    classes: tuple[str, ...]


def smallest_p(history: Floats, now: Floats) -> tuple[Floats, float]:
    """P-values of each length, and that of their minimum.

    All ranks are taken among the earlier windows and the event together, so that each is uniform if the event is a
    window like any other.

    Parameters
    ----------
    history : (n_windows, n_lengths) depths of earlier windows, no NaN. now : (n_lengths,) the event's.

    Returns
    -------
    p-values (n_lengths,), p-value of the smallest.
    """
    together = np.vstack([history, now])
    ordered = np.sort(together, axis=0)
    ranks = np.column_stack(
        [np.searchsorted(ordered[:, i], together[:, i], side="right") for i in range(together.shape[1])]
    )
    lowest = ranks.min(axis=1)
    return ranks[-1] / len(together), float(np.count_nonzero(lowest <= lowest[-1]) / len(together))


def _kth(depths: Floats) -> Floats:
    """The k-th lowest of each row, k half of the columns; NaN where one is missing."""
    k = math.ceil(depths.shape[1] / 2)
    lowest: Floats = np.sort(depths, axis=1)[:, k - 1]
    return np.where(np.isnan(depths).any(axis=1), np.nan, lowest)


def search_length(
    panel: Panel, classes: Sequence[AssetClass], end_row: int, lengths: Sequence[int] = WINDOWS
) -> Search:
    """Choose the length of the window that ends at a session.

    Earlier windows are those that end at or before the base of the longest: none overlaps the event.
    """
    columns = sorted({panel.column[s] for c in classes for m in c.members for s in m if s in panel.column})
    depths = [bound_class_history(panel, sigma_history(panel, n, end_row, columns), classes) for n in lengths]
    before = max(end_row - max(lengths) + 1, 0)
    there = np.all([~np.isnan(d[end_row]) for d in depths], axis=0)
    known = np.min([np.count_nonzero(~np.isnan(d[:before]), axis=0) for d in depths], axis=0)
    kept: npt.NDArray[np.int64] = np.flatnonzero(there & (known >= RARITY_HISTORY))
    if len(kept) == 0:
        kept = np.flatnonzero(there)
    names = tuple(classes[i].id for i in kept)
    if len(kept) == 0:
        return Search(tuple(lengths), {}, lengths[0], None, None, 0, names)
    worst = np.column_stack([_kth(d[:, kept]) for d in depths])
    history, now = worst[:before], worst[end_row]
    history = history[~np.isnan(history).any(axis=1)]
    if len(history) < FEWEST_WINDOWS:
        return Search(tuple(lengths), {}, lengths[int(np.argmin(now))], None, None, len(history), names)
    p, corrected = smallest_p(history, now)
    of_record = now / np.minimum(history.min(axis=0), -1e-9)
    best = int(np.lexsort((-of_record, p))[0])
    by_length = {n: float(x) for n, x in zip(lengths, p, strict=True)}
    return Search(tuple(lengths), by_length, lengths[best], float(p[best]), corrected, len(history), names)
