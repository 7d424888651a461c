"""The explanation as a self-contained page: no request, no script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selloff.attribution import CauseResult
from selloff.attribution.weighing import DirectEvidence
from selloff.catalog import ROLES
from selloff.detection.rotation import HORIZONS
from selloff.report import joint, rotation_text, sequence_text, words
from selloff.report.background import background_section, reading_text
from selloff.report.chain_words import beyond_words
from selloff.report.charts.theme import css_variables
from selloff.report.getting_text import getting_commands, later_line, needs_text
from selloff.report.linked import linked, phrases
from selloff.report.main_reason_words import reason_parts
from selloff.report.names import asset_title, plain_name
from selloff.report.numbers import (
    depth_digits,
    interval,
    joined,
    level_text,
    move_text,
    p_text,
    percent,
    sigma_text,
    signed,
    unbroken,
)
from selloff.report.pictures import pictures
from selloff.report.rarity_text import period_text
from selloff.report.reading_guide import reading_guide
from selloff.report.role_words import parts_if_active
from selloff.report.text import (
    BASIS_NOTE,
    NOT_ADVICE,
    chain_ratio_text,
    contrary,
    direct_item_text,
    evidence_text,
    not_alone_text,
    split_direct,
    together_text,
)
from selloff.report.told_apart import silent_words

if TYPE_CHECKING:
    from jinja2 import Environment, Template

    from selloff.explanation.result import Explanation

TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, and the filters they share."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, sigma=sigma_text, signed=signed, p=p_text, unbroken=unbroken)
    environment.globals.update(move_text=move_text, interval=interval, level_text=level_text)
    return environment


def template(name: str) -> Template:
    """A template of the report."""
    return environment().get_template(name)


def _ranked(e: Explanation, role: str) -> list[CauseResult]:
    results = [r for r in e.attribution.causes if r.cause.role == role]
    return sorted(results, key=lambda r: (r.probability is None, -(r.probability or 0.0)))


def _sequence(e: Explanation) -> dict[str, Any]:
    broke = e.sequence.broke
    return {
        "heading": sequence_text.HEADING,
        "words": sequence_text.sequence_words(e.sequence),
        "lines": sequence_text.sequence_lines(e),
        "names": {b.asset.id: b.asset.name for b in e.sequence.breaks},
        "moment": sequence_text.moment_text,
        "marks": sequence_text.marks,
        "depth": sequence_text.depth_text,
        "notes": [(m, w) for m, w in sequence_text.NOTES.items() if any(m in sequence_text.marks(b) for b in broke)],
    }


def _rotation(e: Explanation) -> dict[str, Any]:
    return {
        "heading": rotation_text.HEADING,
        "words": rotation_text.rotation_words(e.rotation),
        "rows": rotation_text.rotation_rows(e.rotation),
        "absent": rotation_text.rotation_absent(e.rotation),
        "horizons": HORIZONS,
    }


def _lineage_name(e: Explanation, key: str) -> str:
    """What a row of the lineage is for, in words."""
    kind, _, own = key.rpartition(":")
    return e.catalogue.baskets[own].name if kind == "basket" else e.catalogue.series[own].name


def _direct_key(e: Explanation, item: DirectEvidence) -> str:
    """The lineage key of what an item of direct evidence was read from: an indicator, an asset or a series."""
    source = item.reading.source or ""
    return f"indicator:{source}" if source in e.catalogue.indicators.measured else e.assets.get(source, source)


def _titles(e: Explanation) -> dict[str, str]:
    """Headings of the page by anchor, in its order."""
    roles = {f"{r}-causes": words.ROLE_HEADINGS[r] for r in ROLES}
    titles = {
        "all-pictures": "Pictures",
        "what-moved": "What moved",
        "by-class": "By class",
        "who-broke": sequence_text.HEADING,
        "who-led": rotation_text.HEADING,
        **roles,
        "main-reason": "Main reason",
        "all-contributions": "Contributions",
        "background": "Background, as known then",
    }
    return titles | ({"caveats": "Caveats"} if e.caveats else {}) | {"lineage": "Where every number comes from"}


def _values(e: Explanation) -> dict[str, Any]:
    bound = set(e.assets.values())

    def name(cause_id: str) -> str:
        cause = e.catalogue.causes.get(cause_id)
        return cause_id if cause is None else plain_name(cause.name)

    return {
        "e": e,
        "ids": "",
        "heading": words.heading(e),
        "titles": _titles(e),
        "guide": reading_guide(e),
        "sections": words.sections(e),
        "pictures": pictures(e),
        "assets": [(asset_title(e, a), m) for a in e.assets if (m := e.move_of(a)) is not None],
        "others": [(m.series.name, m) for m in e.moves if m.series.id not in bound],
        "asia": [(m.series.name, m) for m in e.asia_answer],
        "labels": {asset_title(e, a.id): a.label for a in e.catalogue.assets.values()},
        "name_of": lambda key: _lineage_name(e, key),
        "indicators": [
            (f"indicator:{r.indicator.id}", reading_text(r)) for r in e.background.state.readings if r.value is not None
        ],
        "unit_of": lambda series: e.catalogue.series[series].unit.info.symbol,
        "roles": [(f"{r}-causes", _ranked(e, r)) for r in ROLES],
        "status_words": words.STATUS_WORDS,
        "evidence_text": lambda item: evidence_text(e, item),
        "named": lambda ids: joined([name(i) for i in ids], "or"),
        "main_reasons": [(r.name, r.share, reason_parts(e, r)) for r in e.main_reasons],
        "background": [line.plain for line in background_section(e)][1:],
        "contrary": contrary,
        "opens": phrases(e),
        "linked": linked,
        "period_text": period_text,
        "basis_note": BASIS_NOTE,
        "direct_item": lambda item: direct_item_text(item, e),
        "depth_text": lambda value, d: sigma_text(value, depth_digits(d.depth, e.joint.limits.get(d.asset_class.id))),
        "direct_key": lambda item: _direct_key(e, item),
        "chain_ratio": chain_ratio_text,
        "beyond": beyond_words,
        "silent": lambda result: silent_words(e, result),
        "sequence": _sequence(e),
        "rotation": _rotation(e),
        "parts_if_active": lambda result: parts_if_active(e, result),
        "not_alone": lambda result: not_alone_text(e, result),
        "joint_lines": [line for line in (joint.gold_words(e), joint.search_words(e.search)) if line],
        "not_advice": NOT_ADVICE,
        "split_direct": split_direct,
        "together": together_text,
        "needs": lambda result: needs_text(e, result),
        "getting_commands": lambda result: getting_commands(e, [result]),
        "later_line": lambda result: later_line(e, [result]),
    }


def styled(name: str) -> tuple[str, str]:
    """A style sheet of the report, and the hash by which a page's policy lets it in and nothing else."""
    light, dark = css_variables()
    css = template(name).render(light=light, dark=dark)
    return css, "sha256-" + base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()


def html_page(e: Explanation) -> str:
    """The whole result as one page."""
    return framed("page.html", _values(e))


def framed(name: str, values: Mapping[str, Any]) -> str:
    """A template that extends the frame: strict policy, house style."""
    style, style_hash = styled("style.css")
    return template(name).render(values, style=style, style_hash=style_hash)


def html_fragment(e: Explanation) -> str:
    """The result without page frame, for notebooks: its style reaches nothing outside, its ids are its own."""
    window = e.window
    ids = f"selloff-{window.start:%Y%m%d}-{window.end:%Y%m%d}-"
    return template("fragment.html").render({**_values(e), "ids": ids}, style=styled("notebook.css")[0])
