"""What meets a cause's requirements beside moves, and what the JSON says of the background."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import worlds
from background_rows import frame, invented_rows
from conftest import NOW
from selloff.catalog import Catalogue, load
from selloff.catalog.sessions import Sessions
from selloff.detection.state import State, economy_of, state_at
from selloff.explanation.background import state_document, usable_for_requirements
from selloff.panel import Window, find_window
from selloff.panel.clock import morning_note
from selloff.store import Store


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


@pytest.fixture(scope="module")
def window(catalogue: Catalogue, sessions: Sessions) -> Window:
    return find_window("2018-06-15", None, catalogue, sessions, date(2026, 3, 1))


@pytest.fixture(scope="module")
def state(tmp_path_factory, catalogue: Catalogue, sessions: Sessions, window: Window) -> State:
    store = Store(Path(tmp_path_factory.mktemp("state")) / "store")
    store.append(frame(r for r in invented_rows() if r[2] > datetime(2017, 3, 1, tzinfo=UTC)))
    return state_at(store, catalogue, sessions, window, morning_note(window.end), NOW)


def test_a_last_value_makes_a_cause_testable_but_never_a_column_of_the_signature(state, catalogue, sessions, window):
    found = usable_for_requirements(state, catalogue, window, sessions, morning_note(window.end))
    assert {"sofr", "iorb"} <= found
    assert "vix" in state.usable_series and "vix" not in found
    assert "gpr_daily" not in found
    assert "geopolitical_onsets" in found and "margin_notices" not in found  # a table answers only for what it covers


def test_an_absent_indicator_names_who_brings_it(state, catalogue):
    document = state_document(state, economy_of(state, "joint"), catalogue, date(2020, 3, 12))
    by_id = {i["id"]: i for i in document["indicators"]}
    assert by_id["reserves"]["status"] == "absent"
    assert "fredgraph" in by_id["reserves"]["sources"]
    assert by_id["vix"]["sources"] == [] and by_id["vix"]["value"] is not None
    assert len(document["without_source"]) >= 4


def test_an_explanation_carries_the_fragility_of_its_base(explain_world):
    e = explain_world(str(worlds.CRASH))
    document = e.to_dict()["fragility"]
    assert document["session"] == e.window.base.isoformat()
    assert 0 < document["connectedness"]["value"] < 100
    known = [c for c, x in document["connectedness_net"].items() if x is not None]
    given, received = document["connectedness_to_others"], document["connectedness_from_others"]
    for c in known:
        assert document["connectedness_net"][c] == pytest.approx(given[c] - received[c], abs=1e-3)
    assert sum(received[c] for c in known) / len(known) == pytest.approx(document["connectedness"]["value"], rel=1e-4)
    assert set(document["published_indices"]) == {
        *("financial_stress_ofr", "financial_stress_st_louis", "financial_conditions")
    }


def test_each_indicator_opens_to_its_stored_rows(explain_world):
    document = explain_world(str(worlds.CRASH)).to_dict()
    for item in document["state"]["indicators"]:
        rows = document["lineage"].get(f"indicator:{item['id']}", [])
        assert bool(rows) == (item["value"] is not None), item["id"]
    (vix,) = document["lineage"]["indicator:vix"]
    by_id = {i["id"]: i for i in document["state"]["indicators"]}
    assert (vix["value"], vix["known_at"]) == (by_id["vix"]["value"], by_id["vix"]["known_at"])
    slope = {o["series"]: o["value"] for o in document["lineage"]["indicator:curve_10y2y"]}
    assert slope["ust_10y"] - slope["ust_2y"] == pytest.approx(by_id["curve_10y2y"]["value"], abs=1e-5)
