# SPDX-License-Identifier: Apache-2.0
"""Prints the slides, one a page; refuses if one of them runs over. `edition slides` calls it."""

import sys
from pathlib import Path

import browser

#: The slides that are higher than the page, by how they begin.
TOO_HIGH = """[...document.querySelectorAll(".pdf-page section")]
    .filter(slide => slide.scrollHeight > slide.closest(".pdf-page").clientHeight)
    .map(slide => slide.innerText.split("\\n")[0])"""


def main(folder):
    """Prints into the folder of the slides; exits with 3 if there is no browser."""
    if not browser.path():
        sys.exit(3)
    with browser.chromium() as chromium:
        page = chromium.new_page()
        page.goto((folder / "day.html").as_uri() + "?print-pdf")
        page.wait_for_selector(".pdf-page")
        page.wait_for_function("document.fonts.status === 'loaded'")
        if too_high := page.evaluate(TOO_HIGH):
            sys.exit(f"higher than their slide: {', '.join(too_high)}")
        page.pdf(path=folder / "day.pdf", prefer_css_page_size=True, print_background=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
