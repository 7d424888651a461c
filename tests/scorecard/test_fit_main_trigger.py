"""The fitting script's optimum, against a numerical gradient and its limits."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "validation" / "fit_main_trigger.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("fit_main_trigger", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def problem():
    random = np.random.default_rng(8)
    values = random.normal(size=(60, 3))
    offset = np.log(random.dirichlet(np.ones(4), 60))
    votes = random.dirichlet(np.ones(4), 60)
    prior = random.normal(size=(4, 4)) * 0.3
    return values, offset, votes, prior


def _value(values, offset, votes, prior, penalty, weights):
    scores = offset + np.column_stack([np.ones(len(values)), values]) @ weights
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return float((votes * logs).sum() - 0.5 * (penalty * (weights - prior) ** 2).sum())


def test_the_optimum_has_no_slope_and_is_a_maximum(script, problem):
    penalty = np.full((4, 4), 5.0)
    found = script.fit_around(*problem, penalty)
    best = _value(*problem, penalty, found)
    for place in np.ndindex(4, 4):
        step = np.zeros((4, 4))
        step[place] = 1e-4
        up, down = (_value(*problem, penalty, found + s) for s in (step, -step))
        assert abs(up - down) / 2e-4 < 1e-4
        assert max(up, down) < best


def test_a_large_penalty_keeps_the_stated_weights(script, problem):
    found = script.fit_around(*problem, np.full((4, 4), 1e9))
    assert np.abs(found - problem[3]).max() < 1e-6


def test_sets_come_after_the_months_that_brought_labels(script):
    found = script.months_with_news([date(2001, 11, 5), date(2001, 12, 31), date(2002, 3, 1)])
    assert found == [
        datetime(2001, 12, 1, tzinfo=UTC),
        datetime(2002, 1, 1, tzinfo=UTC),
        datetime(2002, 4, 1, tzinfo=UTC),
    ]
