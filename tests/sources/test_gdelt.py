"""GDELT: plain-text errors under HTTP 200, answers without a timeline, spans."""

from __future__ import annotations

import json
from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources import gdelt
from selloff.sources.contract import SchemaDriftError, ServiceError
from selloff.sources.gdelt import Gdelt
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

SOURCE = Gdelt(entry("gdelt"))
TODAY = date(2024, 3, 4)
VOLUME, TONE = "timelinevol:tariff", 'timelinetone:"stock market"'


def ask(code):
    return SOURCE.plan({code: date(2024, 3, 3)}, TODAY)[0]


def parse(answer, code=VOLUME):
    return SOURCE.parse(ask(code), json.dumps(answer).encode())


def volume():
    return json.loads(body("gdelt", "timelinevol.json"))


def test_values_by_day():
    assert values(SOURCE.parse(ask(VOLUME), body("gdelt", "timelinevol.json"))) == {
        (VOLUME, "2024-03-01"): 0.51,
        (VOLUME, "2024-03-02"): 0.25,
        (VOLUME, "2024-03-03"): 0.0,
    }
    assert values(SOURCE.parse(ask(TONE), body("gdelt", "timelinetone.json"))) == {
        (TONE, "2024-03-01"): -1.25,
        (TONE, "2024-03-02"): 0.5,
    }


def test_no_article_is_no_row():
    assert SOURCE.parse(ask(VOLUME), body("gdelt", "empty.json")).is_empty()
    assert parse({"query_details": {"title": "tariff"}}).is_empty()


def test_plain_text_under_200_is_the_services_error():
    with pytest.raises(ServiceError, match="one every 5 seconds") as caught:
        SOURCE.parse(ask(VOLUME), body("gdelt", "error_200_limit.txt"))
    assert caught.value.retry
    with pytest.raises(ServiceError, match="too short") as caught:
        SOURCE.parse(ask(VOLUME), body("gdelt", "error_200_query.txt"))
    assert not caught.value.retry


def test_plan_leaves_out_today_and_never_asks_for_a_week_or_less():
    asks_match_requests(SOURCE, [ask(VOLUME), ask(TONE)])
    whole = SOURCE.plan({VOLUME: None}, TODAY)
    spans = [(dict(a.params)["startdatetime"][:8], dict(a.params)["enddatetime"][:8]) for a in whole]
    assert spans[0] == ("20170101", "20171231")
    assert spans[-1][1] == "20240303"
    for stored in (None, date(2024, 3, 3), date(2024, 3, 4), date(2023, 3, 2), date(2010, 1, 1)):
        for a in SOURCE.plan({VOLUME: stored}, TODAY):
            start, end = (int(dict(a.params)[n][:8]) for n in ("startdatetime", "enddatetime"))
            days = (date.fromisoformat(str(end)) - date.fromisoformat(str(start))).days
            assert 14 <= days <= 364


@pytest.mark.parametrize("stamp", ["20240301T120000Z", "2024-03-01", "20240230T000000Z", "00000000T000000Z", 20240301])
def test_hours_and_other_stamps_are_drift(stamp):
    answer = volume()
    answer["timeline"][0]["data"][0]["date"] = stamp
    with pytest.raises(SchemaDriftError, match="date"):
        parse(answer)


@pytest.mark.parametrize("value", ["0.5", True, None, [1]])
def test_only_a_number_is_a_value(value):
    answer = volume()
    answer["timeline"][0]["data"][0]["value"] = value
    with pytest.raises(SchemaDriftError, match="value"):
        parse(answer)


def test_contradictions_are_refused():
    answer = volume()
    answer["timeline"][0]["data"].append({"date": "20240301T000000Z", "value": 9})
    with pytest.raises(PayloadError, match="two values"):
        parse(answer)
    with pytest.raises(PayloadError, match="not asked for"):
        answer = volume()
        answer["timeline"][0]["data"][0]["date"] = "20240304T000000Z"
        parse(answer)
    with pytest.raises(PayloadError, match="no share"):
        answer = volume()
        answer["timeline"][0]["data"][0]["value"] = -0.5
        parse(answer)


def test_another_timeline_or_shape_is_drift():
    with pytest.raises(SchemaDriftError, match="series"):
        parse(volume(), TONE)
    with pytest.raises(SchemaDriftError, match="timeline"):
        parse({"timelines": []})
    with pytest.raises(SchemaDriftError, match="data"):
        parse({"timeline": [{"series": "Volume Intensity"}]})
    with pytest.raises(PayloadError, match="twice"):
        SOURCE.parse(ask(VOLUME), b'{"timeline": [], "timeline": []}')


def test_damage_is_a_typed_error():
    survives_mutations(SOURCE, ask(VOLUME), body("gdelt", "timelinevol.json"))
    survives_wrong_types(SOURCE, ask(VOLUME), body("gdelt", "timelinevol.json"))
    survives_junk(SOURCE, ask(VOLUME), allowed=(b"{}",))


@pytest.mark.shared
def test_real_point():
    """Only one real point is recorded, of a later day than may be looked at: it is moved, and only its form counts."""
    answer = json.loads(shared("gdelt", "doc_timelinetone_apple_first_point_2026-10-08.json"))
    point = answer["timeline"][0]["data"][0]
    point["date"] = "20240301" + point["date"][8:]
    request = gdelt._ask("timelinetone:apple", date(2024, 2, 18), date(2024, 3, 3))
    found = SOURCE.parse(request, json.dumps(answer).encode())
    assert values(found) == {("timelinetone:apple", "2024-03-01"): point["value"]}
