"""The shares of the main trigger, added up by what people's words can tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from selloff.catalog.labelmap import LabelMap


@dataclass(frozen=True)
class MainReason:
    """One outcome of the label map as the main reason.

    `share` is that of its triggers together, for *other* and *unknown* with what belongs to no trigger. `triggers` :
    share of each trigger by id, the largest first.
    """

    id: str
    name: str
    share: float
    triggers: Mapping[str, float]


def main_reasons(label_map: LabelMap, trigger_shares: Mapping[str, float]) -> tuple[MainReason, ...]:
    """Every outcome, the largest share first; the shares add up to one as those of the triggers do.

    Raises
    ------
    CatalogError : a trigger belongs to no outcome.
    """
    found = []
    for outcome, share in zip(label_map.outcome, label_map.outcome_shares(trigger_shares).tolist(), strict=True):
        own = {t: trigger_shares[t] for t in outcome.triggers if t in trigger_shares}
        ranked = dict(sorted(own.items(), key=lambda item: (-item[1], item[0])))
        found.append(MainReason(outcome.id, outcome.name, share, ranked))
    return tuple(sorted(found, key=lambda r: (-r.share, r.id)))
