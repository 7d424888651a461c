"""Gold: did the safe haven hold, fail, or have nothing to do with it?

A safe haven is asked for when equities are in their worst 5 % (Baur and Lucey 2010, Is gold a hedge or a safe haven?,
Financial Review 45(2): returns below the 5 % quantile of stocks). Here that is a slow sigma of −1.645, the
5 % point of a normal, so that it is known before the window. Gold then falls about as often as not: the likelihood
ratio says how little its sign tells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from selloff.detection.depth import sigma_history
from selloff.detection.rarity import SESSIONS_PER_YEAR
from selloff.panel import Move, Panel, Window
from selloff.panel.transforms import Floats

EQUITIES_DOWN = -1.645
UNCHANGED = 0.5
"""Within so many slow sigmas gold counts as about unchanged, as in the causes' signatures."""

RECENT = 5 * SESSIONS_PER_YEAR
NORMAL_90 = 1.645

Haven = Literal["held", "failed", "unrelated"]


@dataclass(frozen=True)
class HavenRate:
    """Of `n` windows known then in which equities were down by the cut-off, gold fell too in `fell` (any loss)."""

    n: int
    fell: int

    @property
    def share(self) -> float | None:
        """Share of them; None if there were none."""
        return self.fell / self.n if self.n else None


@dataclass(frozen=True)
class SafeHaven:
    """Gold over the window.

    status : `unrelated` if equities were not down by the cut-off or gold was about unchanged; else `held` (gold rose)
        or `failed` (gold fell).
    gold, equities : series ids; their slow sigmas over the window.
    likelihood_ratio : how much more often gold did this in windows with equities down than in the others; `low` to
        `high` is its 90 % interval. None if equities were not down, or there is too little history.
    whole, recent : base rates over the history known then, and over its last five years.
    """

    status: Haven
    gold: str
    equities: str
    gold_sigmas: float
    equities_sigmas: float
    likelihood_ratio: float | None
    low: float | None
    high: float | None
    whole: HavenRate
    recent: HavenRate

    @property
    def equities_cut_off(self) -> float:
        """Slow sigmas at or below which equities are down."""
        return EQUITIES_DOWN

    @property
    def equities_down(self) -> bool:
        """Whether equities were down by the cut-off, so that a haven was asked for."""
        return self.equities_sigmas <= EQUITIES_DOWN


def bucket(sigmas: Floats) -> Floats:
    """−1 for a fall, 0 for about unchanged, +1 for a rise; NaN where missing."""
    return np.where(np.isnan(sigmas), np.nan, np.sign(sigmas) * (np.abs(sigmas) >= UNCHANGED))


def ratio(hits: int, n: int, other_hits: int, other_n: int, overlap: int) -> tuple[float, float, float] | None:
    """Ratio of two frequencies with its 90 % interval.

    The interval is of the logarithm (Katz, Baptista, Azen and Pike 1978, Biometrics 34(3), method C), with counts
    divided by the number of sessions that overlapping windows share.

    Returns
    -------
    ratio, low, high; None if either count is zero.
    """
    if hits == 0 or other_hits == 0:
        return None
    value = (hits / n) / (other_hits / other_n)
    variance = (1 / hits - 1 / n + 1 / other_hits - 1 / other_n) * overlap
    spread = math.exp(NORMAL_90 * math.sqrt(variance))
    return value, value / spread, value * spread


def _rate(gold: Floats, down: Floats) -> HavenRate:
    both = (down == 1) & ~np.isnan(gold)
    return HavenRate(int(both.sum()), int(np.count_nonzero(gold[both] < 0)))


def safe_haven(panel: Panel, window: Window, gold: Move | None, equities: Move | None) -> SafeHaven | None:
    """Gold's line for a window; None without gold or equities.

    Parameters
    ----------
    gold, equities : moves over the window, of the series bound to those assets.
    """
    if gold is None or equities is None or gold.sigmas_slow is None or equities.sigmas_slow is None:
        return None
    columns = [panel.column[gold.series.id], panel.column[equities.series.id]]
    history = sigma_history(panel, window.n_sessions, window.base_row, columns)[:, columns]
    history = history[~np.isnan(history).any(axis=1)]
    fell, down = history[:, 0], (history[:, 1] <= EQUITIES_DOWN).astype(np.float64)
    is_down = equities.sigmas_slow <= EQUITIES_DOWN
    now = float(bucket(np.array([gold.sigmas_slow]))[0])
    status: Haven = "unrelated" if not is_down or now == 0 else ("held" if now > 0 else "failed")
    found = None
    if is_down:
        same, n_down = bucket(fell) == now, int(down.sum())
        hits, others = int(np.count_nonzero(same & (down == 1))), int(np.count_nonzero(same & (down == 0)))
        found = ratio(hits, n_down, others, len(down) - n_down, window.n_sessions)
    return SafeHaven(
        status=status,
        gold=gold.series.id,
        equities=equities.series.id,
        gold_sigmas=gold.sigmas_slow,
        equities_sigmas=equities.sigmas_slow,
        likelihood_ratio=found[0] if found else None,
        low=found[1] if found else None,
        high=found[2] if found else None,
        whole=_rate(fell, down),
        recent=_rate(fell[-RECENT:], down[-RECENT:]),
    )
