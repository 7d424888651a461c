"""Sentences in plain words whose numbers open to their lineage on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from selloff.report.names import sentence
from selloff.report.numbers import unbroken
from selloff.report.words import clash_phrase, move_phrase

if TYPE_CHECKING:
    from markupsafe import Markup

    from selloff.explanation.result import Explanation


def phrases(e: Explanation) -> dict[str, str]:
    """What plain words say of one series' move, and the key of its lineage."""
    moves = [(a, m) for a in e.assets if (m := e.move_of(a)) is not None and m.move is not None]
    found = {move_phrase(e, a, m): m.series.id for a, m in moves}
    clashes = [i for r in e.attribution.causes for i in r.evidence_against if i.kind == "sign"]
    found |= {clash_phrase(e, i): e.assets[i.asset] for i in clashes}
    return {text: key for text, key in found.items() if key in e.lineage}


def linked(text: str, opens: Mapping[str, str], ids: str) -> Markup:
    """The text as HTML, each phrase that it holds a link to the first row of its lineage.

    Parameters
    ----------
    opens : lineage key of each phrase; one that begins a sentence is found with its capital too. ids : of the page.
    """
    from markupsafe import Markup, escape

    capital = {sentence(phrase): key for phrase, key in opens.items()}
    keys = {unbroken(phrase): key for phrase, key in {**capital, **opens}.items()}
    pattern = "|".join(re.escape(phrase) for phrase in sorted(keys, key=len, reverse=True))
    pieces = re.split(f"({pattern})", unbroken(text)) if keys else [unbroken(text)]
    link = Markup('<a href="#{}from-{}">{}</a>')
    return Markup("").join(link.format(ids, keys[p], p) if p in keys else escape(p) for p in pieces)
