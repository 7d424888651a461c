"""Drawn worlds as `posterior` takes them, and probabilities under variants of the model."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from selloff.attribution.components import Components, components, from_log_odds, log_odds
from selloff.attribution.likelihood import INTENSITY_VARIANCE, INTENSITY_WEIGHTS, Cells, cells_of, fit
from selloff.attribution.signature import Signatures
from selloff.catalog import ROLES, default_catalogue
from selloff.panel.transforms import Floats
from selloff.scorecard.synthetic.explained import inputs_of
from selloff.scorecard.synthetic.worlds import Kind, World, draw_world
from selloff.scorecard.weighing import weigh

CATALOGUE = default_catalogue()
CAUSES, ASSETS = list(CATALOGUE.causes.values()), list(CATALOGUE.assets)
PRIOR = np.array([c.prior for c in CAUSES])
ROLE = np.array([ROLES.index(c.role) for c in CAUSES])
LEVEL = 0.95


class _Taken(Exception):  # noqa: N818
    """What `attribute` hands to `posterior`, caught on its way."""


def given_of(world: World) -> dict[str, Any]:
    """Arguments of `posterior` for a world."""
    module = importlib.import_module("selloff.attribution.attribute")
    taken: dict[str, Any] = {}

    def take(**arguments: Any) -> None:
        taken.update(arguments)
        raise _Taken

    kept, module.posterior = module.posterior, take
    try:
        weigh(inputs_of(world, CATALOGUE), CATALOGUE)
    except _Taken:
        pass
    finally:
        module.posterior = kept
    return taken


def worlds(kind: Kind, n: int, seed: int) -> Iterator[tuple[World, dict[str, Any]]]:
    for index in range(n):
        world = draw_world(kind, index, CAUSES, ASSETS, seed)
        yield world, given_of(world)


def columns(table: Signatures, kept: npt.NDArray[np.bool_]) -> Signatures:
    """The table of some of its assets."""
    assets = tuple(a for a, keep in zip(table.assets, kept, strict=True) if keep)
    return Signatures(table.p[:, kept], table.size[:, kept], table.strength[:, kept], table.causes, assets)


@contextmanager
def other_hypothesis_draws() -> Iterator[None]:
    """Draws of the hypotheses from other seeds than those that the program takes."""
    module = importlib.import_module("selloff.attribution.hypothesis_draws")
    kept = module._stream
    module._stream = lambda *names: kept("other", *names)
    module._scores.cache_clear()
    try:
        yield
    finally:
        module._stream = kept
        module._scores.cache_clear()


def turns_of(given: dict[str, Any]) -> Floats:
    """Both polarities, (2, n_causes)."""
    return np.where([[False], [True]] & given["mirrored"], -1.0, 1.0)


def log_factors(given: dict[str, Any]) -> Floats:
    """As `posterior` gives them, without its draws, (n_causes,)."""
    parts = components(given["sets"])
    cells = cells_of(given["table"], given["correlation"], turns_of(given))
    density = fit(given["sigmas"], parts.active, parts.intensity, cells, given["correlation"]).log_density
    log_weights = parts.log_prior + np.logaddexp.reduce(density + given["moves_log_ratio"] @ parts.active.T)
    weights = np.exp(log_weights - log_weights.max())
    before = np.exp(given["sets"].log_prior) @ given["sets"].active
    return log_odds(weights @ parts.active / weights.sum()) - log_odds(before)


def cells_with(table: Signatures, correlation: Floats, turns: Floats, together: float) -> Cells:
    """Cells whose deviations are correlated as assets are, by a weight."""
    mean, variance = table.moments()
    spread = np.sqrt(variance)
    between = together * correlation + (1.0 - together) * np.eye(len(correlation))
    return Cells(
        turns[..., None] * mean,
        INTENSITY_VARIANCE * mean[:, :, None] * mean[:, None, :] + spread[:, :, None] * spread[:, None, :] * between,
    )


def weighed(
    given: dict[str, Any], parts: Components, log_density: Floats, apart: Floats, power: float, outside: float
) -> Floats:
    """Probabilities, (n_causes,), with the likelihood to a power and that prior of news outside the menu."""
    density = np.logaddexp.reduce(log_density + given["moves_log_ratio"] @ parts.active.T) - np.log(2.0)
    listed = np.log1p(-outside) + parts.log_prior + power * density
    mute = np.log(INTENSITY_WEIGHTS) + power * apart
    mute[1:] += np.log(outside) if outside else -np.inf
    top = max(listed.max(), mute.max())
    seen, unseen = np.exp(listed - top), np.exp(mute - top).sum()
    share = seen.sum() / (seen.sum() + unseen)
    truncated = log_odds(np.exp(given["sets"].log_prior) @ given["sets"].active)
    odds = log_odds(seen @ parts.active / seen.sum()) - truncated + log_odds(PRIOR)
    return share * from_log_odds(odds) + (1 - share) * PRIOR


def gain(world: World, probability: Floats) -> float:
    """Log score of all causes' probabilities over the priors, in nats."""
    active = np.array([c.id in world.planted for c in CAUSES])
    q = np.clip(probability, 1e-9, 1 - 1e-9)
    return float(np.where(active, np.log(q / PRIOR), np.log((1 - q) / (1 - PRIOR))).sum())


def limit_of(gaps: Sequence[float]) -> float:
    """The conformal limit: what 95 % stay within."""
    return sorted(gaps)[min(math.ceil(LEVEL * (len(gaps) + 1)), len(gaps)) - 1]
