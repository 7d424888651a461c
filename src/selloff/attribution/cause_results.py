"""What the data say of each cause: its probability, status, evidence, contributions, and what it can't be told from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from selloff.attribution.chains import ChainResult, LinkEvidence, run_chain
from selloff.attribution.contribution_draws import Amount, amounts
from selloff.attribution.evidence import Evidence, cell_evidence, split
from selloff.attribution.moves_evidence import MovesEvidence
from selloff.attribution.posterior import Posterior
from selloff.attribution.reported_set import moves_agree, reported_sets, silent
from selloff.attribution.signature import POLARITIES, Polarity, Signatures, signatures
from selloff.attribution.testable import Requirement
from selloff.attribution.weighing import DirectEvidence, Weighed
from selloff.catalog import ROLES, Catalogue, Cause
from selloff.panel import Move, Panel, Window, slow_sigmas
from selloff.panel.transforms import Floats

Status = Literal["leading", "contributing", "undetermined", "ruled_down", "not_testable"]

READ_AS_RELIEF = 2 / 3
"""Where no cause with a mirror accounts for the moves both polarities stay about as likely; a fall is read as one. A
cause whose own odds are as clear is read by those: it may be a relief amid a fall."""

MOST_LOG = 700.0
"""Beyond it a likelihood ratio is no number a computer can hold."""

LOOKALIKE = 0.9
"""Cosine between mean signatures above which prices can't be expected to tell two causes apart."""


@dataclass(frozen=True)
class CauseResult:
    """What the data say of one cause. Probabilities and contributions are None if it is not testable.

    `polarity`: what its evidence and chain are read by, its own where that is clear, else the window's.
    `contributions` are posterior mean log moves by asset, in the asset's move unit; `main_share` is for triggers.
    `contribution_bands` holds (low, high) by asset, 90 % of posterior draws; a cause that is inactive in most draws has
    a band that ends at zero. A band always holds its mean.
    `if_active`: by asset, what it would have moved if it was at work; empty if it is not testable.
    `indistinguishable_from`: the others of its role's reported set (`reported_set`), if it is in that set itself.
    `silent`: taken together the data say nothing of it, so it is in a set only because nothing excludes it.
    `untested_lookalikes`: causes of any role that can't be tested here and predict nearly the same moves.
    `moves_ratio`: likelihood ratio of all moves together, if causes of the menu made them: signature, rankings, chain
    and surprises. Single pieces of evidence don't multiply up to it, since assets move together.
    `direct`: evidence beside the signature, the strongest first.
    `chain`: the mechanism's links, tested one by one; None if the cause has no chain. `chain_evidence`: what those
    outside the signature say of the cause.
    """

    cause: Cause
    status: Status
    polarity: Polarity
    probability: float | None
    low: float | None
    high: float | None
    main_share: float | None
    evidence_for: tuple[Evidence, ...]
    evidence_against: tuple[Evidence, ...]
    indistinguishable_from: tuple[str, ...]
    untested_lookalikes: tuple[str, ...]
    contributions: Mapping[str, float]
    missing: tuple[Requirement, ...]
    direct: tuple[DirectEvidence, ...] = ()
    chain: ChainResult | None = None
    chain_evidence: tuple[LinkEvidence, ...] = ()
    contribution_bands: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    if_active: Mapping[str, Amount] = field(default_factory=dict)
    silent: bool = False
    moves_ratio: float | None = None

    @property
    def is_turned(self) -> bool:
        """Its signs are read the other way round, as those of a relief."""
        return self.cause.is_turned(self.polarity)

    @property
    def raised(self) -> bool:
        """The data raise it above its prior."""
        return self.status in ("leading", "contributing")


@dataclass(frozen=True)
class WindowPosterior:
    """A window's posterior, and all that was weighed in it.

    tested : causes that can be tested, in the order of the posterior's rows. missing : by cause, what it lacks.
    """

    panel: Panel
    window: Window
    bound: Mapping[str, Move]
    catalogue: Catalogue
    tested: Sequence[Cause]
    missing: Mapping[str, tuple[Requirement, ...]]
    moves: MovesEvidence
    direct: Weighed
    posterior: Posterior

    @property
    def polarity(self) -> Polarity:
        """Adverse, unless a relief is at least twice as likely."""
        return "relief" if self.posterior.relief >= READ_AS_RELIEF else "adverse"

    def polarity_of(self, row: int) -> Polarity:
        """A tested cause's own polarity, where its odds are as clear as the window's must be; else the window's."""
        relief = float(self.posterior.relief_if_active[row]) if self.tested[row].mirror else 0.5
        if relief >= READ_AS_RELIEF:
            return "relief"
        return "adverse" if relief <= 1 - READ_AS_RELIEF else self.polarity

    @cached_property
    def assets(self) -> tuple[str, ...]:
        """Ids of the bound assets."""
        return tuple(self.bound)

    @cached_property
    def sigmas(self) -> Floats:
        """(n_assets,) slow sigmas, 0 if missing."""
        return slow_sigmas(self.bound.values())

    @cached_property
    def tables(self) -> Mapping[Polarity, Signatures]:
        """Signatures of the tested causes in each polarity."""
        return {polarity: signatures(self.tested, self.assets, polarity) for polarity in POLARITIES}

    @cached_property
    def unit(self) -> Floats:
        """(n_assets,) log move of one sigma."""
        logs = [float(m.log_move or 0.0) for m in self.bound.values()]
        return np.divide(logs, self.sigmas, out=np.zeros(len(logs)), where=self.sigmas != 0.0)

    @cached_property
    def contributions(self) -> Floats:
        """(n_causes, n_assets) posterior means, in move units."""
        return np.asarray(self.posterior.contribution * self.unit)

    @cached_property
    def moves_log_factor(self) -> Floats:
        """(n_causes,) log Bayes factor of the moves alone: that of all data less direct evidence known beside them."""
        return np.asarray(self.posterior.log_factor - self.direct.log_ratio)

    def statuses(self) -> dict[str, Status]:
        """Status of every tested cause but for *leading*, which needs structural shocks."""
        rows = zip(self.tested, self.posterior.low.tolist(), self.posterior.high.tolist(), strict=True)
        return {
            c.id: _status(c, low, high, moves_agree(i, self.tables[self.polarity], self.moves_log_factor))
            for i, (c, low, high) in enumerate(rows)
        }


