"""Make `src/selloff/detection/sequence/thresholds.toml`, and check the sequence on histories with a planted truth.

Bars of Bitcoin and Ether (the two with years of hourly bars) are read window by window as the program reads them: the
pattern from the 20 sessions before, then each step of the window. Each session's steps are then turned round or not by
a fair coin (wild bootstrap: Wu 1986, Annals of Statistics 14(4); the sizes, their clustering and the course of the day
stay, the direction goes). The threshold of a length is the 95 % quantile of the deepest fall. No event, label or date
enters. The funds' few months of bars are only checked against it.

Then, at those thresholds, a fall of known start is planted in such histories: share found, share of alarms before it,
coverage of the 90 % interval, and how often an order that was told is wrong.

Run:  python validation/sequence_thresholds.py [--home FOLDER] [--write]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from selloff.catalog import default_catalogue
from selloff.catalog.sessions import Sessions, load_sessions
from selloff.detection.sequence.bars import Bars, Instants, trading_bars
from selloff.detection.sequence.history import LOOK_BACK, Readable, read_window
from selloff.detection.sequence.onset import CONFIDENCE, deepest, find_onset
from selloff.detection.sequence.order import before
from selloff.detection.sequence.sequence import bars_of, opening_instants
from selloff.settings import load_settings
from selloff.store import Store

CUT = datetime(2026, 2, 28, tzinfo=UTC)
LENGTHS = (1, 2, 3, 5, 10, 20)
LEVEL = 0.05
FLIPS = 2
MAKES = ("btc_hourly", "eth_hourly")
CHECKS = ("spy_hourly", "qqq_hourly", "gld_hourly", "iwm_hourly", "tlt_hourly", "hyg_hourly")
MOST_WINDOWS = 500
PLANTED = 200
DEPTHS = (1.3, 1.7)
"""Planted falls, in thresholds."""


@dataclass(frozen=True)
class Quiet:
    """One window: steps, their usual variances, the session of each step, and the instants of the bars."""

    steps: np.ndarray
    variances: np.ndarray
    session: np.ndarray
    ends: Instants
    length: int

    def flipped(self, random: np.random.Generator) -> np.ndarray:
        """The steps with each session turned round or not."""
        return self.steps * random.choice([-1.0, 1.0], self.session.max() + 1)[self.session]

    @property
    def per_session(self) -> float:
        """Usual variance of one session."""
        return float(self.variances.sum()) / self.length


def price(steps: np.ndarray) -> np.ndarray:
    """Log prices from their steps, starting at zero."""
    return np.concatenate([[0.0], np.cumsum(steps)])


def windows(bars: Bars, sessions: Sessions, opens: Instants, length: int, name: str) -> list[Quiet]:
    """Windows of that many sessions, evenly spread over the bars."""
    first = int(np.searchsorted(sessions.closes, bars.ends[0])) + LOOK_BACK + 1
    last = int(np.searchsorted(sessions.closes, bars.ends[-1], side="right")) - 1
    ends = np.arange(first + length, last + 1)
    found = []
    for row in ends[:: max(1, len(ends) // MOST_WINDOWS)]:
        base = row - length
        span = [int(np.searchsorted(bars.ends, sessions.closes[r], side="right")) for r in (base - LOOK_BACK, row)]
        part = bars.part(*span)
        if not len(part.ends):
            continue
        read = read_window([(name, part)], int(sessions.closes[base]), int(opens[row]))
        if isinstance(read, Readable):
            session = np.searchsorted(sessions.closes[base + 1 : row + 1], read.bars.ends[1:])
            found.append(Quiet(np.diff(read.bars.logs), read.variances, session, read.bars.ends, length))
    return found


def planted(quiet: Quiet, kind: str, sigmas: float, random: np.random.Generator) -> tuple[np.ndarray, int]:
    """Steps with a fall whose first step is known: at once, over a session's usual variance, or to the end."""
    steps, n = quiet.flipped(random), len(quiet.steps)
    start = int(random.integers(n // 6, 2 * n // 3))
    clock = np.cumsum(quiet.variances[start:])
    share = {
        "at once": clock <= clock[0],
        "over a session": clock <= max(quiet.per_session, clock[0]),
        "to the end": clock > 0,
    }[kind]
    part = np.where(share, quiet.variances[start:], 0.0)
    depth = sigmas * np.sqrt(max(quiet.per_session, part.sum()))
    steps[start:] -= depth * part / part.sum()
    return steps, start


def check(all_windows: dict[int, list[Quiet]], thresholds: dict[int, float], random: np.random.Generator) -> None:
    """Print coverage, power, and how often a told order is wrong."""
    told = wrong = pairs = 0
    for length, pool in all_windows.items():
        limit = thresholds[length]
        for kind in ("at once", "over a session", "to the end"):
            for sigmas in (limit * d for d in DEPTHS):
                found = covered = early = 0
                last = None
                for _ in range(PLANTED):
                    quiet = pool[int(random.integers(len(pool)))]
                    steps, start = planted(quiet, kind, sigmas, random)
                    onset = find_onset(price(steps), quiet.variances, quiet.per_session, limit)
                    if onset is None:
                        continue
                    if onset.alarm <= start:
                        early += 1
                        continue
                    found += 1
                    covered += onset.low <= start <= onset.high
                    ends = quiet.ends - quiet.ends[0]
                    this = (ends[: onset.alarm + 1], onset.weights, ends[onset.low], ends[onset.high + 1], ends[start])
                    if last is not None:
                        pairs += 1
                        chance = before([this[:2], last[:2]])[0, 1]
                        one, other = (this, last) if chance >= 0.5 else (last, this)
                        if one[3] <= other[2] and max(chance, 1 - chance) >= CONFIDENCE:
                            told += 1
                            wrong += one[4] >= other[4]
                    last = this
                print(
                    f"{length:3d} sessions, {kind:14s} {sigmas:4.1f} σ: found {found / PLANTED:.2f}, "
                    f"alarm before it {early / PLANTED:.2f}, covered {covered / max(found, 1):.3f}"
                )
    print(f"order told in {told / pairs:.2f} of pairs, wrong in {wrong / max(told, 1):.3f} of those told")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=load_settings().home)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    catalogue = default_catalogue()
    sessions = load_sessions(options.home / "cache", last_year=2027)
    names = [*MAKES, *CHECKS]
    observations = Store(options.home / "store").read([catalogue.series[n] for n in names], CUT)
    bars = bars_of(observations, catalogue, names, 0, int(CUT.timestamp() * 1e6))
    opens = opening_instants(sessions.dates)
    random = np.random.default_rng(20200101)
    found: dict[int, list[Quiet]] = {}
    thresholds = {}
    for length in LENGTHS:
        found[length] = [w for n in MAKES for w in windows(bars[n], sessions, opens, length, n)]
        deep = [
            deepest(price(w.flipped(random)), w.variances, w.per_session) for w in found[length] for _ in range(FLIPS)
        ]
        thresholds[length] = round(float(np.quantile(deep, 1 - LEVEL)), 2)
        funds = [
            w
            for n in CHECKS
            for w in windows(trading_bars(bars[n], opens, sessions.closes), sessions, opens, length, n)
        ]
        alarms = [
            deepest(price(w.flipped(random)), w.variances, w.per_session) >= thresholds[length]
            for w in funds
            for _ in range(FLIPS)
        ]
        plain = [
            deepest(price(random.standard_normal(len(w.steps)) * np.sqrt(w.variances)), w.variances, w.per_session)
            for w in found[length]
        ]
        print(
            f"{length:3d} sessions: threshold {thresholds[length]:.2f} from {len(deep)} histories; Gaussian "
            f"{np.quantile(plain, 1 - LEVEL):.2f}; funds alarm in {np.mean(alarms):.3f} of {len(alarms)}"
        )
    check(found, thresholds, random)
    if options.write:
        target = Path(__file__).parents[1] / "src/selloff/detection/sequence/thresholds.toml"
        target.write_text(
            "# Made by validation/sequence_thresholds.py from resampled histories; see there.\n"
            f"sessions = {list(LENGTHS)}\nsigmas = {[thresholds[n] for n in LENGTHS]}\n"
        )


if __name__ == "__main__":
    main()
