"""A compact drawing is the same drawing."""

from __future__ import annotations

import re

import vl_convert

import worlds
from selloff.report.charts.compact import compact, rounded
from selloff.report.charts.theme import svg_of
from selloff.report.pictures import pictures


def test_the_same_picture_in_fewer_bytes(explain_world):
    """To the pixel, but for the seams of the fingerprint's tiles."""
    for picture in pictures(explain_world(str(worlds.CRASH))).values():
        svg = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg_of(picture.spec))
        small = compact(svg)
        assert len(small) < 0.8 * len(svg)
        assert re.findall(r"<text[^>]*>([^<]*)", small) == re.findall(r"<text[^>]*>([^<]*)", svg)
        if picture.id != "fingerprint":
            assert vl_convert.svg_to_png(small) == vl_convert.svg_to_png(svg), picture.id


def test_only_paths_of_the_same_paint_become_one():
    a, b = '<path d="M0,0h1" fill="#fff"/>', '<path d="M2,0h1" fill="#fff"/>'
    assert compact(a + b) == '<path d="M0,0h1M2,0h1" fill="#fff"/>'
    other = '<path d="M2,0h1" fill="#000"/>'
    moved = '<path d="M2,0h1" fill="#fff" transform="translate(1,1)"/>'
    faint = '<path d="M2,0h1" fill="#fff" opacity="0.5"/>'
    for pair in (a + other, a + moved, faint + faint):
        assert compact(pair) == pair


def test_places_are_rounded_and_words_are_not():
    text = '<path d="M1.25,3.049h10" transform="translate(54.1205,16)"/><text x2="0.04">2.4806 %</text>'
    assert rounded(text) == '<path d="M1.2,3h10" transform="translate(54.1,16)"/><text x2="0">2.4806 %</text>'
