"""GDELT DOC 2.0: how much of the world's online news is about a query, and in what tone, by day. Best effort.

The service sheds load, takes up to a quarter of a minute for a query, and answers mistakes and limits with plain text
under HTTP 200.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import polars as pl

from selloff.sources.contract import Ask, NetworkSource, ServiceError
from selloff.sources.strict import (
    broken,
    calendar_day,
    changed,
    dated,
    json_of,
    list_member,
    mapping,
    member,
    number,
    sequence,
    text_member,
    text_of,
)

_URL = "https://api.gdeltproject.org/api/v2/doc/doc"
_WHAT = "GDELT's answer"
_SERIES = {"timelinevol": "Volume Intensity", "timelinetone": "Average Tone"}

_FIRST = date(2017, 1, 1)
"""The search reaches back to here."""

_OVERLAP = timedelta(days=14)
"""Late articles change the newest days; and spans of a week or less come in hours instead of days."""

_SPAN = timedelta(days=364)
"""A year a request keeps the answers at one value a day."""

_FORMAT = "%Y%m%d%H%M%S"
_STAMP = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T000000Z")
_BUSY = re.compile(r"limit requests|try again|too many|timed? ?out|overload|unavailable|busy", re.I)


class Gdelt(NetworkSource):
    """A code is `mode:query`: `timelinevol` is the share of all articles in percent, `timelinetone` their mean tone.

    The day that is not over yet is not asked for.
    """

    id = "gdelt"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """Windows of at most a year, from `_OVERLAP` before the last stored day to yesterday."""
        asks: list[Ask] = []
        last = today - timedelta(days=1)
        for code, stored in wanted.items():
            start = _FIRST if stored is None else min(max(_FIRST, stored - _OVERLAP), last - _OVERLAP)
            while start <= last:
                end = min(start + _SPAN, last)
                asks.append(_ask(code, min(start, end - _OVERLAP), end))
                start = end + timedelta(days=1)
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values by UTC day. An answer without `timeline` found no article and gives no rows, not zeros."""
        text = text_of(body, _WHAT).strip()
        if text[:1] not in ("{", "["):
            hint = "GDELT is best effort: try again later." if _BUSY.search(text) else "Correct the query."
            raise ServiceError(f"GDELT answered: {text[:160]!r}.", hint, retry=bool(_BUSY.search(text)) or not text)
        answer = mapping(json_of(body, _WHAT), "the body", _WHAT)
        code = ask.codes[0]
        if "timeline" not in answer:
            if answer.keys() - {"query_details"}:
                raise changed(f"{_WHAT} has no field 'timeline'; it has {', '.join(sorted(answer))[:120]}.")
            return dated((), _WHAT)
        wanted = _SERIES[code.partition(":")[0]]
        rows = []
        for place, item in enumerate(sequence(answer["timeline"], "timeline", _WHAT)):
            where = f"{_WHAT}, timeline {place}"
            timeline = mapping(item, "the entry", where)
            if text_member(timeline, "series", where) != wanted:
                raise changed(f"{where}, field 'series': {str(timeline['series'])[:40]!r} should be {wanted!r}.")
            for point in list_member(timeline, "data", where):
                day, value = _point(mapping(point, "data", where), where, ask)
                rows.append((code, day, value))
        return dated(rows, _WHAT)


def _ask(code: str, first: date, last: date) -> Ask:
    mode, _, query = code.partition(":")
    return Ask(
        url=_URL,
        codes=(code,),
        params=(
            ("query", query),
            ("mode", mode),
            ("format", "json"),
            ("startdatetime", first.strftime("%Y%m%d") + "000000"),
            ("enddatetime", last.strftime("%Y%m%d") + "235959"),
        ),
    )


def _point(point: Mapping[str, object], where: str, ask: Ask) -> tuple[date, float]:
    stamp = text_member(point, "date", where)
    match = _STAMP.fullmatch(stamp)
    if match is None:
        raise changed(f"{where}, field 'date': {stamp[:40]!r} should be a midnight YYYYMMDDT000000Z.")
    day = calendar_day(int(match[1]), int(match[2]), int(match[3]), "date", where)
    asked = dict(ask.params)
    first, last = (datetime.strptime(asked[name], _FORMAT).date() for name in ("startdatetime", "enddatetime"))
    if not first <= day <= last:
        raise broken(f"{where}: {day} was not asked for.")
    value = number(member(point, "value", where), "value", where)
    if not -100 <= value <= 100 or (asked["mode"] == "timelinevol" and value < 0):
        raise broken(f"{where}, field 'value': {value} is no {'share' if asked['mode'] == 'timelinevol' else 'tone'}.")
    return day, value
