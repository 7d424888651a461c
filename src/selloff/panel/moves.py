"""What each series did over a window, in its own units and in sigmas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selloff.catalog import Series
from selloff.panel.clock import Window
from selloff.panel.panel import Panel
from selloff.panel.transforms import LONGEST_GAP, Floats, last_rows, log_moves, simple_move
from selloff.panel.volatility import SLOW_SESSIONS, fast_volatility, sessions_since_start


@dataclass(frozen=True)
class Move:
    """One series over the window.

    `move` is simple % (bp for rates and spreads), `log_move` the log move on the same scale; both None if the series
    has no level before or in the window. `sigmas_slow` and `sigmas_fast` divide the log move by the volatility known
    at the base close × √sessions; None where it is unknown. `base_end`, `last_end`: UTC microseconds.
    """

    series: Series
    level_base: float | None
    level: float | None
    move: float | None
    log_move: float | None
    sigmas_slow: float | None
    sigmas_fast: float | None
    base_end: int | None
    last_end: int | None
    flags: tuple[str, ...]

    @property
    def depth(self) -> float | None:
        """Slow sigmas, signed so that minus is a loss."""
        return None if self.sigmas_slow is None else self.sigmas_slow * self.series.fall_sign


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _flags(panel: Panel, column: int, window: Window, base_row: int, last_row: int, age: int) -> tuple[str, ...]:
    spec = panel.series[column]
    flags: list[str] = list(spec.flags)
    if base_row < 0 or last_row < 0:
        stopped = np.flatnonzero(~np.isnan(panel.levels[: window.end_row + 1, column]))
        if len(stopped) == 0:
            flags.append("no_data")
        elif window.end_row - stopped[-1] > window.n_sessions:
            flags.append(f"stopped_{panel.sessions[stopped[-1]]}")
        else:
            flags.append("closed_in_window" if last_row < 0 else "starts_in_window")
        return tuple(flags)
    if base_row < window.base_row:
        flags.append(f"base_{panel.sessions[base_row]}")
    if last_row < window.end_row:
        flags.append(f"last_{panel.sessions[last_row]}")
    if min(panel.levels[base_row, column], panel.levels[last_row, column]) <= 0 and spec.transform == "log":
        flags.append("difference_rule")
    if age < SLOW_SESSIONS:
        flags.append("short_history")
    return tuple(flags)


def _last_row(levels: Floats, first: int, last: int) -> npt.NDArray[np.int64]:
    """Last row from `first` to `last` with a level, (n_series,); -1 where there is none."""
    rows = last_rows(levels[first : last + 1], longest=last - first)[-1]
    return np.where(rows >= 0, rows + first, -1)


def slow_sigmas(moves: Iterable[Move]) -> Floats:
    """(n,) slow sigmas of moves, 0 where they are missing: what says nothing pulls nowhere."""
    return np.array([float(m.sigmas_slow or 0.0) for m in moves])


def window_moves(panel: Panel, window: Window) -> tuple[Move, ...]:
    """Moves of every series of a panel over a window.

    The base level is the last one at or before the base session (at most five sessions earlier, flagged); the end
    level is the last one inside the window (flagged if it is not from the last session).
    """
    n_series = len(panel.series)
    known = panel.levels[: window.end_row + 1]
    base_rows = _last_row(known, max(0, window.base_row - LONGEST_GAP), window.base_row)
    end_rows = _last_row(known, window.base_row + 1, window.end_row)
    logs = log_moves(known, base_rows[None, :], end_rows[None, :], panel.is_difference)[0]
    slow = panel.volatility[window.base_row] * np.sqrt(window.n_sessions)
    fast = fast_volatility(panel.daily_moves[: window.base_row + 1]) * np.sqrt(window.n_sessions)
    ages = sessions_since_start(known, window.base_row)
    logs = np.where([s.is_level for s in panel.series], np.nan, logs)

    def one(i: int) -> Move:
        spec, base, last = panel.series[i], int(base_rows[i]), int(end_rows[i])
        before = float(known[base, i]) if base >= 0 else float("nan")
        after = float(known[last, i]) if last >= 0 else float("nan")
        known_levels = not spec.levels_mean_nothing
        return Move(
            series=spec,
            level_base=_finite(before) if known_levels else None,
            level=_finite(after) if known_levels else None,
            move=_finite(simple_move(before, after, float(logs[i]), is_difference=bool(panel.is_difference[i]))),
            log_move=_finite(logs[i]),
            sigmas_slow=_finite(logs[i] / slow[i]),
            sigmas_fast=_finite(logs[i] / fast[i]),
            base_end=int(panel.ends[base, i]) if base >= 0 else None,
            last_end=int(panel.ends[last, i]) if last >= 0 else None,
            flags=_flags(panel, i, window, base, last, int(ages[i])),
        )

    return tuple(one(i) for i in range(n_series))
