"""Rules of attribution, one test each; headings name the module."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from naive import make_panel, window_of
from selloff.attribution.asset_residuals import AssetResiduals
from selloff.attribution.chains import run_chain
from selloff.attribution.combinations import combinations
from selloff.attribution.direct import DirectReading, read_direct, standardised
from selloff.attribution.evidence import Evidence, split
from selloff.attribution.moves_evidence import read_moves
from selloff.attribution.posterior import Posterior, posterior
from selloff.attribution.signature import signatures
from selloff.attribution.weighing import weigh_direct
from selloff.catalog import ROLES, default_catalogue
from selloff.catalog.evidence import EvidenceItem
from selloff.panel import window_moves

CATALOGUE = default_catalogue()


# -- contribution_draws


def test_contributions_are_told_with_the_growth_of_the_noise_that_was_learnt():
    """Strong moves along growth's signature: draws and mean agree, and lie well beyond what fast noise would leave."""
    causes = [CATALOGUE.causes[i] for i in ("growth", "policy_tightening", "flight_to_quality")]
    assets = ["spx", "us10y", "us2y", "copper"]
    table = signatures(causes, assets, "adverse")
    sigmas = 6.0 * table.moments()[0][0]

    def weighed(growths: tuple[float, ...], draws: int) -> Posterior:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
            patch.setattr("selloff.attribution.posterior.N_DRAWS", draws)
            patch.setattr("selloff.attribution.noise_growth.GROWTHS", np.array(growths))
            return posterior(
                sigmas, table, combinations(causes), np.array([c.prior for c in causes]),
                np.array([ROLES.index(c.role) for c in causes]), np.zeros(3), np.eye(4), seed=5, other=0.35,
            )  # fmt: skip

    learnt, fast = weighed((0.0, 0.5, 1.0), 20_000), weighed((1.0,), 400)
    moved, less = (np.abs(found.contribution.sum(axis=0)).sum() for found in (learnt, fast))
    assert moved > less + 0.3
    error = 4 * learnt.draws.values.std(axis=0).max() / math.sqrt(20_000)
    assert learnt.contribution == pytest.approx(learnt.draws.values.mean(axis=0), abs=error)


# -- main_trigger


def test_the_price_ratio_holds_what_prices_say_and_nothing_of_direct_evidence():
    """Probabilities that direct evidence alone made: no outcome has a price ratio."""
    causes = [CATALOGUE.causes["growth"], CATALOGUE.causes["policy_tightening"]]
    readings = tuple(
        DirectReading(i, "present", 1.0, None, standardised(i, 1.0))
        if i.id == "fomc_unscheduled"
        else DirectReading(i, "missing", None, None, 0.0)
        for i in CATALOGUE.evidence
    )
    found = weigh_direct(readings, CATALOGUE, causes, None, 3.0)
    assert np.abs(found.log_ratio).min() > 0.1
    odds = [math.log(c.prior / (1 - c.prior)) + r for c, r in zip(causes, found.log_ratio.tolist(), strict=True)]
    probability = {c.id: 1 / (1 + math.exp(-o)) for c, o in zip(causes, odds, strict=True)}
    assert found.price_ratios(probability) == pytest.approx(0.0, abs=1e-9)


def test_a_reading_against_another_asset_is_missing_if_that_one_is():
    item = EvidenceItem(id="x", name="X", why="-", outcomes={"macro": 1.0}, reading="aligned", of=("a",), minus="b")
    moves = {n: SimpleNamespace(sigmas_slow=s) for n, s in (("spx", -2.0), ("a", -3.0), ("b", -1.0))}

    def value(known: dict) -> float | None:
        return read_direct([item], SimpleNamespace(scheduled=()), None, None, {}, known)[0].value

    assert value(moves) == pytest.approx(2.0)
    assert value({k: v for k, v in moves.items() if k != "b"}) is None


# -- evidence


def test_evidence_that_is_hardly_against_is_left_out_as_well():
    item = Evidence("sign", "a", None, "-", -1.0, 0.5, 0.5 / 0.9, 0.9, "hypothesis")
    assert split([item]) == ((), ())


# -- chains


def walk(names: list[str], last: dict[str, list[float]], n: int = 400, seed: int = 5):
    """Walks of 1 % a day; `last` sets the last log moves, in per cent, of some."""
    steps = np.random.default_rng(seed).normal(0.0, 1.0, (n, len(names)))
    for name, moves in last.items():
        steps[-len(moves) :, names.index(name)] = moves
    days = max(map(len, last.values()))
    panel = make_panel(100.0 * np.exp(np.cumsum(steps / 100.0, axis=0)), names)
    return panel, window_of(panel, n - 1 - days, n - 1)


