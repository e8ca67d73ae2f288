# SPDX-License-Identifier: Apache-2.0
"""Paper: the book, the card, and a page that a reader prints."""

import posixpath
import re
import unicodedata

import pytest
from conftest import SITE
from pypdf import PdfReader
from test_pages import soup, sources
from test_script import PAGES


def squeezed(text):
    """Returns the text without blanks and ligatures, which a PDF sets as it likes."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@pytest.fixture(scope="module")
def book():
    """The book as it was printed."""
    return PdfReader(SITE / "book.pdf")


def test_book_has_all_chapters(book):
    """The outline names the first heading of every page, in the order of the sidebar."""
    titles = [squeezed(entry.title) for entry in book.outline if not isinstance(entry, list)]
    for path in sources():
        if path.parts[0] == "docs":
            heading = soup(str(path.with_suffix(".html"))).h1.find(string=True, recursive=False)
            assert squeezed(heading) in titles


@pytest.mark.parametrize("address", PAGES)
def test_pages_lead_to_paper(address):
    """Every page has a link to the book and to the card."""
    links = {posixpath.basename(a["href"]) for a in soup(address).select(".sidebar-drawer .paper a")}
    assert links == {"book.pdf", "card.pdf"}


def test_book_unfolds_answers(book):
    """What is folded on a page is printed, and no line of code is cut off."""
    text = squeezed("".join(page.extract_text() for page in book.pages))
    for address in PAGES:
        if not address.startswith("docs/"):
            continue
        for details in soup(address).select("article details"):
            answer = details.find("p")
            assert not answer or squeezed(answer.get_text())[:40] in text


def test_card_is_one_page():
    """The card fits on a page, and stays readable: no text is set smaller than 5 points."""
    card = PdfReader(SITE / "card.pdf")
    assert len(card.pages) == 1
    sizes = []

    def measure(text, cm, tm, _font, size):
        if text.strip():
            sizes.append(abs(size * tm[0] * cm[0]))

    card.pages[0].extract_text(visitor_text=measure)
    assert min(sizes) >= 5


@pytest.mark.parametrize("address", [next(a for a in PAGES if soup(a).select_one("article details"))])
def test_print_unfolds(page, address):
    """A reader who prints a page gets its answers."""
    page.goto((SITE / address).as_uri())
    page.emulate_media(media="print")
    answer = page.locator("article details > p").first
    assert answer.bounding_box()["height"] > 0
