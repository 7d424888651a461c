"""The same answers from the full data: moves, verdicts, alignment, coverage. Causes are judged elsewhere."""

from __future__ import annotations

import functools
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from full_data import NOW, FullData
from selloff.explanation import Explanation, explain
from selloff.panel import build_panel
from selloff.panel.alignment import Alignment, audit_alignment
from selloff.panel.coverage import store_status
from selloff.panel.levels import levels_as_of
from selloff.store import Store

pytestmark = pytest.mark.shared


@pytest.fixture(scope="session")
def explained(full: FullData) -> functools.partial[Explanation]:
    @functools.cache
    def one(when: str, as_of: str | None = None) -> Explanation:
        return explain(when, as_of=as_of, store=full.store, catalogue=full.catalogue, sessions=full.sessions, now=NOW)

    return functools.partial(one)


def move(explanation: Explanation, series: str) -> float:
    found = next(m for m in explanation.moves if m.series.id == series)
    assert found.move is not None
    return float(found.move)


def depths(explanation: Explanation) -> dict[str, float]:
    return {d.asset_class.id: d.depth for d in explanation.joint.depths if d.depth is not None}


# -- the import ------------------------------------------------------------------------------------------------


def test_every_file_is_imported(full: FullData) -> None:
    assert [(f.file, str(f.error)) for f in full.report.failed] == []
    assert len({s.series for f in full.report.files for s in f.series}) >= 200
    assert full.report.appended.new > 1_300_000


def test_twice_adds_nothing(full: FullData) -> None:
    before = full.store.payload_index().height
    report = full.again()
    assert (report.appended.new, report.appended.revised) == (0, 0)
    assert full.store.payload_index().height == before


def test_nothing_ends_after_the_shared_data_do(full: FullData) -> None:
    ends = full.store.scan().group_by("series").agg(pl.col("period_end").max()).collect()
    last = dict(ends.iter_rows())
    four_sessions_later = max(last.pop(s) for s in ("return_after_beat", "return_after_miss"))
    assert max(last.values()) < datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert four_sessions_later < datetime(2026, 3, 4, tzinfo=UTC)  # of results of 25 February


def test_status_covers_what_was_imported(full: FullData) -> None:
    status = store_status(full.store, full.catalogue, full.sessions, NOW)
    assert {s.series for s in status.series} == {s.series for f in full.report.files for s in f.series}
    undated = {s.series for s in status.series if s.due_since is None}
    assert undated == {s.series for s in status.series if full.catalogue.series[s.series].frequency == "irregular"}


# -- alignment -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def audit(full: FullData) -> dict[str, Alignment]:
    return {a.series: a for a in audit_alignment(full.store, full.catalogue, full.sessions, NOW)}


def test_the_two_yen_files_are_reported_and_nothing_else(audit: dict[str, Alignment]) -> None:
    assert {s for s, a in audit.items() if a.verdict == "misaligned"} == {"usdjpy_h10", "usdjpy_yahoo"}


def test_what_closes_before_new_york_is_explained(audit: dict[str, Alignment]) -> None:
    expected = {s for s, a in audit.items() if a.verdict == "expected"}
    assert {"silver_fix_london", "copper_shfe", "usdcny", "jgb_10y"} <= expected


def test_the_yahoo_yen_is_right_once_its_dates_are(audit: dict[str, Alignment]) -> None:
    assert audit["usdjpy_redated"].verdict == "aligned"
    assert all(lag == 0 for _, lag in audit["usdjpy_redated"].years)
    by_year = dict(audit["usdjpy_yahoo"].years)
    assert {by_year[y] for y in range(2007, 2010)} == {0}
    assert {by_year[y] for y in range(2011, 2026)} == {-1}


# -- point in time ---------------------------------------------------------------------------------------------


def test_the_fed_balance_sheet_of_wednesday_is_known_on_thursday_afternoon(full: FullData) -> None:
    def on(moment: datetime) -> datetime:
        return levels_as_of(full.store, full.catalogue, ["fed_assets"], moment)["fed_assets"].period_end

    assert on(datetime(2020, 3, 19, 20, 0, tzinfo=UTC)).day == 11
    assert on(datetime(2020, 3, 19, 20, 31, tzinfo=UTC)).day == 18


def test_ice_spreads_and_spot_oil_are_exact_and_estimates_never(full: FullData) -> None:
    kinds = full.store.scan().group_by("series").agg(pl.col("vintage").unique()).collect()
    vintage = {row["series"]: set(row["vintage"]) for row in kinds.rows(named=True)}
    assert vintage["hy_oas"] == vintage["wti_spot"] == vintage["usd_broad_index"] == {"exact"}
    assert {v for s in ("nfci", "stlfsi", "term_premium_10y", "ofr_fsi", "gpr_daily") for v in vintage[s]} == {"lagged"}


# -- the events ------------------------------------------------------------------------------------------------


def test_12_march_2020(explained: functools.partial[Explanation]) -> None:
    e = explained("2020-03-12")
    assert e.joint.verdict == "joint"
    assert e.assets["btc"] == "btc_hourly"
    assert round(move(e, "btc_hourly"), 1) == -22.9
    assert round(move(e, "btc_utc"), 1) == -37.2
    assert round(move(e, "gld_adj"), 1) == -4.0
    assert round(move(e, "sp500"), 1) == -9.5
    assert round(move(e, "nikkei_225"), 1) == -4.4


def test_18_march_2020_joint_with_the_dollar_up(explained: functools.partial[Explanation]) -> None:
    e = explained("2020-03-18")
    assert e.joint.verdict == "joint"
    assert move(e, "dxy") > 1
    assert depths(e)["government_bonds"] < -2
    assert depths(e)["fx"] < -2


