"""Alpha Vantage: limit notices under HTTP 200, the string "None", newest first."""

from __future__ import annotations

import json
from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.alphavantage import AlphaVantage
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

SOURCE = AlphaVantage(entry("alphavantage"))
TODAY = date(2024, 3, 1)


def ask(ticker="MSFT"):
    return SOURCE.plan({ticker: None}, TODAY)[0]


def earnings():
    return json.loads(body("alphavantage", "EARNINGS.json"))


def parse(answer):
    return SOURCE.parse(ask(), json.dumps(answer).encode())


def test_surprises_known_at_the_end_of_the_reported_day_in_new_york():
    found = SOURCE.parse(ask(), body("alphavantage", "EARNINGS.json"))
    assert values(found) == {("MSFT", "2023-09-30"): -0.25, ("MSFT", "2023-12-31"): 0.25}
    known = [t.isoformat() for t in found["known_at"]]
    assert known == ["2023-10-25T04:00:00+00:00", "2024-01-31T05:00:00+00:00"]


@pytest.mark.parametrize("name", ["note_200.json", "information_200.json"])
def test_limit_notice_under_200_can_be_tried_again(name):
    with pytest.raises(ServiceError, match="limited") as caught:
        SOURCE.parse(ask(), body("alphavantage", name))
    assert caught.value.retry


def test_other_answers_of_the_service():
    with pytest.raises(ServiceError, match="Invalid") as caught:
        parse({"Error Message": "Invalid API call."})
    assert not caught.value.retry
    with pytest.raises(ServiceError, match="no earnings of MSFT"):
        parse({})
    with pytest.raises(PayloadError, match="is about 'AAPL'"):
        parse(earnings() | {"symbol": "AAPL"})


def test_plan_saves_requests_until_the_next_quarter_is_due():
    asks_match_requests(SOURCE, [ask()])
    assert ask().key_param == "apikey"
    assert not any("apikey" in name for name, _ in ask().params)
    wanted = {"MSFT": date(2023, 12, 31), "NVDA": date(2023, 10, 29), "TSLA": None}
    assert [a.codes[0] for a in SOURCE.plan(wanted, TODAY)] == ["NVDA", "TSLA"]
    assert len(SOURCE.plan(dict.fromkeys(SOURCE.entry.codes), TODAY)) <= SOURCE.entry.limit.requests == 25


@pytest.mark.parametrize("name", ["fiscalDateEnding", "reportedDate", "surprisePercentage"])
def test_renamed_field_is_named(name):
    answer = earnings()
    answer["quarterlyEarnings"][0][name + "_"] = answer["quarterlyEarnings"][0].pop(name)
    with pytest.raises(SchemaDriftError, match=name):
        parse(answer)


@pytest.mark.parametrize("value", [25, True, None, "nan", "25%", "1e999", ["25"]])
def test_only_a_decimal_written_as_text_is_a_number(value):
    answer = earnings()
    answer["quarterlyEarnings"][0]["surprisePercentage"] = value
    with pytest.raises(SchemaDriftError, match="surprisePercentage"):
        parse(answer)


def test_contradictions_are_refused():
    answer = earnings()
    first = answer["quarterlyEarnings"][0]
    for other in (first | {"surprisePercentage": "30"}, first | {"reportedDate": "2024-02-01"}):
        with pytest.raises(PayloadError, match="two values"):
            parse(answer | {"quarterlyEarnings": [first, other]})
    assert len(parse(answer | {"quarterlyEarnings": [first, first]})) == 1
    with pytest.raises(PayloadError, match="reported on"):
        parse(answer | {"quarterlyEarnings": [first | {"reportedDate": "2023-12-01"}]})


def test_damage_is_a_typed_error():
    survives_mutations(SOURCE, ask(), body("alphavantage", "EARNINGS.json"))
    survives_wrong_types(SOURCE, ask(), body("alphavantage", "EARNINGS.json"))
    survives_junk(SOURCE, ask())


@pytest.mark.shared
def test_real_answer():
    found = values(SOURCE.parse(ask("TSLA"), shared("alphavantage", "EARNINGS_TSLA_2022-03.json")))
    assert found["TSLA", "2021-12-31"] == pytest.approx(0.07173)
    assert ("TSLA", "2010-06-30") not in found
    assert len(found) == 46


@pytest.mark.shared
def test_real_notice():
    with pytest.raises(ServiceError, match="5 calls per minute") as caught:
        SOURCE.parse(ask(), shared("alphavantage", "rate_limit_note_200.json"))
    assert caught.value.retry
