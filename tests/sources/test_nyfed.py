import json
from datetime import date, timedelta
from itertools import pairwise

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import Ask, SchemaDriftError
from selloff.sources.nyfed import FIRST, OVERLAP, NyFed
from tests.sources.official_bodies import TODAY, recorded, shared, source, survives, values

NYFED = source(NyFed)
FILES = {
    "sofr": "sofr.json",
    "effr": "effr.json",
    "on_rrp": "operations.json",
    "swap_lines": "swaps.json",
    "soma.total": "soma_summary.json",
    "pd.PDPOSGST-TOT": "dealers.json",
}


def ask(*codes: str, last: date | None = date(2024, 6, 5), today: date = date(2024, 6, 12)) -> Ask:
    return NYFED.plan(dict.fromkeys(codes, last), today)[-1]


def operations() -> Ask:
    return ask("on_rrp", "standing_repo", last=date(2025, 12, 10), today=date(2025, 12, 17))


def changed(name: str, **fields: object) -> bytes:
    """The operations with fields of the regular reverse repo of 15 December 2025 changed."""
    body = json.loads(recorded(f"nyfed/{name}"))
    body["repo"]["operations"][6] |= fields
    return json.dumps(body).encode()


def test_rates_come_newest_first_and_leave_in_order() -> None:
    frame = NYFED.parse(ask("sofr"), recorded("nyfed/sofr.json"))
    assert list(values(frame, "sofr").items()) == [("2024-06-04", 11.01), ("2024-06-05", 11.02), ("2024-06-06", 11.03)]
    assert values(NYFED.parse(ask("effr"), recorded("nyfed/effr.json")), "effr")["2024-06-06"] == 11.13


def test_a_body_of_the_other_rate_is_drift() -> None:
    with pytest.raises(SchemaDriftError, match="'type' is 'EFFR'"):
        NYFED.parse(ask("sofr"), recorded("nyfed/effr.json"))


@pytest.mark.parametrize("text", ['"11.03"', "null", "true", '{"a":1}'])
def test_a_rate_that_is_no_number_is_drift(text: str) -> None:
    with pytest.raises(SchemaDriftError, match="'percentRate'"):
        NYFED.parse(ask("sofr"), recorded("nyfed/sofr.json").replace(b"11.03 ", text.encode()))


def test_reverse_repo_is_overnight_only_and_without_tests_in_billions() -> None:
    frame = NYFED.parse(operations(), recorded("nyfed/operations.json"))
    # Left out: a term operation, a foreign one, a small-value test, and the announced one of the 17th.
    assert values(frame, "on_rrp") == {"2025-12-12": 6.5, "2025-12-15": 7.25}


def test_standing_repo_sums_the_day_and_waits_for_its_last_operation() -> None:
    frame = NYFED.parse(operations(), recorded("nyfed/operations.json"))
    # 8 October: the 10:30 test is left out, the operation without takers is zero; 10 October: full allotment is another
    # facility before 11 December; 15 December: both operations, without the small-value one; 16 December is unfinished.
    assert values(frame, "standing_repo") == {"2025-10-08": 0.0, "2025-10-10": 3.0, "2025-12-15": 2.0}


@pytest.mark.parametrize("field", ["operationType", "operationDate", "term", "auctionStatus", "totalAmtAccepted"])
def test_a_renamed_field_of_operations_is_named(field: str) -> None:
    body = recorded("nyfed/operations.json").replace(f'"{field}"'.encode(), b'"renamed"')
    with pytest.raises(SchemaDriftError, match=f"'{field}' is missing"):
        NYFED.parse(operations(), body)


@pytest.mark.parametrize(
    ("field", "value"),
    [("totalAmtAccepted", "7250000000"), ("isSmallValue", []), ("isSmallValue", "maybe"), ("note", 3), ("term", None)],
)
def test_a_field_of_another_form_is_drift(field: str, value: object) -> None:
    with pytest.raises(SchemaDriftError, match=f"'{field}'"):
        NYFED.parse(operations(), changed("operations.json", **{field: value}))


def test_unknown_methods_and_types_are_drift() -> None:
    with pytest.raises(SchemaDriftError, match="'operationMethod' is 'Lottery'"):
        NYFED.parse(operations(), changed("operations.json", operationType="Repo", operationMethod="Lottery"))
    body = recorded("nyfed/operations.json").replace(b"Repo", b"Pawn")
    with pytest.raises(SchemaDriftError, match="'operationType'"):
        NYFED.parse(operations(), body)


def test_no_operations_are_no_values() -> None:
    assert NYFED.parse(operations(), b'{"repo":{"operations":[]}}').is_empty()


