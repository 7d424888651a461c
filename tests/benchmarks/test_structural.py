"""Structural draws: 1,000 accepted, 12 assets, 8 shocks in 3 s on 2 cores; and against naive accept–reject.

Naive accept–reject draws a Haar rotation and keeps it if the hard restrictions hold with columns and signs as they are
drawn; both get the same reduced forms and the same restrictions (hard ones only, which is kind to the naive one).
`pytest tests/benchmarks/test_structural.py --benchmark-enable` measures.
"""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from attribution.structural.planted import claims
from selloff.attribution.structural.image_factors import common_part
from selloff.attribution.structural.model import structural_model
from selloff.attribution.structural.reduced_form import student_covariance
from selloff.attribution.structural.restrictions import log_weight
from selloff.attribution.structural.rotations import haar
from selloff.attribution.structural.sampler import Draws, draw_loadings

ASSETS, SHOCKS, SESSIONS = 12, 8, 1250
HARD = ["++-?????????", "+--?????????", "?++-????????", "??++-???????", "????????????"] + ["????????????"] * 3
SOFT = ["????++--++??", "???++--?+-+-", "+????+-+-+-+", "-?????+-++--", "+-+-+-+-+-+-", "++--++--++--", "+++---+++---"]
SOFT.append("-+-+-+++---+")
RESTRICTIONS = claims(ASSETS, HARD, SOFT)
HARD_ONLY = claims(ASSETS, HARD, ["????????????"] * SHOCKS)


@pytest.fixture(scope="module")
def values():
    random = np.random.default_rng(3)
    loadings = random.standard_normal((ASSETS, SHOCKS)) * 0.3
    common = random.standard_normal((SESSIONS, SHOCKS)) @ loadings.T
    return common + 0.6 * random.standard_normal((SESSIONS, ASSETS))


def test_a_thousand_draws(benchmark, values):
    began = os.times()
    model = benchmark.pedantic(structural_model, (values, RESTRICTIONS, 1), rounds=3, warmup_rounds=0)
    spent = os.times()
    benchmark.extra_info["draws"] = len(model.loadings)
    benchmark.extra_info["cpu_seconds_all_rounds"] = round(spent.user + spent.system - began.user - began.system, 2)
    assert len(model.loadings) >= 990


def test_against_naive_accept_reject(benchmark, values):
    random = np.random.default_rng(1)
    covariance = student_covariance(values, 1000, random)
    base = common_part(covariance, np.linalg.inv(covariance), SHOCKS + 1)

    def naive(rotations: int) -> int:
        kept = 0
        for start in range(0, rotations, 2000):
            some = base[(start + np.arange(2000)) % len(base)] @ haar(2000, SHOCKS + 1, random)
            held = np.ones(2000, dtype=bool)
            for j in range(SHOCKS):
                held &= log_weight(some[:, :, j], j, HARD_ONLY) == 0.0
            kept += int(held.sum())
        return kept

    found = benchmark.pedantic(draw_loadings, (base, HARD_ONLY, random), rounds=1)
    assert isinstance(found, Draws)
    began = time.perf_counter()
    again = draw_loadings(base, HARD_ONLY, random)
    fast = len(again.kept) / (time.perf_counter() - began)
    rotations = 100_000 if benchmark.enabled else 2000
    began = time.perf_counter()
    kept = naive(rotations)
    slow = kept / (time.perf_counter() - began)
    benchmark.extra_info["accepted_per_second"] = round(fast)
    benchmark.extra_info["naive_accepted_per_second"] = round(slow, 1)
    benchmark.extra_info["naive_accepted_of"] = f"{kept} of {rotations}"
