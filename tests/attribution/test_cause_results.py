"""Statuses, polarity, bands and lookalikes by their rules, on posteriors made up to sit on either side of each."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from selloff.attribution.cause_results import WindowPosterior, _bands, lookalikes
from selloff.attribution.signature import signatures
from selloff.catalog import Cause, default_catalogue

CATALOGUE = default_catalogue()
ASSETS = ["spx", "gold", "us10y"]
GROWTH = CATALOGUE.causes["growth"]


def window(
    low: float,
    high: float,
    factor: float,
    direct: float = 0.0,
    relief: float = 0.0,
    own: float = 0.5,
    of: Cause = GROWTH,
) -> WindowPosterior:
    """Growth alone, with this interval, Bayes factor of all data and of direct evidence, and own odds of a relief."""
    found = SimpleNamespace(
        low=np.array([low]),
        high=np.array([high]),
        log_factor=np.array([math.log(factor)]),
        relief=relief,
        relief_if_active=np.array([own]),
    )
    told = SimpleNamespace(log_ratio=np.array([direct]))
    return WindowPosterior(None, None, dict.fromkeys(ASSETS), CATALOGUE, [of], {}, None, told, found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high", "status"),
    [
        (1.01, 3.0, "contributing"),
        (1.0, 3.0, "undetermined"),
        (0.1, 0.51, "undetermined"),
        (0.1, 0.5, "undetermined"),
        (0.1, 0.49, "ruled_down"),
    ],
)
def test_an_interval_decides_against_the_base_rate_and_half_of_it(low, high, status):
    prior = GROWTH.prior
    assert window(low * prior, high * prior, factor=5.0).statuses() == {"growth": status}


def test_what_direct_evidence_says_is_taken_off_before_the_moves_are_asked():
    """A Bayes factor of 5 by the calendar alone makes no cause contributing; with moves worth 1.2 beside it does."""
    low, high = 2 * GROWTH.prior, 3 * GROWTH.prior
    assert window(low, high, 5.0, direct=math.log(5.0)).statuses() == {"growth": "undetermined"}
    assert window(low, high, 6.0, direct=math.log(5.0)).statuses() == {"growth": "contributing"}


@pytest.mark.parametrize(
    ("relief", "polarity"), [(0.0, "adverse"), (0.5, "adverse"), (0.66, "adverse"), (0.67, "relief")]
)
def test_a_window_is_read_as_adverse_unless_a_relief_is_twice_as_likely(relief, polarity):
    assert window(0.1, 0.2, 1.0, relief=relief).polarity == polarity


@pytest.mark.parametrize(
    ("relief", "own", "polarity"),
    [
        (0.0, 0.66, "adverse"),
        (0.0, 0.67, "relief"),
        (0.9, 0.34, "relief"),
        (0.9, 0.33, "adverse"),
        (0.9, 0.5, "relief"),
    ],
)
def test_a_cause_is_read_by_its_own_polarity_where_that_is_clear(relief, own, polarity):
    assert window(0.1, 0.2, 1.0, relief=relief, own=own).polarity_of(0) == polarity


def test_a_cause_without_a_mirror_is_read_by_the_windows_polarity():
    other = CATALOGUE.causes["dash_for_cash"]
    assert window(0.1, 0.2, 1.0, relief=0.1, own=1.0, of=other).polarity_of(0) == "adverse"


def test_a_band_holds_its_mean_and_turns_with_the_unit():
    """An asset whose log move per sigma is negative has its ends exchanged; a mean outside widens the band."""
    low, high = np.array([[-2.0, -1.0, 0.0]]), np.array([[-1.0, 3.0, 0.0]])
    mean, unit = np.array([[-0.5, 1.0, 0.4]]), np.array([1.0, -2.0, 1.0])
    (found,) = _bands((low, high), mean, unit, ASSETS)
    assert found == {"spx": (-2.0, -0.5), "gold": (-6.0, 2.0), "us10y": (0.0, 0.4)}


@pytest.mark.parametrize("polarity", ["adverse", "relief"])
def test_lookalikes_are_untested_causes_within_a_cosine_of_nine_tenths(polarity):
    """Every pair of causes on all assets, by a loop; in a relief only causes with a mirror turn round."""
    assets, causes = list(CATALOGUE.assets), list(CATALOGUE.causes.values())
    means = {c.id: signatures([c], assets, polarity).moments()[0][0] for c in causes}
    near = 0
    for cause in causes:
        others = [c for c in causes if c is not cause]
        own = means[cause.id]
        expected = []
        for other in others:
            length = math.sqrt(own @ own) * math.sqrt(means[other.id] @ means[other.id])
            cosine = own @ means[other.id] / length if length > 1e-12 else 0.0
            near += 0.5 < cosine <= 0.9
            if cosine > 0.9:
                expected.append(other.id)
        assert lookalikes(own, others, assets, polarity) == tuple(expected)
    assert near > 0