def test_swaps_are_what_is_outstanding_on_wednesdays_in_millions() -> None:
    one = ask("swap_lines", last=date(2024, 3, 1), today=date(2024, 6, 14))
    # From 14 February (the earliest operation was settled on the 8th) the list reaches back far enough on 15 May.
    assert values(NYFED.parse(one, recorded("nyfed/swaps.json")), "swap_lines") == {
        "2024-05-15": 1.0,
        "2024-05-22": 1.0,
        "2024-05-29": 1.0,
        "2024-06-05": 123.0,
        "2024-06-12": 131.05,
    }


def test_swaps_after_the_last_known_maturity_are_not_zero() -> None:
    one = ask("swap_lines", last=date(2024, 3, 1), today=date(2024, 8, 30))
    assert max(values(NYFED.parse(one, recorded("nyfed/swaps.json")), "swap_lines")) == "2024-06-12"


def test_an_empty_list_of_swaps_is_not_zero() -> None:
    assert NYFED.parse(ask("swap_lines"), b'{"fxSwaps":{"operations":[]}}').is_empty()


def test_holdings_are_strings_in_dollars_and_an_empty_one_is_missing() -> None:
    frame = NYFED.parse(ask("soma.total", "soma.bills"), recorded("nyfed/soma_summary.json"))
    assert values(frame, "soma.total") == {"2003-07-09": 651000.0, "2024-06-05": 9999000.0000004}
    assert values(frame, "soma.bills") == {"2024-06-05": 111000.0}


def test_dealers_are_in_millions_and_a_star_is_suppressed() -> None:
    frame = NYFED.parse(ask("pd.PDPOSGST-TOT"), recorded("nyfed/dealers.json"))
    assert values(frame, "pd.PDPOSGST-TOT") == {"2024-05-29": 111222.0, "2024-06-05": -3333.0}
    with pytest.raises(SchemaDriftError, match="'keyid'"):
        NYFED.parse(ask("pd.PDPOSGS-B"), recorded("nyfed/dealers.json"))


def test_plan_reads_operations_once_for_both_facilities_year_by_year() -> None:
    asks = NYFED.plan({"on_rrp": None, "standing_repo": None}, TODAY)
    spans = [
        (date.fromisoformat(dict(a.params)["startDate"]), date.fromisoformat(dict(a.params)["endDate"])) for a in asks
    ]
    assert spans[0][0] == FIRST["on_rrp"] and spans[-1][1] == TODAY
    assert all(this[1] + timedelta(days=1) == following[0] for this, following in pairwise(spans))
    assert asks[0].codes == ("on_rrp",) and asks[-1].codes == ("on_rrp", "standing_repo")
    assert len(NYFED.plan({"on_rrp": TODAY, "standing_repo": TODAY}, TODAY)) == 1


def test_plan_overlaps_what_is_stored() -> None:
    last = date(2026, 2, 27)
    (one,) = NYFED.plan({"sofr": last}, TODAY)
    assert dict(one.params) == {"startDate": (last - OVERLAP).isoformat(), "endDate": TODAY.isoformat()}


@pytest.mark.parametrize("code", FILES)
def test_damaged_bodies_give_values_or_typed_errors(code: str) -> None:
    one = operations() if code == "on_rrp" else ask(code)
    assert survives(NYFED, one, recorded(f"nyfed/{FILES[code]}")) > 50


@pytest.mark.parametrize("code", FILES)
def test_another_json_object_is_drift(code: str) -> None:
    with pytest.raises(SchemaDriftError, match="is missing"):
        NYFED.parse(ask(code), b'{"errors":[]}')
    with pytest.raises(PayloadError):
        NYFED.parse(ask(code), b"<html>Service unavailable</html>")


@pytest.mark.shared
def test_real_sofr() -> None:
    found = values(NYFED.parse(ask("sofr"), shared("nyfed/rates_secured_sofr_search_2024-06.json")), "sofr")
    assert found == {"2024-06-03": 5.35, "2024-06-04": 5.33, "2024-06-05": 5.33, "2024-06-06": 5.33}


@pytest.mark.shared
def test_real_later_rates_have_the_format() -> None:
    for code in ("sofr", "effr"):
        body = shared(f"nyfed/rates_{'secured' if code == 'sofr' else 'unsecured'}_{code}_last2_2026-08.json")
        assert len(NYFED.parse(ask(code), body)) == 2


@pytest.mark.shared
def test_real_holdings() -> None:
    frame = NYFED.parse(ask("soma.total", "soma.bills"), shared("nyfed/soma_summary_one_row_2021-10-27.json"))
    assert values(frame, "soma.total") == {"2021-10-27": pytest.approx(7977583.5383872)}
    assert values(frame, "soma.bills") == {"2021-10-27": 326044.0}
