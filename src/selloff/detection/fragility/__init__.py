"""Fragility known before a window: one file per estimator, and their composition for one session."""

from selloff.detection.fragility.absorption import Absorption, absorption
from selloff.detection.fragility.composite import Composite, composite
from selloff.detection.fragility.connectedness import (
    Connectedness,
    RollingConnectedness,
    connectedness,
    rolling_connectedness,
)
from selloff.detection.fragility.correlation import AverageCorrelation, average_correlation
from selloff.detection.fragility.fragility import (
    Fragility,
    FragilityHistory,
    Level,
    fragility_at,
    fragility_history,
)
from selloff.detection.fragility.recent import recent_fragility
from selloff.detection.fragility.stress_history import stress_history
from selloff.detection.fragility.tail_dependence import TailDependence, tail_dependence
from selloff.detection.fragility.turbulence import Turbulence, turbulence

__all__ = [
    "Absorption",
    "AverageCorrelation",
    "Composite",
    "Connectedness",
    "Fragility",
    "FragilityHistory",
    "Level",
    "RollingConnectedness",
    "TailDependence",
    "Turbulence",
    "absorption",
    "average_correlation",
    "composite",
    "connectedness",
    "fragility_at",
    "fragility_history",
    "recent_fragility",
    "rolling_connectedness",
    "stress_history",
    "tail_dependence",
    "turbulence",
]
