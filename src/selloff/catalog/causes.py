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


Sign = Literal["-", "+", "0", "?", "+/?", "-/?"]

OUTCOMES = ("a fall", "about unchanged", "a rise")
STATED: dict[Sign, int] = {"-": 0, "-/?": 0, "0": 1, "+": 2, "+/?": 2}
"""Which of the outcomes each sign states; `?` states none."""


class Cell(CatalogModel):
    """What a cause predicts for one asset.

    `p` is the probability that the asset falls, stays within half a sigma, or rises, given the cause;
    `size` its typical absolute move relative to the event's intensity, in sigmas.
    The outcome that `sign` states is the most probable one; under `?` a fall and a rise are equally probable.
    `published` is a restriction, so it goes with a sign, and `open` is no opinion, so it goes with `?`.
    """

    sign: Sign
    basis: Literal["published", "hypothesis", "open"]
    p: tuple[Probability, Probability, Probability]
    size: float = Field(gt=0.0, le=4.0)

    @field_validator("p")
    @classmethod
    def _sums_to_one(cls, value: tuple[float, float, float]) -> tuple[float, float, float]:
        if not math.isclose(sum(value), 1.0, abs_tol=1e-9):
            raise ValueError(f"p = {value} adds up to {sum(value):.6g}, not 1")
        return value

    @model_validator(mode="after")
    def _sign_agrees(self) -> Cell:
        falls, _, rises = self.p
        shown = f'sign = "{self.sign}" contradicts p = {list(self.p)} (falls, about unchanged, rises)'
        if self.sign not in STATED:
            if not math.isclose(falls, rises, abs_tol=1e-9):
                raise ValueError(f"{shown}: give a fall and a rise the same probability, or state a sign")
            return self
        stated = STATED[self.sign]
        if any(p >= self.p[stated] for i, p in enumerate(self.p) if i != stated):
            raise ValueError(f"{shown}: make {OUTCOMES[stated]} the most probable of the three, or correct the sign")
        return self

    @model_validator(mode="after")
    def _basis_agrees(self) -> Cell:
        if self.basis == "published" and self.sign not in ("-", "+"):
            raise ValueError(
                f'basis = "published" restricts a sign, and sign = "{self.sign}" is none: use "hypothesis"'
            )
        if self.basis == "open" and self.sign != "?":
            raise ValueError(f'basis = "open" is no opinion, and sign = "{self.sign}" is one: use "hypothesis" or "?"')
        return self


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
