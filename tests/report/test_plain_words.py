"""Plain words of many windows: they never say more than the numbers, whatever the intervals."""

from __future__ import annotations

import html
import os
import re
from datetime import date
from functools import lru_cache
from importlib import import_module

import numpy as np
import pytest

import worlds
from conftest import NOW
from selloff.explanation import explain
from selloff.report.hedges import BANDS, LEAST, hedge
from selloff.report.linked import linked, phrases
from selloff.report.main_reason_words import main_reason_line
from selloff.report.names import plain_name
from selloff.report.numbers import interval, percent, unbroken
from selloff.report.role_words import NOUNS, role_words
from selloff.report.words import heading, paragraph, sections
from terminal import text_of

N_WINDOWS = 200 if os.environ.get("SELLOFF_FULL") else 60


@lru_cache
def _windows() -> list[str]:
    """Random days of the synthetic world, late enough for windows of 60 sessions with 40 before them."""
    random = np.random.default_rng(60)
    days = [date(2015, 7, 1).toordinal() + int(d) for d in random.integers(0, 2349, 400)]
    return [str(date.fromordinal(d)) for d in days if date.fromordinal(d).weekday() < 5]


def _sessions_of(sessions, n: int) -> list[tuple[str, str]]:
    lengths = ["1d", "1d", "2d", "5d", "20d", "60d"]
    open_days = [d for d in _windows() if sessions.position(date.fromisoformat(d)) is not None]
    picked = [(d, lengths[i % len(lengths)]) for i, d in enumerate(open_days[: n - 4])]
    return [*picked, *((str(d), "1d") for d in (worlds.CRASH, worlds.CRYPTO_DAY, worlds.OIL_NEGATIVE, worlds.LAST))]


@pytest.fixture(scope="module")
def explained(world, store, sessions, tmp_path_factory) -> list:
    """Explanations of random and planted days with few draws: the words must hold for any interval."""
    settings = {"store": store, "catalogue": world.catalogue, "sessions": sessions, "now": NOW}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
        # a home of its own: no other test may be given these models
        patch.setenv("SELLOFF_HOME", str(tmp_path_factory.mktemp("few_draws")))
        patch.setattr("selloff.attribution.structural.window.WINDOW_DRAWS", 100)
        common_shocks = import_module("selloff.attribution.structural.share_bond_shocks")
        patch.setattr(common_shocks, "DRAWS", 100)
        patch.setattr(common_shocks, "BATCH", 100)
        found = [explain(day, window=length, **settings) for day, length in _sessions_of(sessions, N_WINDOWS)]
    assert len(found) == N_WINDOWS
    return found


FORBIDDEN = [
    r"  ", r"\bNone\b", r"\bnan\b", r"\binf\b", r"\(\)", r"\[\]", r"\{", r"\}", r" [,.;:)]", r"\( ", r"\.\.", r",,",
    r"\. ?,",
    r"\b(?:and|or|from|in|of|by|:) ?\.", r"−0\.0 ", r"\+0\.0 ", r"--", r"_", r"100 %", r"(?<!\d)0 % \[",
]  # fmt: skip


def test_paragraphs_are_plain_sentences(explained):
    for e in explained:
        text = paragraph(e)
        for pattern in FORBIDDEN:
            assert not re.search(pattern, text), (pattern, e.window, text)
        assert text[0].isupper() and text.endswith(".")
        assert all(s[0].isupper() or s[0].isdigit() for s in re.split(r"(?<=[a-z%)]\.) ", text)), text


def test_links_in_plain_words_change_no_word(explained):
    for e in explained:
        opens = phrases(e)
        for _, text in sections(e):
            assert html.unescape(re.sub("<[^>]*>", "", linked(text, opens, ""))) == unbroken(text)


def test_headings(explained):
    for e in explained:
        text = heading(e)
        assert not any(re.search(p, text) for p in FORBIDDEN[:6]), text
        assert f"{e.window.end:%B %Y}" in text
        assert "as known on" in text


