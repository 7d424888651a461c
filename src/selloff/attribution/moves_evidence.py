"""What a window's moves say beside the signature's cells: rankings, and links of chains outside its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from selloff.attribution.asset_residuals import AssetResiduals
from selloff.attribution.chains import LinkEvidence, chain_evidence, chain_log_ratio
from selloff.attribution.direct import DirectReading
from selloff.attribution.evidence import Evidence, ranking_evidence, ranking_frequency, ranking_ratios
from selloff.attribution.signature import POLARITIES, UNCHANGED, Polarity
from selloff.catalog import Catalogue, Cause
from selloff.panel import Move, Panel, Window
from selloff.panel.transforms import Floats
from selloff.panel.volatility import SLOW_SESSIONS


@dataclass(frozen=True)
class MovesEvidence:
    """Rankings by cause; links outside the signature by cause and polarity."""

    rankings: Mapping[str, list[Evidence]]
    links: Mapping[str, Mapping[Polarity, tuple[LinkEvidence, ...]]]

    def log_ratio(self, tested: Sequence[Cause]) -> Floats:
        """Log likelihood ratio of each cause in each polarity, (n_polarities, n_causes)."""
        chains = [[chain_log_ratio(self.links[c.id][p]) for c in tested] for p in POLARITIES]
        return np.asarray(np.array(chains) + ranking_ratios(self.rankings, tested))


def read_moves(
    tested: Sequence[Cause],
    panel: Panel,
    window: Window,
    bound: Mapping[str, Move],
    readings: Sequence[DirectReading],
    catalogue: Catalogue,
) -> MovesEvidence:
    """Rankings and links of testable causes.

    Parameters
    ----------
    bound : move of each bound asset, by asset id. readings : direct evidence, whose series weigh there alone.
    """
    residuals = AssetResiduals(panel, window, bound)
    links = {c.id: chain_evidence(c, residuals, _series_weighed(c, readings, catalogue)) for c in tested}
    return MovesEvidence({c.id: _ranking_items(c, panel, window, bound) for c in tested}, links)


def _ranking_items(cause: Cause, panel: Panel, window: Window, bound: Mapping[str, Move]) -> list[Evidence]:
    """Evidence of the rankings whose two assets are both there.

    Between two that hardly moved a ranking says nothing, nor one by size in their own unit if either has a stand-in.
    """
    items = []
    for ranking in cause.ranking:
        if ranking.larger not in bound or ranking.smaller not in bound:
            continue
        pair = [bound[ranking.larger], bound[ranking.smaller]]
        if max(abs(m.sigmas_slow or 0.0) for m in pair) < UNCHANGED:
            continue
        if ranking.scale == "move" and any(m.series.is_stand_in for m in pair):
            continue
        rows = slice(max(0, window.base_row - SLOW_SESSIONS + 1), window.base_row + 1)
        daily = [panel.daily_moves[rows, panel.column[m.series.id]] for m in pair]
        if ranking.scale == "sigmas":
            daily = [d / np.nanstd(d) for d in daily]
            now = [float(m.sigmas_slow or 0.0) for m in pair]
        else:
            now = [float(m.log_move or 0.0) for m in pair]
        items.append(ranking_evidence(ranking, now[0], now[1], ranking_frequency(daily[0], daily[1])))
    return items


def _series_weighed(cause: Cause, readings: Sequence[DirectReading], catalogue: Catalogue) -> frozenset[str]:
    """Series of a premium's or amplifier's chain that its direct evidence reads, itself or all that it is made of."""
    names = [n for r in readings if cause.id in r.item.causes for n in r.item.of]
    known = catalogue.indicators.measured
    read = {s for n in names for s in (known[n].formula.series if n in known else (n,))}
    linked = {n for link in cause.chain for n in link.of if n in catalogue.series}
    return frozenset(s for s in linked if s in read or {m.id for m in catalogue.with_members([s])} <= read)
