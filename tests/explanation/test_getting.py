"""The commands that bring what is missing, against the shipped catalogue."""

from __future__ import annotations

import pytest

from selloff.catalog import default_catalogue
from selloff.explanation.getting import IMPORT_COMMAND, SOURCES_NAMED, get_command, get_commands, pulling_sources


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
    assert get_command(default_catalogue(), names) == command


def test_several_needs_are_one_pull_and_one_import():
    needs = [("sofr", "effr"), ("gpr_daily",), ("spy_adj",)]
    assert get_commands(default_catalogue(), needs) == ["selloff data pull gpr nyfed", IMPORT_COMMAND]
    assert get_commands(default_catalogue(), []) == []


def test_every_named_source_delivers_and_keys_come_last():
    catalogue = default_catalogue()
    for cause in catalogue.causes.values():
        for names in cause.requires:
            sources = [catalogue.sources[s] for s in pulling_sources(catalogue, names)]
            assert all(s.kind == "network" and s.codes for s in sources)
            keys = [s.key == "required" for s in sources]
            assert keys == sorted(keys)
            assert len(get_command(catalogue, names).split()) <= 3 + SOURCES_NAMED + 1
