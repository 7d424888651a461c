"""The composite against loops written from the paper's formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from selloff.detection.fragility import composite
from selloff.detection.fragility.composite import frozen_ewma_correlation, recursive_distribution

SEGMENTS = [0, 0, 1, 1, 2, 3]


@pytest.fixture(scope="module")
def indicators():
    """(600, 6): a holiday-ridden one, a segment that starts late, one that stops."""
    random = np.random.default_rng(0)
    walk = np.abs(np.cumsum(random.standard_normal((600, 1)), axis=0) / 5 + random.standard_normal((600, 6)))
    walk[random.random(600) < 0.05, 2] = math.nan
    walk[random.random(600) < 0.05, 3] = math.nan
    walk[:280, 4] = math.nan
    walk[590:, 5] = math.nan
    return walk


def naive_distribution(column, fewest):
    out, seen = [], []
    for x in column.tolist():
        if math.isnan(x):
            out.append(math.nan)
            continue
        seen.append(x)
        out.append(sum(y <= x for y in seen) / len(seen) if len(seen) >= fewest else math.nan)
    return out


def naive_correlation(deviations, decay, i, j):
    """From the sums of weights, not the recursion; sessions are counted where both are there."""
    out, pairs = [], []
    for a, b in deviations[:, [i, j]].tolist():
        if not math.isnan(a + b):
            pairs.append((a, b))
        weights = [decay**age for age in range(len(pairs))][::-1]
        ab, aa, bb = (
            sum(w * x[p] * x[q] for w, x in zip(weights, pairs, strict=True)) for p, q in [(0, 1), (0, 0), (1, 1)]
        )
        out.append(ab / math.sqrt(aa * bb) if len(pairs) >= 40 else math.nan)
    return out


def test_distribution_equals_the_loop():
    random = np.random.default_rng(1)
    values = np.round(random.standard_normal((300, 3)), 1)
    values[random.random((300, 3)) < 0.1] = math.nan
    found = recursive_distribution(values, fewest=40)
    for i in range(3):
        np.testing.assert_allclose(found[:, i], naive_distribution(values[:, i], 40))
    assert np.nanmin(found) > 0
    assert np.nanmax(found) == 1


def test_correlation_equals_the_loop():
    random = np.random.default_rng(2)
    deviations = random.uniform(-0.5, 0.5, (150, 3))
    deviations[random.random((150, 3)) < 0.15] = math.nan
    deviations[:60, 2] = math.nan
    found = frozen_ewma_correlation(deviations, 0.93)
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        np.testing.assert_allclose(found[:, i, j], naive_correlation(deviations, 0.93, i, j), rtol=1e-9)
        np.testing.assert_array_equal(found[:, i, j], found[:, j, i])
    assert np.nanmax(np.abs(found)) <= 1


def test_equals_the_loop(indicators):
    weights = [0.15, 0.25, 0.3, 0.3]
    found = composite(indicators, SEGMENTS, weights)
    place = np.column_stack([naive_distribution(indicators[:, i], 250) for i in range(6)])
    sub = np.full((600, 4), math.nan)
    for t in range(600):
        for s in range(4):
            known = [place[t, i] for i in range(6) if SEGMENTS[i] == s and not math.isnan(place[t, i])]
            sub[t, s] = sum(known) / len(known) if known else math.nan
    rho = {(i, j): naive_correlation(sub - 0.5, 0.93, i, j) for i in range(4) for j in range(i)}
    counts = set()
    for t in range(600):
        used = [s for s in range(4) if not math.isnan(sub[t, s])]
        while True:
            unknown = [sum(math.isnan(rho[max(a, b), min(a, b)][t]) for b in used if b != a) for a in used]
            if not any(unknown):
                break
            worst = max(range(len(used)), key=lambda p: (unknown[p], p))
            used.pop(worst)
        assert found.n_segments[t] == len(used)
        counts.add(len(used))
        if len(used) < 2:
            assert math.isnan(found.value[t])
            continue
        scale = sum(weights[s] for s in used)
        total = 0.0
        for a in used:
            for b in used:
                c = 1.0 if a == b else rho[max(a, b), min(a, b)][t]
                total += weights[a] * sub[t, a] / scale * weights[b] * sub[t, b] / scale * c
        assert found.value[t] == pytest.approx(math.sqrt(total), rel=1e-9)
    assert counts >= {0, 3, 4}
    np.testing.assert_allclose(found.sub_indices, sub)


def test_stress_in_step_is_worth_more_than_stress_apart():
    random = np.random.default_rng(3)
    first, second = random.standard_normal(800), random.standard_normal(800)
    step = composite(np.column_stack([first, first]), [0, 1])
    apart = composite(np.column_stack([first, second]), [0, 1])
    np.testing.assert_allclose(step.value[300:], step.sub_indices[300:].mean(axis=1))
    below_mean = apart.value[300:] <= apart.sub_indices[300:].mean(axis=1) + 1e-12
    assert below_mean.all()
    assert np.nanmax(step.value) <= 1


def test_one_segment_gives_nothing():
    found = composite(np.random.default_rng(4).standard_normal((400, 2)), [0, 0])
    assert np.isnan(found.value).all()
    assert found.n_segments[-1] == 1
