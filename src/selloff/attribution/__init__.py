"""Why: signatures, evidence, and their combination."""

from selloff.attribution.attribute import Attribution, CauseResult, Status, attribute, polarity_of
from selloff.attribution.chains import ChainResult, LinkResult, chain_series
from selloff.attribution.evidence import Evidence
from selloff.attribution.testable import Requirement
from selloff.attribution.weighing import DirectEvidence

__all__ = [
    "Attribution",
    "CauseResult",
    "ChainResult",
    "DirectEvidence",
    "Evidence",
    "LinkResult",
    "Requirement",
    "Status",
    "attribute",
    "chain_series",
    "polarity_of",
]
