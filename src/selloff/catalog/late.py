"""Releases that came out later than their rule says, as after a government shutdown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field, model_validator

from selloff.catalog.series import CatalogModel, LateRelease, SeriesId


class LateTable(CatalogModel):
    """The late releases of one publication; `source` and `note` say where the days are from and what is missing."""

    id: SeriesId
    name: str
    source: str
    note: str
    unverified_years: tuple[int, ...]
    late: tuple[LateRelease, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> LateTable:
        days: list[date] = [day for stretch in self.late for day in (stretch.first, stretch.last)]
        if days != sorted(days) or any(stretch.released < stretch.last for stretch in self.late):
            raise ValueError(f"the stretches of {self.id!r} are not in order, overlap, or are released before they end")
        return self


def with_late_releases(series: Mapping[str, Any], tables: Mapping[str, LateTable]) -> dict[str, Any]:
    """The fields of a series whose release rule names a table, with the table's stretches in place of its name.

    Raises
    ------
    ValueError : there is no such table.
    """
    release = series.get("release")
    if not isinstance(release, dict) or "late" not in release:
        return dict(series)
    name = release["late"]
    if name not in tables:
        raise ValueError(f"there is no table {name!r} of late releases")
    return {**series, "release": {**release, "late": tables[name].late}}
