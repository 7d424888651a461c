"""Named episodes and their aliases."""

from __future__ import annotations

from datetime import date

from pydantic import Field, model_validator

from selloff.catalog.series import CatalogModel


class Episode(CatalogModel):
    """A named window of the catalogue.

    `base` is the session whose close the moves start from; the window's first session is the one after it.
    `consensus` is the usual reading of the named source. Attribution never reads it.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    base: date
    end: date
    aliases: tuple[str, ...] = ()
    consensus: str
    type: str
    source: str
    verified: bool
    """The source was read, not only known of."""

    @model_validator(mode="after")
    def _is_forward(self) -> Episode:
        if self.end <= self.base:
            raise ValueError(f"episode {self.id!r} ends {self.end}, not after its base {self.base}")
        return self
