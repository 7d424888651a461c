"""The look of every chart: one palette for light, dark and paper, safe for colour-blind readers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from selloff.report.charts.compact import compact, rounded

if TYPE_CHECKING:
    import altair as alt

FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
"""Widths are measured with a font of these metrics; the page uses the same one inside pictures."""
NARROW = 314
"""Pictures stay within it, axes and numbers included, or have a second layout that does: text is never scaled down on
a telephone."""


@dataclass(frozen=True)
class Tone:
    """One colour: on white, and on the dark page. `name` is the page's CSS variable."""

    name: str
    light: str
    dark: str


INK = Tone("ink", "#1b1f24", "#e6edf3")
SOFT = Tone("soft", "#59636e", "#9aa4ae")
LINE = Tone("line", "#d1d9e0", "#3d444d")
PAPER = Tone("paper", "#fefefe", "#0d1117")
FAITH = Tone("faith", "#0b6cb8", "#58a6ff")
CLASH = Tone("clash", "#b85c00", "#ffa657")
QUIET = Tone("quiet", "#7f8993", "#7d8590")
FALL = Tone("fall", "#a4123f", "#ff7b9c")
RISE = Tone("rise", "#00705a", "#3fd0b0")
WASH = Tone("wash", "#eef2f6", "#1c232c")
TONES = (INK, SOFT, LINE, PAPER, FAITH, CLASH, QUIET, FALL, RISE, WASH)
"""Blue against orange for match and clash, magenta against green-blue for fall and rise: both pairs differ in lightness
and hue under the common colour deficiencies, and every mark that carries meaning differs in shape or sign as well."""


