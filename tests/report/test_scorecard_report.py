"""The scorecard in words: failures first, real minus signs, nothing unknown shown as zero."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest
from rich.console import Console

from selloff.report.scorecard_docs import scorecard_markdown
from selloff.report.scorecard_html import scorecard_page
from selloff.report.scorecard_text import render_scorecard
from selloff.report.scorecard_words import misses_text, number, with_interval
from selloff.scorecard import Interval, Row, Scorecard, TierResult

NAN = math.nan
RESULT = TierResult(
    id="exact",
    name="Published numbers",
    summary="One of three fails.",
    rows=(
        Row("a", "own shares <b>", Interval(88.76, 88.76, 88.76), "passed", "88.76", 16),
        Row("b", "taper", Interval(-0.25, NAN, NAN), "open", note="no | data"),
        Row("c", "sold", Interval(0.61, 0.5, 0.7), "failed", "0.6051"),
    ),
    skipped={"no data": 2},
    notes=("A note.",),
    seed=7,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(-1.2345, "−1.234"), (0.0, "0.000"), (-0.0001, "0.000"), (-4.2e-10, "−4.2e-10"), (NAN, "–"), (None, "–")],
)
def test_numbers(value: float | None, text: str):
    assert number(value) == text


def test_intervals():
    assert with_interval(Interval(-1.0, -2.0, 0.5)) == "−1.000 [−2.000, 0.500]"
    assert with_interval(Interval(1.0, NAN, NAN)) == "1.000"
    assert with_interval({"mid": NAN, "low": NAN, "high": NAN}) == "–"


def _terminal() -> str:
    out = io.StringIO()
    Console(file=out, width=120).print(render_scorecard(Scorecard((RESULT,))))
    return out.getvalue()


def test_failures_come_first_everywhere():
    markdown, picture = scorecard_markdown(Scorecard((RESULT,)), {}, "p.svg")
    page = scorecard_page(Scorecard((RESULT,))).split("<body>")[1]
    assert picture is None
    for text in (_terminal(), markdown, page):
        assert (
            text.index("1 of 3 numbers misses its aim.")
            < text.index("FAILED")
            < text.index("open")
            < text.index("passed")
        )
        assert "−0.250" in text and "0.610 [0.500, 0.700]" in text
        assert "Left out: 2 (2 no data)." in text
        assert "A note." in text
    assert "no \\| data" in markdown
    for text in (markdown, page):
        assert "sold: 0.610 [0.500, 0.700], aim 0.6051" in text
    assert '<a href="#exact">Published numbers</a>' in page and '<h2 id="exact">' in page
    assert "&lt;b&gt;" in page
    assert "--seed 7" in _terminal()


def test_without_a_miss_nothing_is_listed():
    good = Scorecard((replace(RESULT, rows=RESULT.rows[:2]),))
    markdown, _ = scorecard_markdown(good, {}, "p.svg")
    assert "0 of 2 numbers miss their aim.\n\n## " in markdown
    assert "<ul>" not in scorecard_page(good)


NOT_RUN = Row("d", "table 2", Interval(NAN, NAN, NAN), "open", "≤ 0.005", 0, "not run: no file dy2012.csv")
BROKEN = replace(NOT_RUN, verdict="failed", note="no rotation meets the restrictions")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((NOT_RUN,), "No number was scored. 1 was not run: `--data FOLDER` names the folder with the files that"),
        ((NOT_RUN, NOT_RUN), "No number was scored. 2 were not run: `--data FOLDER`"),
        ((*RESULT.rows, NOT_RUN), "1 of 3 numbers misses its aim. 1 was not run: `--data FOLDER`"),
        ((BROKEN, NOT_RUN), "1 of 1 number misses its aim. 1 was not run: `--data FOLDER`"),
        ((RESULT.rows[0], replace(NOT_RUN, note="not run: too few events")), "0 of 1 number misses its aim. 1 was not"),
        (RESULT.rows[:1], "0 of 1 number misses its aim."),
        ((), "No number was scored."),
    ],
)
def test_what_was_not_run_is_not_counted_as_scored(rows: tuple[Row, ...], says: str):
    card = Scorecard((replace(RESULT, rows=rows),))
    assert misses_text(card).startswith(says)
    assert ("--data" in misses_text(card)) is ("--data" in says)


def test_the_document_rounds_and_knows_no_nan():
    found = Scorecard((RESULT,)).to_dict()
    assert [row["id"] for row in found["rows"]] == ["c", "b", "a"]
    assert found["rows"][1]["low"] is None
    assert found["failed"] == 1
    both = Scorecard((RESULT, RESULT)).to_dict()
    assert set(both) == {"schema_version", "tiers"}
