"""Exact tier: published numbers that the program must reproduce on the same data."""

from selloff.scorecard.exact.tier import ExactTier, tier

__all__ = ["ExactTier", "tier"]