def test_every_percentage_of_a_cause_is_its_probability(explained):
    """`name (p)` in the paragraph is the cause's posterior, and raised causes are exactly the contributing ones."""
    checked = 0
    for e in explained:
        text = paragraph(e)
        for c in e.attribution.causes:
            if c.probability is None:
                assert f"{plain_name(c.cause.name)} (" not in text
                continue
            name = re.escape(plain_name(c.cause.name))
            shown = re.findall(name + r" \((?:\d+ to )?([^)\[,]*?)(?: \[[^)]*)?\)", text)
            shown += re.findall(name + r" from \d+ to (\d+ %) \[", text)
            assert set(shown) <= {percent(c.probability)}, (e.window, c.cause.id, shown)
            if e.joint.verdict != "none":
                assert bool(shown) or c.status != "contributing", (e.window, c.cause.id)
            checked += len(shown)
    assert checked > 10


def test_words_follow_the_verdict(explained):
    openings = {"none": "No asset class", "isolated": "Not everything", "partial": "Part of", "joint": "A joint fall"}
    seen = set()
    for e in explained:
        seen.add(e.joint.verdict)
        text = paragraph(e)
        assert text.startswith(openings[e.joint.verdict]), (e.joint.verdict, text)
        down = [e.catalogue.classes[c].name.lower() for c in e.joint.classes_down]
        first = text.split(". ")[0]
        assert all(name in first for name in down)
    assert {"none", "isolated", "joint"} <= seen


def test_words_on_jointness_follow_the_p_value(explained):
    """Where fewer than half of the classes fell nothing is said of falling jointly."""
    seen = set()
    for e in explained:
        p = e.joint.jointness.p_value
        text = paragraph(e)
        depths = [d.depth for d in e.joint.depths if d.depth is not None]
        told = p is not None and 2 * sum(d < 0 for d in depths) >= len(depths)
        seen.add(told)
        assert ("fell more jointly than usual" in text) == (told and p < 0.05)
        assert ("no more jointly than usual" in text) == (told and p >= 0.05)
    assert seen == {True, False}


def test_no_paragraph_calls_a_cause_at_its_prior_when_it_is_not(explained):
    """A sentence about priors holds for every tested cause, whatever the verdict."""
    for e in explained:
        if "stay near their priors" in paragraph(e):
            for c in e.attribution.causes:
                assert c.status in {"undetermined", "not_testable"}, (e.window, c.cause.id)


def test_stands_out_means_contributing_or_leading(explained):
    for e in explained:
        if e.joint.verdict == "none":
            continue
        for role, noun in (("trigger", "trigger"), ("premium", "premium"), ("amplifier", "amplifier")):
            raised = [c for c in e.attribution.causes if c.cause.role == role and c.raised]
            tested = [c for c in e.attribution.causes if c.cause.role == role and c.probability is not None]
            assert (f"No {noun} stands out" in paragraph(e)) == (bool(tested) and not raised)


def odds(probability: float) -> float:
    return probability / (1 - probability)


def test_hedges_match_probabilities(explained):
    """Each hedge belongs to the cause of its sentence, and is the word of that cause's probability.

    That cause is the most probable of those raised, else the one raised most, else the most probable.
    """
    words = "|".join([w for _, w in BANDS] + [LEAST])
    checked, kinds = set(), set()
    for e in explained:
        for role in NOUNS:
            text = role_words(e, role)
            said = re.findall(rf"is ({words}) to have been at work", text)
            ends = re.findall(rf"\(at the (low|high) end of its interval ({words})\)", text)
            tested = [c for c in e.attribution.causes if c.cause.role == role and c.probability is not None]
            if tested:
                raised = [c for c in tested if c.status in ("leading", "contributing")]
                above = [c for c in tested if c.probability > c.cause.prior]
                top = max(raised or tested, key=lambda c: c.probability)
                if above and not raised:
                    top = max(above, key=lambda c: odds(c.probability) / odds(c.cause.prior))
                if raised and top.probability < 0.33:
                    assert f"still {hedge(top.probability)}" in text and not said
                    kinds.add("raised, yet unlikely")
                    continue
                assert said == [hedge(top.probability)]
                shown = f"{percent(top.probability)} [{interval(top.low, top.high, top.cause.prior)}]"
                prior = percent(top.cause.prior)
                where = "at" if prior == percent(top.probability) else "below"
                rate = f", prior {prior})" if above else f"), {where} its prior of {prior}"
                assert f"{plain_name(top.cause.name)} ({shown}{rate}" in text
                kinds.add("raised" if raised else "nearest" if above else "lowered")
                other = hedge(top.low if raised else top.high)
                assert ends == ([] if other == said[0] else [("low" if raised else "high", other)]), text
                checked.add(said[0])
            else:
                assert not said
    assert len(checked) >= 3
    assert len(kinds) == 4


