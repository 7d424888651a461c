"""The scorecard as a page of the documentation: Markdown, failures first, with the calibration plot beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from selloff.errors import ScorecardError
from selloff.report.charts.theme import svg_of
from selloff.report.scorecard_html import calibration_picture
from selloff.report.scorecard_words import (
    HOW_TO_READ,
    SCORE_NAMES,
    methods_of,
    miss_text,
    misses_of,
    misses_text,
    number,
    row_cells,
    skipped_text,
    stated_text,
    with_interval,
)
from selloff.scorecard import Scorecard, TierResult

HEAD = """# Scorecard

How often the program is right, failures first. This page is generated and never edited:

```
selloff scorecard --data FOLDER --readings validation/scorecard_readings.toml --docs docs/scorecard.md
```

[How it is scored](scorecard-method.md)
"""

CHANGES = """## What changed

Scores change when the method does: "Numbers that changed" in [the changelog](../CHANGELOG.md) says when and why.
"""


def read_readings(path: Path) -> dict[str, str]:
    """Why days were missed, in our words, by date: a TOML table `[reading]`.

    Raises
    ------
    ScorecardError : the file can't be read.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))["reading"]
    except (OSError, ValueError, KeyError) as error:
        raise ScorecardError(
            f"{path} can't be used: {error}.", "It needs a table [reading] of texts by date."
        ) from error
    return {str(day): str(text) for day, text in found.items()}


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numeric_from: int | None = None) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"

    marks = ["---:" if numeric_from is not None and i >= numeric_from else "---" for i in range(len(head))]
    return "\n".join([line(head), line(marks), *(line(r) for r in rows)]) + "\n"


def _methods(tier: TierResult) -> Iterator[str]:
    rows = [
        [name, str(n), *(with_interval(scores[key]) for key in SCORE_NAMES)] for name, n, scores in methods_of(tier)
    ]
    yield "### The program and what it has to beat\n"
    yield _table(["method", "days", *SCORE_NAMES.values()], rows, 1)
    yield HOW_TO_READ + "\n"
    folds = tier.details.get("in_folds")
    if folds is not None:
        gain = with_interval(folds["logit_gain_over_base"])
        yield f"The logit in ten blocks of days, later labels used: {gain} nats over their base rate.\n"
    fitted = tier.details["in_sample"]
    words = "no day was fitted on" if not fitted["n"] else f"{fitted['n']} days were fitted on and are scored apart"
    yield f"In sample: {words}.\n"


def _by_outcome(tier: TierResult) -> Iterator[str]:
    names = tier.details["outcomes"]
    rows = [
        [names[key], *(f"{100 * shares[who]:.1f} %" for who in ("stated", "base_rate", "voted"))]
        for key, shares in tier.details["by_outcome"].items()
    ]
    yield "### Mean shares by outcome\n"
    yield _table(["outcome", "stated", "base rate", "voted"], rows, 1)
    counts = sorted(tier.details["testable_days"].items(), key=lambda kv: kv[1])
    words = ", ".join(f"{name} {n}" for name, n in counts)
    yield f"Days of {tier.details['n']} on which a trigger could be tested: {words}.\n"


def _abstention(tier: TierResult) -> Iterator[str]:
    rows = [
        [
            f"{100 * point['coverage']:.0f} %",
            str(point["n"]),
            number(point["threshold"], 2),
            with_interval(point["log_score"]),
            with_interval(point["gain_over_base"]),
            with_interval(point["overall_gain_over_base"]),
        ]
        for point in tier.details["abstention"]
    ]
    yield "### If it may say *unknown*\n"
    yield (
        "Only the days with the largest share of a named cause are answered; the others are left *unknown*, and "
        "overall they count as the base rate.\n"
    )
    head = ["answered", "days", "named share at least", "log score", "gain over base there", "gain over base overall"]
    yield _table(head, rows, 1)


def _calibration(tier: TierResult, plot: str) -> Iterator[str]:
    yield "### Calibration\n"
    yield f"![Stated share of the top outcome against its share of the votes]({plot})\n"
    for method, tables in tier.details["calibration"].items():
        rows = [[number(b["stated"], 2), number(b["right"], 2), f"{b['n']:.0f}"] for b in tables["top"]]
        name = "The program" if method == "model" else "Plain logit"
        yield f"{name}, outcome put first:\n"
        yield _table(["stated", "right", "days"], rows, 0)


def _misses(tier: TierResult, readings: Mapping[str, str]) -> Iterator[str]:
    names = tier.details["outcomes"]
    rows = [
        [
            miss["date"],
            number(miss["log_score"], 2),
            number(miss["base_log_score"], 2),
            stated_text(miss["shares"], names),
            readings.get(miss["date"], "–"),
        ]
        for miss in tier.details["misses"]
    ]
    yield "### Worst misses\n"
    yield _table(["day", "log score", "base rate's", "stated", "our reading"], rows)


def _tier(tier: TierResult, readings: Mapping[str, str], plot: str) -> Iterator[str]:
    yield f"## {tier.name}\n"
    yield tier.summary + "\n"
    skipped = skipped_text(tier)
    if skipped:
        yield skipped + "\n"
    yield _table(["verdict", "what", "value", "aim", ""], [row_cells(row) for row in tier.failures_first])
    if methods_of(tier):
        yield from _methods(tier)
        yield from _by_outcome(tier)
        yield from _abstention(tier)
        yield from _calibration(tier, plot)
        yield from _misses(tier, readings)
    if tier.seed is not None:
        yield f"Seed {tier.seed}.\n"
    if tier.notes:
        yield "\n".join(f"- {note}" for note in tier.notes) + "\n"


def scorecard_markdown(scorecard: Scorecard, readings: Mapping[str, str], plot: str) -> tuple[str, str | None]:
    """The page, and its calibration plot if there is a human tier.

    Parameters
    ----------
    readings : why days were missed, by date. plot : file name of the plot, as the page links it.
    """
    misses = [f"- {tier.name}: {miss_text(row)}" for tier, row in misses_of(scorecard)]
    parts = [HEAD, misses_text(scorecard) + "\n", *(["\n".join(misses) + "\n"] if misses else [])]
    picture = None
    for tier in scorecard.tiers:
        parts += list(_tier(tier, readings, plot))
        if methods_of(tier) and (drawn := calibration_picture(tier)) is not None:
            picture = svg_of(drawn.spec) + "\n"
    return "\n".join([*parts, CHANGES]), picture
