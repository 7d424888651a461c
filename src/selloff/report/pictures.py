"""The pictures of one explanation, in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from selloff.catalog import Catalogue
from selloff.errors import PictureNotFoundError
from selloff.report.charts.chain import chains
from selloff.report.charts.contributions import contributions
from selloff.report.charts.depths import depths
from selloff.report.charts.fingerprint import fingerprint
from selloff.report.charts.funding import funding
from selloff.report.charts.probabilities import probabilities
from selloff.report.charts.rotation import rotation
from selloff.report.charts.sequence import sequence
from selloff.report.charts.structural import structural
from selloff.report.charts.theme import Picture

if TYPE_CHECKING:
    from selloff.explanation.result import Explanation


def pictures(e: Explanation) -> dict[str, Picture]:
    """Every picture that the result has data for, by id.

    They are drawn from `to_dict()`, so that what they show is what the JSON says.
    """
    from altair.utils.schemapi import debug_mode

    document = e.to_dict()
    with debug_mode(False):
        drawn = {name: draw(document, e.catalogue) for name, draw in DRAWN.items()}
    return {name: picture for name, picture in drawn.items() if picture is not None}


def _sessions(document: Mapping[str, Any]) -> list[date]:
    return [date.fromisoformat(d) for d in document["recent"]["sessions"]]


def _labels(catalogue: Catalogue) -> dict[str, str]:
    return {a.id: a.label for a in catalogue.assets.values()}


def _names(catalogue: Catalogue) -> dict[str, str]:
    return {a.id: a.name for a in catalogue.assets.values()}


def _class_names(catalogue: Catalogue) -> dict[str, str]:
    return {c.id: c.name for c in catalogue.classes.values()}


def _turned(document: Mapping[str, Any], catalogue: Catalogue) -> frozenset[str]:
    """Causes that are read the other way round, as a relief."""
    return frozenset(c["id"] for c in document["causes"] if catalogue.causes[c["id"]].is_turned(c["polarity"]))


DRAWN: dict[str, Callable[[Mapping[str, Any], Catalogue], Picture | None]] = {
    "fingerprint": lambda d, c: fingerprint(d, _labels(c), _turned(d, c)),
    "depths": lambda d, c: depths(d, _class_names(c)),
    "probabilities": lambda d, _: probabilities(d),
    "contributions": lambda d, c: contributions(d, _names(c)),
    "structural": lambda d, c: structural(d, {k: v.name for k, v in c.causes.items()}),
    "chains": lambda d, c: chains(d, _turned(d, c)),
    "funding": lambda d, _: funding(d),
    "sequence": lambda d, _: sequence(d, _sessions(d)) if "sequence" in d else None,
    "rotation": lambda d, _: rotation(d) if "rotation" in d else None,
}
"""How each picture is drawn from the document, in the order in which a reader meets them."""


def picture(e: Explanation, name: str) -> Picture:
    """One picture of an explanation.

    Raises
    ------
    PictureNotFoundError : there is no such picture, or nothing to show in it.
    """
    if name not in DRAWN:
        raise PictureNotFoundError(f"There is no picture {name!r}.", f"Pictures: {', '.join(DRAWN)}.")
    drawn = DRAWN[name](e.to_dict(), e.catalogue)
    if drawn is None:
        raise PictureNotFoundError(
            f"Nothing is known for the picture {name!r} in this window.", f"Pictures: {', '.join(pictures(e))}."
        )
    return drawn
