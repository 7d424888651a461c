"""Rankings of a window against how often they held before it, by loops over the sessions up to the base."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from naive import make_panel, window_of
from selloff.attribution.moves_evidence import read_moves
from selloff.catalog import default_catalogue
from selloff.panel import Panel, Window, window_moves
from selloff.scorecard.synthetic.explained import inputs_of
from selloff.scorecard.synthetic.worlds import draw_world
from selloff.scorecard.weighing import weigh

CATALOGUE = default_catalogue()
ASSETS = ("us2y", "us10y", "gold", "silver")
N = 400


def drawn(last: tuple[float, float, float, float], days: int) -> tuple[Panel, Window, dict]:
    """Walks in which silver moves twice as much as gold, and the 10-year yield a little more than the 2-year one."""
    names = [CATALOGUE.assets[a].series[0] for a in ASSETS]
    moves = np.random.default_rng(2).standard_normal((N, 4)) * [4.0, 5.0, 1.0, 2.0]
    moves[-days:] = np.array(last) / days
    path = np.cumsum(moves / 100.0, axis=0)
    levels = np.column_stack([50.0 + path[:, :2], 100.0 * np.exp(path[:, 2:])])
    panel = make_panel(levels, names)
    window = window_of(panel, N - 1 - days, N - 1)
    return panel, window, dict(zip(ASSETS, window_moves(panel, window), strict=True))


def rankings_of(cause: str, last: tuple[float, float, float, float], days: int = 5) -> list:
    panel, window, bound = drawn(last, days)
    tested = [CATALOGUE.causes[cause]]
    return read_moves(tested, panel, window, bound, (), CATALOGUE).rankings[cause]


@pytest.mark.parametrize(("cause", "pair"), [("policy_tightening", (0, 1)), ("crowded_metals", (3, 2))])
@pytest.mark.parametrize("days", [1, 40])
def test_usual_is_the_share_of_the_250_sessions_up_to_the_base(cause, pair, days):
    panel, window, bound = drawn((40.0, 10.0, -8.0, -30.0), days)
    (found,) = read_moves([CATALOGUE.causes[cause]], panel, window, bound, (), CATALOGUE).rankings[cause]
    daily = panel.daily_moves[window.base_row - 249 : window.base_row + 1, list(pair)]
    if cause == "crowded_metals":
        daily = daily / daily.std(axis=0)
    held = sum(abs(a) > abs(b) for a, b in daily.tolist())
    assert found.usual == pytest.approx(held / 250)


def test_what_hardly_moved_ranks_nothing_and_one_that_moved_is_enough():
    assert rankings_of("policy_tightening", (2.0, -1.0, 0.0, 0.0)) == []
    assert len(rankings_of("policy_tightening", (30.0, 1.0, 0.0, 0.0))) == 1


def test_metals_are_ranked_by_sigmas_and_yields_by_basis_points():
    """Silver fell more in per cent, gold in sigmas; the 2-year yield rose more in sigmas, the other in basis points."""
    (metals,) = rankings_of("crowded_metals", (0.0, 0.0, -10.0, -14.0))
    (yields,) = rankings_of("policy_tightening", (30.0, 33.0, 0.0, 0.0))
    for found, cause in ((metals, "crowded_metals"), (yields, "policy_tightening")):
        (ranking,) = CATALOGUE.causes[cause].ranking
        assert found.probability == pytest.approx(1.0 - ranking.probability)


@pytest.mark.parametrize("stood_for", ["us2y", "us10y", "silver"])
def test_a_stand_in_has_no_size_in_the_asset_s_own_unit(stood_for):
    """It takes no part in a ranking by basis points, and its full part in one by sigmas."""
    panel, window, bound = drawn((30.0, 33.0, -10.0, -14.0), 5)
    move = bound[stood_for]
    standing = move.series.model_copy(update={"flags": ("stand_in",)})
    tested = [CATALOGUE.causes[c] for c in ("policy_tightening", "crowded_metals")]
    found = [
        read_moves(tested, panel, window, b, (), CATALOGUE).rankings
        for b in (bound, {**bound, stood_for: replace(move, series=standing)})
    ]
    assert found[1]["crowded_metals"] == found[0]["crowded_metals"] != []
    assert found[0]["policy_tightening"] != []
    assert (found[1]["policy_tightening"] == []) == (stood_for != "silver")


def test_the_window_s_sessions_enter_by_their_moves_alone():
    """The moves as they were, but levels spoilt from the first session of the window on: probabilities are the same."""
    world = draw_world("one", 3, list(CATALOGUE.causes.values()), list(CATALOGUE.assets), 5)
    given = inputs_of(world, CATALOGUE)
    levels = given.panel.levels.copy()
    levels[given.window.base_row + 1 :] *= np.where(np.arange(levels.shape[1]) % 2, 3.0, 0.4)
    spoilt = replace(given, panel=replace(given.panel, levels=levels))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
        one, two = weigh(given, CATALOGUE), weigh(spoilt, CATALOGUE)
    assert [(r.probability, r.low, r.high) for r in two.causes] == [(r.probability, r.low, r.high) for r in one.causes]
    assert [dict(r.contributions) for r in two.causes] == [dict(r.contributions) for r in one.causes]
