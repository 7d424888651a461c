"""Direct evidence weighed: its likelihood ratio for every cause, item by item, and the shares of the main trigger."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from selloff.attribution.direct import DirectReading
from selloff.attribution.evidence import NOTEWORTHY
from selloff.attribution.main_trigger import (
    TriggerModel,
    direct_log_ratios,
    item_log_ratios,
    price_log_ratios,
    trigger_model,
    trigger_shares,
    window_log_ratios,
)
from selloff.attribution.signature import Polarity
from selloff.catalog import Catalogue, Cause
from selloff.catalog.evidence import EvidenceItem

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DirectEvidence:
    """One item and what it says of one cause.

    `likelihood_ratio` of the cause against the others. `basis` is `fitted` (a weight on its outcome, from labels) or
    `judgement` (a weight on the cause itself, or any before the first fit). `in_probability` is false for what the
    signature has seen: it shifts the main trigger's share, not the probability.
    """

    reading: DirectReading
    likelihood_ratio: float
    basis: str
    in_probability: bool


@dataclass(frozen=True)
class Weighed:
    """Direct evidence on the causes that can be tested.

    `log_ratio` : (n_causes,) log likelihood ratio of all of it that prices have not told already, and that holds
    whatever moved in the window. `window_log_ratio` : (n_polarities, n_causes) of what moved beside the assets.
    """

    readings: tuple[DirectReading, ...]
    causes: tuple[Cause, ...]
    catalogue: Catalogue
    model: TriggerModel
    log_ratio: Floats
    window_log_ratio: Floats

    def evidence(self, cause: Cause, polarity: Polarity) -> tuple[DirectEvidence, ...]:
        """Items that say something of a cause in a polarity, the strongest first."""
        ratios = item_log_ratios(self.model, self.readings, self.catalogue.label_map, cause, polarity)
        fitted = cause.role == "trigger" and self.model.fitted is not None

        def basis(item: EvidenceItem) -> str:
            return "fitted" if fitted and cause.id not in item.causes else "judgement"

        found = [
            DirectEvidence(r, math.exp(ratio), basis(r.item), not r.item.from_prices)
            for r in self.readings
            if abs(ratio := ratios.get(r.item.id, 0.0)) >= math.log(NOTEWORTHY)
        ]
        return tuple(sorted(found, key=lambda e: (-abs(math.log(e.likelihood_ratio)), e.reading.item.id)))

    def price_ratios(self, probability: Mapping[str, float]) -> Floats:
        """(k,) log price ratio of each outcome: posterior odds over prior odds and direct evidence."""
        tiny = 1e-12
        factors = {}
        for cause, direct in zip(self.causes, self.log_ratio.tolist(), strict=True):
            p = min(max(probability[cause.id], tiny), 1 - tiny)
            factors[cause.id] = math.log(p / (1 - p)) - math.log(cause.prior / (1 - cause.prior)) - direct
        return price_log_ratios(self.catalogue.label_map, self.catalogue.causes, factors)

    def shares(self, price_ratios: Floats, probability: Mapping[str, float]) -> dict[str, float]:
        """Share of every trigger, *other* and *unknown*."""
        standard = np.array([r.standard for r in self.readings])
        stated = self.model.shares(standard, price_ratios)
        return trigger_shares(stated, self.catalogue.label_map, self.catalogue.causes, probability)


def weigh_direct(
    readings: Sequence[DirectReading],
    catalogue: Catalogue,
    causes: Sequence[Cause],
    as_of: datetime | None,
    stock_move: float,
) -> Weighed:
    """Weigh direct evidence on testable causes, with the weights that were known at a moment.

    Without any reading only base rates and prices decide, as on a synthetic panel.

    Parameters
    ----------
    stock_move : of the S&P 500 over the window, in per cent, over the root of its sessions.
    """
    items = [r.item for r in readings]
    model = trigger_model(items, catalogue.label_map, catalogue.causes, as_of, stock_move)
    ratio = direct_log_ratios(model, readings, catalogue.label_map, causes) if readings else np.zeros(len(causes))
    return Weighed(tuple(readings), tuple(causes), catalogue, model, ratio, window_log_ratios(readings, causes))