def _status(cause: Cause, low: float, high: float, moved: bool) -> Status:
    if low > cause.prior and moved:
        return "contributing"
    if high < cause.prior / 2:
        return "ruled_down"
    return "undetermined"


def _bands(
    band: tuple[Floats, Floats], mean: Floats, unit: Floats, assets: Sequence[str]
) -> list[dict[str, tuple[float, float]]]:
    """Band of each cause's contribution by asset, widened to hold its mean, (n_causes, n_assets) in move units."""
    low, high = (edge * unit for edge in band)
    low, high = np.minimum(np.minimum(low, high), mean), np.maximum(np.maximum(low, high), mean)
    return [{a: (float(low[i, j]), float(high[i, j])) for j, a in enumerate(assets)} for i in range(len(mean))]


def lookalikes(mean: Floats, untested: Sequence[Cause], assets: Sequence[str], polarity: Polarity) -> tuple[str, ...]:
    """Untestable causes whose mean signature on these assets points the same way: cosine above 0.9."""
    means = signatures(untested, assets, polarity).moments()[0]
    norms = np.linalg.norm(means, axis=1) * np.linalg.norm(mean)
    cosine = np.divide(means @ mean, norms, out=np.zeros(len(untested)), where=norms > 1e-12)
    return tuple(c.id for c, close in zip(untested, cosine, strict=True) if close > LOOKALIKE)


def _tested_result(
    w: WindowPosterior,
    row: int,
    status: Status,
    main_share: float | None,
    twins: Sequence[int],
    bands: Sequence[Mapping[str, tuple[float, float]]],
) -> CauseResult:
    """One cause that can be tested."""
    cause, found, polarity = w.tested[row], w.posterior, w.polarity_of(row)
    table = w.tables[polarity]
    links, rankings = w.moves.links[cause.id][polarity], w.moves.rankings[cause.id]
    favourable, contrary = split([*cell_evidence(cause, row, table, w.assets, w.sigmas.tolist()), *rankings])
    told = (
        bool(w.direct.log_ratio[row]) or bool(w.direct.window_log_ratio[:, row].any()) or bool(links) or bool(rankings)
    )
    untested = [c for c in w.catalogue.causes.values() if w.missing[c.id]]
    return CauseResult(
        cause=cause,
        status=status,
        polarity=polarity,
        probability=float(found.probability[row]),
        low=float(found.low[row]),
        high=float(found.high[row]),
        main_share=main_share,
        evidence_for=favourable,
        evidence_against=contrary,
        indistinguishable_from=tuple(w.tested[j].id for j in twins),
        untested_lookalikes=lookalikes(table.moments()[0][row], untested, w.assets, polarity),
        contributions={a: float(w.contributions[row, j]) for j, a in enumerate(w.assets)},
        missing=(),
        direct=w.direct.evidence(cause, polarity),
        chain=run_chain(cause, w.panel, w.window, w.bound, polarity),
        chain_evidence=links,
        contribution_bands=bands[row],
        if_active=dict(zip(w.assets, amounts(found.if_active[row] * w.unit), strict=True)),
        silent=silent(row, table, found.log_factor, told),
        moves_ratio=math.exp(min(float(w.moves_log_factor[row]), MOST_LOG)),
    )


def cause_results(
    w: WindowPosterior, statuses: Mapping[str, Status], shares: Mapping[str, float]
) -> tuple[CauseResult, ...]:
    """Every cause of the catalogue, in its order.

    Parameters
    ----------
    statuses : of the tested causes. shares : of triggers as the main one.
    """
    ruled_down = [statuses[c.id] == "ruled_down" for c in w.tested]
    roles = [ROLES.index(c.role) for c in w.tested]
    sets = reported_sets(w.posterior.log_factor, w.posterior.probability, roles, ruled_down)
    twins = {i: sorted(together - {i}) for together in sets for i in together}
    bands = _bands(w.posterior.draws.bands()[90], w.contributions, w.unit, w.assets)
    row = {c.id: i for i, c in enumerate(w.tested)}

    def one(cause: Cause) -> CauseResult:
        if cause.id not in row:
            lacks, chain = w.missing[cause.id], run_chain(cause, w.panel, w.window, w.bound, w.polarity)
            return CauseResult(
                cause, "not_testable", w.polarity, None, None, None, None, (), (), (), (), {}, lacks, chain=chain
            )
        i, share = row[cause.id], shares[cause.id] if cause.role == "trigger" else None
        return _tested_result(w, i, statuses[cause.id], share, twins.get(i, ()), bands)

    return tuple(one(c) for c in w.catalogue.causes.values())
