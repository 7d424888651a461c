"""The page: self-contained, complete, escaped."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

import worlds
from pages import Page
from selloff.catalog.series import Flag
from selloff.detection import ReturnPeriod
from selloff.panel import moves as panel_moves
from selloff.report.getting_text import needs_text
from selloff.report.numbers import move_text, percent, sigma_text
from selloff.report.reading_guide import FLAGS, flag_words
from selloff.report.text import BASIS_NOTE, MARKS_NOTE, direct_item_text
from selloff.report.told_apart import silent_words
from selloff.report.words import STATUS_WORDS, sections

CRASH = str(worlds.CRASH)


@pytest.mark.parametrize("when", [CRASH, str(worlds.CRYPTO_DAY), f"{worlds.CALM_FIRST}:{worlds.CALM_LAST}"])
def test_page_asks_nothing_of_the_network(explain_world, when):
    text = explain_world(when).to_html()
    page = Page(text)
    names = [tag for tag, _ in page.tags]
    assert not {"script", "iframe", "object", "link", "base", "form"} & set(names)
    for _, attributes in page.tags:
        assert not {a for a in attributes if a.startswith("on")}
        for name in ("src", "href", "srcset", "action", "data"):
            assert not re.match(r"\s*(?:https?:|//)", attributes.get(name) or "")
    assert "@import" not in text
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", text)


def test_content_security_policy_comes_before_the_style(explain_world):
    text = explain_world(CRASH).to_html()
    (policy,) = [a for tag, a in Page(text).tags if tag == "meta" and a.get("http-equiv")]
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert "default-src 'none'" in policy["content"]
    assert text.index("Content-Security-Policy") < text.index("<style")


def test_page_states_language_charset_and_title(explain_world):
    page = Page(explain_world(CRASH).to_html())
    assert ("html", {"lang": "en"}) in page.tags
    assert ("meta", {"charset": "utf-8"}) in page.tags
    assert "selloff" in page.words[:40]


@pytest.mark.parametrize("when", [CRASH, str(worlds.OIL_NEGATIVE)])
def test_every_number_is_there(explain_world, when):
    e = explain_world(when)
    words = Page(e.to_html()).words
    for m in (*e.moves, *e.asia_answer):
        if m.move is not None:
            assert move_text(m.move, m.series.move_unit) in words, m.series.id
            assert sigma_text(m.sigmas_slow) in words
            assert sigma_text(m.sigmas_fast) in words
    for c in e.attribution.causes:
        assert c.cause.name in words
        if c.probability is not None:
            assert percent(c.probability) in words
        assert needs_text(e, c) in words
    for caveat in e.caveats:
        assert caveat in words
    assert e.joint.verdict in words
    for lineage in e.lineage.values():
        for row in lineage.observations:
            assert str(row["value"]) in words
            assert row["sha256"][:16] in words


def test_what_comes_from_data_is_escaped(explain_world):
    e = replace(explain_world(CRASH), caveats=("<script>alert(1)</script> & more",), title='<b onload="x">')
    text = e.to_html()
    assert "<script>" not in text
    assert "<b onload" not in text
    assert "&lt;script&gt;" in text


def test_fragment_says_what_the_page_says(explain_world):
    e = explain_world(CRASH)
    fragment = e._repr_html_()
    assert "<html" not in fragment and "<body" not in fragment
    page = Page(e.to_html())
    said = Page(fragment).words.split("What fell", 1)[1]
    assert said == page.words.split("What fell", 1)[1]


def test_fragment_reaches_nothing_outside(explain_world):
    """Its rules are nested in its class or name it, and its ids carry the window."""
    fragment = explain_world(CRASH)._repr_html_()
    style = fragment.split("<style>")[1].split("</style>")[0]
    depth, outer = 0, ""
    for letter in style:
        depth -= letter == "}"
        if depth == 0 and letter not in "{}":
            outer += letter
        elif letter == "{" and depth == 0:
            outer += "\n"
        depth += letter == "{"
    for selector in filter(None, (line.strip() for line in outer.splitlines())):
        assert selector.startswith("@media") or all(".selloff" in part for part in selector.split(",")[-1:]), selector
    assert ":root" not in style and "body" not in style
    ids = [a["id"] for _, a in Page(fragment).tags if "id" in a]
    assert ids and all(i.startswith("selloff-20190814-20190814-") for i in ids)
    assert len(ids) == len(set(ids))


def test_style_is_let_in_by_its_hash_alone(explain_world):
    text = explain_world(CRASH).to_html()
    style = text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in html.unescape(text)
    assert "unsafe" not in text.split("<style>")[0]
    assert not [a for _, a in Page(text).tags if "style" in a]


@pytest.mark.parametrize("when", [CRASH, f"{worlds.CALM_FIRST}:{worlds.CALM_LAST}"])
def test_page_can_be_walked_by_its_structure(explain_world, when):
    """A skip link, a list of the headings, names and columns as headers, and no stop at what can't be scrolled."""
    e = explain_world(when)
    text = e.to_html()
    page = Page(text)
    headings = re.findall(r'<h2 id="(.*?)">(.*?)</h2>', text)
    assert len(headings) == text.count("<h2") >= 10
    contents = re.search(r'<nav class="contents".*?</nav>', text, re.DOTALL)[0]
    listed = re.findall(r'<a href="#(.*?)">(.*?)</a>', contents)
    assert [i for i, _ in listed] == [i for i, _ in headings]
    assert all(title.startswith(said) for (_, said), (_, title) in zip(listed, headings, strict=True))
    assert text.index('<a class="skip" href="#answer">') < text.index("<main>")
    assert 'id="answer"' in text
    for tag, attributes in page.tags:
        if tag == "th":
            assert attributes.get("scope") in ("row", "col"), attributes
        if "tabindex" in attributes:
            assert attributes["role"] == "region"
    for row in re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL):
        assert all(r.startswith("<th") for r in re.findall(r"<tr[^>]*>(.*?)</tr>", row, re.DOTALL))


