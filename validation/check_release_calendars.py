"""Check the release calendars of the catalogue: FOMC announcements, payrolls, CPI.

Reads `src/selloff/catalog/data/calendar/*.toml` and the dated FOMC labels of the shared data folder
(`SELLOFF_SHARED`, by default `../shared` beside the repository). Prints a summary; exits with 1 and one
line per fault if a calendar breaks a rule. Needs nothing but the standard library.

    python validation/check_release_calendars.py
"""

from __future__ import annotations

import csv
import os
import re
import sys
import tomllib
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CALENDARS = ROOT / "src" / "selloff" / "catalog" / "data" / "calendar"
SHARED = Path(os.environ.get("SELLOFF_SHARED", ROOT.parent / "shared"))
LABELS = ("jk_fomc_surprises_1988_2024.csv", "jk_shocks_fed_by_announcement.csv")

HEADER = {"id", "name", "time", "zone", "source", "note", "unverified_years"}
FIRST, LAST = (1990, 1), (2026, 2)
CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")

# Day of the month on which a release that is no exception may fall.
WINDOWS = {"payrolls": range(1, 15), "cpi": range(9, 25)}
# Months whose number of releases is not one, and months that never had a report of their own.
ODD_MONTHS = {
    "payrolls": {(2025, 10): 0},
    "cpi": {(1996, 1): 0, (1996, 2): 2, (2025, 11): 0},
}
NO_REPORT = {"payrolls": {"2025-10"}, "cpi": {"2025-10"}}

FOMC_WEEKENDS = {date(2010, 5, 9), date(2020, 3, 15)}
FOMC_SCHEDULED = dict.fromkeys(range(1994, 2027), 8) | {2020: 7}  # March 2020 was cancelled
# The labels' times that the calendar does not follow, with the reason.
OTHER_TIMES = {
    (date(2005, 5, 3), "16:00"): "correction of the statement of 14:15",
    (date(2007, 8, 17), "08:00"): "the text went out on the wires at 08:15",
}


def months() -> list[tuple[int, int]]:
    """Every (year, month) from `FIRST` to `LAST`."""
    spans = [(year, month) for year in range(FIRST[0], LAST[0] + 1) for month in range(1, 13)]
    return [span for span in spans if FIRST <= span <= LAST]


def reference_months(calendar: str) -> list[str]:
    """The months reported on, in order: from the one before `FIRST`, less those that never had a report."""
    spans = [(FIRST[0] - 1, 12), *months()[:-1]]
    names = [f"{year}-{month:02d}" for year, month in spans]
    return [name for name in names if name not in NO_REPORT[calendar]]


def header_faults(data: dict[str, Any], lists: set[str]) -> list[str]:
    """A header field that is missing or unknown, or a time that is none."""
    faults = [f"header lacks {field}" for field in sorted((HEADER | lists) - data.keys())]
    faults += [f"unknown field {field}" for field in sorted(data.keys() - HEADER - lists)]
    if not CLOCK.fullmatch(str(data.get("time"))):
        faults.append(f"time {data.get('time')!r} is no HH:MM")
    return faults


def order_faults(dates: list[date], weekends: set[date]) -> list[str]:
    """Dates that do not increase, and weekends that are not known ones."""
    faults = [f"{later} follows {earlier}" for earlier, later in pairwise(dates) if later <= earlier]
    faults += [f"{day} is a {day:%A}" for day in dates if day.weekday() >= 5 and day not in weekends]
    return faults + [f"{day}, a known {day:%A}, is absent" for day in sorted(weekends - set(dates))]


def monthly_faults(calendar: str, data: dict[str, Any]) -> list[str]:
    """What a monthly release must obey: one a month, in its window, exceptions that are real releases."""
    dates: list[date] = data["dates"]
    exceptions = {entry["date"]: entry for entry in data["exception"]}
    window = WINDOWS[calendar]
    faults = [
        f"{day} is outside day {window.start} to {window.stop - 1} and no exception"
        for day in dates
        if day.day not in window and day not in exceptions
    ]

    counted = Counter((day.year, day.month) for day in dates)
    expected = {month: ODD_MONTHS[calendar].get(month, 1) for month in months()}
    faults += [
        f"{year}-{month:02d} has {counted[year, month]} releases, expected {expected.get((year, month), 0)}"
        for year, month in sorted(counted.keys() | expected.keys())
        if counted[year, month] != expected.get((year, month), 0)
    ]

    reported = reference_months(calendar)
    if len(reported) != len(dates):
        faults.append(f"{len(dates)} releases for {len(reported)} reports")
    about = dict(zip(dates, reported, strict=False))
    if len(exceptions) != len(data["exception"]):
        faults.append("two exceptions share a date")
    for day, entry in exceptions.items():
        if day not in about:
            faults.append(f"exception {day} is not among the dates")
        elif entry["reference_month"] != about[day]:
            faults.append(f"exception {day} is about {about[day]}, not {entry['reference_month']}")
        if not entry.get("why"):
            faults.append(f"exception {day} gives no reason")
        if "time" in entry and not CLOCK.fullmatch(entry["time"]):
            faults.append(f"exception {day}: time {entry['time']!r} is no HH:MM")
    return faults


