"""How well the funds of `catalog/data/series/stand_ins.toml` stand in, and how much of IEF to take off HYG and TIP.

The part is what the fund moves with Treasuries alone: the slope on IEF in a regression of its daily log move on that of
IEF and on the change of the spread that it stands in for, rounded to a tenth. It is about the ratio of durations. From
2012 on: before, HYG's price strayed so far from its bonds that the two explain a quarter of it. Agreement is by the
sign of the daily moves, on days on which the primary moved by half a standard deviation, and by two.
`treasuries_alone`: correlation with IEF where the spread moved by less than a quarter of one.

Run:  python validation/stand_ins.py [--write]
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from shared_series import common_days, daily_moves, report

BONDS, FUNDS, HYG_FROM = "etf_bond_credit.csv", "etf_commodity_fx_credit.csv", "2012-01-01"
FLAT = (np.datetime64("2021-03-22"), np.datetime64("2023-07-08"))
"""The copy of the high-yield spread holds straight lines between monthly points."""

PARTS = {"hyg": 0.3, "tip": 0.9}
SIGN_AGREES = 0.8


def moves_of(primary: str, column: str, funds: list[tuple[str, str]], *, spread: bool, first: str) -> np.ndarray:
    """(n, 1 + n_funds) daily moves of the primary and of funds on their common days."""
    days, levels = common_days({primary: column}, first, "2026-02-28")
    kept = ~((days > FLAT[0]) & (days < FLAT[1])) if primary == "hy_oas.csv" else np.ones(len(days), dtype=bool)
    days, levels = days[kept], levels[kept]
    columns = [levels[:, 0]]
    for file, name in funds:
        own_days, own = common_days({file: name}, first, "2026-02-28")
        columns.append(np.array([dict(zip(own_days, own[:, 0], strict=True)).get(d, np.nan) for d in days]))
    joined = np.column_stack(columns)
    there = ~np.isnan(joined).any(axis=1)
    days, moves = daily_moves(days[there], joined[there], int(spread))
    gaps = np.diff(np.concatenate([[days[0]], days])).astype(int)
    return np.asarray(moves[gaps <= 7])


def agreement(primary: np.ndarray, stand_in: np.ndarray) -> dict[str, Any]:
    """Correlation, and agreement in sign where the primary moved."""
    size = np.abs(primary) / primary.std()
    same = np.sign(primary) == np.sign(stand_in)
    return {
        "days": len(primary),
        "correlation": round(float(np.corrcoef(primary, stand_in)[0, 1]), 3),
        "sign_beyond_half_sigma": round(float(same[size >= 0.5].mean()), 3),
        "sign_beyond_two_sigma": round(float(same[size >= 2.0].mean()), 3),
    }


def spread(name: str, primary: str, fund: tuple[str, str], sign: float) -> tuple[float, dict[str, Any]]:
    """The part of IEF that the data ask for, and how the stand-in with the catalogue's part does."""
    moves = moves_of(primary, "value", [fund, (BONDS, "IEF")], spread=True, first=HYG_FROM)
    change, own, bonds = moves.T
    regressors = np.column_stack([np.ones(len(own)), bonds, change])
    slopes = np.linalg.lstsq(regressors, own, rcond=None)[0]
    explained = 1.0 - (own - regressors @ slopes).var() / own.var()
    still = np.abs(change) < 0.25 * change.std()
    found: dict[str, Any] = {"slope_on_ief": round(float(slopes[1]), 3), "explained": round(float(explained), 3)}
    for part in (0.0, PARTS[name], 1.0):
        stand_in = sign * (own - part * bonds)
        alone = float(np.corrcoef(stand_in[still], bonds[still])[0, 1])
        found[f"less_{part}_ief"] = agreement(change, stand_in) | {"treasuries_alone": round(alone, 2)}
    return float(slopes[1]), found


def main() -> None:
    """Measure every stand-in."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    found: dict[str, Any] = {}
    single = (
        ("dxy_uup", "dxy_ohlc.csv", "close", (FUNDS, "UUP"), False, 1.0),
        ("ust_2y_shy", "ust_2y.csv", "value", (BONDS, "SHY"), True, -1.0),
        ("ust_10y_ief", "ust_10y.csv", "value", (BONDS, "IEF"), True, -1.0),
        ("vix_vixy", "vix_ohlc.csv", "close", (FUNDS, "VIXY"), False, 1.0),
    )
    for name, primary, column, fund, is_rate, sign in single:
        moves = moves_of(primary, column, [fund], spread=is_rate, first="2002-01-01")
        found[name] = agreement(moves[:, 0], sign * moves[:, 1])
    hyg, found["hy_hyg"] = spread("hyg", "hy_oas.csv", (BONDS, "HYG"), -1.0)
    tip, found["breakeven_tip"] = spread("tip", "breakeven_10y.csv", (FUNDS, "TIP"), 1.0)
    spreads = {"hy_hyg": found["hy_hyg"]["less_0.3_ief"], "breakeven_tip": found["breakeven_tip"]["less_0.9_ief"]}
    found["passed"] = {
        "parts are those of the data": round(hyg, 1) == PARTS["hyg"] and round(tip, 1) == PARTS["tip"],
        "signs agree": all(
            spreads.get(n, v)["sign_beyond_half_sigma"] >= SIGN_AGREES for n, v in found.items() if n != "passed"
        ),
    }
    report("stand_ins", found, write)


if __name__ == "__main__":
    main()
