"""The scorecard as a self-contained page: no request, no script."""

from __future__ import annotations

from selloff.report.html import environment
from selloff.report.scorecard_plot import calibration_svg
from selloff.report.scorecard_words import (
    HOW_TO_READ,
    SCORE_NAMES,
    methods_of,
    row_cells,
    skipped_text,
    stated_text,
    with_interval,
)
from selloff.scorecard import Scorecard, TierResult


def _plot(tier: TierResult) -> str:
    tables = tier.details["calibration"]
    return calibration_svg({"selloff": tables["model"]["top"], "plain logit": tables["logit"]["top"]})


def scorecard_page(scorecard: Scorecard) -> str:
    """The whole scorecard as one page."""
    return (
        environment()
        .get_template("scorecard.html")
        .render(
            tiers=scorecard.tiers,
            row_cells=row_cells,
            methods_of=methods_of,
            score_names=SCORE_NAMES,
            with_interval=with_interval,
            skipped_text=skipped_text,
            stated_text=stated_text,
            how_to_read=HOW_TO_READ,
            plot=_plot,
        )
    )