def test_hedges_cover_every_probability_once():
    assert [hedge(p) for p in (0.0, 0.05, 0.2, 0.5, 0.7, 0.95, 1.0)] == [LEAST, *[w for _, w in BANDS][::-1]]
    assert [hedge(p) for p, _ in BANDS] == [w for _, w in BANDS]
    assert [p for p, _ in BANDS] == sorted({p for p, _ in BANDS}, reverse=True)


def test_singular_and_plural(explained):
    for e in explained:
        text = paragraph(e)
        assert not re.search(r"\b1 (?:sessions|classes|years|months|assets|baskets|causes)\b", text), text
        assert not re.search(r"\b(?:[02-9]|\d\d+) (?:session|class|year|month|asset|basket|cause)\b", text), text
        assert not re.search(r"(?<![\d.,])\b[01] were\b", text), text
        for noun, plural in NOUNS.values():
            raised = re.findall(rf"Among the {plural}, (.*?) (stands?) out", text)
            for names, verb in raised:
                assert (verb == "stands") == (names.count("prior") == 1), text
            assert not re.search(rf"\b(?:No|one) {plural}\b|\bthe {noun}s? stand\b", text)


def test_no_sentence_is_said_twice_and_nothing_shows_an_id(explained):
    for e in explained:
        text = paragraph(e)
        said = [s for s in re.split(r"(?<=[a-z%)]\.) ", text) if len(s) > 40]
        assert len(said) == len(set(said)), text
        for name in [*e.catalogue.causes, *(s for s in e.catalogue.series if "_" in s)]:
            assert "_" not in name or name not in text, (name, text)


def test_names_keep_their_capitals_only_where_they_are_proper(explained):
    common = ("Gold", "Silver", "Copper", "Crude", "High-yield", "Mega-caps", "Flight", "Dash", "Policy", "Growth")
    for e in explained:
        for _, text in sections(e):
            inside = re.sub(r"(?:^|(?<=[.:]) )\S+", "", text)
            assert not re.search(rf"\b(?:{'|'.join(common)})\b", inside), text


def test_the_terminal_lists_the_main_reason_that_the_words_name(explained):
    """By the same groups and shares, and every trigger inside its group."""
    for e in explained:
        line = main_reason_line(e)
        if e.joint.verdict != "none":
            (named,) = re.findall(
                r"people would most likely name (.*?) \((.*?)\) or (.*?) \((.*?)\); (.*?) stays", paragraph(e)
            )
            assert all(f"{name} {share}" in line for name, share in (named[:2], named[2:4], ("unknown", named[4])))
        groups = line.removeprefix("Main reason, shares adding up to one: ").split(" · ")
        assert [g.split(" (")[0] for g in groups] == [f"{r.name} {percent(r.share)}" for r in e.main_reasons]
        for reason, group in zip(e.main_reasons, groups, strict=True):
            for trigger in reason.triggers:
                share = percent(e.attribution.trigger_shares[trigger])
                assert f"{plain_name(e.catalogue.causes[trigger].name)} {share}" in group
    assert line in text_of(explained[-1], 4000)