def test_page_says_how_to_read_it(explain_world):
    e = explain_world(CRASH)
    guide = html.unescape(re.search(r'<details class="guide">.*?</details>', e.to_html(), re.DOTALL)[0])
    for word in ("joint", "partial", "isolated", "none", "Slow σ", "Fast σ", "prior", *STATUS_WORDS.values()):
        assert word in guide, word
    for name in ("SPX: S&P 500", "NKY: Nikkei 225", "HY: high-yield credit spread", "DXY: US dollar index"):
        assert name in guide
    flags = {flag_words(f) for m in e.moves for f in m.flags}
    assert flags
    for name, words in flags:
        assert f"{name}: {words}" in guide


def test_every_flag_has_words():
    for flag in get_args(Flag):
        assert flag_words(flag)[0] == flag
    assert flag_words("base_2019-08-14")[0] == "base_DATE"
    told = (Path(panel_moves.__file__)).read_text(encoding="utf-8")
    for flag in re.findall(r'append\(f?"([a-z_]+)', told):
        assert flag in FLAGS, flag


def test_evidence_that_moves_only_shares_stands_apart(explain_world):
    e = explain_world(CRASH)
    seen = set()
    for part in re.split(r"<h3>", html.unescape(e.to_html()))[1:]:
        cause = next(r for r in e.attribution.causes if part.startswith(f"{r.cause.name}:"))
        for label, inside in (("Beside prices: ", True), ("In the main reason's shares only: ", False)):
            found = [d for d in cause.direct if d.in_probability == inside]
            line = next((x for x in re.findall(r"<p>(.*?)</p>", part, re.DOTALL) if x.startswith(label)), "")
            said = re.sub(r"<[^>]*>", "", line)
            assert bool(line) == bool(found) and line.count("(×") == len(found)
            assert all(direct_item_text(d, e) in said for d in found)
            seen |= {inside} if found else set()
    assert seen == {True, False}


def test_causes_of_which_the_data_say_nothing_are_named(explain_world):
    e = explain_world(CRASH)
    causes = tuple(replace(r, silent=r.probability is not None) for r in e.attribution.causes)
    text = html.unescape(replace(e, attribution=replace(e.attribution, causes=causes)).to_html())
    sets = [r for r in causes if r.indistinguishable_from and not r.missing]
    assert sets and text.count("Taken together the data neither raise nor lower ") == len(sets)
    silent = [r for r in e.attribution.causes if silent_words(e, r)]
    assert html.unescape(e.to_html()).count("Taken together the data neither ") == len(silent)


def test_priors_are_not_called_base_rates(explain_world):
    """They are judgement, and the page, its pictures and the terminal's legend say so; a base rate is counted."""
    e = explain_world(CRASH)
    page = html.unescape(e.to_html())
    for text in (page, MARKS_NOTE, *(said for _, said in sections(e))):
        assert "base rate" not in text.lower()
    assert "by our judgement and not counted" in page and "ticks: prior, our judgement" in page
    assert "Prior: how likely a cause was beforehand, by our judgement." in MARKS_NOTE


