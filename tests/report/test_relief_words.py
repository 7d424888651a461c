"""A relief is called one, in the text, the words and the pictures; ordinary days are not told about it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

import worlds
from selloff.attribution import CauseResult
from selloff.explanation import Explanation
from selloff.report.relief_words import relief_words
from selloff.report.text import render
from selloff.report.words import sections


def _read_as(e: Explanation, polarity: str, relief: float, verdict: str) -> Explanation:
    return replace(
        e,
        attribution=replace(e.attribution, polarity=polarity, relief=relief),
        joint=replace(e.joint, verdict=verdict),
    )


@pytest.mark.parametrize(
    ("polarity", "relief", "verdict", "expected"),
    [
        ("relief", 0.8, "none", "Read as a relief (80 % likely)"),
        ("relief", 0.7, "isolated", "Read as a relief (70 % likely)"),
        ("adverse", 0.5, "none", "can't be told (relief: 50 %); signs are read as for bad news"),
        ("adverse", 0.2, "none", ""),
        ("adverse", 0.5, "joint", ""),
        ("adverse", 0.1, "joint", ""),
    ],
)
def test_how_signs_are_read_is_said_first_where_it_is_not_as_usual(explain_world, polarity, relief, verdict, expected):
    e = _read_as(explain_world(str(worlds.CRASH)), polarity, relief, verdict)
    text = relief_words(e)
    assert expected in text and bool(text) == bool(expected)
    why = dict(sections(e))["Why"]
    assert why.startswith(text) and ("relief" in why) == bool(expected)


def _turned(e: Explanation) -> Explanation:
    """The crash as it would be read in a relief: links of causes with a mirror predict the opposite signs."""

    def turned(r: CauseResult) -> CauseResult:
        r = replace(r, polarity="relief")
        if r.chain is None or not r.cause.mirror:
            return r
        links = tuple(replace(k, sign="-" if k.sign == "+" else "+") for k in r.chain.links)
        return replace(r, chain=replace(r.chain, links=links))

    causes = tuple(turned(r) for r in e.attribution.causes)
    return replace(e, attribution=replace(e.attribution, polarity="relief", relief=0.9, causes=causes))


def test_links_in_the_text_claim_what_a_relief_predicts(explain_world):
    e = explain_world(str(worlds.CRASH))
    for one, said, unsaid in (
        (e, "shares fall", "shares rise"),
        (_turned(e), "shares rise", " shares fall ✓ → the VIX"),
    ):
        out = io.StringIO()
        Console(file=out, width=4000).print(render(one))
        assert said in out.getvalue() and unsaid not in out.getvalue()


def test_a_page_of_a_relief_says_so_at_every_cause_it_turns_round(explain_world):
    e = explain_world(str(worlds.CRASH))
    page = _turned(e).to_html().replace("\u00a0", " ")
    mirrored = [c for c in e.catalogue.causes.values() if c.mirror]
    assert page.count("Turned round: ") == len(mirrored)
    assert "Read as a relief (90 % likely)" in page
    assert "Read as a relief, with its signs turned round: " in page
    assert ", turned round: " in page.split('id="chains"')[1]
    assert "Turned round: " not in e.to_html() and "with its signs turned round" not in e.to_html()
