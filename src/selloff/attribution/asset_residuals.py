"""What a series did beyond what the assets of the signature explain.

Most markets fall when shares fall, so a link of a chain proves something only by its residual: its move over the window
less that of a regression on the bound assets' moves, estimated on the five years of sessions before (the abnormal
return of an event study: MacKinlay 1997, Event studies in economics and finance, JEL 35(1), sections 4 and 5, with all
assets for the market). What the signature has weighed already does not count a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from selloff.attribution.signature import UNCHANGED, observed_bucket
from selloff.panel import Move, Panel, Window
from selloff.panel.transforms import Floats, last_rows, log_moves
from selloff.panel.volatility import SLOW_SESSIONS

SAMPLE = 1250
"""Sessions before the window: five years."""

FEWEST_ROWS = 250
MOSTLY_THERE = 0.8
"""Share of the sample's sessions on which an asset must have moves to be a regressor."""

SAME_AS_ASSETS = 0.9
"""Share of a series' variance above which it is what the assets are made of, such as a real yield, which is a yield
less breakeven inflation: its residual is rounding, or what tells one basket of shares from another."""


@dataclass(frozen=True)
class Residual:
    """A series' move over a window beyond what the assets explain.

    sigmas : over the residuals' daily standard deviation times the root of the sessions. usual : (3,), how often a
    session's residual was below −0.5, within, and above 0.5 sigmas in the sample.
    """

    sigmas: float
    usual: Floats

    @property
    def bucket(self) -> int:
        """0 below, 1 about as explained, 2 above."""
        return observed_bucket(self.sigmas)


def window_move(panel: Panel, window: Window, column: int) -> tuple[float, int]:
    """Log move of one series over the window and its base row; NaN and −1 without data."""
    levels = panel.levels[: window.end_row + 1, [column]]
    base = int(last_rows(levels[: window.base_row + 1])[-1, 0])
    last = int(last_rows(levels, longest=window.n_sessions - 1)[-1, 0])
    if base < 0 or last <= window.base_row:
        return float("nan"), -1
    return float(log_moves(levels, np.array([[base]]), np.array([[last]]), panel.is_difference[[column]])[0, 0]), base


@dataclass(frozen=True)
class AssetResiduals:
    """Residuals of any series of a panel over one window; each is estimated once, when first asked for.

    bound : move of each bound asset, by asset id; those without a move over the window are left out.
    """

    panel: Panel
    window: Window
    bound: Mapping[str, Move]
    _found: dict[str, Residual | None] = field(default_factory=dict, repr=False)

    def of(self, series: str) -> Residual | None:
        """None if the series or the sample is too short, if neither it nor what the assets explain of it moved, or if
        they explain nine tenths of its variance."""
        if series not in self._found:
            self._found[series] = self._estimate(self.panel.column[series])
        return self._found[series]

    def _estimate(self, column: int) -> Residual | None:
        move, _ = window_move(self.panel, self.window, column)
        rows = slice(max(0, self.window.base_row - SAMPLE + 1), self.window.base_row + 1)
        own = self.panel.daily_moves[rows, column]
        there = ~np.isnan(own)
        if not np.isfinite(move) or there.sum() < FEWEST_ROWS:
            return None
        moved = [m for m in self.bound.values() if m.log_move is not None]
        assets = self.panel.daily_moves[rows][:, [self.panel.column[m.series.id] for m in moved]]
        usable = (~np.isnan(assets[there])).mean(axis=0) >= MOSTLY_THERE
        there &= ~np.isnan(assets[:, usable]).any(axis=1)
        if there.sum() < max(FEWEST_ROWS, 10 * usable.sum()):
            return None
        slopes = np.linalg.lstsq(assets[there][:, usable], own[there], rcond=None)[0]
        now = np.array([m.log_move for m, used in zip(moved, usable, strict=True) if used], dtype=np.float64)
        explained, root = float(now @ slopes), np.sqrt(self.window.n_sessions)
        volatility = float(self.panel.volatility[self.window.base_row, column]) * root
        if not max(abs(move), abs(explained)) >= UNCHANGED * volatility:
            return None
        daily = own[there] - assets[there][:, usable] @ slopes
        if daily.var() <= (1.0 - SAME_AS_ASSETS) * own[there].var():
            return None
        spread = float(daily[-SLOW_SESSIONS:].std())
        if not spread > 0.0:
            return None
        standard = daily / daily.std()
        counts = np.array([(standard <= -UNCHANGED).sum(), 0.0, (standard >= UNCHANGED).sum()])
        counts[1] = len(daily) - counts.sum()
        return Residual(float((move - explained) / (spread * root)), (counts + 1.0) / (len(daily) + 3.0))
