# SPDX-License-Identifier: Apache-2.0
"""How a reader gets from a question to its page: the search of a served site, and the cells of the matrix."""

import re
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from conftest import SITE


class Silent(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_):
        """Says nothing."""


@contextmanager
def served(folder):
    """Serves a folder on a free port, and yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_phrase_comes_first(page):
    """Pages that have the words side by side stand above those that have them apart, and show where."""
    with served(SITE) as address:
        page.goto(f"{address}/search.html?q=address+already+in+use", wait_until="networkidle")
        page.wait_for_function("document.querySelectorAll('#search-results li:not(:has(p))').length === 0")
        results = page.locator("#search-results li").all()
        results.sort(key=lambda result: result.bounding_box()["y"])
        has_phrase = ["address already in use" in result.inner_text().lower() for result in results]
        assert any(has_phrase) and not all(has_phrase)
        assert has_phrase == sorted(has_phrase, reverse=True)


def test_a_limitation_names_its_chapter(page):
    """A cell whose limitation a stage lifts leads to the chapter that explains it."""
    page.goto((SITE / "docs/conformance.html").as_uri())
    lifted = page.locator("button.cell").filter(has_text=re.compile(r"✗\d"))
    assert lifted.count() > 10
    for cell in lifted.all():
        stage = re.search(r"✗(\d)", cell.inner_text())[1]
        card = page.locator(f"#{cell.get_attribute('popovertarget')}")
        assert re.search(rf"docs/{stage}-\w+\.html$", card.locator("a").evaluate("link => link.href"))
