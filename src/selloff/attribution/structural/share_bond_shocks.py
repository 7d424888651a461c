"""The four common shocks of shares and Treasuries, on the days before a window, and what they did in it.

Cieslak and Pang (2021, Common shocks in stocks and bonds, JFE 142(2), section 3): growth, monetary, hedging premium and
common premium move 2-, 5- and 10-year yields and stocks with published signs, rankings and variance shares, all hard.
There are as many shocks as variables, so a window splits into the four without a rest, and no common scale of its days
enters. It departs from the published daily VAR(1) in what a crisis asks for: moves are over the volatility known the
day before, Σ is that of a multivariate t, the sample rolls, and there is no autoregression, which explains a hundredth
of the variance of stocks and less of yields (1988 to 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from selloff.attribution.structural.cache import ModelCache, model_key
from selloff.attribution.structural.reduced_form import student_covariance
from selloff.attribution.structural.restrictions import Restrictions
from selloff.attribution.structural.sampler import Infeasible, draw_loadings
from selloff.attribution.structural.system_window import SystemWindow, window_parts
from selloff.attribution.structural.var_system import cieslak_pang
from selloff.attribution.structural.window import Sample, Unavailable, sample_of
from selloff.detection.rarity import seed_from
from selloff.panel import Move, Panel, Window, slow_sigmas, window_moves
from selloff.panel.transforms import Floats

CAUSES: Mapping[str, str] = {
    "growth": "growth",
    "monetary": "policy_tightening",
    "hedging_premium": "flight_to_quality",
    "common_premium": "balance_sheet",
}
"""The cause that each shock is, by the published restrictions of the causes."""

FIVE_YEARS = "ust_5y"
"""The variable that is no asset of the signature table."""

DRAWS = 500
BATCH = 500
MOST_BATCHES = 8
CANDIDATES = 64
SWEEPS = 10
"""Draws wanted, reduced forms per batch, and how long each is searched: a share's spread of 0.25 then has a Monte-Carlo
error of 0.011, in under a second of one processor."""

BOUND_FORMS = 40


@dataclass(frozen=True)
class CommonShocks:
    """The four shocks in one window.

    Attributes
    ----------
    parts : contributions, draws, shares and bounds.
    sample_first, sample_last : sessions that the model was estimated on.
    n_sessions : how many of them moved in all four. dropped_sessions : the others.
    feasible_share : share of the reduced forms for which a rotation was found.
    """

    parts: SystemWindow
    sample_first: str
    sample_last: str
    n_sessions: int
    dropped_sessions: int
    feasible_share: float


def scaled_restrictions(volatility: Floats) -> Restrictions:
    """Cieslak–Pang for loadings in sigmas: rankings compare basis points.

    Parameters
    ----------
    volatility : (4,), daily, in the order of the system.
    """
    claims = cieslak_pang()
    rankings = tuple(
        replace(r, scale=(float(volatility[r.larger]), float(volatility[r.smaller]))) for r in claims.rankings
    )
    return replace(claims, rankings=rankings)


def system_draws(values: Floats, restrictions: Restrictions, seed: int) -> dict[str, npt.NDArray[np.generic]]:
    """Posterior draws of the system as named arrays.

    Parameters
    ----------
    values : (n_sessions, 4) moves over the volatility known the day before, none missing.

    Returns
    -------
    `impact` (n_draws, 4, 4), sigmas per unit of each shock; `roots` (40, 4, 4), Cholesky roots of reduced forms that
    have a rotation; `feasible_share`. Or `conflicting` and `tried` of an infeasible set.
    """
    random = np.random.default_rng(seed)
    impact: list[Floats] = []
    roots: list[Floats] = []
    have = tried = 0
    for _ in range(MOST_BATCHES):
        base = np.asarray(np.linalg.cholesky(student_covariance(values, BATCH, random)), dtype=np.float64)
        tried += BATCH
        found = draw_loadings(base, restrictions, random, candidates=CANDIDATES, sweeps=SWEEPS)
        if isinstance(found, Infeasible):
            if have:
                continue
            return {"conflicting": np.array(found.conflicting), "tried": np.array(found.tried)}
        impact.append(found.loadings)
        roots.append(base[found.kept])
        have += len(found.kept)
        if have >= DRAWS:
            break
    kept, reduced = np.concatenate(impact)[:DRAWS], np.concatenate(roots)[:DRAWS]
    some = np.linspace(0, len(reduced) - 1, min(BOUND_FORMS, len(reduced))).astype(np.int64)
    return {"impact": kept, "roots": reduced[some], "feasible_share": np.array(have / tried)}


def _bound_four(panel: Panel, window: Window, bound: Mapping[str, Move]) -> dict[str, Move] | Unavailable:
    """Moves of the four variables, each from the window's base to its end."""
    five = [panel.column[FIVE_YEARS]] if FIVE_YEARS in panel.column else []
    alone = Panel(
        panel.sessions,
        tuple(panel.series[i] for i in five),
        panel.levels[:, five],
        panel.ends[:, five],
        panel.observations,
        panel.as_of,
    )
    moves = {"us5y": window_moves(alone, window)[0]} if five else {}
    moves |= {a: m for a, m in bound.items() if a in ("us2y", "us10y", "spx") and not m.series.is_stand_in}
    names = cieslak_pang().assets
    missing = [a for a in names if a not in moves or moves[a].sigmas_slow is None]
    if missing:
        return Unavailable(f"The system needs moves of {', '.join(names)}; not there: {', '.join(missing)}.")
    shifted = [a for a in names if any(f.startswith(("base_", "last_")) for f in moves[a].flags)]
    if shifted:
        return Unavailable(f"Not closed on both ends of the window: {', '.join(shifted)}; the four would not match.")
    return {a: moves[a] for a in names}


