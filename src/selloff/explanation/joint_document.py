"""The JSON of the joint fall, and of what stands beside it: base rate, gold, search."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from selloff.detection import BaseRate, JointFall, SafeHaven
from selloff.detection.search import Search


def joint_document(joint: JointFall) -> dict[str, Any]:
    """Verdict, depths, jointness and rarity as plain types."""
    period, jointness = joint.return_period, joint.jointness
    return {
        "verdict": joint.verdict,
        "classes_down": list(joint.classes_down),
        "depth": {d.asset_class.id: d.depth for d in joint.depths},
        "members": {d.asset_class.id: list(d.members) for d in joint.depths},
        "down_threshold": {c: -limit for c, limit in joint.limits.items()},
        "base_rate": base_rate_document(joint.base_rate),
        "jointness": {
            "p_value": jointness.p_value,
            "p_value_independent": jointness.p_value_independent,
            "classes": jointness.n_classes,
            "p_value_searched": jointness.p_value_searched,
            "p_value_independent_searched": jointness.p_value_independent_searched,
        },
        "return_period_years": {
            "low": period.low,
            "mid": period.mid,
            "high": period.high,
            "history_years": period.history_years,
            "depth": joint.rarity_depth,
            "classes": list(joint.rarity_classes),
        },
        "class_return_period_years": {c: asdict(period) for c, period in joint.class_periods.items()},
    }


def gold_document(gold: SafeHaven | None) -> dict[str, Any] | None:
    """Gold's line as plain types; None without it."""
    if gold is None:
        return None
    named = {"whole": gold.whole, "recent": gold.recent}
    rates = {name: {"n": r.n, "fell": r.fell, "share": r.share} for name, r in named.items()}
    return {
        "status": gold.status,
        "equities_down": gold.equities_down,
        "equities_cut_off": gold.equities_cut_off,
        "gold": {"series": gold.gold, "sigmas_slow": gold.gold_sigmas},
        "equities": {"series": gold.equities, "sigmas_slow": gold.equities_sigmas},
        "likelihood_ratio": gold.likelihood_ratio,
        "low": gold.low,
        "high": gold.high,
        "fell_too": rates,
    }


def search_document(search: Search | None) -> dict[str, Any] | None:
    """The search over window lengths as plain types; None if the window was given."""
    if search is None:
        return None
    return {
        "lengths": list(search.lengths),
        "chosen": search.chosen,
        "p_values": {str(n): p for n, p in search.p_values.items()},
        "p_value": search.p_value,
        "p_corrected": search.p_corrected,
        "windows": search.n_windows,
        "classes": list(search.classes),
    }


def base_rate_document(rate: BaseRate) -> dict[str, Any]:
    """Historical frequencies as plain types."""
    return {
        "windows": rate.n_windows,
        "since": rate.since,
        "verdicts": dict(rate.verdicts),
        "alarms_per_year": rate.alarms_per_year,
        "as_deep": rate.as_deep,
        "as_deep_of": rate.of,
        "as_deep_since": rate.deep_since,
        "nearest": {"class": rate.nearest, "as_deep": rate.nearest_as_deep, "of": rate.nearest_of},
    }
