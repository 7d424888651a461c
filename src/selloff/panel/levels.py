"""Levels as of a moment: the last value known of series that are no price moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from selloff.catalog import Catalogue
from selloff.errors import CatalogError
from selloff.store import Store


@dataclass(frozen=True)
class Level:
    """The last value of a series that was known at a moment."""

    series: str
    value: float
    period_end: datetime
    known_at: datetime
    vintage: str
    source: str


def levels_as_of(
    store: Store, catalogue: Catalogue, series_ids: Sequence[str], as_of: datetime | None
) -> dict[str, Level]:
    """The last known value of each stored series; one without any is left out.

    Parameters
    ----------
    as_of : the moment; None is hindsight.

    Raises
    ------
    SeriesNotFoundError : the catalogue has no such series.
    CatalogError : a series is derived; read its members, or a panel.
    """
    specs = [catalogue.find_series(i) for i in dict.fromkeys(series_ids)]
    derived = next((s for s in specs if s.formula is not None), None)
    if derived is not None:
        raise CatalogError(f"{derived.id!r} is computed and has no stored level.", "Read its members.")
    last = store.read(specs, as_of).group_by("series", maintain_order=True).last()
    columns = ("series", "value", "period_end", "known_at", "vintage", "source")
    return {row["series"]: Level(**row) for row in last.select(columns).rows(named=True)}
