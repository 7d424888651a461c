"""What untestable causes need, in words, of windows before and after series began."""

from __future__ import annotations

from selloff.report.getting_text import getting_commands, needs_text


def _untested(e):
    return {r.cause.id: r for r in e.attribution.causes if r.status == "not_testable"}


def test_a_need_that_had_not_begun_says_when_it_does(explain_world):
    e = explain_world("2019-08-14")
    found = _untested(e)
    words = needs_text(e, found["crypto_leverage"])
    assert words == "btc_funding_rate (begins 2019-09-10) or btc_open_interest (begins 2019-09-10)"
    assert needs_text(e, found["reserve_scarcity"]) == "sofr or effr"


def test_no_command_is_given_for_a_cause_that_nobody_could_test(explain_world):
    e = explain_world("2019-08-14")
    found = _untested(e)
    assert getting_commands(e, [found["crypto_leverage"]]) == []
    assert getting_commands(e, [found["reserve_scarcity"]]) == ["selloff data pull nyfed"]
    both = [found["crypto_leverage"], found["reserve_scarcity"]]
    assert getting_commands(e, both) == ["selloff data pull nyfed"]
