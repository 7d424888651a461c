"""Why: signatures, evidence, and their combination."""

from selloff.attribution.attribute import Attribution, CauseResult, Status, attribute, polarity_of
from selloff.attribution.evidence import Evidence
from selloff.attribution.testable import Requirement

__all__ = ["Attribution", "CauseResult", "Evidence", "Requirement", "Status", "attribute", "polarity_of"]
