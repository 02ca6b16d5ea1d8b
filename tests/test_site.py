"""The site: made from the units, every link leads somewhere, and what is looked for is found."""

from __future__ import annotations

import ast
import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urldefrag

import pytest
from conftest import ROOT
from docutils import nodes
from lab import CHROMIUM_ARGS, chromium_path, require_browser
from pages import assemble, glossary, literature, syllabus
from pages.order import Order, SiteProblem

from course import units
from course.contract.artifacts import gate
from course.learning import doctor
from course.learning.whereto import SAID, whereto
from course.units.kit.about import STEPS, About, about

ALL = [units.load(name) for name in units.own()]
GOOD = {
    "story": "One. Two? Three!",
    "objectives": ["a", "b", "c"],
    "builds_on": [],
    "minutes": dict.fromkeys(STEPS, 10),
}


# --- what units say of themselves -------------------------------------------------------------------------------------


def fake(name, *builds_on):
    said = About("One. Two. Three.", ("a", "b", "c"), builds_on, dict.fromkeys(STEPS, 10))
    return SimpleNamespace(name=name, about=said, title=name.title(), brief="?", artifact="model.onnx")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"story": "One. Two."}, "three sentences"),
        ({"objectives": ["a", "b"]}, "must be three, not 2"),
        ({"objectives": ["a", "b", ""]}, "a list of texts"),
        ({"minutes": {"brief": 10}}, "must be given for brief, memo"),
        ({"minutes": dict.fromkeys(STEPS, 0)}, "whole numbers over 0"),
        ({"minuets": {}}, "takes no minuets"),
    ],
)
def test_what_is_wrong_with_about_is_said(change, said):
    assert about(GOOD).total == 60
    with pytest.raises(ValueError, match=said):
        about(GOOD | change)
    for name in GOOD:
        with pytest.raises(ValueError, match=f"has no {name}"):
            about({key: value for key, value in GOOD.items() if key != name})


def test_every_unit_builds_on_units_that_are_there_and_not_in_a_circle():
    order = Order(ALL)
    for name in order.units:
        assert name not in order.before(name) and set(order.builds_on[name]) <= set(order.before(name))
        assert all(order.depth[other] < order.depth[name] for other in order.builds_on[name])


def test_what_units_get_wrong_is_one_sentence():
    silent = SimpleNamespace(name="q90-parcels", about=None)
    with pytest.raises(SiteProblem, match=r"q90-parcels has no \[about\]: add story, .*contract.toml"):
        Order([*ALL, silent])
    with pytest.raises(SiteProblem, match="f01-a builds on f09-b, which is no unit"):
        Order([fake("f01-a", "f09-b")])
    with pytest.raises(SiteProblem, match="in a circle: f01-a, f02-b"):
        Order([fake("f01-a", "f02-b"), fake("f02-b", "f01-a"), fake("f03-c")])


