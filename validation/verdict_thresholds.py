"""Make `src/selloff/detection/thresholds.toml` from resampled histories.

Each class's history of depths is resampled on its own by the stationary bootstrap (Politis and Romano 1994, JASA
89(428), mean block 20 sessions), which keeps its distribution and its clustering and destroys any jointness. The
threshold is the smallest one (in steps of 0.05 slow sigmas) at which such histories give the verdict `joint` less
than once in ten years, at every window length looked at. No event, label or date enters.

Run:  python validation/verdict_thresholds.py [--home FOLDER] [--write]
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from selloff.catalog import default_catalogue
from selloff.catalog.sessions import load_sessions
from selloff.detection.depth import class_history, sigma_history
from selloff.detection.rarity import SESSIONS_PER_YEAR
from selloff.panel import build_panel
from selloff.settings import Settings
from selloff.store import Store

CUT = datetime(2026, 2, 28, tzinfo=UTC)
YEARS = 4000
MEAN_BLOCK = 20
LENGTHS = (1, 3, 5, 10, 20)
FEWEST_GROUPS = 3
TARGET_YEARS = 10.0
GRID = np.arange(1.5, 3.51, 0.05)


def stationary_bootstrap(values: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """A series of that size, of blocks of geometric length from random places, wrapped round."""
    restart = random.random(size) < 1.0 / MEAN_BLOCK
    restart[0] = True
    starts = random.integers(0, len(values), size)
    last = np.maximum.accumulate(np.where(restart, np.arange(size), 0))
    return values[(starts[last] + np.arange(size) - last) % len(values)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Settings().home)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    catalogue = default_catalogue()
    sessions = load_sessions(options.home / "cache", last_year=2027)
    n_rows = int(np.searchsorted(sessions.dates, np.datetime64("2026-02-28")))
    classes = [c for c in catalogue.classes.values() if c.members]
    ids = [s for c in classes for member in c.members for s in member]
    panel = build_panel(Store(options.home / "store"), catalogue, ids, sessions, n_rows=n_rows, as_of=CUT)
    filled = {s.id for s, column in zip(panel.series, panel.levels.T, strict=True) if not np.isnan(column).all()}
    members = [[next(s for s in m if s in filled) for m in c.members if filled & set(m)] for c in classes]
    groups = [c.group for c in classes]
    random = np.random.default_rng(20200101)
    size = YEARS * SESSIONS_PER_YEAR
    rates = {}
    for length in LENGTHS:
        history = class_history(panel, sigma_history(panel, length, n_rows - 1), members)
        resampled = [
            stationary_bootstrap(column[~np.isnan(column)], size, random) if np.any(~np.isnan(column)) else None
            for column in history.T
        ]
        names = sorted({g for g, r in zip(groups, resampled, strict=True) if r is not None})
        for down in GRID:
            count = np.zeros(size, dtype=int)
            quiet = np.ones(size, dtype=bool)
            for name in names:
                hit = np.zeros(size, dtype=bool)
                for group, column in zip(groups, resampled, strict=True):
                    if group == name and column is not None:
                        hit |= column <= -down
                count += hit
                quiet &= ~hit
            joint = count >= max(FEWEST_GROUPS, len(names) / 2)
            rates[length, round(float(down), 2)] = (joint.mean() * SESSIONS_PER_YEAR / length, quiet.mean())
    chosen = next(
        float(d) for d in GRID.round(2) if all(rates[length, float(d)][0] < 1 / TARGET_YEARS for length in LENGTHS)
    )
    print(f"groups {names}; chosen threshold {chosen:.2f} slow sigmas")
    for length in LENGTHS:
        joint, quiet = rates[length, chosen]
        print(
            f"{length:3d} sessions: joint once in {1 / joint if joint else float('inf'):8.0f} years, "
            f"verdict none in {100 * quiet:.1f} % of windows"
        )
    if options.write:
        target = Path(__file__).parents[1] / "src/selloff/detection/thresholds.toml"
        target.write_text(
            "# Made by validation/verdict_thresholds.py from resampled histories; see there.\n"
            f"down = {chosen:.2f}\nfewest_groups = {FEWEST_GROUPS}\n"
        )


if __name__ == "__main__":
    main()
