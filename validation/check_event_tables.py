"""Check the hand-kept event tables of the calendar against each other and against recorded data.

Tables: refunding, megacap_earnings, margin_notices, ioer (TOML, `src/selloff/catalog/data/calendar` and `rates`).
Recorded data: the folder named by SELLOFF_SHARED, else `../shared` beside the repository. Only dates
and policy rates are read from it, no market prices.

Run: python validation/check_event_tables.py
Prints one line per table and every failure; the exit code is 0 only if nothing failed. A check whose
recorded data is absent counts as failed, since nothing was checked.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import tomllib
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
TABLES = REPO / "src" / "selloff" / "catalog" / "data" / "calendar"
SHARED = Path(os.environ.get("SELLOFF_SHARED") or REPO.parent / "shared")
LAST_DAY = date(2026, 2, 28)
"""Nothing after this day belongs in the tables."""

HEADER = {"id": str, "name": str, "zone": str, "source": str, "note": str, "unverified_years": list}
TICKERS = ("AAPL", "MSFT", "GOOGL", "AMZN", "META", "NVDA", "TSLA")
EARNINGS_FROM = date(2015, 3, 1)
"""Every ticker must have started by then: the first quarter of 2015 is in."""
SPACING_DAYS = (70, 115)
SPACING_EXCEPTIONS = {("TSLA", date(2016, 10, 26), date(2017, 2, 22))}
"""Tesla's results for 2016 came 119 days after those of the third quarter."""
TSLA_ALPHA_VANTAGE_DIFFERS = {date(2010, 8, 4), date(2010, 8, 5)}
"""Filed and accepted on the evening of the 4th; Alpha Vantage reports the 5th."""
CLOSED_BUT_PUBLISHED = {date(2012, 10, 29)}
"""Hurricane Sandy: exchanges were closed, the Treasury published its estimates all the same."""
IOER_BAND = 0.25
IOER_BAND_FROM = date(2008, 12, 17)


