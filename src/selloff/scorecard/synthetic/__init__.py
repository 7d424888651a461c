"""Synthetic tier: worlds whose causes were planted."""

from selloff.scorecard.synthetic.tier import SyntheticTier, tier

__all__ = ["SyntheticTier", "tier"]
