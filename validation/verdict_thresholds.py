"""Make `src/selloff/detection/thresholds.toml` from resampled histories. No event, label or date enters.

Nominal rates, stated before anything was measured, per window length, for someone who looks every day:

- `joint` by chance once in 10 years: it sets off everything else, and a false one should be met once in
  a career's decade.
- `partial` by chance once in 3 years: it makes people of two desks compare notes.
- `isolated` by chance once a month, over all classes together: one class of nine, about once in nine months each. It is
  the weakest of the verdicts and costs a look.

"By chance" means that the classes have nothing to do with each other: each class's history of depths is resampled on
its own by the stationary bootstrap (Politis and Romano 1994, JASA 89(428); mean block 60 sessions or three windows if
that is longer), which keeps its fat tails and its clustering and destroys any jointness. A threshold is the smallest
one of a grid at which such histories give the verdict less often than its nominal rate. Windows that overlap, or
follow one another without a window's length between them, are one alarm.

- `joint`, in slow sigmas: from whole histories, and for every set of groups that the data have had since 1990 (with
  fewer groups, three are easier to come by), the same for all window lengths: the largest up to 20 sessions.
- `partial`, `isolated`, in multiples of a class's own scale: from quiet histories, the sessions outside all windows
  with the verdict `joint`. In a whole history every crisis would count once for each class, on days of its own. The
  scale is the depth that the class exceeds in 1 % of its quiet windows: a class of one volatile series is far down
  more often than the mean of nine, and would take up all the alarms. The 1 % point is known well even for crypto; the
  multiple, which is about the far tail, is shared by all classes.

Run:  python validation/verdict_thresholds.py [--home FOLDER] [--write]
"""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from selloff.catalog import AssetClass, default_catalogue
from selloff.catalog.sessions import load_sessions
from selloff.detection.base_rate import count_spells
from selloff.detection.depth import bound_class_history, sigma_history
from selloff.detection.rarity import SESSIONS_PER_YEAR
from selloff.detection.verdict import VERDICTS, Thresholds, group_depths, is_joint, verdict_codes
from selloff.panel import build_panel
from selloff.settings import load_settings
from selloff.store import Store

CUT = datetime(2026, 2, 28, tzinfo=UTC)
FIRST = np.datetime64("1990-01-01")
YEARS = 4000
SEED = 20200101
SHORTEST_BLOCK = 60
LENGTHS = (1, 3, 5, 10, 20, 60)
SEARCHED = 20
"""Longest window whose joint falls make a session not quiet, and that the joint threshold must hold for."""

FEWEST_GROUPS = 3
NOMINAL = {"joint": 1 / 10, "partial": 1 / 3, "isolated": 12.0}
OTHER_RATES = (1.0, 2.0, 4.0, 12.0)
"""Nominal rates of `isolated` that the docs show beside the shipped one."""

SIGMAS = np.round(np.arange(1.0, 8.0, 0.05), 2)
MULTIPLES = np.round(np.arange(0.4, 6.0, 0.01), 2)
TAIL = 0.01


@dataclass(frozen=True)
class Row:
    """Thresholds of one window length: two multiples, and the scale of each class in slow sigmas."""

    length: int
    partial: float
    isolated: float
    scales: dict[str, float]


def stationary_bootstrap(values: np.ndarray, size: int, mean_block: int, random: np.random.Generator) -> np.ndarray:
    """A series of that size, of blocks of geometric length from random places, wrapped round."""
    restart = random.random(size) < 1.0 / mean_block
    restart[0] = True
    starts = random.integers(0, len(values), size)
    last = np.maximum.accumulate(np.where(restart, np.arange(size), 0))
    return values[(starts[last] + np.arange(size) - last) % len(values)]


def resampled(history: np.ndarray, length: int, random: np.random.Generator, years: int = YEARS) -> np.ndarray:
    """Every class resampled on its own, (years × 252, n_classes)."""
    size, block = years * SESSIONS_PER_YEAR, max(SHORTEST_BLOCK, 3 * length)
    return np.column_stack([stationary_bootstrap(c[~np.isnan(c)], size, block, random) for c in history.T])


def smallest(score: np.ndarray, grid: np.ndarray, length: int, rate: float) -> float:
    """The smallest value of the grid that fewer than `rate` alarms a year reach; `score` is minus the k-th worst."""
    low, high = 0, len(grid) - 1
    while low < high:
        middle = (low + high) // 2
        if count_spells(score >= grid[middle], length) / YEARS < rate:
            high = middle
        else:
            low = middle + 1
    return float(grid[low])


def compositions(by_group: np.ndarray) -> list[tuple[int, ...]]:
    """The sets of groups that were present together, at least three of them, on a tenth of a year's sessions or
    more."""
    found, counts = np.unique(~np.isnan(by_group), axis=0, return_counts=True)
    kept = [tuple(np.flatnonzero(f)) for f, c in zip(found, counts, strict=True) if c >= SESSIONS_PER_YEAR / 10]
    return [c for c in kept if len(c) >= FEWEST_GROUPS]


