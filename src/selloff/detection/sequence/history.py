"""Which bars of an asset a window is read from, and what they usually do, by written rule.

Bars before the window give the pattern: the 20 sessions up to the base, of the coarsest series that has ten of them; a
finer one is drawn towards it. Bars of the window come from the finest series with a price at the base and one in the
last session, thinned to a grid on which the window has at most 400 steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from selloff.detection.sequence.bars import HOUR, Bars, Pattern, usual_pattern, usual_variances
from selloff.panel.placement import OLDEST_BAR
from selloff.panel.transforms import Floats

LOOK_BACK = 20
"""Sessions before the window: a month, as long as the pattern of a day is taken to last."""

FEWEST_SESSIONS = 10
MOST_STEPS = 400
GRIDS = (HOUR // 12, HOUR // 4, HOUR // 2, HOUR)
"""Five, fifteen, thirty and sixty minutes."""

Reason = Literal["no_bars", "short_history", "starts_in_window", "stops_in_window"]


@dataclass(frozen=True)
class Readable:
    """One asset's window: `series` whose bars it is, the bars from the base on, and their steps' usual variances."""

    series: str
    bars: Bars
    variances: Floats


def _days(bars: Bars) -> int:
    return len(np.unique(bars.ends // (24 * HOUR)))


def _usable(bars: Bars, base: int, last_open: int) -> Reason | None:
    """Why a window can't be read: no price within two hours before the base close, or none in the last session."""
    n_before = int(np.searchsorted(bars.ends, base, side="right"))
    if n_before == 0 or base - bars.ends[n_before - 1] > OLDEST_BAR:
        return "starts_in_window"
    return "stops_in_window" if bars.ends[-1] <= last_open else None


def _thinned(bars: Bars) -> Bars:
    for grid in GRIDS:
        thin = bars.thinned(grid)
        if len(thin.ends) <= MOST_STEPS + 1:
            return thin
    return thin


def read_window(series: Sequence[tuple[str, Bars]], base: int, last_open: int) -> Readable | Reason:
    """The window of one asset, or why it can't be read.

    Parameters
    ----------
    series : id and bars of each of its series, finest first, look-back and window together; none is empty.
    base : close of the base session. last_open : opening of the last session. UTC microseconds.
    """
    if not series:
        return "no_bars"
    before = [(i, b.part(0, int(np.searchsorted(b.ends, base, side="right")))) for i, b in series]
    coarse = next((i for i, b in reversed(before) if len(b.ends) and _days(b) >= FEWEST_SESSIONS), None)
    if coarse is None:
        return "short_history"
    prior = usual_pattern(dict(before)[coarse], None)
    reasons: list[Reason] = []
    for (name, bars), (_, earlier) in zip(series, before, strict=True):
        reason = _usable(bars, base, last_open)
        if reason is not None:
            reasons.append(reason)
            continue
        pattern: Pattern = prior if name == coarse else usual_pattern(earlier, prior)
        start = int(np.searchsorted(bars.ends, base, side="right")) - 1
        window = _thinned(bars.part(start, len(bars.ends)))
        variances = usual_variances(window, pattern)
        if not np.all(variances > 0):
            return "short_history"
        return Readable(name, window, variances)
    return reasons[-1]
