"""SVG with what a page needs and no more: the same drawing in half the bytes."""

from __future__ import annotations

import re

_EMPTY = re.compile(
    r'<path class="(?:foreground|background)" (?:d=""|d="M0,0h0v0h0Z")(?: pointer-events="none")?(?: display="none")?/>'
)
_DEFAULTS = re.compile(
    r' (?:opacity="1"|stroke-width="1"|pointer-events="none"|transform="translate\(0,0\)"|class="[a-z -]*")'
)
_FONT = re.compile(r' font-family="([^"]*)"')
_PATHS = re.compile(r'(?:<path d="[^"]*"(?: (?:fill|stroke|stroke-width)="[^"]*")*/>){2,}')
_PATH = re.compile(r'<path d="([^"]*)"([^>]*)/>')
_PLACES = re.compile(r' (?:d|transform|x2|y2)="[^"]*"')
_LONG = re.compile(r"\d+\.\d{2,}")


def compact(svg: str) -> str:
    """The same picture: empty paths and default attributes left out, the font named once, like paths drawn as one.

    Paths are drawn as one only where they follow each other with the same paint, in the same place and opaque.
    """
    text = _DEFAULTS.sub("", _EMPTY.sub("", svg))
    fonts = set(_FONT.findall(text))
    if len(fonts) == 1:
        text = _FONT.sub("", text).replace("<svg", f'<svg font-family="{fonts.pop()}"', 1)
    return _PATHS.sub(_one_path, text)


def _one_path(match: re.Match[str]) -> str:
    runs: list[tuple[str, list[str]]] = []
    for drawn, paint in _PATH.findall(match[0]):
        if not runs or runs[-1][0] != paint:
            runs.append((paint, []))
        runs[-1][1].append(drawn)
    return "".join(f'<path d="{"".join(drawn)}"{paint}/>' for paint, drawn in runs)


def rounded(svg: str) -> str:
    """Places to a tenth of a pixel."""
    return _PLACES.sub(lambda m: _LONG.sub(lambda n: f"{float(n[0]):.1f}".removesuffix(".0"), m[0]), svg)
