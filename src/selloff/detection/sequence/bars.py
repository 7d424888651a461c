"""Bars of one asset: prices at trading instants, what each step spans, and how much it usually moves.

The usual size of a step follows the time of day (Andersen and Bollerslev 1997, Intraday periodicity and volatility
persistence in financial markets, Journal of Empirical Finance 4, section 4): one variance per clock hour, weekends
apart, and one for the step over a closed market. They come from the sessions before the window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.panel.transforms import Floats

HOUR = 3_600_000_000
N_SLOTS = 48
"""Clock hours of New York weekdays, then of weekends."""

PRIOR_SESSIONS = 10.0
"""Weight, in sessions, of the pattern that an asset's own hours are drawn to: half of the look-back."""

Instants = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bars:
    """Prices at the ends of bars.

    Attributes
    ----------
    ends : (n,) instants, UTC microseconds, increasing.
    logs : (n,) log prices in per cent, signed so that lower is a loss.
    slots : (n,) clock-hour slot of each bar.
    sessions : (n,) trading session of each bar; all equal where the market never closes.
    """

    ends: Instants
    logs: Floats
    slots: Instants
    sessions: Instants

    def part(self, first: int, last: int) -> Bars:
        """Bars from `first` up to, not including, `last`."""
        cut = slice(first, last)
        return Bars(self.ends[cut], self.logs[cut], self.slots[cut], self.sessions[cut])

    def thinned(self, microseconds: int) -> Bars:
        """The last bar of each cell of a clock grid."""
        cells = (self.ends - 1) // microseconds
        keep = np.ones(len(cells), dtype=bool)
        keep[:-1] = cells[1:] != cells[:-1]
        return Bars(self.ends[keep], self.logs[keep], self.slots[keep], self.sessions[keep])


def trading_bars(bars: Bars, opens: Instants, closes: Instants) -> Bars:
    """The bars that ended while the market was open, each with its session.

    Parameters
    ----------
    opens, closes : (n_sessions,) instants.
    """
    rows = np.searchsorted(closes, bars.ends)
    inside = rows < len(closes)
    inside &= bars.ends > opens[np.minimum(rows, len(opens) - 1)]
    return Bars(bars.ends[inside], bars.logs[inside], bars.slots[inside], rows[inside].astype(np.int64))


@dataclass(frozen=True)
class Pattern:
    """Variance known before the window.

    per_hour : (48,) of each clock-hour slot. gap : of a step over a closed market.
    """

    per_hour: Floats
    gap: float


def steps(bars: Bars) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Hours that each step from bar to bar spans, and whether the market was closed in it; both (n - 1,)."""
    return np.diff(bars.ends) / HOUR, np.diff(bars.sessions) != 0


def usual_pattern(bars: Bars, prior: Pattern | None) -> Pattern:
    """The pattern of some bars before a window, drawn towards a prior one.

    With v the prior, each slot is (Σ r² + 10 v) / (hours + 10): the posterior mean under a conjugate prior worth ten
    sessions. Without a prior, v is the mean over all hours, and the step over a closed market has none.
    """
    hours, closed = steps(bars)
    squares = np.diff(bars.logs) ** 2
    slots, is_open = bars.slots[1:], ~closed
    sums = np.bincount(slots[is_open], squares[is_open], minlength=N_SLOTS)
    spans = np.bincount(slots[is_open], hours[is_open], minlength=N_SLOTS)
    mean = float(sums.sum() / max(spans.sum(), 1e-12))
    base = np.full(N_SLOTS, mean) if prior is None else prior.per_hour
    per_hour = (sums + PRIOR_SESSIONS * base) / (spans + PRIOR_SESSIONS)
    n_gaps, gap_sum = int(closed.sum()), float(squares[closed].sum())
    if prior is None:
        return Pattern(per_hour, gap_sum / n_gaps if n_gaps else 0.0)
    return Pattern(per_hour, (gap_sum + PRIOR_SESSIONS * prior.gap) / (n_gaps + PRIOR_SESSIONS))


def usual_variances(bars: Bars, pattern: Pattern) -> Floats:
    """Variance that each step usually has, (n - 1,)."""
    hours, closed = steps(bars)
    return np.where(closed, pattern.gap, hours * pattern.per_hour[bars.slots[1:]])
