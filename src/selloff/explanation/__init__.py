"""The explanation: detection and attribution composed, as a frozen result."""

from selloff.explanation.explain import explain
from selloff.explanation.result import Explanation

__all__ = ["Explanation", "explain"]
