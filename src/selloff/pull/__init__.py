"""From sources to the store: the starter history, and (with part C) the world's data."""

from selloff.pull.starter import PullReport, pull_starter

__all__ = ["PullReport", "pull_starter"]
