"""The event tier: central bank announcements, onsets of wars, rises of margins, crypto events; each with a null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from selloff.errors import ScorecardError
from selloff.scorecard.event import margin_rises, matched, policy
from selloff.scorecard.event.matched import Stratum, auc_rows, difference_row, lifts, strata
from selloff.scorecard.inputs import find_input, read_columns
from selloff.scorecard.tier import Interval, Row, ScoreContext, TierResult, count_misses
from selloff.scorecard.uncertainty import mean_of, resampled, seed_of
from selloff.scorecard.weighed_days import WeighedDay, weigh_days

JK_FILE = "jk_shocks_fed_by_announcement.csv"
CRYPTO_FILE = "farzulla_crypto_events_2019_2025.csv"
ONSETS = "geopolitical_onsets"
ONSET_ITEM = "geopolitical_onset"
"""The item of direct evidence that reads the table of onsets: evidence and label at once, so it is left out there."""
GROUPS = ("Regulatory", "Infrastructure")
UNTOLD = "without the item of dated onsets"
NOTHING = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class CryptoEvents:
    """Sessions of crypto events, by the type their author gave them."""

    days: dict[str, tuple[date, ...]]
    skipped: int


def read_crypto(path: Path, context: ScoreContext) -> CryptoEvents:
    """Events out of the file, on the first session at or after their day.

    Raises
    ------
    ScorecardError : a day can't be read.
    """
    days: dict[str, list[date]] = {g: [] for g in GROUPS}
    skipped = 0
    for text, kind in read_columns(path, ("date", "type")).iter_rows():
        try:
            day = date.fromisoformat(str(text))
        except ValueError as error:
            raise ScorecardError(f"{path.name}: {text!r} is no day.", "Write it as YYYY-MM-DD.") from error
        row = int(np.searchsorted(context.sessions.dates, np.datetime64(day)))
        if kind in days and row < len(context.sessions.dates):
            days[kind].append(context.sessions.dates[row].item())
        else:
            skipped += 1
    return CryptoEvents({g: tuple(sorted(set(d))) for g, d in days.items()}, skipped)


@dataclass(frozen=True)
class EventTier:
    """Dated events that the program was not told of.

    onsets : the catalogue's table of them. margin_item : the item of evidence whose notices are scored.
    """

    onsets: str = ONSETS
    margin_item: str = margin_rises.ITEM
    id: str = "event"
    name: str = "Dated events"

    def run(self, context: ScoreContext) -> TierResult:
        """Weigh every event's session and its matched days as known the morning after, and score.

        Raises
        ------
        ScorecardError : a file is malformed.
        """
        skipped: dict[str, int] = {}
        jk, crypto = find_input(context, "jk_shocks", JK_FILE), find_input(context, "crypto_events", CRYPTO_FILE)
        announcements = policy.read_announcements(jk, context.sessions) if jk else None
        events = read_crypto(crypto, context) if crypto else None
        onsets = self._onsets(context)
        last = context.now.date()
        groups = {kind: strata(days, context.sessions, last, seed_of(kind)) for kind, days in onsets.items()}
        margins = margin_rises.spans(context, self.margin_item)
        coins = {g: strata(d, context.sessions, last, seed_of(g)) for g, d in events.days.items()} if events else {}
        weighed = weigh_days(context, [*(announcements.days if announcements else ()), *_days(coins)])
        untold = weigh_days(context, _days(groups), without=(ONSET_ITEM,))
        unnoticed = weigh_days(context, margin_rises.days_of(margins), without=(self.margin_item,))
        rows: list[Row] = []
        if announcements is not None:
            found, left = policy.rows(announcements, weighed)
            rows += found
            skipped["announcements before the table of them, or without yields, the S&P 500 or a testable cause"] = left
        else:
            rows.append(_missing("policy", "Our policy shock against 30-minute shocks", JK_FILE))
        rows += _onset_rows(groups, untold, skipped)
        rows += margin_rises.rows(margins, unnoticed, skipped)
        if events is not None:
            rows += _crypto_rows(coins, weighed, skipped)
        else:
            rows.append(_missing("crypto", "Crypto events: regulation against infrastructure", CRYPTO_FILE))
        return TierResult(
            id=self.id,
            name=self.name,
            summary=f"{count_misses(rows)}.",
            rows=tuple(rows),
            skipped={k: v for k, v in skipped.items() if v},
            notes=NOTES,
        )

    def _onsets(self, context: ScoreContext) -> dict[str, list[date]]:
        """Sessions of the onsets known by now, by kind: surprises and expected ones."""
        days: dict[str, list[date]] = {"surprise": [], "expected": []}
        tables = [self.onsets] if self.onsets in context.catalogue.events.tables else []
        for event in context.catalogue.events.events_known(context.now, tables):
            day = event.reacts_on(context.sessions)
            if day is not None and event.kind in days:
                days[event.kind].append(day)
        return days


NOTES = (
    "Our policy shock is that of docs/policy-shock.md; policy_tightening's part is its posterior mean, as known the "
    "morning after, told by direct evidence that there was an announcement.",
    "Intervals: 90 %, circular blocks of eight announcements; permutation nulls deal the shocks out anew.",
    f"Matched days: {matched.MATCHED} sessions from half a year on either side of each event, away from every event.",
    "Days are weighed with the direct evidence of their morning note, as in `explain`.",
    "Announcements: that there was one is evidence; its sign, which is scored, is not.",
    "Onsets and their matched days: the evidence item of dated onsets is left out, since it reads the table that is "
    "scored. News indices of geopolitical risk stay, as far as known the morning after.",
    "Rises of metal margins: the eleven sessions on which the item of margin notices would speak, by their mean log "
    "odds, against as many without. That item is left out; run-ups, which rises of margins follow, stay.",
    "Crypto events: no item of direct evidence reads their list, so nothing is left out; what the items say of the "
    "outcome to which crypto_specific belongs counts.",
    "Crypto events were chosen and coded by one author, with hindsight; both sorts belong to crypto_specific, so the "
    "program does not claim to tell them apart.",
)


def _days(groups: Mapping[str, Sequence[Stratum]]) -> list[date]:
    return [day for found in groups.values() for stratum in found for day in (stratum.day, *stratum.matched)]


def _missing(id: str, name: str, file: str) -> Row:
    return Row(id, name, NOTHING, n=0, note=f"not run: no file {file}")


def _count(skipped: dict[str, int], what: str, found: Sequence[Stratum], scored: int) -> None:
    if len(found) > scored:
        skipped[what] = skipped.get(what, 0) + len(found) - scored


def _onset_rows(
    groups: dict[str, tuple[Stratum, ...]], weighed: dict[date, WeighedDay], skipped: dict[str, int]
) -> list[Row]:
    rows: list[Row] = []
    for kind, found in groups.items():
        values = lifts(found, weighed, "geopolitics")
        _count(skipped, f"{kind} onsets on which geopolitics is not testable", found, len(values))
        new = auc_rows(values, f"onsets_{kind}", f"geopolitics ({kind} onsets)")
        new = [replace(r, note="; ".join(filter(None, [r.note, UNTOLD]))) for r in new]
        if kind == "expected":
            new = [replace(r, verdict="open", aim="") for r in new]
        rows += new
        scored = [weighed[s.day] for s in found if s.day in weighed and "geopolitics" in weighed[s.day].probability]
        inside = np.array([float("geopolitics" in w.trigger_set) for w in scored])
        value = resampled(inside, mean_of, seed_of(kind, len(inside)))
        rows.append(
            Row(
                f"onsets_{kind}_in_set",
                f"Geopolitics in the reported set, {kind} onsets",
                value,
                n=len(inside),
                note=UNTOLD,
            )
        )
    return rows


def _crypto_rows(
    groups: dict[str, tuple[Stratum, ...]], weighed: dict[date, WeighedDay], skipped: dict[str, int]
) -> list[Row]:
    rows: list[Row] = []
    own = {}
    for group, found in groups.items():
        values = lifts(found, weighed, "crypto_specific")
        _count(skipped, f"{group.lower()} crypto events on which crypto_specific is not testable", found, len(values))
        rows += auc_rows(values, f"crypto_{group.lower()}", f"crypto_specific ({group.lower()} events)")
        own[group] = np.array([v[0] for v in values])
    name = "Log odds of crypto_specific, regulation less infrastructure"
    rows.append(difference_row(own[GROUPS[0]], own[GROUPS[1]], "crypto_difference", name))
    return rows


def tier() -> EventTier:
    """The tier."""
    return EventTier()
