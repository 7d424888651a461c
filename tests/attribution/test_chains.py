"""Chains: every link by its own sign, size and order, against a slow reading of the same levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from naive import make_panel, window_of
from selloff.attribution.asset_residuals import SAMPLE
from selloff.attribution.chains import run_chain
from selloff.catalog import default_catalogue
from selloff.panel import Window

CATALOGUE = default_catalogue()
CAUSE = CATALOGUE.causes["megacap_valuation"]
NAMES = ["smh_adj", "mega_caps_7_vs_sp500", "equal_vs_cap_weight", "btc_utc"]
N = 300


def _cause(mirror: bool = True):
    links = [link.model_copy(update={"of": (name,)}) for link, name in zip(CAUSE.chain, NAMES, strict=True)]
    return CAUSE.model_copy(update={"chain": tuple(links), "mirror": mirror})


def _panel(moves: dict[str, dict[int, float]], missing: tuple[str, ...] = ()):
    """Quiet random walks of 1 % a day with given log moves on given rows from the end."""
    random = np.random.default_rng(5)
    steps = random.normal(0.0, 0.01, (N, len(NAMES)))
    for j, name in enumerate(NAMES):
        for row, move in moves.get(name, {}).items():
            steps[row, j] = move
    levels = 100.0 * np.exp(np.cumsum(steps, axis=0))
    for j, name in enumerate(NAMES):
        if name in missing:
            levels[:, j] = np.nan
    return make_panel(levels, NAMES)


def _window(panel, n: int) -> Window:
    return window_of(panel, N - 1 - n, N - 1)


FALLS = {
    "smh_adj": {-3: -0.05},
    "mega_caps_7_vs_sp500": {-3: -0.05},
    "equal_vs_cap_weight": {-2: 0.05},
    "btc_utc": {-1: -0.08},
}


def test_a_chain_that_holds_in_order():
    panel = _panel(FALLS)
    chain = run_chain(_cause(), panel, _window(panel, 3), {}, "adverse")
    assert [r.outcome for r in chain.links] == ["held"] * 4
    assert [r.order for r in chain.links] == ["first", "same_session", "after", "after"]
    assert chain.verdict == "held"
    days = [d.item() for d in panel.sessions[-3:]]
    assert [r.session for r in chain.links] == [days[0], days[0], days[1], days[2]]


def test_an_effect_before_its_cause_breaks_the_chain():
    panel = _panel({**FALLS, "equal_vs_cap_weight": {-3: 0.05}, "mega_caps_7_vs_sp500": {-2: -0.05}})
    chain = run_chain(_cause(), panel, _window(panel, 3), {}, "adverse")
    assert [r.order for r in chain.links] == ["first", "after", "before", "after"]
    assert chain.verdict == "broken"


@pytest.mark.parametrize("move", [0.05, 0.0])
def test_a_link_that_moves_against_or_not_at_all_is_broken(move):
    panel = _panel({**FALLS, "smh_adj": {-3: move, -2: 0.0, -1: 0.0}})
    chain = run_chain(_cause(), panel, _window(panel, 3), {}, "adverse")
    assert [r.outcome for r in chain.links] == ["broken", "held", "held", "held"]
    assert chain.links[0].session is None and chain.links[0].order is None
    assert chain.links[1].order == "first"
    assert chain.verdict == "broken"


def test_within_one_session_daily_data_give_no_order():
    panel = _panel({n: {-1: 0.06 if n == "equal_vs_cap_weight" else -0.06} for n in NAMES})
    chain = run_chain(_cause(), panel, _window(panel, 1), {}, "adverse")
    assert [r.order for r in chain.links] == ["first", "same_session", "same_session", "same_session"]
    assert chain.verdict == "held"


def test_missing_data_is_no_data_and_fewer_than_two_links_say_nothing():
    panel = _panel(FALLS, missing=("smh_adj", "btc_utc"))
    chain = run_chain(_cause(), panel, _window(panel, 3), {}, "adverse")
    assert [r.outcome for r in chain.links] == ["no_data", "held", "held", "no_data"]
    assert chain.verdict == "held"
    panel = _panel(FALLS, missing=tuple(NAMES[1:]))
    chain = run_chain(_cause(), panel, _window(panel, 3), {}, "adverse")
    assert chain.verdict == "no_data" and chain.usual is None


def test_relief_turns_the_signs_of_a_cause_with_a_mirror():
    panel = _panel({k: {row: -v for row, v in moves.items()} for k, moves in FALLS.items()})
    window = _window(panel, 3)
    assert run_chain(_cause(), panel, window, {}, "relief").verdict == "held"
    assert run_chain(_cause(), panel, window, {}, "adverse").verdict == "broken"
    assert run_chain(_cause(mirror=False), panel, window, {}, "relief").verdict == "broken"


@pytest.mark.parametrize("n", [1, 3, 10])
def test_sigmas_and_usual_frequency_against_a_loop(n):
    panel = _panel(FALLS)
    window = _window(panel, n)
    chain = run_chain(_cause(), panel, window, {}, "adverse")
    signs = {r.series: (1 if r.sign == "+" else -1) for r in chain.links}

    def sigmas(name: str, end: int) -> float:
        column = panel.levels[:, panel.column[name]]
        daily = 100 * np.diff(np.log(column[: end - n + 1]))[-250:]
        return float(100 * np.log(column[end] / column[end - n]) / (np.std(daily, ddof=1) * np.sqrt(n)))

    for r in chain.links:
        assert r.sigmas == pytest.approx(sigmas(r.series, N - 1), rel=1e-9)
    held = [
        all(sign * sigmas(name, end) >= 0.5 for name, sign in signs.items())
        for end in range(max(window.base_row - SAMPLE, n + 40), window.base_row + 1)
    ]
    assert chain.usual == pytest.approx(np.mean(held), abs=1e-12)


def test_nothing_after_the_window_matters():
    panel = _panel(FALLS)
    window = window_of(panel, N - 11, N - 8)
    levels = panel.levels.copy()
    levels[N - 7 :] *= 3.0
    assert run_chain(_cause(), panel, window, {}, "adverse") == run_chain(
        _cause(), replace(panel, levels=levels), window, {}, "adverse"
    )


def test_every_shipped_chain_names_known_series_and_has_two_links():
    for cause in CATALOGUE.causes.values():
        assert len(cause.chain) >= 2, cause.id
        for link in cause.chain:
            assert all(n in CATALOGUE.assets or n in CATALOGUE.series for n in link.of)
    assert run_chain(CAUSE.model_copy(update={"chain": ()}), _panel({}), _window(_panel({}), 1), {}, "adverse") is None
