"""Baskets of the rotation: who may have led before a window."""

from __future__ import annotations

from pydantic import Field

from selloff.catalog.series import CatalogModel, SeriesId


class RotationBasket(CatalogModel):
    """An equal-weight basket; each member is a list of series of which the first available counts.

    `minus` is subtracted from it: equal against cap weight is a difference of two.
    """

    id: SeriesId
    name: str
    members: tuple[tuple[SeriesId, ...], ...] = Field(min_length=1)
    minus: tuple[SeriesId, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """Every series that it may read."""
        return (*(s for member in self.members for s in member), *self.minus)
