"""Cells and priors drawn anew: how they are spread, and what they depend on."""

from __future__ import annotations

import numpy as np
import pytest

from selloff.attribution.hypothesis_draws import hypothesis_draws, uncorrelated
from selloff.attribution.signature import Signatures, signatures
from selloff.catalog import default_catalogue

CATALOGUE = default_catalogue()
CAUSES = [CATALOGUE.causes[i] for i in ("growth", "policy_tightening", "flight_to_quality", "dash_for_cash")]
ASSETS = ["gold", "spx", "us10y"]


def drawn(causes=CAUSES, assets=ASSETS) -> tuple[Signatures, np.ndarray, np.ndarray, np.ndarray]:
    """The table; p, log of size over the table's, and shifts of all draws."""
    table = signatures(causes, assets, "adverse")
    found = list(hypothesis_draws(table))
    size = np.log(np.array([t.size for t, _ in found]) / table.size)
    return table, np.array([t.p for t, _ in found]), size, np.array([shift for _, shift in found])


def test_cells_and_priors_are_drawn_as_they_say(monkeypatch: pytest.MonkeyPatch):
    """A cell's probabilities by a Dirichlet worth 40 observations if published, 10 if not; sizes and odds in pairs."""
    monkeypatch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 3000)
    table, p, size, shift = drawn()
    assert np.abs(size[::2] + size[1::2]).max() < 1e-12 and np.abs(shift[::2] + shift[1::2]).max() < 1e-12
    assert size.std(axis=0) == pytest.approx(np.full(table.size.shape, 0.35), rel=1e-9)
    assert shift.std(axis=0) == pytest.approx(np.full(len(CAUSES), 0.5), rel=1e-9)
    worth = {"published": 40.0, "hypothesis": 10.0, "open": 10.0}
    counts = np.array([[worth[c.signature[a].basis] for a in ASSETS] for c in CAUSES])
    assert len(np.unique(counts)) == 2
    assert p.sum(axis=-1) == pytest.approx(np.ones(p.shape[:-1]))
    assert p.mean(axis=0) == pytest.approx(table.p, abs=0.012)
    expected = np.sqrt(table.p * (1.0 - table.p) / (counts[..., None] + 1.0))
    assert p.std(axis=0) == pytest.approx(expected, rel=0.08, abs=2e-3)


def test_no_number_of_a_cause_goes_along_with_another_by_chance():
    """Sizes and odds exactly; independent draws of 128 pairs would reach correlations of 0.2."""
    table, p, size, shift = drawn()
    for row in range(len(table.causes)):
        apart = np.corrcoef(np.column_stack([shift[:, row], size[:, row]]).T) - np.eye(1 + len(ASSETS))
        assert np.abs(apart).max() < 1e-12
        falls = np.corrcoef(p[:, row, :, 0].T) - np.eye(len(ASSETS))
        assert np.abs(falls).max() < 0.1


def test_draws_belong_to_the_hypotheses():
    """The same for a cause whatever other causes there are, and for the first assets whatever others follow them."""
    _, p, size, shift = drawn()
    _, p_alone, size_alone, shift_alone = drawn(CAUSES[2:3])
    np.testing.assert_array_equal(p_alone[:, 0], p[:, 2])
    np.testing.assert_array_equal(size_alone[:, 0], size[:, 2])
    np.testing.assert_array_equal(shift_alone[:, 0], shift[:, 2])
    _, p_fewer, size_fewer, shift_fewer = drawn(assets=ASSETS[:2])
    assert shift_fewer == pytest.approx(shift, abs=1e-12)
    assert size_fewer == pytest.approx(size[:, :, :2], abs=1e-9)
    np.testing.assert_array_equal(p_fewer, p[:, :, :2])


def test_causes_are_drawn_apart():
    """Two causes' odds, and a cause's own numbers, come from streams of their own."""
    _, p, size, shift = drawn()
    assert np.abs(np.corrcoef(shift.T) - np.eye(len(CAUSES))).max() < 0.3
    assert np.abs(size[0, 0] - size[0, 1]).min() > 1e-6
    assert not np.array_equal(p[0, 0], p[0, 1])


def test_more_columns_than_draws_are_uncorrelated_in_parts():
    scores = uncorrelated(np.random.default_rng(1).standard_normal((6, 10)))
    for part in (scores[:, :6], scores[:, 6:]):
        np.testing.assert_allclose(part.T @ part, 6.0 * np.eye(part.shape[1]), atol=1e-12)


def test_scores_keep_the_side_of_what_they_were_made_from():
    """The first column is only scaled, and no column is turned to its opposite."""
    given = np.random.default_rng(2).standard_normal((50, 4))
    found = uncorrelated(given)
    assert found[:, 0] == pytest.approx(given[:, 0] * np.sqrt(50.0) / np.linalg.norm(given[:, 0]))
    assert (np.sum(found * given, axis=0) > 0).all()
