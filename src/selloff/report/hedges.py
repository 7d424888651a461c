"""Words for probabilities, chosen once and used everywhere."""

from __future__ import annotations

BANDS = (
    (0.99, "virtually certain"),
    (0.90, "very likely"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.10, "unlikely"),
    (0.01, "very unlikely"),
)
"""Lowest probability of each word: the likelihood scale of Mastrandrea et al. 2010, Guidance note for lead authors of
the IPCC fifth assessment report on consistent treatment of uncertainties, table 1. Its bands overlap; a probability has
the strongest word that holds."""

LIKELY_AS_NOT = next(low for low, word in BANDS if word == "about as likely as not")
"""Below it a word says unlikely, more or less strongly."""

LEAST = "exceptionally unlikely"


def hedge(probability: float) -> str:
    """`likely`, `unlikely` and so on."""
    return next((word for low, word in BANDS if probability >= low), LEAST)
