"""The joint verdict: joint, partial, isolated or none.

One class in nine is far down by chance quite often, two seldom, four groups at once hardly ever. So each verdict has
depths of its own, at which histories whose classes have nothing to do with each other give it by chance no more often
than a rate that was stated beforehand (`thresholds.toml`, docs/method.md).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from selloff.catalog import AssetClass
from selloff.detection.depth import ClassDepth
from selloff.panel.transforms import Floats

JOINTNESS_LEVEL = 0.05
"""Below it, classes fell more jointly than usual: the customary level of a test."""

Verdict = Literal["joint", "partial", "isolated", "none"]

VERDICTS: tuple[Verdict, ...] = ("none", "isolated", "partial", "joint")
"""From the weakest to the strongest; `verdict_codes` gives positions in it."""


@dataclass(frozen=True)
class Thresholds:
    """The verdict rule's depths for one window length.

    joint : slow sigmas; a class at or below minus this counts towards `joint`.
    partial, isolated : multiples of the class's own scale, for those verdicts.
    fewest_groups : a joint fall needs at least so many groups, and at least half of those present.
    scales : slow sigmas by class id; a class that is not listed has the largest.
    """

    joint: float
    partial: float
    isolated: float
    fewest_groups: int
    scales: Mapping[str, float]

    def limits(self, classes: Sequence[AssetClass], verdict: Verdict) -> Floats:
        """(n_classes,) slow sigmas at or below minus which each class is down by a verdict; `none`: by `isolated`."""
        if verdict == "joint":
            return np.full(len(classes), self.joint)
        multiple = self.partial if verdict == "partial" else self.isolated
        largest = max(self.scales.values())
        return np.array([multiple * self.scales.get(c.id, largest) for c in classes])


@dataclass(frozen=True)
class ThresholdTable:
    """The shipped thresholds: one row per window length that was resampled, by increasing length."""

    rows: tuple[tuple[int, Thresholds], ...]

    def at(self, n_sessions: int) -> Thresholds:
        """Thresholds of any length: between two rows linear in the logarithm of the length, beyond the last its own."""
        known = np.log([n for n, _ in self.rows])
        where = np.log(n_sessions)
        first = self.rows[0][1]

        def between(values: list[float]) -> float:
            return float(np.interp(where, known, values))

        return Thresholds(
            joint=first.joint,
            partial=between([t.partial for _, t in self.rows]),
            isolated=between([t.isolated for _, t in self.rows]),
            fewest_groups=first.fewest_groups,
            scales={c: between([t.scales[c] for _, t in self.rows]) for c in first.scales},
        )


def thresholds_digest(table: ThresholdTable) -> str:
    """SHA-256 of every number of the verdict rule."""
    numbers = [[n, t.joint, t.partial, t.isolated, t.fewest_groups, sorted(t.scales.items())] for n, t in table.rows]
    return hashlib.sha256(json.dumps(numbers, separators=(",", ":")).encode()).hexdigest()


def parse_thresholds(values: Mapping[str, Any]) -> ThresholdTable:
    """The table out of the parsed file."""
    ordered = sorted(values["length"], key=lambda r: int(r["sessions"]))
    return ThresholdTable(
        tuple(
            (
                int(r["sessions"]),
                Thresholds(values["joint"], r["partial"], r["isolated"], values["fewest_groups"], dict(r["scale"])),
            )
            for r in ordered
        )
    )


@lru_cache(maxsize=1)
def shipped_thresholds() -> ThresholdTable:
    """The thresholds that ship with selloff."""
    return parse_thresholds(tomllib.loads((Path(__file__).parent / "thresholds.toml").read_text(encoding="utf-8")))


def group_depths(depths: Floats, groups: Sequence[str]) -> Floats:
    """Depth of each group in each window: its deepest class.

    Parameters
    ----------
    depths : (n_windows, n_classes), NaN where missing. groups : (n_classes,), the group of each class.

    Returns
    -------
    (n_windows, n_groups), groups in the order of their names; NaN where none of its classes is there.
    """
    filled = np.where(np.isnan(depths), np.inf, depths)
    out = np.empty((len(depths), len(set(groups))))
    for i, name in enumerate(sorted(set(groups))):
        out[:, i] = filled[:, [j for j, g in enumerate(groups) if g == name]].min(axis=1)
    out[np.isinf(out)] = np.nan
    return out


def is_joint(by_group: Floats, depth: float, fewest_groups: int) -> npt.NDArray[np.bool_]:
    """Windows in which at least so many groups, and at least half of those present, are down by a depth.

    Parameters
    ----------
    by_group : (n_windows, n_groups), see `group_depths`; a missing group is not present.
    """
    present = np.count_nonzero(~np.isnan(by_group), axis=1)
    down = np.count_nonzero(by_group <= -depth, axis=1)
    joint: npt.NDArray[np.bool_] = down >= np.maximum(fewest_groups, present / 2)
    return joint


def verdict_codes(depths: Floats, classes: Sequence[AssetClass], thresholds: Thresholds) -> npt.NDArray[np.int64]:
    """Verdict of every window, as positions in `VERDICTS`.

    joint : at least `fewest_groups` and at least half of the groups present are down by `joint`.
    partial : at least two groups are down by `partial`.
    isolated : one group is down by `isolated`.
    none : otherwise.

    Parameters
    ----------
    depths : (n_windows, n_classes), NaN where missing: such a class is not present and not down.
    """
    groups = [c.group for c in classes]
    if len(classes) == 0:
        return np.zeros(len(depths), dtype=np.int64)
    joint = is_joint(group_depths(depths, groups), thresholds.joint, thresholds.fewest_groups)

    def groups_down(verdict: Verdict) -> npt.NDArray[np.int64]:
        beyond = group_depths(depths + thresholds.limits(classes, verdict), groups)
        count: npt.NDArray[np.int64] = np.count_nonzero(beyond <= 0.0, axis=1)
        return count

    partial, isolated = groups_down("partial") >= 2, groups_down("isolated") >= 1
    return np.where(joint, 3, np.where(partial, 2, np.where(isolated, 1, 0)))


def joint_verdict(depths: Sequence[ClassDepth], thresholds: Thresholds) -> tuple[Verdict, tuple[str, ...]]:
    """Verdict of one window by the rule of `verdict_codes`, and the ids of the classes that are down by its depths."""
    classes = [d.asset_class for d in depths]
    row = np.array([[np.nan if d.depth is None else d.depth for d in depths]])
    verdict = VERDICTS[int(verdict_codes(row, classes, thresholds)[0])]
    return verdict, classes_down(row[0], classes, verdict, thresholds)


def classes_down(
    depths: Floats, classes: Sequence[AssetClass], verdict: Verdict, thresholds: Thresholds
) -> tuple[str, ...]:
    """Ids of the classes at or below the depth that the verdict was held to; none for the verdict `none`."""
    if verdict == "none":
        return ()
    down = depths <= -thresholds.limits(classes, verdict)
    return tuple(c.id for c, is_down in zip(classes, down, strict=True) if is_down)
