"""The attribution's constants and its errors, on drawn worlds. Results in results/attribution_PART.json.

1. Reported sets: worlds with one planted cause, each in turn; how far the planted cause's Bayes factor falls behind the
   best of its role. The limit of a role is the value that 95 % of its planted causes stay within (split conformal:
   rank ⌈0.95 (n + 1)⌉), and `attribution/reported_set.py` holds it rounded up to a tenth.
2. Misspecification: worlds with heavy tails, wrong signs, a volatility break, two causes, no listed cause, and those of
   the method itself. Mean log score of all causes' probabilities, in nats over the priors, with cells that are
   independent given the cause or deviate together as assets do (κ = 0, 0.5, 1: weight of the known correlation), with
   and without news outside the menu, and with the likelihood to a power (coarsened posterior, Miller and Dunson 2019,
   JASA 114(527)).
3. Draws: how many statuses differ between two sets of draws of the hypotheses, of all and of those that are decided
   with one of the two at least (most are undetermined with both), and how far their intervals are apart.
   And how many change where every move is a thousandth larger, with the same draws.
4. One series fewer: how much a probability moves, and how many statuses change, counted in the same two ways.
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

8. Amounts: on which side of the bands of 68 and 90 % a planted cause's amounts lie where it came alone (above: it moved
   more in the direction in which the asset went), for causes that are raised or not, and for amounts put into words.

Worlds are the scorecard's, from seeds of their own; no market data, label or event enters. Without --write every part
compares itself with what is claimed (`claims.py`) and fails with the sentence that does not hold.

Run:  python validation/attribution_calibration.py PART [--worlds N] [--write]
      PART is reported_sets, misspecification, stability, set_rules, polarity, noise_growth or amounts
"""

from __future__ import annotations

import argparse
import importlib
import math
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from attribution_amounts import amounts
from attribution_set_rules import SEED_OF_RULES, set_rules
from attribution_worlds import (
    ASSETS,
    CATALOGUE,
    CAUSES,
    LEVEL,
    PRIOR,
    ROLE,
    cells_with,
    columns,
    gain,
    limit_of,
    log_factors,
    other_hypothesis_draws,
    turns_of,
    weighed,
    worlds,
)
from claims import Checks, committed
from selloff.attribution import attribute
from selloff.attribution.components import components, log_odds
from selloff.attribution.likelihood import INTENSITIES, cells_of, fit
from selloff.attribution.posterior import posterior
from selloff.attribution.reported_set import LIMITS
from selloff.attribution.unlisted import unlisted_log_density
from selloff.catalog import ROLES
from selloff.panel.transforms import Floats
from selloff.scorecard.synthetic.outcome import score_world
from selloff.scorecard.synthetic.worlds import KINDS, Kind
from shared_series import report

SEED_OF_SETS, SEED_OF_MODELS, SEED_OF_GROWTH = 20_001, 20_002, 20_100
POWERS = (1.0, 0.85, 0.7, 0.5)
CORRECTION = 1e-3
"""Of every move, as a share of it."""

SHIPPED = "together 1, power 1, with unlisted"

Found = tuple[dict[str, Any], Checks]
"""What a part found, and whether it agrees with what is claimed."""


def reported_sets(n_each: int) -> Found:
    """How far each planted cause falls behind, and the limit of each role."""
    behind = defaultdict(list)
    for world, given in worlds("one", n_each * len(CAUSES), SEED_OF_SETS):
        factor = log_factors(given)
        row = [c.id for c in CAUSES].index(world.planted[0])
        rivals = factor[ROLE[row] == ROLE]
        behind[ROLES[ROLE[row]]].append((float(rivals.max() - factor[row]), rivals))
    found: dict[str, Any] = {"shipped": dict(LIMITS)}
    checks, expected = Checks(), committed("attribution_reported_sets")
    for role, cases in behind.items():
        sizes = [int(np.sum(rivals >= rivals.max() - LIMITS[role])) for _, rivals in cases]
        inside = [float(gap <= LIMITS[role]) for gap, _ in cases]
        limit = limit_of([gap for gap, _ in cases])
        checks.rate(f"{role}: planted cause in its set", inside, LEVEL, at_least=True)
        if n_each < expected["worlds_each"]:
            limit_made = expected[role]["limit"]
            checks.not_tested.append(f"{role}: whether the limit is larger than it need be, for want of worlds")
        else:
            limit_made = limit
        rounded = math.ceil(round(10.0 * limit_made, 2)) / 10.0
        checks.say(f"{role}: shipped limit {LIMITS[role]} is {limit_made:.3f} rounded up", LIMITS[role] == rounded)
        found[role] = {
            "worlds": len(cases),
            "limit": round(limit, 3),
            "in_set_with_shipped": round(float(np.mean(inside)), 3),
            "median_size": float(np.median(sizes)),
            "mean_size": round(float(np.mean(sizes)), 2),
            "candidates": len(cases[0][1]),
        }
    return found, checks


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


