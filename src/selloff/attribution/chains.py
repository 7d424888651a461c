"""Chains: a cause's mechanism as ordered links, each tested for sign, size and order in time.

How often the same links held together in earlier windows of that length stands beside the verdict, because markets fall
together often and a chain that usually holds proves little.

Links on columns of the signature have been weighed there. The others enter the probability by what they did beyond
what those columns explain (`asset_residuals`). The links of one chain tell one story, so together they count as one
witness: the mean of their log likelihood ratios.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from selloff.attribution.asset_residuals import SAMPLE, AssetResiduals, Residual, window_move
from selloff.attribution.signature import POLARITIES, UNCHANGED, Polarity
from selloff.catalog import Cause, Link
from selloff.panel import Move, Panel, Window
from selloff.panel.transforms import LONGEST_GAP, last_rows, log_moves

Outcome = Literal["held", "broken", "no_data"]
Order = Literal["first", "after", "same_session", "before"]
Verdict = Literal["held", "broken", "no_data"]

FEWEST_LINKS = 2
"""A chain of which fewer links can be tested says nothing."""

TILT = np.array([0.6, 0.8, 1.6])
"""How much likelier than usual a link's residual is against, about as explained, or as predicted if the cause was at
work, before adding up to one: a weak hypothesis, the same for every link, with odds of 8 to 3 between the two sides."""


@dataclass(frozen=True)
class LinkEvidence:
    """A link outside the signature: `sigmas` beyond what the assets explain, and the cause's likelihood ratio by it."""

    link: Link
    series: str
    sign: str
    sigmas: float
    likelihood_ratio: float


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
    move, base = window_move(panel, window, column)
    return float(move / (panel.volatility[window.base_row, column] * np.sqrt(window.n_sessions))), base


def _series_of(link: Link, panel: Panel, window: Window, bound: Mapping[str, Move]) -> tuple[str, float, int] | None:
    """The first series of a link with a move over the window, that move in slow sigmas and its base row."""
    names = [bound[n].series.id if n in bound else n for n in link.of]
    tried = ((n, *_window_sigmas(panel, window, panel.column[n])) for n in names if n in panel.column)
    return next((t for t in tried if np.isfinite(t[1])), None)


def _turned(link: Link, cause: Cause, polarity: Polarity) -> str:
    """The sign that a link predicts in a polarity."""
    return link.sign if not cause.is_turned(polarity) else ("-" if link.sign == "+" else "+")


def chain_evidence(
    cause: Cause, residuals: AssetResiduals, weighed: Collection[str] = ()
) -> dict[Polarity, tuple[LinkEvidence, ...]]:
    """What the links outside the signature say of a cause in each polarity.

    Parameters
    ----------
    weighed : series that direct evidence on the cause reads: they weigh there.
    """
    panel, window, bound = residuals.panel, residuals.window, residuals.bound
    columns = {move.series.id for move in bound.values()}
    beyond: list[tuple[Link, str, Residual]] = []
    for link in cause.chain:
        chosen = _series_of(link, panel, window, bound)
        if chosen is None or chosen[0] in columns or chosen[0] in weighed:
            continue
        residual = residuals.of(chosen[0])
        if residual is not None:
            beyond.append((link, chosen[0], residual))
    return {p: tuple(_weighed(link, s, r, _turned(link, cause, p)) for link, s, r in beyond) for p in POLARITIES}


def _weighed(link: Link, series: str, residual: Residual, sign: str) -> LinkEvidence:
    tilt = TILT if sign == "+" else TILT[::-1]
    ratio = float(tilt[residual.bucket] / (tilt @ residual.usual))
    return LinkEvidence(link, series, sign, residual.sigmas, ratio)


def chain_log_ratio(evidence: Sequence[LinkEvidence]) -> float:
    """Mean of the links' log likelihood ratios; 0 without any."""
    return float(np.mean([np.log(e.likelihood_ratio) for e in evidence])) if evidence else 0.0


def _order(session: date, before: date | None, n_sessions: int) -> Order:
    if before is None:
        return "first"
    if n_sessions == 1 or session == before:
        return "same_session"
    return "after" if session > before else "before"


def _usual(panel: Panel, window: Window, results: Sequence[LinkResult]) -> float | None:
    """Share of earlier windows of the same length in which the tested links all had the predicted sign."""
    n = window.n_sessions
    first = max(window.base_row - SAMPLE, n)
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
    results: list[LinkResult] = []
    before: date | None = None
    for link in cause.chain:
        sign = _turned(link, cause, polarity)
        found = _series_of(link, panel, window, bound)
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
