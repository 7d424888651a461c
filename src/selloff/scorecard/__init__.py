"""How often is it right, and does it know when it is not? Ground truth, scores, calibration."""

from selloff.scorecard.tier import Interval, Row, ScoreContext, Tier, TierResult, Verdict

__all__ = ["Interval", "Row", "ScoreContext", "Tier", "TierResult", "Verdict"]
