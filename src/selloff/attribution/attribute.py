"""Why: every cause weighed against one window, per role."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np

from selloff.attribution.asset_residuals import AssetResiduals
from selloff.attribution.chains import ChainResult, LinkEvidence, chain_evidence, chain_log_ratio, run_chain
from selloff.attribution.combinations import combinations
from selloff.attribution.contribution_draws import BANDS, ContributionDraws
from selloff.attribution.direct import DirectReading
from selloff.attribution.evidence import (
    Evidence,
    cell_evidence,
    ranking_evidence,
    ranking_frequency,
    ranking_ratios,
    split,
)
from selloff.attribution.leading import Structural, structural_of
from selloff.attribution.main_trigger import OTHER_WEIGHT, UNKNOWN_WEIGHT
from selloff.attribution.posterior import posterior
from selloff.attribution.reported_set import moves_agree, reported_sets, silent
from selloff.attribution.signature import POLARITIES, UNCHANGED, Polarity, signatures
from selloff.attribution.structural.cache import ModelCache
from selloff.attribution.testable import Requirement, missing_requirements
from selloff.attribution.weighing import DirectEvidence, weigh_direct
from selloff.catalog import ROLES, Catalogue, Cause
from selloff.panel import Move, Panel, Window
from selloff.panel.correlation import recent_correlation
from selloff.panel.transforms import Floats

Status = Literal["leading", "contributing", "undetermined", "ruled_down", "not_testable"]

LOOKALIKE = 0.9
"""Cosine between mean signatures above which prices can't be expected to tell two causes apart."""

NOISE_SHRINKAGE = 0.3
"""How far the correlation known before is shrunk for the moves no cause accounts for: what is usual between assets is a
weaker guide to the unusual, and a nearly singular matrix would let small moves refute causes on quiet days."""


@dataclass(frozen=True)
class CauseResult:
    """What the data say of one cause. Probabilities and contributions are None if it is not testable.

    `contributions` are posterior mean log moves by asset, in the asset's move unit; `main_share` is for triggers.
    `contribution_bands` and `contribution_bands_68` hold (low, high) by asset, 90 and 68 % of posterior draws; a cause
    that is inactive in most draws has a band that ends at zero. A band always holds its mean.
    `indistinguishable_from`: the others of its role's reported set (`reported_set`), if it is in that set itself.
    `silent`: the data say nothing for or against it, so it is in a set only because nothing excludes it.
    `untested_lookalikes`: causes of any role that can't be tested here and predict nearly the same moves.
    `direct`: evidence beside the signature, the strongest first.
    `chain`: the mechanism's links, tested one by one; None if the cause has no chain. `chain_evidence`: what those
    outside the signature say of the cause.
    """

    cause: Cause
    status: Status
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
    contribution_bands_68: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    silent: bool = False


@dataclass(frozen=True)
class Attribution:
    """Every cause weighed against one window.

    `relief`: probability that the window is a relief, in which causes with a mirror turn their signs round; `polarity`
    is the likelier of the two, and what evidence for and against is read by.
    `unexplained_moves` by asset: the log move minus every contribution, in the asset's move unit.
    `unexplained` is the share of the sigma-weighted move that no cause accounts for: (low, mid, high), a 90 % band of
    the draws; the mid is what the mean contributions leave.
    `unlisted` : probability that news outside the menu made the moves.
    `draws` : posterior draws of contributions in sigmas, causes and assets in the order of `draws_of`.
    `readings`: every item of direct evidence. `price_ratios`: log Bayes factor of prices by outcome of the label map.
    `fitted_at`: from when on the weights of the main trigger were known; None before anything was fitted.
    `structural`: shocks from prices alone, which decide what leads; None if no model was asked for.
    """

    polarity: Polarity
    relief: float
    causes: tuple[CauseResult, ...]
    trigger_shares: Mapping[str, float]
    unexplained_moves: Mapping[str, float]
    unexplained: tuple[float, float, float]
    unlisted: float = 0.0
    draws: ContributionDraws | None = None
    draws_of: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    readings: tuple[DirectReading, ...] = ()
    price_ratios: Mapping[str, float] = field(default_factory=dict)
    fitted_at: datetime | None = None
    structural: Structural | None = None


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


