"""Causes: the candidate explanations, each with its signature across assets and what it requires."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from selloff.catalog.series import CatalogModel, SeriesId

Role = Literal["trigger", "premium", "amplifier"]
ROLES: tuple[Role, ...] = ("trigger", "premium", "amplifier")

Probability = Annotated[float, Field(gt=0.0, lt=1.0)]
"""No cause is proved or refuted by one sign or ranking: never 0 or 1."""


class Cell(CatalogModel):
    """What a cause predicts for one asset.

    `p` is the probability that the asset falls, stays within half a sigma, or rises, given the cause;
    `size` its typical absolute move relative to the event's intensity, in sigmas.
    """

    sign: Literal["-", "+", "0", "?", "+/?", "-/?"]
    basis: Literal["published", "hypothesis", "open"]
    p: tuple[Probability, Probability, Probability]
    size: float = Field(gt=0.0, le=4.0)

    @field_validator("p")
    @classmethod
    def _sums_to_one(cls, value: tuple[float, float, float]) -> tuple[float, float, float]:
        if not math.isclose(sum(value), 1.0, abs_tol=1e-9):
            raise ValueError(f"p = {value} adds up to {sum(value):.6g}, not 1")
        return value


class Ranking(CatalogModel):
    """A prediction that one asset's absolute move is larger than another's."""

    larger: str
    smaller: str
    scale: Literal["move", "sigmas"]
    probability: Probability
    basis: Literal["published", "hypothesis"]


class Link(CatalogModel):
    """One step of a chain: what moves next if the mechanism is at work, in the adverse polarity.

    `of` lists assets and series; the first one with data is tested. `sign` is the sign of its move.
    """

    name: str
    of: tuple[str, ...] = Field(min_length=1)
    sign: Literal["+", "-"]


class Reference(CatalogModel):
    """A work, and what in the cause it supports."""

    cite: str
    supports: str


class Cause(CatalogModel):
    """A candidate explanation in one of three roles: trigger, premium, amplifier.

    `requires`: every entry needs one of its columns or series, else the cause is not testable.
    `prior`: probability that the cause is active in an adverse window before any data of the event.
    `chain`: the mechanism as ordered links, each tested by itself. Only links outside the signature enter the
    probability, by what they did beyond what its columns explain.
    """

    id: SeriesId
    name: str = Field(min_length=1)
    role: Role
    mirror: bool
    prior: Annotated[float, Field(gt=0.0, lt=1.0)]
    summary: str
    description: str
    against: tuple[str, ...] = Field(min_length=1)
    requires: tuple[Annotated[tuple[str, ...], Field(min_length=1)], ...] = Field(min_length=1)
    helps: tuple[str, ...] = ()
    starter: str
    references: tuple[Reference, ...] = Field(min_length=1)
    signature: dict[str, Cell]
    ranking: tuple[Ranking, ...] = ()
    chain: tuple[Link, ...] = ()

    def is_turned(self, polarity: str) -> bool:
        """Whether its signs are taken the other way round: in a `relief`, if it has a mirror."""
        return self.mirror and polarity == "relief"

    @model_validator(mode="after")
    def _rankings_name_columns(self) -> Cause:
        for ranking in self.ranking:
            for column in (ranking.larger, ranking.smaller):
                if column not in self.signature:
                    raise ValueError(f"cause {self.id!r} ranks {column!r}, which its signature lacks")
        return self
