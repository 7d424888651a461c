"""What holders who follow published rules have to hold, computed from closes: volatility control and trend followers.

Nobody publishes what such funds hold. Their rules are public, so the position that a rule asks for is computed, as a
share of the fund's own money: 1.5 is 150 % of it. How much money follows the rules is not known.
"""

from selloff.detection.exposure.trend import trend_exposure
from selloff.detection.exposure.vol_control import vol_control_exposure

__all__ = ["trend_exposure", "vol_control_exposure"]
