import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import Ask, SchemaDriftError, ServiceError
from selloff.sources.fred import OVERLAP, Fred
from tests.sources.official_bodies import LAST_DAY, TODAY, recorded, shared, source, survives, values

FRED = source(Fred)


def ask(code: str = "DGS10") -> Ask:
    return FRED.plan({code: None}, TODAY)[0]


def page(**changes: object) -> bytes:
    return json.dumps(json.loads(recorded("fred/observations.json")) | changes).encode()


def test_values_are_strings_and_a_point_is_missing() -> None:
    frame = FRED.parse(ask(), recorded("fred/observations.json"))
    assert values(frame, "DGS10") == {"2024-06-03": 11.01, "2024-06-05": -0.25, "2024-06-06": 12.0}
    assert frame["known_at"].null_count() == 3


def test_plan_asks_for_json_from_the_overlap_with_the_key_apart() -> None:
    last = date(2026, 2, 25)
    full, part = FRED.plan({"VIXCLS": None, "DGS10": last}, TODAY)
    assert ("file_type", "json") in full.params and "observation_start" not in dict(full.params)
    assert dict(part.params)["observation_start"] == (last - OVERLAP).isoformat()
    assert full.key_param == "api_key" and "api_key" not in full.name


def test_plan_asks_for_all_of_what_is_revised_in_full() -> None:
    (only,) = FRED.plan({"NFCI": date(2026, 2, 20)}, TODAY)
    assert "observation_start" not in dict(only.params)


def test_paging_goes_on_until_the_count_is_reached() -> None:
    rows = json.loads(recorded("fred/observations.json"))["observations"]
    first = page(count=6, limit=4)
    following = FRED.more(ask(), first)
    assert following is not None and dict(following.params)["offset"] == "4"
    assert len(FRED.parse(ask(), first)) == 3
    second = page(count=6, limit=4, offset=4, observations=rows[:2])
    assert FRED.more(following, second) is None
    assert len(FRED.parse(following, second)) == 1


def test_a_page_with_fewer_rows_than_announced_is_refused() -> None:
    with pytest.raises(PayloadError, match="4 observations arrived, 5 were announced"):
        FRED.parse(ask(), page(count=5))


@pytest.mark.parametrize("name", ["fred/error_400.json", "fred/error_400.xml"])
def test_errors_of_the_service_are_its_own_words(name: str) -> None:
    with pytest.raises(ServiceError, match="answered 400: Bad Request") as caught:
        FRED.parse(ask(), recorded(name))
    assert not caught.value.retry


@pytest.mark.parametrize(
    "body",
    [
        b'{"error_code":429,"error_message":"Too Many Requests.  Exceeded Rate Limit"}',
        b'{"error_code":400,"error_message":"Bad Request.  The value for variable api_key is not registered."}',
    ],
)
def test_a_throttled_key_may_try_again(body: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        FRED.parse(ask(), body)
    assert caught.value.retry


@pytest.mark.parametrize("field", ["value", "date"])
def test_a_renamed_field_is_drift_that_names_it(field: str) -> None:
    body = recorded("fred/observations.json").replace(f'"{field}":'.encode(), b'"renamed":')
    with pytest.raises(SchemaDriftError, match=f"'{field}' is missing"):
        FRED.parse(ask(), body)


@pytest.mark.parametrize("field", ["observations", "count", "offset", "limit", "units", "output_type"])
def test_a_missing_part_of_the_page_is_drift_that_names_it(field: str) -> None:
    body = recorded("fred/observations.json").replace(f'"{field}":'.encode(), b'"renamed":')
    with pytest.raises(SchemaDriftError, match=f"'{field}'"):
        FRED.parse(ask(), body)


def test_other_units_than_levels_are_drift() -> None:
    with pytest.raises(SchemaDriftError, match="'units' is 'pch'"):
        FRED.parse(ask(), page(units="pch"))


@pytest.mark.parametrize("value", [11.01, None, "", "NA", True, "1e3"])
def test_a_value_of_another_form_is_drift(value: object) -> None:
    rows = [{"date": "2024-06-03", "value": value}]
    with pytest.raises(SchemaDriftError, match="'value'"):
        FRED.parse(ask(), page(observations=rows, count=1))


def test_two_values_for_one_day_are_refused() -> None:
    rows = [{"date": "2024-06-03", "value": "1"}, {"date": "2024-06-03", "value": "2"}]
    with pytest.raises(PayloadError, match="two values"):
        FRED.parse(ask(), page(observations=rows, count=2))


def test_damaged_bodies_give_values_or_typed_errors() -> None:
    for name in ("observations.json", "error_400.json", "error_400.xml"):
        assert survives(FRED, ask(), recorded(f"fred/{name}")) > 50


@pytest.mark.shared
def test_real_target_rate() -> None:
    body = shared("fred/series_observations_DFEDTARU_2021-08_2026-07.json")
    found = values(FRED.parse(ask("DFEDTARU"), body), "DFEDTARU")
    assert found["2021-08-01"] == 0.25
    assert found["2023-07-27"] == 5.5
    assert len(found) == (LAST_DAY - date(2021, 8, 1)) / timedelta(days=1) + 1
    assert FRED.more(ask("DFEDTARU"), body) is None


@pytest.mark.shared
def test_real_monthly_body() -> None:
    found = values(
        FRED.parse(ask("WPU1017"), shared("fred/series_observations_WPU1017_monthly_count59.json")), "WPU1017"
    )
    assert found["2021-08-01"] == 399.074


@pytest.mark.shared
def test_real_errors() -> None:
    with pytest.raises(ServiceError, match="realtime_end can not be after today"):
        FRED.parse(ask(), shared("fred/error_400_realtime_end.json"))
    with pytest.raises(ServiceError, match="does not exist"):
        FRED.parse(ask(), shared("fred/error_400_series_does_not_exist.xml"))


@pytest.mark.shared
def test_real_xml_of_the_default_file_type_is_refused() -> None:
    with pytest.raises(PayloadError, match="page of markup"):
        FRED.parse(replace(ask(), params=()), shared("fred/series_observations_DGS10_2020-01_2022-03.xml"))
