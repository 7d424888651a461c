"""Every sell-off in a history: the joint-fall test on all windows at once.

Each window is judged as `joint_fall` would judge it at the morning note after its end: slow sigmas known at its base,
levels known by that note, the first series of each member's list that was there. Windows that share a session make one
episode.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.catalog import AssetClass
from selloff.detection.base_rate import count_spells
from selloff.detection.depth import bound_class_history, class_history, kth_worst, sigma_history
from selloff.detection.joint_fall import long_classes
from selloff.detection.rarity import ReturnPeriod, return_period
from selloff.detection.verdict import VERDICTS, ThresholdTable, Verdict, classes_down, verdict_codes
from selloff.panel import Panel
from selloff.panel.transforms import LONGEST_GAP, Floats, log_moves

Ints = npt.NDArray[np.int64]

WINDOWS = (1, 3, 5, 10, 20)
"""Window lengths that are looked at: a day, and up to a month."""


@dataclass(frozen=True)
class WindowScan:
    """All windows of one length, row t the one that ends at session t.

    Attributes
    ----------
    sigmas : (n_windows, n_series), minus is a loss. depths : (n_windows, n_classes), NaN where missing.
    codes : (n_windows,), positions in `VERDICTS`.
    """

    n_sessions: int
    sigmas: Floats
    depths: Floats
    codes: Ints


@dataclass(frozen=True)
class SellOff:
    """One episode: windows that share sessions, and its deepest window.

    `start_row` to `end_row` are the sessions of all its windows. The deepest window, `peak_base` (exclusive) to
    `peak_row`, has the strongest verdict, and among those the largest total depth of the classes down; in a tie it is
    the shortest, then the first. `depths` are its classes' depths, NaN where missing; `rarity_depth` and
    `return_period` as in `JointFall`, without the interval.
    """

    start_row: int
    end_row: int
    peak_base: int
    peak_row: int
    n_windows: int
    verdict: Verdict
    classes_down: tuple[str, ...]
    depths: tuple[float, ...]
    rarity_depth: float | None
    return_period: ReturnPeriod


def known_rows(levels: Floats, waits: Ints, n_sessions: int, base: bool) -> Ints:
    """Rows of the levels that a window ending at each session has, if levels come with a delay; -1 where none.

    Parameters
    ----------
    levels, waits : (n_sessions, n_series), see `panel.knowledge.delays`.
    base : the level before the window, at most five sessions before its base, instead of the last one in it.
    """
    rows = np.full(levels.shape, -1, dtype=np.int64)
    steps = range(n_sessions, n_sessions + LONGEST_GAP + 1) if base else range(n_sessions)
    for back in steps:
        if back >= len(levels):
            break
        there = np.zeros(levels.shape, dtype=bool)
        there[back:] = ~np.isnan(levels[: len(levels) - back]) & (waits[: len(levels) - back] <= back)
        at = np.arange(len(levels))[:, None] - back
        rows = np.where((rows < 0) & there, at, rows)
    return rows


def _sigmas(panel: Panel, n_sessions: int, waits: Ints) -> Floats:
    """`sigma_history` of the whole panel, without the levels that were not known at a window's morning note."""
    last = len(panel.sessions) - 1
    sigmas = sigma_history(panel, n_sessions, last)
    late = np.flatnonzero((waits > 0).any(axis=0))
    if len(late):
        levels, slow = panel.levels[:, late], waits[:, late]
        bases = known_rows(levels, slow, n_sessions, base=True)
        ends = known_rows(levels, slow, n_sessions, base=False)
        volatility = np.full(levels.shape, np.nan)
        volatility[n_sessions:] = panel.volatility[: last + 1 - n_sessions, late]
        moves = log_moves(levels, bases, ends, panel.is_difference[late])
        sigmas[:, late] = moves / (volatility * np.sqrt(n_sessions)) * panel.fall_signs[late]
    return sigmas


def scan_windows(
    panel: Panel, classes: Sequence[AssetClass], table: ThresholdTable, lengths: Sequence[int], waits: Ints
) -> tuple[WindowScan, ...]:
    """Judge every window of the given lengths.

    Parameters
    ----------
    waits : (n_sessions, n_series), see `panel.knowledge.delays`. The volatility at a window's base takes delayed
        levels as known.
    """
    found = []
    for n in lengths:
        sigmas = _sigmas(panel, n, waits)
        depths = bound_class_history(panel, sigmas, classes)
        found.append(WindowScan(n, sigmas, depths, verdict_codes(depths, classes, table.at(n))))
    return tuple(found)


def merge(starts: Ints, ends: Ints) -> Ints:
    """Number of the episode that each window belongs to, (n,): windows that share a session, directly or through
    others.

    Parameters
    ----------
    starts, ends : (n,) first and last session of each window, inclusive.
    """
    order = np.lexsort((ends, starts))
    reach = np.maximum.accumulate(ends[order])
    new = np.ones(len(order), dtype=np.int64)
    new[1:] = starts[order][1:] > reach[:-1]
    out = np.empty(len(order), dtype=np.int64)
    out[order] = np.cumsum(new) - 1
    return out


