"""Structural shocks as plain types, for the JSON."""

from __future__ import annotations

from typing import Any

from selloff.attribution import Structural
from selloff.attribution.structural import CommonShocks, Infeasible, Unavailable, WindowDecomposition
from selloff.attribution.structural.share_bond_shocks import CAUSES


def structural_document(found: Structural | None) -> dict[str, Any] | None:
    """The small system, the panel's model, and what leads; None if no model was asked for."""
    if found is None:
        return None
    return {
        "leading": list(found.leading),
        "candidates": [
            {
                "cause": c.cause,
                "shock": c.shock,
                "share": c.share,
                "short_of_leading": None if c.short == "leads" else c.short,
                "same_marks": list(c.same_marks),
            }
            for c in found.candidates
        ],
        "system": _answer(found.system),
        "panel": _answer(found.panel),
    }


def _answer(found: CommonShocks | WindowDecomposition | Infeasible | Unavailable) -> dict[str, Any]:
    match found:
        case Unavailable():
            return {"status": "unavailable", "reason": found.reason}
        case Infeasible():
            return {"status": "infeasible", "conflicting": list(found.conflicting), "tried": found.tried}
        case CommonShocks():
            return {"status": "estimated", **_system(found)}
        case _:
            return {"status": "estimated", **_panel(found)}


def _system(found: CommonShocks) -> dict[str, Any]:
    parts = found.parts
    bands = {name: parts.band(name) for name in ("68", "90")}
    shares = {name: parts.share_band(name) for name in ("68", "90")}
    robust = parts.exclude_zero()

    def by_asset(j: int, *ends: Any) -> dict[str, Any]:
        pick = [[float(e[j, i]) for e in ends] for i in range(len(parts.assets))]
        return {a: v[0] if len(v) == 1 else v for a, v in zip(parts.assets, pick, strict=True)}

    return {
        "sample": {
            "from": found.sample_first,
            "to": found.sample_last,
            "sessions": found.n_sessions,
            "dropped_sessions": found.dropped_sessions,
            "assets": list(parts.assets),
        },
        "log_moves": dict(zip(parts.assets, parts.log_moves.tolist(), strict=True)),
        "shocks": {
            shock: {
                "causes": [CAUSES[shock]],
                "share": float(parts.share[j]),
                "share_bands": {name: [float(low[j]), float(high[j])] for name, (low, high) in shares.items()},
                "share_bounds": [float(parts.share_low[j]), float(parts.share_high[j])],
                "excludes_zero": robust[j],
                "contributions": by_asset(j, parts.contributions),
                "bands": {name: by_asset(j, *ends) for name, ends in bands.items()},
                "bounds": by_asset(j, parts.low, parts.high),
            }
            for j, shock in enumerate(parts.shocks)
        },
        "unexplained": {"moves": dict.fromkeys(parts.assets, 0.0), "share": 0.0},
        "effective_draws": float(len(parts.draws)),
        "feasible_share": found.feasible_share,
    }


def _panel(found: WindowDecomposition) -> dict[str, Any]:
    whole = found.decomposition.to_dict()
    shocks = {
        name: {
            "causes": list(found.causes_of[name]),
            "share": one["share"],
            "share_bounds": None,
            "excludes_zero": one["bounds_published"]["excludes_zero"],
            "contributions": one["contributions"],
            "bands": one["bands"],
            "bounds": {
                a: [one["bounds_published"]["low"][a], one["bounds_published"]["high"][a]] for a in one["contributions"]
            },
            "shock": one["shock"],
        }
        for name, one in whole["shocks"].items()
    }
    return {
        "sample": {
            "from": found.sample_start.isoformat(),
            "to": found.sample_end.isoformat(),
            "sessions": found.decomposition.n_sessions,
            "dropped_sessions": found.dropped_sessions,
            "assets": list(found.decomposition.assets),
            "excluded": dict(found.excluded),
        },
        "log_moves": whole["log_moves"],
        "shocks": shocks,
        "unexplained": whole["unexplained"],
        "effective_draws": whole["effective_draws"],
        "feasible_share": whole["feasible_share"],
    }
