"""Negative controls: where there is nothing to know, confidence must collapse to the prior."""

from selloff.scorecard.controls.tier import ControlsTier, tier

__all__ = ["ControlsTier", "tier"]