def misspecification(n_each: int) -> Found:
    """Log score over the priors by variant and kind of world."""
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for kind in KINDS:
        for world, given in worlds(kind, n_each, SEED_OF_MODELS):
            for name, p in variants(given).items():
                scores[name][kind].append(gain(world, p))
    found = {
        name: {kind: round(float(np.mean(v)), 3) for kind, v in by.items()}
        | {"mean": round(float(np.mean([np.mean(v) for v in by.values()])), 3)}
        for name, by in scores.items()
    }
    checks, expected = Checks(), committed("attribution_misspecification")
    every = {name: np.concatenate([by[kind] for kind in KINDS]) for name, by in scores.items()}
    checks.mean("log score of what is shipped", every[SHIPPED], expected[SHIPPED]["mean"])
    for other in (SHIPPED.replace("together 1", "together 0"), SHIPPED.replace("power 1", "power 0.85")):
        checks.mean(f"{other}, over what is shipped", every[other] - every[SHIPPED], 0.0)
    for power in ("power 0.7", "power 0.5"):
        other = SHIPPED.replace("power 1", power)
        checks.no_better(other, every[other] - every[SHIPPED])
    checks.not_tested.append("kinds of worlds by themselves, where no error beside the committed means is known")
    return found, checks


def _status(low: Floats, high: Floats) -> Floats:
    return np.where(low > PRIOR, 1, np.where(high < PRIOR / 2, -1, 0))


def stability(n_each: int) -> Found:
    """Another seed, and one asset fewer."""
    apart, moved, statuses = [], [], []
    kinds: Sequence[Kind] = ("one", "two", "outside")
    for kind in kinds:
        for index, (_, given) in enumerate(worlds(kind, n_each, SEED_OF_MODELS)):
            one = posterior(**given)
            with other_hypothesis_draws():
                other = posterior(**given)
            apart.append(np.abs(log_odds(np.array([one.low, one.high])) - log_odds(np.array([other.low, other.high]))))
            larger = posterior(**{**given, "sigmas": given["sigmas"] * (1.0 + CORRECTION)})
            kept = np.arange(len(ASSETS)) != index % len(ASSETS)
            fewer = posterior(
                **{
                    **given,
                    "sigmas": given["sigmas"][kept],
                    "correlation": given["correlation"][np.ix_(kept, kept)],
                    "table": columns(given["table"], kept),
                }
            )
            moved.append(np.abs(fewer.probability - one.probability))
            statuses.append([_status(p.low, p.high) for p in (one, other, fewer, larger)])
    one_draw, other_draw, one_fewer, corrected = np.array(statuses).transpose(1, 0, 2)
    found = {
        "worlds": len(statuses),
        "decided": round(float(np.mean(one_draw != 0)), 4),
        "status_flips_with_draws": round(float(np.mean(one_draw != other_draw)), 4),
        "status_flips_with_draws_of_ever_decided": _of_ever_decided(one_draw, other_draw),
        "status_flips_with_a_correction_of_ever_decided": _of_ever_decided(one_draw, corrected),
        "interval_ends_apart_log_odds_mean": round(float(np.mean(apart)), 4),
        "interval_ends_apart_log_odds_95": round(float(np.quantile(np.array(apart), 0.95)), 4),
        "one_asset_fewer_probability_moves_mean": round(float(np.mean(moved)), 4),
        "one_asset_fewer_probability_moves_95": round(float(np.quantile(np.array(moved), 0.95)), 4),
        "one_asset_fewer_status_changes": round(float(np.mean(one_draw != one_fewer)), 4),
        "one_asset_fewer_status_changes_of_ever_decided": _of_ever_decided(one_draw, one_fewer),
    }
    checks, expected = Checks(), committed("attribution_stability")
    flips = (one_draw != other_draw).astype(float).ravel()
    checks.rate("statuses that flip with the draws", flips, expected["status_flips_with_draws"])
    changes = (one_draw != one_fewer).astype(float).ravel()
    checks.rate("statuses that change with one asset fewer", changes, expected["one_asset_fewer_status_changes"])
    ends = np.mean(apart, axis=(1, 2))
    checks.mean("interval ends apart, log odds", ends, expected["interval_ends_apart_log_odds_mean"])
    moves = np.mean(moved, axis=1)
    checks.mean("moves with one asset fewer", moves, expected["one_asset_fewer_probability_moves_mean"])
    if n_each < expected["worlds_each"]:
        checks.not_tested.append("the flips of ever decided statuses: too few are decided")
    return found, checks