_LABELS = {"labelColor": INK.light, "titleColor": SOFT.light}
CONFIG = {
    "font": FONT,
    "background": PAPER.light,
    "padding": {"left": 4, "right": 4, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "axis": {
        **_LABELS,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "gridColor": LINE.light,
        "domainColor": LINE.light,
        "tickColor": LINE.light,
        "labelLimit": 150,
    },
    "legend": {**_LABELS, "labelFontSize": 11, "titleFontSize": 11},
    "title": {"color": INK.light, "fontSize": 11.5, "fontWeight": "normal", "anchor": "start"},
}
"""Vega-Lite's configuration of every picture."""


@dataclass(frozen=True)
class Picture:
    """One chart, ready to be shown.

    Attributes
    ----------
    id : anchor on the page. title : what it shows, with its unit. alt : what it says, in words, made from the data.
    note : how to read it. spec : the Vega-Lite specification. parts : the same
    picture as specifications that a page may let flow; empty if there is but one. narrow : the same picture as
    specifications for a telephone, of which a page shows them or the others; empty if it fits one anyway.
    series : keys of the document's `lineage` behind its numbers, in the picture's order.
    """

    id: str
    title: str
    alt: str
    spec: dict[str, Any]
    note: str = ""
    parts: tuple[dict[str, Any], ...] = ()
    narrow: tuple[dict[str, Any], ...] = ()
    series: tuple[str, ...] = ()

    def svg(self, prefix: str = "") -> str:
        """The picture as SVG whose colours follow the page's theme; no style attribute, no script.

        `prefix` goes before its ids, which must differ between the pictures of one document.
        """
        wide = _drawn(self.parts or (self.spec,), f"{prefix}{self.id}")
        if not self.narrow:
            return wide
        narrow = _drawn(self.narrow, f"{prefix}{self.id}-narrow")
        return f'<div class="roomy">{wide}</div><div class="narrow">{narrow}</div>'

    def png(self, scale: float = 2.0) -> bytes:
        """The picture as PNG, light, for alerts and files."""
        import vl_convert

        return bytes(vl_convert.vegalite_to_png(self.spec, scale=scale))

    def chart(self) -> Any:
        """The picture as an altair chart: to show in a notebook, change or save."""
        import altair as alt

        return alt.Chart.from_dict(self.spec)


def _drawn(specs: Iterable[dict[str, Any]], name: str) -> str:
    return "".join(themed(svg_of(spec), f"{name}-{i}") for i, spec in enumerate(specs))


def stacked(*parts: Any, spacing: int = 10, beside: bool = False) -> dict[str, Any]:
    """Charts above each other (or `beside` each other) as a plain specification.

    Altair's own concatenation copies every part deeply several times, which costs more than drawing.
    """
    return {"hconcat" if beside else "vconcat": [_plain(part) for part in parts], "spacing": spacing}


def layered(
    *layers: Any,
    width: float | dict[str, float],
    height: float | dict[str, float],
    title: str | list[str] | None = None,
) -> dict[str, Any]:
    """Charts upon each other as a plain specification, for the same reason."""
    spec = {"layer": [_plain(layer) for layer in layers], "width": width, "height": height}
    return spec if title is None else {**spec, "title": title}


def per_row(pixels: float) -> dict[str, float]:
    """A width or height of so many pixels per name."""
    return {"step": pixels}


def _plain(part: Any) -> dict[str, Any]:
    if isinstance(part, dict):
        return part
    spec: dict[str, Any] = part.to_dict(validate=False)
    return {k: v for k, v in spec.items() if k not in ("$schema", "config")}


NESTED = ("layer", "vconcat", "hconcat")


def _datasets(spec: dict[str, Any]) -> dict[str, Any]:
    """The data of every part of a specification."""
    found = dict(spec.get("datasets", {}))
    for part in (p for key in NESTED for p in spec.get(key, ())):
        found |= _datasets(part)
    return found


def _bare(spec: dict[str, Any]) -> dict[str, Any]:
    """A specification whose parts hold no data."""
    return {k: [_bare(p) for p in v] if k in NESTED else v for k, v in spec.items() if k != "datasets"}


def configured(part: Any, **more: Any) -> dict[str, Any]:
    """A whole specification with the house's axes, fonts and colours; `more` goes to its top level."""
    import altair as alt

    spec = _plain(part)
    return {"$schema": alt.SCHEMA_URL, "config": CONFIG, **_bare(spec), **more, "datasets": _datasets(spec)}


def svg_of(spec: dict[str, Any]) -> str:
    """Plain SVG of a specification."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec))


_COLOURS = {tone.light: tone for tone in TONES}
_PAINT = re.compile(r'(fill|stroke)="(#[0-9a-f]{6})"')
_SIZE = re.compile(r'<svg([^>]*?) width="([\d.]+)" height="([\d.]+)"')
_ROLES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')


def themed(svg: str, name: str) -> str:
    """SVG whose colours are the page's variables and whose marks carry unique ids.

    The drawing is one picture to a screen reader: its words are the figure's alternative text, so the marks' own roles
    and labels are taken out.
    """

    def paint(match: re.Match[str]) -> str:
        tone = _COLOURS.get(match[2])
        return match[0] if tone is None else f'{match[1]}="var(--{tone.name}, {tone.light})"'

    text = _PAINT.sub(paint, rounded(compact(_ROLES.sub("", svg))))
    text = re.sub(r'id="(clip|gradient)', rf'id="{name}-\1', text)
    text = re.sub(r"url\(#(clip|gradient)", rf"url(#{name}-\1", text)
    return _SIZE.sub(r'<svg\1 width="\2" height="\3"', text, count=1)


def css_variables() -> tuple[str, str]:
    """Declarations of the light and the dark palette."""
    return (
        " ".join(f"--{t.name}: {t.light};" for t in TONES),
        " ".join(f"--{t.name}: {t.dark};" for t in TONES),
    )


def bound_series(document: Mapping[str, Any], assets: Iterable[str] | None = None) -> tuple[str, ...]:
    """The series that stand for some assets, or for all in the document's order."""
    bound = {m["asset"]: m["series"] for m in document["moves"] if m["asset"]}
    return tuple(bound.values() if assets is None else (bound[a] for a in assets if a in bound))


def rows(values: list[dict[str, Any]]) -> alt.InlineData:
    """Inline data of a chart."""
    import altair as alt

    return alt.InlineData(values=values)