def in_joint_fall(histories: dict[int, np.ndarray], groups: list[str], joint: float) -> np.ndarray:
    """Sessions inside any window of at most 20 sessions with the verdict `joint`."""
    inside = np.zeros(len(next(iter(histories.values()))), dtype=bool)
    for length in (n for n in LENGTHS if n <= SEARCHED):
        for row in np.flatnonzero(is_joint(group_depths(histories[length], groups), joint, FEWEST_GROUPS)):
            inside[max(0, row - length + 1) : row + 1] = True
    return inside


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=load_settings().home)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    catalogue = default_catalogue()
    sessions = load_sessions(options.home / "cache", last_year=2027)
    n_rows = int(np.searchsorted(sessions.dates, np.datetime64("2026-02-28")))
    classes = [c for c in catalogue.classes.values() if c.members]
    groups = [c.group for c in classes]
    ids = [s for c in classes for member in c.members for s in member]
    panel = build_panel(Store(options.home / "store"), catalogue, ids, sessions, n_rows=n_rows, as_of=CUT)
    since = panel.sessions >= FIRST
    histories = {n: bound_class_history(panel, sigma_history(panel, n, n_rows - 1), classes)[since] for n in LENGTHS}
    if absent := [c.id for c, known in zip(classes, ~np.isnan(histories[1]).all(axis=0), strict=True) if not known]:
        raise SystemExit(
            f"{options.home} has no history of {', '.join(absent)}. Import the data first, or name --home."
        )
    digest = hashlib.sha256(b"".join(np.round(h, 6).tobytes() for h in histories.values())).hexdigest()
    random = np.random.default_rng(SEED)

    joint: dict[int, float] = {}
    for n in LENGTHS:
        by_group = group_depths(resampled(histories[n], n, random), groups)
        worst = []
        for present in compositions(group_depths(histories[n], groups)):
            k = int(max(FEWEST_GROUPS, np.ceil(len(present) / 2)))
            score = -np.sort(by_group[:, present], axis=1)[:, k - 1]
            worst.append((smallest(score, SIGMAS, n, NOMINAL["joint"]), len(present)))
        joint[n] = max(worst)[0]
        print(f"joint {n:3d} sessions: by number of groups {sorted({(k, d) for d, k in worst})}")
    down = max(v for n, v in joint.items() if n <= SEARCHED)
    inside = in_joint_fall(histories, groups, down)
    print(f"joint threshold {down:.2f}; {100 * inside.mean():.1f} % of sessions inside a joint fall")
    rows = [quiet_thresholds(histories[n], n, inside, classes, down, random) for n in LENGTHS]
    print(f"inputs sha256 {digest}")
    if options.write:
        target = Path(__file__).parents[1] / "src/selloff/detection/thresholds.toml"
        target.write_text(toml(rows, down, digest), encoding="utf-8")


def quiet_thresholds(
    history: np.ndarray,
    length: int,
    inside: np.ndarray,
    classes: list[AssetClass],
    joint: float,
    random: np.random.Generator,
) -> Row:
    """Scale of each class and the two multiples, with the rates that they give, for one window length."""
    groups = [c.group for c in classes]
    touched = np.convolve(inside, np.ones(length))[: len(inside)] > 0
    quiet = np.where(touched[:, None], np.nan, history)
    scales = np.round(np.nanquantile(-quiet, 1 - TAIL, axis=0), 2)
    again = resampled(quiet, length, random)
    worst = np.sort(group_depths(again / scales, groups), axis=1)
    partial = smallest(-worst[:, 1], MULTIPLES, length, NOMINAL["partial"])
    isolated = max(partial, smallest(-worst[:, 0], MULTIPLES, length, NOMINAL["isolated"]))
    if length == 1:
        for rate in OTHER_RATES:
            multiple = smallest(-worst[:, 0], MULTIPLES, length, rate)
            print(f"    at {rate:.0f} a year: " + ", ".join(f"{x:.1f}" for x in multiple * scales))
    named = {c.id: float(s) for c, s in zip(classes, scales, strict=True)}
    rule = Thresholds(joint, partial, isolated, FEWEST_GROUPS, named)
    afresh = np.random.default_rng([SEED, length])
    rates = alarm_rates(resampled(quiet, length, afresh), classes, rule, length)
    shown = ", ".join(f"{v} {r:.3f}" for v, r in rates.items())
    print(f"{length:3d} sessions: partial {partial:.2f}, isolated {isolated:.2f} scales; a year, afresh: {shown}")
    print("    isolated at " + ", ".join(f"{c} {isolated * s:.2f}" for c, s in named.items()))
    return Row(length, partial, isolated, named)


def alarm_rates(depths: np.ndarray, classes: list[AssetClass], rule: Thresholds, length: int) -> dict[str, float]:
    """Alarms a year of each verdict in a history of depths, (n_windows, n_classes)."""
    years = len(depths) / SESSIONS_PER_YEAR
    code = verdict_codes(depths, classes, rule)
    return {v: count_spells(code == VERDICTS.index(v), length) / years for v in NOMINAL}


def toml(rows: list[Row], joint: float, digest: str) -> str:
    """The file's text."""
    head = (
        "# Depths of the verdict rule by window length. Made by validation/verdict_thresholds.py --write from\n"
        "# resampled histories; no event enters. Rule and nominal rates: docs/method.md. `joint` is in slow sigmas;\n"
        "# `partial` and `isolated` are multiples of a class's scale, the slow sigmas that 1 % of its quiet windows\n"
        "# exceed.\n"
        f'script = "validation/verdict_thresholds.py"\ninputs_sha256 = "{digest}"\n'
        f'inputs = "depths of all classes since {FIRST} to {CUT:%Y-%m-%d}, rounded to six digits"\n'
        f"fewest_groups = {FEWEST_GROUPS}\njoint = {joint:.2f}\n"
    )
    rates = "\n[nominal_per_year]\n" + "".join(f"{k} = {v:.4g}\n" for k, v in NOMINAL.items())
    body = ""
    for row in rows:
        body += f"\n[[length]]\nsessions = {row.length}\npartial = {row.partial:.2f}\nisolated = {row.isolated:.2f}\n"
        body += "".join(f"scale.{c} = {s:.2f}\n" for c, s in row.scales.items())
    return head + rates + body


if __name__ == "__main__":
    main()