def test_every_ratio_of_direct_evidence_says_what_it_rests_on(explain_world):
    """Weights by judgement carry the asterisk of hypotheses, fitted ones a dagger; legend and reading guide say so."""
    e = explain_world(CRASH)
    page = html.unescape(e.to_html())
    said = {(d.basis, direct_item_text(d, e)) for r in e.attribution.causes for d in r.direct}
    marks = {"judgement": "*)", "fitted": "†)"}
    assert said and all(text.endswith(marks[basis]) and text in page for basis, text in said)
    assert f"{BASIS_NOTE}</p>" in page and "with † on a weight learnt from labelled days" in page
    assert BASIS_NOTE in MARKS_NOTE and "* our hypothesis or judgement" in BASIS_NOTE


def test_main_trigger_is_told_by_groups_whose_shares_add_up(explain_world):
    e = explain_world(CRASH)
    part = re.search(r'<h2 id="main-reason">.*?</ul>', e.to_html(), re.DOTALL)[0]
    groups = re.findall(r"<li>(.*?)</li>", part)
    shares = e.catalogue.label_map.outcome_shares(e.attribution.trigger_shares)
    assert "add up to one" in part and shares.sum() == pytest.approx(1.0)
    names = {o.name: s for o, s in zip(e.catalogue.label_map.outcome, shares, strict=True)}
    for group in groups:
        name, said = re.match(r"(.*?) \((.*?)\)", group.replace("\u00a0", " ")).groups()
        assert said == percent(names[name])
    assert len(groups) == len(names)
    (economy,) = [g for g in groups if g.startswith("economy and credit")]
    assert "growth scare" in economy and "credit or bank failure" in economy
    (other,) = [g for g in groups if g.startswith("other causes")]
    assert f"no listed trigger {percent(e.attribution.trigger_shares['other'])}" in other.replace("\u00a0", " ")


def test_the_class_table_says_how_rare_the_classes_that_are_down_are(explain_world):
    e = explain_world(CRASH)
    periods = {"energy": ReturnPeriod(4.5, 8.0, 39.0, 40.0)}
    page = replace(e, joint=replace(e.joint, class_periods=periods)).to_html()
    table = re.search(r'aria-label="Depth by class.*?</table>', page, re.DOTALL)[0]
    rows = dict(re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table))
    assert set(rows) == {d.asset_class.name for d in e.joint.depths}
    for name, row in rows.items():
        assert f"<td>{'once in 8 years [4 to 40 years]' if name == 'Energy' else ''}</td>" in row


def test_members_of_classes_are_named(explain_world):
    e = explain_world(CRASH)
    table = re.search(r'aria-label="Depth by class.*?</table>', e.to_html(), re.DOTALL)[0]
    for d in e.joint.depths:
        for s in d.members:
            assert f'<a href="#from-{s}">{html.escape(e.catalogue.series[s].name)}</a>' in table


def test_page_is_small(explain_world):
    assert len(explain_world(CRASH).to_html().encode()) < 450_000


def test_alternative_text_says_what_the_picture_shows(explain_world):
    e = explain_world(CRASH)
    figures = [a["aria-label"] for tag, a in Page(e.to_html()).tags if tag == "div" and a.get("role") == "img"]
    assert len(figures) >= 5
    depths = next(f for f in figures if f.startswith("Depth of each class"))
    for d in e.joint.depths:
        if d.depth is not None:
            assert f"{d.asset_class.name} {sigma_text(d.depth)}" in depths
    shares = next(f for f in figures if f.startswith("Probabilities"))
    for c in e.attribution.causes:
        if c.probability is not None:
            assert f"{c.cause.name} {percent(c.probability)}" in shares


def test_same_bytes_twice(explain_world):
    e = explain_world(CRASH)
    assert e.to_html() == e.to_html()


def test_fragment_of_the_crash(explain_world, snapshot):
    """Without the drawings and without the lineage table, whose last digits and hashes belong to the machine's libm."""
    fragment = explain_world(CRASH)._repr_html_()
    shown, lineage = re.split(r"<h2[^>]*>Where every number comes from</h2>", fragment)
    assert lineage.count("<tr") > 50
    assert re.sub(r"<svg.*?</svg>", "<svg/>", shown.split("</style>")[1], flags=re.DOTALL) == snapshot
