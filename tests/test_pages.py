"""The static pages, as a reader has them: opened from the file system, in a browser without a network.

Every page is visited once and asked for all that the checks need; then each check looks at every page. That a check
looks at all is tried on a spoiled copy of a page.
"""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import url2pathname

import pytest
from browser import ROOT, Watcher

from acts import ledger

pytestmark = pytest.mark.site

NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("exercises/*.ipynb")])
DESKTOP, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

READY = "() => !window.MathJax || MathJax.startup.promise.then(() => true)"
FACTS = r"""() => {
    const all = selector => [...document.querySelectorAll(selector)];
    const spoken = [];  // the page's own words: no code, no formulas that are set
    const walker = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
        if (!walker.currentNode.parentElement.closest('pre, code, mjx-container, script, style'))
            spoken.push(walker.currentNode.textContent);
    return {
        links: all('a[href]').map(link => link.href),
        contents: all('nav[aria-label="Contents of the course"] a').map(link => link.href),
        ids: all('[id]').map(element => element.id),
        pictures: all('img').map(image => ({ alt: image.getAttribute('alt') ?? '', width: image.naturalWidth })),
        formulas: all('.math').length,
        set: all('.math').filter(formula => formula.querySelector('mjx-container')).length,
        // MathJax writes what it does not know in red.
        wrong: all('mjx-merror, mjx-container [style*="color: red"]').map(error => error.textContent),
        headings: all('h1, h2, h3, h4, h5, h6').map(heading => [+heading.tagName[1], heading.textContent]),
        claims: all('.cell[class*="tag_claim-"]').map(cell => cell.id),
        sliders: spoken.join('').split('(Sliders: ').length - 1,
        spoken: spoken.join(''),
        code: all('.cell_input').map(cell => cell.textContent),
    };
}"""
# What can be pushed to the side though it holds the whole text, and what is too wide in it. Code, tables and formulas
# may scroll inside themselves.
SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll('main, main *')]
    .filter(box => box.querySelector('h1') && box.scrollWidth > box.clientWidth + 1)
    .map(box => `${box.tagName} ${box.className}: ` + [...box.querySelectorAll('main *')]
        .filter(element => !element.closest('.highlight, .pst-scrollable-table-container, mjx-container'))
        .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .slice(0, 3).map(element => `${element.tagName} ${element.className}`))"""
# What axe finds in one formula, token or row, it finds in a thousand, and takes a thousand times as long.
ONE_OF_EACH = """() => {
    for (const kind of ['mjx-container[display]', 'mjx-container:not([display])'])
        [...document.querySelectorAll(kind)].slice(1).forEach(formula => formula.remove());
    document.querySelectorAll('tbody tr:nth-child(n + 4)').forEach(row => row.remove());
    const seen = new Set();
    for (const token of document.querySelectorAll('.highlight span:not(:has(*))'))
        if (seen.has(token.className)) token.replaceWith(token.textContent); else seen.add(token.className);
}"""


# --- a visit ---


@pytest.fixture(scope="module")
def folder(built):
    """The pages, built as `make html` builds them."""
    return built("pages.py", "html")


@pytest.fixture(scope="module")
def reader(browser):
    """A page of a browser, and its watcher. One for all: a browser reads a script again in less time."""
    with browser.new_context() as context:
        yield SimpleNamespace(watcher=Watcher(context), page=context.new_page())


def visit(reader, address, light="light", size_for_axe=DESKTOP):
    """Return what the page says of itself: FACTS, and what the watcher, a telephone and axe say."""
    page, watcher = reader.page, reader.watcher
    page.goto("about:blank")
    watcher.forget()
    page.emulate_media(color_scheme=light)
    page.set_viewport_size(size_for_axe or DESKTOP)
    page.goto(address)
    page.wait_for_function(READY)
    facts = page.evaluate(FACTS)
    page.set_viewport_size(TELEPHONE)
    facts["sideways"] = page.evaluate(SIDEWAYS)
    facts |= {"console": list(watcher.console), "outward": list(watcher.outward)}
    if size_for_axe:
        page.set_viewport_size(size_for_axe)
        page.evaluate(ONE_OF_EACH)
        facts["axe"] = axe(page)
    return facts


def axe(page):
    """Return a line for each serious or critical finding of axe-core."""
    from axe_playwright_python.sync_playwright import Axe

    # Without `preload`, axe does not read the style sheets again, which a page from the file system may not.
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    return [
        f"{finding['id']} ({finding['impact']}): {node['html'][:200]}"
        for finding in found
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]


@pytest.fixture(scope="module")
def survey(reader, folder):
    """{page: what it says of itself}"""
    paths = sorted(path for path in folder.rglob("*.html") if "_static" not in path.parts)
    return {path.relative_to(folder).as_posix(): visit(reader, path.as_uri()) for path in paths}


def place(address, folder):
    """Return which page of the folder a link leads to, and where on it; None for an address elsewhere on the web."""
    address, fragment = urldefrag(address)
    if urlsplit(address).scheme == "https":
        return None
    path = Path(url2pathname(unquote(urlsplit(address).path)))
    return (path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)), unquote(fragment)


# --- the checks: each returns what is wrong with a page ---


def console_errors(facts, **_):
    return facts["console"]


def requests_that_leave(facts, **_):
    return facts["outward"]


def links_to_nowhere(facts, folder, survey, **_):
    wrong = []
    for link in facts["links"]:
        there = place(link, folder)
        if there is None:
            continue
        page, fragment = there
        known = page in survey or (folder / page).is_file()
        if not known or (fragment and fragment not in survey.get(page, facts)["ids"]):
            wrong.append(link)
    return wrong


def pages_missing_in_contents(facts, folder, survey, **_):
    listed = {place(link, folder)[0] for link in facts["contents"]}
    return sorted(set(survey) - listed - {"index.html", "search.html"})


def pictures_without_words(facts, **_):
    file_name = re.compile(r"[\w./-]*\.(png|svg|jpe?g|gif)|[0-9a-f]{20,}")
    return [
        picture
        for picture in facts["pictures"]
        if len(picture["alt"]) < 10 or file_name.fullmatch(picture["alt"]) or not picture["width"]
    ]


def formulas_that_are_not_set(facts, **_):
    raw = re.findall(r".{0,30}(?:\$|\\[(\[a-z]).{0,30}", facts["spoken"])
    unset = facts["formulas"] - facts["set"]
    return [*facts["wrong"], *raw, *([f"{unset} of {facts['formulas']} formulas are not set"] if unset else [])]


def headings_out_of_order(facts, **_):
    levels = [level for level, _ in facts["headings"]]
    wrong = [] if levels.count(1) == 1 and levels[0] == 1 else ["a page has one title, first"]
    for (before, _), (level, words) in zip(facts["headings"], facts["headings"][1:], strict=False):
        if level > before + 1:
            wrong.append(f"from {before} to {level}: {words}")
    return wrong


def wider_than_a_telephone(facts, **_):
    return facts["sideways"]


def findings_of_axe(facts, **_):
    return facts["axe"]


def solutions_told(facts, **_):
    return [code for code in facts["code"] if re.search(r"(?:BEGIN|END) SOLUTION", code)]


CHECKS = [
    console_errors, requests_that_leave, links_to_nowhere, pages_missing_in_contents, pictures_without_words,
    formulas_that_are_not_set, headings_out_of_order, wider_than_a_telephone, findings_of_axe, solutions_told,
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_no_page_has(check, survey, folder):
    found = {page: check(facts, folder=folder, survey=survey) for page, facts in survey.items()}
    assert not any(found.values()), json.dumps({page: wrong for page, wrong in found.items() if wrong}, indent=1)


SPOILS = {
    console_errors: ("</body>", "<script>undefined_function()</script></body>"),
    requests_that_leave: ("</body>", '<script src="https://example.org/far.js"></script></body>'),
    links_to_nowhere: ('href="#[^"]+"', 'href="#nowhere"'),
    pages_missing_in_contents: (r'<a class="[^"]*" href="02_tanh.html">', "<a>"),
    pictures_without_words: (r'<img alt="[^"]+"', '<img alt="sigmoid.png"'),
    formulas_that_are_not_set: (r"\\sigma\b", r"\\sigmaa"),
    headings_out_of_order: (r"<h2>(.*?)</h2>", r"<h4>\1</h4>"),
    wider_than_a_telephone: ("<h2>", '<h2 style="width: 40em">'),
    findings_of_axe: ("<p>", '<p style="color: #bbb; background: white">'),
    solutions_told: ("</body>", '<div class="cell_input">### BEGIN SOLUTION</div></body>'),
}


@pytest.mark.parametrize("check", SPOILS, ids=lambda check: check.__name__)
def test_a_spoiled_page_is_noticed(check, reader, folder, survey):
    page = folder / "notebooks" / "11_claims.html"  # formulas, a picture, a table, headings, and not long
    old, new = SPOILS[check]
    spoiled, times = re.subn(old, new, page.read_text(encoding="utf-8"))
    assert times, f"nothing to spoil: {old}"
    copy = page.with_name(f"spoiled_{check.__name__}.html")
    copy.write_text(spoiled, encoding="utf-8")
    try:
        facts = visit(reader, copy.as_uri(), size_for_axe=DESKTOP if check is findings_of_axe else None)
        assert check(facts, folder=folder, survey=survey)
    finally:
        copy.unlink()


# --- what only some pages promise ---


def test_every_notebook_and_exercise_has_a_page(survey):
    expected = {path.relative_to(ROOT).with_suffix(".html").as_posix() for path in NOTEBOOKS}
    assert expected <= set(survey)


def test_the_ledger_leads_to_the_very_cells(survey, folder):
    there = {place(link, folder) for link in survey["notebooks/11_claims.html"]["links"]}
    for entry in ledger.read(ROOT / "notebooks"):
        page = f"notebooks/{entry.notebook}.html"
        assert (page, entry.cell) in there, f"the ledger has no link to {entry.id}"
        assert entry.cell in survey[page]["claims"], f"what the link to {entry.id} leads to is not its cell"


def test_every_explorer_says_what_it_shows(survey):
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
        explorers = [data for data in outputs if "(Sliders: " in "".join(data.get("text/plain", ""))]
        page = path.relative_to(ROOT).with_suffix(".html").as_posix()
        assert survey[page]["sliders"] == len(explorers), page


@pytest.mark.parametrize("page", ["index.html", "notebooks/01_sigmoid.html"])
@pytest.mark.parametrize("how", [{"light": "dark"}, {"size_for_axe": TELEPHONE}], ids=["in the dark", "on a telephone"])
def test_axe_finds_nothing(how, page, reader, folder):
    assert not visit(reader, (folder / page).as_uri(), **how)["axe"]


def test_search_finds_a_word(reader, folder):
    reader.watcher.console.clear()
    reader.page.goto((folder / "search.html").as_uri() + "?q=Verhulst")
    reader.page.locator("#search-results li a").first.wait_for()
    found = reader.page.eval_on_selector_all("#search-results a", "links => links.map(link => link.href)")
    assert any("notebooks/01_sigmoid.html" in link for link in found)
    assert not reader.watcher.console
