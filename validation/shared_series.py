"""Read columns of the shared data files as arrays on their common days."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SHARED = Path(os.environ.get("SELLOFF_SHARED", Path(__file__).parents[2] / "shared"))
RESULTS = Path(__file__).parent / "results"
LAST = "2026-02-28"


def common_days(files: dict[str, str], first: str, last: str) -> tuple[np.ndarray, np.ndarray]:
    """Days (n,) and values (n, n_files) on which every file has a value; `files` maps a file to its column."""
    frames = []
    for name, column in files.items():
        frame = pl.read_csv(SHARED / "data" / name, columns=["date", column], schema_overrides={column: pl.Float64})
        frames.append(frame.rename({column: name}).drop_nulls())
    joined = frames[0]
    for frame in frames[1:]:
        joined = joined.join(frame, on="date", how="inner")
    joined = joined.filter(pl.col("date").is_between(pl.lit(first), pl.lit(min(last, LAST)))).sort("date")
    return joined["date"].to_numpy().astype("datetime64[D]"), joined.drop("date").to_numpy()


def daily_moves(days: np.ndarray, levels: np.ndarray, yields: int) -> tuple[np.ndarray, np.ndarray]:
    """Days and moves: basis points for the first `yields` columns, log per cent for the others."""
    moves = 100 * np.column_stack([np.diff(levels[:, :yields], axis=0), np.diff(np.log(levels[:, yields:]), axis=0)])
    return days[1:], moves


def rows(days: np.ndarray, first: str, last: str) -> tuple[int, int]:
    """First and last row of the days from `first` to `last`."""
    inside = np.flatnonzero((days >= np.datetime64(first)) & (days <= np.datetime64(last)))
    return int(inside[0]), int(inside[-1])


def report(name: str, found: dict[str, Any], write: bool) -> None:
    """Print a result, and keep it beside the scripts if asked.

    Raises
    ------
    SystemExit : an entry of `passed` is false; its name is the message, so the exit code is 1.
    """
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    print(text)
    if write:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
    failed = [check for check, passed in found.get("passed", {}).items() if not passed]
    if failed:
        raise SystemExit(f"{name}: failed: {', '.join(failed)}")
