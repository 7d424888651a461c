"""How often is it right, and does it know when it is not? Ground truth, scores, calibration."""

from selloff.scorecard.run import Scorecard, run_scorecard, tier_ids
from selloff.scorecard.tier import Interval, Row, ScoreContext, Tier, TierResult, Verdict, count_misses

__all__ = [
    "Interval",
    "Row",
    "ScoreContext",
    "Scorecard",
    "Tier",
    "TierResult",
    "Verdict",
    "count_misses",
    "run_scorecard",
    "tier_ids",
]
