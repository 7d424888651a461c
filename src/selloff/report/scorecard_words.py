"""The scorecard in words: what the terminal, the page and the Markdown share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from selloff.report.numbers import MINUS
from selloff.scorecard import Interval, Row, Scorecard, TierResult, count_misses

VERDICT_WORDS = {"failed": "FAILED", "open": "open", "passed": "passed"}

SCORE_NAMES = {
    "log_score": "log score",
    "brier": "Brier",
    "top1": "top 1",
    "top2": "top 2",
    "balanced_accuracy_policy": "policy, bal. acc.",
    "ece": "ECE",
    "gain_over_base": "gain over base",
}
"""Columns of the table of methods; the log score, both tops, the accuracy and the gain are better when higher."""

HOW_TO_READ = (
    "Log score and gain are in nats, higher is better; Brier and ECE: lower is better. Top 1 and top 2: share of the "
    "votes for the outcomes put first. [low, high]: nine in ten resamples of calendar years. Nothing inside an "
    "interval is a ranking."
)


TINY = 1e-4
"""Below this a number that is not zero is written with its power of ten."""


def number(value: float | None, digits: int = 3) -> str:
    """`−1.234`; a dash where it is not known; four significant digits from a hundred on; `4.2e-10` if it is tiny."""
    if value is None or math.isnan(value):
        return "–"
    if 0 < abs(value) < TINY:
        return f"{MINUS if value < 0 else ''}{abs(value):.1e}"
    text = f"{abs(value):.{digits}f}" if abs(value) < 100 else f"{abs(value):,.4g}"
    if float(text.replace(",", "")) == 0:
        return text
    return f"{MINUS if value < 0 else ''}{text}"


def with_interval(value: Mapping[str, float] | Interval) -> str:
    """`−1.23 [−1.30, −1.17]`; the bare number where it is exact or has no interval."""
    return " ".join(part for part in mid_and_interval(value) if part)


def mid_and_interval(value: Mapping[str, float] | Interval, digits: int = 3) -> tuple[str, str]:
    """`−1.23` and `[−1.30, −1.17]`; the second is empty where the number is exact or has no interval."""
    parts = value.to_dict() if isinstance(value, Interval) else value
    mid, low, high = (parts[k] for k in ("mid", "low", "high"))
    if low is None or high is None or math.isnan(low) or math.isnan(high) or low == high:
        return number(mid, digits), ""
    return number(mid, digits), f"[{number(low, digits)}, {number(high, digits)}]"


def row_cells(row: Row) -> tuple[str, str, str, str, str]:
    """Verdict, name, value, aim and note of a row."""
    count = "" if row.n is None else f"n = {row.n}"
    return (
        VERDICT_WORDS[row.verdict],
        row.name,
        with_interval(row.value),
        row.aim,
        "; ".join(part for part in (count, row.note) if part),
    )


def misses_of(scorecard: Scorecard) -> list[tuple[TierResult, Row]]:
    """Every number of every tier that misses its aim."""
    return [(tier, row) for tier in scorecard.tiers for row in tier.failures_first if row.verdict == "failed"]


def misses_text(scorecard: Scorecard) -> str:
    """`8 of 120 numbers miss their aim.`, and how many were not run."""
    rows = [row for tier in scorecard.tiers for row in tier.rows]
    said = f"{count_misses(rows)}."
    missing = [row for row in rows if not row.scored]
    if not missing:
        return said
    what = f"{len(missing)} {'was' if len(missing) == 1 else 'were'} not run"
    if any("no file" in row.note for row in missing):
        what += ": `--data FOLDER` names the folder with the files that they need"
    return f"{said} {what}."


def miss_text(row: Row) -> str:
    """`Coverage of …: 0.658 [0.526, 0.789], aim 0.90`."""
    return f"{row.name}: {with_interval(row.value)}, aim {row.aim}"


def methods_of(tier: TierResult) -> list[tuple[str, int, Mapping[str, Any]]]:
    """Name, days and scores of the model and every baseline, if the tier has them."""
    if "model" not in tier.details:
        return []
    every = {"model": tier.details["model"], **tier.details["baselines"]}
    return [(str(scores["name"]), int(scores["n"]), scores) for scores in every.values()]


def skipped_text(tier: TierResult) -> str:
    """`Left out: 12 (10 before …, 2 not …).`, or nothing."""
    if not tier.skipped:
        return ""
    parts = ", ".join(f"{n} {reason}" for reason, n in tier.skipped.items())
    return f"Left out: {sum(tier.skipped.values())} ({parts})."


def stated_text(shares: Mapping[str, float], names: Mapping[str, str]) -> str:
    """The three largest shares in words: `other causes 61 %, unknown 15 %, economy and credit 8 %`."""
    top: Sequence[tuple[str, float]] = sorted(shares.items(), key=lambda kv: -kv[1])[:3]
    return ", ".join(f"{names[k]} {100 * v:.0f} %" for k, v in top)
