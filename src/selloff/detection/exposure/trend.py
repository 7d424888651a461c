"""Exposure of a trend follower to one instrument: its direction over three look-backs, scaled to a volatility.

Moskowitz, Ooi and Pedersen (2012), Time series momentum, Journal of Financial Economics 104(2): position sign(past
return) × 40 % / σ (equation 5, section 4.1), σ exponentially weighted about its own mean with a centre of mass of 60
days, annualised by 261 (equation 1, section 2.4). The mean over look-backs of 1, 3 and 12 months: Hurst, Ooi and
Pedersen (2013), Demystifying managed futures, Journal of Investment Management 11(3), which shows that these three
explain managed-futures funds. Simplifications: daily instead of monthly rebalancing; price moves instead of excess
returns of futures, so carry is left out; weights end after 252 sessions (1.5 % lie beyond).
"""

from __future__ import annotations

import numpy as np

from selloff.detection.exposure.decay import decayed_mean
from selloff.panel.transforms import Floats

LOOK_BACKS = (21, 63, 252)
"""1, 3 and 12 months in sessions."""

VOLATILITY = 0.40
SESSIONS_PER_YEAR = 261
DECAY = 60 / 61
"""δ / (1 - δ) = 60."""

MEMORY = max(LOOK_BACKS)
"""Moves that an exposure is computed from."""

FLAT = 1e-12
"""A variance below this share of the mean square is rounding: the closes moved by the same step each session."""


def trend_exposure(levels: Floats) -> Floats:
    """Mean sign of the past moves times 40 % over the volatility.

    Parameters
    ----------
    levels : (n,) log closes, one per session (of a bond: minus its duration times its yield). A NaN makes every
        exposure NaN that reaches it.

    Returns
    -------
    (n,) position per unit of the money set aside for the instrument, negative if short. NaN for the first 252, and
    where all moves of 252 sessions were the same. It lies in ± 40 % / σ, which may be far above one.
    """
    out = np.full(len(levels), np.nan)
    if len(levels) <= MEMORY:
        return out
    moves = np.diff(levels)
    mean = decayed_mean(moves, DECAY, MEMORY)[MEMORY - 1 :]
    squares = decayed_mean(moves**2, DECAY, MEMORY)[MEMORY - 1 :]
    variance = squares - mean**2
    usable = variance > FLAT * squares
    # Levels are compared, not sums of moves: of a close that came back exactly the sign is zero.
    signs = [np.sign(levels[MEMORY:] - levels[MEMORY - n : len(levels) - n]) for n in LOOK_BACKS]
    direction = np.mean(signs, axis=0)
    volatility = np.sqrt(SESSIONS_PER_YEAR * np.where(usable, variance, np.nan))
    out[MEMORY:] = direction * VOLATILITY / volatility
    return out
