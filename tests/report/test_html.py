"""The page: self-contained, complete, escaped."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

import worlds
from selloff.report.numbers import move_text, percent, sigma_text

CRASH = str(worlds.CRASH)
VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; fails on tags that don't match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


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
        for requirement in c.missing:
            assert " or ".join(requirement.any_of) in words
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


def test_fragment_is_the_page_s_body(explain_world):
    e = explain_world(CRASH)
    fragment = e._repr_html_()
    assert fragment in e.to_html()
    assert "<html" not in fragment
    Page(fragment)


def test_same_bytes_twice(explain_world):
    e = explain_world(CRASH)
    assert e.to_html() == e.to_html()


def test_fragment_of_the_crash(explain_world, snapshot):
    """Without the lineage table, whose last digits and hashes belong to the machine's libm."""
    fragment = explain_world(CRASH)._repr_html_()
    shown, lineage = fragment.split("<h2>Where every number comes from</h2>")
    assert lineage.count("<tr>") > 50
    assert shown == snapshot
