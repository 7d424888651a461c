"""CFTC: string numbers, columns, weeks without every contract, pages."""

from __future__ import annotations

import json
from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources import cftc
from selloff.sources.cftc import Cftc
from selloff.sources.contract import SchemaDriftError, ServiceError
from tests.sources.recorded import (
    asks_match_requests,
    body,
    entry,
    shared,
    survives_junk,
    survives_mutations,
    survives_wrong_types,
    values,
)

SOURCE = Cftc(entry("cftc"))
TODAY = date(2024, 3, 25)
GOLD, YEN, TREASURIES = "disaggregated:088691", "legacy:097741", "tff:treasuries"


def ask(code, last=None):
    return SOURCE.plan({code: last}, TODAY)[0]


def gold():
    return json.loads(body("cftc", "disaggregated_gold.json"))


def parse(code, rows):
    return SOURCE.parse(ask(code), json.dumps(rows).encode())


def test_net_positions_by_report_date():
    found = values(SOURCE.parse(ask(GOLD), body("cftc", "disaggregated_gold.json")))
    assert found == {(GOLD, "2024-03-05"): 90000, (GOLD, "2024-03-12"): 110250, (GOLD, "2024-03-19"): -5000}
    found = values(SOURCE.parse(ask(YEN), body("cftc", "legacy_yen.json")))
    assert found == {(YEN, "2024-03-05"): -100000, (YEN, "2024-03-12"): -105000}


def test_week_without_one_treasury_contract_has_no_sum():
    found = values(SOURCE.parse(ask(TREASURIES), body("cftc", "tff_treasuries.json")))
    assert found == {(TREASURIES, "2024-03-05"): 615000 - 6 * 500000, (TREASURIES, "2024-03-19"): 615000 - 6 * 520000}


def test_no_week_with_every_treasury_contract_is_drift():
    rows = [r for r in json.loads(body("cftc", "tff_treasuries.json")) if r["cftc_contract_market_code"] != "043602"]
    with pytest.raises(SchemaDriftError, match="043602"):
        parse(TREASURIES, rows)


def test_before_the_ultra_contracts_were_listed_the_others_make_the_sum():
    rows = json.loads(body("cftc", "tff_treasuries.json"))
    old = [r | {"report_date_as_yyyy_mm_dd": "2008-01-08T00:00:00.000"} for r in rows[:6]]
    old = [r for r in old if r["cftc_contract_market_code"] not in ("020604", "043607")]
    assert len(parse(TREASURIES, old)) == 1


def test_plan_overlaps_the_last_week_and_asks_for_everything_without_one():
    assert "2024-01-23T00:00:00.000" in dict(ask(GOLD, date(2024, 3, 19)).params)["$where"]
    assert "report_date" not in dict(ask(GOLD).params)["$where"]
    assert ask(GOLD).url.endswith("/72hh-3qpy.json")
    assert ask(YEN).url.endswith("/6dca-aqww.json")
    assert ask(TREASURIES).url.endswith("/gpe5-46if.json")
    asks_match_requests(SOURCE, [ask(GOLD), ask(YEN), ask(TREASURIES)])
    assert len(SOURCE.plan(dict.fromkeys(SOURCE.entry.codes), TODAY)) == len(SOURCE.entry.codes)


@pytest.mark.parametrize(
    "column",
    ["report_date_as_yyyy_mm_dd", "m_money_positions_long_all", "m_money_positions_short_all", "open_interest_all"],
)
def test_renamed_column_is_named(column):
    rows = gold()
    rows[1][column + "_"] = rows[1].pop(column)
    with pytest.raises(SchemaDriftError, match=column):
        parse(GOLD, rows)


def test_repaired_typo_in_a_column_not_read_changes_nothing():
    rows = gold()
    for row in rows:
        row["swap_positions_short_all"] = row.pop("swap__positions_short_all")
    assert values(parse(GOLD, rows)) == values(parse(GOLD, gold()))


