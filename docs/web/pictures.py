# SPDX-License-Identifier: Apache-2.0
"""Lets pictures follow the theme that a reader chooses, which may not be the system's.

A picture holds a media query for the dark. The edition gets it twice, once with the query's answer fixed to
no and once to yes, and Furo shows one of the two; each links to itself, alone and as large as the window.
"""

import posixpath
from html import escape
from pathlib import Path

from docutils import nodes

QUERY = "(prefers-color-scheme: dark)"


def variants(file):
    """Returns the text of the picture in the light and in the dark."""
    text = file.read_text()
    return text.replace(QUERY, "not all"), text.replace(QUERY, "all")


def html(app, image):
    """Writes both variants, and returns the HTML that shows one of them."""
    page = posixpath.dirname(app.env.docname)
    stem = posixpath.join(page, image["uri"]).removesuffix(".svg")
    result = ""
    for theme, text in zip(("light", "dark"), variants(Path(app.srcdir, page, image["uri"]))):
        file = Path(app.outdir, "_images", f"{stem}-{theme}.svg")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        address = posixpath.relpath(f"_images/{stem}-{theme}.svg", page or ".")
        result += (
            f'<a class="picture only-{theme}" href="{address}">'
            f'<img src="{address}" alt="{escape(image.get("alt", ""))}"></a>'
        )
    return result


def follow_theme(app, doctree):
    """Replaces each drawing of a page by its two variants."""
    for image in list(doctree.findall(nodes.image)):
        if image["uri"].endswith(".svg"):
            image.parent.replace(image, nodes.raw("", html(app, image), format="html"))


def setup(app):
    """Registers the extension. Pictures are replaced before Sphinx collects images."""
    app.connect("doctree-read", follow_theme, priority=100)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
