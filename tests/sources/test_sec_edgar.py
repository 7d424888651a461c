"""EDGAR: year-to-date facts, amendments, comparatives, renamed concepts, earnings days."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import polars as pl
import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import PARSED_SCHEMA, SchemaDriftError, ServiceError
from selloff.sources.sec_edgar import SecEdgar
from tests.sources.recorded import (
    asks_match_requests,
    body,
    entry,
    shared,
    survives_junk,
    survives_mutations,
    survives_wrong_types,
)

SOURCE = SecEdgar(entry("sec_edgar"))
TODAY = date(2025, 3, 1)
CAPEX, EARNINGS = "capex:0000789019", "earnings:0000789019"
PPE, ASSETS = "PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets"
LAST_KNOWN = datetime(2026, 2, 28, tzinfo=UTC)


def ask(code):
    return SOURCE.plan({code: None}, TODAY)[0]


def facts():
    return json.loads(body("sec_edgar", "companyfacts.json"))


def rows_of(table):
    assert dict(table.schema) == PARSED_SCHEMA
    return [(str(r["date"]), r["known_at"].isoformat(), round(r["value"], 6)) for r in table.iter_rows(named=True)]


def parse(answer, code=CAPEX):
    return SOURCE.parse(ask(code), json.dumps(answer).encode())


def test_quarters_and_their_vintages():
    """Differences worked out by hand from the recording: an amendment after 18 days and a comparative a year later are
    vintages of the second quarter; the fourth is not revised, since nine months were never restated."""
    assert rows_of(SOURCE.parse(ask(CAPEX), body("sec_edgar", "companyfacts.json"))) == [
        ("2023-03-31", "2023-04-28T22:00:00+00:00", 1.0),
        ("2023-06-30", "2023-07-28T22:00:00+00:00", 1.25),
        ("2023-06-30", "2023-08-15T22:00:00+00:00", 1.35),
        ("2023-06-30", "2024-07-30T22:00:00+00:00", 1.4),
        ("2023-09-30", "2023-10-27T22:00:00+00:00", 1.4),
        ("2023-12-31", "2024-02-02T23:00:00+00:00", 1.75),
    ]


def test_a_fact_of_three_months_goes_before_a_difference():
    answer = facts()
    rows = answer["facts"]["us-gaap"][PPE]["units"]["USD"]
    rows.append(rows[3] | {"start": "2023-04-01", "val": 1_260_000_000})
    found = rows_of(parse(answer))
    assert ("2023-06-30", "2023-07-28T22:00:00+00:00", 1.26) in found
    assert ("2023-06-30", "2023-07-28T22:00:00+00:00", 1.25) not in found


def test_concepts_that_disagree_are_not_mixed():
    answer = facts()
    concepts = answer["facts"]["us-gaap"]
    first = concepts[PPE]["units"]["USD"][1]
    concepts[ASSETS]["units"]["USD"].append(first | {"val": 7_000_000_000})
    found = rows_of(parse(answer))
    assert [q for q, _, _ in found if q == "2023-09-30"] == []
    assert ("2023-03-31", "2023-04-28T22:00:00+00:00", 1.0) in found
    assert ("2023-12-31", "2024-02-02T23:00:00+00:00", 1.75) in found


def test_a_difference_that_is_not_positive_is_no_quarter():
    answer = facts()
    answer["facts"]["us-gaap"][ASSETS]["units"]["USD"][0]["val"] = 2_000_000_000
    assert "2023-09-30" not in [q for q, _, _ in rows_of(parse(answer))]


def test_second_concept_alone_is_enough_and_none_is_drift():
    answer = facts()
    concepts = answer["facts"]["us-gaap"]
    assert rows_of(parse(answer)) != []
    del concepts[PPE]
    assert [q for q, _, _ in rows_of(parse(answer))] == ["2023-12-31"]
    del concepts[ASSETS]
    with pytest.raises(SchemaDriftError, match=PPE):
        parse(answer)


@pytest.mark.parametrize("name", ["start", "end", "val", "filed", "accn"])
def test_renamed_field_is_named(name):
    answer = facts()
    row = answer["facts"]["us-gaap"][PPE]["units"]["USD"][2]
    row[name + "x"] = row.pop(name)
    with pytest.raises(SchemaDriftError, match=name):
        parse(answer)


@pytest.mark.parametrize("value", ["1000000000", True, None, {"x": 1}, 10**400])
def test_only_a_number_is_dollars(value):
    answer = facts()
    answer["facts"]["us-gaap"][PPE]["units"]["USD"][1]["val"] = value
    with pytest.raises(SchemaDriftError, match="val"):
        parse(answer)


def test_contradictions_are_refused():
    answer = facts()
    answer["facts"]["us-gaap"][PPE]["units"]["USD"][1]["val"] = 1e300
    with pytest.raises(PayloadError, match="more than any company"):
        parse(answer)
    answer = facts()
    rows = answer["facts"]["us-gaap"][PPE]["units"]["USD"]
    rows.append(rows[1] | {"val": 5})
    with pytest.raises(PayloadError, match="two values"):
        parse(answer)
    with pytest.raises(PayloadError, match="not in order"):
        answer = facts()
        answer["facts"]["us-gaap"][PPE]["units"]["USD"][1]["filed"] = "2023-01-15"
        parse(answer)
    with pytest.raises(PayloadError, match="CIK"):
        parse(facts() | {"cik": 320193})


def test_earnings_days_are_8ks_with_item_2_02():
    found = SOURCE.parse(ask(EARNINGS), body("sec_edgar", "submissions.json"))
    assert dict(found.schema) == PARSED_SCHEMA
    assert found["period_end"].to_list() == [
        datetime(2024, 1, 30, 21, 5, 59, tzinfo=UTC),
        datetime(2024, 4, 25, 20, 3, 17, tzinfo=UTC),
    ]
    assert found["known_at"].to_list() == found["period_end"].to_list()
    assert found["date"].null_count() == 2
    assert found["value"].to_list() == [1.0, 1.0]


def test_filings_of_another_form_are_drift():
    answer = json.loads(body("sec_edgar", "submissions.json"))
    recent = answer["filings"]["recent"]
    with pytest.raises(SchemaDriftError, match="acceptanceDateTime"):
        accepted = ["2024-04-25 16:03:17", *recent["acceptanceDateTime"][1:]]
        changed = recent | {"acceptanceDateTime": [accepted[0]] * 4}
        parse(answer | {"filings": {"recent": changed}}, EARNINGS)
    with pytest.raises(SchemaDriftError, match="items"):
        parse(answer | {"filings": {"recent": {k: v for k, v in recent.items() if k != "items"}}}, EARNINGS)
    with pytest.raises(PayloadError, match="differ in length"):
        parse(answer | {"filings": {"recent": recent | {"form": recent["form"][:-1]}}}, EARNINGS)
    with pytest.raises(PayloadError, match="but filed"):
        parse(answer | {"filings": {"recent": recent | {"filingDate": ["2024-12-24"] * 4}}}, EARNINGS)


def test_unknown_company_is_an_s3_error_page():
    with pytest.raises(ServiceError, match="0000789019") as caught:
        SOURCE.parse(ask(EARNINGS), body("sec_edgar", "error_404_no_such_key.xml"))
    assert not caught.value.retry


def test_plan_asks_whole_files_with_the_contact_as_user_agent():
    asks = list(SOURCE.plan(dict.fromkeys(SOURCE.entry.codes, date(2025, 1, 1)), TODAY))
    assert {a.key_header for a in asks} == {"User-Agent"}
    assert all(not a.params for a in asks)
    assert len({a.url for a in asks}) == len(asks) == 16
    assert SOURCE.entry.key == "required"
    asks_match_requests(SOURCE, [ask(CAPEX), ask(EARNINGS)])


def test_damage_is_a_typed_error():
    survives_mutations(SOURCE, ask(CAPEX), body("sec_edgar", "companyfacts.json"))
    survives_wrong_types(SOURCE, ask(CAPEX), body("sec_edgar", "companyfacts.json"))
    survives_mutations(SOURCE, ask(EARNINGS), body("sec_edgar", "submissions.json"))
    survives_wrong_types(SOURCE, ask(EARNINGS), body("sec_edgar", "submissions.json"))
    survives_junk(SOURCE, ask(CAPEX))
    survives_junk(SOURCE, ask(EARNINGS))


REAL = {
    "0000320193": ("AAPL", {("2025-06-28", 3.462), ("2025-12-27", 2.373), ("2013-12-28", 1.985)}),
    "0001652044": ("GOOGL", {("2025-09-30", 23.953), ("2025-12-31", 27.851), ("2022-12-31", 7.595)}),
    "0001045810": ("NVDA", {("2020-07-26", 0.217), ("2020-10-25", 0.473), ("2025-10-26", 1.636)}),
}


@pytest.mark.shared
@pytest.mark.parametrize("cik", REAL)
def test_real_quarters(cik):
    ticker, expected = REAL[cik]
    real = shared("sec_edgar", f"companyfacts_{ticker}_capex_subset.json")
    found = SOURCE.parse(ask(f"capex:{cik}"), real).filter(pl.col("known_at") <= LAST_KNOWN)
    assert expected <= {(quarter, value) for quarter, _, value in rows_of(found)}
    assert found["value"].min() > 0


@pytest.mark.shared
def test_real_earnings_days():
    real = shared("sec_edgar", "submissions_MSFT_CIK0000789019_first120.json")
    found = SOURCE.parse(ask(EARNINGS), real).filter(pl.col("known_at") <= LAST_KNOWN)
    assert [str(t.date()) for t in found["period_end"]] == ["2025-07-30", "2025-10-29", "2026-01-28"]
