"""Each control can fail: a method that is always sure is caught, one that knows nothing passes."""

from __future__ import annotations

import json
from functools import partial

import pytest

from scored import says_nothing, sure_of
from selloff.scorecard.controls import ControlsTier

CRITERIA = (
    *("quiet_information", "quiet_decided", "quiet_prices_information", "quiet_prices_decided"),
    *("names_information", "signs_information", "time_information"),
)


@pytest.fixture
def run(bare_context, store, world):
    def score(**options):
        context = bare_context(store=store, catalogue=world.catalogue, sessions=world.sessions)
        return ControlsTier(each=2, fewest_assets=4, **options).run(context)

    return score


def test_a_method_that_is_always_sure_fails_every_control(run) -> None:
    verdicts = {row.id: row.verdict for row in run(method=partial(sure_of, "growth")).rows}
    assert {verdicts[i] for i in CRITERIA} == {"failed"}


def test_a_method_that_knows_nothing_passes_on_quiet_days(run) -> None:
    rows = {row.id: row for row in run(method=says_nothing).rows}
    assert rows["quiet_information"].verdict == rows["quiet_decided"].verdict == "passed"
    assert rows["loud_information"].value.mid == pytest.approx(0.0, abs=1e-9)
    assert rows["evidence_causes_own"].value.mid == rows["evidence_causes_dealt"].value.mid == 0.0


def test_direct_evidence_is_weighed_on_its_own_day_and_dealt_out_the_same_for_a_seed(run) -> None:
    found = run()
    rows = {row.id: row for row in found.rows}
    for measure in ("causes", "shares"):
        own, dealt = (rows[f"evidence_{measure}_{which}"].value.mid for which in ("own", "dealt"))
        assert own > 0 and dealt > 0 and own != dealt
        assert rows[f"evidence_{measure}_kept"].value.mid == pytest.approx(dealt / own)
    assert json.dumps(run().to_dict(), default=str) == json.dumps(found.to_dict(), default=str)


def test_an_empty_store_leaves_every_number_open(bare_context) -> None:
    result = ControlsTier(each=2).run(bare_context())
    assert {row.verdict for row in result.rows} == {"open"} and {row.n for row in result.rows} == {0}
