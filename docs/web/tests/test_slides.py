# SPDX-License-Identifier: Apache-2.0
"""The slides: one a page, and none of them needs a network."""

import re
import unicodedata

from conftest import ROOT
from pypdf import PdfReader

SLIDES = ROOT / ".build-web/slides"


def squeezed(text):
    """Returns the text without blanks, marks of code and ligatures, which a PDF sets as it likes."""
    return re.sub(r"[\s`]+", "", unicodedata.normalize("NFKC", text))


def test_slides_are_printed_one_a_page():
    """Each heading of the source has its page."""
    headings = re.findall(r"^#{1,3} (.*)", (ROOT / "docs/slides/day.md").read_text(), re.MULTILINE)
    pages = PdfReader(SLIDES / "day.pdf").pages
    assert len(pages) == len(headings)
    for heading, page in zip(headings, pages):
        assert squeezed(heading) in squeezed(page.extract_text())


def test_slides_need_no_network(page):
    """They are shown from a file, and a key shows the next one."""
    errors = []
    page.on("console", lambda message: errors.append(message.text))
    page.on("requestfailed", lambda request: errors.append(request.url))
    page.on("request", lambda request: request.url.startswith(("file:", "data:")) or errors.append(request.url))
    page.goto((SLIDES / "day.html").as_uri())
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("section.present h2:has-text('How today works')")
    assert not errors
