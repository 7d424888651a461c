"""What fell: how deep, how rare, how jointly."""

from selloff.detection.depth import ClassDepth
from selloff.detection.joint_fall import JointFall, joint_fall
from selloff.detection.jointness import Jointness
from selloff.detection.rarity import ReturnPeriod
from selloff.detection.verdict import Verdict

__all__ = ["ClassDepth", "JointFall", "Jointness", "ReturnPeriod", "Verdict", "joint_fall"]