class _Rarity:
    """Return periods of peaks; histories are shared by windows of one length with the same series bound."""

    def __init__(self, panel: Panel, scans: Sequence[WindowScan], classes: Sequence[AssetClass]) -> None:
        self.panel, self.classes = panel, classes
        self.scans = {s.n_sessions: s for s in scans}
        self.histories: dict[tuple[int, tuple[tuple[str, ...], ...]], Floats] = {}
        self.worst: dict[tuple[int, tuple[tuple[str, ...], ...], tuple[int, ...]], Floats] = {}

    def members(self, row: int, n_sessions: int) -> tuple[tuple[str, ...], ...]:
        """The series bound to each class that is there, by `bind_members`' rule."""
        sigmas, column = self.scans[n_sessions].sigmas[row], self.panel.column
        bound = []
        for asset_class in self.classes:
            found = (
                next((s for s in m if s in column and not np.isnan(sigmas[column[s]])), None)
                for m in asset_class.members
            )
            if names := tuple(s for s in found if s is not None):
                bound.append(names)
        return tuple(bound)

    def of(self, row: int, n_sessions: int) -> tuple[float | None, ReturnPeriod]:
        """Depth of the k-th worst class with a long history, and its return period, of one window."""
        members, scan = self.members(row, n_sessions), self.scans[n_sessions]
        key = (n_sessions, members)
        if key not in self.histories:
            self.histories[key] = class_history(self.panel, scan.sigmas, members)
        known = self.histories[key][: row - n_sessions + 1]
        long = long_classes(known)
        if not long:
            return None, ReturnPeriod(None, None, None, 0.0)
        k = math.ceil(len(long) / 2)
        if (*key, tuple(long)) not in self.worst:
            self.worst[*key, tuple(long)] = kth_worst(self.histories[key][:, long], k)
        now = scan.depths[row]
        depth = float(np.sort(now[~np.isnan(now)][long])[k - 1])
        history = -self.worst[*key, tuple(long)][: row - n_sessions + 1]
        return depth, return_period(history, -depth, n_sessions, interval=False)


@dataclass(frozen=True)
class _Hits:
    """Windows that count, (n,) each: last session, length, verdict's position, total depth of the classes down."""

    rows: Ints
    lengths: Ints
    codes: Ints
    totals: Floats


def _hits(
    scans: Sequence[WindowScan], classes: Sequence[AssetClass], table: ThresholdTable, first_row: int, weakest: Verdict
) -> _Hits:
    parts = []
    for s in scans:
        counts = s.codes >= max(VERDICTS.index(weakest), 1)
        counts[: first_row + s.n_sessions - 1] = False
        rows = np.flatnonzero(counts)
        limits = np.array([table.at(s.n_sessions).limits(classes, v) for v in VERDICTS])[s.codes[rows]]
        depths = s.depths[rows]
        totals = np.where(depths <= -limits, depths, 0.0).sum(axis=1)
        parts.append((rows, np.full(len(rows), s.n_sessions), s.codes[rows], totals))
    rows, lengths, codes, totals = (np.concatenate(x) for x in zip(*parts, strict=True))
    return _Hits(rows, lengths, codes, totals)


def find_episodes(
    panel: Panel,
    classes: Sequence[AssetClass],
    table: ThresholdTable,
    scans: Sequence[WindowScan],
    first_row: int,
    weakest: Verdict,
) -> tuple[SellOff, ...]:
    """Merge the windows whose verdict is at least `weakest` into episodes, in order of time.

    Parameters
    ----------
    first_row : windows start at this session or later.
    """
    hits = _hits(scans, classes, table, first_row, weakest)
    episode = merge(hits.rows - hits.lengths + 1, hits.rows)
    order = np.lexsort((hits.rows, hits.lengths, hits.totals, -hits.codes, episode))
    peaks = order[np.flatnonzero(np.diff(episode[order], prepend=-1))]
    starts, ends = np.full(len(peaks), len(panel.sessions)), np.zeros(len(peaks), dtype=np.int64)
    np.minimum.at(starts, episode, hits.rows - hits.lengths + 1)
    np.maximum.at(ends, episode, hits.rows)
    counts = np.bincount(episode, minlength=len(peaks))
    rarity, by_length = _Rarity(panel, scans, classes), {s.n_sessions: s for s in scans}

    def one(number: int) -> SellOff:
        row, n = int(hits.rows[peaks[number]]), int(hits.lengths[peaks[number]])
        verdict, depths = VERDICTS[int(hits.codes[peaks[number]])], by_length[n].depths[row]
        depth, period = rarity.of(row, n)
        return SellOff(
            start_row=int(starts[number]),
            end_row=int(ends[number]),
            peak_base=row - n,
            peak_row=row,
            n_windows=int(counts[number]),
            verdict=verdict,
            classes_down=classes_down(depths, classes, verdict, table.at(n)),
            depths=tuple(float(d) for d in depths),
            rarity_depth=depth,
            return_period=period,
        )

    return tuple(one(number) for number in range(len(peaks)))


def verdict_counts(scan: WindowScan, first_row: int) -> dict[str, dict[str, int]]:
    """Windows of each verdict, and spells of such windows, from a session on."""
    codes = scan.codes[first_row + scan.n_sessions - 1 :]
    return {
        v: {
            "windows": int(np.count_nonzero(codes == i)),
            "spells": count_spells(codes == i, scan.n_sessions),
        }
        for i, v in enumerate(VERDICTS)
        if v != "none"
    }
