import json
from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import Ask, SchemaDriftError, ServiceError
from selloff.sources.fiscaldata import OVERLAP, FiscalData
from tests.sources.official_bodies import TODAY, recorded, shared, source, survives, values

FISCAL = source(FiscalData)
FILES = {"tga": "cash.json", "debt": "debt.json", "auction.10-Year": "auctions.json"}


def ask(*codes: str) -> Ask:
    return FISCAL.plan(dict.fromkeys(codes), TODAY)[0]


def page(name: str, **meta: object) -> bytes:
    body = json.loads(recorded(f"fiscaldata/{name}"))
    body["meta"] |= meta
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("cash_2020.json", {"2020-06-01": 1400001.0}),
        ("cash_2022.json", {"2022-01-04": 300001.0, "2022-01-05": 299000.0}),
        ("cash.json", {"2024-06-04": 701001.0, "2024-06-05": 700000.0}),
    ],
)
def test_cash_is_the_closing_balance_in_all_three_generations(name: str, found: dict[str, float]) -> None:
    assert values(FISCAL.parse(ask("tga"), recorded(f"fiscaldata/{name}")), "tga") == found


def test_the_string_null_is_no_balance() -> None:
    body = recorded("fiscaldata/cash.json").replace(
        b'"open_today_bal":"701001","open_month', b'"open_today_bal":"null","open_month', 1
    )
    with pytest.raises(SchemaDriftError, match="'open_today_bal' is 'null'"):
        FISCAL.parse(ask("tga"), body)


def test_a_fourth_name_of_the_account_is_drift() -> None:
    body = recorded("fiscaldata/cash.json").replace(b"(TGA) Closing Balance", b"(TGA) Final Balance", 1)
    with pytest.raises(SchemaDriftError, match=r"'account_type'.*2024-06-04"):
        FISCAL.parse(ask("tga"), body)


def test_debt_is_in_millions_and_null_is_missing() -> None:
    found = values(FISCAL.parse(ask("debt"), recorded("fiscaldata/debt.json")), "debt")
    assert found == pytest.approx({"2024-06-04": 33000000.00000011, "2024-06-06": 33001000.00000022}, rel=1e-15)


def test_auctions_are_plain_notes_and_bonds_with_a_result() -> None:
    one = ask("auction.2-Year", "auction.10-Year", "auction.30-Year")
    frame = FISCAL.parse(one, recorded("fiscaldata/auctions.json"))
    # Left out: the floating 2-year, the inflation-protected 10-year, an odd bond, and the announced one of 25 June.
    assert values(frame, "auction.2-Year") == {"2024-05-28": 2.22}
    assert values(frame, "auction.10-Year") == {"2024-05-08": 2.11, "2024-06-11": 2.12}
    assert values(frame, "auction.30-Year") == {"2024-06-13": 2.05}


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("tga", "record_date"),
        ("tga", "account_type"),
        ("tga", "open_today_bal"),
        ("debt", "tot_pub_debt_out_amt"),
        ("auction.10-Year", "bid_to_cover_ratio"),
        ("auction.10-Year", "inflation_index_security"),
        ("auction.10-Year", "floating_rate"),
        ("auction.10-Year", "original_security_term"),
    ],
)
def test_a_renamed_field_is_drift_that_names_it(code: str, field: str) -> None:
    body = recorded(f"fiscaldata/{FILES[code]}").replace(f'"{field}":'.encode(), b'"renamed":')
    with pytest.raises(SchemaDriftError, match=f"'{field}' is missing"):
        FISCAL.parse(ask(code), body)


def test_numbers_are_strings() -> None:
    body = recorded("fiscaldata/debt.json").replace(b'"33000000000000.11"', b"33000000000000.11")
    with pytest.raises(SchemaDriftError, match="'tot_pub_debt_out_amt'"):
        FISCAL.parse(ask("debt"), body)


def test_paging_follows_the_page_count() -> None:
    following = FISCAL.more(ask("debt"), page("debt.json", **{"total-pages": 2}))
    assert following is not None and dict(following.params)["page[number]"] == "2"
    assert FISCAL.more(following, page("debt.json", **{"total-pages": 2})) is None
    assert FISCAL.more(ask("debt"), recorded("fiscaldata/debt.json")) is None


def test_the_second_page_may_start_within_a_day() -> None:
    following = FISCAL.more(ask("tga"), page("cash.json", **{"total-pages": 2}))
    assert following is not None
    body = json.loads(recorded("fiscaldata/cash.json"))
    body["data"] = body["data"][:3] + body["data"][4:]
    body["meta"]["count"] = 7
    assert values(FISCAL.parse(following, json.dumps(body).encode()), "tga") == {"2024-06-05": 700000.0}


def test_another_number_of_rows_than_announced_is_refused() -> None:
    with pytest.raises(PayloadError, match="announced"):
        FISCAL.parse(ask("debt"), page("debt.json", count=4))


def test_errors_of_the_service_are_its_own_words() -> None:
    body = b'{"error":"Invalid Query Param","message":"Invalid query parameter \'fliter\'"}'
    with pytest.raises(ServiceError, match="Invalid Query Param") as caught:
        FISCAL.parse(ask("debt"), body)
    assert not caught.value.retry


def test_plan_is_one_request_a_table_from_the_overlap() -> None:
    last = date(2026, 2, 26)
    cash, auctions = FISCAL.plan({"tga": last, "auction.2-Year": None, "auction.10-Year": last}, TODAY)
    assert dict(cash.params)["filter"] == f"record_date:gte:{last - OVERLAP},record_date:lte:{TODAY}"
    assert dict(auctions.params)["filter"].startswith("auction_date:gte:2000-01-01")
    assert auctions.codes == ("auction.2-Year", "auction.10-Year")
    assert dict(cash.params)["page[size]"] == "10000"


@pytest.mark.parametrize("code", FILES)
def test_damaged_bodies_give_values_or_typed_errors(code: str) -> None:
    assert survives(FISCAL, ask(code), recorded(f"fiscaldata/{FILES[code]}")) > 50


@pytest.mark.shared
def test_real_cash() -> None:
    body = shared("fiscaldata/operating_cash_balance_2025-07-07_11.json")
    found = values(FISCAL.parse(ask("tga"), body), "tga")
    assert found["2025-07-07"] == 332482.0
    assert found["2025-07-11"] == 282363.0
    assert len(found) == 5
    assert FISCAL.more(ask("tga"), body) is None


@pytest.mark.shared
def test_real_debt() -> None:
    found = values(FISCAL.parse(ask("debt"), shared("fiscaldata/debt_to_penny_2025Q1.json")), "debt")
    assert found["2025-01-02"] == pytest.approx(36169957.61876021)
    assert len(found) == 61


@pytest.mark.shared
def test_a_real_body_of_another_table_is_drift() -> None:
    with pytest.raises(SchemaDriftError, match="'tot_pub_debt_out_amt' is missing"):
        FISCAL.parse(ask("debt"), shared("fiscaldata/avg_interest_rates_bills_2022-03.json"))
