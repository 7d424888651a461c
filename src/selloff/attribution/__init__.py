"""Why: signatures, evidence, and their combination."""

from selloff.attribution.attribute import Attribution, attribute
from selloff.attribution.cause_results import CauseResult, Status
from selloff.attribution.chains import ChainResult, LinkResult, chain_series
from selloff.attribution.contribution_draws import Amount
from selloff.attribution.evidence import Evidence
from selloff.attribution.leading import Candidate, Structural
from selloff.attribution.testable import Requirement
from selloff.attribution.weighing import DirectEvidence

__all__ = [
    "Amount",
    "Attribution",
    "Candidate",
    "CauseResult",
    "ChainResult",
    "DirectEvidence",
    "Evidence",
    "LinkResult",
    "Requirement",
    "Status",
    "Structural",
    "attribute",
    "chain_series",
]