def _other_weight(causes: Sequence[Cause], tested: Collection[str]) -> float:
    """Prior weight of news that no testable trigger stands for, beside the priors of the testable ones."""
    return OTHER_WEIGHT + UNKNOWN_WEIGHT + sum(c.prior for c in causes if c.role == "trigger" and c.id not in tested)


def _seed(assets: Sequence[str], sigmas: Floats, causes: Sequence[Cause]) -> int:
    numbers = [[a, round(float(s), 9)] for a, s in zip(assets, sigmas, strict=True)]
    text = json.dumps([numbers, [c.id for c in causes]])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def _ranking_items(cause: Cause, panel: Panel, window: Window, bound: Mapping[str, Move]) -> list[Evidence]:
    """Evidence of the rankings whose two assets are both there; between two that hardly moved it says nothing."""
    items = []
    for ranking in cause.ranking:
        if ranking.larger not in bound or ranking.smaller not in bound:
            continue
        pair = [bound[ranking.larger], bound[ranking.smaller]]
        if max(abs(m.sigmas_slow or 0.0) for m in pair) < UNCHANGED:
            continue
        rows = slice(max(0, window.base_row - 249), window.base_row + 1)
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


def lookalikes(mean: Floats, untested: Sequence[Cause], assets: Sequence[str], polarity: Polarity) -> tuple[str, ...]:
    """Untestable causes whose mean signature on these assets points the same way: cosine above 0.9."""
    means = signatures(untested, assets, polarity).moments()[0]
    norms = np.linalg.norm(means, axis=1) * np.linalg.norm(mean)
    cosine = np.divide(means @ mean, norms, out=np.zeros(len(untested)), where=norms > 1e-12)
    return tuple(c.id for c, close in zip(untested, cosine, strict=True) if close > LOOKALIKE)


