"""How often the four-shock system could call something leading, and how often it would be wrong.

Real days: every session of months drawn at random since 1991, each with a model of the sessions before. Counted is what
the system alone says: a share of at least a quarter, bounds that exclude zero, and the direction of the day's S&P. In
an explanation shares or bonds must also be among what fell and all assets must raise the cause.

Planted windows: loadings drawn from the posterior are the truth; one shock of three scale units among ordinary ones,
or a move that none of the four makes alone: stocks alone, or the 2-year yield alone, by four sigmas, over ordinary
shocks. Without --write the run has to repeat the committed result, and no claim may be of the wrong direction.

Run:  python validation/structural_leading.py [--write]
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from claims import Checks, committed
from selloff.attribution.leading import LEADING_SHARE
from selloff.attribution.structural.share_bond_shocks import scaled_restrictions, system_draws
from selloff.attribution.structural.system_window import window_parts
from selloff.attribution.structural.window import SAMPLE_SESSIONS
from selloff.detection.rarity import seed_from
from selloff.panel.volatility import slow_volatility
from shared_series import common_days, daily_moves, report

FILES = {"ust_2y.csv": "value", "ust_5y.csv": "value", "ust_10y.csv": "value", "sp500_close.csv": "value"}
NAME = "structural_leading"
MONTHS = 40
MODELS = 12
WORLDS = 40
SPX = 3


def model_of(moves: np.ndarray, volatility: np.ndarray, last: int) -> tuple[Any, np.ndarray, dict[str, Any]]:
    """Restrictions, volatility and draws of the sample that ends on a row."""
    rows = np.arange(max(1, last - SAMPLE_SESSIONS + 1), last + 1)
    values = moves[rows] / volatility[rows - 1]
    values = values[~np.isnan(values).any(axis=1)]
    restrictions = scaled_restrictions(volatility[last])
    return restrictions, volatility[last], system_draws(values, restrictions, seed_from(values))


def passes(parts: Any) -> np.ndarray:
    """Which shocks have a quarter, robustly, in the direction of the S&P, (n_shocks,)."""
    way = parts.contributions[:, SPX] * parts.log_moves[SPX] > 0.0
    return (parts.share >= LEADING_SHARE) & np.array(parts.exclude_zero()) & way


def real_days(days: np.ndarray, moves: np.ndarray, volatility: np.ndarray) -> dict[str, Any]:
    """Shares of real days on which each shock passes, by how far the S&P fell."""
    months = days.astype("datetime64[M]")
    all_months = np.unique(months[days >= np.datetime64("1991-06-01")])
    drawn = np.sort(np.random.default_rng(1).choice(all_months, MONTHS, replace=False))
    rows: list[np.ndarray] = []
    depth: list[float] = []
    infeasible = 0
    for month in drawn:
        inside = np.flatnonzero(months == month)
        restrictions, unit, draws = model_of(moves, volatility, int(inside[0]) - 1)
        if "conflicting" in draws:
            infeasible += 1
            continue
        for t in inside:
            sigmas = moves[t] / volatility[t - 1]
            parts = window_parts(draws["impact"], draws["roots"], restrictions, unit, moves[t], sigmas)
            rows.append(passes(parts))
            depth.append(float(sigmas[SPX]))
    found, depths = np.array(rows), np.array(depth)

    def part(keep: np.ndarray) -> dict[str, Any]:
        each = found[keep].mean(axis=0).round(3).tolist()
        return {
            "days": int(keep.sum()),
            "any": round(float(found[keep].any(axis=1).mean()), 3),
            "each": dict(zip(restrictions.shocks, each, strict=True)),
        }

    return {
        "months": MONTHS,
        "infeasible_months": infeasible,
        "all": part(np.ones(len(depths), dtype=bool)),
        "fell_over_one_sigma": part(depths < -1.0),
        "fell_over_two_sigmas": part(depths < -2.0),
        "within_half_a_sigma": part(np.abs(depths) < 0.5),
    }


def planted(days: np.ndarray, moves: np.ndarray, volatility: np.ndarray) -> dict[str, Any]:
    """Planted windows under loadings that the model drew."""
    random = np.random.default_rng(2)
    usable = np.flatnonzero(days >= np.datetime64("1992-01-01"))
    target, wrong, claims = [], 0, 0
    inside: dict[str, list[np.ndarray]] = {"68": [], "90": []}
    own: dict[str, list[np.ndarray]] = {"68": [], "90": []}
    alone: dict[str, list[bool]] = {"stocks": [], "2-year yield": []}
    for last in random.choice(usable, MODELS, replace=False):
        restrictions, unit, draws = model_of(moves, volatility, int(last))
        if "conflicting" in draws:
            continue
        truth = draws["impact"][random.integers(0, len(draws["impact"]), WORLDS)]
        for k, impact in enumerate(truth):
            shock = random.standard_normal(4)
            planted_shock = k % 4
            shock[planted_shock] = 3.0 * random.choice([-1.0, 1.0])
            true = (impact * shock).T * unit
            whole = true.sum(axis=0)
            parts = window_parts(draws["impact"], draws["roots"], restrictions, unit, whole, whole / unit)
            robust = np.array(parts.exclude_zero())
            weights = (parts.log_moves / unit)[[0, 2, 3]] / unit[[0, 2, 3]]
            towards = (true[:, [0, 2, 3]] @ weights) > 0.0
            claims += int(robust.sum())
            wrong += int((robust & ~towards).sum())
            target.append((bool(passes(parts)[planted_shock]), bool(passes(parts).any())))
            for name, others in inside.items():
                low, high = parts.band(name)
                held = (low <= true) & (true <= high)
                own[name].append(held[planted_shock])
                others.append(np.delete(held, planted_shock, axis=0))
            for name, i in (("stocks", SPX), ("2-year yield", 0)):
                odd = impact @ random.standard_normal(4) * 0.5
                odd[i] -= 4.0
                parts = window_parts(draws["impact"], draws["roots"], restrictions, unit, odd * unit, odd)
                alone[name].append(bool(passes(parts).any()))
    leads, anything = np.array(target).mean(axis=0)
    return {
        "windows": len(target),
        "planted_shock_passes": round(float(leads), 3),
        "any_shock_passes": round(float(anything), 3),
        "robust_claims": claims,
        "robust_claims_of_the_wrong_direction": wrong,
        "planted_inside_band": {k: round(float(np.mean(v)), 3) for k, v in own.items()},
        "others_inside_band": {k: round(float(np.mean(v)), 3) for k, v in inside.items()},
        "any_passes_where_one_variable_moved_alone": {k: round(float(np.mean(v)), 3) for k, v in alone.items()},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    days, moves = daily_moves(*common_days(FILES, "1990-01-01", "2026-02-27"), yields=3)
    volatility = slow_volatility(moves)
    found = {"real_days": real_days(days, moves, volatility), "planted": planted(days, moves, volatility)}
    write = parser.parse_args().write
    checks = Checks()
    checks.repeats(NAME, found, committed(NAME))
    wrong = found["planted"]["robust_claims_of_the_wrong_direction"]
    checks.say(f"claims of the wrong direction: {wrong}, none is claimed", wrong == 0)
    report(NAME, found if write else {**found, **checks.report()}, write)
