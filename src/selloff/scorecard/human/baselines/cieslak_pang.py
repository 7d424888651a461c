"""Price-only shocks: four of them, from three yields and the stock market.

A homoskedastic VAR(1) of daily changes of the 2-, 5- and 10-year yield and of the log stock price, identified by the
signs and rankings of Cieslak and Pang (2021, Common shocks in stocks and bonds, JFE 142(2), section 3), as in the
replication at matdehaven/Replicate_CommonShocks. A fixed set of random rotations is tried; a rotation is kept if its
four columns are the four shocks in some order and sign, growth plus monetary variance exceeds premium variance at two
years, and the reverse holds at ten. This is the simple system that a structural model has to beat, not one itself.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from selloff.scorecard.scores import Floats

SERIES = ("ust_2y", "ust_5y", "ust_10y", "sp500")
SHOCKS = ("growth", "monetary", "hedging_premium", "common_premium")
ROTATIONS = 20_000
FEWEST_ROWS = 500
SEED = 0
"""The same rotations for every day, so that days differ by data alone."""


@lru_cache(maxsize=1)
def _rotations() -> Floats:
    """(n, 4, 4) orthogonal matrices with the Haar distribution (Rubio-Ramírez, Waggoner and Zha 2010, Structural vector
    autoregressions, REStud 77(2), theorem 9)."""
    normal = np.random.default_rng(SEED).standard_normal((ROTATIONS, 4, 4))
    q, r = np.linalg.qr(normal)
    return np.asarray(q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :])


def shock_kinds(impact: Floats) -> npt.NDArray[np.int64]:
    """Which shock each column of impact matrices is, (n, 4); −1 for none.

    Parameters
    ----------
    impact : (n, 4, 4), rows the three yields and stocks, columns shocks of either sign.
    """
    two, five, ten, stocks = np.abs(impact[:, 0]), np.abs(impact[:, 1]), np.abs(impact[:, 2]), impact[:, 3]
    sign = np.sign(impact[:, 0])
    parallel = (np.sign(impact[:, 1]) == sign) & (np.sign(impact[:, 2]) == sign)
    with_stocks = parallel & (np.sign(stocks) == sign)
    against_stocks = parallel & (np.sign(stocks) == -sign)
    rising = (two < five) & (five < ten)
    kinds = np.full(two.shape, -1, dtype=np.int64)
    kinds[with_stocks & (two > ten) & (five > ten)] = 0
    kinds[against_stocks & (two > five) & (five > ten)] = 1
    kinds[with_stocks & rising] = 2
    kinds[against_stocks & rising] = 3
    return kinds


def accepted_impacts(covariance: Floats) -> Floats:
    """Impact matrices that satisfy all restrictions, (n_kept, 4, 4), columns in the order of `SHOCKS`."""
    impact = np.linalg.cholesky(covariance) @ _rotations()
    kinds = shock_kinds(impact)
    complete = (np.sort(kinds, axis=1) == np.arange(4)).all(axis=1)
    impact, kinds = impact[complete], kinds[complete]
    impact = np.take_along_axis(impact, np.argsort(kinds, axis=1)[:, None, :], axis=2)
    news = impact[:, :, 0] ** 2 + impact[:, :, 1] ** 2
    premia = impact[:, :, 2] ** 2 + impact[:, :, 3] ** 2
    return np.asarray(impact[(news[:, 0] > premia[:, 0]) & (news[:, 2] < premia[:, 2])])


def var_innovations(changes: Floats) -> Floats:
    """Innovations of a VAR(1) with constant, (n − 1, 4), the last row left out of the fit."""
    before = np.column_stack([np.ones(len(changes) - 1), changes[:-1]])
    weights, *_ = np.linalg.lstsq(before[:-1], changes[1:-1], rcond=None)
    return np.asarray(changes[1:] - before @ weights)


def shock_contributions(levels: Floats) -> tuple[float, ...] | None:
    """What each shock contributed to the last session's stock move, in its standard deviations.

    Parameters
    ----------
    levels : (n_sessions, 4) of `SERIES`, NaN where missing; sessions with any gap are left out.

    Returns
    -------
    Means over the kept rotations, in the order of `SHOCKS`; None if the last session lacks a level, there are fewer
    than 500 sessions, or no rotation is kept.
    """
    complete = np.isnan(levels).sum(axis=1) == 0
    if not complete[-1] or complete.sum() < FEWEST_ROWS:
        return None
    kept = levels[complete]
    changes = np.column_stack([np.diff(kept[:, :3], axis=0), np.diff(np.log(kept[:, 3]))]) * 100.0
    innovations = var_innovations(changes)
    covariance = np.cov(innovations[:-1], rowvar=False)
    impact = accepted_impacts(covariance)
    if len(impact) == 0:
        return None
    shocks = np.linalg.solve(impact, np.broadcast_to(innovations[-1], (len(impact), 4))[..., None])[..., 0]
    moved = (impact[:, 3, :] * shocks).mean(axis=0) / np.sqrt(covariance[3, 3])
    return tuple(float(m) for m in moved)
