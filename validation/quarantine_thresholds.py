"""What the quarantine's constants do on real series: what they set aside, and which planted errors they find.

    python validation/quarantine_thresholds.py --shared ../shared

Reads every dated numeric column of the shared data folder with at least 300 values. A column whose values are nearly
all above 1 is judged on log moves, any other on differences, as a rate. Prints each value that would be set aside, how
many more a smaller number of sigmas sets aside, and the share of planted errors found by size.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from selloff.pull import checks

FEWEST = 300
PLANTED = {"÷ 10": 0.1, "× 10": 10.0, "÷ 100": 0.01, "× 100": 100.0, "× 1.5": 1.5}
TRIALS = 40


def columns(folder: Path) -> Iterator[tuple[str, list[str], np.ndarray]]:
    """Name, dates and values of every usable column."""
    for path in sorted(folder.glob("*.csv")):
        table = pl.read_csv(path, infer_schema_length=None, ignore_errors=True)
        if "date" not in table.columns or table["date"].n_unique() < table.height:
            continue
        for name in table.columns:
            if not table[name].dtype.is_float() or name.startswith(("volume", "vol_")):
                continue
            part = table.select("date", name).drop_nulls().sort("date")
            if part.height >= FEWEST:
                yield f"{path.stem}.{name}", part["date"].cast(pl.String).to_list(), part[name].to_numpy()


def flags(levels: np.ndarray) -> np.ndarray:
    """True where a level would be set aside."""
    log = bool(np.median(levels) > 5) and float(np.mean(levels > 1)) > 0.99
    transform = "log" if log else "difference"
    trusted = np.zeros(len(levels), dtype=bool)
    return checks.spikes(levels, transform, not log) | checks.unit_jumps(levels, transform, not log, trusted)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    data = list(columns(parser.parse_args().shared / "data"))
    total = sum(len(levels) for _, _, levels in data)
    print(f"{len(data)} columns, {total:,} values\n\nset aside, and what followed")
    for sigmas in (20.0, 15.0, 10.0):
        checks.SIGMAS = sigmas
        found = [(n, d[i], v[i - 1 : i + 2]) for n, d, v in data for i in np.flatnonzero(flags(v))]
        print(f"{sigmas:g} sigmas: {len(found)} values in {len({n for n, _, _ in found})} columns")
        if sigmas == 20.0:
            for name, day, values in found:
                print(f"  {name:52} {day}  " + "  ".join(f"{v:g}" for v in values))
    checks.SIGMAS = 20.0
    dice = np.random.default_rng(0)
    print("\nplanted errors found (one value each, undone at the next)")
    for label, factor in PLANTED.items():
        hits = tries = 0
        for _, _, levels in data:
            for at in dice.integers(checks.WINDOW, len(levels) - 1, TRIALS // 10):
                spoilt = levels[: at + 2][-checks.WINDOW - 50 :].copy()
                spoilt[-2] *= factor
                if spoilt[-2] != levels[at]:
                    hits, tries = hits + bool(flags(spoilt)[-2]), tries + 1
        print(f"  {label:6} {hits / tries:6.1%} of {tries}")


if __name__ == "__main__":
    main()
