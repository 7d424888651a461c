"""Evidence from rankings, and how often they held before."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selloff.attribution.evidence import Evidence, ranking_evidence, ranking_frequency, split
from selloff.catalog import Ranking

RANKING = Ranking(larger="us2y", smaller="us10y", scale="move", probability=0.8, basis="published")


@pytest.mark.parametrize(
    ("larger", "smaller", "ratio"), [(-9.0, 3.0, 0.8 / 0.3), (2.0, -3.0, 0.2 / 0.7), (1.0, 1.0, 0.2 / 0.7)]
)
def test_ranking_against_its_frequency(larger, smaller, ratio):
    found = ranking_evidence(RANKING, larger, smaller, 0.3)
    assert found.likelihood_ratio == pytest.approx(ratio)
    assert found.probability / found.usual == pytest.approx(ratio)


def test_frequency_by_loop():
    random = np.random.default_rng(0)
    a, b = random.standard_normal(200), 0.7 * random.standard_normal(200)
    a[::7], b[::11] = math.nan, math.nan
    both = [(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True) if not (math.isnan(x) or math.isnan(y))]
    assert ranking_frequency(a, b) == pytest.approx(sum(abs(x) > abs(y) for x, y in both) / len(both))


def test_frequency_is_kept_away_from_certainty_and_needs_forty():
    ones = np.ones(100)
    assert ranking_frequency(2 * ones, ones) == 0.9
    assert ranking_frequency(ones, 2 * ones) == 0.1
    assert ranking_frequency(2 * ones[:39], ones[:39]) == 0.5


def test_split_is_strongest_first_and_drops_what_says_nothing():
    def item(asset: str, ratio: float) -> Evidence:
        return Evidence("sign", asset, None, "-", -1.0, 0.5, 0.5 / ratio, ratio, "hypothesis")

    favourable, contrary = split([item("a", 1.2), item("b", 3.0), item("c", 1.01), item("d", 0.2), item("e", 0.5)])
    assert [i.asset for i in favourable] == ["b", "a"]
    assert [i.asset for i in contrary] == ["d", "e"]
