"""Drawn worlds hold what they say, and reach the program's own attribution unchanged."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.attribution.signature import signatures
from selloff.catalog import default_catalogue
from selloff.scorecard.synthetic.explained import BASIS_POINTS, inputs_of
from selloff.scorecard.synthetic.worlds import HISTORY, KINDS, STRONGEST, WEAKEST, draw_world

CATALOGUE = default_catalogue()
CAUSES, ASSETS = list(CATALOGUE.causes.values()), list(CATALOGUE.assets)


def draw(kind, index=0, seed=1):
    return draw_world(kind, index, CAUSES, ASSETS, seed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_one_world(kind) -> None:
    first, again, other = draw(kind, 3), draw(kind, 3), draw(kind, 3, seed=2)
    assert np.array_equal(first.move, again.move) and np.array_equal(first.history, again.history)
    assert first.planted == again.planted
    assert not np.array_equal(first.move, other.move)


def test_kinds_plant_what_they_say() -> None:
    assert [draw("one", i).planted for i in range(len(CAUSES))] == [(c.id,) for c in CAUSES]
    assert draw("outside").planted == () and not draw("outside").contributions.any()
    for i in range(5):
        pair = draw("two", i).planted
        assert len(set(pair)) == 2 and all(CATALOGUE.causes[p].role == "trigger" for p in pair)
        assert WEAKEST <= draw("two", i).intensity <= STRONGEST


def test_only_planted_causes_contribute() -> None:
    for i in range(8):
        world = draw("prior", i)
        rows = {c.id for c, row in zip(CAUSES, world.contributions, strict=True) if row.any()}
        assert rows <= set(world.planted)


def test_cells_are_drawn_with_their_probabilities_and_sizes() -> None:
    """Signs and mean sizes over many worlds against the table, an open cell among them."""
    row = next(i for i, c in enumerate(CAUSES) if c.id == "policy_tightening")
    n = 2500
    effects = {"adverse": [], "relief": []}
    for i in range(n):
        world = draw("one", row + i * len(CAUSES))
        effects[world.polarity].append(world.contributions[row] / world.intensity)
    for polarity, drawn in effects.items():
        table = signatures([CAUSES[row]], ASSETS, polarity)
        moved = np.array(drawn)
        shares = np.stack([(moved < 0).mean(axis=0), (moved == 0).mean(axis=0), (moved > 0).mean(axis=0)], axis=-1)
        assert np.abs(shares - table.p[0]).max() < 0.06
        sizes = np.abs(moved).sum(axis=0) / np.maximum((moved != 0).sum(axis=0), 1)
        assert np.abs(sizes / table.size[0] - 1).max() < 0.15


def test_wrong_signs_are_wrong() -> None:
    """Over many worlds the mean sign of a published cell collapses towards zero."""
    row, column = next(i for i, c in enumerate(CAUSES) if c.id == "growth"), ASSETS.index("spx")

    def mean_sign(kind) -> float:
        drawn = [draw(kind, row + i * len(CAUSES)) for i in range(200)]
        signs = [np.sign(w.contributions[row, column]) * (1 if w.polarity == "adverse" else -1) for w in drawn]
        return float(np.mean(signs))

    assert mean_sign("one") < -0.6
    assert abs(mean_sign("wrong_signs")) < 0.25


def test_heavier_tails_and_breaks_move_more() -> None:
    def size(kind) -> float:
        noise = [draw(kind, i) for i in range(150)]
        return float(np.mean([np.abs(w.move - w.contributions.sum(axis=0)).mean() / w.intensity for w in noise]))

    assert size("heavy_tails") > 1.2 * size("one")
    assert size("volatility_break") > 1.4 * size("one")


def test_the_panel_holds_the_world() -> None:
    """The moves that the panel layer finds are the drawn ones over the volatility of the drawn history."""
    world = draw("one", 4)
    given = inputs_of(world, CATALOGUE)
    expected = world.move / world.history.std(axis=0, ddof=1)
    assert [m.sigmas_slow for m in given.bound.values()] == pytest.approx(expected.tolist(), rel=1e-6)
    column = ASSETS.index("us2y")
    assert given.bound["us2y"].log_move == pytest.approx(world.move[column] * BASIS_POINTS, rel=1e-6)
    assert given.window.base_row == HISTORY and given.window.n_sessions == 1


def test_worlds_from_the_prior_hold_news_outside_the_menu_and_then_no_cause_is_seen() -> None:
    made = [draw_world("prior", i, CAUSES, ASSETS, 3) for i in range(200)]
    share = sum(w.unlisted for w in made) / len(made)
    prior = 0.35 / (0.35 + sum(c.prior for c in CAUSES if c.role == "trigger"))
    assert abs(share - prior) < 4 * (prior * (1 - prior) / len(made)) ** 0.5
    assert not any(w.contributions.any() for w in made if w.unlisted)
    assert any(w.planted for w in made if w.unlisted)
