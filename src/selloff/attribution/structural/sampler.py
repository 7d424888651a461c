"""Structural draws: for each reduced form, one rotation from its restricted set.

The prior is the reduced form's own, and given it the Haar measure weighed by the restrictions: data say nothing about
the rotation (Giacomini and Kitagawa 2021, Econometrica 89(4)). So one rotation is drawn for each reduced form:

1. a few Haar rotations, each with its best signed permutation drawn from the orbit, resampled by the orbits' weights;
2. where every orbit fails a hard restriction, an approach through soft ones that harden step by step (Read and Zhu
   2026, arXiv 2603.27088, section 3);
3. passes of the slice sampler, which leave the restricted distribution as it is and mend what resampling few
   candidates leaves uneven.

A reduced form for which nothing is found counts as one whose set is empty, and is left out and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from selloff.attribution.structural.bounds import not_empty
from selloff.attribution.structural.orbits import apply, draw_from_orbits
from selloff.attribution.structural.restrictions import (
    VIOLATED,
    Restrictions,
    log_weight,
    shares_hold,
)
from selloff.attribution.structural.rotations import haar, refresh, turn
from selloff.panel.transforms import Floats

CANDIDATES = 2
SWEEPS = 8
"""Candidates and passes: `validation/structural_sampler.py` compares them with many more."""

HARDENING = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Penalty per unit of violation, pass by pass; at 1,000 a violation of a hundredth of a column's size costs e^10."""


@dataclass(frozen=True)
class Draws:
    """Structural loadings.

    Attributes
    ----------
    loadings : (n_kept, n_assets, n_columns), named shocks first.
    kept : (n_kept,) int64, which reduced forms they belong to.
    feasible_share : share of reduced forms for which a rotation was found.
    effective_candidates : mean effective number of the candidates that each draw was resampled from.
    """

    loadings: Floats
    kept: npt.NDArray[np.int64]
    feasible_share: float
    effective_candidates: float


@dataclass(frozen=True)
class Infeasible:
    """No rotation meets the hard restrictions.

    `conflicting` : restrictions, in words, that can't be met together, while any of them could be dropped to find a
    rotation (found by search, so it is as sure as the search was long). `tried` : reduced forms searched.
    """

    conflicting: tuple[str, ...]
    tried: int


def _start(
    base: Floats, restrictions: Restrictions, candidates: int, random: np.random.Generator
) -> tuple[Floats, ...]:
    """Best candidates (n, n_assets, n_columns), their orbits' log weights (n, candidates), and a chosen log weight."""
    n, _, size = base.shape
    rotated = np.repeat(base, candidates, axis=0) @ haar(n * candidates, size, random)
    orbit = draw_from_orbits(rotated, restrictions, random)
    moved = apply(rotated, orbit)
    log_total = orbit.log_total
    if restrictions.shares:
        log_total = np.where(shares_hold(moved, restrictions.shares), log_total, VIOLATED)
    by_draw = log_total.reshape(n, candidates)
    weights = np.exp(by_draw - by_draw.max(axis=1, keepdims=True))
    edges = np.cumsum(weights, axis=1)
    choice = (edges <= (random.random(n) * edges[:, -1])[:, None]).sum(axis=1)
    rows = np.arange(n) * candidates + np.minimum(choice, candidates - 1)
    effective = edges[:, -1] ** 2 / (weights**2).sum(axis=1)
    return moved[rows], by_draw.max(axis=1), effective


def _shortfall(columns: Floats, shock: int, restrictions: Restrictions) -> Floats:
    """How far candidate columns fall short of one shock's hard restrictions, relative to their size, (n,)."""
    if shock >= len(restrictions.shocks):
        return np.zeros(len(columns))
    size = np.sqrt(np.mean(columns**2, axis=1))
    hard = restrictions.hard[shock]
    short = np.maximum(-columns * hard, 0.0).sum(axis=1)
    for r in restrictions.rankings:
        if r.shock == shock and r.probability is None:
            larger, smaller = np.abs(columns[:, r.larger]) * r.scale[0], np.abs(columns[:, r.smaller]) * r.scale[1]
            short += np.maximum(smaller - larger, 0.0) / max(r.scale)
    return np.asarray(short / np.maximum(size, 1e-300))


def _meets(loadings: Floats, restrictions: Restrictions) -> npt.NDArray[np.bool_]:
    held = shares_hold(loadings, restrictions.shares)
    for j in range(len(restrictions.shocks)):
        held &= log_weight(loadings[:, :, j], j, restrictions) > VIOLATED / 2
    return held


def _approach(start: Floats, restrictions: Restrictions, random: np.random.Generator) -> Floats:
    """Drive draws that violate hard restrictions towards them; what still fails is returned as it is."""
    size = start.shape[2]
    pairs = [(i, j) for i in range(size) for j in range(i + 1, size)]
    loadings = start.copy()
    for hardness in HARDENING:
        left = np.flatnonzero(~_meets(loadings, restrictions))
        if len(left) == 0:
            break
        moving = loadings[left]

        def weight(columns: Floats, shock: int, hardness: float = hardness) -> Floats:
            return -hardness * _shortfall(columns, shock, restrictions)

        for k in random.permutation(len(pairs)):
            turn(moving, pairs[k], weight, random, None)
        loadings[left] = moving
    return loadings


def draw_loadings(
    base: Floats,
    restrictions: Restrictions,
    random: np.random.Generator,
    *,
    candidates: int = CANDIDATES,
    sweeps: int = SWEEPS,
) -> Draws | Infeasible:
    """One restricted rotation for each reduced form.

    Parameters
    ----------
    base : (n, n_assets, n_columns), any B with B B′ the common covariance; at least as many columns as named shocks.
    """
    if base.shape[2] < len(restrictions.shocks):
        raise ValueError(f"{len(restrictions.shocks)} shocks need as many columns, not {base.shape[2]}")
    possible = np.flatnonzero(not_empty(base, restrictions))
    if len(possible) == 0:
        return Infeasible(conflicting(base, restrictions, random), len(base))
    loadings, best, effective = _start(base[possible], restrictions, candidates, random)
    failed = np.flatnonzero(best <= VIOLATED / 2)
    if len(failed):
        loadings[failed] = _approach(loadings[failed], restrictions, random)
    kept = np.flatnonzero(_meets(loadings, restrictions))
    if len(kept) == 0:
        return Infeasible(conflicting(base, restrictions, random), len(base))
    found = refresh(loadings[kept], restrictions, sweeps, random)
    return Draws(found, possible[kept], len(kept) / len(base), float(effective.mean()))


def conflicting(
    base: Floats, restrictions: Restrictions, random: np.random.Generator, *, tried: int = 16
) -> tuple[str, ...]:
    """A set of hard restrictions that can't be met together though every smaller one can (deletion filter:
    Chinneck and Dravnieks 1991, Locating minimal infeasible constraint sets, ORSA J. Computing 3(2)).
    """
    some = base[:: max(1, len(base) // tried)]
    bare = replace(restrictions, rises=np.full(restrictions.rises.shape, 0.5), still=np.zeros_like(restrictions.still))
    bare = replace(bare, rankings=tuple(r for r in bare.rankings if r.probability is None))
    names = bare.hard_names()
    keep = [True] * len(names)
    for i in range(len(names)):
        keep[i] = False
        thinner = bare.without(keep)
        start, _, _ = _start(some, thinner, 8, random)
        if _meets(_approach(start, thinner, random), thinner).any():
            keep[i] = True
    return tuple(name for name, kept in zip(names, keep, strict=True) if kept)
