"""What fell: how deep, how rare, how jointly."""

from selloff.detection.base_rate import BaseRate
from selloff.detection.depth import ClassDepth
from selloff.detection.joint_fall import JointFall, joint_fall
from selloff.detection.jointness import Jointness
from selloff.detection.rarity import ReturnPeriod
from selloff.detection.safe_haven import SafeHaven, safe_haven
from selloff.detection.verdict import Verdict

__all__ = [
    "BaseRate",
    "ClassDepth",
    "JointFall",
    "Jointness",
    "ReturnPeriod",
    "SafeHaven",
    "Verdict",
    "joint_fall",
    "safe_haven",
]