def test_19_may_2021_is_led_by_crypto(explained: functools.partial[Explanation]) -> None:
    e = explained("2021-05-19")
    assert round(move(e, "btc_hourly"), 1) == -9.1
    assert round(move(e, "btc_utc"), 1) == -13.8
    down = {c for c, depth in depths(e).items() if depth <= -2}
    assert min(depths(e), key=lambda c: depths(e)[c]) == "crypto"
    assert down <= {"crypto", "industrial_metals"}
    assert e.joint.verdict != "joint"


def test_19_may_2021_is_crypto_s_own_by_the_rule(explained: functools.partial[Explanation]) -> None:
    """Crypto fell by 3.4 slow sigmas from 16:00 to 16:00, industrial metals by 2.6: the one beyond its limit only."""
    e = explained("2021-05-19")
    assert (e.joint.verdict, e.joint.classes_down) == ("isolated", ("crypto",))
    assert round(depths(e)["crypto"], 1) == -3.4
    assert depths(e)["industrial_metals"] > -e.joint.limits["industrial_metals"]


def test_5_august_2024_is_led_by_the_nikkei(explained: functools.partial[Explanation]) -> None:
    e = explained("2024-08-05")
    assert round(move(e, "nikkei_225"), 1) == -12.4
    by_sigmas = {m.series.id: m.depth for m in e.moves if m.depth is not None and m.series.id in e.assets.values()}
    assert min(by_sigmas, key=lambda s: by_sigmas[s]) == "nikkei_225"
    assert round(move(e, "btc_hourly"), 1) == -14.6  # from Friday to Monday


def test_30_january_2026_is_metals(explained: functools.partial[Explanation]) -> None:
    e = explained("2026-01-30")
    assert round(move(e, "slv_adj"), 1) == -28.5
    assert round(move(e, "gld_adj"), 1) == -10.3
    assert round(move(e, "sp500"), 1) == -0.4
    assert e.joint.verdict == "isolated"
    assert e.joint.classes_down == ("precious_metals",)


def test_19_july_2017_is_nothing(explained: functools.partial[Explanation]) -> None:
    e = explained("2017-07-19")
    assert (e.joint.verdict, e.joint.classes_down) == ("none", ())


def test_as_of_the_close_funds_stand_in_for_yields(explained: functools.partial[Explanation]) -> None:
    close, morning = explained("2020-03-18", "close"), explained("2020-03-18")
    members = {d.asset_class.id: d.members for d in close.joint.depths}
    assert members["government_bonds"] == ("shy_adj", "ief_adj", "tlt_adj")
    assert members["credit"] == ("hyg_adj", "lqd_adj")
    assert (close.assets["us10y"], morning.assets["us10y"]) == ("ust_10y_ief", "ust_10y")
    assert {d.asset_class.id: d.members for d in morning.joint.depths}["government_bonds"][0] == "ust_2y"


STOOD_FOR = ("dxy", "us2y", "us10y", "breakeven", "vix", "hy")


@pytest.mark.parametrize("day", ["2020-03-12", "2022-06-13", "2024-08-05", "2025-04-04", "2026-01-30"])
def test_what_stands_in_at_the_close_says_so_and_goes_the_way_of_the_morning(
    explained: functools.partial[Explanation], day: str
) -> None:
    close, morning = explained(day, "close"), explained(day)
    assert set(close.assets) == set(close.catalogue.assets)
    for asset in STOOD_FOR:
        then, later = close.move_of(asset), morning.move_of(asset)
        assert then is not None
        assert later is not None
        assert "stand_in" in then.flags
        if abs(later.sigmas_slow or 0.0) >= 2.0:
            assert (then.sigmas_slow or 0.0) * (later.sigmas_slow or 0.0) > 0.0, asset
    tested = [{c.cause.id for c in e.attribution.causes if not c.missing} for e in (close, morning)]
    assert tested[0] == tested[1]
    assert close.policy_shocks == ()
    structural = close.attribution.structural
    assert structural is not None
    assert structural.leading == ()


def test_more_causes_are_testable_than_with_the_starter(explained: functools.partial[Explanation]) -> None:
    missing = {c.cause.id for c in explained("2024-08-05").attribution.causes if c.missing}
    assert {"carry_unwind", "crowded_metals", "reserve_scarcity"}.isdisjoint(missing)


@pytest.mark.starter
def test_the_yen_moved_most_of_the_g10_in_august_2024_by_ecb_fixings(full: FullData, starter_store: Store) -> None:
    # from the fixing of Wednesday 31 July, the base of the window 1 to 5 August, to that of Monday 5 August
    codes = ("jpy", "chf", "gbp", "cad", "aud", "nzd", "sek", "nok")
    ids = ["eurusd_ecb", *(f"eur{c}_ecb" for c in codes)]
    as_of = datetime(2024, 8, 6, 13, tzinfo=UTC)
    panel = build_panel(starter_store, full.catalogue, ids, full.sessions, n_rows=len(full.sessions.dates), as_of=as_of)
    base, end = (int(np.searchsorted(full.sessions.dates, np.datetime64(d))) for d in ("2024-07-31", "2024-08-05"))
    dollars = panel.levels[:, :1] / panel.levels[:, 1:]
    moves = dict(zip(codes, 100 * (dollars[end] / dollars[base] - 1), strict=True))
    moves["eur"] = 100 * (panel.levels[end, 0] / panel.levels[base, 0] - 1)
    assert round(float(moves["jpy"]), 1) == 5.7
    assert round(float(moves["chf"]), 1) == 3.8
    assert max(moves, key=lambda c: abs(moves[c])) == "jpy"
