"""Plain logit: nine moves in slow sigmas, FOMC and first-Friday dummies, and levels of GPR, EPU and VIX."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from selloff.scorecard.human.baselines.inputs import BaselineInputs
from selloff.scorecard.human.baselines.shifted_base_rate import folded, shifted
from selloff.scorecard.human.records import LEVELS, DayRecord
from selloff.scorecard.scores import Floats

MOVES = ("spx", "nky", "gold", "silver", "oil", "dxy", "usdjpy", "us2y", "us10y")
"""The nine columns of the signature table with the longest daily histories."""

LARGEST = 8.0
"""Sigmas beyond which a move counts as this large, so that one crash doesn't set a slope."""

RIDGE = 30.0
"""Chosen in this baseline's favour from a few values (`validation/scorecard_baselines.py`)."""


def logit_features(records: Sequence[DayRecord]) -> Floats:
    """(n, 14): moves, FOMC, first Friday, logs of the last known GPR, EPU and VIX; NaN where missing."""
    rows = []
    for r in records:
        moves = [np.clip(r.sigmas.get(a, np.nan), -LARGEST, LARGEST) for a in MOVES]
        levels = [np.log(max(r.levels[s], 1.0)) if s in r.levels else np.nan for s in LEVELS]
        rows.append([*moves, np.nan if r.fomc is None else r.fomc, r.first_friday, *levels])
    return np.array(rows, dtype=np.float64).reshape(len(records), len(MOVES) + 2 + len(LEVELS))


def stated(inputs: BaselineInputs) -> Floats:
    """(n, n_outcomes), walk-forward."""
    return shifted(inputs, logit_features(inputs.records), RIDGE)


def stated_in_folds(inputs: BaselineInputs) -> tuple[Floats, Floats]:
    """Logit and base rate in ten blocks, as the published figure was made."""
    return folded(inputs, logit_features(inputs.records), RIDGE)
