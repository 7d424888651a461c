"""Our daily policy shock against the 30-minute policy shocks of Jarociński and Karadi (2020)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from selloff.catalog.sessions import Sessions
from selloff.errors import ScorecardError
from selloff.panel.transforms import Floats
from selloff.scorecard.inputs import read_columns
from selloff.scorecard.tier import Interval, Row
from selloff.scorecard.uncertainty import at_least, mean_of, permutation_note, permutation_p, resampled, seed_of
from selloff.scorecard.weighed_days import WeighedDay

NEW_YORK = ZoneInfo("America/New_York")
SHOCKS = ("pc1", "MP_median")
"""Their whole surprise in rates, and the part they call monetary policy (median rotation)."""

BLOCK = 8
"""Announcements a year: blocks keep a cycle's worth together."""

PERMUTATIONS = 2000
MEASURES = ("shock_2y", "policy_2y", "policy_spx", "move_2y")
NAMES = {
    "shock_2y": "our policy shock of the announcement",
    "policy_2y": "what policy_tightening moved the 2-year yield by",
    "policy_spx": "what policy_tightening moved the S&P 500 by, sign turned over",
    "move_2y": "the day's change of the 2-year yield",
}
CLAIMS = {"gain": "shock_2y", "gain_policy_2y": "policy_2y"}
"""What has to agree more often than the 2-year yield alone."""


@dataclass(frozen=True)
class Announcements:
    """Announcements by the session in which prices answer, in order of date; a session's announcements are added up.

    `shock` : (n, 2), columns as `SHOCKS`.
    """

    days: tuple[date, ...]
    shock: Floats


def read_announcements(path: Path, sessions: Sessions) -> Announcements:
    """The shocks out of the published file; rows without a number are left out.

    Raises
    ------
    ScorecardError : a time can't be read.
    """
    frame = read_columns(path, ("start", *SHOCKS)).drop_nulls()
    summed: dict[date, Floats] = {}
    for start, *shocks in frame.iter_rows():
        try:
            moment = datetime.fromisoformat(str(start)).replace(tzinfo=NEW_YORK)
        except ValueError as error:
            raise ScorecardError(f"{path.name}: {start!r} is no time.", "Give the file as published.") from error
        row = int(np.searchsorted(sessions.closes, int(moment.timestamp() * 1e6)))
        if 0 < row < len(sessions.dates):
            day = sessions.dates[row].item()
            summed[day] = summed.get(day, np.zeros(len(SHOCKS))) + np.array(shocks, dtype=np.float64)
    days = tuple(sorted(summed))
    return Announcements(days, np.array([summed[d] for d in days]).reshape(len(days), len(SHOCKS)))


def agreement(ours: Floats, theirs: Floats) -> Floats:
    """1 where signs agree, 0 where they don't, one half where either is zero."""
    return np.asarray(0.5 + 0.5 * np.sign(ours) * np.sign(theirs))


def _measured(days: tuple[date, ...], weighed: Mapping[date, WeighedDay]) -> tuple[Floats, Floats]:
    """Measures of the days that have all of them, (n, 4), and which days those are, (n_days,)."""
    table = np.full((len(days), len(MEASURES)), np.nan)
    for i, day in enumerate(days):
        if day in weighed:
            values = [getattr(weighed[day], m) for m in MEASURES]
            table[i] = [np.nan if v is None else float(v) for v in values]
    table[:, MEASURES.index("policy_spx")] *= -1.0
    whole = ~np.isnan(table).any(axis=1)
    return table[whole], whole


def rows(announcements: Announcements, weighed: Mapping[date, WeighedDay]) -> tuple[list[Row], int]:
    """Sign agreement of each measure, the paired differences, the larger half; and how many days were left out."""
    table, whole = _measured(announcements.days, weighed)
    out = []
    for column, shock in enumerate(SHOCKS):
        theirs = announcements.shock[whole, column]
        if len(theirs) == 0:
            continue
        large = np.abs(theirs) >= np.median(np.abs(theirs))
        for part, keep in (("", np.ones(len(theirs), dtype=bool)), ("_large", large)):
            where = f"{shock}{', larger half' if part else ''}"
            agree = np.column_stack([agreement(table[keep, m], theirs[keep]) for m in range(len(MEASURES))])
            seed = seed_of(shock, part, len(agree))
            n = len(agree)
            for m, measure in enumerate(MEASURES):
                value = resampled(agree[:, m], mean_of, seed, block=BLOCK)
                name = f"Sign of {shock} matched by {NAMES[measure]}{', larger half' if part else ''}"
                p = _permutation(table[keep, m], theirs[keep], seed)
                note = permutation_note(p)
                out.append(Row(f"{shock.lower()}_{measure}{part}", name, value, n=n, note=note))
            for claim, measure in CLAIMS.items():
                ours, plain = MEASURES.index(measure), MEASURES.index("move_2y")
                difference = resampled(agree[:, ours] - agree[:, plain], mean_of, seed, block=BLOCK)
                name = f"Gain in agreement over the 2-year change: {NAMES[measure]}, {where}"
                verdict = at_least(difference, 0.0)
                # equal to the baseline everywhere is no gain: only an interval above zero beats it
                verdict = "open" if difference == Interval(0.0, 0.0, 0.0) else verdict
                out.append(Row(f"{shock.lower()}_{claim}{part}", name, difference, verdict, "> 0", n, "paired"))
    return out, len(whole) - int(whole.sum())


def _permutation(ours: Floats, theirs: Floats, seed: int) -> float:
    """p-value of the agreement when the announcements' shocks are dealt out anew."""
    random = np.random.default_rng(seed)
    null = [float(agreement(ours, random.permutation(theirs)).mean()) for _ in range(PERMUTATIONS)]
    return permutation_p(float(agreement(ours, theirs).mean()), null)
