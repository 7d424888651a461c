"""Dated events against matched days: does a cause's probability rise on its own events?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from selloff.catalog.sessions import Sessions
from selloff.panel.transforms import Floats
from selloff.scorecard.tier import Interval, Row, Verdict
from selloff.scorecard.uncertainty import mean_of, permutation_note, permutation_p, resampled, seed_of
from selloff.scorecard.weighed_days import WeighedDay

REACH = 125
"""Sessions on either side from which an event's matched days come: half a year, so that the regime is the same."""

CLEAR = 5
"""Sessions round any event of the table that no matched day may come from."""

MATCHED = 3
PERMUTATIONS = 2000
SMALLEST_P = 0.05


@dataclass(frozen=True)
class Stratum:
    """One event's session and the days that it is compared with."""

    day: date
    matched: tuple[date, ...]


def strata(days: Sequence[date], sessions: Sessions, last: date, seed: int) -> tuple[Stratum, ...]:
    """Matched days for each event: drawn from the half year on either side, away from every event.

    Parameters
    ----------
    days : sessions of the events. last : no matched day is later.
    """
    rows = sorted({row for day in days if (row := sessions.position(day)) is not None})
    end = int(np.searchsorted(sessions.dates, np.datetime64(last), side="right"))
    taken = {r + k for r in rows for k in range(-CLEAR, CLEAR + 1)}
    found = []
    for row in rows:
        near = [r for r in range(max(1, row - REACH), min(end, row + REACH + 1)) if r not in taken]
        random = np.random.default_rng([seed % 2**32, row])
        chosen = sorted(int(r) for r in random.choice(near, min(MATCHED, len(near)), replace=False)) if near else []
        found.append(Stratum(sessions.dates[row].item(), tuple(sessions.dates[r].item() for r in chosen)))
    return tuple(found)


def log_odds_lift(weighed: WeighedDay, cause: str) -> float | None:
    """Log odds of a cause over those of its prior; None if it was not testable."""
    if cause not in weighed.probability:
        return None
    p, prior = (min(max(x, 1e-12), 1 - 1e-12) for x in (weighed.probability[cause], weighed.prior[cause]))
    return float(np.log(p / (1 - p)) - np.log(prior / (1 - prior)))


def lifts(found: Sequence[Stratum], weighed: Mapping[date, WeighedDay], cause: str) -> list[Floats]:
    """Log odds lift of each event, first, and of its matched days; events that can't be scored are left out."""
    out = []
    for stratum in found:
        values = [log_odds_lift(weighed[d], cause) if d in weighed else None for d in (stratum.day, *stratum.matched)]
        known = [v for v in values if v is not None]
        if values[0] is not None and len(known) > 1:
            out.append(np.array(known))
    return out


def wins(values: Floats) -> float:
    """Share of an event's matched days with a lower value, ties counting half: its part of the area under the ROC."""
    return float(np.mean(0.5 + 0.5 * np.sign(values[0] - values[1:])))


def _null_area(groups: Sequence[Floats], seed: int) -> Floats:
    """Areas if any day of an event and its matched days might have been the event's, (PERMUTATIONS,)."""
    random = np.random.default_rng(seed)
    total = np.zeros(PERMUTATIONS)
    for values in groups:
        each = np.array([wins(np.roll(values, -k)) for k in range(len(values))])
        total += each[random.integers(len(values), size=PERMUTATIONS)]
    return np.asarray(total / max(len(groups), 1))


def auc_rows(groups: Sequence[Floats], id: str, what: str, matched: str = "on a matched day") -> list[Row]:
    """Area under the ROC against matched days, with a permutation null, and the mean lift.

    Parameters
    ----------
    groups : by event, its value first, then those it is compared with. what, matched : words for both.
    """
    seed = seed_of(id, len(groups))
    won = np.array([wins(g) for g in groups])
    area = resampled(won, mean_of, seed)
    null = _null_area(groups, seed)
    p = permutation_p(area.mid, null) if groups else float("nan")
    verdict: Verdict = "open" if not groups else "passed" if p < SMALLEST_P else "failed"
    lift = resampled(np.array([g[0] for g in groups]), mean_of, seed)
    note = permutation_note(p) if groups else "no event could be scored"
    return [
        Row(
            f"{id}_auc",
            f"How often {what} is likelier than {matched}",
            area,
            verdict,
            "p < 0.05",
            len(won),
            note,
        ),
        Row(f"{id}_lift", f"Log odds of {what} over its prior on its events", lift, n=len(groups)),
    ]


def difference_row(first: Floats, second: Floats, id: str, name: str) -> Row:
    """Mean of one group less that of another, with a label permutation; intervals from resampling each group."""
    seed = seed_of(id, len(first), len(second))
    if len(first) < 2 or len(second) < 2:
        nothing = Interval(float("nan"), float("nan"), float("nan"))
        return Row(id, name, nothing, n=len(first) + len(second), note="not run: too few events")
    random = np.random.default_rng(seed)
    mid = float(first.mean() - second.mean())
    drawn = [
        float(random.choice(first, len(first)).mean() - random.choice(second, len(second)).mean())
        for _ in range(PERMUTATIONS)
    ]
    both = np.concatenate([first, second])
    null = []
    for _ in range(PERMUTATIONS):
        mixed = random.permutation(both)
        null.append(abs(float(mixed[: len(first)].mean() - mixed[len(first) :].mean())))
    low, high = np.quantile(drawn, [0.05, 0.95])
    p = permutation_p(abs(mid), null)
    return Row(id, name, Interval(mid, float(low), float(high)), n=len(both), note=f"two-sided {permutation_note(p)}")
