"""The attribution's constants and its errors, on drawn worlds. Results in results/attribution_PART.json.

1. Reported sets: worlds with one planted cause, each in turn; how far the planted cause's Bayes factor falls behind the
   best of its role. The limit of a role is the value that 95 % of its planted causes stay within (split conformal:
   rank ⌈0.95 (n + 1)⌉), and `attribution/reported_set.py` holds it rounded up to a tenth.
2. Misspecification: worlds with heavy tails, wrong signs, a volatility break, two causes, no listed cause, and those of
   the method itself. Mean log score of all causes' probabilities, in nats over the priors, with cells that are
   independent given the cause or deviate together as assets do (κ = 0, 0.5, 1: weight of the known correlation), with
   and without news outside the menu, and with the likelihood to a power (coarsened posterior, Miller and Dunson 2019,
   JASA 114(527)).
3. Seeds: how many statuses differ between two seeds of the sensitivity draws, and how far their intervals are apart.
4. One series fewer: how much a probability moves, and how many statuses change.
5. Set rules: three ways to make sets of triggers that hold the planted one in 95 % of worlds (the gap to the best,
   as shipped; the Bayes factor beside the mean of all, which makes the smallest sets where factors are true:
   Sadinle, Lei and Wasserman 2019, JASA 114(525); a limit of the gap for each cause), limits from one half of the
   worlds, sizes from the other, and from worlds of weaker shocks, as the method supposes them; also with shocks of
   3 sigmas on otherwise ordinary days. Beside it the same rules for a method that knows how the worlds are drawn:
   that one trigger and nothing else was planted, how intensities are spread, how large the noise is at each, and
   that cells miss apart. What it can't tell apart is not to be expected of any method that has these signatures.
6. Polarity: how often the likelier one is true, and what the stated probability loses.
7. Growth of the noise: mean log score of all causes' probabilities, in nats over the priors, where it is as fast as the
   intensity (as shipped), half as fast or none; and how often the bands of 68 and 90 % hold the unexplained share, and
   what planted causes moved, where contributions suppose the fastest and where they learn it (as shipped).

Worlds are the scorecard's, from seeds of their own; no market data, label or event enters.

Run:  python validation/attribution_calibration.py PART [--worlds N] [--write]
      PART is reported_sets, misspecification, stability, set_rules, polarity or noise_growth
"""

from __future__ import annotations

import argparse
import importlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import multivariate_t

from selloff.attribution import attribute
from selloff.attribution.combinations import combinations
from selloff.attribution.components import Components, components, from_log_odds, log_odds
from selloff.attribution.likelihood import (
    DEGREES_OF_FREEDOM,
    INTENSITIES,
    INTENSITY_VARIANCE,
    INTENSITY_WEIGHTS,
    Cells,
    cells_of,
    fit,
)
from selloff.attribution.posterior import posterior
from selloff.attribution.reported_set import LIMITS
from selloff.attribution.signature import Signatures
from selloff.attribution.unlisted import unlisted_log_density
from selloff.catalog import ROLES, default_catalogue
from selloff.panel.transforms import Floats
from selloff.scorecard.synthetic import worlds as world_model
from selloff.scorecard.synthetic.explained import inputs_of
from selloff.scorecard.synthetic.outcome import score_world
from selloff.scorecard.synthetic.worlds import KINDS, Kind, World, draw_world
from selloff.scorecard.weighing import weigh
from shared_series import report

CATALOGUE = default_catalogue()
CAUSES, ASSETS = list(CATALOGUE.causes.values()), list(CATALOGUE.assets)
PRIOR = np.array([c.prior for c in CAUSES])
ROLE = np.array([ROLES.index(c.role) for c in CAUSES])
SETS = combinations(CAUSES)
SEED_OF_SETS, SEED_OF_MODELS, SEED_OF_RULES, SEED_OF_GROWTH = 20_001, 20_002, 20_003, 20_100
LEVEL = 0.95
POWERS = (1.0, 0.85, 0.7, 0.5)


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


def reported_sets(n_each: int) -> dict[str, Any]:
    """How far each planted cause falls behind, and the limit of each role."""
    behind = defaultdict(list)
    for world, given in worlds("one", n_each * len(CAUSES), SEED_OF_SETS):
        factor = log_factors(given)
        row = [c.id for c in CAUSES].index(world.planted[0])
        rivals = factor[ROLE[row] == ROLE]
        behind[ROLES[ROLE[row]]].append((float(rivals.max() - factor[row]), rivals))
    found: dict[str, Any] = {"shipped": dict(LIMITS)}
    for role, cases in behind.items():
        sizes = [int(np.sum(rivals >= rivals.max() - LIMITS[role])) for _, rivals in cases]
        found[role] = {
            "worlds": len(cases),
            "limit": round(_limit([gap for gap, _ in cases]), 3),
            "in_set_with_shipped": round(float(np.mean([gap <= LIMITS[role] for gap, _ in cases])), 3),
            "median_size": float(np.median(sizes)),
            "mean_size": round(float(np.mean(sizes)), 2),
            "candidates": len(cases[0][1]),
        }
    return found


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


