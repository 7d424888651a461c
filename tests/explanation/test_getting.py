"""The commands that bring what is missing, against the shipped catalogue."""

from __future__ import annotations

from datetime import date

import pytest

from selloff.catalog import default_catalogue
from selloff.catalog.sourcelist import Source
from selloff.explanation.getting import (
    IMPORT_COMMAND,
    SOURCES_NAMED,
    get_command,
    get_commands,
    not_yet,
    pulling_sources,
)

LATE = date(2026, 2, 27)
"""By then everything had begun."""


@pytest.mark.parametrize(
    ("names", "command"),
    [
        (("gpr_daily", "geopolitical_onsets"), "selloff data pull gpr"),
        (("sofr", "effr"), "selloff data pull nyfed fredgraph fred"),
        (("btc_funding_rate",), "selloff data pull binance"),
        (("capex_hyperscalers",), IMPORT_COMMAND),
        (("spy_adj",), IMPORT_COMMAND),
        (("geopolitical_onsets",), IMPORT_COMMAND),
    ],
)
def test_names_the_sources_of_one_of_the_series(names, command):
    assert get_command(default_catalogue(), names, LATE) == command


def test_several_needs_are_one_pull_and_one_import():
    needs = [("sofr", "effr"), ("gpr_daily",), ("spy_adj",)]
    assert get_commands(default_catalogue(), needs, LATE) == ["selloff data pull gpr nyfed", IMPORT_COMMAND]
    assert get_commands(default_catalogue(), [], LATE) == []


def test_every_named_source_delivers_and_keys_and_latest_parts_come_last():
    catalogue = default_catalogue()
    for cause in catalogue.causes.values():
        for names in cause.requires:
            limits = pulling_sources(catalogue, names, LATE)
            sources = [catalogue.sources[s] for s in limits]
            assert all(s.kind == "network" and s.codes for s in sources)
            order = [(bool(limits[s.id]), s.key == "required") for s in sources]
            assert order == sorted(order)


# -- what nobody has that day ---------------------------------------------------------------------------------


def test_nothing_is_offered_of_what_had_not_begun():
    catalogue = default_catalogue()
    before, first = date(2010, 7, 17), date(2010, 7, 18)
    assert not_yet(catalogue, ("btc", "sofr"), before) == {"btc": first, "sofr": date(2018, 4, 3)}
    assert not_yet(catalogue, ("btc",), first) == {}
    assert get_command(catalogue, ("btc",), before) is None
    assert get_commands(catalogue, [("btc",), ("spx",)], before) == get_commands(catalogue, [("spx",)], before)
    assert get_command(catalogue, ("btc", "spx"), before) == get_command(catalogue, ("spx",), before)


def test_a_basket_begins_with_the_last_member_of_the_earliest_form():
    assert not_yet(default_catalogue(), ("m7",), date(1999, 1, 21)) == {"m7": date(1999, 1, 22)}
    assert not_yet(default_catalogue(), ("m7",), date(1999, 1, 22)) == {}


def test_a_table_of_the_calendar_has_no_begin():
    assert not_yet(default_catalogue(), ("geopolitical_onsets",), date(1985, 1, 2)) == {}


def test_a_source_that_begins_later_is_left_out():
    assert "coinbase" not in pulling_sources(default_catalogue(), ("btc",), date(2015, 7, 19))
    assert "coinbase" in pulling_sources(default_catalogue(), ("btc",), date(2015, 7, 20))


def test_a_source_with_the_latest_part_says_so():
    command = get_command(default_catalogue(), ("hy",), LATE)
    assert command is not None
    words = "fredgraph has only the latest three years of hy_oas; fred has only the latest three years of hy_oas"
    assert command == f"selloff data pull fredgraph fred  # {words}"
    assert get_commands(default_catalogue(), [("hy",), ("sofr",)], LATE) == [
        "selloff data pull fredgraph nyfed  # fredgraph has only the latest three years of hy_oas"
    ]


def test_a_source_that_has_another_series_of_the_need_whole_has_no_limit():
    assert pulling_sources(default_catalogue(), ("hy", "sofr"), LATE)["fredgraph"] == ""


def test_at_most_three_sources_are_named():
    catalogue = default_catalogue()
    commands = [get_command(catalogue, names, LATE) for c in catalogue.causes.values() for names in c.requires]
    for command in commands:
        assert command is not None
        assert len(command.split("  #")[0].split()) <= 3 + SOURCES_NAMED + 1


def test_begins_and_latest_parts_are_of_series_that_the_source_has():
    entry = default_catalogue().sources["kraken"].model_dump(mode="python")
    entry["latest_only"] = {"sofr": "a week"}
    with pytest.raises(ValueError, match="name \\['sofr'\\], which its codes do not"):
        Source(**entry)
