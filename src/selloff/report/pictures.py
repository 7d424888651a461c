"""The pictures of one explanation, in the order in which a reader meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selloff.report.charts.chain import chains
from selloff.report.charts.contributions import contributions
from selloff.report.charts.depths import depths
from selloff.report.charts.fingerprint import fingerprint
from selloff.report.charts.funding import funding
from selloff.report.charts.probabilities import probabilities
from selloff.report.charts.theme import Picture

if TYPE_CHECKING:
    from selloff.explanation.result import Explanation


def pictures(e: Explanation) -> dict[str, Picture]:
    """Every picture that the result has data for, by id.

    They are drawn from `to_dict()`, so that what they show is what the JSON says.
    """
    document = e.to_dict()
    labels = {a.id: a.label for a in e.catalogue.assets.values()}
    names = {a.id: a.name for a in e.catalogue.assets.values()}
    class_names = {c.id: c.name for c in e.catalogue.classes.values()}
    drawn = (
        fingerprint(document, labels),
        depths(document, class_names),
        probabilities(document),
        contributions(document, names),
        chains(document),
        funding(document),
    )
    return {picture.id: picture for picture in drawn if picture is not None}
