"""The terminal text: every width, no colour in pipes, numbers as people read them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

import worlds
from selloff.attribution.direct import DirectReading
from selloff.attribution.policy_shock import PolicyShock
from selloff.catalog import default_catalogue
from selloff.report.numbers import (
    interval,
    joined,
    listed,
    move_text,
    p_text,
    percent,
    sigma_text,
    signed,
    years_text,
)
from selloff.report.rarity_text import frequency_words
from selloff.report.sequence_text import sequence_words
from selloff.report.sparkline import BLOCKS, sparkline
from selloff.report.tables import MEMBERS_SHOWN, MOVED, NARROW
from selloff.report.text import reading_text
from selloff.report.words import paragraph, sections
from terminal import text_of

CRASH = str(worlds.CRASH)


@pytest.mark.parametrize("when", [CRASH, str(worlds.CRYPTO_DAY), str(worlds.OIL_NEGATIVE)])
def test_members_are_listed_or_counted(explain_world, when):
    """The furthest members of each class with their numbers; listed and counted ones are all of them."""
    e = explain_world(when)
    text = text_of(e, 2000)
    bound = set(e.assets.values())
    for d in e.joint.depths:
        others = [m for m in e.moves if m.series.asset_class == d.asset_class.id and m.series.id not in bound]
        far = [m for m in others if m.sigmas_slow is not None and abs(m.sigmas_slow) >= MOVED]
        for m in sorted(far, key=lambda m: -abs(m.sigmas_slow))[:MEMBERS_SHOWN]:
            assert f"{m.series.name} {move_text(m.move, m.series.move_unit)} ({sigma_text(m.sigmas_slow)})" in text
        for n, words in (
            (len(far) - MEMBERS_SHOWN, "more beyond 1 σ"),
            (sum(m.sigmas_slow is not None and abs(m.sigmas_slow) < MOVED for m in others), "within 1 σ"),
            (sum(m.sigmas_slow is None for m in others), "not known"),
        ):
            assert n <= 0 or f"{n} {words}" in text, (d.asset_class.id, n, words)


@pytest.mark.parametrize("width", [60, 80, 104, 160])
@pytest.mark.parametrize("when", [CRASH, str(worlds.CRYPTO_DAY), str(worlds.OIL_NEGATIVE)])
def test_every_width_holds_every_number(explain_world, width, when):
    e = explain_world(when)
    text = text_of(e, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    squeezed = re.sub(r"\s+", "", text)
    assert "…" not in text
    bound = set(e.assets.values())
    for m in e.moves:
        if m.move is not None and m.series.id in bound:
            assert re.sub(r"\s+", "", move_text(m.move, m.series.move_unit)) in squeezed, m.series.id
            assert re.sub(r"\s+", "", sigma_text(m.sigmas_slow)) in squeezed
            assert (re.sub(r"\s+", "", sigma_text(m.sigmas_fast)) in squeezed) or width < NARROW
    for c in e.attribution.causes:
        words = [w for w in c.cause.name.split() if len(w) > 3]
        assert all(w in text for w in words), c.cause.name
    assert "not investment advice" in " ".join(text.split())


def test_no_escape_codes_in_a_pipe_and_some_in_a_terminal(explain_world):
    e = explain_world(CRASH)
    assert "\x1b" not in text_of(e, 80)
    assert "\x1b" in text_of(e, 80, force_terminal=True, color_system="standard")


def test_no_color(explain_world, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = text_of(explain_world(CRASH), 80, force_terminal=True, color_system="standard")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", text)


@pytest.mark.parametrize(
    ("size", "words"), [(1.4, "tighter than expected"), (-0.6, "easier than expected"), (0.3, "about as expected")]
)
def test_the_shock_of_an_announcement_is_told_by_its_size(explain_world, size, words):
    shock = PolicyShock(worlds.CRASH, size, {"us2y": 7.0 * size, "us10y": 2.0 * size, "spx": -size}, 40)
    text = dict(sections(replace(explain_world(CRASH), policy_shocks=(shock,))))["Why"]
    assert f"reads as {words}: {sigma_text(size)} of such shocks, {move_text(7.0 * size, 'bp')} in the 2-year" in text


@pytest.mark.parametrize(
    ("count", "words"), [(0, "none were as deep"), (1, "1 was as deep"), (1200, "1,200 were as deep")]
)
def test_frequencies_count_in_words(explain_world, count, words):
    joint = explain_world(CRASH).joint
    rate = replace(joint.base_rate, as_deep=count, of=2000, deep_since=2015)
    told = frequency_words(replace(joint, base_rate=rate, rarity_depth=-3.0))
    assert told.endswith(f", {words}.")


def test_sparkline():
    assert sparkline([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 8) == BLOCKS
    assert sparkline([5.0, 5.0], 9) == BLOCKS[0] * 2
    assert sparkline([1.0, None, 3.0], 3) == f"{BLOCKS[0]} {BLOCKS[-1]}"
    assert sparkline([1.0, 9.0, None, 2.0, 3.0, 3.0], 3) == f"{BLOCKS[-1]}{BLOCKS[0]}{BLOCKS[1]}"
    assert sparkline([None, 1.0], 5) == ""
    assert sparkline([], 5) == ""


def test_sparklines_are_the_document_s_values(explain_world):
    e = explain_world(CRASH)
    wide, narrow = text_of(e, 160), text_of(e, 100)
    recent = e.to_dict()["recent"]
    for asset in e.assets:
        line = sparkline(recent["values"][asset], 20)
        assert line.strip() and line in wide
        assert line not in narrow
    assert recent["sessions"][-1] == str(worlds.CRASH) and len(recent["sessions"]) == 60


def test_parts_in_words_are_amounts_over_moves(explain_world):
    """Bitcoin fell, so the amount's low end is the part's high one."""
    e = explain_world(str(worlds.CRYPTO_DAY))
    amount = next(c for c in e.attribution.causes if c.cause.id == "crypto_specific").if_active["btc"]
    mid, low, high = (100 * part / e.move_of("btc").log_move for part in (amount.mean, amount.high, amount.low))
    assert low < mid < high
    assert f"{mid:.0f} % [{low:.0f} to {high:.0f}] of the move in Bitcoin".replace("-", "−") in paragraph(e)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (signed(-9.5123), "−9.5"),
        (signed(0.04), "0.0"),
        (signed(-0.04), "0.0"),
        (signed(1234.56), "+1,234.6"),
        (move_text(-9.512, "%"), "−9.5 %"),
        (move_text(5.6, "bp"), "+6 bp"),
        (sigma_text(None), "–"),
        (percent(0.001), "below 1 %"),
        (percent(0.999), "above 99 %"),
        (percent(0.345), "34 %"),
        (interval(0.18, 0.519), "18–52"),
        (interval(0.002, 0.998), "<1–99+"),
        (interval(0.0, 0.05), "<1–5"),
        (interval(0.0419, 0.37, 0.04), "4.2–37"),
        (interval(0.0381, 0.37, 0.04), "4–37"),
        (p_text(0.0004), "p < 0.001"),
        (p_text(0.0042), "p = 0.004"),
        (p_text(0.314), "p = 0.31"),
        (p_text(0.999), "p > 0.99"),
        (listed(["a", "b, c", "d"]), "a; b, c; d"),
        (listed(["a", "b", "c"]), "a, b and c"),
        (years_text(0.01), "1 month"),
        (years_text(0.5), "6 months"),
        (years_text(1.2), "1 year"),
        (years_text(43.0), "40 years"),
        (joined([]), ""),
        (joined(["a", "b", "c"], "or"), "a, b or c"),
    ],
)
def test_numbers_as_people_read_them(found, expected):
    assert found == expected


def test_text_of_the_crash(explain_world, snapshot):
    assert text_of(explain_world(CRASH), 100) == snapshot


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (0.2, "lower than nearly all"),
        (12.4, "lower than 88 %"),
        (60.0, "higher than 60 %"),
        (99.9, "higher than nearly all"),
    ],
)
def test_a_percentile_is_never_above_nothing_or_everything(percentile, words):
    item = next(i for i in default_catalogue().evidence if i.reading == "percentile")
    assert reading_text(DirectReading(item, "present", percentile, None, 0.0)) == f"{item.name}: {words} of its past"


@pytest.mark.parametrize(("state", "fell"), [("broke", "fell"), ("did_not_break", "did not fall")])
def test_a_single_asset_with_bars_is_no_plural(explain_world, state, fell):
    order = explain_world(CRASH).sequence
    seen = replace(order.breaks[0], state=state)
    said = sequence_words(replace(order, breaks=(seen,), threshold=2.4))
    assert said == f"{seen.asset.name}, the only asset with bars within the day, {fell} by 2.4 times what is usual."
