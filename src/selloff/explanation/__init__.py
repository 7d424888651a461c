"""The explanation: detection and attribution composed, as a frozen result."""

from selloff.explanation.explain import check_words, explain
from selloff.explanation.result import Explanation

__all__ = ["Explanation", "check_words", "explain"]
