"""Drawdown only: how far the S&P 500 is below its highest close of 250 sessions, and nothing else."""

from __future__ import annotations

import numpy as np

from selloff.scorecard.human.baselines.inputs import BaselineInputs
from selloff.scorecard.human.baselines.shifted_base_rate import shifted
from selloff.scorecard.scores import Floats

RIDGE = 30.0
"""As for the logit."""


def stated(inputs: BaselineInputs) -> Floats:
    """(n, n_outcomes)."""
    drawdown = [np.nan if r.drawdown is None else r.drawdown for r in inputs.records]
    return shifted(inputs, np.array(drawdown)[:, None], RIDGE)
