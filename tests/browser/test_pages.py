"""The pages in a real browser: nothing asked for, nothing refused, nothing cut off, readable by everyone, true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import worlds
from conftest import NOW
from selloff.explanation import scan
from selloff.report.numbers import interval, percent, sigma_text, signed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

VIEWS = [(width, scheme) for width in (360, 768, 1440) for scheme in ("light", "dark")]
PAGES = ("crash", "crypto", "scan")
CUT = 1.5
"""Pixels by which text may stick out of its picture: the rounding of glyph boxes."""


@pytest.fixture(scope="session")
def documents(explain_world) -> dict[str, dict[str, Any]]:
    """The JSON behind the pages."""
    found = {"crash": explain_world(str(worlds.CRASH)), "crypto": explain_world(str(worlds.CRYPTO_DAY))}
    return {name: json.loads(e.to_json()) for name, e in found.items()}


@pytest.fixture(scope="session")
def pages(explain_world, store, world, tmp_path_factory) -> dict[str, Path]:
    """The pages as files."""
    folder = tmp_path_factory.mktemp("pages")
    settings = {"store": store, "catalogue": world.catalogue, "sessions": world.sessions, "now": NOW}
    made = {
        "crash": explain_world(str(worlds.CRASH)).to_html(),
        "crypto": explain_world(str(worlds.CRYPTO_DAY)).to_html(),
        "scan": scan(**settings).to_html(),
    }
    for name, text in made.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


def _open(browser: Browser, path: Path, width: int, scheme: str) -> tuple[Page, list[str], list[str]]:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    return page, said, asked


@pytest.fixture
def opened(chromium: Browser, pages: dict[str, Path], request: pytest.FixtureRequest) -> Iterator[Page]:
    """One page at one width and scheme; what the console said and what was asked for is checked here."""
    name, (width, scheme) = request.param
    page, said, asked = _open(chromium, pages[name], width, scheme)
    yield page
    page.context.close()
    assert said == []
    assert asked == [pages[name].as_uri()]


views = pytest.mark.parametrize("opened", [("crash", view) for view in VIEWS], indirect=True, ids=str)
others = pytest.mark.parametrize(
    "opened", [("crypto", VIEWS[0]), ("scan", VIEWS[0]), ("scan", VIEWS[-1])], indirect=True, ids=str
)

OUTSIDE = """
() => [...document.querySelectorAll("figure svg")].flatMap(svg => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter(t => t.textContent.trim()).map(t => {
    const r = t.getBoundingClientRect();
    return [t.textContent, Math.max(box.left - r.left, r.right - box.right, box.top - r.top, r.bottom - box.bottom)];
  });
})
"""
OVERLAPS = """
() => [...document.querySelectorAll("figure svg")].flatMap(svg => {
  const texts = [...svg.querySelectorAll("text")].filter(t => t.textContent.trim())
    .map(t => [t.textContent, t.getBoundingClientRect()]);
  const found = [];
  for (let i = 0; i < texts.length; i++) for (let j = 0; j < i; j++) {
    const [a, b] = [texts[i][1], texts[j][1]];
    const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (x > 2 && y > 4) found.push([svg.closest("figure").id, texts[i][0], texts[j][0], x, y]);
  }
  return found;
})
"""


def _check(page: Page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth")
    outside = [(t, out) for t, out in page.evaluate(OUTSIDE) if out > CUT and "°" not in t]
    assert outside == []
    options = {"resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    bad = [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")]
    assert bad == []


@views
def test_every_view_is_whole_and_accessible(opened: Page):
    _check(opened)


@others
def test_other_pages_are_too(opened: Page):
    _check(opened)


every_width = pytest.mark.parametrize(
    "opened", [(name, view) for name in PAGES for view in VIEWS if view[1] == "light"], indirect=True, ids=str
)
LEAST_LETTERS = 9
"""Pixels of the smallest letters in a picture."""


@every_width
def test_pictures_fit_the_screen_and_can_be_read(opened: Page):
    wide = opened.evaluate(
        "() => [...document.querySelectorAll('figure')].filter(f => f.querySelector('.scroll').scrollWidth"
        " > f.querySelector('.scroll').clientWidth + 1).map(f => f.id)"
    )
    assert wide == []
    letters = opened.evaluate(
        "() => [...document.querySelectorAll('figure svg')].filter(s => s.getBoundingClientRect().width > 0).flatMap("
        "s => [...s.querySelectorAll('text')].map(t => parseFloat(getComputedStyle(t).fontSize)"
        " * s.getBoundingClientRect().width / s.viewBox.baseVal.width))"
    )
    assert min(letters) >= LEAST_LETTERS


@pytest.mark.parametrize(
    "opened", [("crash", VIEWS[0]), ("crash", VIEWS[-1]), ("scan", VIEWS[0])], indirect=True, ids=str
)
def test_one_layout_of_a_picture_is_shown(opened: Page):
    shown = opened.evaluate(
        "() => ['.roomy', '.narrow'].map(c => [...document.querySelectorAll(c)].map(d => d.clientWidth > 0))"
    )
    narrow = opened.viewport_size is not None and opened.viewport_size["width"] == 360
    assert shown == [[not narrow], [narrow]]


@every_width
def test_no_text_lies_on_another(opened: Page):
    rotated = {"breakeven", "USDJPY", "copper", "silver"}
    found = [f for f in opened.evaluate(OVERLAPS) if not {f[1], f[2]} & rotated]
    assert found == []


def _texts(page: Page, figure: str) -> list[str]:
    found: list[str] = page.evaluate(
        "id => [...document.getElementById(id).querySelectorAll('svg text')].map(t => t.textContent)", figure
    )
    return found


@pytest.mark.parametrize("opened", [("crash", VIEWS[3])], indirect=True, ids=str)
def test_numbers_in_the_pictures_are_those_of_the_document(opened: Page, documents):
    document = documents["crash"]
    strip = _texts(opened, "fingerprint")
    for move in document["moves"]:
        if move["asset"] and move["sigmas_slow"] is not None:
            assert signed(move["sigmas_slow"]) in strip
    for cause in document["causes"]:
        shown = "–" if cause["probability"] is None else percent(cause["probability"])
        assert any(t.split() == f"{cause['name']} {shown}".split() for t in strip), cause["id"]
    depths = [d for d in document["joint"]["depth"].values() if d is not None]
    assert sorted(t for t in _texts(opened, "depths") if t.endswith("σ")) == sorted(sigma_text(d) for d in depths)
    tested = [c for c in document["causes"] if c["probability"] is not None]
    expected = [f"{percent(c['probability'])} [{interval(c['low'], c['high'])}]" for c in tested]
    left = document["unexplained"]
    expected.append(f"{percent(left['mean'])} [{interval(left['low'], left['high'])}]")
    assert sorted(t for t in _texts(opened, "probabilities") if "[" in t) == sorted(expected)
    whole = {signed(m["log_move"]) for m in document["moves"] if m["unexplained"] is not None}
    steps = {signed(v) for c in document["causes"] for v in c["contributions"].values()}
    steps |= {signed(m["unexplained"]) for m in document["moves"] if m["unexplained"] is not None}
    shown_steps = [t for t in _texts(opened, "contributions") if t[0] in "+−" and "." in t]
    assert sum(t in whole for t in shown_steps) >= 3
    assert sum(t in whole | steps for t in shown_steps) >= 0.6 * len(shown_steps)


@pytest.mark.parametrize("opened", [("crash", VIEWS[4])], indirect=True, ids=str)
def test_a_number_opens_to_where_it_comes_from(opened: Page, documents):
    link = opened.locator("table a").first
    target = opened.locator(link.get_attribute("href") or "")
    assert not target.is_visible()
    link.click()
    assert target.is_visible()
    series = (link.get_attribute("href") or "").removeprefix("#from-")
    row = documents["crash"]["lineage"][series][0]
    cells = target.inner_text().split("\t")
    assert {row["source"], row["vintage"]} <= set(cells)
    assert float(cells[6]) == pytest.approx(row["value"], rel=1e-5)


@pytest.mark.parametrize("opened", [("crash", VIEWS[0])], indirect=True, ids=str)
def test_names_stay_when_a_table_is_scrolled(opened: Page):
    table = opened.locator("[aria-label='Moves over the window']")
    name = table.locator("tbody tr th").first
    assert name.get_attribute("scope") == "row"
    before = name.bounding_box()
    table.evaluate("t => t.scrollLeft = 150")
    assert table.evaluate("t => t.scrollLeft") == 150
    after = name.bounding_box()
    assert before is not None and after is not None and after["x"] == before["x"]


@pytest.mark.parametrize("opened", [("crash", VIEWS[4])], indirect=True, ids=str)
def test_the_first_stop_of_the_keyboard_skips_to_the_answer(opened: Page):
    skip = opened.locator(".skip")
    assert (skip.bounding_box() or {"x": 0})["x"] < 0
    opened.keyboard.press("Tab")
    assert skip.evaluate("a => a === document.activeElement")
    assert (skip.bounding_box() or {"x": -1})["x"] >= 0
    opened.keyboard.press("Enter")
    assert opened.url.endswith("#answer")


@pytest.mark.parametrize("opened", [("crash", VIEWS[2])], indirect=True, ids=str)
def test_two_pictures_stand_side_by_side_on_a_tablet(opened: Page):
    boxes = [opened.locator(f"#{name}").bounding_box() for name in ("depths", "probabilities")]
    assert boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] < boxes[1]["x"]


@pytest.mark.parametrize("opened", [("crash", VIEWS[4])], indirect=True, ids=str)
def test_paper_holds_everything(opened: Page):
    opened.emulate_media(media="print", color_scheme="dark")
    opened.set_viewport_size({"width": 703, "height": 1000})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 703
    assert opened.locator(".guide dd").last.is_visible()
    assert not opened.locator(".lineage tr").last.is_visible()
    pair = opened.locator(".pair").first.locator("figure")
    boxes = [pair.nth(i).bounding_box() for i in range(2)]
    assert boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] < boxes[1]["x"]
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(254, 254, 254)"
    assert len(opened.pdf()) > 50_000