def variants(given: dict[str, Any]) -> dict[str, Floats]:
    """Probabilities under each variant of the model, (n_causes,) each."""
    parts = components(given["sets"])
    apart = unlisted_log_density(given["sigmas"], INTENSITIES, given["correlation"])
    prior = given["other"] / (given["other"] + PRIOR[ROLE == 0].sum())
    found = {}
    for together in (0.0, 0.5, 1.0):
        cells = cells_with(given["table"], given["correlation"], turns_of(given), together)
        density = fit(given["sigmas"], parts.active, parts.intensity, cells, given["correlation"]).log_density
        for power in POWERS:
            for outside in (0.0, prior):
                name = f"together {together:g}, power {power:g}, {'with' if outside else 'without'} unlisted"
                found[name] = weighed(given, parts, density, apart, power, outside)
    return found


def gain(world: World, probability: Floats) -> float:
    """Log score of all causes' probabilities over the priors, in nats."""
    active = np.array([c.id in world.planted for c in CAUSES])
    q = np.clip(probability, 1e-9, 1 - 1e-9)
    return float(np.where(active, np.log(q / PRIOR), np.log((1 - q) / (1 - PRIOR))).sum())


def misspecification(n_each: int) -> dict[str, Any]:
    """Log score over the priors by variant and kind of world."""
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for kind in KINDS:
        for world, given in worlds(kind, n_each, SEED_OF_MODELS):
            for name, p in variants(given).items():
                scores[name][kind].append(gain(world, p))
    return {
        name: {kind: round(float(np.mean(v)), 3) for kind, v in by.items()}
        | {"mean": round(float(np.mean([np.mean(v) for v in by.values()])), 3)}
        for name, by in scores.items()
    }


def _status(low: Floats, high: Floats) -> Floats:
    return np.where(low > PRIOR, 1, np.where(high < PRIOR / 2, -1, 0))


def stability(n_each: int) -> dict[str, Any]:
    """Another seed, and one asset fewer."""
    flips, apart, moved, changed, decided = [], [], [], [], []
    kinds: Sequence[Kind] = ("one", "two", "outside")
    for kind in kinds:
        for index, (_, given) in enumerate(worlds(kind, n_each, SEED_OF_MODELS)):
            one = posterior(**given)
            other = posterior(**{**given, "seed": given["seed"] + 1})
            flips.append(np.mean(_status(one.low, one.high) != _status(other.low, other.high)))
            decided.append(np.mean(_status(one.low, one.high) != 0))
            apart.append(np.abs(log_odds(np.array([one.low, one.high])) - log_odds(np.array([other.low, other.high]))))
            kept = np.arange(len(ASSETS)) != index % len(ASSETS)
            table = given["table"]
            fewer = posterior(
                **{
                    **given,
                    "sigmas": given["sigmas"][kept],
                    "correlation": given["correlation"][np.ix_(kept, kept)],
                    "table": Signatures(table.p[:, kept], table.size[:, kept], table.strength[:, kept]),
                }
            )
            moved.append(np.abs(fewer.probability - one.probability))
            changed.append(np.mean(_status(one.low, one.high) != _status(fewer.low, fewer.high)))
    return {
        "worlds": len(flips),
        "decided": round(float(np.mean(decided)), 4),
        "status_flips_with_seed": round(float(np.mean(flips)), 4),
        "interval_ends_apart_log_odds_mean": round(float(np.mean(apart)), 4),
        "interval_ends_apart_log_odds_95": round(float(np.quantile(np.array(apart), 0.95)), 4),
        "one_asset_fewer_probability_moves_mean": round(float(np.mean(moved)), 4),
        "one_asset_fewer_probability_moves_95": round(float(np.quantile(np.array(moved), 0.95)), 4),
        "one_asset_fewer_status_changes": round(float(np.mean(changed)), 4),
    }


def _limit(gaps: Sequence[float]) -> float:
    """The conformal limit: what 95 % stay within."""
    return sorted(gaps)[min(math.ceil(LEVEL * (len(gaps) + 1)), len(gaps)) - 1]


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
    gap, smallest = _limit(gaps), -_limit([-float(_beside_mean(f)[p]) for (p,), f in made])
    own = [_limit([g for g, ((p,), _) in zip(gaps, made, strict=True) if p == c]) for c in range(len(TRIGGERS))]
    return {
        "gap to the best": lambda f: f >= f.max() - gap,
        "beside the mean": lambda f: (_beside_mean(f) >= smallest) | (f == f.max()),
        "a limit for each cause": lambda f: f >= f.max() - np.array(own),
    }


