"""Evidence from prices: each cell and ranking of a cause against what happened, as a likelihood ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from selloff.attribution.signature import UNCONDITIONAL, Signatures, observed_bucket
from selloff.catalog import Cause, Ranking

NOTEWORTHY = 1.15
"""Likelihood ratios between 1/1.15 and 1.15 say nothing and are not listed."""

FEWEST_RANKED = 40


@dataclass(frozen=True)
class Evidence:
    """One observation, and what it says about a cause.

    `kind` is `sign` (a predicted fall or rise), `no_move` (a predicted standstill: a move there only means that the
    cause was not alone) or `ranking`.

    `probability` is the cause's probability of what was observed, `usual` its frequency anyway; `likelihood_ratio` the
    first over the second. `basis` is `published` or `hypothesis`. `other` names the smaller asset of a ranking.
    """

    kind: str
    asset: str
    other: str | None
    sign: str
    observed: float
    probability: float
    usual: float
    likelihood_ratio: float
    basis: str


def cell_evidence(
    cause: Cause, row: int, table: Signatures, assets: Sequence[str], sigmas: Sequence[float]
) -> list[Evidence]:
    """Evidence of every restricted cell; open cells say nothing."""
    found = []
    for column, (asset, moved) in enumerate(zip(assets, sigmas, strict=True)):
        cell = cause.signature[asset]
        if cell.basis == "open":
            continue
        bucket = observed_bucket(moved)
        probability = float(table.p[row, column, bucket])
        predicted = "-0+"[int(np.argmax(table.p[row, column]))]
        usual = UNCONDITIONAL[bucket]
        found.append(
            Evidence(
                "no_move" if predicted == "0" else "sign",
                asset,
                None,
                predicted,
                moved,
                probability,
                usual,
                probability / usual,
                cell.basis,
            )
        )
    return found


def ranking_evidence(ranking: Ranking, larger: float, smaller: float, usual: float) -> Evidence:
    """Evidence of a ranking of absolute moves against its frequency in the sessions before the window."""
    held = abs(larger) > abs(smaller)
    probability = ranking.probability if held else 1.0 - ranking.probability
    before = usual if held else 1.0 - usual
    return Evidence(
        "ranking",
        ranking.larger,
        ranking.smaller,
        ">",
        larger,
        probability,
        before,
        probability / before,
        ranking.basis,
    )


def ranking_frequency(larger: np.ndarray, smaller: np.ndarray) -> float:
    """How often the absolute daily move of one was larger before the window, kept inside 0.1 to 0.9.

    With fewer than 40 common sessions it is one half.
    """
    both = ~np.isnan(larger) & ~np.isnan(smaller)
    if both.sum() < FEWEST_RANKED:
        return 0.5
    frequency = float(np.mean(np.abs(larger[both]) > np.abs(smaller[both])))
    return min(max(frequency, 0.1), 0.9)


def split(evidence: Sequence[Evidence]) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    """Evidence for and against, strongest first; what says nothing is left out."""
    ordered = sorted(evidence, key=lambda e: (-abs(np.log(e.likelihood_ratio)), e.asset))
    return (
        tuple(e for e in ordered if e.likelihood_ratio > NOTEWORTHY),
        tuple(e for e in ordered if e.likelihood_ratio < 1.0 / NOTEWORTHY),
    )


def ranking_ratios(evidence: Mapping[str, Sequence[Evidence]], causes: Sequence[Cause]) -> np.ndarray:
    """Log likelihood ratio of each cause's rankings together, (n_causes,)."""
    return np.array(
        [float(sum(np.log(e.likelihood_ratio) for e in evidence[c.id] if e.kind == "ranking")) for c in causes]
    )
