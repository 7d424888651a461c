"""Exposure of a volatility-control fund: as much of an asset as holds its volatility at a target.

The rule of the S&P 500 Daily Risk Control 10 % index: S&P Dow Jones Indices, Index Mathematics Methodology, chapter
"Risk Control Indices", section "Exponentially-Weighted Volatility"; target, cap and decay factors from S&P Dow Jones
Risk Control Indices, Methodology and Parameters, "S&P 500 Risk Control Indices". Moreira and Muir (2017), section I,
give the same rule for variance. Two simplifications: weights end after 252 sessions (the slower has 0.05 % beyond), and
the exposure is what the rule asks for at a close, which the index holds two sessions later.
"""

from __future__ import annotations

import numpy as np

from selloff.detection.exposure.decay import decayed_mean
from selloff.panel.transforms import Floats

TARGET = 0.10
CAP = 1.5
SHORT_DECAY, LONG_DECAY = 0.94, 0.97
SESSIONS_PER_YEAR = 252
MEMORY = 252
"""Moves that an exposure is computed from."""


def vol_control_exposure(levels: Floats) -> Floats:
    """Target over the larger of short and long realised volatility, at most the cap.

    Parameters
    ----------
    levels : (n,) log closes, one per session. A NaN makes every exposure NaN that reaches it.

    Returns
    -------
    (n,) share of the fund's money, 0 to 1.5. NaN for the first 252, and where no close moved in 252 sessions.
    """
    out = np.full(len(levels), np.nan)
    if len(levels) <= MEMORY:
        return out
    squares = np.diff(levels) ** 2
    short, long = (decayed_mean(squares, decay, MEMORY) for decay in (SHORT_DECAY, LONG_DECAY))
    variance = SESSIONS_PER_YEAR * np.maximum(short, long)
    moved = variance > 0
    out[1:][moved] = np.minimum(TARGET / np.sqrt(variance[moved]), CAP)
    return out
