"""How well could the unexplained share tell outside news from a planted cause? Result: results/unexplained_bound.json.

On worlds of the scorecard's kinds `outside` and `one`, drawn anew: the area under the ROC of the share that the method
states, and of the probability that the shock came from outside, for whoever knows how the worlds are drawn: that one
cause or none of them moved the assets, how strong shocks are, and how noise grows with them. Coin-flip signs are taken
as normal, so that bound is a little low. What the knower has and the method has not is that one cause came alone.

Without --write the run has to repeat the committed result.

Run:  python validation/unexplained_bound.py [--write]
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import numpy as np
from scipy.special import expit
from scipy.stats import multivariate_t

from attribution_set_rules import informed
from attribution_worlds import CATALOGUE, CAUSES, given_of
from claims import Checks, committed
from selloff.attribution.likelihood import DEGREES_OF_FREEDOM
from selloff.panel.transforms import Floats
from selloff.scorecard.synthetic.explained import inputs_of
from selloff.scorecard.synthetic.worlds import NOISE_SHARE, SPREAD, STRONGEST, WEAKEST, Kind, draw_world
from selloff.scorecard.uncertainty import area_under_roc
from selloff.scorecard.weighing import weigh
from shared_series import report

NAME = "unexplained_bound"
SEED = 20_006
ROUNDS = 3
"""Worlds with a planted cause: so many for each cause; as many outside the menu."""

SPAN = np.exp(np.linspace(math.log(WEAKEST), math.log(STRONGEST), 7))
KINDS: tuple[Kind, Kind] = ("outside", "one")


def outside_density(given: dict[str, Any]) -> float:
    """Log density of the moves under a shock from outside the menu, summed over intensities as `informed` does."""
    n, nu = len(given["sigmas"]), DEGREES_OF_FREEDOM
    squares = np.exp(SPREAD**2) * np.eye(n)
    found = []
    for g in SPAN:
        noise = (nu - 2.0) / nu * (1.0 + (NOISE_SHARE * g) ** 2)
        shape = noise * given["correlation"] + g**2 * squares
        found.append(multivariate_t.logpdf(given["sigmas"], np.zeros(n), shape, df=nu))
    # `informed` sums over two polarities.
    return float(np.logaddexp.reduce(found) + math.log(2.0))


def shares(kind: Kind, n: int) -> tuple[Floats, Floats]:
    """Of n worlds: the share stated, and the probability of an outside shock for who knows, each (n,)."""
    stated, known = [], []
    for index in range(n):
        world = draw_world(kind, index, CAUSES, list(CATALOGUE.assets), SEED)
        given = given_of(world)
        attribution = weigh(inputs_of(world, CATALOGUE), CATALOGUE)
        stated.append(attribution.unexplained.mean)
        one = np.logaddexp.reduce(informed(given, SPAN, range(len(CAUSES)))) - math.log(len(CAUSES))
        known.append(float(expit(outside_density(given) - one)))
    return np.array(stated), np.array(known)


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    n = ROUNDS * len(CAUSES)
    found = {kind: shares(kind, n) for kind in KINDS}
    result: dict[str, Any] = {"worlds_each": n}
    for name, column in (("the share stated", 0), ("who knows how worlds are drawn", 1)):
        outside, one = (found[kind][column] for kind in KINDS)
        area = area_under_roc(outside, one, SEED)
        result[name] = {
            "outside": round(float(outside.mean()), 3),
            "one": round(float(one.mean()), 3),
            "area_under_roc": [round(x, 3) for x in (area.mid, area.low, area.high)],
        }
    checks = Checks()
    if not write:
        checks.repeats(NAME, result, committed(NAME), leave_out=["passed"])
    report(NAME, result | checks.report(), write)


if __name__ == "__main__":
    main()
