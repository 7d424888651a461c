"""The background of a window: indicators as known then, scheduled events, and the state of the economy."""

from selloff.detection.state.economy import Economy, economy_of
from selloff.detection.state.scheduled import ScheduledReading
from selloff.detection.state.state import State, StateReading, state_at

__all__ = ["Economy", "ScheduledReading", "State", "StateReading", "economy_of", "state_at"]
