"""Every chart: a valid specification, in the house's colours, with the document's numbers, and nothing without data."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import altair as alt
import pytest

import worlds
from selloff.errors import PictureNotFoundError
from selloff.report.charts import stress as stress_chart
from selloff.report.charts.calibration import calibration
from selloff.report.charts.chain import chains
from selloff.report.charts.contributions import waterfall_steps
from selloff.report.charts.fingerprint import COLOURS, fingerprint, fingerprint_cells
from selloff.report.charts.funding import funding
from selloff.report.charts.named_rows import step, wrapped
from selloff.report.charts.rotation import rotation, turn_rows
from selloff.report.charts.sequence import break_rows, closed_hours, sequence, wall_clock
from selloff.report.charts.theme import TONES, WASH, Picture, css_variables, themed
from selloff.report.pictures import DRAWN, pictures

CRASH = str(worlds.CRASH)


@pytest.fixture(scope="module")
def crash(explain_world):
    return explain_world(CRASH)


@pytest.fixture(scope="module")
def drawn(crash) -> dict[str, Picture]:
    return pictures(crash)


def _break(name: str, best: str, **more: object) -> dict:
    moment = datetime.fromisoformat(best)
    near = {"low": moment - timedelta(hours=1), "high": moment + timedelta(minutes=30), "alarm": moment}
    spans = {k: v.isoformat().replace("+00:00", "Z") for k, v in near.items()}
    plain = {"state": "broke", "sigmas": 4.0, "over_closed": False, "from_base": False, "best": best}
    return {"id": name.lower(), "name": name, "series": f"{name.lower()}_hourly", **plain, **spans, **more}


@pytest.fixture
def ordered() -> dict:
    """A document with an invented order of breaks over a weekend, and invented run-ups."""
    breaks = [
        _break("Gold", "2019-08-12T14:00:00Z"),
        _break("Bitcoin", "2019-08-10T06:00:00Z", from_base=True),
        {**_break("Oil", "2019-08-12T14:00:00Z"), "state": "did_not_break", "low": None, "best": None, "high": None},
    ]
    baskets = [
        {
            "id": n.lower(),
            "name": n,
            "sigmas": w,
            "run_ups": [{"sessions": 20, "sigmas": 9.0}, {"sessions": 60, "sigmas": b}],
        }
        for n, b, w in (("Low", -1.0, -2.0), ("High", 3.0, -4.0), ("Unknown", None, -1.0), ("Absent", 1.0, None))
    ]
    return {
        "window": {"base": "2019-08-09", "start": "2019-08-12", "end": "2019-08-13", "sessions": 2},
        "sequence": {"breaks": breaks, "confidence": 0.9, "probability_first": {"gold": 0.2, "bitcoin": 0.8}},
        "rotation": {"verdict": "leaders_broke", "mean_correlation": -0.5, "p_value": 0.01, "baskets": baskets},
    }


def test_every_picture_with_data_is_drawn(crash, drawn):
    assert {"fingerprint", "depths", "probabilities", "contributions"} <= set(drawn)
    assert list(drawn) == [name for name in DRAWN if name in drawn]
    for name, picture in drawn.items():
        assert picture.id == name
        assert picture.alt.endswith(".") and picture.title and "None" not in picture.alt and "nan" not in picture.alt


def test_specifications_are_valid(drawn, ordered):
    more = [rotation(ordered), sequence(ordered, [date(2019, 8, 9), date(2019, 8, 12), date(2019, 8, 13)])]
    for picture in [*drawn.values(), *more]:
        alt.Chart.from_dict(json.loads(json.dumps(picture.spec, allow_nan=False)), validate=True)


def test_svg_has_the_page_s_colours_and_no_style(drawn):
    light, dark = css_variables()
    names = {f"--{t.name}:" for t in TONES}
    assert all(n in light and n in dark for n in names)
    for picture in drawn.values():
        svg = picture.svg("p-")
        assert "style=" not in svg and "<script" not in svg and "href" not in svg
        assert "var(--ink, " in svg
        assert 'id="clip' not in svg
        assert 'role="' not in svg and "aria-" not in svg


def test_themed_renames_colours_and_ids():
    text = '<svg width="5" height="6"><g id="clip0" fill="#1b1f24" aria-label="x"/><a clip-path="url(#clip0)"/>'
    assert themed(text, "n") == (
        '<svg width="5" height="6"><g id="n-clip0" fill="var(--ink, #1b1f24)"/><a clip-path="url(#n-clip0)"/>'
    )


def test_plot_and_png(crash):
    assert isinstance(crash.plot(), alt.VConcatChart)
    assert isinstance(crash.plot("depths"), alt.LayerChart)
    assert crash.to_png("depths", scale=1.0).startswith(b"\x89PNG")
    with pytest.raises(PictureNotFoundError, match="no picture 'tea leaves'"):
        crash.plot("tea leaves")
    with pytest.raises(KeyError, match="Nothing is known"):
        crash.to_png("funding")


def test_fingerprint_verdicts_follow_the_likelihood_ratios(crash):
    document = crash.to_dict()
    labels = {a.id: a.label for a in crash.catalogue.assets.values()}
    cells = {(c["cause"], c["asset"]): c for c in fingerprint_cells(document, labels)}
    seen = set()
    for cause in document["causes"]:
        for side, verdict in (("evidence_for", "match"), ("evidence_against", "clash")):
            for item in cause[side]:
                if item["kind"] == "ranking":
                    continue
                cell = cells[cause["name"], labels[item["asset"]]]
                assert cell["verdict"] == verdict and cell["ratio"] == item["likelihood_ratio"]
                assert cell["observed"] == item["observed_sigmas"]
                expected = {"-": "down", "+": "up", "0": "flat"}[item["predicted"]]
                assert cell["predicted"] == expected or item["kind"] == "no_move"
                seen.add(verdict)
    assert seen == {"match", "clash"}


def test_columns_of_the_fingerprint_line_up(crash, drawn):
    """Assets without data keep their column, in the strip above as in the tiles."""
    labels = [a.label for a in crash.catalogue.assets.values()]
    assert set(crash.assets) < set(crash.catalogue.assets)
    assert "sort" not in json.dumps(drawn["fingerprint"].spec["vconcat"][0])
    scales = [
        layer["encoding"]["x"]["scale"] for part in drawn["fingerprint"].spec["vconcat"] for layer in part["layer"]
    ]
    assert scales and all(s == {"domain": labels} for s in scales)


def test_waterfalls_add_up(crash):
    document = crash.to_dict()
    for move in document["moves"]:
        if move["unexplained"] is None:
            continue
        steps = waterfall_steps(document, move["asset"])
        assert sum(s["value"] for s in steps[:-1]) == pytest.approx(move["log_move"], abs=1e-3)
        assert steps[-2]["end"] == pytest.approx(steps[-1]["end"], abs=1e-3)
        assert [s["start"] for s in steps[1:-1]] == pytest.approx([s["end"] for s in steps[:-2]])
        assert steps[-1]["step"] == ("Move" if move["unit"] == "bp" else "Log move")


def test_what_loses_value_is_red_in_every_waterfall(crash):
    """A VIX or a yield that rises is a loss, as in the table of moves."""
    document = crash.to_dict()
    seen = set()
    for move in document["moves"]:
        if move["unexplained"] is None or not move["depth"]:
            continue
        for s in waterfall_steps(document, move["asset"]):
            if s["kind"] in ("loss", "gain") and s["value"]:
                along = (s["value"] < 0) == (move["log_move"] < 0)
                assert (s["kind"] == "loss") == (along == (move["depth"] < 0)), (move["asset"], s)
                seen.add((s["kind"], s["value"] < 0))
    assert seen >= {("gain", True), ("loss", False), ("loss", True)}


def test_order_of_breaks(ordered):
    rows = break_rows(ordered)
    assert [(r["name"], r["best"], r["first"]) for r in rows] == [
        ("Bitcoin", "2019-08-10T02:00:00Z", 0.8),
        ("Gold", "2019-08-12T10:00:00Z", 0.2),
    ]
    assert [r["open"] for r in rows] == ["from the base close on", "within the window"]
    picture = sequence(ordered, [date(2019, 8, 9), date(2019, 8, 12), date(2019, 8, 13)])
    assert "Bitcoin 10 Aug 02:00 (10 Aug 01:00 to 10 Aug 02:30)" in picture.alt
    assert "Oil" not in picture.alt
    ordered["sequence"]["breaks"] = ordered["sequence"]["breaks"][2:]
    assert sequence(ordered, []) is None


def test_closed_hours_are_nights_weekends_and_holidays():
    days = [date(2019, 8, 9), date(2019, 8, 12), date(2019, 8, 13), date(2019, 8, 14)]
    spans = closed_hours(days[0], days[2], days)
    assert spans == [
        (datetime(2019, 8, 9, 16), datetime(2019, 8, 12, 9, 30)),
        (datetime(2019, 8, 12, 16), datetime(2019, 8, 13, 9, 30)),
    ]


@pytest.mark.parametrize(
    ("instant", "shown"),
    [("2019-08-12T14:00:00Z", "2019-08-12T10:00:00Z"), ("2019-01-15T14:00:00Z", "2019-01-15T09:00:00Z")],
)
def test_wall_clock_is_new_york_s(instant, shown):
    assert wall_clock(instant) == shown


def _link(name: str, predicted: str, sigmas: float | None, outcome: str, order: str | None) -> dict:
    return {"name": name, "series": name, "predicted": predicted, "sigmas": sigmas, "outcome": outcome, "order": order}


def _chain(*links: dict, verdict: str) -> dict:
    chain = {"verdict": verdict, "usual": 0.02, "links": list(links)}
    return {"causes": [{"id": "growth", "name": "Growth scare", "probability": 0.5, "chain": chain}]}


def test_a_chain_that_only_came_out_of_order_is_not_called_broken():
    late = _link("spreads widen", "+", 2.0, "held", "before")
    document = _chain(_link("shares fall", "-", -2.0, "held", "first"), late, verdict="broken")
    picture = chains(document)
    assert "shares fall (held) and spreads widen (held, out of order)" in picture.alt
    assert picture.spec["vconcat"][0]["title"] == "Growth scare: held, out of order; anyway 2 %"
    rows = [v for data in picture.spec["datasets"].values() for v in data if "link" in v]
    assert {(r["link"], r["outcome"]) for r in rows} == {
        ("1. shares fall", "held"),
        ("2. spreads widen, out of|order", "late"),
    }
    broken = _chain(late, _link("shares fall", "-", 1.0, "broken", None), verdict="broken")
    assert ": broken;" in chains(broken).spec["vconcat"][0]["title"]


def test_links_of_a_cause_turned_round_are_named_by_what_they_then_claim():
    document = _chain(
        _link("shares fall", "+", 2.0, "held", "first"), _link("x", "-", -2.0, "held", "after"), verdict="held"
    )
    assert "Growth scare, turned round: shares rise (held)" in chains(document, {"growth"}).alt
    assert "Growth scare: shares fall (held)" in chains(document).alt
    yen = _chain(_link("the yen rises", "-", -2.0, "held", "first"), verdict="held")
    assert "rises when the yen falls" in chains(yen).note
    assert "the yen" not in chains(document, {"growth"}).note


def test_the_fingerprint_says_whose_signs_a_relief_turns_round(crash):
    document = crash.to_dict()
    labels = {a.id: a.label for a in crash.catalogue.assets.values()}
    picture = fingerprint(document, labels, frozenset({"growth", "flight_to_quality"}))
    for told in (picture.note, picture.alt):
        names = told.split("Read as a relief, with its signs turned round: ")[1]
        assert names == "growth scare and flight to quality."
    assert "relief" not in fingerprint(document, labels).note


def test_marks_of_the_fingerprint_can_be_seen():
    """WCAG 2.2, 1.4.11: three to one for graphics, on the tile, in light and dark."""
    tones = {tone.light: tone for tone in TONES}
    for verdict in ("match", "clash", "says nothing", "not tested"):
        tone = tones[COLOURS[verdict]]
        assert contrast(tone.light, WASH.light) >= 3 and contrast(tone.dark, WASH.dark) >= 3, verdict


def contrast(one: str, other: str) -> float:
    """Of two colours, by WCAG's relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_rotation_rows(ordered):
    assert [r["basket"] for r in turn_rows(ordered)] == ["High", "Low"]
    assert "High +3.0 σ then −4.0 σ" in rotation(ordered).alt
    assert "what had risen most fell most" in rotation(ordered).alt
    left, right = rotation(ordered).spec["hconcat"]
    domains = [layer["encoding"]["x"]["scale"]["domain"] for layer in (left["layer"][0], right["layer"][0])]
    assert domains[0] == domains[1] and domains[0][0] <= -4.0 and domains[0][1] >= 3.0
    ordered["rotation"]["baskets"] = ordered["rotation"]["baskets"][:1]
    assert rotation(ordered) is None


