import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest

from selloff.errors import PayloadError
from selloff.sources.alfred import ALL_PERIODS, NEWEST, WINDOW, Alfred
from selloff.sources.contract import Ask, SchemaDriftError, ServiceError
from tests.sources.official_bodies import TODAY, recorded, source, survives

ALFRED = source(Alfred)
START = date(2019, 1, 7)


def ask(start: date = START, code: str = "ICSA") -> Ask:
    return ALFRED.plan({code: None}, start + WINDOW)[0]


def rows(frame: pl.DataFrame) -> list[tuple[str, datetime | None, float]]:
    return [(str(d), k, v) for d, k, v in frame.select("date", "known_at", "value").iter_rows()]


def test_each_vintage_is_known_at_the_end_of_its_day_in_new_york() -> None:
    summer, winter = (datetime(2024, 6, d, 4, tzinfo=UTC) for d in (14, 21))
    assert rows(ALFRED.parse(ask(), recorded("alfred/vintages.json"))) == [
        ("2018-12-29", datetime(2019, 3, 29, 4, tzinfo=UTC), 9210.0),
        ("2024-06-01", summer, 9300.0),
        ("2024-06-08", summer, 9410.0),
        ("2024-06-08", winter, 9430.0),
        ("2024-06-15", winter, 9520.0),
    ]


def test_what_was_carried_into_the_window_is_left_to_an_older_one() -> None:
    frame = ALFRED.parse(ask(), recorded("alfred/vintages.json"))
    assert 9220.0 not in frame["value"].to_list()
    earlier = ALFRED.more(ask(), recorded("alfred/vintages.json"))
    assert earlier is not None
    asked = dict(earlier.params)
    assert asked["realtime_end"] == START.isoformat()  # the border day is in both windows
    assert asked["realtime_start"] == (START - WINDOW).isoformat()
    assert asked["offset"] == "0"


def test_values_from_before_the_archive_have_no_vintage() -> None:
    start = date(2008, 1, 21)
    found = rows(ALFRED.parse(ask(start), recorded("alfred/archive_start.json")))
    assert found[0] == ("1967-01-07", None, 8080.0)
    assert found[1] == ("1967-01-07", datetime(2010, 3, 26, 4, tzinfo=UTC), 8090.0)
    assert found[2] == ("2009-05-16", datetime(2009, 5, 29, 4, tzinfo=UTC), 8230.0)
    assert ALFRED.more(ask(start), recorded("alfred/archive_start.json")) is None


def test_at_the_border_of_pages_a_late_row_is_not_taken_for_the_first() -> None:
    body = json.loads(recorded("alfred/archive_start.json"))
    last = body | {"observations": body["observations"][4:], "count": 5, "offset": 4, "limit": 4}
    first = body | {"observations": body["observations"][:4], "count": 5, "limit": 4}
    start = ask(date(2008, 1, 21))
    following = ALFRED.more(start, json.dumps(first).encode())
    assert following is not None and dict(following.params)["offset"] == "4"
    # 1967-01-07 is split over both pages; its revision of 2010 keeps its own day.
    found = rows(ALFRED.parse(following, json.dumps(last).encode()))
    assert found == [("1967-01-07", datetime(2010, 3, 26, 4, tzinfo=UTC), 8090.0)]
    assert rows(ALFRED.parse(start, json.dumps(first).encode()))[0][1] == datetime(2009, 5, 29, 4, tzinfo=UTC)


def test_no_window_spans_more_than_2000_days() -> None:
    for last in (None, date(2026, 2, 20), date(2003, 1, 2)):
        for one in ALFRED.plan({"WALCL": last}, TODAY):
            asked = dict(one.params)
            end = TODAY if asked["realtime_end"] == NEWEST else date.fromisoformat(asked["realtime_end"])
            assert timedelta(0) <= end - date.fromisoformat(asked["realtime_start"]) <= timedelta(days=1_999)
            assert asked["realtime_end"] == NEWEST or end <= TODAY


def test_windows_since_the_last_period_leave_no_gap_and_do_not_go_back() -> None:
    asks = ALFRED.plan({"WALCL": date(2003, 1, 2)}, TODAY)
    bounds = [(dict(a.params)["realtime_start"], dict(a.params)["realtime_end"]) for a in asks]
    assert bounds[0][0] == "2003-01-01" and bounds[-1][1] == NEWEST
    assert all(this[1] == following[0] for this, following in pairwise(bounds))
    assert all(ALL_PERIODS not in a.params for a in asks)
    assert ALFRED.more(asks[0], recorded("alfred/vintages.json")) is None


def test_indices_estimated_anew_are_asked_for_first_values() -> None:
    assert dict(ask(code="NFCI").params)["output_type"] == "4"
    assert dict(ask(code="ICSA").params)["output_type"] == "1"
    with pytest.raises(SchemaDriftError, match="'output_type'"):
        ALFRED.parse(ask(code="NFCI"), recorded("alfred/vintages.json"))


def test_the_way_back_ends() -> None:
    one: Ask | None = ask()
    steps = 0
    while one is not None and steps < 100:
        window = dict(one.params)["realtime_start"]
        body = json.loads(recorded("alfred/vintages.json"))
        body |= {"count": 1, "observations": [{"date": "1900-01-01", "value": "1", "realtime_start": window}]}
        one = ALFRED.more(one, json.dumps(body).encode())
        steps += 1
    assert one is None and steps < 30


def test_a_series_without_archive_is_an_error_of_the_service() -> None:
    body = (
        b'{"error_code":400,"error_message":"Bad Request.  The series does not exist in ALFRED but may exist in FRED."}'
    )
    with pytest.raises(ServiceError, match="does not exist in ALFRED"):
        ALFRED.parse(ask(), body)


def test_two_values_of_one_vintage_are_refused() -> None:
    body = json.loads(recorded("alfred/vintages.json"))
    body["observations"][0] = body["observations"][1] | {"value": "1"}
    with pytest.raises(PayloadError, match="two values"):
        ALFRED.parse(ask(), json.dumps(body).encode())


@pytest.mark.parametrize("field", ["realtime_start", "date", "value"])
def test_a_renamed_field_is_drift_that_names_it(field: str) -> None:
    body = json.loads(recorded("alfred/vintages.json"))
    body["observations"][0]["renamed"] = body["observations"][0].pop(field)
    with pytest.raises(SchemaDriftError, match=f"'{field}' is missing"):
        ALFRED.parse(ask(), json.dumps(body).encode())


@pytest.mark.parametrize("name", ["vintages.json", "archive_start.json"])
def test_damaged_bodies_give_values_or_typed_errors(name: str) -> None:
    assert survives(ALFRED, ask(), recorded(f"alfred/{name}")) > 50


def test_the_entry_says_that_no_real_body_was_seen() -> None:
    assert not ALFRED.entry.verified and ALFRED.entry.key == "required"