@pytest.mark.parametrize("unit", ALL, ids=lambda unit: unit.name)
def test_the_notebooks_head_says_the_same(unit):
    text = (ROOT / "release" / unit.name / f"{unit.name}.ipynb").read_text(encoding="utf-8")
    assert f"some {unit.about.total} minutes" in text and "Afterwards you can" in text
    assert all(f"../{name}/{name}.ipynb" in text for name in unit.about.builds_on)
    assert "minutes for the brief" not in (ROOT / "source" / unit.name / "lesson.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("unit", ALL, ids=lambda unit: unit.name)
def test_literature_names_authors_year_and_title(unit):
    found = literature.literature(ROOT / "source" / unit.name / "lesson.py")
    assert len(found) >= 3 and any(literature.SEARCH in one for one in found)
    assert sum(bool(re.search(r"\b(1[89]|20)\d\d\b", one)) for one in found) >= 2


# --- the syllabus and the glossary ------------------------------------------------------------------------------------


def numbers(page, head):
    """The last column of the table under a head, and what stands in its last row."""
    part = page.split(f"## {head}\n")[1].split("\n## ")[0]
    cells = [line.strip("| ").split("|")[-1].strip(" *") for line in part.splitlines() if line.startswith("|")][2:]
    return [float(cell) for cell in cells[:-1]], float(cells[-1])


def test_hours_add_up():
    order = Order(ALL)
    file = ROOT / "handbook" / "syllabus.toml"
    page = syllabus.page(order, file)
    every = {unit.name: unit.about.total for unit in ALL}
    for head, names in (("An interview next month", syllabus.interview(order, file)), ("All of it", tuple(every))):
        rows, together = numbers(page, head)
        assert rows == [every[name] for name in names] and sum(rows) == together
    rows, together = numbers(page, "A term")
    assert len(rows) == syllabus.WEEKS == 13 and abs(sum(rows) - together) < 0.05 * len(rows)
    weeks = syllabus.weeks(order)
    assert together == round(sum(week.minutes(order) for week in weeks) / 60, 1)
    taught = [name for week in weeks[:-1] for name in (week.foundation, *week.questions)]
    assert sorted(taught) == sorted(name for name in every if name != syllabus.LAST)


def test_a_way_that_needs_what_comes_later_is_refused(tmp_path):
    names = list(syllabus.interview(Order(ALL), ROOT / "handbook" / "syllabus.toml"))
    for wrong, said in (
        (names[::-1], "on which it builds"),
        (names[1:], "must name 12"),
        (["f99-x", *names[1:]], "no unit"),
    ):
        file = tmp_path / "syllabus.toml"
        file.write_text(f"interview = {wrong}")
        with pytest.raises(SiteProblem, match=said):
            syllabus.interview(Order(ALL), file)


def test_glossary_links_a_term_once_and_stays_out_of_code():
    found = glossary.Glossary(ROOT / "handbook" / "glossary.toml", Order(ALL))
    assert len(found.entries) >= 40
    text = found.link("A `propensity`, two propensities, one propensity; a hold-out and [recall](x.md).", seen := set())
    assert text.count("{term}") == 2 and "{term}`propensities <propensity>`" in text and "`propensity`," in text
    assert seen == {"propensity", "hold-out"}


# --- what was built ---------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page links, which anchors it has, its headings, pictures and what it fetches."""

    def __init__(self, file):
        super().__init__()
        self.links, self.anchors, self.heads, self.pictures, self.fetched = [], set(), [], [], []
        self.text = file.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.anchors |= {said["id"]} if said.get("id") else set()
        if tag == "a" and said.get("href"):
            self.links.append(said["href"])
        if re.fullmatch("h[1-6]", tag):
            self.heads.append(int(tag[1]))
        if tag == "img":
            self.pictures.append(said.get("alt"))
        if tag in ("img", "script", "link", "iframe") and said.get("rel") not in ("canonical", "author", "license"):
            self.fetched += [said[key] for key in ("src", "href") if said.get(key)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site; a warning ends the build."""
    out = tmp_path_factory.mktemp("built") / "site"
    ran = subprocess.run(
        [sys.executable, "-m", "pages", str(out)], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tools"), "GITHUB_REPOSITORY": ""},
    )  # fmt: skip
    assert ran.returncode == 0 and "made in" in ran.stdout, ran.stderr
    return out


@pytest.fixture(scope="module")
def pages(site):
    return {file.relative_to(site).as_posix(): Page(file) for file in site.rglob("*.html")}


def target(page, link):
    """The page that a link leads to, and the anchor; (None, "") if it leads out of the site."""
    path, anchor = urldefrag(link)
    if re.match(r"\w+:", link):
        return None, ""
    parts = [*Path(page).parent.parts, *unquote(path).split("/")] if path else [*Path(page).parts]
    found = []
    for part in parts:
        found = found[:-1] if part == ".." else [*found, *([part] if part not in ("", ".") else [])]
    return "/".join(found) or "index.html", anchor


def test_every_link_and_anchor_is_there(site, pages):
    for name, page in pages.items():
        for link in page.links:
            where, anchor = target(name, link)
            if where is None:
                continue
            assert (site / where).is_file(), (name, link)
            if anchor and where in pages:
                assert unquote(anchor) in pages[where].anchors, (name, link)


def test_pages_fetch_nothing_and_can_be_read_by_everybody(pages):
    for name, page in pages.items():
        assert not [one for one in page.fetched if re.match(r"(https?:)?//", one)], name
        assert all(page.pictures), name
        if name not in ("genindex.html",):
            assert page.heads[0] == 1 and page.heads.count(1) == 1, (name, page.heads)
            assert all(two <= one + 1 for one, two in zip(page.heads, page.heads[1:], strict=False)), (name, page.heads)


def test_a_page_for_each_unit_says_what_its_contract_says(pages):
    for unit in ALL:
        text = pages[f"units/{unit.name}.html"].text
        for term in unit.terms:
            assert nodes.make_id(term.title)[:20] in text, (unit.name, term.title)
        assert text.count("<h3") == len(unit.terms)
        for one in unit.estimates.values():
            assert one.why.split("=")[0].strip() not in text, "an estimate's answer is no part of the page"


@pytest.mark.parametrize(
    ("looked_for", "there"),
    [
        ("how to hand in", ("learners.html", 'id="handing-in"')),
        ("what too close to call means", ("learners.html", "too close to call")),
        ("how to rotate the key", ("teaching.html", 'id="rotate-the-key"')),
        ("which units need q17's skills", ("units/q17-language-id.html", "Needed by")),
        ("how long f11 takes", ("units/f11-scale-inference.html", "some 90 minutes")),
    ],
)
def test_it_is_three_clicks_from_home(pages, looked_for, there):
    page, words = there
    assert words in pages[page].text, looked_for
    reached = {"index.html"}
    for _ in range(3):
        reached |= {target(name, link)[0] for name in reached for link in pages[name].links if name in pages} & set(
            pages
        )
    assert page in reached


def test_every_message_of_the_doctor_has_its_heading():
    page = (ROOT / "handbook" / "troubleshooting.md").read_text(encoding="utf-8")
    for finding in doctor.examine():
        assert f"\n### doctor: {finding.about}\n" in page, finding.about
        assert finding.where.startswith("handbook/troubleshooting.md#doctor-")
        anchor = finding.where.split("#")[1]
        assert anchor in {assemble.unit.anchor(line[4:]) for line in page.splitlines() if line.startswith("### ")}


def test_every_sentence_of_the_gate_has_its_heading():
    page = (ROOT / "handbook" / "troubleshooting.md").read_text(encoding="utf-8")
    headings = {assemble.unit.anchor(line[4:]) for line in page.splitlines() if line.startswith("### gate:")}
    assert headings == set(SAID)
    tree = ast.parse((ROOT / "course" / "contract" / "artifacts" / "gate.py").read_text(encoding="utf-8"))
    raised = [one.exc.args[0] for one in ast.walk(tree) if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Call)]
    sentences = [ast.unparse(one) for one in raised if isinstance(one, ast.JoinedStr | ast.Constant)]
    assert len(sentences) >= 12
    for sentence in [*sentences, gate.too_large("model.onnx", 5_000_000, 4_000_000)]:
        assert whereto(sentence).split("#")[1] in headings, sentence
    assert not whereto("Your baseline reaches 40 %.")


def test_code_of_the_page_on_onnx_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "handbook" / "onnx.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(code) >= 5
    exec("\n".join(code), {})
    assert (tmp_path / "model.onnx").is_file() and (tmp_path / "largest.onnx").is_file()


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(site):
    """The site as a server gives it."""
    handler = functools.partial(Quiet, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *said):
        pass


@pytest.fixture(scope="module")
def browser():
    require_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, address):
    """Open a page of the site; whatever the console says is wrong."""
    contexts, said = [], []

    def opened(name, width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(120_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type in ("error", "warning") and said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{address}/{name}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not said


#: A page of each kind.
KINDS = ("index.html", "map.html", "units/f01-shrink-ensemble.html", "glossary.html", "teaching.html", "syllabus.html")
browsed = pytest.mark.browser


@browsed
@pytest.mark.parametrize(
    ("words", "found"), [("propensity", "f09 The prediction log"), ("too close to call", "How latency is judged")]
)
def test_search_finds_it_from_the_keyboard(visit, words, found):
    page = visit("index.html")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name === 'q'"):
            break
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#search-results li >> text={found}")
    assert page.locator("#search-results li >> text=Glossary").count()


@browsed
def test_it_is_dark_where_one_wants_it_dark(visit):
    for scheme, dark in (("dark", True), ("light", False)):
        page = visit("index.html", scheme=scheme)
        light = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (sum(light) < 200) is dark
        page.locator(".theme-toggle >> visible=true").first.click()
        assert page.evaluate("document.body.dataset.theme") == ("light" if dark else "dark")


@browsed
def test_on_a_phone_nothing_scrolls_sideways_but_what_should(visit, address, pages):
    page = visit("index.html", width=390)
    for name in (*KINDS, *sorted(set(pages) - set(KINDS))[::3]):
        page.goto(f"{address}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name


@browsed
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_to_say(visit, address, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = visit("search.html?q=propensity", scheme=scheme)
    page.wait_for_selector("#search-results li")
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else None  # nothing else differs
    for name in ("", *KINDS):
        if name:
            page.goto(f"{address}/{name}")
        found = Axe().run(page, options=rules).response["violations"]
        assert not found, [(one["id"], one["nodes"][0]["html"]) for one in found]


@browsed
def test_a_box_of_the_map_leads_to_its_unit(visit):
    page = visit("map.html")
    page.locator("#map a.q02").click()
    page.wait_for_url("**/units/q02-card-fraud.html")
    assert page.locator("h1").inner_text().startswith("q02 Card fraud")
