"""Items of direct evidence: what the signature has seen is not weighed once more."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from selloff.catalog import default_catalogue
from selloff.catalog.evidence import EvidenceItem

CATALOGUE = default_catalogue()
COLUMNS = {series for asset in CATALOGUE.assets.values() for series in asset.series}


def made_of_columns(indicator: str) -> bool:
    """Whether every term of an indicator is read from a column of the signature."""
    terms = CATALOGUE.indicators.measured[indicator].formula.terms
    return bool(terms) and all(set(term.series) & COLUMNS for term in terms)


@pytest.mark.parametrize(
    "item", [i for i in CATALOGUE.evidence if i.reading in ("percentile", "surprise")], ids=lambda i: i.id
)
def test_an_indicator_made_of_columns_alone_is_marked(item: EvidenceItem) -> None:
    assert item.in_signature == any(made_of_columns(name) for name in item.of)
    assert item.from_prices == item.in_signature


def test_the_vix_of_the_window_is_not_evidence_beside_the_signature() -> None:
    (level,) = [i for i in CATALOGUE.evidence if i.of == ("vix",)]
    assert level.from_prices


def test_what_the_signature_has_seen_cannot_weigh_on_an_amplifier() -> None:
    with pytest.raises(ValidationError, match="once more"):
        EvidenceItem.model_validate(
            {
                "id": "vix_jump",
                "name": "VIX, surprise",
                "reading": "surprise",
                "of": ("vix",),
                "in_signature": True,
                "causes": {"volatility_deleveraging": 0.4},
                "why": "The jump is what they sell on.",
            }
        )
