"""Slow oracles: loops written from the definitions, and panels straight from levels."""

from __future__ import annotations

import math
import statistics

import numpy as np
import polars as pl

from selloff.catalog import OBSERVATION_SCHEMA, default_catalogue
from selloff.panel import Panel, Window

NAN = math.nan
START = np.datetime64("2018-01-02")


def naive_move(levels: list[float], before: int, after: int, difference: bool) -> float:
    """Log move in per cent, difference in basis points; the difference rule where a price is not positive."""
    a, b = levels[before], levels[after]
    if difference:
        return 100 * (b - a)
    if a > 0 and b > 0:
        return 100 * math.log(b / a)
    positive = [x for x in levels[max(0, before - 249) : before + 1] if x > 0]
    return 100 * (b - a) / statistics.median(positive) if positive else NAN


def naive_daily(levels: list[float], difference: bool) -> list[float]:
    """Move from the last earlier level, at most five sessions back, over the root of the sessions it spans."""
    out = []
    for t, level in enumerate(levels):
        move = NAN
        if not math.isnan(level):
            for back in range(1, 6):
                if t - back >= 0 and not math.isnan(levels[t - back]):
                    move = naive_move(levels, t - back, t, difference) / math.sqrt(back)
                    break
        out.append(move)
    return out


def naive_slow(moves: list[float], row: int) -> float:
    known = [m for m in moves[max(0, row - 249) : row + 1] if not math.isnan(m)]
    return statistics.stdev(known) if len(known) >= 40 else NAN


def naive_fast(moves: list[float]) -> float:
    recent = moves[-250:]
    pairs = [(0.94 ** (len(recent) - 1 - i), m) for i, m in enumerate(recent) if not math.isnan(m)]
    if len(pairs) < 40:
        return NAN
    return math.sqrt(sum(w * m * m for w, m in pairs) / sum(w for w, _ in pairs))


def naive_window(levels: list[float], base: int, end: int, difference: bool) -> dict[str, float | None]:
    """Move and sigmas of one column, by loops."""
    before = next((t for t in range(base, max(-1, base - 6), -1) if not math.isnan(levels[t])), None)
    after = next((t for t in range(end, base, -1) if not math.isnan(levels[t])), None)
    if before is None or after is None:
        return {"log": None, "slow": None, "fast": None}
    log = naive_move(levels, before, after, difference)
    daily = naive_daily(levels, difference)
    root = math.sqrt(end - base)
    slow = log / (naive_slow(daily, base) * root)
    fast = log / (naive_fast(daily[: base + 1]) * root)
    return {
        "log": None if math.isnan(log) else log,
        "slow": None if math.isnan(slow) else slow,
        "fast": None if math.isnan(fast) else fast,
    }


def make_panel(levels: np.ndarray, series: list[str]) -> Panel:
    """A panel straight from levels, on made-up sessions."""
    catalogue = default_catalogue()
    ends = np.where(np.isnan(levels), 0, np.arange(1, len(levels) + 1)[:, None])
    return Panel(
        sessions=START + np.arange(len(levels)),
        series=tuple(catalogue.find_series(s) for s in series),
        levels=levels,
        ends=ends.astype(np.int64),
        observations=pl.DataFrame(schema=OBSERVATION_SCHEMA),
        as_of=None,
    )


def window_of(panel: Panel, base_row: int, end_row: int) -> Window:
    day = panel.sessions
    return Window(day[base_row].item(), day[base_row + 1].item(), day[end_row].item(), base_row, end_row)
