"""A bank that does not exist, as an example of a selloff source: JSON in pages, values as text, an optional key.

`GET https://data.demo-bank.example/v1/observations?code=METAL.X[&from=2026-01-05][&page=2]` gives
`{"code": "METAL.X", "next": 2, "observations": [{"date": "2026-01-05", "value": "2650.10"}, …]}`. A missing value is
the text `"."`. An error is `{"error": "…"}`, also with status 200.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from selloff.errors import PayloadError
from selloff.sources.contract import Ask, NetworkSource, SchemaDriftError, ServiceError, parsed

_URL = "https://data.demo-bank.example/v1/observations"
_OVERLAP = timedelta(days=14)
_NOTHING = "Nothing of it was stored."


class DemoBank(NetworkSource):
    """Prices and rates of the demo bank."""

    id = "demo_bank"

    def plan(self, wanted: Mapping[str, date | None], today: date) -> Sequence[Ask]:  # noqa: ARG002
        """One request per code, two weeks before the last stored period on: the bank corrects no later."""
        asks = []
        for code, last in wanted.items():
            since = () if last is None else (("from", (last - _OVERLAP).isoformat()),)
            asks.append(Ask(_URL, (code,), (("code", code), *since), key_param="apikey"))
        return asks

    def parse(self, ask: Ask, body: bytes) -> pl.DataFrame:
        """Values of one page."""
        page = _page(body)
        if page.get("code") not in ask.codes:
            raise SchemaDriftError(f"The demo bank's field 'code' is {page.get('code')!r}.", _NOTHING)
        observations = page.get("observations")
        if not isinstance(observations, list):
            raise SchemaDriftError("The demo bank sent no list 'observations'.", _NOTHING)
        rows = [row for row in map(_row, observations) if row is not None]
        table = pl.DataFrame(rows, schema={"date": pl.Date, "value": pl.Float64}, orient="row")
        return parsed(table.with_columns(code=pl.lit(page["code"])))

    def more(self, ask: Ask, body: bytes) -> Ask | None:
        """The next page, as long as there is one."""
        following = _page(body).get("next")
        if following is None:
            return None
        if not isinstance(following, int):
            raise SchemaDriftError(f"The demo bank's field 'next' is {following!r}.", _NOTHING)
        kept = tuple((name, value) for name, value in ask.params if name != "page")
        return replace(ask, params=(*kept, ("page", str(following))))


def _page(body: bytes) -> dict[str, Any]:
    try:
        page = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PayloadError("The demo bank sent no JSON.", _NOTHING) from error
    if not isinstance(page, dict):
        raise SchemaDriftError("The demo bank sent no object.", _NOTHING)
    if "error" in page:
        raise ServiceError(f"The demo bank says: {str(page['error'])[:100]}.", _NOTHING, retry=False)
    return page


def _row(item: Any) -> tuple[date, float] | None:
    if not isinstance(item, dict) or not isinstance(item.get("date"), str) or not isinstance(item.get("value"), str):
        raise SchemaDriftError("An observation of the demo bank lacks the text 'date' or 'value'.", _NOTHING)
    if item["value"] == ".":
        return None
    try:
        day, value = date.fromisoformat(item["date"]), float(item["value"])
    except ValueError as error:
        raise SchemaDriftError(f"The demo bank sent {item['date']!r}: {item['value']!r}.", _NOTHING) from error
    if not math.isfinite(value):
        raise SchemaDriftError(f"The demo bank sent the value {item['value']!r}.", _NOTHING)
    return day, value
