"""The background in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from selloff.catalog import Catalogue, load
from selloff.detection.state import Economy, StateReading
from selloff.explanation.result import Lineage
from selloff.report.background import (
    _not_used,
    economy_text,
    extremity,
    later_estimates,
    percentile_text,
    reading_text,
    value_text,
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def _reading(catalogue: Catalogue, name: str, **changes) -> StateReading:
    values = {
        "indicator": catalogue.indicators.measured[name],
        "status": "known",
        "value": 0.1,
        "day": date(2020, 3, 12),
        "known_at": datetime(2020, 3, 13, 12, tzinfo=UTC),
        "age_days": 1.7,
        "percentile": 91.4,
        "n_past": 1200,
        "change": 0.02,
        "surprise": 0.4,
    }
    return StateReading(**(values | changes))


def test_a_spread_is_in_basis_points_and_ranked(catalogue):
    reading = _reading(catalogue, "sofr_minus_iorb")
    assert reading_text(reading, 2020) == "SOFR minus IORB +10 bp, 12 Mar, higher than 91 %"


@pytest.mark.parametrize("year", [2021, None])
def test_a_day_of_another_year_has_its_year(catalogue, year):
    assert ", 12 Mar 2020, " in reading_text(_reading(catalogue, "vix"), year)


def test_a_surprise_is_told_from_two_sigmas_on(catalogue):
    assert "change" not in reading_text(_reading(catalogue, "vix", value=20.0, surprise=1.9))
    assert reading_text(_reading(catalogue, "vix", value=75.5, percentile=99.9, surprise=-4.0), 2020) == (
        "VIX 75.5, 12 Mar, higher than nearly all, change −4.0 σ"
    )


@pytest.mark.parametrize(
    ("percentile", "years", "text"),
    [
        (93.4, 5, "higher than 93 %"),
        (7.2, 5, "lower than 93 %"),
        (0.0, 10, "lower than nearly all of 10 years"),
        (50.0, None, "higher than 50 % of its whole past"),
    ],
)
def test_percentiles_in_words(percentile, years, text):
    assert percentile_text(percentile, years) == text


def test_values_in_their_units(catalogue):
    measured = catalogue.indicators.measured
    assert value_text(2.9e6, measured["reserves"]) == "$2.90 trillion"
    assert value_text(9.63, measured["on_rrp"]) == "$9.6 billion"
    assert value_text(-1.41, measured["term_premium_10y"]) == "−1.41 %"
    assert value_text(1.74, measured["capex_growth_hyperscalers"]) == "+74 %"
    assert value_text(0.0001, measured["btc_funding"]) == "+0.010 %"
    assert value_text(-0.0123, measured["return_after_beat"]) == "−1.2 %"
    assert value_text(211_000, measured["initial_claims"]) == "211,000"
    assert value_text(-0.004, measured["financial_conditions"]) == "0.00"
    assert value_text(114.0, measured["posts"]) == "114"
    assert value_text(2.0, measured["fear_greed"]) == "2"
    assert value_text(2.25, measured["fear_greed"]) == "2.25"


def test_what_is_no_evidence_never_stands_out(catalogue):
    of_an_earlier_day = _reading(catalogue, "geopolitical_risk", surprise=9.0, in_window=False)
    assert extremity(of_an_earlier_day) == 0.0
    assert extremity(_reading(catalogue, "geopolitical_risk", surprise=9.0, in_window=True)) == 4.5


def test_what_evidence_reads_of_earlier_days_is_told_apart(catalogue):
    earlier = [
        _reading(catalogue, name, in_window=False)
        for name in ("geopolitical_risk", "geopolitical_acts", "news_tariffs")
    ]
    text = _not_used(earlier, {"geopolitical_risk"})
    assert "counted as what was in the news by then: Geopolitical risk index." in text
    assert text.endswith("so no evidence for these: Geopolitical risk index, acts; Share of online news about tariffs.")
    assert "no evidence" not in _not_used(earlier, {r.indicator.id for r in earlier})


def test_estimates_without_a_vintage_of_their_day_are_named(catalogue, explain_world):
    import worlds

    reading = _reading(catalogue, "financial_conditions")
    row = {"series": "nfci", "vintage": "lagged"}

    def named(**changes) -> list[str]:
        lineage = {"indicator:financial_conditions": Lineage("financial_conditions", ({**row, **changes},))}
        e = replace(explain_world(str(worlds.CRASH)), lineage=lineage, catalogue=catalogue)
        return later_estimates(e, [reading])

    assert named() == [reading.indicator.name]
    assert named(vintage="exact") == named(vintage="first_seen") == named(series="vix") == []


def test_the_economy_in_words():
    strong = Economy(80.0, "strong", ("initial_claims",), True)
    assert economy_text(strong, "joint").endswith("The economy is strong and assets fall.")
    assert economy_text(Economy(None, "not_known", (), None), "joint").startswith("Economy: not known")
    assert economy_text(Economy(20.0, "weak", ("initial_claims",), False), "isolated").endswith("together: no.")


def test_the_section_is_in_the_text_of_an_explanation(explain_world):
    import worlds
    from selloff.report.background import background_section

    lines = [line.plain for line in background_section(explain_world(str(worlds.CRASH)))]
    text = "\n".join(lines)
    for start in ("\nBackground, as known then", "Economy: ", "Calendar: ", "Fragility at the close of "):
        assert any(line.startswith(start) for line in lines), start
    assert "No keyless source is known for: swap spreads" in text
    assert "None" not in text and "nan" not in text
