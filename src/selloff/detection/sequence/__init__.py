"""Sequence: who broke first within a window, from hourly or 5-minute bars."""

from selloff.detection.sequence.onset import CONFIDENCE, Onset, critical_value, find_onset
from selloff.detection.sequence.sequence import (
    Break,
    BreakOrder,
    Pair,
    find_sequence,
    sequence_series,
    threshold_of,
)

__all__ = [
    "CONFIDENCE",
    "Break",
    "BreakOrder",
    "Onset",
    "Pair",
    "critical_value",
    "find_onset",
    "find_sequence",
    "sequence_series",
    "threshold_of",
]