def test_funding_does_not_bridge_what_did_not_come():
    days = ["2019-07-01", "2019-07-02", "2019-08-01"]
    trace = {"name": "A", "unit": "percent", "dates": days, "values": [0.01, 0.02, 0.05], "series": "a"}
    window = {"base": "2019-07-31", "start": "2019-08-01", "end": "2019-08-01"}
    picture = funding({"funding": [trace], "window": window})
    assert "A 5 bp on 2019-08-01, +4 since 2019-07-01." in picture.alt
    values = [v for data in picture.spec["datasets"].values() for v in data if "value" in v]
    assert {"date": "2019-07-09", "value": None, "text": "not known"} in values
    assert funding({"funding": [], "window": window}) is None


def _scan(episodes: list[dict], dates: list[str], values: list[float]) -> dict:
    return {
        "first": "2009-06-01",
        "last": "2021-02-01",
        "stress": {"dates": dates, "values": values},
        "episodes": episodes,
    }


def test_stress_shows_every_sell_off():
    episodes = [
        {"start": s, "end": e, "peak": {"end": e}, "verdict": v, "episodes": []}
        for s, e, v in (("2010-05-06", "2010-05-20", "joint"), ("2019-12-20", "2020-01-06", "isolated"))
    ]
    picture = stress_chart.stress(_scan(episodes, ["2010-05-06", "2020-03-02"], [0.5, 0.75]), {})
    assert picture.alt == (
        "2 sell-offs from 2009-06-01 to 2021-02-01: 1 joint and 1 isolated. Stress was highest on 2020-03-02 (0.75)."
    )
    assert len(picture.spec["vconcat"]) == 3
    marks = [v for data in picture.spec["datasets"].values() for v in data if "verdict" in v]
    assert {(m["from"], m["verdict"]) for m in marks} == {("2010-05-06", "joint"), ("2019-12-20", "isolated")}
    assert sum(m["from"] == "2019-12-20" for m in marks) == 2
    bare = stress_chart.stress(_scan(episodes, [], []), {})
    assert "Stress is not known" in bare.note
    assert stress_chart.stress(_scan([], [], []), {}) is None


def test_strips_are_decades():
    assert stress_chart.strips(date(1986, 3, 1), date(2011, 1, 1)) == [
        (1986, 1989),
        (1990, 1999),
        (2000, 2009),
        (2010, 2011),
    ]


def test_calibration():
    bins = [{"stated": 0.25, "right": 0.5, "n": 4.0}, {"stated": 0.75, "right": 0.5, "n": 0.0}]
    picture = calibration({"selloff": bins, "other": []})
    assert picture.alt == "Calibration by bin. selloff: stated 25 %, right 50 %."
    assert "at most 4" in picture.note
    assert calibration({"selloff": [], "other": []}) is None


def test_names_wrap_between_words():
    assert wrapped("Currencies against the dollar", 20) == "Currencies against|the dollar"
    assert wrapped("Mega-caps", 4) == "Mega-caps"
    assert [step([n], 20) for n in ("a", "a|b", "a|b|c")] == [20, 27, 40]
