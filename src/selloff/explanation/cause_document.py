"""The JSON of causes: what the data say of each, of direct evidence, and of policy shocks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from selloff.attribution import CauseResult, ChainResult, Evidence
from selloff.attribution.chains import LinkEvidence, chain_log_ratio
from selloff.attribution.direct import DirectReading
from selloff.attribution.policy_shock import PolicyShock
from selloff.catalog import Catalogue
from selloff.explanation.documents import utc_text
from selloff.explanation.getting import get_command, not_yet
from selloff.explanation.known_later import later_names


def cause_document(
    result: CauseResult, catalogue: Catalogue, day: date, known_later: Mapping[str, datetime]
) -> dict[str, Any]:
    """One cause as plain types, in a window that ends on a day; see docs/json.md, *A cause*."""
    return {
        "id": result.cause.id,
        "name": result.cause.name,
        "role": result.cause.role,
        "status": result.status,
        "polarity": result.polarity,
        "prior": result.cause.prior,
        "probability": result.probability,
        "low": result.low,
        "high": result.high,
        "main_share": result.main_share,
        "signature": _signature(result),
        "moves_likelihood_ratio": result.moves_ratio,
        "evidence_for": [_evidence(e) for e in result.evidence_for],
        "evidence_against": [_evidence(e) for e in result.evidence_against],
        "indistinguishable_from": list(result.indistinguishable_from),
        "untested_lookalikes": list(result.untested_lookalikes),
        "direct_evidence": [
            {
                "item": d.reading.item.id,
                "likelihood_ratio": d.likelihood_ratio,
                "basis": d.basis,
                "in_probability": d.in_probability,
            }
            for d in result.direct
        ],
        "contributions": dict(result.contributions),
        "contribution_bands": {a: {"low": b[0], "high": b[1]} for a, b in result.contribution_bands.items()},
        "if_active": {a: asdict(amount) for a, amount in result.if_active.items()},
        "silent": result.silent,
        "chain": None if result.chain is None else _chain(result.chain, result.chain_evidence),
        "missing": [_missing(r.any_of, catalogue, day, known_later) for r in result.missing],
    }


def _missing(any_of: Sequence[str], catalogue: Catalogue, day: date, known: Mapping[str, datetime]) -> dict[str, Any]:
    later = later_names(catalogue, known, any_of)
    return {
        "any_of": list(any_of),
        "begins_later": {name: first.isoformat() for name, first in not_yet(catalogue, any_of, day).items()},
        "known_later": {name: utc_text(due) for name, due in later.items()},
        "command": None if later else get_command(catalogue, any_of, day),
    }


def _signature(result: CauseResult) -> dict[str, Any]:
    """What the cause predicts for each asset, mirrored if it is read as a relief."""
    return {
        asset: {"p": list(cell.p[::-1] if result.is_turned else cell.p), "size": cell.size, "basis": cell.basis}
        for asset, cell in result.cause.signature.items()
    }


def _chain(chain: ChainResult, evidence: Sequence[LinkEvidence]) -> dict[str, Any]:
    return {
        "verdict": chain.verdict,
        "usual": chain.usual,
        "likelihood_ratio": math.exp(chain_log_ratio(evidence)) if evidence else None,
        "beyond_assets": [
            {"series": e.series, "predicted": e.sign, "sigmas": e.sigmas, "likelihood_ratio": e.likelihood_ratio}
            for e in evidence
        ],
        "links": [
            {
                "name": r.link.name,
                "series": r.series,
                "predicted": r.sign,
                "outcome": r.outcome,
                "sigmas": r.sigmas,
                "session": None if r.session is None else r.session.isoformat(),
                "order": r.order,
            }
            for r in chain.links
        ],
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "asset": item.asset,
        "other": item.other,
        "predicted": item.sign,
        "observed" if item.kind == "ranking" else "observed_sigmas": item.observed,
        "probability": item.probability,
        "usual": item.usual,
        "likelihood_ratio": item.likelihood_ratio,
        "basis": item.basis,
    }


def reading_document(reading: DirectReading) -> dict[str, Any]:
    """One item of direct evidence as plain types."""
    return {
        "item": reading.item.id,
        "name": reading.item.name,
        "reading": reading.item.reading,
        "status": reading.status,
        "value": reading.value,
        "source": reading.source,
    }


def shock_document(shock: PolicyShock) -> dict[str, Any]:
    """A policy shock as plain types."""
    return {
        "session": shock.session.isoformat(),
        "size": shock.size,
        "moves": dict(shock.moves),
        "learnt_from": shock.n_announcements,
    }
