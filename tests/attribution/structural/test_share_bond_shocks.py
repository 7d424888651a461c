"""The four shocks of shares and Treasuries: what they add up to, what they rest on, what they say when they can't."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attribution.structural.test_faces import meets, root
from conftest import NOW
from selloff.attribution.structural import CommonShocks, Infeasible, ModelCache, Unavailable, share_bond_shocks
from selloff.attribution.structural.restrictions import Ranking
from selloff.attribution.structural.share_bond_shocks import FIVE_YEARS, scaled_restrictions, system_draws
from selloff.attribution.structural.system_window import share_weights, window_parts
from selloff.panel import find_as_of
from truncation import truncated

WHEN = "2019-08-12:2019-08-16"
UNIT = np.array([5.0, 6.0, 6.5, 1.1])


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    return np.random.default_rng(3).standard_normal((600, 4)) @ root(1).T


@pytest.fixture(scope="module")
def drawn(values):
    return system_draws(values, scaled_restrictions(UNIT), 1)


@pytest.fixture(scope="module")
def found(at) -> CommonShocks:
    made = share_bond_shocks(*at(WHEN), None)
    assert isinstance(made, CommonShocks)
    return made


def as_bytes(found: CommonShocks) -> bytes:
    parts = found.parts
    arrays = (parts.contributions, parts.draws, parts.share, parts.low, parts.high, parts.share_low, parts.robust)
    return b"".join(a.tobytes() for a in arrays) + repr((found.sample_first, found.sample_last)).encode()


def test_every_draw_meets_the_published_restrictions(drawn):
    impact = drawn["impact"]
    assert len(impact) > 300
    for j in range(4):
        assert meets(impact[:, :, j], j).all()
    news, premia = (impact[:, :, :2] ** 2).sum(axis=2), (impact[:, :, 2:] ** 2).sum(axis=2)
    assert np.all(news[:, 0] > premia[:, 0]) and np.all(news[:, 2] < premia[:, 2])


def test_contributions_are_those_of_a_loop_over_draws(drawn):
    logs, sigmas = np.array([34.0, 31.0, 28.0, -4.0]), np.array([6.0, 5.0, 4.0, -3.0])
    restrictions = scaled_restrictions(UNIT)
    parts = window_parts(drawn["impact"], drawn["roots"], restrictions, UNIT, logs, sigmas)
    total = np.zeros((4, 4))
    shares = np.zeros(4)
    for impact in drawn["impact"]:
        shocks = np.linalg.inv(impact) @ (logs / UNIT)
        for j in range(4):
            moved = impact[:, j] * shocks[j] * UNIT
            total[j] += moved / len(drawn["impact"])
            counted = sum(sigmas[i] * moved[i] * sigmas[i] / logs[i] for i in (0, 2, 3))
            shares[j] += counted / sum(sigmas[i] ** 2 for i in (0, 2, 3)) / len(drawn["impact"])
    assert parts.contributions == pytest.approx(total, abs=1e-9)
    assert parts.share == pytest.approx(shares, abs=1e-9)
    assert parts.contributions.sum(axis=0) == pytest.approx(logs, abs=1e-9)
    assert parts.share.sum() == pytest.approx(1.0)


def test_draws_lie_within_the_bounds_of_their_own_reduced_form(drawn):
    logs, sigmas = np.array([34.0, 31.0, 28.0, -4.0]), np.array([6.0, 5.0, 4.0, -3.0])
    restrictions = scaled_restrictions(UNIT)
    for impact in drawn["impact"][::25]:
        own = np.linalg.cholesky(impact @ impact.T)[None]
        parts = window_parts(impact[None], own, restrictions, UNIT, logs, sigmas)
        assert np.all(parts.low <= parts.draws[0] + 1e-9) and np.all(parts.draws[0] <= parts.high + 1e-9)
        assert np.all(parts.share_low <= parts.share + 1e-9) and np.all(parts.share <= parts.share_high + 1e-9)


def test_a_planted_monetary_window_is_robustly_monetary(drawn):
    """Four units of one shock's mean column: its bounds exclude zero, the mirror's too, and no other has its share."""
    restrictions = scaled_restrictions(UNIT)
    column = drawn["impact"][:, :, 1].mean(axis=0)
    for sign in (1.0, -1.0):
        logs = sign * 4.0 * column * UNIT
        parts = window_parts(drawn["impact"], drawn["roots"], restrictions, UNIT, logs, logs / UNIT)
        assert parts.exclude_zero()[1]
        assert np.argmax(parts.share) == 1


def test_a_move_of_nothing_has_no_share():
    weights = share_weights(("us2y", "us5y", "us10y", "spx"), np.zeros(4), np.zeros(4))
    assert not weights.any()


def test_it_adds_up_to_the_panel_s_log_moves(at, found):
    _, _, bound = at(WHEN)
    parts = found.parts
    assert parts.draws.sum(axis=1) == pytest.approx(np.broadcast_to(parts.log_moves, parts.draws[:, 0].shape))
    for asset in ("us2y", "us10y", "spx"):
        assert parts.log_moves[parts.assets.index(asset)] == bound[asset].log_move
    assert found.sample_last == "2019-07-31" and found.n_sessions >= 250


def test_a_kept_model_gives_the_same_bytes_and_a_spoilt_one_counts_as_absent(at, found, tmp_path):
    said: list[str] = []
    cache = ModelCache(tmp_path, said.append)
    assert as_bytes(share_bond_shocks(*at(WHEN), cache)) == as_bytes(found)
    (file,) = tmp_path.iterdir()
    assert len(said) == 1 and "shares and Treasuries" in said[0]
    assert as_bytes(share_bond_shocks(*at(WHEN), cache)) == as_bytes(found)
    assert len(said) == 1
    spoilt = bytearray(file.read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    file.write_bytes(spoilt)
    assert as_bytes(share_bond_shocks(*at(WHEN), cache)) == as_bytes(found)
    assert len(said) == 2 and list(tmp_path.iterdir()) == [file]


def test_nothing_later_enters(at, world, store, found, tmp_path):
    _, window, _ = at(WHEN)
    cut = truncated(store, find_as_of(None, window, world.sessions, NOW), tmp_path / "cut")
    assert as_bytes(share_bond_shocks(*at(WHEN, cut), None)) == as_bytes(found)


def test_without_a_variable_it_is_unavailable_and_says_which(at):
    panel, window, bound = at(WHEN)
    without = {a: m for a, m in bound.items() if a != "us2y"}
    answer = share_bond_shocks(panel, window, without, None)
    assert isinstance(answer, Unavailable) and "not there: us2y" in answer.reason
    levels = panel.levels.copy()
    levels[window.end_row, panel.column[FIVE_YEARS]] = np.nan
    gap = type(panel)(panel.sessions, panel.series, levels, panel.ends, panel.observations, panel.as_of)
    answer = share_bond_shocks(gap, window, bound, None)
    assert isinstance(answer, Unavailable) and "us5y" in answer.reason


@pytest.mark.parametrize("asset", ["us2y", "us10y"])
def test_a_stand_in_is_no_yield(at, asset):
    panel, window, bound = at(WHEN)
    move = bound[asset]
    standing = replace(move, series=move.series.model_copy(update={"flags": ("stand_in",)}))
    answer = share_bond_shocks(panel, window, {**bound, asset: standing}, None)
    assert isinstance(answer, Unavailable)
    assert f"not there: {asset}" in answer.reason


def test_what_cannot_hold_together_is_named(values, at, tmp_path):
    claims = scaled_restrictions(UNIT)
    two, ten = 0, 2
    clash = replace(claims, rankings=(Ranking(0, two, ten), Ranking(0, ten, two)), shares=())
    arrays = system_draws(values, clash, 1)
    assert set(arrays["conflicting"].tolist()) == {"growth: |us2y| > |us10y|", "growth: |us10y| > |us2y|"}
    cache = ModelCache(tmp_path)
    cache.save_arrays("key", arrays)
    again = cache.load_arrays("key")
    assert Infeasible(tuple(again["conflicting"].tolist()), int(again["tried"])).tried == 500
