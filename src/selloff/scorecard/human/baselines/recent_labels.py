"""Recent labels: what coders said of the last jumps, with a short memory.

Jumps come in clusters with one story, so the last labels say much about the next. Nobody has them the next morning (the
coding came years later), but whoever reads newspapers has what they say.
"""

from __future__ import annotations

from selloff.scorecard.human.baselines.base_rate import base_rates
from selloff.scorecard.human.baselines.inputs import BaselineInputs
from selloff.scorecard.scores import Floats

HALF_LIFE = 10.0
PRIOR_DAYS = 1.0
"""Chosen in this baseline's favour from a few values (`validation/scorecard_baselines.py`)."""


def stated(inputs: BaselineInputs) -> Floats:
    """(n, n_outcomes)."""
    return inputs.own(base_rates(inputs.days, inputs.votes, HALF_LIFE, PRIOR_DAYS))
