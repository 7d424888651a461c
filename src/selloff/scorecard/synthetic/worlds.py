"""Worlds with planted causes: data whose reason is known because it was drawn.

Every world has 250 sessions of history and one of event. Its assets' correlation comes from two factors with loadings
drawn anew (standard normal times one half, own variance one), so that no world is the one the method was built on. A
planted cause moves each asset by g · m · size · s · k standard deviations: g is the world's intensity, m one factor per
cause (lognormal, mean 1, variance 1/4), size the cell's, k lognormal with mean 1 and coefficient of variation 1/2,
and s the sign: falls, unchanged (nothing) or rises, drawn from the cell's three probabilities. A `?` cell is drawn as
the table has it: falls 0.35, nothing 0.30, rises 0.35, at its size of 1: a real move of unknown sign. Causes with a
mirror are mirrored in the half of the worlds that are relief.

In worlds of the kind `prior` every cause is active with its own prior, independently; with the method's prior for news
outside the menu, such news made the moves instead, by open cells, and the active causes are not seen. The others plant
one cause, two triggers, or a shock of coin-flip signs that resembles no cause.

Noise is multivariate t with 4 degrees of freedom and that correlation. Its variance is 1 + g² in worlds of the kind
`prior`, as the method supposes, and 1 + (g/2)² in the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from selloff.attribution.likelihood import INTENSITIES, INTENSITY_WEIGHTS
from selloff.attribution.main_trigger import OTHER_WEIGHT, UNKNOWN_WEIGHT
from selloff.attribution.signature import UNCONDITIONAL, Polarity, Signatures, signatures
from selloff.attribution.unlisted import unlisted_prior
from selloff.catalog import Cause
from selloff.panel.transforms import Floats

Kind = Literal["prior", "one", "two", "outside", "wrong_signs", "heavy_tails", "volatility_break"]
KINDS: tuple[Kind, ...] = get_args(Kind)
HISTORY = 250
FACTORS, LOADING = 2, 0.5
WEAKEST, STRONGEST = 2.0, 8.0
"""Intensity is log-uniform between these in every kind but `prior`, whose intensity is the method's own prior."""

NOISE_SHARE = 0.5
TAIL, HEAVY_TAIL = 4.0, 2.5
BREAK = 2.5
"""How many times the volatility known before, for half of the assets, after a break."""

FLIPPED = 0.5
"""Share of the restricted cells whose sign is turned over in worlds with wrong signs."""

MOST_ALIKE = 0.5
"""Largest cosine between a shock from outside the menu and any cause's mean signature."""

SPREAD = float(np.sqrt(np.log(1.25)))
"""Lognormal with coefficient of variation 1/2."""


@dataclass(frozen=True)
class World:
    """One drawn world, in the assets' own daily standard deviations.

    Attributes
    ----------
    kind, polarity : how it was drawn. intensity : g.
    planted : ids of the active causes. unlisted : the shock came from outside the menu.
    contributions : (n_causes, n_assets), what each cause of the menu moved; zero for the others.
    move : (n_assets,), the event. history : (250, n_assets), the sessions before.
    """

    kind: Kind
    polarity: Polarity
    intensity: float
    planted: tuple[str, ...]
    contributions: Floats
    move: Floats
    history: Floats
    unlisted: bool = False


def _correlation_root(n: int, random: np.random.Generator) -> Floats:
    loadings = LOADING * random.standard_normal((n, FACTORS))
    covariance = loadings @ loadings.T + np.eye(n)
    scale = np.sqrt(np.diag(covariance))
    return np.asarray(np.linalg.cholesky(covariance / np.outer(scale, scale)), dtype=np.float64)


def _heavy(root: Floats, tail: float, random: np.random.Generator) -> Floats:
    """One draw of a multivariate t, with unit variance if its tail is 4, with unit scale if it is heavier."""
    normal = root @ random.standard_normal(len(root))
    unit = (TAIL - 2.0) / TAIL if tail >= TAIL else 1.0
    return np.asarray(normal * np.sqrt(unit * tail / random.chisquare(tail)))


