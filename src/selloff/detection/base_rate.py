"""How often it happened before: plain historical frequencies, counted over windows of the same length.

Rows of the history keep their dependence across classes, so this is no test of jointness (`jointness` is), only a
count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.catalog import AssetClass
from selloff.detection.rarity import SESSIONS_PER_YEAR
from selloff.detection.verdict import VERDICTS, Thresholds, Verdict, group_depths, verdict_codes
from selloff.panel.transforms import Floats


@dataclass(frozen=True)
class BaseRate:
    """Counts over the windows known before the event, one ending at each session.

    n_windows : windows with at least as many groups of classes as a joint fall needs. since : year of the first.
    verdicts : how many of them had each verdict, with the series that the event's classes are bound to.
    alarms_per_year : spells of windows with the event's verdict or a stronger one, per year; None without history.
    as_deep, of : windows whose k-th worst class was as deep as the event's, and windows in which it is known.
    deep_since : year of the first of those; None if there is none.
    nearest : id of the class that came closest to its limit, or went furthest beyond it. nearest_as_deep, nearest_of :
        windows in which it was as deep, and windows in which it is known. None and zeros without classes.
    """

    n_windows: int
    since: int | None
    verdicts: Mapping[Verdict, int]
    alarms_per_year: float | None
    as_deep: int
    of: int
    deep_since: int | None
    nearest: str | None
    nearest_as_deep: int
    nearest_of: int


def count_spells(hit: npt.NDArray[np.bool_], n_sessions: int) -> int:
    """Runs of windows that hit, (n_windows,); a gap of more than a window's length ends a run."""
    rows = np.flatnonzero(hit)
    return 0 if len(rows) == 0 else 1 + int(np.count_nonzero(np.diff(rows) > n_sessions))


def _year(sessions: npt.NDArray[np.datetime64], rows: npt.NDArray[np.bool_]) -> int | None:
    first = np.flatnonzero(rows)
    return int(str(sessions[first[0]])[:4]) if len(first) else None


def base_rate(
    history: Floats,
    classes: Sequence[AssetClass],
    kth_history: Floats,
    depth: float | None,
    now: Floats,
    verdict: Verdict,
    thresholds: Thresholds,
    n_sessions: int,
    sessions: npt.NDArray[np.datetime64],
) -> BaseRate:
    """Count a window's verdict and depth in the windows before it.

    Parameters
    ----------
    history : (n_windows, n_classes) depths, row t the window that ends at session t; NaN where missing.
    kth_history : (n_windows,) depth of the k-th worst class with a long history, NaN where one is missing.
    depth : the event's k-th worst depth, None if no class has a long history. now : (n_classes,) all its depths.
    sessions : (n_windows,) datetime64[D].
    """
    present = np.count_nonzero(~np.isnan(group_depths(history, [c.group for c in classes])), axis=1)
    counted = present >= thresholds.fewest_groups
    codes = np.where(counted, verdict_codes(history, classes, thresholds), 0)
    n = int(counted.sum())
    spells = count_spells(codes >= max(VERDICTS.index(verdict), 1), n_sessions)
    known = ~np.isnan(kth_history)
    nearest = int(np.argmin(now / thresholds.limits(classes, verdict))) if len(classes) else None
    column = history[:, nearest] if nearest is not None else np.empty(0)
    return BaseRate(
        n_windows=n,
        since=_year(sessions, counted),
        verdicts={v: int(np.count_nonzero(counted & (codes == i))) for i, v in enumerate(VERDICTS)},
        alarms_per_year=spells / (n / SESSIONS_PER_YEAR) if n else None,
        as_deep=int(np.count_nonzero(kth_history <= depth)) if depth is not None else 0,
        of=int(known.sum()),
        deep_since=_year(sessions, known),
        nearest=classes[nearest].id if nearest is not None else None,
        nearest_as_deep=int(np.count_nonzero(column <= now[nearest])) if nearest is not None else 0,
        nearest_of=int(np.count_nonzero(~np.isnan(column))),
    )
