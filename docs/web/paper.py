# SPDX-License-Identifier: Apache-2.0
"""Prints the built site: the book as one PDF, and the card on one page. `edition build` calls it."""

import posixpath
import sys
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from bs4 import BeautifulSoup
from pypdf import PdfReader

import browser

#: The first page of the book; all others come from its sidebar.
FIRST = "README.html"
FOOTER = (
    '<p style="width: 100%; font: 8px sans-serif; text-align: center; color: #555">'
    '<span class="pageNumber"></span> / <span class="totalPages"></span></p>'
)


def pages_of_the_book(site):
    """Returns the pages in the order of the sidebar: the first, and what lies in docs/."""
    soup = BeautifulSoup((site / FIRST).read_text(), "html.parser")
    links = [a["href"] for a in soup.select(".sidebar-tree a.reference.internal")]
    pages = [urldefrag(link).url for link in links]
    return [FIRST] + list(dict.fromkeys(page for page in pages if page.startswith("docs/")))


def anchor(page, name=""):
    """Returns the id that a place has in the book, where all pages are one."""
    return f"{page.removesuffix('.html').replace('/', '-')}--{name}"


def chapter(site, page, pages):
    """Returns a page's article, its ids and addresses rewritten for the book."""
    article = BeautifulSoup((site / page).read_text(), "html.parser").select_one("article")
    for node in article.select(".headerlink, .only-dark"):
        node.decompose()
    for node in article.select("[id]"):
        node["id"] = anchor(page, node["id"])
    for image in article.select("img"):
        image["src"] = posixpath.normpath(posixpath.join(posixpath.dirname(page), image["src"]))
    for link in article.select("a[href]"):
        if urlsplit(link["href"]).scheme:
            continue
        address, place = urldefrag(link["href"])
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), address)) if address else page
        if target in pages:
            link["href"] = f"#{anchor(target, place)}"
        else:
            # Paper has no such page: a file of the repository, a picture by itself.
            link.unwrap()
    article.name = "section"
    article["id"] = anchor(page)
    article["class"] = "chapter"
    return article


def book(site):
    """Returns the page that holds all pages, after a list of them."""
    pages = pages_of_the_book(site)
    whole = BeautifulSoup((site / FIRST).read_text(), "html.parser")
    chapters = [chapter(site, page, pages) for page in pages]
    contents = whole.new_tag("ol", attrs={"class": "parts"})
    for part in chapters:
        item = whole.new_tag("li")
        link = whole.new_tag("a", href=f"#{part['id']}")
        link.string = part.h1.get_text()
        item.append(link)
        contents.append(item)
    body = whole.select_one("article")
    body.clear()
    body.extend([chapters[0], contents, *chapters[1:]])
    for script in whole.select("script"):
        script.decompose()
    return str(whole)


def print_page(chromium, address, path, scale):
    """Prints a page on A4."""
    page = chromium.new_page()
    page.goto(address)
    page.pdf(
        path=path, format="A4", scale=scale, outline=True, tagged=True, print_background=True,
        display_header_footer=True, header_template="<p></p>", footer_template=FOOTER,
        margin={"top": "14mm", "bottom": "16mm", "left": "16mm", "right": "16mm"},
    )  # fmt: skip
    page.close()


def print_card(chromium, site):
    """Prints the card as large as one page allows."""
    for percent in range(100, 50, -5):
        print_page(chromium, (site / "docs/card.html").as_uri(), site / "card.pdf", percent / 100)
        if len(PdfReader(site / "card.pdf").pages) == 1:
            return
    sys.exit("the card does not fit on one page")


def main(site):
    """Prints the book and the card into the site's folder; exits with 3 if there is no browser."""
    if not browser.path():
        sys.exit(3)
    whole = site / "book.html"
    whole.write_text(book(site))
    with browser.chromium() as chromium:
        print_page(chromium, whole.as_uri(), site / "book.pdf", 0.8)
        print_card(chromium, site)
    whole.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
