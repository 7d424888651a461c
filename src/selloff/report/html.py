"""The explanation as a self-contained page: no request, no script."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selloff.attribution import CauseResult
from selloff.catalog import ROLES
from selloff.explanation.getting import get_commands
from selloff.report import words
from selloff.report.charts.theme import css_variables
from selloff.report.numbers import interval, joined, move_text, p_text, percent, sigma_text, signed
from selloff.report.pictures import pictures
from selloff.report.text import NOT_ADVICE, contrary, evidence_text, not_alone_text

if TYPE_CHECKING:
    from jinja2 import Environment

    from selloff.explanation.result import Explanation

TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, sigma=sigma_text, signed=signed, p=p_text)
    environment.globals.update(move_text=move_text, interval=interval)
    return environment


def _ranked(e: Explanation, role: str) -> list[CauseResult]:
    results = [r for r in e.attribution.causes if r.cause.role == role]
    return sorted(results, key=lambda r: (r.probability is None, -(r.probability or 0.0)))


def _values(e: Explanation) -> dict[str, Any]:
    bound = set(e.assets.values())

    def name(cause_id: str) -> str:
        cause = e.catalogue.causes.get(cause_id)
        return cause_id if cause is None else words.plain_name(cause.name)

    return {
        "e": e,
        "heading": words.heading(e),
        "sections": words.sections(e),
        "pictures": pictures(e),
        "assets": [(e.catalogue.assets[a], m) for a in e.assets if (m := e.move_of(a)) is not None],
        "others": [m for m in e.moves if m.series.id not in bound],
        "roles": [(words.ROLE_HEADINGS[r], _ranked(e, r)) for r in ROLES],
        "status_words": words.STATUS_WORDS,
        "evidence_text": lambda item: evidence_text(e, item),
        "plain_name": name,
        "named": lambda ids: joined([name(i) for i in ids], "or"),
        "shares": sorted(e.attribution.trigger_shares.items(), key=lambda kv: -kv[1]),
        "contrary": contrary,
        "not_alone": lambda result: not_alone_text(e, result),
        "not_advice": NOT_ADVICE,
        "get_commands": lambda result: get_commands(e.catalogue, [m.any_of for m in result.missing]),
    }


def html_page(e: Explanation) -> str:
    """The whole result as one page."""
    light, dark = css_variables()
    return _environment().get_template("page.html").render(_values(e), light=light, dark=dark)


def html_fragment(e: Explanation) -> str:
    """The result without page frame, for notebooks."""
    return _environment().get_template("body.html").render(_values(e))
