"""SEC EDGAR: quarterly capital expenditure out of company facts, and earnings days out of the list of filings.

Cash-flow facts of a 10-Q count from the start of the fiscal year, so a quarter is the difference of two facts. Each
fact comes again in later filings, as the comparative of a year later or in an amendment; `filed` says when that was.
The facts' own `fy` and `fp` describe the filing, not the period, and are not read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl
from typing_extensions import override

from selloff.sources.contract import Ask, NetworkSource, ServiceError, parsed
from selloff.sources.strict import (
    broken,
    calendar_day,
    changed,
    day,
    json_of,
    list_member,
    mapping,
    member,
    number,
    text_member,
    vintages,
)

_FACTS = "https://data.sec.gov/api/xbrl/companyfacts/CIK{cik}.json"
_FILINGS = "https://data.sec.gov/submissions/CIK{cik}.json"

_TAGS = ("PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets")
"""Concepts under which companies report capital expenditure, in order of preference where the two disagree."""

_QUARTER_DAYS = range(80, 102)
"""Thirteen or fourteen weeks, or a calendar quarter."""

_YEAR_DAYS = range(80, 381)
"""From one quarter to a fiscal year of 53 weeks."""

_KNOWN = time(18, 0)
_ZONE = ZoneInfo("America/New_York")
"""EDGAR dates a filing by the day only if it was submitted by 17:30 in New York; the facts follow within minutes."""

_USD_PER_BILLION = 1e9
_MOST_DOLLARS = 1e13
"""More than any company is worth: a body in another unit, or damaged."""

_INSTANT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.[0-9]{3}Z")
_RESULTS_ITEM = "2.02"


@dataclass(frozen=True)
class _Fact:
    """Dollars paid from `start` to `end`, as stated in a filing of the day `filed`."""

    tag: str
    start: date
    end: date
    filed: date
    filing: str
    dollars: float

    @property
    def generation(self) -> int:
        """0 as first reported or amended soon after, 1 as the comparative of a year later, and so on."""
        return (self.filed - self.end).days // 365


class SecEdgar(NetworkSource):
    """Company facts and filings by CIK.

    Codes: `capex:CIK` in billions of dollars for the fiscal quarter that ends on `date`, with `known_at` from `filed`;
    `earnings:CIK` is 1 at the second at which an 8-K with item 2.02 (results of operations) was accepted.

    The SEC refuses requests whose User-Agent names no contact. That text takes the place of the key: the entry says
    `key = "required"`, and `key_header` is the User-Agent itself, so the contact comes from the user's settings, is in
    no Ask, and is scrubbed from logs like any key.
    """

    id = "sec_edgar"

    @override
    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request for each code, always whole: the service has no parameters, and later filings revise quarters."""
        return [_ask(code) for code in wanted]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Quarters with their vintages, or instants of earnings releases.

        A quarter that no pair of facts of one generation gives is absent. Filings before the newest thousand or so
        stand in further files that are not read.
        """
        (code,) = ask.codes
        kind, _, cik = code.partition(":")
        if b"<Code>NoSuchKey</Code>" in body[:500]:
            raise ServiceError(f"EDGAR has no file for CIK {cik}.", "The company may have a new CIK.", retry=False)
        answer = mapping(json_of(body, "EDGAR's answer"), "the body", "EDGAR's answer")
        stated = member(answer, "cik", "EDGAR's answer")
        if isinstance(stated, bool) or not re.fullmatch(r"[0-9]{1,10}", str(stated)) or int(str(stated)) != int(cik):
            raise broken(f"EDGAR's answer is about CIK {str(stated)[:20]!r}, asked was {cik}.")
        return _releases(code, answer) if kind == "earnings" else _quarters(code, answer)


def _ask(code: str) -> Ask:
    kind, _, cik = code.partition(":")
    url = (_FILINGS if kind == "earnings" else _FACTS).format(cik=cik)
    return Ask(url=url, codes=(code,), key_header="User-Agent")


def _quarters(code: str, answer: Mapping[str, object]) -> pl.DataFrame:
    facts = mapping(member(answer, "facts", "EDGAR's answer"), "facts", "EDGAR's answer")
    concepts = mapping(member(facts, "us-gaap", "EDGAR's 'facts'"), "us-gaap", "EDGAR's 'facts'")
    used = [tag for tag in _TAGS if tag in concepts]
    if not used:
        raise changed(f"EDGAR's answer has none of the concepts {', '.join(_TAGS)}.")
    found = [fact for tag in used for fact in _facts(tag, concepts[tag])]
    rows = []
    for end, statements in sorted(_statements(found).items()):
        shown: float | None = None
        for filed, dollars in statements:
            if dollars != shown:
                known_at = datetime.combine(filed, _KNOWN, _ZONE).astimezone(UTC)
                rows.append((code, end, known_at, dollars / _USD_PER_BILLION))
            shown = dollars
    return vintages(rows, "EDGAR's answer")


def _facts(tag: str, concept: object) -> Iterable[_Fact]:
    for place, item in enumerate(list_member(member(concept, "units", tag), "USD", tag)):
        where = f"{tag}, row {place}"
        row = mapping(item, "the entry", where)
        start, end, filed = (day(text_member(row, name, where), name, where) for name in ("start", "end", "filed"))
        if not start <= end < filed:
            raise broken(f"{where}: {start}, {end} and {filed} are not in order.")
        dollars = number(member(row, "val", where), "val", where)
        if abs(dollars) > _MOST_DOLLARS:
            raise broken(f"{where}: {dollars} dollars are more than any company has.")
        yield _Fact(tag, start, end, filed, text_member(row, "accn", where), dollars)


def _statements(facts: Sequence[_Fact]) -> dict[date, list[tuple[date, float]]]:
    """For each quarter's end the days of filing and what could be read then, oldest first."""
    latest: dict[tuple[str, date, date, int], dict[date, tuple[str, float]]] = defaultdict(dict)
    for fact in sorted(facts, key=lambda f: (f.filed, f.filing)):
        history = latest[fact.tag, fact.start, fact.end, fact.generation]
        known = history.get(fact.filed)
        if known is not None and known[0] == fact.filing and known[1] != fact.dollars:
            raise broken(f"EDGAR's answer: filing {fact.filing} has two values of {fact.tag} to {fact.end}.")
        history[fact.filed] = (fact.filing, fact.dollars)
    periods = {key: [(when, value) for when, (_, value) in held.items()] for key, held in latest.items()}
    ends: dict[date, dict[tuple[int, int], list[tuple[date, float]]]] = defaultdict(dict)
    for rank, basis in enumerate(_bases(periods)):
        for (end, generation), statements in _by_quarter(basis).items():
            taken = [key for key in ends[end] if key[0] < rank and key[1] == generation]
            if not taken:
                ends[end][rank, generation] = statements
    return {end: sorted(s for group in groups.values() for s in group) for end, groups in ends.items()}