@pytest.mark.parametrize(
    ("moves", "session"), [([-3.0, -3.0, -4.0], 1), ([-6.0, -1.0, -3.0], 0), ([-1.0, -1.0, -8.0], 2)]
)
def test_a_link_is_dated_by_the_session_in_which_half_of_its_move_was_passed(moves, session):
    cause = CATALOGUE.causes["credit_bank"]
    link = next(x for x in cause.chain if "xlf_adj" in x.of).model_copy(update={"of": ("xlf_adj",)})
    panel, window = walk(["xlf_adj", "sp500"], {"xlf_adj": moves})
    chain = run_chain(cause.model_copy(update={"chain": (link, link)}), panel, window, {}, "adverse")
    assert chain is not None and chain.links[0].session == panel.sessions[window.base_row + 1 + session].item()


# -- moves_evidence


def test_a_link_that_direct_evidence_on_the_cause_reads_weighs_there_alone():
    """An item that reads banks for the cause takes them out of its chain; the same for another cause does not."""
    cause = CATALOGUE.causes["credit_bank"]
    link = next(x for x in cause.chain if "xlf_adj" in x.of).model_copy(update={"of": ("xlf_adj",)})
    cause = cause.model_copy(update={"chain": (link,), "ranking": ()})
    panel, window = walk(["xlf_adj", "sp500"], {"xlf_adj": [-6.0]})
    of = {m.series.id: m for m in window_moves(panel, window)}

    def links(item: SimpleNamespace) -> int:
        reading = SimpleNamespace(item=item)
        return len(
            read_moves([cause], panel, window, {"spx": of["sp500"]}, [reading], CATALOGUE).links[cause.id]["adverse"]
        )

    assert links(SimpleNamespace(causes={"dash_for_cash": 0.5}, of=("xlf_adj",))) == 1
    assert links(SimpleNamespace(causes={cause.id: 0.5}, of=("xlf_adj",))) == 0


# -- asset_residuals


@pytest.mark.parametrize(("gone", "used"), [(0.1, True), (0.3, False)])
def test_an_asset_with_moves_on_fewer_than_four_fifths_of_the_sessions_is_no_regressor(gone, used):
    """Banks are the index and noise. With three tenths of the index gone it is left out: its fall explains nothing."""
    names, n = ["sp500", "gold_futures", "xlf_adj"], 700
    moves = np.random.default_rng(3).standard_normal((n, 3)) * [1.0, 1.0, 0.5]
    moves[-1] = [-4.0, 0.0, 0.0]
    moves[:, 2] += moves[:, 0]
    levels = 100.0 * np.exp(np.cumsum(moves / 100.0, axis=0))
    levels[: int(gone * n), 0] = np.nan
    panel = make_panel(levels, names)
    window = window_of(panel, n - 2, n - 1)
    of = {m.series.id: m for m in window_moves(panel, window)}
    found = AssetResiduals(panel, window, {"spx": of["sp500"], "gold": of["gold_futures"]}).of("xlf_adj")
    assert found is not None
    assert (abs(found.sigmas) < 0.5) == used


# -- contribution_draws


def test_an_explanation_in_the_wrong_direction_leaves_all_unexplained_and_not_more():
    from selloff.attribution.contribution_draws import unexplained_share

    sigmas = np.array([-2.0, 1.0])
    assert unexplained_share(sigmas, -sigmas) == 1.0
    assert unexplained_share(sigmas, np.stack([3.5 * sigmas, 0.5 * sigmas])) == pytest.approx([1.0, 0.5])


def test_what_a_cause_moved_if_it_was_at_work_turns_round_with_the_window():
    """Causes with a mirror, both polarities weighed: moves turned over turn the amounts over."""
    causes = [CATALOGUE.causes[i] for i in ("growth", "policy_tightening", "inflation")]
    assert all(c.mirror for c in causes)
    assets = ["spx", "us10y", "us2y", "copper"]
    table = signatures(causes, assets, "adverse")
    sigmas = 6.0 * table.moments()[0][0]

    def weighed(moves: np.ndarray) -> np.ndarray:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("selloff.attribution.hypothesis_draws.PAIRS", 2)
            patch.setattr("selloff.attribution.if_active.N_COMPONENTS", 800)
            return posterior(
                moves, table, combinations(causes), np.array([c.prior for c in causes]),
                np.array([ROLES.index(c.role) for c in causes]), np.zeros(3), np.eye(4), seed=5, other=0.35,
                mirrored=np.ones(3, dtype=bool),
            ).if_active  # fmt: skip

    fall, rise = weighed(sigmas), weighed(-sigmas)
    spread = np.quantile(fall, 0.84, axis=1) - np.quantile(fall, 0.16, axis=1)
    for q in (0.16, 0.5, 0.84):
        gap = np.abs(np.quantile(fall, q, axis=1) + np.quantile(rise, 1 - q, axis=1))
        assert (gap < 0.15 * spread).all()
