"""Plain words on planted results: what each sentence says, and when it is left out."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

import worlds
from selloff.attribution.contribution_draws import Amount
from selloff.attribution.direct import DirectReading
from selloff.attribution.weighing import DirectEvidence
from selloff.catalog import default_catalogue
from selloff.detection import ReturnPeriod
from selloff.detection.state import StateReading
from selloff.report.numbers import depth_digits, digits_apart
from selloff.report.rarity_text import frequency_words, period_text, rarity_words
from selloff.report.role_words import parts_if_active, role_words
from selloff.report.rotation_text import rotation_words
from selloff.report.sequence_text import sequence_words
from selloff.report.structural_text import leading_words
from selloff.report.tables import classes_table
from selloff.report.text import direct_item_text, direct_text, reading_text, render, split_direct, together_text
from selloff.report.told_apart import silent_words
from selloff.report.unlisted_text import unlisted_words
from selloff.report.verdict_text import verdict_words
from selloff.report.words import certainty_words, heading, why_not_words

ITEMS = {item.id: item for item in default_catalogue().evidence}


@pytest.fixture
def crash(explain_world):
    return explain_world(str(worlds.CRASH))


def _cause(e, name):
    return next(c for c in e.attribution.causes if c.cause.id == name)


def _with(e, **changes):
    """The explanation with results of some causes changed; every other tested one is at its prior."""
    plain = {"status": "undetermined", "indistinguishable_from": (), "untested_lookalikes": ()}
    causes = []
    for c in e.attribution.causes:
        p = c.cause.prior
        values = {"probability": p, "low": p / 2, "high": min(2 * p, 0.9)} | plain | changes.get(c.cause.id, {})
        causes.append(c if c.probability is None else replace(c, **values))
    return replace(e, attribution=replace(e.attribution, causes=tuple(causes)))


def test_the_cause_nearest_to_standing_out_is_the_one_raised_most_not_the_most_probable(crash):
    values = {"growth": {"probability": 0.18}, "china": {"probability": 0.15, "low": 0.04, "high": 0.39}}
    text = role_words(_with(crash, **values), "trigger")
    assert "The closest to standing out is China scare (15 % [4–39], prior 5 %), which is unlikely" in text
    assert "growth scare" not in text


def test_where_all_are_lowered_the_most_probable_is_told_as_below_its_base_rate(crash):
    lowered = {c.cause.id: {"probability": c.cause.prior / 4} for c in crash.attribution.causes}
    text = role_words(_with(crash, **lowered | {"growth": {"probability": 0.1, "low": 0.001, "high": 0.2}}), "trigger")
    assert text.startswith(
        "No trigger stands out: the data raise none. The most probable is growth scare (10 % [<1–20])"
    )
    assert ", below its prior of 20 %; it is unlikely to have been at work" in text


def test_a_raised_cause_that_is_unlikely_does_not_stand_out(crash):
    raised = {"status": "contributing", "probability": 0.18, "low": 0.0519, "high": 0.37, "if_active": {}}
    text = role_words(_with(crash, china=raised, growth={"probability": 0.27}), "trigger")
    assert text == (
        "The data raise China scare from 5 to 18 % [5.2–37], which is still unlikely; the most probable trigger is "
        "growth scare (27 %), which they don't raise clearly. How much China scare moved can't be told."
    )
    both = _with(crash, china=raised, geopolitics=raised | {"probability": 0.12, "low": 0.1})
    told = "scare from 5 to 18 % [5.2–37] and geopolitical shock from 8 to 12 % [10–37], which are still unlikely; the"
    assert told in role_words(both, "trigger")
    alone = {c.cause.id: {"probability": c.cause.prior / 4} for c in crash.attribution.causes}
    assert role_words(_with(crash, **alone | {"china": raised}), "trigger").startswith(
        "The data raise China scare from 5 to 18 % [5.2–37], which is still unlikely. How"
    )


def test_each_raised_cause_that_is_unlikely_is_called_so_beside_one_that_stands_out(crash):
    raised = {"status": "contributing", "low": 0.21, "high": 0.9, "if_active": {}}
    changes = {"growth": raised | {"probability": 0.43}, "china": raised | {"probability": 0.09, "low": 0.06}}
    text = role_words(_with(crash, **changes), "trigger")
    assert text == (
        "Among the triggers, growth scare (43 % [21–90], prior 20 %) stands out; it is about as likely as not to "
        "have been at work (at the low end of its interval unlikely). How much it moved can't be told. The data also "
        "raise China scare from 5 to 9 % [6–90], which is still very unlikely."
    )
    changes |= {"geopolitics": raised | {"probability": 0.14}}
    assert role_words(_with(crash, **changes), "trigger").endswith(
        "The data also raise geopolitical shock from 8 to 14 % [21–90], which is still unlikely; China scare from 5 to "
        "9 % [6–90], which is still very unlikely."
    )


def test_the_data_say_nothing_only_of_a_cause_without_items(crash):
    """A total Bayes factor near one may be the sum of items for and against."""
    near = {"probability": 0.2, "silent": True, "evidence_for": (), "evidence_against": (), "direct": ()}
    near |= {"chain_evidence": ()}
    growth, top = _cause(crash, "growth"), {"indistinguishable_from": ("growth", "china")}
    e = _with(crash, growth=near, china=near, policy_tightening=top)
    assert silent_words(e, _cause(e, "policy_tightening")) == (
        "The data say nothing for or against China scare or growth scare."
    )
    some = growth.evidence_for or growth.evidence_against
    assert some
    e = _with(crash, growth=near | {"evidence_against": some}, china=near, policy_tightening=top)
    assert silent_words(e, _cause(e, "policy_tightening")) == (
        "Taken together the data neither raise nor lower growth scare much. The data say nothing for or against China "
        "scare."
    )


def test_a_cause_that_is_more_likely_than_before_is_not_told_as_not_raised(crash):
    """Balance sheet at 22 % against 10 %: the interval reaches the prior, so it is not clearly raised, yet raised."""
    found = crash.attribution.structural
    candidates = tuple(replace(c, short="not_raised") for c in found.candidates)
    e = replace(crash, attribution=replace(crash.attribution, structural=replace(found, candidates=candidates)))
    assert "but all assets together do not clearly raise it" in leading_words(e)


@pytest.mark.parametrize(
    ("mean", "low", "high", "status", "told"),
    [
        (0.5, 0.1, 0.9, "contributing", True),
        (0.5, 0.1, 0.9, "leading", True),
        (0.5, 0.1, 0.9, "undetermined", False),
        (0.5, -0.1, 0.8, "contributing", False),
        (1.1, 0.8, 1.3, "contributing", False),
        (0.9, 0.1, 1.2, "contributing", False),
        (0.1, 0.05, 0.3, "contributing", False),
    ],
)
def test_parts_are_told_of_raised_causes_where_the_band_says_something(crash, mean, low, high, status, told):
    move = crash.move_of("spx").log_move
    assert move < 0
    amount = Amount(mean * move, mean * move, high * move, low * move, high * move, low * move)
    result = replace(_cause(crash, "growth"), status=status, if_active={"spx": amount})
    assert [asset for asset, _ in parts_if_active(crash, result)] == (["spx"] if told else [])


def test_that_no_part_can_be_told_is_said_of_a_raised_cause(crash):
    raised = {"status": "contributing", "probability": 0.7, "low": 0.3, "high": 0.9, "if_active": {}}
    assert role_words(_with(crash, growth=raised), "trigger").endswith("How much it moved can't be told.")


def test_no_cause_ruled_down_names_the_rule_and_those_lowered_most(crash):
    e = _with(crash)
    rule = (
        "No cause is ruled down: for each that could be tested the high end of its interval still reaches half of its"
    )
    assert why_not_words(e) == f"{rule} prior."
    low = {"growth": 0.05, "policy_tightening": 0.002, "china": 0.01, "geopolitics": 0.019, "flight_to_quality": 0.051}
    e = _with(crash, **{c: {"probability": p, "low": 0.001, "high": 0.2} for c, p in low.items()})
    assert why_not_words(e).endswith(
        " Lowered most: policy tightening (15 to below 1 %), China scare (5 to 1 %) and geopolitical shock (8 to 2 %)."
    )


def _with_depths(e, verdict, down, **depths):
    joint = e.joint
    changed = [replace(d, depth=depths.get(d.asset_class.id, d.depth)) for d in joint.depths]
    return replace(e, joint=replace(joint, depths=tuple(changed), verdict=verdict, classes_down=down))


def test_a_class_just_short_of_the_limit_is_told_with_digits_that_show_it(crash):
    assert depth_digits(-2.09953, 2.1) == 4 and depth_digits(-2.06, 2.1) == 2
    assert depth_digits(-2.1, 2.1) == depth_digits(-1.8, 2.1) == depth_digits(None, 2.1) == depth_digits(-1, None) == 1
    assert digits_apart(4.19, 4.0, 0) == 1 and digits_apart(4.0, 4.0, 0) == 0
    down = tuple(c for c in crash.joint.classes_down if c != "precious_metals")
    e = _with_depths(crash, "joint", down, precious_metals=-2.09953)
    assert "fell by 2.1000 σ or more." in verdict_words(e)
    table = classes_table(e)
    assert "−2.0995" in [str(cell) for cell in table.columns[1].cells]
    assert "fell by 2.1 σ or more." in verdict_words(crash)


def test_shares_that_fell_where_regions_did_not_are_told_with_depth_and_limit(crash):
    limit = crash.joint.limits["equity_regions"]
    e = _with_depths(crash, "isolated", ("crypto",), equity_regions=-1.2)
    assert crash.move_of("spx").depth <= -limit
    assert (
        "US shares fell, but the world's equity regions together stayed short of their limit "
        f"(−1.2 σ; limit −{limit:.1f} σ); Asia closes before New York opens." in verdict_words(e)
    )


@pytest.mark.parametrize(
    ("period", "text"),
    [
        ((4.5, 8.0, 39.0, 40.0), "once in 8 years [4 to 40 years]"),
        ((0.93, 1.25, 2.3, 18.0), "once in 1 year [11 months to 2 years]"),
        ((1.4, 2.3, 130.0, 13.0), "once in 2 years [1 year to 130 years or more]"),
        ((28.0, 104.0, 194.0, 19.4), "rarer than once in 19 years"),
        ((0.1, 0.1, 0.1, 19.4), "more than twice a year"),
        ((None, None, None, 4.0), ""),
    ],
)
def test_a_class_s_return_period_in_words(period, text):
    assert period_text(ReturnPeriod(*period)) == text and period_text(None) == ""


def test_how_rare_starts_with_the_classes_that_are_down(crash):
    long, deep = ReturnPeriod(4.5, 8.0, 39.0, 40.0), ReturnPeriod(28.0, 104.0, 194.0, 19.4)
    many = {"equity_regions": long, "precious_metals": deep}
    e = replace(crash, joint=replace(crash.joint, classes_down=("precious_metals",), class_periods=many))
    assert rarity_words(e).startswith("A fall as deep in precious metals is rarer than once in 19 years. ")
    down = ("equity_regions", "precious_metals", "crypto")
    e = replace(crash, joint=replace(crash.joint, classes_down=down, class_periods=many))
    assert rarity_words(e).startswith(
        "A fall as deep, each class taken alone: precious metals rarer than once in 19 years; equity regions once in 8 "
        "years [4 to 40 years]. How rare it is for crypto can't be said: the history known then is too short. "
    )


@pytest.mark.parametrize(("depth", "said"), [(0.4, False), (0.0, False), (-0.4, True)])
def test_as_deep_is_counted_for_losses_only(crash, depth, said):
    rate = replace(crash.joint.base_rate, as_deep=1200, of=2000, deep_since=2015)
    assert ("as deep" in frequency_words(replace(crash.joint, base_rate=rate, rarity_depth=depth))) == said


def test_news_outside_the_list_is_told_where_it_may_have_made_the_moves(crash):
    all_tested = replace(
        crash,
        attribution=replace(
            crash.attribution,
            causes=tuple(replace(c, probability=c.probability or 0.1) for c in crash.attribution.causes),
            unlisted_prior=0.27,
        ),
    )

    def told(e, unlisted):
        return unlisted_words(replace(e, attribution=replace(e.attribution, unlisted=unlisted)))

    assert told(all_tested, 0.2) == ""
    assert told(all_tested, 0.55) == (
        "With 55 % (27 % beforehand) news outside the list made the moves; then they say nothing of the listed causes."
    )
    untested = tuple(
        replace(c, probability=None) if c.cause.id == "growth" else c for c in all_tested.attribution.causes
    )
    lacking = replace(all_tested.attribution, causes=untested, unlisted=0.4, unlisted_prior=0.42)
    e = replace(all_tested, attribution=lacking)
    assert unlisted_words(e).startswith("With 40 % (42 % beforehand) news outside the list or of triggers that can't")
    assert unlisted_words(e) in certainty_words(e)


def _direct(item, value, in_probability, ratio=1.5, source=None, basis="judgement"):
    return DirectEvidence(DirectReading(ITEMS[item], "present", value, source, 0.0), ratio, basis, in_probability)


def test_what_reads_the_moves_is_told_apart_from_what_enters_the_probability(crash):
    items = (
        _direct("stocks_rose", -0.5, False, 0.6, basis="fitted"),
        _direct("vix_level", 91.0, True),
        _direct("term_premium_surprise", 1.7, True, 2.0),
    )
    result = replace(_cause(crash, "growth"), direct=items)
    assert list(split_direct(result).values()) == [[items[2]], [items[1]], [items[0]]]
    assert direct_text(crash, result) == [
        "among the moves: 10-year term premium, surprise +1.7 σ (×2.0*)",
        "beside prices: VIX, level: higher than 91 % of its past (×1.5*)",
        "in the main reason's shares only: the S&P 500 fell (×0.6†)",
    ]
    assert direct_text(crash, replace(result, direct=())) == []


@pytest.mark.parametrize(
    ("item", "value", "text"),
    [
        ("two_year_with_stocks", -6.3, "2-year yield moved against the S&P 500 by 6.3 σ"),
        ("two_year_with_stocks", 1.2, "2-year yield moved with the S&P 500 by 1.2 σ"),
        ("technology_leads", 0.9, "Nasdaq moved 0.9 σ further than the S&P 500"),
        ("technology_leads", -0.9, "Nasdaq moved 0.9 σ less than the S&P 500"),
        ("oil_moves", 2.0, "Size of oil's move 2.0 σ"),
    ],
)
def test_moves_beside_the_s_p_500_are_told_by_their_way(item, value, text):
    assert reading_text(DirectReading(ITEMS[item], "present", value, None, 0.0)) == text


@pytest.mark.parametrize(
    ("years", "past"), [(5, "95 % of its past"), (10, "95 % of 10 years"), (None, "95 % of its whole past")]
)
def test_a_percentile_is_told_of_the_past_that_it_ranks_in(crash, years, past):
    indicator = crash.catalogue.indicators.measured["vix"].model_copy(update={"look_back_years": years})
    state = replace(crash.background.state, readings=(StateReading(indicator, "known"),))
    e = replace(crash, background=replace(crash.background, state=state))
    assert (
        direct_item_text(_direct("vix_level", 95.0, True, source="vix"), e) == f"VIX, level: higher than {past} (×1.5*)"
    )


@pytest.mark.parametrize(
    ("verdict", "p", "move", "text"),
    [
        ("leaders_broke", 0.02, -1.0, "The leaders broke: what had risen most fell most"),
        ("leaders_broke", 0.02, 1.0, "The leaders fell behind: what had risen most rose least"),
        ("laggards_broke", 0.98, -1.0, "The laggards broke: what had risen least fell most"),
        ("laggards_broke", 0.98, 1.0, "The laggards fell further behind: what had risen least rose least"),
        ("no_pattern", 0.5, 1.0, "Leaders and laggards moved no more in order than usual"),
    ],
)
def test_leaders_and_laggards_break_only_where_baskets_fell(crash, verdict, p, move, text):
    baskets = tuple(replace(b, move=move) for b in crash.rotation.baskets)
    rotation = replace(
        crash.rotation,
        baskets=baskets,
        baskets_used=tuple(b.basket.id for b in baskets),
        verdict=verdict,
        p_value=p,
        mean_correlation=0.3,
        windows=999,
    )
    said = rotation_words(rotation)
    assert said.startswith(f"{text} (")
    tail = "p = 0.02 for one as high" if verdict == "laggards_broke" else f"p = {p:.2f} for one as low"
    assert f"{tail} among 999 earlier windows" in said


@pytest.mark.parametrize(
    ("best", "text"), [(50, ", though its single likeliest moment is later than that of {other}."), (200, ".")]
)
def test_who_broke_first_may_have_a_later_likeliest_moment(crash, best, text):
    first, other = (
        replace(b, state="broke", low=at - 10, best=at, high=at + 10, alarm=at + 20, move=-5.0)
        for b, at in zip(crash.sequence.breaks[:2], (100, best), strict=True)
    )
    chances = {first.asset.id: 0.69, other.asset.id: 0.31}
    order = replace(crash.sequence, breaks=(first, other), threshold=2.4, probability_first=chances, pairs=())
    start = f"{first.asset.name} most likely broke first of 2 (69 %)"
    assert sequence_words(order).startswith(start + text.format(other=other.asset.name))


def test_no_day_of_the_heading_has_a_leading_zero(crash):
    assert "as known on 6 Aug 2024 09:00" in heading(replace(crash, as_of=datetime(2024, 8, 6, 13, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.03, "below ×0.1"), (0.1, "×0.1"), (1.04, "×1.0"), (9.94, "×9.9"), (12.3, "×12"), (101.0, "over ×100")],
)
def test_the_ratio_of_all_moves_together(crash, ratio, text):
    assert together_text(replace(_cause(crash, "growth"), moves_ratio=ratio)) == text


def test_a_cause_that_is_read_as_a_relief_says_so(crash):
    turned = tuple(replace(r, polarity="relief") for r in crash.attribution.causes)
    out = io.StringIO()
    Console(file=out, width=4000).print(render(replace(crash, attribution=replace(crash.attribution, causes=turned))))
    shown = [line for line in out.getvalue().splitlines() if ", as a relief" in line]
    assert len(shown) >= 3
