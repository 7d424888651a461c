"""The joint verdict: joint, partial, isolated or none."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from selloff.detection.depth import ClassDepth

JOINTNESS_LEVEL = 0.05
"""Below it, classes fell more jointly than usual: the customary level of a test."""

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


def joint_verdict(
    depths: Sequence[ClassDepth], p_value: float | None, thresholds: Thresholds
) -> tuple[Verdict, tuple[str, ...]]:
    """Verdict and the classes that are down.

    none : no class is down.
    joint : at least half of the groups present, and at least `fewest_groups`, have a class down.
    isolated : fewer are, and they belong to one group or fell no more jointly than usual.
    partial : fewer are, of several groups, and more jointly than usual.

    Parameters
    ----------
    p_value : of jointness, given the correlation known before; None counts as more jointly than usual.
    """
    present = [d for d in depths if d.depth is not None]
    down = [d.asset_class for d in present if d.depth is not None and d.depth <= -thresholds.down]
    groups_present = {d.asset_class.group for d in present}
    groups_down = {c.group for c in down}
    usual = p_value is not None and p_value >= JOINTNESS_LEVEL
    verdict: Verdict
    if not down:
        verdict = "none"
    elif len(groups_down) >= max(thresholds.fewest_groups, len(groups_present) / 2):
        verdict = "joint"
    elif len(groups_down) == 1 or usual:
        verdict = "isolated"
    else:
        verdict = "partial"
    return verdict, tuple(c.id for c in down)
