# SPDX-License-Identifier: Apache-2.0
"""Every page: in the light and in the dark, wide and narrow, with and without script, offline."""

import re
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from conftest import ROOT, SITE, addresses

import contents
import marks

WIDTHS = {"desktop": 1280, "phone": 390}
#: What a page of these tools is by design: drawers of check boxes, a search page that begins with an h2,
#: and Markdown tables whose first column needs no title.
BY_DESIGN = {"aria-allowed-role", "label-title-only", "region", "page-has-heading-one", "empty-table-header"}


@pytest.fixture(scope="module", params=["light", "dark"])
def window(request, chromium):
    """A window in one theme, and what went wrong in it; nothing leaves the machine."""
    context = chromium.new_context(color_scheme=request.param, reduced_motion="reduce", offline=True)
    window = context.new_page()
    window.theme, window.wrong = request.param, []
    window.on("console", lambda m: window.wrong.append(m.text) if m.type == "error" else None)
    window.on("pageerror", lambda error: window.wrong.append(str(error)))
    window.on("requestfailed", lambda request: window.wrong.append(f"not loaded: {request.url}"))
    window.on("request", lambda r: window.wrong.append(r.url) if r.url.startswith("http") else None)
    yield window
    context.close()


def too_wide(window, width):
    """Returns by how many pixels the page is wider than a window of that width."""
    window.set_viewport_size({"width": width, "height": 900})
    return window.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)")


#: Code has thousands of words in a dozen colours. Of each colour in each kind of block, one word is judged.
ONE_WORD_A_COLOUR = """() => {
    const seen = new Set();
    for (const word of document.querySelectorAll("article pre span")) {
        const key = `${word.className} in ${word.closest("figure")?.className}`;
        if (seen.has(key)) word.replaceWith(...word.childNodes);
        seen.add(key);
    }
    document.normalize();
}"""


def found_by_axe(window, options):
    """Returns what axe finds on the page, a line each."""
    rules = Axe().run(window, options={"preload": False, "resultTypes": ["violations"], **options}).response
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]}"
        for rule in rules["violations"] if rule["id"] not in BY_DESIGN for node in rule["nodes"]
    ]  # fmt: skip


@pytest.mark.parametrize("address", addresses())
def test_page(window, address):
    """No error, nothing too wide, and nothing that axe finds: contrast, alternatives, names, keyboard."""
    window.wrong.clear()
    window.goto((SITE / address).as_uri())
    assert {name: too_wide(window, width) for name, width in WIDTHS.items()} == {"desktop": 0, "phone": 0}
    window.evaluate(ONE_WORD_A_COLOUR)
    # Pages that show a file are all alike; one width stands for both.
    is_file = address not in {str(path.with_suffix(".html")) for path in sources()}
    for name, width in list(WIDTHS.items())[is_file:]:
        window.set_viewport_size({"width": width, "height": 900})
        window.wait_for_timeout(50)
        # All else is the same in both themes.
        options = {"runOnly": ["color-contrast"]} if window.theme == "dark" else {}
        assert not found_by_axe(window, options), name
    assert not window.wrong


@pytest.mark.parametrize("address", addresses())
def test_links(address):
    """Every link within the site leads to a page, and to a place on it."""
    dead = []
    for node in soup(address).select("a[href], img[src], link[href], script[src]"):
        link = node.get("href") or node.get("src")
        if urlsplit(link).scheme:
            continue
        path, place = urldefrag(link)
        target = (SITE / address).parent / unquote(urlsplit(path).path) if path else SITE / address
        if not target.is_file():
            dead.append(link)
        elif place and target.suffix == ".html":
            name = str(target.resolve().relative_to(SITE))
            if unquote(place) not in places(name):
                dead.append(link)
    assert not dead


def soup(address, cache={}):  # noqa: B006  (one tree a page, for all tests)
    """Returns a page as a tree."""
    if address not in cache:
        cache[address] = BeautifulSoup((SITE / address).read_text(), "html.parser")
    return cache[address]


def places(address, cache={}):  # noqa: B006
    """Returns the places of a page that a link can name."""
    if address not in cache:
        cache[address] = {node.get("id") or node.get("name") for node in soup(address).select("[id], a[name]")}
    return cache[address]


def sources():
    """Returns the pages of the repository."""
    return sorted({path.relative_to(ROOT) for pattern in contents.PAGES for path in ROOT.glob(pattern)})


def test_no_page_is_forgotten():
    """The sidebar leads to every page of the repository."""
    shown = {urldefrag(a["href"]).url for a in soup("README.html").select(".sidebar-tree a.reference.internal")}
    assert {str(path.with_suffix(".html")) for path in sources()} - {"README.html"} == shown


@pytest.mark.parametrize("path", sources(), ids=str)
def test_captions(path):
    """Every mark before a fence has become a caption, and none is left."""
    lines = (ROOT / path).read_text().splitlines()
    marked = [line for line, following in zip(lines, lines[1:]) if following.lstrip().startswith("```")]
    wanted = sum(bool(marks.MARK.fullmatch(line.strip())) for line in marked)
    assert len(soup(str(path.with_suffix(".html"))).select("figure.marked > figcaption")) == wanted


@pytest.mark.parametrize("path", sources(), ids=str)
def test_quotes_lead_to_their_lines(path):
    """Every quote has a link to the line of its file where it begins."""
    marked = re.findall(r"<!-- quote: .*-->\n\s*```", (ROOT / path).read_text())
    links = soup(str(path.with_suffix(".html"))).select("figure.code > figcaption > a[href*='#L-']")
    assert len(links) == len(marked)
    for link in links:
        number = int(link["href"].rpartition("-")[2])
        first = link.find_parent("figure").pre.get_text().partition("\n")[0]
        assert (ROOT / link.get_text()).read_text().splitlines()[number - 1].strip() == first.strip()


def test_without_script(chromium):
    """Without script, a chapter is all there: terminals say whose they are, answers unfold."""
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 900})
    window = context.new_page()
    for path in sources():
        window.goto((SITE / path.with_suffix(".html")).as_uri())
        bars = window.locator("figure.terminal > figcaption")
        assert bars.count() == len(soup(str(path.with_suffix(".html"))).select("figure.terminal"))
        assert window.locator("button.play, button.cell, form.filter, dialog").count() == 0
        for summary in window.locator("article summary:visible").all()[:1]:
            summary.click()
            assert summary.locator("xpath=..").get_attribute("open") is not None
    context.close()


def test_a_place_that_cannot_be_decoded(page):
    """An address whose place is no valid escape leaves the page whole."""
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((SITE / "README.html").as_uri() + "#100%")
    assert not wrong


def test_search_works_from_a_file(page):
    """A search finds pages though nothing serves them."""
    page.goto((SITE / "search.html").as_uri() + "?q=backlog")
    page.locator("#search-results li a").first.wait_for()
    assert page.locator("#search-results li a").count() > 2


def test_pictures_follow_the_theme(page):
    """A reader's theme decides which variant of a picture is shown, whatever the system's is."""
    page.emulate_media(color_scheme="light")
    address = next(a for a in addresses() if soup(a).select_one("a.picture"))
    page.goto((SITE / address).as_uri())
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.body.dataset.theme = theme }", theme)
        assert page.locator(f"a.picture.only-{theme}").first.is_visible()
        other = {"light": "dark", "dark": "light"}[theme]
        assert not page.locator(f"a.picture.only-{other}").first.is_visible()
