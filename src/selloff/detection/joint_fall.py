"""What fell: depth by class, verdict, jointness and rarity of one window."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from selloff.catalog import Catalogue
from selloff.detection.depth import ClassDepth, class_depths, class_history, kth_worst, sigma_history
from selloff.detection.jointness import Jointness, jointness
from selloff.detection.rarity import SESSIONS_PER_YEAR, ReturnPeriod, return_period
from selloff.detection.verdict import Thresholds, Verdict, joint_verdict, shipped_thresholds
from selloff.panel import Move, Panel, Window

RARITY_HISTORY = 5 * SESSIONS_PER_YEAR
"""Sessions of history a class needs to count in the return period."""


@dataclass(frozen=True)
class JointFall:
    """The joint-fall test of one window.

    `rarity_classes` are the classes whose history is long enough for the return period; the others count in verdict
    and jointness only. `rarity_depth` is the k-th worst of them, the depth whose return period is given.
    """

    verdict: Verdict
    classes_down: tuple[str, ...]
    depths: tuple[ClassDepth, ...]
    jointness: Jointness
    return_period: ReturnPeriod
    rarity_classes: tuple[str, ...]
    rarity_depth: float | None
    thresholds: Thresholds


def joint_fall(panel: Panel, window: Window, moves: Mapping[str, Move], catalogue: Catalogue) -> JointFall:
    """Test a window for a joint fall, against what was known before it."""
    thresholds = shipped_thresholds()
    depths = class_depths(list(catalogue.classes.values()), moves)
    present = [d for d in depths if d.depth is not None]
    now = np.array([float(d.depth) for d in present if d.depth is not None])
    members = [d.members for d in present]
    history = class_history(panel, sigma_history(panel, window.n_sessions, window.base_row), members)
    daily = (
        history if window.n_sessions == 1 else class_history(panel, sigma_history(panel, 1, window.base_row), members)
    )
    lengths = np.sum(~np.isnan(history), axis=0)
    long = [i for i in range(len(present)) if lengths[i] >= RARITY_HISTORY]
    rarity_depth, period = None, ReturnPeriod(None, None, None, 0.0)
    if long:
        k = math.ceil(len(long) / 2)
        rarity_depth = float(np.sort(now[long])[k - 1])
        period = return_period(-kth_worst(history[:, long], k), -rarity_depth, window.n_sessions)
    together = jointness(history, daily, now)
    verdict, down = joint_verdict(depths, together.p_value, thresholds)
    return JointFall(
        verdict=verdict,
        classes_down=down,
        depths=depths,
        jointness=together,
        return_period=period,
        rarity_classes=tuple(present[i].asset_class.id for i in long),
        rarity_depth=rarity_depth,
        thresholds=thresholds,
    )
