"""The checks of the validation scripts: what they let pass, and what they refuse."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from selloff.attribution.fitted import load_fitted

VALIDATION = Path(__file__).parents[2] / "validation"


@pytest.fixture(scope="module")
def scripts():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(VALIDATION))
        yield importlib.import_module


@pytest.fixture
def checks(scripts):
    return scripts("claims").Checks()


def verdict(checks) -> bool:
    (passed,) = checks.passed.values()
    return passed


def _chance_of_at_most(count: int, n: int, p: float) -> float:
    return math.fsum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(count + 1))


@pytest.mark.parametrize(("n", "claim"), [(10, 0.95), (15, 0.68), (35, 0.95), (285, 0.0058)])
def test_a_rate_is_refused_where_chance_gives_it_in_less_than_one_run_of_a_thousand(scripts, n, claim):
    for count in range(n + 1):
        checks = scripts("claims").Checks()
        checks.rate("x", np.arange(n) < count, claim)
        too_few = _chance_of_at_most(count, n, claim) < 0.001
        too_many = 1 - (_chance_of_at_most(count - 1, n, claim) if count else 0.0) < 0.001
        assert verdict(checks) == (not too_few and not too_many), count


def test_more_than_claimed_is_no_contradiction_of_at_least(checks):
    checks.rate("x", [1.0] * 500, 0.95, at_least=True)
    assert verdict(checks)


def test_a_rate_that_so_few_can_t_contradict_is_not_said_to_be_tested(checks):
    checks.rate("x", [1.0, 0.0], 0.5)
    assert checks.passed == {} and checks.not_tested == ["x: 1 of 2, and any count of so few agrees with 0.5"]


def test_a_world_without_a_value_does_not_count(checks):
    checks.rate("x", [math.nan] * 50 + [1.0] * 5, 0.99)
    assert "5 of 5" in next(iter(checks.passed)) and verdict(checks)


def test_conformal_limits_are_given_their_own_chance(scripts):
    """Gaps drawn alike for both halves: far fewer than one run in a hundred is refused. Half as many held always is."""
    random, refused = np.random.default_rng(0), 0
    for _ in range(400):
        made, tried = random.exponential(size=(2, 55))
        limit = np.sort(made)[math.ceil(0.95 * 56) - 1]
        checks = scripts("claims").Checks()
        checks.held_by_conformal_limit("x", (tried <= limit).astype(float), 55, 0.95)
        refused += not verdict(checks)
    assert refused <= 4
    checks = scripts("claims").Checks()
    checks.held_by_conformal_limit("x", (np.arange(55) < 28).astype(float), 55, 0.95)
    assert not verdict(checks)


def test_a_mean_has_to_be_within_its_error(scripts):
    values = np.random.default_rng(1).normal(1.0, 0.5, 40)
    for claim, expected in ((1.0, True), (2.0, False)):
        checks = scripts("claims").Checks()
        checks.mean("x", values, claim)
        assert verdict(checks) == expected
    for gains, expected in ((values, False), (values - 1.0, True), (values - 3.0, True)):
        checks = scripts("claims").Checks()
        checks.no_better("x", gains)
        assert verdict(checks) == expected


@pytest.mark.parametrize(
    ("found", "where"),
    [
        ({"a": {"b": [1.0, 0.5]}, "n": 3}, None),
        ({"a": {"b": [1.005, 0.51]}, "n": 3}, None),
        ({"a": {"b": [1.0, 0.53]}, "n": 3}, "a / b / 2: 0.53, not 0.5"),
        ({"a": {"b": [1.0]}, "n": 3}, "a / b: [1.0], not [1.0, 0.5]"),
        ({"a": {"b": [1.0, 0.5]}}, "n: None, not 3"),
        ({"a": {"b": [1.0, 0.5]}, "n": 3, "more": 1}, "more: 1, not None"),
    ],
)
def test_what_does_not_repeat_is_named(scripts, checks, found, where):
    checks.repeats("x", {**found, "seconds": 7}, {"a": {"b": [1.0, 0.5]}, "n": 3}, leave_out=("seconds",))
    assert verdict(checks) == (where is None)
    assert where is None or where in next(iter(checks.passed))


def test_a_check_that_fails_ends_the_script_with_its_sentence(scripts, checks, capsys):
    checks.rate("the planted cause is in its set", [0.0] * 20, 0.95, at_least=True)
    with pytest.raises(SystemExit, match=r"its set: 0 of 20; with at least 0\.95 as claimed"):
        scripts("shared_series").report("x", checks.report(), write=False)


def test_a_refit_that_differs_is_named(scripts):
    differences, shipped = scripts("fit_main_trigger").differences, load_fitted("main_trigger")[:3]
    assert differences(shipped, shipped) == []
    other = {**shipped[1].values, "base": shipped[1].values["base"] + 2e-5}
    moved = [shipped[0], replace(shipped[1], values=other), shipped[2]]
    (told,) = differences(moved, shipped)
    assert told.startswith(f"{shipped[1].known_at.date()}: base differs by 2e-05")
    (told,) = differences(shipped[:2], shipped)
    assert told == f"{shipped[2].known_at.date()}: only one of the two has a set"
    (told,) = differences([replace(shipped[0], days=shipped[0].days[1:]), *shipped[1:]], shipped)
    assert "other days" in told