class Report:
    """Collects failures and summary lines."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.summary: list[str] = []

    def check(self, ok: bool, message: str) -> None:
        """Keep `message` as a failure unless `ok`."""
        if not ok:
            self.failures.append(message)


def read_table(name: str, report: Report) -> dict:
    """Read one table and check its header fields."""
    folder = TABLES.parent / "rates" if name == "ioer" else TABLES
    with (folder / f"{name}.toml").open("rb") as file:
        table = tomllib.load(file)
    for field, kind in HEADER.items():
        report.check(isinstance(table.get(field), kind), f"{name}: header field {field} missing or wrong")
    report.check(table.get("id") == name, f"{name}: id is {table.get('id')!r}")
    return table


def shared_rows(name: str, report: Report) -> list[dict[str, str]]:
    """Rows of a recorded CSV file; empty, with a failure, if the file is absent."""
    path = SHARED / "data" / name
    if not path.is_file():
        report.check(False, f"{path} not found: set SELLOFF_SHARED to the folder with the recorded data")
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def shared_json(name: str, report: Report) -> dict | None:
    """A recorded JSON response; None, with a failure, if the file is absent."""
    path = SHARED / "recordings" / name
    if not path.is_file():
        report.check(False, f"{path} not found: set SELLOFF_SHARED to the folder with the recorded data")
        return None
    return json.loads(path.read_text())


def check_dates(name: str, dates: list[date], report: Report) -> None:
    """Sorted, on weekdays, not after the last day allowed."""
    report.check(dates == sorted(dates), f"{name}: dates are not in order")
    for day in dates:
        report.check(day.weekday() < 5, f"{name}: {day} is a weekend day")
        report.check(day <= LAST_DAY, f"{name}: {day} is after {LAST_DAY}")


def check_sessions(name: str, dates: list[date], sessions: set[date], report: Report) -> None:
    """Each date is a session of the New York Stock Exchange (as far as the recorded index goes)."""
    if not sessions:
        return
    last = max(sessions)
    for day in dates:
        report.check(
            day in sessions or day > last or day in CLOSED_BUT_PUBLISHED,
            f"{name}: {day} is not a New York session",
        )


def check_refunding(sessions: set[date], report: Report) -> None:
    """Four Wednesday statements a year, each with its estimates on the Monday before."""
    table = read_table("refunding", report)
    events = table["event"]
    dates = [event["date"] for event in events]
    check_dates("refunding", dates, report)
    check_sessions("refunding", dates, sessions, report)
    kinds = Counter(event["kind"] for event in events)
    report.check(set(kinds) == {"statement", "estimates"}, f"refunding: kinds are {sorted(kinds)}")
    for event in events:
        time = event.get("time", "08:30")
        report.check(time in {"08:30", "09:00", "15:00"}, f"refunding: {time} at {event['date']}")
        report.check(event["confidence"] in {"read", "rule"}, f"refunding: confidence at {event['date']}")

    statements = [event["date"] for event in events if event["kind"] == "statement"]
    estimates = {event["date"] for event in events if event["kind"] == "estimates"}
    for day in statements:
        report.check(day.weekday() == 2, f"refunding: statement {day} is not a Wednesday")
    report.check(
        {day - timedelta(days=2) for day in statements} == estimates,
        "refunding: estimates are not exactly the Mondays before the statements",
    )
    # A statement of late January, April, July or October belongs to the month that follows.
    quarters = [((day + timedelta(days=5)).year, (day + timedelta(days=5)).month) for day in statements]
    first, last = quarters[0][0], quarters[-1][0]
    wanted = [(year, month) for year in range(first, last + 1) for month in (2, 5, 8, 11)]
    wanted = [quarter for quarter in wanted if quarters[0] <= quarter <= quarters[-1]]
    report.check(first <= 2000 and quarters[-1] == (2026, 2), "refunding: not from 2000 to February 2026")
    report.check(quarters == wanted, "refunding: not four a year, one for each of Feb, May, Aug, Nov")
    read = sum(event["confidence"] == "read" for event in events if event["kind"] == "estimates")
    report.summary.append(
        f"refunding: {kinds['statement']} statements and {kinds['estimates']} estimates "
        f"({read} read, {kinds['estimates'] - read} by rule), {dates[0]} to {dates[-1]}"
    )


def check_earnings(sessions: set[date], report: Report) -> None:
    """Per ticker: order, weekday, session, quarterly spacing; then the recorded dates."""
    table = read_table("megacap_earnings", report)
    events = table["event"]
    check_dates("megacap_earnings", [event["date"] for event in events], report)
    check_sessions("megacap_earnings", [event["date"] for event in events], sessions, report)
    results: dict[str, list[date]] = {ticker: [] for ticker in TICKERS}
    preliminary = 0
    for event in events:
        where = f"earnings: {event['ticker']} {event['date']}"
        report.check(event["ticker"] in results, f"{where}: ticker not known")
        report.check(event["session"] in {"after", "before"}, f"{where}: session {event['session']!r}")
        report.check(event["kind"] in {"results", "preliminary"}, f"{where}: kind {event['kind']!r}")
        preliminary += event["kind"] == "preliminary"
        if event["kind"] == "results" and event["ticker"] in results:
            results[event["ticker"]].append(event["date"])

    low, high = SPACING_DAYS
    for ticker, days in results.items():
        report.check(bool(days) and days[0] <= EARNINGS_FROM, f"earnings: {ticker} starts late or is absent")
        for before, after in pairwise(days):
            gap = (after - before).days
            report.check(
                low <= gap <= high or (ticker, before, after) in SPACING_EXCEPTIONS,
                f"earnings: {ticker} {before} to {after} is {gap} days",
            )
        report.check(bool(days) and (LAST_DAY - days[-1]).days <= high, f"earnings: {ticker} ends at {days[-1:]}")
    compare_earnings(results, report)
    counts = ", ".join(f"{ticker} {len(d)} from {d[0].year}" for ticker, d in results.items() if d)
    report.summary.append(f"earnings: {len(events)} events, {preliminary} preliminary; results: {counts}")


def compare_earnings(results: dict[str, list[date]], report: Report) -> None:
    """Our dates against the recorded filings and calendars, inside the span each covers."""
    recorded: dict[str, set[date]] = {}
    filings = shared_json("sec_edgar/submissions_MSFT_CIK0000789019_first120.json", report)
    if filings is not None:
        recent = filings["filings"]["recent"]
        recorded["MSFT"] = {
            date.fromisoformat(day)
            for day, form, items in zip(recent["filingDate"], recent["form"], recent["items"], strict=True)
            if form == "8-K" and "2.02" in items.split(",")
        }
    for row in shared_rows("earnings_surprise_returns.csv", report):
        if row["ticker"] in ("AAPL", "GOOGL", "AMZN"):
            recorded.setdefault(row["ticker"], set()).add(date.fromisoformat(row["date"]))
    reported = shared_json("alphavantage/EARNINGS_TSLA_2022-03.json", report)
    if reported is not None:
        recorded["TSLA"] = {date.fromisoformat(row["reportedDate"]) for row in reported["quarterlyEarnings"]}

    gaps_allowed = {"AMZN"}  # four quarters are absent from the recorded table
    for ticker, days in recorded.items():
        theirs = {day for day in days if day <= LAST_DAY}
        report.check(bool(theirs), f"earnings: no recorded date for {ticker}")
        if not theirs:
            continue
        ours = {day for day in results[ticker] if min(theirs) <= day <= max(theirs)}
        missing = theirs - ours
        extra = set() if ticker in gaps_allowed else ours - theirs
        if ticker == "TSLA":
            missing -= TSLA_ALPHA_VANTAGE_DIFFERS
            extra -= TSLA_ALPHA_VANTAGE_DIFFERS
        where = f"earnings: {ticker}"
        report.check(not missing, f"{where} recorded but not in the table: {sorted(map(str, missing))}")
        report.check(not extra, f"{where} in the table but not recorded: {sorted(map(str, extra))}")
        report.summary.append(f"  {ticker}: {len(theirs & ours)} of {len(theirs)} recorded dates agree")


def check_margins(sessions: set[date], report: Report) -> None:
    """Order, weekdays, effective not before the notice, allowed words, a source for each."""
    table = read_table("margin_notices", report)
    events = table["event"]
    dates = [event["date"] for event in events]
    check_dates("margin_notices", dates, report)
    comex = [event["date"] for event in events if event["exchange"] == "COMEX"]
    check_sessions("margin_notices", comex, sessions, report)
    words = {
        "exchange": {"COMEX", "SHFE", "SGE"},
        "direction": {"rise", "cut", "method"},
        "dated_by": {"notice", "effective day", "report"},
        "confidence": {"read", "memory"},
    }
    for event in events:
        where = f"margins: {event['date']} {event['exchange']} {event['contract']}"
        for field, allowed in words.items():
            report.check(event[field] in allowed, f"{where}: {field} {event[field]!r}")
        metals = set(event["contract"].split(", "))
        report.check(metals <= {"gold", "silver", "copper"}, f"{where}: contract")
        report.check(bool(event["change"]), f"{where}: change is empty")
        sourced = event.get("url", "").startswith("http") or event["confidence"] == "memory"
        report.check(sourced, f"{where}: read, but without a source")
        effective = event.get("effective", event["date"])
        report.check(effective.weekday() < 5, f"{where}: effective {effective} is a weekend day")
        report.check(0 <= (effective - event["date"]).days <= 7, f"{where}: effective {effective}")
        same_day = event["dated_by"] != "effective day" or effective == event["date"]
        report.check(same_day, f"{where}: dated by another day")
    keys = Counter((event["date"], event.get("effective"), event["exchange"], event["contract"]) for event in events)
    report.check(max(keys.values()) == 1, "margins: the same notice twice")
    by = Counter(event["exchange"] for event in events)
    dated = Counter(event["dated_by"] for event in events)
    report.summary.append(f"margins: {len(events)} events {dict(by)}, dated by {dict(dated)}")


def check_ioer(report: Report) -> None:
    """Order, real changes, and every day inside the target range's upper quarter point."""
    table = read_table("ioer", report)
    changes = table["change"]
    days = [change["effective"] for change in changes]
    check_dates("ioer", days, report)
    report.check(len(set(days)) == len(days), "ioer: two changes on one day")
    for before, after in pairwise(changes):
        report.check(before["rate"] != after["rate"], f"ioer: no change at {after['effective']}")
    report.check(days[0] == date(2008, 10, 9), f"ioer: starts {days[0]}")

    upper = {
        date.fromisoformat(row["date"]): float(row["value"])
        for row in shared_rows("fed_funds_target_upper.csv", report)
        if row["value"]
    }
    checked = 0
    rates = iter(changes)
    rate, upcoming = None, next(rates)
    day = days[0]
    while day <= table["last_day"]:
        while upcoming is not None and upcoming["effective"] <= day:
            rate, upcoming = upcoming["rate"], next(rates, None)
        if day >= IOER_BAND_FROM and day in upper:
            below = round(upper[day] - rate, 6)
            report.check(0 <= below <= IOER_BAND, f"ioer: {rate} on {day}, target's upper bound {upper[day]}")
            checked += 1
        day += timedelta(days=1)
    report.check(checked > 4000 or not upper, f"ioer: only {checked} days could be compared")

    iorb = shared_rows("iorb.csv", report)
    if iorb:
        first = iorb[0]
        report.check(
            date.fromisoformat(first["date"]) == table["last_day"] + timedelta(days=1)
            and float(first["value"]) == changes[-1]["rate"],
            f"ioer: does not meet IORB {first['value']} of {first['date']}",
        )
    span = f"{days[0]} to {table['last_day']}"
    report.summary.append(f"ioer: {len(changes)} rates, {span}; {checked} days held against the target")


def main() -> int:
    """Run every check; print the summary, then the failures."""
    report = Report()
    sessions = {date.fromisoformat(row["date"]) for row in shared_rows("sp500_close.csv", report)}
    check_refunding(sessions, report)
    check_earnings(sessions, report)
    check_margins(sessions, report)
    check_ioer(report)
    print("\n".join(report.summary))
    for failure in report.failures:
        print(f"FAILED {failure}")
    print("all checks passed" if not report.failures else f"{len(report.failures)} checks failed")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
