"""Links of chains in words: true of a relief too, and of what a link did beyond the assets."""

from __future__ import annotations

import pytest

from selloff.attribution.chains import LinkEvidence
from selloff.catalog import Link, default_catalogue
from selloff.report.chain_words import beyond_words, claim, link_name, names_other_side

CAUSES = default_catalogue().causes.values()
LINKS = [link for cause in CAUSES for link in cause.chain]
MIRRORED = [link for cause in CAUSES if cause.mirror for link in cause.chain]


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.name)
def test_every_link_of_the_catalogue_says_which_way(link):
    assert claim(link.name) is not None


@pytest.mark.parametrize("link", MIRRORED, ids=lambda link: link.name)
def test_every_link_of_a_cause_with_a_mirror_can_be_turned_round_and_back(link):
    turned = link_name(link.name, turned=True)
    assert turned != link.name and "turned round" not in turned
    assert claim(turned).verb.up == -claim(link.name).verb.up
    assert claim(turned).turned().text() == link.name
    assert link_name(link.name, turned=False) == link.name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("two-year yields fall", "two-year yields rise"),
        ("the yuan falls", "the yuan rises"),
        ("mega-caps fall behind the S&P 500", "mega-caps run ahead of the S&P 500"),
        ("inflation-linked bonds fall behind", "inflation-linked bonds run ahead"),
        ("overnight money rises against the rate on reserves", "overnight money falls against the rate on reserves"),
        ("credit spreads widen", "credit spreads narrow"),
        ("something new happens", "something new happens, turned round"),
    ],
)
def test_the_opposite_of_a_link(name, expected):
    assert link_name(name, turned=True) == expected


def test_links_that_name_the_other_side_of_their_series():
    other = {link.name for link in LINKS if names_other_side(link.name, link.sign)}
    assert other == {"the yuan falls", "the yen rises", "short-volatility positions lose"}


@pytest.mark.parametrize(
    ("name", "catalogued", "sign", "sigmas", "expected"),
    [
        ("semiconductors fall", "-", "-", 0.5, "semiconductors +0.5 σ (predicted to fall)"),
        ("semiconductors fall", "-", "+", 0.5, "semiconductors +0.5 σ (predicted to rise)"),
        ("the yuan falls", "+", "+", -1.9, "the yuan +1.9 σ (predicted to fall)"),
        ("the yuan falls", "+", "-", -1.9, "the yuan +1.9 σ (predicted to rise)"),
        ("equal weight beats cap weight", "+", "+", 1.2, "equal weight +1.2 σ (predicted to beat cap weight)"),
        ("something new happens", "-", "-", 0.5, "something new happens: +0.5 σ (predicted −)"),
    ],
)
def test_what_a_link_did_beyond_the_assets_stands_beside_what_was_predicted(name, catalogued, sign, sigmas, expected):
    link = Link(name=name, of=("a",), sign=catalogued)
    assert beyond_words(LinkEvidence(link, "a", sign, sigmas, 1.0)) == expected
