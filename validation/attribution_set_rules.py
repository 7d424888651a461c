"""Three ways to make sets of triggers, compared: part `set_rules` of attribution_calibration.py, which says how."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import multivariate_t

from attribution_worlds import CAUSES, LEVEL, ROLE, cells_with, limit_of, log_factors, turns_of, worlds
from claims import Checks, committed
from selloff.attribution.likelihood import DEGREES_OF_FREEDOM
from selloff.panel.transforms import Floats
from selloff.scorecard.synthetic import worlds as world_model
from selloff.scorecard.synthetic.worlds import Kind

SEED_OF_RULES = 20_003
TRIGGERS = np.flatnonzero(ROLE == 0)


def informed(given: dict[str, Any], intensities: Floats) -> Floats:
    """Log likelihood of each trigger alone, by the worlds' own intensities and noise, (n_triggers,)."""
    cells = cells_with(given["table"], given["correlation"], turns_of(given), together=0.0)
    nu, found = DEGREES_OF_FREEDOM, []
    for row in TRIGGERS:
        densities = []
        for g in intensities:
            noise = (nu - 2.0) / nu * (1.0 + (world_model.NOISE_SHARE * g) ** 2)
            shape = noise * given["correlation"] + g**2 * cells.covariance[row]
            densities += [multivariate_t.logpdf(given["sigmas"], g * mean[row], shape, df=nu) for mean in cells.mean]
        found.append(float(np.logaddexp.reduce(densities)))
    return np.array(found)


Case = tuple[tuple[int, ...], Floats]
"""Planted triggers, and log Bayes factors of all triggers, of one world."""


def _planted(kind: Kind, n: int, seed: int) -> list[tuple[tuple[int, ...], dict[str, Any]]]:
    """Worlds whose moves a planted trigger made: which, and the arguments of `posterior`."""
    place = {CAUSES[row].id: i for i, row in enumerate(TRIGGERS)}
    found = [(tuple(place[c] for c in w.planted if c in place), w, given) for w, given in worlds(kind, n, seed)]
    return [(planted, given) for planted, w, given in found if planted and not w.unlisted]


def _by_method(found: list[tuple[tuple[int, ...], dict[str, Any]]]) -> list[Case]:
    return [(planted, log_factors(given)[TRIGGERS]) for planted, given in found]


def _by_who_knows(found: list[tuple[tuple[int, ...], dict[str, Any]]]) -> list[Case]:
    span = np.exp(np.linspace(math.log(world_model.WEAKEST), math.log(world_model.STRONGEST), 7))
    return [(planted, informed(given, span)) for planted, given in found]


def _beside_mean(factors: Floats) -> Floats:
    raised = np.exp(factors - factors.max())
    return np.asarray(raised / raised.mean())


def _rules(made: list[Case]) -> dict[str, Callable[[Floats], npt.NDArray[np.bool_]]]:
    """The three rules, with limits from worlds with one planted trigger."""
    gaps = [float(f.max() - f[p]) for (p,), f in made]
    gap, smallest = limit_of(gaps), -limit_of([-float(_beside_mean(f)[p]) for (p,), f in made])
    own = [limit_of([g for g, ((p,), _) in zip(gaps, made, strict=True) if p == c]) for c in range(len(TRIGGERS))]
    return {
        "gap to the best": lambda f: f >= f.max() - gap,
        "beside the mean": lambda f: (_beside_mean(f) >= smallest) | (f == f.max()),
        "a limit for each cause": lambda f: f >= f.max() - np.array(own),
    }


def _sizes(made: list[Case], tried: list[Case]) -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Coverage and size of the three rules' sets; by rule, what share of the planted ones each world's set held."""
    first = float(np.mean([int(np.argmax(f)) in planted for planted, f in tried]))
    out: dict[str, Any] = {"worlds": len(tried), "a_planted_one_is_best": round(first, 3)}
    held = {}
    for name, rule in _rules(made).items():
        sets = [rule(f) for _, f in tried]
        sizes = [int(s.sum()) for s in sets]
        held[name] = [float(s[list(planted)].mean()) for s, (planted, _) in zip(sets, tried, strict=True)]
        out[name] = {
            "holds": round(float(np.mean(held[name])), 3),
            "median_size": float(np.median(sizes)),
            "mean_size": round(float(np.mean(sizes)), 2),
        }
    return out, held


WITH_ONE_LIMIT = ("gap to the best", "beside the mean")


def set_rules(n_each: int) -> tuple[dict[str, Any], Checks]:
    """Three rules on the worlds as they are, on weaker ones, and with shocks of 3 sigmas and ordinary noise."""
    n, checks, expected = n_each * len(CAUSES), Checks(), committed("attribution_set_rules")

    def compared(where: str, seed: int) -> tuple[list[Case], dict[str, Any]]:
        made, tried = (_planted("one", n, s) for s in (seed, seed + 1))
        ours = _by_method(made)
        cases = {
            "the method": (ours, _by_method(tried)),
            "who knows how worlds are drawn": (_by_who_knows(made), _by_who_knows(tried)),
        }
        found = {}
        for who, (from_these, on_these) in cases.items():
            found[who], held = _sizes(from_these, on_these)
            for rule in WITH_ONE_LIMIT:
                checks.held_by_conformal_limit(f"{where}, {who}, {rule}", held[rule], len(made), LEVEL)
            best = [float(int(np.argmax(f)) in planted) for planted, f in on_these]
            checks.rate(f"{where}, {who}, a planted one is best", best, expected[where][who]["a_planted_one_is_best"])
        return ours, found

    found: dict[str, Any] = {"candidates": len(TRIGGERS)}
    ours, found["as drawn"] = compared("as drawn", SEED_OF_RULES)
    weaker = _by_method(_planted("prior", n, SEED_OF_RULES + 1))
    found["as the method supposes"] = {"the method": _sizes(ours, weaker)[0]}
    kept = world_model.WEAKEST, world_model.STRONGEST, world_model.NOISE_SHARE
    world_model.WEAKEST = world_model.STRONGEST = 3.0
    world_model.NOISE_SHARE = 0.0
    try:
        found["3 sigmas, ordinary noise"] = compared("3 sigmas, ordinary noise", SEED_OF_RULES + 2)[1]
    finally:
        world_model.WEAKEST, world_model.STRONGEST, world_model.NOISE_SHARE = kept
    checks.not_tested += [
        "the sizes of the sets, and which rule makes the smaller: no bound for them is known",
        "a limit for each cause: it comes from as many worlds as there are for each cause",
        "worlds as the method supposes: limits are from other worlds, so nothing is promised there",
    ]
    return found, checks
