"""Daily moves of the rotation's baskets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from selloff.catalog import RotationBasket
from selloff.panel.transforms import LONGEST_GAP, Floats, last_rows, log_moves


@dataclass(frozen=True)
class BasketMoves:
    """One basket on the panel's sessions.

    moves : (n_sessions,) daily log moves in per cent; NaN with fewer than half of the members.
    members : the series that stand for it.
    present, listed : members that move in the window, and members in the catalogue.
    """

    basket: RotationBasket
    moves: Floats
    members: tuple[str, ...]
    present: int
    listed: int


def whole_moves(levels: Floats) -> Floats:
    """Log moves in per cent from the last earlier level, at most five sessions back, so that they add up.

    Parameters
    ----------
    levels : (n_sessions, n_series) prices, NaN where missing; so is the move of a session without a level.
    """
    rows = np.broadcast_to(np.arange(len(levels))[:, None], levels.shape).astype(np.int64)
    before = np.full(levels.shape, -1, dtype=np.int64)
    before[1:] = last_rows(levels, LONGEST_GAP - 1)[:-1]
    return log_moves(levels, before, rows, np.zeros(levels.shape[1], dtype=bool))


def mean_move(members: Floats, listed: int) -> Floats:
    """Equal-weight mean of simple moves, as a log move in per cent, (n_sessions,).

    Parameters
    ----------
    members : (n_sessions, n_members) log moves in per cent, NaN where missing. listed : how many there should be.

    Returns
    -------
    NaN on a session on which fewer than half of the listed members moved; those that did weigh the same.
    """
    present = np.sum(~np.isnan(members), axis=1)
    total = np.nansum(np.expm1(members / 100.0), axis=1)
    enough = (present > 0) & (2 * present >= listed)
    return np.where(enough, 100.0 * np.log1p(total / np.maximum(present, 1)), np.nan)


def basket_moves(moves: Mapping[str, Floats], basket: RotationBasket, n: int) -> BasketMoves | None:
    """A basket's moves; None without a move in the last n sessions.

    Parameters
    ----------
    moves : (n_sessions,) whole moves of each series. A list of the basket is bound to its first series that moves in
        the last n sessions.
    """
    moving = {s: not np.isnan(moves[s][-n:]).all() for s in basket.series}
    bound = [s for s in (next((s for s in options if moving[s]), None) for options in basket.members) if s is not None]
    if not bound or not all(moving[s] for s in basket.minus):
        return None
    mean = mean_move(np.column_stack([moves[s] for s in bound]), len(basket.members))
    for series in basket.minus:
        mean = mean - moves[series]
    if np.isnan(mean[-n:]).all():
        return None
    return BasketMoves(basket, mean, (*bound, *basket.minus), len(bound), len(basket.members))
