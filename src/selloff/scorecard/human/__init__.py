"""The human tier: triggers against what newspapers' readers coded, beside what anyone could have said."""

from selloff.scorecard.human.scoring import HumanTier
from selloff.scorecard.tier import Tier


def tier() -> Tier:
    """The human tier."""
    return HumanTier()


__all__ = ["HumanTier", "tier"]
