"""Invented labels on sessions of the synthetic world: who said what is drawn, and known."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np

NON_POLICY = ("commodities", "corporate", "foreign", "macro", "noart", "other", "terror", "unknown")
POLICY = ("elections", "exrate", "govspend", "monetary", "otherpol", "reg", "sovmil", "taxes", "trade")
CATEGORIES = (*NON_POLICY, *POLICY)
LONG = {
    "macro": "macroeconomic news & outlook",
    "monetary": "monetary policy and central banking",
    "corporate": "corporate earnings & outlook",
    "unknown": "unknown & no explanation",
    "sovmil": "sovereign military & security actions",
}
DRAWN = tuple(LONG)

Rows = list[dict[str, str]]


def label_rows(days: list[date], seed: int) -> tuple[Rows, Rows]:
    """Rows by day, and by coder: two coders a day who agree four times in five; up days are monetary."""
    random = np.random.default_rng(seed)
    by_day, by_coder = [], []
    for day in days:
        move = float(random.normal(0, 0.03))
        first = "monetary" if move > 0 else DRAWN[int(random.integers(0, len(DRAWN)))]
        second = first if random.random() < 0.8 else DRAWN[int(random.integers(0, len(DRAWN)))]
        shares = dict.fromkeys(CATEGORIES, 0.0)
        for name in (first, second):
            shares[name] += 0.5
            by_coder.append(
                {
                    "date": day.isoformat(),
                    "return": f"{move:.4f}",
                    "coder": f"c{len(by_coder) % 2}",
                    "primary_category": LONG[name],
                    "secondary_category": "",
                }
            )
        row = {"date": day.isoformat(), "return": f"{move:.4f}"} | {k: f"{v:g}" for k, v in shares.items()}
        row["policy"] = f"{sum(shares[p] for p in POLICY):g}"
        by_day.append(row)
    return by_day, by_coder


def write(path: Path, rows: Rows) -> Path:
    """Write rows as a file of labels."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
