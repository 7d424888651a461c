"""How well could the unexplained share tell outside news from a planted cause? Result: results/unexplained_bound.json.

On worlds of the scorecard's kinds `outside` and `one`, drawn anew: the area under the ROC of the share that the method
states, and of the probability that the shock came from outside, for whoever knows how the worlds are drawn: that one
cause or none of them moved the assets, how strong shocks are, and how noise grows with them. Coin-flip signs are taken
as normal, so that bound is a little low. What the knower has and the method has not is that one cause came alone.

Also the unexplained share that the knower would state: all of the move if the shock came from outside, else what the
causes, each by its probability, leave on average. An outside shock is as likely beforehand as a planted cause, as here.

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

from attribution_worlds import CATALOGUE, CAUSES, cells_with, given_of, turns_of
from claims import Checks, committed
from selloff.attribution.contribution_draws import unexplained_share
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

DRAWS = 40
"""Of each component; there are 266 of them."""

SPAN = np.exp(np.linspace(math.log(WEAKEST), math.log(STRONGEST), 7))
KINDS: tuple[Kind, Kind] = ("outside", "one")


def outside_density(given: dict[str, Any]) -> float:
    """Log density of the moves under a shock from outside the menu, summed over intensities as `planted` does."""
    n, nu = len(given["sigmas"]), DEGREES_OF_FREEDOM
    squares = np.exp(SPREAD**2) * np.eye(n)
    found = []
    for g in SPAN:
        noise = (nu - 2.0) / nu * (1.0 + (NOISE_SHARE * g) ** 2)
        shape = noise * given["correlation"] + g**2 * squares
        found.append(multivariate_t.logpdf(given["sigmas"], np.zeros(n), shape, df=nu))
    # `planted` sums over two polarities.
    return float(np.logaddexp.reduce(found) + math.log(2.0))


def planted(given: dict[str, Any], random: np.random.Generator) -> tuple[float, float]:
    """Log density of the moves and mean share that the cause leaves, for who knows how worlds with one are drawn.

    Components are cause, intensity and polarity; given one, its contribution and the noise are jointly t.
    """
    sigmas, correlation, nu = given["sigmas"], given["correlation"], DEGREES_OF_FREEDOM
    cells = cells_with(given["table"], correlation, turns_of(given), together=0.0)
    log_weights, drawn = [], []
    for g in SPAN:
        noise = (nu - 2.0) / nu * (1.0 + (NOISE_SHARE * g) ** 2) * correlation
        for row in range(len(CAUSES)):
            own = g**2 * cells.covariance[row]
            along = own @ np.linalg.inv(noise + own)
            for mean in cells.mean:
                surprise = sigmas - g * mean[row]
                log_weights.append(multivariate_t.logpdf(surprise, np.zeros(len(sigmas)), noise + own, df=nu))
                distance = float(surprise @ np.linalg.solve(noise + own, surprise))
                scale = (own - along @ own) * (nu + distance) / (nu + len(sigmas))
                centre = g * mean[row] + along @ surprise
                found = multivariate_t.rvs(
                    centre, (scale + scale.T) / 2, df=nu + len(sigmas), size=DRAWS, random_state=random
                )
                drawn.append(float(unexplained_share(sigmas, found).mean()))
    density = float(np.logaddexp.reduce(log_weights))
    return density - math.log(len(CAUSES)), float(np.exp(np.array(log_weights) - density) @ np.array(drawn))


def shares(kind: Kind, n: int) -> tuple[Floats, Floats, Floats]:
    """Of n worlds, each (n,): the share stated, the probability of an outside shock for who knows, and its share."""
    stated, known, told = [], [], []
    for index in range(n):
        world = draw_world(kind, index, CAUSES, list(CATALOGUE.assets), SEED)
        given = given_of(world)
        attribution = weigh(inputs_of(world, CATALOGUE), CATALOGUE)
        stated.append(attribution.unexplained.mean)
        density, left = planted(given, np.random.default_rng([SEED, index]))
        outside = float(expit(outside_density(given) - density))
        known.append(outside)
        told.append(outside + (1.0 - outside) * left)
    return np.array(stated), np.array(known), np.array(told)


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    n = ROUNDS * len(CAUSES)
    found = {kind: shares(kind, n) for kind in KINDS}
    result: dict[str, Any] = {"worlds_each": n}
    names = ("the share stated", "who knows how worlds are drawn", "the share stated by who knows")
    for column, name in enumerate(names):
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
