"""The composition: what each level is, its percentile, missing classes; and that no level knows the future."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from selloff.detection.fragility import (
    absorption,
    average_correlation,
    composite,
    fragility_at,
    fragility_history,
    rolling_connectedness,
    tail_dependence,
    turbulence,
)
from selloff.detection.fragility.fragility import level_at, rolling_maximum, stress_indicators

N = 1300
MEMBERS = {"equity": [0, 1, 6], "metals": [2, 3], "energy": [7, 8], "credit": [9], "fx": [5], "bonds": []}
NAMES = {
    "turbulence",
    "absorption",
    "absorption_shift",
    "correlation",
    "downside_correlation",
    "tail_dependence",
    "connectedness",
    "composite",
}


@pytest.fixture(scope="module")
def market(gappy):
    moves = gappy(N, 4, 0)
    return moves, np.full(moves.shape, 1.5)


@pytest.fixture(scope="module")
def history(market):
    return fragility_history(*market, MEMBERS)


def test_levels_are_those_of_the_estimators(market, history):
    moves, volatility = market
    sigmas = np.full(moves.shape, math.nan)
    sigmas[1:] = moves[1:] / volatility[:-1]
    by_class = np.full((N, len(MEMBERS)), math.nan)
    for c, columns in enumerate(MEMBERS.values()):
        for t in range(N):
            known = [sigmas[t, i] for i in columns if not math.isnan(sigmas[t, i])]
            by_class[t, c] = sum(known) / len(known) if known else math.nan
    expected = {
        "turbulence": turbulence(moves).value,
        "absorption": absorption(sigmas).ratio,
        "absorption_shift": absorption(sigmas).shift,
        "correlation": average_correlation(by_class).plain,
        "downside_correlation": average_correlation(by_class).downside,
        "tail_dependence": tail_dependence(by_class).value,
        "connectedness": rolling_connectedness(by_class).total,
    }
    for name, values in expected.items():
        np.testing.assert_allclose(history.measures[name], values, rtol=1e-9, err_msg=name)
        assert np.isfinite(values[-1]), name
    assert np.isfinite(history.measures["composite"][-1])


def test_percentile_is_among_what_was_known():
    values = np.concatenate([[math.nan] * 3, np.random.default_rng(1).standard_normal(400), [99.0, math.nan]])
    for row in (251, 252, 300, 402):
        seen = [x for x in values[: row + 1] if not math.isnan(x)]
        level = level_at(values, row)
        assert (level.value, level.n_levels) == (values[row], len(seen))
        if len(seen) < 250:
            assert level.percentile is None
        else:
            assert level.percentile == pytest.approx(100 * sum(x <= values[row] for x in seen) / len(seen))
    assert level_at(values, 252).percentile is not None
    assert level_at(values, 251).percentile is None
    assert level_at(values, len(values) - 1) == type(level)(None, None, 401)


def test_missing_classes_are_named_and_the_rest_goes_on(history):
    found = fragility_at(history, N - 1)
    assert found.classes == tuple(MEMBERS)
    assert found.classes_missing == ("fx", "bonds")
    assert np.isnan(found.table.net[[4, 5]]).all()
    assert np.isfinite(found.table.net[:4]).all()
    assert found.connectedness.value == pytest.approx(found.table.total)


def test_to_dict_is_plain(history):
    plain = json.loads(json.dumps(fragility_at(history, N - 1).to_dict(), allow_nan=False))
    assert set(plain) >= NAMES
    assert plain["net_connectedness"]["bonds"] is None
    assert plain["turbulence"]["percentile"] is not None
    early = fragility_at(history, 100).to_dict()
    assert all(early[name] == {"value": None, "percentile": None, "n_levels": 0} for name in NAMES)


def test_stress_indicators_by_loop():
    random = np.random.default_rng(2)
    moves = random.standard_normal((900, 2))
    moves[random.random((900, 2)) < 0.05] = math.nan
    moves[800:, 1] = math.nan
    found = stress_indicators(moves)
    for i in range(2):
        level, levels, count = 0.0, [], 0
        for t in range(900):
            if not math.isnan(moves[t, i]):
                level, count = level + moves[t, i], count + 1
            levels.append(level)
            recent = [abs(x) for x in moves[max(t - 19, 0) : t + 1, i] if not math.isnan(x)]
            alive = any(not math.isnan(x) for x in moves[max(t - 4, 0) : t + 1, i])
            if count < 250 or len(recent) < 16 or not alive:
                assert np.isnan(found[t, [i, 2 + i]]).all()
                continue
            assert found[t, i] == pytest.approx(sum(recent) / len(recent))
            assert found[t, 2 + i] == pytest.approx(max(levels[-500:]) - level, abs=1e-9)
    assert np.isnan(found[-1, 1])


def _stress(moves):
    return composite(stress_indicators(moves[:, [0, 1, 2, 6]]), [0, 1, 2, 3, 0, 1, 2, 3]).value


ESTIMATORS = {
    "turbulence": lambda m: turbulence(m, look_back=120).value,
    "absorption": lambda m: absorption(m, window=120, half_life=60).ratio,
    "absorption_shift": lambda m: absorption(m, window=120, half_life=60).shift,
    "correlation": lambda m: average_correlation(m, window=120).plain,
    "downside": lambda m: average_correlation(m, window=120).downside,
    "tail_dependence": lambda m: tail_dependence(m, window=150).value,
    "connectedness": lambda m: rolling_connectedness(m, window=120).shares,
    "composite": _stress,
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_later_rows_change_nothing_bit_for_bit(name, gappy):
    moves = gappy(800, 3, 7)
    whole = ESTIMATORS[name](moves)
    assert np.isfinite(whole.reshape(800, -1)).any(axis=1).sum() > 200
    for cut in (401, 563, 701, 799):
        np.testing.assert_array_equal(ESTIMATORS[name](moves[:cut]), whole[:cut])
    wild = moves.copy()
    wild[701:] = 1e4 * np.random.default_rng(8).standard_normal(wild[701:].shape)
    np.testing.assert_array_equal(ESTIMATORS[name](wild)[:701], whole[:701])


def test_a_session_is_explained_the_same_with_or_without_its_future(market, history):
    moves, volatility = market
    for row in (900, 1150):
        shorter = fragility_history(moves[: row + 1], volatility[: row + 1], MEMBERS)
        assert fragility_at(shorter, row).to_dict() == fragility_at(history, row).to_dict()


@pytest.mark.parametrize("n_rows", [1, 4, 5, 6, 37])
def test_rolling_maximum(n_rows):
    values = np.random.default_rng(n_rows).normal(size=(n_rows, 3))
    expected = [values[max(t - 4, 0) : t + 1].max(axis=0) for t in range(n_rows)]
    assert np.array_equal(rolling_maximum(values, 5), expected)
