"""The explanation: detection and attribution composed, as a frozen result."""

from selloff.explanation.explain import check_words, explain
from selloff.explanation.result import Explanation
from selloff.explanation.scan import scan
from selloff.explanation.scan_result import Scan

__all__ = ["Explanation", "Scan", "check_words", "explain", "scan"]
