"""Indicators: what the background is read from, beside prices' moves. Definitions only; nothing is weighed or fitted.

Each says what it is computed from, over which past it is ranked, which direction is stress, how old its last value may
be, and for which causes it speaks. Scheduled indicators ask whether a dated event fell into a window.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, field_validator, model_validator

from selloff.catalog.events import Event
from selloff.catalog.series import CatalogModel, Series, SeriesId
from selloff.catalog.toml import build_entry, read_toml
from selloff.catalog.units import Unit
from selloff.errors import CatalogError

Group = Literal[
    "funding",
    "rates",
    "credit",
    "volatility",
    "valuation",
    "earnings",
    "positioning",
    "news",
    "crypto",
    "calendar",
    "growth",
]
Stress = Literal["high", "low", "both"]

_CHANGE = re.compile(r"^change_([1-9]\d{0,2})$")
_TERMS = {"level": (1, 1), "difference": (2, 2), "ratio": (2, 2), "sum": (2, 9), "product": (2, 9)}
_EXPOSURES = {"vol_control": (1, 1), "trend": (1, 1), "yield_trend": (1, 1)}
LONGEST_GAP_DAYS = 7

Model = TypeVar("Model", bound=BaseModel)


class Term(CatalogModel):
    """One operand: the first of `series` with a value on the day, then `lag` of its own periods back, the mean of its
    last `mean` periods, turned over if `inverse`, times `scale`."""

    series: tuple[SeriesId, ...] = Field(min_length=1)
    scale: float = 1.0
    inverse: bool = False
    lag: int = Field(default=0, ge=0, le=260)
    mean: int = Field(default=1, ge=1, le=260)


class IndicatorFormula(CatalogModel):
    """How values come from series.

    The periods are those of the first term. Another term gives its value of the same New York day or, with `gap_days`,
    its last one at most so many days older. `per_session`: the one term's values (posts, filings) are added up from
    each New York close to the next.

    Three kinds are exposures that a rule computes from the closes of one series (`selloff.detection.exposure`):
    `vol_control`, `trend`, and `yield_trend`, whose term's `scale` turns a yield into a bond's log price: minus its
    duration over 100.
    """

    kind: Literal["level", "difference", "ratio", "sum", "product", "vol_control", "trend", "yield_trend"]
    terms: tuple[Term, ...]
    gap_days: int = Field(default=0, ge=0, le=LONGEST_GAP_DAYS)
    per_session: bool = False

    @model_validator(mode="after")
    def _has_its_terms(self) -> IndicatorFormula:
        low, high = (_TERMS | _EXPOSURES)[self.kind]
        if not low <= len(self.terms) <= high:
            raise ValueError(f"the formula {self.kind!r} has {len(self.terms)} terms")
        if self.per_session and self.kind != "level":
            raise ValueError("per_session needs a formula with one term")
        if self.is_exposure:
            self._reads_closes_of_one_series()
        return self

    def _reads_closes_of_one_series(self) -> None:
        # Two series joined day by day would give a move where one takes over from the other.
        term = self.terms[0]
        if len(term.series) != 1 or term.lag or term.mean != 1 or term.inverse:
            raise ValueError(f"the formula {self.kind!r} reads one series as it is")
        if (term.scale < 0) != (self.kind == "yield_trend"):
            raise ValueError("a yield, and only a yield, has a negative scale")

    @property
    def is_exposure(self) -> bool:
        """Whether a rule computes it from closes."""
        return self.kind in _EXPOSURES

    @property
    def series(self) -> tuple[str, ...]:
        """Every series it may read, each once."""
        return tuple(dict.fromkeys(s for t in self.terms for s in t.series))


class Indicator(CatalogModel):
    """One indicator.

    transform : the reading that is evidence: `level` (its percentile), `change_N` (over N of its own periods) or
        `surprise`.
    change : `log` for what is compared in per cent; else differences.
    surprise : what is divided by its own past scale: the `change` over N periods (one, unless `transform` says
        otherwise), or the `deviation` from the median of the 60 periods before.
    look_back_years : the past that ranks and scales it, at each moment as known then; None is all of it.
    stress : the direction that is bad for risky assets.
    stale_after_days : the last value is used up to this age, counted from its period's end.
    persists : the value goes on meaning something until the next one (a spread, a position). False for the news of a
        day, which say nothing about a later one.
    """

    id: SeriesId
    name: str
    group: Group
    formula: IndicatorFormula
    unit: Unit
    transform: str = "level"
    change: Literal["difference", "log"] = "difference"
    surprise: Literal["change", "deviation"] = "change"
    look_back_years: Annotated[int, Field(ge=1, le=20)] | None = 5
    stress: Stress
    stale_after_days: int = Field(ge=1, le=400)
    persists: bool = True
    causes: tuple[SeriesId, ...] = ()
    note: str | None = None

    @field_validator("transform")
    @classmethod
    def _is_a_transform(cls, value: str) -> str:
        if value not in ("level", "surprise") and not _CHANGE.match(value):
            raise ValueError(f"{value!r} is not level, surprise or change_N")
        return value

    @property
    def change_periods(self) -> int:
        """Periods of the change that is shown: N of `change_N`, else one."""
        match = _CHANGE.match(self.transform)
        return int(match[1]) if match else 1


class Span(CatalogModel):
    """Days for which a table is complete, both inclusive."""

    first: date
    last: date


class ScheduledIndicator(CatalogModel):
    """Whether an event of a calendar table fell into a window, or into the sessions just before it.

    kinds : of the table's events, those that count; all if empty. details : what else their rows must say.
    sessions_before : sessions before the window's first that count too.
    complete : spans in which no row means no event. If empty, what the table covers; without that, of a published
        schedule, from the first event to the last.
    """

    id: SeriesId
    name: str
    table: SeriesId
    kinds: tuple[str, ...] = ()
    details: dict[str, str] = Field(default_factory=dict)
    sessions_before: int = Field(default=0, ge=0, le=60)
    complete: tuple[Span, ...] = ()
    causes: tuple[SeriesId, ...] = ()
    note: str | None = None

    def counts(self, event: Event) -> bool:
        """Whether an event is one of those that the indicator asks for."""
        return (
            event.table == self.table
            and (not self.kinds or event.kind in self.kinds)
            and all(event.details.get(name) == value for name, value in self.details.items())
        )


class WithoutSource(CatalogModel):
    """What an analyst would look at and no keyless source is known for; `proxy` is an indicator that comes near it."""

    id: SeriesId
    name: str
    reason: str
    proxy: SeriesId | None = None
    causes: tuple[SeriesId, ...] = ()


@dataclass(frozen=True)
class Indicators:
    """Every indicator of the catalogue, by id, in the order of their files."""

    measured: Mapping[str, Indicator]
    scheduled: Mapping[str, ScheduledIndicator]
    without_source: Mapping[str, WithoutSource]

    def series(self) -> tuple[str, ...]:
        """Every series that an indicator may read, each once."""
        return tuple(dict.fromkeys(s for i in self.measured.values() for s in i.formula.series))


def read_indicators(folder: Path) -> Indicators:
    """Read every file of a folder: blocks `[[indicator]]`, `[[scheduled]]` and `[[without_source]]`.

    Raises
    ------
    CatalogError : a file is malformed, or an id comes twice.
    """
    found: dict[str, dict[str, Any]] = {"indicator": {}, "scheduled": {}, "without_source": {}}
    models: dict[str, type[BaseModel]] = {
        "indicator": Indicator,
        "scheduled": ScheduledIndicator,
        "without_source": WithoutSource,
    }
    seen: set[str] = set()
    for path in sorted(folder.glob("*.toml")):
        values = read_toml(path)
        stray = sorted(set(values) - set(models))
        if stray:
            raise CatalogError(f"{path.name} has the unknown block {stray[0]!r}.", f"Known: {', '.join(models)}.")
        for kind, model in models.items():
            for entry in values.get(kind, []):
                item: Any = build_entry(model, entry, path)
                if item.id in seen:
                    raise CatalogError(f"{path.name} defines {item.id!r} a second time.", "Ids are unique: rename one.")
                seen.add(item.id)
                found[kind][item.id] = item
    return Indicators(found["indicator"], found["scheduled"], found["without_source"])


def check_indicators(indicators: Indicators, series: Mapping[str, Series], causes: Collection[str]) -> None:
    """Every series and cause that an indicator names exists, and its series are stored or a dated table.

    A cause that the catalogue lacks is an error too, so that a misspelt one is not silently without evidence.

    Raises
    ------
    CatalogError : one does not.
    """
    for indicator in indicators.measured.values():
        for name in indicator.formula.series:
            if name not in series:
                what = f"Indicator {indicator.id!r} names the series {name!r}, which does not exist."
                raise CatalogError(what, "Add the series, or correct the name.")
            formula = series[name].formula
            if formula is not None and formula.kind != "rate_table":
                what = f"Indicator {indicator.id!r} reads {name!r}, which is derived from other series."
                raise CatalogError(what, "Name the stored series, and derive it in the indicator's formula.")
    for wanted in indicators.without_source.values():
        if wanted.proxy is not None and wanted.proxy not in indicators.measured:
            what = f"{wanted.id!r} names the indicator {wanted.proxy!r}, which does not exist."
            raise CatalogError(what, "Add the indicator, or correct the name.")
    spoken = [(i.id, i.causes) for i in indicators.measured.values()]
    spoken += [(i.id, i.causes) for i in indicators.scheduled.values()]
    spoken += [(i.id, i.causes) for i in indicators.without_source.values()]
    for who, named in spoken:
        for cause in named:
            if cause not in causes:
                what = f"Indicator {who!r} speaks for the cause {cause!r}, which does not exist."
                raise CatalogError(what, "Add the cause, or correct the name.")
