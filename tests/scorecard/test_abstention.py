"""Score against coverage, on planted confidence."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.catalog import default_catalogue
from selloff.catalog.labelmap import LabelMap, load_label_map
from selloff.scorecard.human.abstention import coverage_curve, selectivity, unknown_contrast, unsure_gain
from selloff.scorecard.human.methods import Method, Scene
from selloff.scorecard.scores import log_scores


@pytest.fixture(scope="module")
def label_map() -> LabelMap:
    catalogue = default_catalogue()
    return load_label_map(catalogue.folder, catalogue.causes)


def _method(label_map: LabelMap, *, knows: bool) -> tuple[Method, Scene]:
    """Half of the days have a known cause. One that knows says so there, and *unknown* elsewhere; the other says the
    opposite."""
    k, n = len(label_map.outcomes), 120
    random = np.random.default_rng(11)
    unknown = label_map.outcomes.index("unknown")
    base = np.full(k, 1 / k)
    stated, votes = np.zeros((n, k)), np.zeros((n, k))
    for i in range(n):
        clear = i % 2 == 0
        cause = int(random.integers(0, 6)) if clear else unknown
        votes[i, cause] = 1.0
        confident = clear == knows
        said = (cause if clear else int(random.integers(0, 6))) if confident else unknown
        stated[i] = 0.3 * base
        stated[i, said] += 0.7
    days = np.datetime64("1990-01-01") + np.arange(n) * np.timedelta64(90, "D")
    scene = Scene.of(days, np.tile(base, (n, 1)), np.zeros((n, k)))
    return Method("model", "m", np.arange(n), stated, votes, np.zeros(n), np.ones(n)), scene


def test_one_that_knows_when_it_knows(label_map: LabelMap):
    method, scene = _method(label_map, knows=True)
    assert unknown_contrast(method, scene, label_map).low > 0.5
    points = coverage_curve(method, scene, label_map)
    assert points[4].gain.low > 0.5
    assert points[-1].n == 120


def test_one_that_does_not(label_map: LabelMap):
    method, scene = _method(label_map, knows=False)
    assert unknown_contrast(method, scene, label_map).high < 0
    points = coverage_curve(method, scene, label_map)
    assert points[0].gain.high < 0
    assert points[0].overall_gain.mid > points[-1].overall_gain.mid, "to abstain is a gain for it"


def test_the_curve_against_a_loop(label_map: LabelMap):
    method, scene = _method(label_map, knows=True)
    gain = log_scores(method.stated, method.votes) - log_scores(scene.base, method.votes)
    named = [i for i, o in enumerate(label_map.outcomes) if o not in ("other", "unknown")]
    order = sorted(range(120), key=lambda i: (-max(method.stated[i, j] for j in named), i))
    for point in coverage_curve(method, scene, label_map):
        answered = order[: point.n]
        assert point.n == int(np.ceil(round(point.coverage * 120, 6)))
        assert point.gain.mid == pytest.approx(gain[answered].mean())
        assert point.overall_gain.mid == pytest.approx(gain[answered].sum() / 120)
        assert point.threshold == pytest.approx(min(method.stated[i, named].max() for i in answered))
    halves = gain[order[:60]].mean() - gain[order[60:]].mean()
    assert selectivity(method, scene, label_map).mid == pytest.approx(halves)
    assert unsure_gain(method, scene, label_map).mid == pytest.approx(gain[order[60:]].mean())
