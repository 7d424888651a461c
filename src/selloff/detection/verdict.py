"""The joint verdict: joint, partial, isolated or none."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from selloff.detection.depth import ClassDepth

Verdict = Literal["joint", "partial", "isolated", "none"]


@dataclass(frozen=True)
class Thresholds:
    """Numbers of the verdict rule, made by `validation/verdict_thresholds.py` from resampled histories.

    down : a class at or below minus this many slow sigmas is down.
    fewest_groups : a joint fall needs at least so many groups down, and at least half of those present.
    """

    down: float
    fewest_groups: int


@lru_cache(maxsize=1)
def shipped_thresholds() -> Thresholds:
    """The thresholds that ship with selloff."""
    values = tomllib.loads((Path(__file__).parent / "thresholds.toml").read_text(encoding="utf-8"))
    return Thresholds(down=values["down"], fewest_groups=values["fewest_groups"])


def joint_verdict(depths: Sequence[ClassDepth], thresholds: Thresholds) -> tuple[Verdict, tuple[str, ...]]:
    """Verdict and the classes that are down.

    none : no class is down. isolated : all classes down belong to one group. joint : at least half of the groups
    present, and at least `fewest_groups`, have a class down. partial : anything between.
    """
    present = [d for d in depths if d.depth is not None]
    down = [d.asset_class for d in present if d.depth is not None and d.depth <= -thresholds.down]
    groups_present = {d.asset_class.group for d in present}
    groups_down = {c.group for c in down}
    verdict: Verdict
    if not down:
        verdict = "none"
    elif len(groups_down) == 1:
        verdict = "isolated"
    elif len(groups_down) >= max(thresholds.fewest_groups, len(groups_present) / 2):
        verdict = "joint"
    else:
        verdict = "partial"
    return verdict, tuple(c.id for c in down)
