"""Shape: the clock, transforms, volatility, and the aligned panel."""

from selloff.panel.clock import Window, find_as_of, find_window, morning_note
from selloff.panel.moves import Move, slow_sigmas, window_moves
from selloff.panel.panel import Panel, build_panel

__all__ = [
    "Move",
    "Panel",
    "Window",
    "build_panel",
    "find_as_of",
    "find_window",
    "morning_note",
    "slow_sigmas",
    "window_moves",
]