def _sizes(made: list[Case], tried: list[Case]) -> dict[str, Any]:
    """Coverage and size of the three rules' sets."""
    first = float(np.mean([int(np.argmax(f)) in planted for planted, f in tried]))
    out: dict[str, Any] = {"worlds": len(tried), "a_planted_one_is_best": round(first, 3)}
    for name, rule in _rules(made).items():
        sets = [rule(f) for _, f in tried]
        sizes = [int(s.sum()) for s in sets]
        held = [float(s[list(planted)].mean()) for s, (planted, _) in zip(sets, tried, strict=True)]
        out[name] = {
            "holds": round(float(np.mean(held)), 3),
            "median_size": float(np.median(sizes)),
            "mean_size": round(float(np.mean(sizes)), 2),
        }
    return out


def set_rules(n_each: int) -> dict[str, Any]:
    """Three rules on the worlds as they are, on weaker ones, and with shocks of 3 sigmas and ordinary noise."""
    n = n_each * len(CAUSES)

    def compared(seed: int) -> tuple[list[Case], dict[str, Any]]:
        made, tried = (_planted("one", n, s) for s in (seed, seed + 1))
        ours = _by_method(made)
        knows = _sizes(_by_who_knows(made), _by_who_knows(tried))
        return ours, {"the method": _sizes(ours, _by_method(tried)), "who knows how worlds are drawn": knows}

    found: dict[str, Any] = {"candidates": len(TRIGGERS)}
    ours, found["as drawn"] = compared(SEED_OF_RULES)
    weaker = _by_method(_planted("prior", n, SEED_OF_RULES + 1))
    found["as the method supposes"] = {"the method": _sizes(ours, weaker)}
    kept = world_model.WEAKEST, world_model.STRONGEST, world_model.NOISE_SHARE
    world_model.WEAKEST = world_model.STRONGEST = 3.0
    world_model.NOISE_SHARE = 0.0
    try:
        return {**found, "3 sigmas, ordinary noise": compared(SEED_OF_RULES + 2)[1]}
    finally:
        world_model.WEAKEST, world_model.STRONGEST, world_model.NOISE_SHARE = kept


def polarity(n_each: int) -> dict[str, Any]:
    """The stated probability of a relief against the polarity that was drawn."""
    found = {}
    kinds: Sequence[Kind] = ("prior", "one", "two")
    for kind in kinds:
        right, lost = [], []
        for world, given in worlds(kind, n_each, SEED_OF_RULES + 4):
            relief = posterior(**given).relief
            p = relief if world.polarity == "relief" else 1.0 - relief
            right.append(0.5 if p == 0.5 else float(p > 0.5))
            lost.append(-math.log(max(p, 1e-12)))
        found[kind] = {"likelier_is_true": round(float(np.mean(right)), 3), "nats_lost": round(float(np.mean(lost)), 3)}
    return {**found, "a coin loses": round(math.log(2.0), 3)}


BANDS_SCORED = ("unexplained_covered_68", "unexplained_covered_90", "amount_covered_68", "amount_covered_90")


def _with_growth(given: dict[str, Any], growth: float) -> Floats:
    """Probabilities, the noise growing so fast, (n_causes,)."""
    module = importlib.import_module("selloff.attribution.unlisted")
    parts, cells = components(given["sets"]), cells_of(given["table"], given["correlation"], turns_of(given))
    fitted = fit(given["sigmas"], parts.active, parts.intensity, cells, given["correlation"], growth=growth)
    module.fit = partial(fit, growth=growth)
    try:
        apart = unlisted_log_density(given["sigmas"], INTENSITIES, given["correlation"])
    finally:
        module.fit = fit
    outside = given["other"] / (given["other"] + PRIOR[ROLE == 0].sum())
    return weighed(given, parts, fitted.log_density, apart, 1.0, outside)


def noise_growth(n_each: int) -> dict[str, Any]:
    """What the growth of the noise does to probabilities, and to bands."""
    growths = importlib.import_module("selloff.attribution.noise_growth")
    shipped: Floats = growths.GROWTHS
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    bands: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for kind in KINDS:
        drawn = list(worlds(kind, n_each, SEED_OF_GROWTH))
        for growth in shipped.tolist():
            gains = [gain(world, _with_growth(given, growth)) for world, given in drawn]
            scores[f"growth {growth:g}"][kind] = round(float(np.mean(gains)), 3)
        for name, supposed in (("fastest", np.array([1.0])), ("learnt", shipped)):
            growths.GROWTHS = supposed
            found = [score_world(world, CATALOGUE, attribute, 0, 1) for world, _ in drawn]
            columns = {score: [getattr(o, score) for o in found] for score in BANDS_SCORED}
            bands[name][kind] = {
                score: round(float(np.nanmean(values)), 3)
                for score, values in columns.items()
                if not np.isnan(values).all()
            }
        growths.GROWTHS = shipped
    return {"log_score": scores, "bands": bands}


PARTS = {
    "reported_sets": reported_sets,
    "misspecification": misspecification,
    "stability": stability,
    "set_rules": set_rules,
    "polarity": polarity,
    "noise_growth": noise_growth,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--worlds", type=int, default=80, help="worlds for each planted cause or kind")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    found = {"worlds_each": arguments.worlds, **PARTS[arguments.part](arguments.worlds)}
    report(f"attribution_{arguments.part}", found, write=arguments.write)


if __name__ == "__main__":
    main()
