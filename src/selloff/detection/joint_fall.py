"""What fell: depth by class, verdict, jointness and rarity of one window."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from selloff.catalog import Catalogue
from selloff.detection.base_rate import BaseRate, base_rate
from selloff.detection.depth import ClassDepth, class_depths, class_history, kth_worst, sigma_history
from selloff.detection.jointness import Jointness, jointness
from selloff.detection.rarity import SESSIONS_PER_YEAR, ReturnPeriod, return_period
from selloff.detection.verdict import Thresholds, Verdict, joint_verdict, shipped_thresholds
from selloff.panel import Move, Panel, Window
from selloff.panel.transforms import Floats

RARITY_HISTORY = 5 * SESSIONS_PER_YEAR
"""Sessions of history a class needs to count in the return period."""


@dataclass(frozen=True)
class JointFall:
    """The joint-fall test of one window.

    `rarity_classes` are the classes whose history is long enough for the return period; the others count in verdict
    and jointness only. `rarity_depth` is the k-th worst of them, the depth whose return period is given.
    `class_periods` are the return periods of the classes that are down, each taken alone; one whose history is too
    short is missing. `limits` are the slow sigmas at or below minus which each class counts as down by the verdict,
    by class id.
    """

    verdict: Verdict
    classes_down: tuple[str, ...]
    depths: tuple[ClassDepth, ...]
    jointness: Jointness
    return_period: ReturnPeriod
    rarity_classes: tuple[str, ...]
    rarity_depth: float | None
    class_periods: Mapping[str, ReturnPeriod]
    thresholds: Thresholds
    limits: Mapping[str, float]
    base_rate: BaseRate


def long_classes(history: Floats) -> list[int]:
    """Columns with enough history for a return period, of (n_windows, n_classes) depths."""
    lengths = np.sum(~np.isnan(history), axis=0)
    return [i for i in range(history.shape[1]) if lengths[i] >= RARITY_HISTORY]


def joint_fall(
    panel: Panel,
    window: Window,
    moves: Mapping[str, Move],
    catalogue: Catalogue,
    searched: Sequence[int] = (),
) -> JointFall:
    """Test a window for a joint fall, against what was known before it.

    `searched` are the lengths that the window's was chosen from, see `search`; empty if the window was given.
    """
    thresholds = shipped_thresholds().at(window.n_sessions)
    depths = class_depths(list(catalogue.classes.values()), moves)
    present = [d for d in depths if d.depth is not None]
    now = np.array([float(d.depth) for d in present if d.depth is not None])
    members = [d.members for d in present]
    columns = sorted({panel.column[s] for names in members for s in names})
    history = class_history(panel, sigma_history(panel, window.n_sessions, window.base_row, columns), members)
    daily = history
    if window.n_sessions > 1:
        daily = class_history(panel, sigma_history(panel, 1, window.base_row, columns), members)
    long = long_classes(history)
    rarity_depth, period, kth = None, ReturnPeriod(None, None, None, 0.0), np.full(len(history), np.nan)
    if long:
        k = math.ceil(len(long) / 2)
        rarity_depth, kth = float(np.sort(now[long])[k - 1]), kth_worst(history[:, long], k)
        period = return_period(-kth, -rarity_depth, window.n_sessions)
    verdict, down = joint_verdict(depths, thresholds)
    classes = [d.asset_class for d in present]
    periods = {
        classes[i].id: return_period(-history[:, i], -float(now[i]), window.n_sessions)
        for i in long
        if classes[i].id in down
    }
    days = panel.sessions[: len(history)]
    return JointFall(
        verdict=verdict,
        classes_down=down,
        depths=depths,
        jointness=jointness(history, daily, now, searched),
        return_period=period,
        rarity_classes=tuple(classes[i].id for i in long),
        rarity_depth=rarity_depth,
        class_periods=periods,
        thresholds=thresholds,
        limits={c.id: float(x) for c, x in zip(classes, thresholds.limits(classes, verdict), strict=True)},
        base_rate=base_rate(history, classes, kth, rarity_depth, now, verdict, thresholds, window.n_sessions, days),
    )