@pytest.mark.parametrize("value", [120000, True, None, "", "12O", "-5", "1e5", "120,000", "١٢", {"a": "1"}])
def test_only_a_count_written_as_text_is_a_number(value):
    rows = gold()
    rows[0]["m_money_positions_long_all"] = value
    with pytest.raises(SchemaDriftError, match="m_money_positions_long_all"):
        parse(GOLD, rows)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("report_date_as_yyyy_mm_dd", "0000-00-00T00:00:00.000"),
        ("report_date_as_yyyy_mm_dd", "2024-03-05"),
        ("report_date_as_yyyy_mm_dd", "2024-03-05T12:00:00.000"),
        ("futonly_or_combined", "Combined"),
    ],
)
def test_another_form_of_a_field_is_drift(field, value):
    rows = gold()
    rows[0][field] = value
    with pytest.raises(SchemaDriftError, match=field):
        parse(GOLD, rows)


def test_what_cannot_be_is_refused():
    rows = gold()
    with pytest.raises(PayloadError, match="not asked for"):
        parse(GOLD, [rows[0] | {"cftc_contract_market_code": "084691"}])
    with pytest.raises(PayloadError, match="more contracts than are open"):
        parse(GOLD, [rows[0] | {"open_interest_all": "100"}])
    with pytest.raises(PayloadError, match="order"):
        parse(GOLD, rows[::-1])
    with pytest.raises(PayloadError, match="two values"):
        parse(GOLD, [rows[0], rows[0] | {"m_money_positions_long_all": "1"}])
    assert len(parse(GOLD, [rows[0], rows[0]])) == 1


def test_full_page_leaves_its_last_week_to_the_next(monkeypatch):
    monkeypatch.setattr(cftc, "_PAGE", 3)
    first = body("cftc", "disaggregated_gold.json")
    assert [d for _, d in values(SOURCE.parse(ask(GOLD), first))] == ["2024-03-05", "2024-03-12"]
    following = SOURCE.more(ask(GOLD), first)
    assert following is not None
    assert "2024-03-19T00:00:00.000" in dict(following.params)["$where"]
    rest = json.dumps(gold()[2:]).encode()
    assert [d for _, d in values(SOURCE.parse(following, rest))] == ["2024-03-19"]
    assert SOURCE.more(following, rest) is None


def test_refused_query():
    with pytest.raises(SchemaDriftError, match="No such column: m_money"):
        SOURCE.parse(ask(GOLD), body("cftc", "error_400_no_such_column.json"))
    with pytest.raises(ServiceError, match="busy") as caught:
        SOURCE.parse(ask(GOLD), b'{"code": "other", "error": true, "message": "busy"}')
    assert not caught.value.retry


def test_damage_is_a_typed_error():
    survives_mutations(SOURCE, ask(GOLD), body("cftc", "disaggregated_gold.json"))
    survives_wrong_types(SOURCE, ask(GOLD), body("cftc", "disaggregated_gold.json"))
    survives_mutations(SOURCE, ask(TREASURIES), body("cftc", "tff_treasuries.json"))
    survives_wrong_types(SOURCE, ask(TREASURIES), body("cftc", "tff_treasuries.json"))
    survives_junk(SOURCE, ask(GOLD), allowed=(b"[]",))


@pytest.mark.shared
def test_real_rows_have_the_columns():
    """The real rows are later than the data may be looked at, so they are moved to an earlier week and only compared
    with each other: what is long and short of the same row."""
    rows = json.loads(shared("cftc", "disaggregated_72hh-3qpy_gold_088691_2026-09.json"))
    one = rows[0] | {"report_date_as_yyyy_mm_dd": "2024-03-05T00:00:00.000"}
    change = int(one["change_in_m_money_long_all"]) - int(one["change_in_m_money_short_all"])
    other = rows[1] | {"report_date_as_yyyy_mm_dd": "2024-02-27T00:00:00.000"}
    found = values(parse(GOLD, [other, one]))
    assert found[GOLD, "2024-03-05"] - found[GOLD, "2024-02-27"] == change


@pytest.mark.shared
def test_real_legacy_row():
    (row,) = json.loads(shared("cftc", "legacy_combined_jun7-fc8e_code239747_2024-08-20.json"))
    assert row["futonly_or_combined"] == "Combined"
    row |= {"futonly_or_combined": "FutOnly"}
    assert values(parse("legacy:239747", [row])) == {("legacy:239747", "2024-08-20"): 4773 - 10232}
