"""Rotation: who led before a window, and whether the leaders broke in it."""

from selloff.detection.rotation.measure import HORIZONS
from selloff.detection.rotation.ranks import share_as_low, spearman
from selloff.detection.rotation.rotation import (
    BasketTurn,
    Rotation,
    RunUp,
    find_rotation,
    rotate,
    rotation_series,
)

__all__ = [
    "HORIZONS",
    "BasketTurn",
    "Rotation",
    "RunUp",
    "find_rotation",
    "rotate",
    "rotation_series",
    "share_as_low",
    "spearman",
]
