"""Rules of the structural models, one test each; headings name the module."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from attribution.structural.test_faces import root
from naive import make_panel, window_of
from selloff.attribution.structural import Infeasible, share_bond_shocks
from selloff.attribution.structural.narrative import Narrative, narrative_log_weights
from selloff.attribution.structural.share_bond_shocks import FIVE_YEARS, scaled_restrictions
from selloff.attribution.structural.shocks import _merged, _single
from selloff.attribution.structural.system_window import window_parts
from selloff.attribution.structural.window import cut_off, decompose_window
from selloff.catalog import default_catalogue
from selloff.panel import window_moves

CATALOGUE = default_catalogue()
UNIT = np.array([5.0, 6.0, 6.5, 1.1])


# -- share_bond_shocks


def test_the_model_gets_the_variables_in_the_order_of_its_restrictions(monkeypatch: pytest.MonkeyPatch):
    """2-, 5- and 10-year yield and shares, which their names do not sort into; rankings in their own volatilities."""
    names = [*(CATALOGUE.assets[a].series[0] for a in ("us2y", "us10y", "spx")), FIVE_YEARS]
    n = 500
    moves = np.random.default_rng(3).standard_normal((n, 4)) * [3.0, 8.0, 1.0, 5.0]
    path = np.cumsum(moves / 100.0, axis=0)
    panel = make_panel(
        np.column_stack([50 + path[:, 0], 50 + path[:, 1], 100 * np.exp(path[:, 2]), 50 + path[:, 3]]), names
    )
    window = window_of(panel, n - 2, n - 1)
    of = {m.series.id: m for m in window_moves(panel, window)}
    seen = []

    def system_draws(values, restrictions, seed):
        seen.append((values, restrictions))
        return {"conflicting": np.array(["x"]), "tried": np.array(1)}

    # the package names a function like the module, so the module is asked for by its full name
    module = import_module("selloff.attribution.structural.share_bond_shocks")
    monkeypatch.setattr(module, "system_draws", system_draws)
    bound = {"us2y": of[names[0]], "us10y": of[names[1]], "spx": of[names[2]]}
    assert isinstance(share_bond_shocks(panel, window, bound, None), Infeasible)
    ((values, restrictions),) = seen
    assert restrictions.assets == ("us2y", "us5y", "us10y", "spx")
    columns, last = [0, 3, 1, 2], cut_off(panel, window)
    expected = panel.daily_moves[1 : last + 1, columns] / panel.volatility[:last, columns]
    assert values == pytest.approx(expected[~np.isnan(expected).any(axis=1)])
    daily = panel.volatility[last, columns]
    for r in restrictions.rankings:
        assert r.scale == pytest.approx((daily[r.larger], daily[r.smaller]))


def test_a_share_is_robust_in_a_reduced_form_if_its_lower_bound_there_is_above_zero():
    random = np.random.default_rng(9)
    said = set()
    for _ in range(6):
        logs = random.standard_normal(4) * UNIT * 3.0
        one = root(int(random.integers(5)))[None]
        parts = window_parts(one, one, scaled_restrictions(UNIT), UNIT, logs, logs / UNIT)
        assert parts.robust.tolist() == [float(low > 0.0) for low in parts.share_low]
        assert (parts.share_low <= parts.share_high).all()
        said |= set(zip(parts.robust.tolist(), (parts.share_high > 0.0).tolist(), strict=True))
    assert (0.0, True) in said


# -- shocks


def test_merged_causes_count_by_their_priors():
    """Probabilities and sizes alike; priors add up."""
    assets = sorted(CATALOGUE.assets)
    a = CATALOGUE.causes["inflation"].model_copy(update={"prior": 0.3})
    b = CATALOGUE.causes["credit_bank"].model_copy(update={"prior": 0.1})
    one, two = _single(a, assets), _single(b, assets)
    found = _merged(one, two)
    assert found.prior == pytest.approx(0.4) and found.name == "credit_bank+inflation"
    assert found.p == pytest.approx(0.75 * one.p + 0.25 * two.p)
    assert found.size == pytest.approx(0.75 * one.size + 0.25 * two.size)
    assert np.abs(one.size - two.size).max() > 0.1


# -- narrative


def test_a_story_and_its_opposite_share_the_whole_probability():
    loadings = np.array([[[1.0, 0.3], [0.4, -0.8]]])
    covariance = loadings @ loadings.transpose(0, 2, 1) + np.diag([0.3, 0.5])
    moves = np.array([0.6, 0.5])
    up, down = (np.exp(narrative_log_weights(loadings, covariance, (Narrative(moves, 0, s),)))[0] for s in (1, -1))
    assert up + down == pytest.approx(1.0)
    assert up > 0.6


# -- window


def test_an_asset_without_sigmas_in_the_window_takes_no_part(at, causes):
    """Missing is not a move of zero."""
    panel, window, bound = at("2019-08-12:2019-08-16")
    some = next(a for a in ("gold", "nky") if a in bound)
    bare = {**bound, some: replace(bound[some], sigmas_slow=None, log_move=None)}
    found = decompose_window(panel, window, bare, causes, None, stated=False)
    assert some not in found.decomposition.assets and len(found.decomposition.assets) >= 5
