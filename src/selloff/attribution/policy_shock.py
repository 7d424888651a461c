"""The policy shock of a central bank announcement: its part of the session's moves of shares and yields.

On sessions with an announcement the S&P 500, the 2- and the 10-year yield (in slow sigmas) move as on others, plus a
shock of variance one along a loading λ: Ω₁ = Ω₀ + λλ'. The loading follows from the two covariances alone
(identification through heteroskedasticity: Rigobon and Sack 2004, The impact of monetary policy on asset prices, JME
51(8), section 2), and given a session's moves x the expected shock is λ'(Ω₀ + λλ')⁻¹ x. It takes off the 2-year yield
what other news, seen in shares and in the 10-year yield, would have moved it by anyway.

Both covariances are those of all sessions before the window. Few announcements tell little, so Ω₁ starts from
Ω₀ + mm', m being the signature of the cause `policy_tightening`, worth `PRIOR_ANNOUNCEMENTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh

from selloff.attribution.signature import signatures
from selloff.catalog import Catalogue
from selloff.catalog.sessions import Sessions
from selloff.panel import Move, Panel, Window
from selloff.panel.transforms import Floats

CAUSE = "policy_tightening"
TABLE = "fomc"
ASSETS = ("spx", "us2y", "us10y")
"""Assets on which the cause's sign is a published restriction (Cieslak and Pang 2021)."""

PRIOR_ANNOUNCEMENTS = 40.0
"""Five years of scheduled announcements."""

FEWEST_SESSIONS = 250


@dataclass(frozen=True)
class Loading:
    """What one standard deviation of the shock moves, and how to read it off a session's moves.

    Attributes
    ----------
    loading : (n_assets,), sigmas. weights : (n_assets,), the expected shock is their product with the moves in sigmas.
    """

    loading: Floats
    weights: Floats


@dataclass(frozen=True)
class PolicyShock:
    """The shock of one session with an announcement.

    size : in standard deviations of such shocks; positive is tighter. moves : what it moved, by asset, in the asset's
    move unit (log per cent, basis points). n_announcements : sessions before the window that the loading was learnt
    from.
    """

    session: date
    size: float
    moves: Mapping[str, float]
    n_announcements: int


def shock_loading(others: Floats, announced: Floats, signature: Floats, worth: float = PRIOR_ANNOUNCEMENTS) -> Loading:
    """The loading from sessions without and with an announcement.

    Parameters
    ----------
    others : (n, n_assets) sigmas, n at least `n_assets`, none missing. announced : (m, n_assets), m may be 0.
    signature : (n_assets,), the loading expected beforehand. worth : how many announcements that counts as, above 0.

    Returns
    -------
    Loading, its sign that of the signature.
    """
    usual = others.T @ others / len(others)
    expected = worth * (usual + np.outer(signature, signature))
    answered = (expected + announced.T @ announced) / (worth + len(announced))
    ratios, directions = eigh(answered, usual)
    excess = np.sqrt(max(float(ratios[-1]) - 1.0, 0.0))
    loading, weights = excess * usual @ directions[:, -1], excess / ratios[-1] * directions[:, -1]
    turn = 1.0 if loading @ signature >= 0 else -1.0
    return Loading(turn * loading, turn * weights)


def _announced(
    catalogue: Catalogue, sessions: Sessions, n_rows: int, as_of: datetime | None
) -> npt.NDArray[np.bool_] | None:
    """(n_rows,), sessions in which prices answer an announcement known by then; None without a table."""
    table = catalogue.events.tables.get(TABLE)
    if table is None:
        return None
    found = np.zeros(n_rows, dtype=bool)
    for event in table.events:
        day = event.reacts_on(sessions) if as_of is None or event.known_by(as_of) else None
        row = None if day is None else sessions.position(day)
        if row is not None and row < n_rows:
            found[row] = True
    return found


def policy_shocks(
    panel: Panel,
    window: Window,
    bound: Mapping[str, Move],
    catalogue: Catalogue,
    sessions: Sessions,
    as_of: datetime | None,
) -> tuple[PolicyShock, ...]:
    """The shock of every session of the window with an announcement.

    Empty if there is none, or if one of the three assets is missing in the window's sessions or in 250 before it, or is
    a stand-in: the shock is told in basis points.

    Parameters
    ----------
    bound : move of each bound asset, by asset id. as_of : which announcements were known; None is hindsight.
    """
    announced = _announced(catalogue, sessions, window.end_row + 1, as_of)
    inside = slice(window.base_row + 1, window.end_row + 1)
    cause = catalogue.causes.get(CAUSE)
    if announced is None or cause is None or not announced[inside].any() or any(a not in bound for a in ASSETS):
        return ()
    if any(bound[a].series.is_stand_in for a in ASSETS):
        return ()
    columns = [panel.column[bound[a].series.id] for a in ASSETS]
    sigmas = np.full((window.end_row + 1, len(ASSETS)), np.nan)
    sigmas[1:] = panel.daily_moves[1 : window.end_row + 1, columns] / panel.volatility[: window.end_row, columns]
    whole = ~np.isnan(sigmas).any(axis=1)
    before = whole.copy()
    before[inside] = False
    if int(before.sum()) < FEWEST_SESSIONS:
        return ()
    learnt = before & announced
    signature = signatures([cause], ASSETS, "adverse").moments()[0][0]
    found = shock_loading(sigmas[before & ~announced], sigmas[learnt], signature)
    shocks = []
    for row in np.flatnonzero(announced & whole & ~before):
        size = float(found.weights @ sigmas[row])
        moves = size * found.loading * panel.volatility[row - 1, columns]
        by_asset = dict(zip(ASSETS, moves.tolist(), strict=True))
        shocks.append(PolicyShock(panel.sessions[row].item(), size, by_asset, int(learnt.sum())))
    return tuple(shocks)
