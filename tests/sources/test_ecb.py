import json
from dataclasses import replace
from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import Ask, SchemaDriftError
from selloff.sources.ecb import FIRST, OVERLAP, Ecb
from tests.sources.official_bodies import TODAY, recorded, shared, source, survives, values

ECB = source(Ecb)
JSON = (("format", "jsondata"), ("startPeriod", "1999-01-04"))


def ask(*codes: str) -> Ask:
    return ECB.plan(dict.fromkeys(codes or ("JPY", "USD")), TODAY)[0]


def test_csv_rows_name_their_series_and_empty_and_nan_are_missing() -> None:
    frame = ECB.parse(ask(), recorded("ecb/exr.csv"))
    assert values(frame, "JPY") == {"2024-06-03": 555.5, "2024-06-04": 556.0}
    assert values(frame, "USD") == {"2024-06-03": 5.1111}


@pytest.mark.parametrize("name", ["series.json", "flat.json"])
def test_json_observations_are_keyed_by_position_in_the_time_dimension(name: str) -> None:
    frame = ECB.parse(replace(ask(), params=JSON), recorded(f"ecb/{name}"))
    assert values(frame, "JPY") == {"2024-06-03": 555.5, "2024-06-05": 556.0}
    assert values(frame, "USD") == {"2024-06-03": 5.1111}


def test_json_positions_are_looked_up_not_counted() -> None:
    body = json.loads(recorded("ecb/series.json"))
    body["structure"]["dimensions"]["observation"][0]["values"].reverse()
    frame = ECB.parse(replace(ask(), params=JSON), json.dumps(body).encode())
    assert values(frame, "JPY") == {"2024-06-03": 556.0, "2024-06-05": 555.5}


@pytest.mark.parametrize("column", ["FREQ", "CURRENCY", "TIME_PERIOD", "OBS_VALUE", "EXR_TYPE"])
def test_a_renamed_column_is_drift_that_names_it(column: str) -> None:
    body = recorded("ecb/exr.csv").replace(f",{column},".encode(), b",RENAMED,", 1)
    with pytest.raises(SchemaDriftError, match=f"'{column}' is missing"):
        ECB.parse(ask(), body)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [(",D,", ",M,", "FREQ"), (",SP00,", ",EN00,", "EXR_TYPE"), (",EUR,", ",GBP,", "CURRENCY_DENOM")],
)
def test_a_series_that_was_not_asked_for_is_drift(old: str, new: str, field: str) -> None:
    with pytest.raises(SchemaDriftError, match=f"'{field}'"):
        ECB.parse(ask(), recorded("ecb/exr.csv").replace(old.encode(), new.encode(), 1))
    with pytest.raises(SchemaDriftError, match="'CURRENCY' is 'JPY'"):
        ECB.parse(ask("USD"), recorded("ecb/exr.csv"))


@pytest.mark.parametrize("cell", ["-", "1,09", "NA", "1e3"])
def test_a_value_of_another_form_is_drift(cell: str) -> None:
    with pytest.raises(PayloadError):
        ECB.parse(ask(), recorded("ecb/exr.csv").replace(b"5.1111", cell.encode()))


@pytest.mark.parametrize("key", ["7", "-1", "0:0", "", "x", "²", "99999999"])
def test_a_json_key_out_of_the_dimension_is_drift(key: str) -> None:
    body = json.loads(recorded("ecb/series.json"))
    body["dataSets"][0]["series"]["0:0:0:0:0"]["observations"] = {key: [1.0]}
    with pytest.raises(SchemaDriftError):
        ECB.parse(replace(ask(), params=JSON), json.dumps(body).encode())


@pytest.mark.parametrize("path", [("structure",), ("structure", "dimensions"), ("dataSets",)])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}])
def test_json_of_another_shape_is_drift(path: tuple[str, ...], value: object) -> None:
    body = json.loads(recorded("ecb/series.json"))
    parent = body
    for name in path[:-1]:
        parent = parent[name]
    parent[path[-1]] = value
    if path == ("dataSets",) and value == []:
        assert ECB.parse(replace(ask(), params=JSON), json.dumps(body).encode()).is_empty()
        return
    with pytest.raises(SchemaDriftError):
        ECB.parse(replace(ask(), params=JSON), json.dumps(body).encode())


def test_plan_asks_once_for_currencies_with_the_same_start() -> None:
    last = date(2026, 2, 27)
    new, old = ECB.plan({"USD": None, "JPY": last, "GBP": last}, TODAY)
    assert new.url.endswith("/D.USD.EUR.SP00.A") and dict(new.params)["startPeriod"] == FIRST.isoformat()
    assert old.url.endswith("/D.JPY+GBP.EUR.SP00.A") and old.codes == ("JPY", "GBP")
    assert dict(old.params) == {"format": "csvdata", "startPeriod": (last - OVERLAP).isoformat()}


def test_damaged_bodies_give_values_or_typed_errors() -> None:
    assert survives(ECB, ask(), recorded("ecb/exr.csv")) > 50
    for name in ("series.json", "flat.json"):
        assert survives(ECB, replace(ask(), params=JSON), recorded(f"ecb/{name}")) > 50


@pytest.mark.shared
@pytest.mark.parametrize("name", ["EXR_flat.json", "EXR_ts.json"])
def test_real_json_in_both_arrangements(name: str) -> None:
    frame = ECB.parse(replace(ask("NZD", "RUB"), params=JSON), shared(f"ecb/{name}"))
    assert values(frame, "NZD") == {"2013-01-18": 1.5931, "2013-01-21": 1.5925}
    assert values(frame, "RUB") == {"2013-01-18": 40.3426, "2013-01-21": 40.3}


@pytest.mark.shared
def test_real_xml_is_not_taken_for_csv() -> None:
    with pytest.raises(PayloadError):
        ECB.parse(ask("USD"), shared("ecb/EXR_sg-ts.xml"))