def _estimated(
    sample: Sample, order: list[int], restrictions: Restrictions, cache: ModelCache | None
) -> dict[str, npt.NDArray[np.generic]]:
    values = np.ascontiguousarray(sample.values[:, order])
    key = model_key(values, restrictions)
    arrays = cache.load_arrays(key) if cache is not None else None
    if arrays is None:
        if cache is not None:
            cache.announce(f"Estimating the shocks of shares and Treasuries on {len(values):,} sessions …")
        arrays = system_draws(values, restrictions, seed_from(values))
        if cache is not None:
            cache.save_arrays(key, arrays)
    return arrays


def share_bond_shocks(
    panel: Panel, window: Window, bound: Mapping[str, Move], cache: ModelCache | None
) -> CommonShocks | Infeasible | Unavailable:
    """Decompose a window of the S&P 500 and Treasury yields into the four shocks.

    Parameters
    ----------
    bound : move of each bound asset; `spx`, `us2y` and `us10y` are used.
    cache : where models are kept; None keeps none.
    """
    four = _bound_four(panel, window, bound)
    if isinstance(four, Unavailable):
        return four
    sample = sample_of(panel, window, four, fewest=len(four))
    if isinstance(sample, Unavailable):
        return sample
    claims = cieslak_pang()
    order = [sample.assets.index(a) for a in claims.assets]
    volatility = sample.volatility[order]
    restrictions = scaled_restrictions(volatility)
    arrays = _estimated(sample, order, restrictions, cache)
    if "conflicting" in arrays:
        return Infeasible(tuple(str(c) for c in arrays["conflicting"]), int(arrays["tried"]))
    moves = [four[a] for a in claims.assets]
    return CommonShocks(
        parts=window_parts(
            np.asarray(arrays["impact"], dtype=np.float64),
            np.asarray(arrays["roots"], dtype=np.float64),
            restrictions,
            volatility,
            np.array([float(m.log_move or 0.0) for m in moves]),
            slow_sigmas(moves),
        ),
        sample_first=sample.first.isoformat(),
        sample_last=sample.last.isoformat(),
        n_sessions=len(sample.values),
        dropped_sessions=sample.dropped,
        feasible_share=float(arrays["feasible_share"]),
    )
