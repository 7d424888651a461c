"""ECB data portal: euro reference rates, foreign currency per euro, fixed at 14:15 Frankfurt.

Format: https://data.ecb.europa.eu/help/api/data (SDMX 2.1 REST). CSV is asked for, in which each row names its series.
SDMX-JSON is read as well; there, observations are keyed by positions in the lists of dimensions. An empty field, `NaN`
and null are missing (a holiday).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from selloff.sources.contract import Ask, NetworkSource
from selloff.sources.strict import (
    Point,
    column,
    csv_of,
    dated,
    day,
    decimal,
    drift,
    json_of,
    list_member,
    member,
    number,
    text_member,
)

URL = "https://data-api.ecb.europa.eu/service/data/EXR"
OVERLAP = timedelta(days=14)
"""Reference rates are not revised; two weeks avoid the empty answer (HTTP 404) of a span without a fixing."""
FIRST = date(1999, 1, 4)
FIXED = {"FREQ": "D", "CURRENCY_DENOM": "EUR", "EXR_TYPE": "SP00", "EXR_SUFFIX": "A"}
"""Daily spot rates against the euro; anything else in a body was not asked for."""
MISSING = frozenset({"", "NaN"})


class Ecb(NetworkSource):
    """Codes are the currencies (ISO 4217)."""

    id = "ecb"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:
        """One request for all currencies with the same start."""
        starts: dict[date, list[str]] = {}
        for code, last in wanted.items():
            starts.setdefault(FIRST if last is None else max(last - OVERLAP, FIRST), []).append(code)
        return [
            Ask(
                url=f"{URL}/D.{'+'.join(codes)}.EUR.SP00.A",
                codes=tuple(codes),
                params=(("format", "csvdata"), ("startPeriod", start.isoformat())),
            )
            for start, codes in starts.items()
        ]

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Rates by date, of the currencies asked for."""
        where = f"ECB EXR {'+'.join(ask.codes)}"
        read = _read_json if dict(ask.params)["format"] == "jsondata" else _read_csv
        return dated(read(ask, body, where), where)


def _check(dimensions: Mapping[str, str], ask: Ask, where: str) -> str:
    """The currency, if the series is one that was asked for."""
    for field, expected in FIXED.items():
        if dimensions.get(field) != expected:
            raise drift(where, field, dimensions.get(field))
    currency = dimensions.get("CURRENCY")
    if currency not in ask.codes:
        raise drift(where, "CURRENCY", currency)
    return currency


def _read_csv(ask: Ask, body: bytes, where: str) -> Iterator[Point]:
    header, rows = csv_of(body, where)
    places = {field: column(header, field, where) for field in ("CURRENCY", *FIXED, "TIME_PERIOD", "OBS_VALUE")}
    for row in rows:
        fields = {field: row[place] for field, place in places.items()}
        currency = _check(fields, ask, where)
        when = day(fields["TIME_PERIOD"], "TIME_PERIOD", where)
        if fields["OBS_VALUE"] not in MISSING:
            yield currency, when, decimal(fields["OBS_VALUE"], "OBS_VALUE", where)


def _read_json(ask: Ask, body: bytes, where: str) -> Iterator[Point]:
    root = json_of(body, where)
    levels = member(member(root, "structure", where), "dimensions", where)
    if not isinstance(levels, dict):
        raise drift(where, "dimensions", levels)
    # A level without dimensions is an empty list, or not there at all.
    common, by_series, by_observation = (
        _values(list_member({name: []} | levels, name, where), where) for name in ("dataSet", "series", "observation")
    )
    base = {name: values[0] for name, values in common if len(values) == 1}
    for data in list_member(root, "dataSets", where):
        # Without series, the observations hang on the data set itself ("flat").
        groups = member(data, "series", where) if by_series else {"": data}
        if not isinstance(groups, dict):
            raise drift(where, "series", groups)
        for key, group in groups.items():
            outer = base | _resolve(key, by_series, where)
            observations = member(group, "observations", where)
            if not isinstance(observations, dict):
                raise drift(where, "observations", observations)
            for inner, cells in observations.items():
                yield from _observation(outer | _resolve(inner, by_observation, where), cells, ask, where)


def _observation(dimensions: dict[str, str], cells: object, ask: Ask, where: str) -> Iterator[Point]:
    currency = _check(dimensions, ask, where)
    when = day(dimensions.get("TIME_PERIOD"), "TIME_PERIOD", where)
    if not isinstance(cells, list) or not cells:
        raise drift(where, "observations", cells)
    if cells[0] is not None and cells[0] != "NaN":
        yield currency, when, number(cells[0], "observations", where)


def _values(dimensions: list[Any], where: str) -> list[tuple[str, list[str]]]:
    return [
        (text_member(d, "id", where), [text_member(v, "id", where) for v in list_member(d, "values", where)])
        for d in dimensions
    ]


def _resolve(key: str, dimensions: list[tuple[str, list[str]]], where: str) -> dict[str, str]:
    """Names of the positions in a key such as `0:3:0`."""
    places = key.split(":") if key else []
    if len(places) != len(dimensions):
        raise drift(where, "observations", key)
    found = {}
    for place, (name, values) in zip(places, dimensions, strict=True):
        if not (place.isascii() and place.isdecimal() and len(place) < 8 and int(place) < len(values)):
            raise drift(where, name, key)
        found[name] = values[int(place)]
    return found
