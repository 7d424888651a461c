"""Chains: a cause's mechanism as ordered links, each tested for sign, size and order in time.

A chain is read beside the probability and does not enter it: most links are columns of the signature already. How
often the same links held together in earlier windows of that length stands beside it, because markets fall together
often and a chain that usually holds proves little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from selloff.attribution.signature import UNCHANGED, Polarity
from selloff.catalog import Cause, Link
from selloff.panel import Move, Panel, Window
from selloff.panel.transforms import LONGEST_GAP, last_rows, log_moves

Outcome = Literal["held", "broken", "no_data"]
Order = Literal["first", "after", "same_session", "before"]
Verdict = Literal["held", "broken", "no_data"]

FEWEST_LINKS = 2
"""A chain of which fewer links can be tested says nothing."""

HISTORY = 1250
"""Sessions before the window, five years, that tell how often the links hold anyway."""


@dataclass(frozen=True)
class LinkResult:
    """One link over the window.

    `sigmas` is the move in slow sigmas, None without data. `session` is the one in which half of the window's move was
    passed, `order` its place against the last link before it that held; both None unless the link held. Within one
    session daily data give no order.
    """

    link: Link
    series: str | None
    sign: str
    outcome: Outcome
    sigmas: float | None
    session: date | None
    order: Order | None


@dataclass(frozen=True)
class ChainResult:
    """A cause's links, and what they come to.

    `verdict` is `held` if every link with data held and none came before the one that should have caused it, `no_data`
    if fewer than two have data. `usual` is the share of earlier windows of the same length, over five years, in which
    the same links held together; None without such windows.
    """

    links: tuple[LinkResult, ...]
    verdict: Verdict
    usual: float | None


def chain_series(causes: Sequence[Cause], assets: Mapping[str, object]) -> list[str]:
    """Series that chains name, each once; assets are bound elsewhere."""
    return list(dict.fromkeys(n for c in causes for link in c.chain for n in link.of if n not in assets))


def _half_way(panel: Panel, window: Window, column: int, base: int) -> date:
    """First session in which the cumulative move passed half of the window's."""
    levels = panel.levels[: window.end_row + 1, [column]]
    rows = np.arange(window.base_row + 1, window.end_row + 1)
    present = rows[~np.isnan(levels[rows, 0])]
    moves = log_moves(levels, np.full((len(present), 1), base), present[:, None], panel.is_difference[[column]])[:, 0]
    passed = present[np.abs(moves) * (np.sign(moves) == np.sign(moves[-1])) >= abs(moves[-1]) / 2]
    found: date = panel.sessions[passed[0]].item()
    return found


def _window_sigmas(panel: Panel, window: Window, column: int) -> tuple[float, int]:
    """Move of one series over the window in slow sigmas, and its base row; NaN and −1 without data."""
    levels = panel.levels[: window.end_row + 1, [column]]
    base = int(last_rows(levels[: window.base_row + 1])[-1, 0])
    last = int(last_rows(levels, longest=window.n_sessions - 1)[-1, 0])
    if base < 0 or last <= window.base_row:
        return float("nan"), -1
    move = log_moves(levels, np.array([[base]]), np.array([[last]]), panel.is_difference[[column]])[0, 0]
    return float(move / (panel.volatility[window.base_row, column] * np.sqrt(window.n_sessions))), base


def _order(session: date, before: date | None, n_sessions: int) -> Order:
    if before is None:
        return "first"
    if n_sessions == 1 or session == before:
        return "same_session"
    return "after" if session > before else "before"


def _usual(panel: Panel, window: Window, results: Sequence[LinkResult]) -> float | None:
    """Share of earlier windows of the same length in which the tested links all had the predicted sign."""
    n = window.n_sessions
    first = max(window.base_row - HISTORY, n)
    ends = np.arange(first, window.base_row + 1)
    if len(ends) == 0:
        return None
    held = np.ones(len(ends), dtype=bool)
    known = np.ones(len(ends), dtype=bool)
    for result in results:
        if result.series is None:
            continue
        column = panel.column[result.series]
        start = max(first - n - LONGEST_GAP, 0)
        levels = panel.levels[start : window.base_row + 1, [column]]
        at = last_rows(levels, longest=max(n - 1, LONGEST_GAP))
        moves = log_moves(levels, at[ends - n - start], at[ends - start], panel.is_difference[[column]])[:, 0]
        sigmas = moves / (panel.volatility[ends - n, column] * np.sqrt(n))
        known &= ~np.isnan(sigmas)
        held &= np.nan_to_num(sigmas) * (1 if result.sign == "+" else -1) >= UNCHANGED
    return float(held[known].mean()) if known.any() else None


def run_chain(
    cause: Cause, panel: Panel, window: Window, bound: Mapping[str, Move], polarity: Polarity
) -> ChainResult | None:
    """Test every link of a cause's chain over a window; None if the cause has no chain.

    Parameters
    ----------
    bound : move of each bound asset, by asset id. Series that are not in the panel count as absent.
    polarity : in a relief window a cause with a mirror predicts the opposite signs.
    """
    if not cause.chain:
        return None
    mirrored = polarity == "relief" and cause.mirror
    results: list[LinkResult] = []
    before: date | None = None
    for link in cause.chain:
        sign = link.sign if not mirrored else ("-" if link.sign == "+" else "+")
        names = [bound[n].series.id if n in bound else n for n in link.of]
        tried = [(n, *_window_sigmas(panel, window, panel.column[n])) for n in names if n in panel.column]
        found = next((t for t in tried if np.isfinite(t[1])), None)
        if found is None:
            results.append(LinkResult(link, None, sign, "no_data", None, None, None))
            continue
        series, sigmas, base = found
        held = sigmas * (1 if sign == "+" else -1) >= UNCHANGED
        session = _half_way(panel, window, panel.column[series], base) if held else None
        order = None if session is None else _order(session, before, window.n_sessions)
        results.append(LinkResult(link, series, sign, "held" if held else "broken", sigmas, session, order))
        before = session if session is not None else before
    tested = [r for r in results if r.outcome != "no_data"]
    verdict: Verdict = "held"
    if len(tested) < FEWEST_LINKS:
        verdict = "no_data"
    elif any(r.outcome == "broken" or r.order == "before" for r in tested):
        verdict = "broken"
    return ChainResult(tuple(results), verdict, _usual(panel, window, tested) if verdict != "no_data" else None)
