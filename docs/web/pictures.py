# SPDX-License-Identifier: Apache-2.0
"""Lets pictures follow the theme that a reader chooses, which may not be the system's.

A drawing holds a media query for the dark, and `<picture>` names a file for each. Either way the edition
gets two files, of which Furo shows one; each links to itself, alone and as large as the window.
"""

import posixpath
import re
from html import escape
from pathlib import Path

from docutils import nodes

QUERY = "(prefers-color-scheme: dark)"
SOURCE = re.compile(r'prefers-color-scheme: dark.*srcset="([^"]+)"', re.DOTALL)


def variants(folder, file, dark_file):
    """Returns the text of the picture in the light and in the dark."""
    light = (folder / file).read_text()
    if dark_file:
        return light, (folder / dark_file).read_text()
    return light.replace(QUERY, "not all"), light.replace(QUERY, "all")


def html(app, image, dark_file):
    """Writes both files, and returns the HTML that shows one of them."""
    page = posixpath.dirname(app.env.docname)
    texts = variants(Path(app.srcdir, page), image["uri"], dark_file)
    stem = posixpath.join(page, image["uri"]).removesuffix(".svg").removesuffix("-light")
    result = ""
    for theme, text in zip(("light", "dark"), texts):
        file = Path(app.outdir, "_images", f"{stem}-{theme}.svg")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        address = posixpath.relpath(f"_images/{stem}-{theme}.svg", page or ".")
        width = f' width="{escape(image["width"])}"' if "width" in image else ""
        result += (
            f'<a class="picture only-{theme}" href="{address}">'
            f'<img src="{address}"{width} alt="{escape(image.get("alt", ""))}"></a>'
        )
    return result


def follow_theme(app, doctree):
    """Replaces each drawing of a page by its two variants."""
    for image in list(doctree.findall(nodes.image)):
        if not image["uri"].endswith(".svg"):
            continue
        parent = image.parent
        beside = [node for node in parent if isinstance(node, nodes.raw)]
        dark = SOURCE.search("".join(node.astext() for node in beside))
        for node in beside if dark else []:
            parent.remove(node)
        picture = html(app, image, dark and dark[1])
        parent.replace(image, nodes.raw("", picture, format="html"))


def setup(app):
    """Registers the extension. Pictures are replaced before Sphinx collects images."""
    app.connect("doctree-read", follow_theme, priority=100)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