def _effects(table: Signatures, flip: Floats, random: np.random.Generator) -> Floats:
    """Effect of each cause on each asset per unit of intensity, (n_causes, n_assets)."""
    uniform = random.random(table.size.shape)
    signs = np.where(uniform < table.p[..., 0], -1.0, np.where(uniform < table.p[..., :2].sum(axis=-1), 0.0, 1.0))
    sizes = table.size * np.exp(SPREAD * random.standard_normal(table.size.shape) - SPREAD**2 / 2)
    strength = np.exp(SPREAD * random.standard_normal((len(table.size), 1)) - SPREAD**2 / 2)
    return np.asarray(signs * flip * sizes * strength)


def _outside(table: Signatures, random: np.random.Generator) -> Floats:
    """Coin flips for signs, sizes as cells have them, unlike every cause's mean signature."""
    means = table.moments()[0]
    norms = np.linalg.norm(means, axis=1)
    directions = means[norms > 0] / norms[norms > 0, None]
    n = table.size.shape[1]
    while True:
        shock = random.choice([-1.0, 1.0], n) * np.exp(SPREAD * random.standard_normal(n) - SPREAD**2 / 2)
        if np.max(directions @ shock) / np.linalg.norm(shock) < MOST_ALIKE:
            return np.asarray(shock)


def _unlisted_prior(causes: Sequence[Cause]) -> float:
    """Prior of news outside the menu among the triggers."""
    return unlisted_prior(OTHER_WEIGHT + UNKNOWN_WEIGHT, sum(c.prior for c in causes if c.role == "trigger"))


def _open_cells(n: int, random: np.random.Generator) -> Floats:
    """A shock of n open cells of size 1."""
    signs = random.choice([-1.0, 0.0, 1.0], n, p=UNCONDITIONAL)
    return np.asarray(signs * np.exp(SPREAD * random.standard_normal(n) - SPREAD**2 / 2))


def _planted(kind: Kind, index: int, causes: Sequence[Cause], random: np.random.Generator) -> list[int]:
    triggers = [i for i, cause in enumerate(causes) if cause.role == "trigger"]
    if kind == "prior":
        return [int(i) for i in np.flatnonzero(random.random(len(causes)) < [c.prior for c in causes])]
    if kind == "two":
        return sorted(int(i) for i in random.choice(triggers, 2, replace=False))
    if kind == "outside":
        return []
    return [index % len(causes)]


def draw_world(kind: Kind, index: int, causes: Sequence[Cause], assets: Sequence[str], seed: int) -> World:
    """Draw one world.

    Parameters
    ----------
    index : number within its kind; kinds with one planted cause go through the causes in turn.
    causes, assets : the menu, and the columns of its signatures.
    seed : of the whole tier; worlds of one seed are independent of how many are drawn.
    """
    random = np.random.default_rng([seed, KINDS.index(kind), index])
    polarity: Polarity = "adverse" if random.random() < 0.5 else "relief"
    table = signatures(causes, assets, polarity)
    root = _correlation_root(len(assets), random)
    history = (root @ random.standard_normal((len(assets), HISTORY))).T
    planted = _planted(kind, index, causes, random)
    if kind == "prior":
        intensity = float(random.choice(INTENSITIES, p=INTENSITY_WEIGHTS))
    else:
        intensity = float(np.exp(random.uniform(np.log(WEAKEST), np.log(STRONGEST))))
    flip = np.ones(table.size.shape)
    if kind == "wrong_signs":
        restricted = np.array([[c.signature[a].basis != "open" for a in assets] for c in causes])
        flip = np.where(restricted & (random.random(flip.shape) < FLIPPED), -1.0, 1.0)
    contributions = np.zeros(table.size.shape)
    unlisted = kind == "outside" or (kind == "prior" and random.random() < _unlisted_prior(causes))
    if not unlisted:
        contributions[planted] = intensity * _effects(table, flip, random)[planted]
    share = 1.0 if kind == "prior" else NOISE_SHARE
    noise = np.sqrt(1.0 + (share * intensity) ** 2) * _heavy(
        root, HEAVY_TAIL if kind == "heavy_tails" else TAIL, random
    )
    if kind == "volatility_break":
        noise[random.permutation(len(assets))[: len(assets) // 2]] *= BREAK
    shock = contributions.sum(axis=0)
    if unlisted:
        shock = intensity * (_outside(table, random) if kind == "outside" else _open_cells(len(assets), random))
    ids = tuple(causes[i].id for i in planted)
    return World(kind, polarity, intensity, ids, contributions, shock + noise, history, unlisted)