_Periods = dict[tuple[date, date, int], list[tuple[date, float]]]


def _bases(periods: Mapping[tuple[str, date, date, int], list[tuple[date, float]]]) -> list[_Periods]:
    """Facts that may be subtracted from each other: all together, or by concept if two concepts ever disagree.

    A company that renames its concept within a fiscal year (NVIDIA in 2020) has the halves of a difference under
    different names; one that uses both for different things must not have them mixed.
    """
    by_tag: list[_Periods] = [{}, {}]
    together: _Periods = {}
    agree = True
    for (tag, start, end, generation), history in periods.items():
        key = (start, end, generation)
        by_tag[_TAGS.index(tag)][key] = history
        agree = agree and (key not in together or together[key][-1][1] == history[-1][1])
        together[key] = min(history, together[key]) if key in together else history
    return [together] if agree else by_tag


def _by_quarter(periods: _Periods) -> dict[tuple[date, int], list[tuple[date, float]]]:
    """Quarters by end and generation: a fact of three months, else the difference of two from the same start.

    Facts of different generations are never subtracted: a restated year minus nine months as first reported would put
    the whole restatement into one quarter.
    """
    found: dict[tuple[date, int], list[tuple[date, float]]] = {}
    for (start, end, generation), history in periods.items():
        days = (end - start).days + 1
        if days in _QUARTER_DAYS:
            found[end, generation] = history
        elif days in _YEAR_DAYS:
            shorter = [
                k for k in periods if k[0] == start and k[2] == generation and (end - k[1]).days in _QUARTER_DAYS
            ]
            if shorter:
                differences = _difference(history, periods[max(shorter)])
                found.setdefault((end, generation), differences)
    return {key: statements for key, statements in found.items() if statements}


def _difference(year: list[tuple[date, float]], before: list[tuple[date, float]]) -> list[tuple[date, float]]:
    """On each day of a filing the difference of what both facts were by then; none that is not positive, since then
    the two can't be of one basis."""
    days = sorted({when for when, _ in (*year, *before)})
    found = []
    for when in days:
        longer = [value for filed, value in year if filed <= when]
        shorter = [value for filed, value in before if filed <= when]
        if longer and shorter and longer[-1] > shorter[-1]:
            found.append((when, longer[-1] - shorter[-1]))
    return found


def _releases(code: str, answer: Mapping[str, object]) -> pl.DataFrame:
    filings = mapping(member(answer, "filings", "EDGAR's answer"), "filings", "EDGAR's answer")
    recent = mapping(member(filings, "recent", "EDGAR's 'filings'"), "recent", "EDGAR's 'filings'")
    names = ("form", "items", "filingDate", "acceptanceDateTime")
    columns = [list_member(recent, name, "EDGAR's 'recent'") for name in names]
    if len({len(column) for column in columns}) != 1:
        raise broken("EDGAR's answer: the columns of 'recent' differ in length.")
    instants = set()
    for place, values in enumerate(zip(*columns, strict=True)):
        where = f"EDGAR's 'recent', row {place}"
        for name, value in zip(names, values, strict=True):
            if not isinstance(value, str):
                raise changed(f"{where}, field {name!r}: {str(value)[:40]!r} should be a string.")
        form, items, filed, accepted = (str(value) for value in values)
        if form == "8-K" and _RESULTS_ITEM in items.split(","):
            instant = _instant(accepted, where)
            if not 0 <= (day(filed, "filingDate", where) - instant.astimezone(_ZONE).date()).days <= 5:
                raise broken(f"{where}: accepted {accepted}, but filed {filed}.")
            instants.add(instant)
    found = sorted(instants)
    schema = {"period_end": pl.Datetime("us", "UTC")}
    table = pl.DataFrame({"period_end": found}, schema=schema).with_columns(
        pl.lit(code).alias("code"), pl.col("period_end").alias("known_at"), pl.lit(1.0).alias("value")
    )
    return parsed(table)


def _instant(text: str, where: str) -> datetime:
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise changed(f"{where}, field 'acceptanceDateTime': {text[:40]!r} should be a UTC instant.")
    year, month, monthday, hour, minute, second = (int(part) for part in match.groups())
    calendar_day(year, month, monthday, "acceptanceDateTime", where)
    try:
        return datetime(year, month, monthday, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise changed(f"{where}, field 'acceptanceDateTime': {text[:40]!r} is no instant.") from error