def attribute(
    panel: Panel,
    window: Window,
    bound: Mapping[str, Move],
    catalogue: Catalogue,
    available: Collection[str],
    readings: Sequence[DirectReading] = (),
    as_of: datetime | None = None,
    *,
    models: ModelCache | None = None,
    fallen: Collection[str] = (),
) -> Attribution:
    """Weigh every cause of the catalogue against a window's moves.

    Parameters
    ----------
    bound : move of each bound asset, by asset id.
    available : ids of series with a value for the window; bound assets are added.
    readings : direct evidence; without any, prices alone are weighed. as_of : decides which fitted set may be used.
    models : where structural models are kept; None leaves them out, and then nothing leads.
    fallen : asset classes that fell; without shares or bonds among them nothing leads.
    """
    assets = list(bound)
    moves = [bound[a] for a in assets]
    sigmas = np.array([float(m.sigmas_slow or 0.0) for m in moves])
    everything = set(available) | set(assets)
    missing = {c.id: missing_requirements(c, everything) for c in catalogue.causes.values()}
    tested = [c for c in catalogue.causes.values() if not missing[c.id]]
    rankings = {c.id: _ranking_items(c, panel, window, bound) for c in tested}
    residuals = AssetResiduals(panel, window, bound)
    seen = {c.id: _series_weighed(c, readings, catalogue) for c in tested}
    links = {p: {c.id: chain_evidence(c, residuals, p, seen[c.id]) for c in tested} for p in POLARITIES}
    chain_ratios = np.array([[chain_log_ratio(links[p][c.id]) for c in tested] for p in POLARITIES])
    stocks = bound["spx"].log_move if "spx" in bound else None
    direct = weigh_direct(readings, catalogue, tested, as_of, (stocks or 0.0) / math.sqrt(window.n_sessions))
    columns = [panel.column[m.series.id] for m in moves]
    result = posterior(
        sigmas=sigmas,
        table=signatures(tested, assets, "adverse"),
        sets=combinations(tested),
        prior=np.array([c.prior for c in tested]),
        roles=np.array([ROLES.index(c.role) for c in tested], dtype=np.int64),
        moves_log_ratio=ranking_ratios(rankings, tested) + chain_ratios,
        correlation=recent_correlation(panel.daily_moves[: window.base_row + 1, columns], NOISE_SHRINKAGE),
        seed=_seed(assets, sigmas, tested),
        other=_other_weight(list(catalogue.causes.values()), {c.id for c in tested}),
        evidence_log_ratio=direct.log_ratio,
        mirrored=np.array([c.mirror for c in tested]),
    )
    polarity: Polarity = "relief" if result.relief > 0.5 else "adverse"
    table = signatures(tested, assets, polarity)
    evidence = {
        c.id: [*cell_evidence(c, i, table, assets, sigmas.tolist()), *rankings[c.id]] for i, c in enumerate(tested)
    }
    unit = np.array([float(m.log_move or 0.0) / s if s else 0.0 for m, s in zip(moves, sigmas, strict=True)])
    contributions = result.contribution * unit
    row = {c.id: i for i, c in enumerate(tested)}
    untested = [c for c in catalogue.causes.values() if missing[c.id]]
    statuses: dict[str, tuple[Status, float, float]] = {}
    for c in tested:
        low, high = float(result.low[row[c.id]]), float(result.high[row[c.id]])
        moved = moves_agree(row[c.id], table, result.log_factor - direct.log_ratio)
        statuses[c.id] = (_status(c, low, high, moved), low, high)

    probability = dict(zip(row, result.probability.tolist(), strict=True))
    ratios = direct.price_ratios(probability)
    shares = direct.shares(ratios, probability)
    structural = None
    if models is not None:
        raised = [c for c, (status, _, _) in statuses.items() if status == "contributing"]
        structural = structural_of(panel, window, bound, tested, raised, fallen, polarity, models)
        for leader in structural.leading:
            statuses[leader] = ("leading", *statuses[leader][1:])
    out = [statuses[c.id][0] == "ruled_down" for c in tested]
    sets = reported_sets(result.log_factor, result.probability, [ROLES.index(c.role) for c in tested], out)
    twins = {i: sorted(together - {i}) for together in sets for i in together}
    drawn = result.draws.bands()
    bands, bands_68 = (_bands(drawn[level], contributions, unit, assets) for level in (90, 68))

    def one(cause: Cause) -> CauseResult:
        chain = run_chain(cause, panel, window, bound, polarity)
        if missing[cause.id]:
            nothing = missing[cause.id]
            return CauseResult(cause, "not_testable", None, None, None, None, (), (), (), (), {}, nothing, chain=chain)
        i = row[cause.id]
        status, low, high = statuses[cause.id]
        favourable, contrary = split(evidence[cause.id])
        told = bool(direct.log_ratio[i]) or bool(links[polarity][cause.id])
        told = told or any(e.kind == "ranking" for e in evidence[cause.id])
        return CauseResult(
            cause=cause,
            status=status,
            probability=float(result.probability[i]),
            low=low,
            high=high,
            main_share=shares[cause.id] if cause.role == "trigger" else None,
            evidence_for=favourable,
            evidence_against=contrary,
            indistinguishable_from=tuple(tested[j].id for j in twins.get(i, ())),
            untested_lookalikes=lookalikes(table.moments()[0][i], untested, assets, polarity),
            contributions={a: float(contributions[i, j]) for j, a in enumerate(assets)},
            missing=(),
            direct=direct.evidence(cause),
            chain=chain,
            chain_evidence=links[polarity][cause.id],
            contribution_bands=bands[i],
            contribution_bands_68=bands_68[i],
            silent=silent(i, table, result.log_factor, told),
        )

    low, high = np.quantile(result.draws.unexplained_shares(sigmas), BANDS[90])
    logs = np.array([float(m.log_move or 0.0) for m in moves])
    residual = logs - contributions.sum(axis=0)
    return Attribution(
        polarity=polarity,
        relief=result.relief,
        causes=tuple(one(c) for c in catalogue.causes.values()),
        trigger_shares=shares,
        unexplained_moves={a: float(residual[j]) for j, a in enumerate(assets)},
        unexplained=(min(float(low), result.unexplained), result.unexplained, max(float(high), result.unexplained)),
        unlisted=result.unlisted,
        draws=result.draws,
        draws_of=(tuple(c.id for c in tested), tuple(assets)),
        readings=tuple(readings),
        price_ratios=dict(zip(direct.model.outcomes, ratios.tolist(), strict=True)),
        fitted_at=None if direct.model.fitted is None else direct.model.fitted.known_at,
        structural=structural,
    )