def _of_ever_decided(one: Floats, other: Floats) -> dict[str, Any]:
    """How many of the statuses that are decided in at least one of two runs differ between them."""
    ever, changed = int(np.sum((one != 0) | (other != 0))), int(np.sum(one != other))
    return {"ever_decided": ever, "changed": changed, "share": round(changed / ever, 3) if ever else None}


def polarity(n_each: int) -> Found:
    """The stated probability of a relief against the polarity that was drawn."""
    found, all_right, all_lost = {}, [], []
    kinds: Sequence[Kind] = ("prior", "one", "two")
    for kind in kinds:
        right, lost = [], []
        for world, given in worlds(kind, n_each, SEED_OF_RULES + 4):
            relief = posterior(**given).relief
            p = relief if world.polarity == "relief" else 1.0 - relief
            right.append(0.5 if p == 0.5 else float(p > 0.5))
            lost.append(-math.log(max(p, 1e-12)))
        found[kind] = {"likelier_is_true": round(float(np.mean(right)), 3), "nats_lost": round(float(np.mean(lost)), 3)}
        all_right += right
        all_lost += lost
    checks, expected = Checks(), committed("attribution_polarity")
    likelier, nats = ([expected[kind][key] for kind in kinds] for key in ("likelier_is_true", "nats_lost"))
    checks.rate("the likelier polarity is true", all_right, float(np.mean(likelier)))
    checks.mean("nats that the stated probability loses", all_lost, float(np.mean(nats)))
    if n_each < expected["worlds_each"]:
        checks.not_tested.append("kinds of worlds by themselves: any count of so few agrees with what is claimed")
    return {**found, "a coin loses": round(math.log(2.0), 3)}, checks


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


def noise_growth(n_each: int) -> Found:
    """What the growth of the noise does to probabilities, and to bands."""
    growths = importlib.import_module("selloff.attribution.noise_growth")
    shipped: Floats = growths.GROWTHS
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    bands: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    every: dict[str, list[float]] = defaultdict(list)
    claims: dict[str, list[float]] = defaultdict(list)
    checks, expected = Checks(), committed("attribution_noise_growth")
    for kind in KINDS:
        drawn = list(worlds(kind, n_each, SEED_OF_GROWTH))
        for growth in shipped.tolist():
            gains = [gain(world, _with_growth(given, growth)) for world, given in drawn]
            scores[f"growth {growth:g}"][kind] = round(float(np.mean(gains)), 3)
            every[f"growth {growth:g}"] += gains
        for name, supposed in (("fastest", np.array([1.0])), ("learnt", shipped)):
            growths.GROWTHS = supposed
            found = [score_world(world, CATALOGUE, attribute, 0, 1) for world, _ in drawn]
            columns = {score: [getattr(o, score) for o in found] for score in BANDS_SCORED}
            bands[name][kind] = {
                score: round(float(np.nanmean(values)), 3)
                for score, values in columns.items()
                if not np.isnan(values).all()
            }
            for score, claim in expected["bands"][name][kind].items():
                held = [v for v in columns[score] if not math.isnan(v)]
                every[f"{name}: {score}"] += held
                claims[f"{name}: {score}"] += [claim] * len(held)
        growths.GROWTHS = shipped
    for name, by_kind in expected["log_score"].items():
        checks.mean(f"log score, {name}", every[name], float(np.mean(list(by_kind.values()))))
    for name, claimed in claims.items():
        checks.rate(name, every[name], float(np.mean(claimed)))
    checks.not_tested.append("kinds of worlds by themselves, and which growth has the best log score")
    return {"log_score": scores, "bands": bands}, checks


PARTS = {
    "reported_sets": reported_sets,
    "misspecification": misspecification,
    "stability": stability,
    "set_rules": set_rules,
    "polarity": polarity,
    "noise_growth": noise_growth,
    "amounts": amounts,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--worlds", type=int, default=80, help="worlds for each planted cause or kind")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    found, checks = PARTS[arguments.part](arguments.worlds)
    name, found = f"attribution_{arguments.part}", {"worlds_each": arguments.worlds, **found}
    if arguments.write:
        report(name, found, write=True)
        return
    expected = committed(name)
    if expected["worlds_each"] == arguments.worlds:
        checks.repeats(name, found, expected)
    report(name, {**found, **checks.report()}, write=False)


if __name__ == "__main__":
    main()
