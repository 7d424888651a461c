"""Federal Register: counting, days without an issue, pages (format from the documentation)."""

from __future__ import annotations

import json
from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources import federal_register
from selloff.sources.contract import SchemaDriftError, ServiceError
from selloff.sources.federal_register import FederalRegister
from tests.sources.recorded import (
    asks_match_requests,
    body,
    entry,
    survives_junk,
    survives_mutations,
    survives_wrong_types,
    values,
)

SOURCE = FederalRegister(entry("federal_register"))
FIRST = federal_register._ask("trade", date(2024, 3, 4), date(2024, 3, 6))
PAGE_1, PAGE_2 = (body("federal_register", f"documents_page_{n}.json") for n in (1, 2))


def parse(answer):
    return SOURCE.parse(FIRST, json.dumps(answer).encode())


def test_pages_are_cut_between_issues():
    """4 March has only a case notice: a zero. 5 March continues on the next page, so it is counted there: the Trade
    Representative, imports in a title, the entity list, but no example day. 6 March has nothing of trade policy."""
    assert values(SOURCE.parse(FIRST, PAGE_1)) == {("trade", "2024-03-04"): 0}
    following = SOURCE.more(FIRST, PAGE_1)
    asks_match_requests(SOURCE, [FIRST, following])
    assert values(SOURCE.parse(following, PAGE_2)) == {("trade", "2024-03-05"): 3, ("trade", "2024-03-06"): 0}
    assert SOURCE.more(following, PAGE_2) is None


def test_no_document_is_missing_not_zero():
    ask = federal_register._ask("trade", date(2024, 3, 9), date(2024, 3, 10))
    assert SOURCE.parse(ask, body("federal_register", "documents_none.json")).is_empty()
    assert SOURCE.more(ask, body("federal_register", "documents_none.json")) is None


def test_issue_beyond_a_page_is_an_error_not_a_loop():
    answer = json.loads(PAGE_2)
    answer = answer | {"results": answer["results"][:4]}
    with pytest.raises(PayloadError, match="does not fit"):
        SOURCE.more(FIRST, json.dumps(answer).encode())


def test_plan_goes_by_year_and_overlaps():
    asks = SOURCE.plan({"trade": date(2023, 12, 31)}, date(2024, 3, 6))
    spans = [(dict(a.params)[federal_register._GTE], dict(a.params)[federal_register._LTE]) for a in asks]
    assert spans == [("2023-12-24", "2023-12-31"), ("2024-01-01", "2024-03-06")]
    whole = SOURCE.plan({"trade": None}, date(2024, 3, 6))
    assert dict(whole[0].params)[federal_register._GTE] == "1994-01-01"
    assert len(whole) == 31


@pytest.mark.parametrize("name", ["publication_date", "document_number", "title", "agencies"])
def test_renamed_field_is_named(name):
    answer = json.loads(PAGE_1)
    answer["results"][1][name + "s"] = answer["results"][1].pop(name)
    with pytest.raises(SchemaDriftError, match=name):
        parse(answer)


@pytest.mark.parametrize("count", ["7", True, -1, None, 7.5])
def test_only_a_count_is_a_count(count):
    with pytest.raises(SchemaDriftError, match="count"):
        parse(json.loads(PAGE_1) | {"count": count})


def test_contradictions_are_refused():
    answer = json.loads(PAGE_1)
    with pytest.raises(PayloadError, match="oldest first"):
        parse(answer | {"results": answer["results"][::-1]})
    with pytest.raises(PayloadError, match="says that there are 2"):
        parse(answer | {"count": 2})
    with pytest.raises(PayloadError, match="not asked for"):
        answer["results"][0]["publication_date"] = "2023-03-04"
        parse(answer)
    with pytest.raises(SchemaDriftError, match="results"):
        parse({"count": 3})


def test_renamed_agency_is_drift_not_fewer_documents():
    answer = json.loads(PAGE_1)
    answer["results"][1]["agencies"] = [{"name": "USTR", "slug": "ustr"}]
    with pytest.raises(SchemaDriftError, match="agencies"):
        parse(answer)


def test_refusal_of_the_service():
    with pytest.raises(ServiceError, match="window") as caught:
        parse({"errors": {"page": "beyond the window"}})
    assert not caught.value.retry


def test_damage_is_a_typed_error():
    survives_mutations(SOURCE, FIRST, PAGE_1)
    survives_wrong_types(SOURCE, FIRST, PAGE_1)
    survives_junk(SOURCE, FIRST)