def fomc_faults(events: list[dict[str, Any]]) -> list[str]:
    """Kinds, times, and eight scheduled meetings a year."""
    faults = []
    for event in events:
        if event["kind"] not in {"scheduled", "unscheduled"}:
            faults.append(f"{event['date']}: kind {event['kind']!r}")
        if event["kind"] == "unscheduled" and not event.get("note"):
            faults.append(f"{event['date']}: unscheduled without a note")
        if "time" in event and not CLOCK.fullmatch(event["time"]):
            faults.append(f"{event['date']}: time {event['time']!r} is no HH:MM")
        if unknown := event.keys() - {"date", "time", "kind", "note"}:
            faults.append(f"{event['date']}: unknown {sorted(unknown)}")
    counted = Counter(event["date"].year for event in events if event["kind"] == "scheduled")
    return faults + [
        f"{year} has {counted[year]} scheduled meetings, expected {FOMC_SCHEDULED.get(year, 0)}"
        for year in sorted(counted.keys() | FOMC_SCHEDULED.keys())
        if counted[year] != FOMC_SCHEDULED.get(year, 0)
    ]


def labelled_announcements() -> set[tuple[date, str]]:
    """(day, HH:MM) of every FOMC announcement since 1994 in the shared labels."""
    found = set()
    for name in LABELS:
        with (SHARED / "data" / "labels" / name).open(newline="", encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                day = date.fromisoformat(row["start"][:10])
                if day.year >= 1994:
                    found.add((day, row["start"][11:16]))
    return found


def label_faults(events: list[dict[str, Any]], labels: set[tuple[date, str]]) -> list[str]:
    """Labelled announcements that the calendar lacks or puts at another time."""
    times = {event["date"]: event.get("time") for event in events}
    faults = []
    for day, clock in sorted(labels):
        if day not in times:
            faults.append(f"labelled announcement {day} {clock} is absent")
        elif times[day] != clock and (day, clock) not in OTHER_TIMES:
            faults.append(f"{day} is at {times[day]}, labelled {clock}")
    unused = sorted(OTHER_TIMES.keys() - labels)
    return faults + [f"{day} {clock} is no longer labelled" for day, clock in unused]


def check_monthly(calendar: str) -> list[str]:
    data = tomllib.loads((CALENDARS / f"{calendar}.toml").read_text(encoding="utf-8"))
    faults = header_faults(data, {"dates", "exception"}) or [
        *order_faults(data["dates"], set()),
        *monthly_faults(calendar, data),
    ]
    dates = data.get("dates", [])
    per_year = Counter(day.year for day in dates)
    unusual = {year: count for year, count in sorted(per_year.items()) if count != 12}
    print(f"{calendar}: {len(dates)} releases, {min(dates)} to {max(dates)}")
    print(f"  exceptions: {', '.join(str(entry['date']) for entry in data.get('exception', []))}")
    print(f"  years without 12: {unusual}; unverified years: {data.get('unverified_years')}")
    print(f"  weekdays: {dict(sorted(Counter(f'{day:%a}' for day in dates).items()))}")
    return [f"{calendar}: {fault}" for fault in faults]


def check_fomc() -> list[str]:
    data = tomllib.loads((CALENDARS / "fomc.toml").read_text(encoding="utf-8"))
    events = data.get("event", [])
    faults = header_faults(data, {"event"}) or [
        *order_faults([event["date"] for event in events], FOMC_WEEKENDS),
        *fomc_faults(events),
    ]
    try:
        labels = labelled_announcements()
    except FileNotFoundError as error:
        faults.append(f"no labels at {error.filename}: set SELLOFF_SHARED to the shared folder")
    else:
        faults += label_faults(events, labels)
        print(f"labels: {len(labels)} announcements since 1994 on {len({day for day, _ in labels})} days")
        for (day, clock), why in sorted(OTHER_TIMES.items()):
            print(f"  {day} {clock} not followed: {why}")
    kinds = Counter(event["kind"] for event in events)
    timeless = [str(event["date"]) for event in events if "time" not in event]
    silent = sum(event.get("note", "").startswith("no statement") for event in events)
    print(f"fomc: {len(events)} announcements, {events[0]['date']} to {events[-1]['date']}, {dict(kinds)}")
    print(f"  without a statement: {silent}; without a time: {', '.join(timeless)}")
    print(f"  unverified years: {data.get('unverified_years')}")
    return [f"fomc: {fault}" for fault in faults]


def main() -> int:
    faults = [*check_monthly("payrolls"), *check_monthly("cpi"), *check_fomc()]
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    print("calendars hold" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
