"""The scorecard as a self-contained page: no request, no script."""

from __future__ import annotations

from selloff.report.charts.calibration import calibration
from selloff.report.charts.theme import Picture
from selloff.report.html import framed
from selloff.report.scorecard_words import (
    HOW_TO_READ,
    SCORE_NAMES,
    methods_of,
    mid_and_interval,
    miss_text,
    misses_of,
    misses_text,
    row_cells,
    skipped_text,
    stated_text,
    with_interval,
)
from selloff.scorecard import Scorecard, TierResult


def calibration_picture(tier: TierResult) -> Picture | None:
    """The human tier's calibration beside that of the baseline to beat; None for a tier without."""
    tables = tier.details.get("calibration")
    if tables is None:
        return None
    return calibration({"selloff": tables["model"]["top"], "plain logit": tables["logit"]["top"]})


def scorecard_page(scorecard: Scorecard) -> str:
    """The whole scorecard as one page."""
    return framed(
        "scorecard.html",
        {
            "heading": "scorecard",
            "tiers": scorecard.tiers,
            "misses": misses_of(scorecard),
            "misses_text": misses_text(scorecard),
            "miss_text": miss_text,
            "row_cells": row_cells,
            "methods_of": methods_of,
            "score_names": SCORE_NAMES,
            "with_interval": with_interval,
            "mid_and_interval": mid_and_interval,
            "skipped_text": skipped_text,
            "stated_text": stated_text,
            "how_to_read": HOW_TO_READ,
            "calibration": calibration_picture,
        },
    )
