"""From a number on the page to what it was made of."""

from __future__ import annotations

import html
import re

import pytest

import worlds
from pages import Page
from selloff.report.chain_words import beyond_words
from selloff.report.linked import linked
from selloff.report.numbers import sigma_text
from selloff.report.words import MOVES_SHOWN, sections

CRASH = str(worlds.CRASH)


@pytest.mark.parametrize("when", [CRASH, str(worlds.OIL_NEGATIVE)])
def test_numbers_open_to_their_lineage(explain_world, when):
    e = explain_world(when)
    page = Page(e.to_html())
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    links = [a["href"] for tag, a in page.tags if tag == "a"]
    assert {link[1:] for link in links} <= set(ids)
    assert {f"#from-{s}" for s in e.lineage if any(m.series.id == s for m in e.moves)} <= set(links)


@pytest.mark.parametrize("when", [CRASH, str(worlds.OIL_NEGATIVE)])
def test_plain_words_open_to_their_lineage_and_say_the_same(explain_world, when):
    e = explain_world(when)
    page = e.to_html()
    words = page.split('<dl class="plain" id="answer">')[1].split("</dl>")[0]
    said = html.unescape(re.sub(r"<[^>]*>", "", "".join(re.findall(r"<dd>(.*?)</dd>", words)))).replace("\u00a0", " ")
    assert said == "".join(text for _, text in sections(e))
    links = {html.unescape(text): key for key, text in re.findall(r'<a href="#from-(.*?)">(.*?)</a>', words)}
    shown = [m for m in e.moves if m.series.id in e.assets.values() and abs(m.sigmas_slow or 0.0) >= 1.0]
    assert shown and len(links) >= min(len(shown), MOVES_SHOWN)
    for text, key in links.items():
        move = next(m for m in e.moves if m.series.id == key)
        assert sigma_text(move.sigmas_slow) in text.replace("\u00a0", " ")


def test_direct_evidence_opens_to_its_lineage(explain_world):
    e = explain_world(CRASH)
    page = Page(e.to_html())
    links = {a["href"] for tag, a in page.tags if tag == "a"}
    read = [d.reading.source for c in e.attribution.causes for d in c.direct]
    measured = {f"indicator:{s}" for s in read if s in e.catalogue.indicators.measured} & set(e.lineage)
    assert measured and {f"#from-{key}" for key in measured} <= links


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gold −9.0 % (−8.3 σ).", '<a href="#p-from-gold">Gold −9.0\u00a0% (−8.3\u00a0σ)</a>.'),
        ("a & gold −9.0 % (−8.3 σ)", 'a &amp; <a href="#p-from-gold">gold −9.0\u00a0% (−8.3\u00a0σ)</a>'),
        ("nothing of it", "nothing of it"),
    ],
)
def test_a_phrase_becomes_a_link_and_the_rest_is_escaped(text, expected):
    assert linked(text, {"gold −9.0 % (−8.3 σ)": "gold"}, "p-") == expected
    assert linked(text, {}, "p-") == html.escape(text).replace(" %", "\u00a0%").replace(" σ", "\u00a0σ")


LINKED = ("Moves", "Who had led", "Who broke")


@pytest.mark.parametrize("when", [CRASH, f"{worlds.CALM_FIRST}:{worlds.CALM_LAST}"])
def test_every_number_of_a_table_is_a_link(explain_world, when):
    """But for depths by class, whose members stand beside them as links, and contributions, whose columns are links."""
    seen = set()
    for label, table in re.findall(
        r'aria-label="([^"]*)"><table>(.*?)</table>', explain_world(when).to_html(), re.DOTALL
    ):
        kind = next((k for k in LINKED if label.startswith(k)), None)
        if kind is None:
            continue
        for cell in re.findall(r'<t[dh] class="n(?: loss)?">(.*?)</t[dh]>', table.split("<tbody>")[1]):
            assert cell.startswith("<a href=") or not re.search(r"\d", cell), (label, cell)
            seen |= {kind} if "<a" in cell else set()
    assert seen >= {"Moves", "Who had led"}


def test_contributions_open_by_their_column(explain_world):
    e = explain_world(CRASH)
    table = re.search(r'aria-label="Contributions by cause and asset".*?</table>', e.to_html(), re.DOTALL)[0]
    head, body = table.split("<tbody>")
    assert re.findall(r'href="#from-(.*?)"', head) == [e.assets[a] for a in e.assets]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    assert all("<a" not in row for row in rows[:-1]) and rows[-1].count("<a") == len(e.assets)


def test_what_a_chain_weighs_is_told_and_opens_to_its_series(explain_world):
    e = explain_world(CRASH)
    told = [r for r in e.attribution.causes if r.chain_evidence]
    assert told
    text = html.unescape(e.to_html())
    document = {c["id"]: c["chain"] for c in e.to_dict()["causes"]}
    for r in told:
        ratio = document[r.cause.id]["likelihood_ratio"]
        line = re.search(rf"<p>Chain, beyond[^\n]*{re.escape(beyond_words(r.chain_evidence[0]))}[^\n]*</p>", text)[0]
        assert f"(×{ratio:.1f}*)" in line
        for i in r.chain_evidence:
            assert f'#from-{i.series}">{beyond_words(i)}</a>' in " ".join(line.split())
            assert sigma_text(abs(i.sigmas)).lstrip("+") in beyond_words(i)


def test_pictures_open_to_the_series_they_show(explain_world):
    e = explain_world(CRASH)
    found = {}
    for figure in re.findall(r"<figure.*?</figure>", e.to_html(), re.DOTALL):
        found[re.search(r'id="(.*?)"', figure)[1]] = re.findall(r'href="#from-(.*?)"', figure)
    assert set(found) >= {"fingerprint", "depths", "contributions", "rotation"}
    assert [name for name, keys in found.items() if not keys] == ["probabilities"]
    assert set(found["fingerprint"]) == set(e.assets.values())
    assert set(found["contributions"]) <= set(e.assets.values())
    assert set(found["depths"]) == {s for d in e.joint.depths if d.depth is not None for s in d.members}
    assert all(key.startswith("basket:") for key in found["rotation"])
