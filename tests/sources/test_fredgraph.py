from datetime import date

import pytest

from selloff.errors import PayloadError
from selloff.sources.contract import Ask, SchemaDriftError
from selloff.sources.fred import OVERLAP
from selloff.sources.fredgraph import FredGraph
from tests.sources.official_bodies import TODAY, entry, recorded, shared, source, survives, values

GRAPH = source(FredGraph)


def ask() -> Ask:
    return GRAPH.plan({"DGS10": None}, TODAY)[0]


@pytest.mark.parametrize("name", ["current", "former"])
def test_both_generations_of_header_and_missing_marker(name: str) -> None:
    frame = GRAPH.parse(ask(), recorded(f"fredgraph/{name}.csv"))
    assert values(frame, "DGS10") == {"2024-06-03": 11.01, "2024-06-05": -0.25, "2024-06-06": 12.0}


def test_codes_are_those_of_the_api() -> None:
    assert GRAPH.entry.codes == entry("fred").codes and GRAPH.entry.key == "none"


def test_plan_starts_at_the_overlap_and_takes_no_key() -> None:
    last = date(2026, 2, 25)
    (part,) = GRAPH.plan({"DGS10": last}, TODAY)
    assert dict(part.params) == {"id": "DGS10", "cosd": (last - OVERLAP).isoformat()}
    assert part.key_param is None and dict(ask().params) == {"id": "DGS10"}


def test_the_page_of_an_unknown_id_is_no_csv() -> None:
    with pytest.raises(PayloadError, match="HTML page"):
        GRAPH.parse(ask(), recorded("fredgraph/error_404.html"))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("observation_date", "day", "observation_date"),
        ("DGS10", "DGS30", "DGS10"),
        ("DGS10\n", "DGS10,DGS10\n", "row 2"),
    ],
)
def test_a_renamed_column_is_named(old: str, new: str, field: str) -> None:
    body = recorded("fredgraph/current.csv").replace(old.encode(), new.encode(), 1)
    with pytest.raises(PayloadError, match=field):
        GRAPH.parse(ask(), body)


@pytest.mark.parametrize("cell", ["NA", "null", "1e2", " 4", "4%"])
def test_an_unknown_missing_marker_is_drift(cell: str) -> None:
    with pytest.raises(SchemaDriftError, match="'DGS10'"):
        GRAPH.parse(ask(), f"observation_date,DGS10\n2024-06-03,{cell}\n".encode())


def test_a_body_cut_within_a_number_is_refused() -> None:
    with pytest.raises(PayloadError, match="within a line"):
        GRAPH.parse(ask(), recorded("fredgraph/current.csv")[:-8])


def test_two_values_for_one_day_are_refused() -> None:
    with pytest.raises(PayloadError, match="two values"):
        GRAPH.parse(ask(), b"DATE,DGS10\n2024-06-03,1\n2024-06-03,2\n")


@pytest.mark.parametrize("name", ["current.csv", "former.csv", "error_404.html"])
def test_damaged_bodies_give_values_or_typed_errors(name: str) -> None:
    assert survives(GRAPH, ask(), recorded(f"fredgraph/{name}")) > 50


@pytest.mark.shared
def test_real_ten_year_yield() -> None:
    found = values(GRAPH.parse(ask(), shared("fred_graph/DGS10_fredgraph_2025-09.csv")), "DGS10")
    assert found["2006-01-03"] == 4.37
    assert found["2025-09-15"] == 4.05
    assert "2006-01-16" not in found  # Martin Luther King's day: the field is empty
