import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import Ask, SchemaDriftError, ServiceError
from selloff.sources.ofr import FUNDING, HEDGE_FUNDS, INDEX, Ofr
from tests.sources.official_bodies import TODAY, recorded, shared, source, survives, values

OFR = source(Ofr)
INDEX_CODES = ("fsi.OFR FSI", "fsi.Credit")
TRI, FUNDS = "REPO-TRI_AR_OO-P", "FPF-ALLQHF_GAV_SUM"


def ask(*codes: str) -> Ask:
    return OFR.plan(dict.fromkeys(codes), TODAY)[0]


def test_the_index_has_parts_and_exponents() -> None:
    frame = OFR.parse(ask(*INDEX_CODES), recorded("ofr/fsi.csv"))
    assert values(frame, "fsi.OFR FSI") == {"2024-06-03": 11.5, "2024-06-04": -9.5e-05}
    assert values(frame, "fsi.Credit") == {"2024-06-03": 1.5, "2024-06-04": 0.25}


@pytest.mark.parametrize("column", ["Date", "OFR FSI", "Credit"])
def test_a_renamed_column_is_drift_that_names_it(column: str) -> None:
    with pytest.raises(SchemaDriftError, match=f"'{column}' is missing"):
        OFR.parse(ask(*INDEX_CODES), recorded("ofr/fsi.csv").replace(column.encode(), b"renamed", 1))


@pytest.mark.parametrize("cell", [b"", b"NA", b"nan"])
def test_the_index_has_no_missing_marker(cell: bytes) -> None:
    with pytest.raises(SchemaDriftError, match="'OFR FSI'"):
        OFR.parse(ask(*INDEX_CODES), recorded("ofr/fsi.csv").replace(b"11.5", cell))


def test_an_index_cut_within_its_last_line_is_refused() -> None:
    with pytest.raises(PayloadError, match="within a line"):
        OFR.parse(ask(*INDEX_CODES), recorded("ofr/fsi.csv")[:-2])


def test_rates_are_a_bare_array_and_null_is_missing() -> None:
    assert values(OFR.parse(ask(TRI), recorded("ofr/timeseries.json")), TRI) == {
        "2024-06-03": 11.08,
        "2024-06-05": 11.07,
    }


def test_amounts_are_in_billions() -> None:
    found = values(OFR.parse(ask(FUNDS), recorded("ofr/hedge_funds.json")), FUNDS)
    assert found == {"2023-12-31": 9111.0, "2024-03-31": 9222.0000000005}


@pytest.mark.parametrize("body", [recorded("ofr/invalid_mnemonic.txt"), b'"Invalid mnemonic"\n'])
def test_an_error_text_under_http_200_is_an_error(body: bytes) -> None:
    with pytest.raises(ServiceError, match="Invalid mnemonic") as caught:
        OFR.parse(ask(TRI), body)
    assert not caught.value.retry


@pytest.mark.parametrize(
    "body", [b'{"data":[]}', b'[["2024-06-03"]]', b'[["2024-06-03","11"]]', b"[[20240603,1]]", b"[null]"]
)
def test_another_shape_is_drift(body: bytes) -> None:
    with pytest.raises(SchemaDriftError):
        OFR.parse(ask(TRI), body)


def test_an_empty_series_is_not_stored_as_nothing_new() -> None:
    with pytest.raises(PayloadError, match="empty series"):
        OFR.parse(ask(TRI), b"[]")


def test_two_values_for_one_day_are_refused() -> None:
    with pytest.raises(PayloadError, match="two values"):
        OFR.parse(ask(TRI), b'[["2024-06-03",1],["2024-06-03",2]]')


def test_plan_goes_to_three_places() -> None:
    asks = OFR.plan(dict.fromkeys([*INDEX_CODES, TRI, FUNDS, "FICC-SPONSORED_REPO_VOL"]), TODAY)
    assert [(a.url, a.codes) for a in asks] == [
        (INDEX, INDEX_CODES),
        (FUNDING, (TRI,)),
        (HEDGE_FUNDS, (FUNDS,)),
        (HEDGE_FUNDS, ("FICC-SPONSORED_REPO_VOL",)),
    ]


@pytest.mark.parametrize(
    ("codes", "name"),
    [
        (INDEX_CODES, "fsi.csv"),
        ((TRI,), "timeseries.json"),
        ((FUNDS,), "hedge_funds.json"),
        ((TRI,), "invalid_mnemonic.txt"),
    ],
)
def test_damaged_bodies_give_values_or_typed_errors(codes: tuple[str, ...], name: str) -> None:
    assert survives(OFR, ask(*codes), recorded(f"ofr/{name}")) > 50


@pytest.mark.shared
def test_real_index() -> None:
    stress = tuple(code for code in OFR.entry.codes if code.startswith("fsi."))
    frame = OFR.parse(ask(*stress), shared("ofr/fsi_2000_2025-09.csv"))
    found = values(frame, "fsi.OFR FSI")
    assert found["2000-01-03"] == 2.14
    assert found["2025-09-11"] == -2.445
    assert values(frame, "fsi.Credit")["2025-09-11"] == -1.066
    assert len(found) == 6496


@pytest.mark.shared
def test_real_points_of_a_funding_rate() -> None:
    found = values(OFR.parse(ask(TRI), shared("ofr/stfm_series_timeseries_REPO-TRI_AR_OO-P_first4.json")), TRI)
    assert found == {"2014-08-22": 0.08, "2014-08-25": 0.08, "2014-08-26": 0.08, "2014-08-27": 0.07}
    with pytest.raises(SchemaDriftError):
        OFR.parse(ask(TRI), shared("ofr/stfm_series_full_REPO-TRI_AR_OO-P_first4.json"))
