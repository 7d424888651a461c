"""Event tier: dated events that the program was not told of."""

from selloff.scorecard.event.tier import EventTier, tier

__all__ = ["EventTier", "tier"]
