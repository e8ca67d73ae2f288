# SPDX-License-Identifier: Apache-2.0
"""Shows the files that pages link to, as pages of the edition: nobody has to download a program to read it."""

import posixpath
from pathlib import Path

from docutils import nodes
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound
from sphinx.addnodes import download_reference

#: Files above this size are data. They stay downloads.
LARGEST = 100_000
#: Every file that some page links to.
linked = set()


def page_name(file):
    """Returns the name of the page that shows a file; a server may hide what begins with a dot."""
    return file.removeprefix(".")


def link(app, docname, file, line=None):
    """Returns a link from the page to the page that shows the file, at the line if one is given."""
    linked.add(file)
    address = posixpath.relpath(f"{page_name(file)}.html", posixpath.dirname(docname) or ".")
    address += f"#L-{line}" if line else ""
    return nodes.reference("", "", nodes.literal("", file), refuri=address, internal=True)


def show_files(app, doctree):
    """Turns links to files into links to the pages that show them."""
    docname = app.env.docname
    for node in list(doctree.findall(download_reference)):
        file = posixpath.normpath(posixpath.join(posixpath.dirname(docname), node["reftarget"]))
        path = Path(app.srcdir, file)
        if not path.is_file() or path.stat().st_size > LARGEST:
            continue
        new = link(app, docname, file)
        new.children = []
        new += [child.deepcopy() for child in node.children]
        node.replace_self(new)


def pages(app):
    """Yields a page for every file that is linked to."""
    for file in sorted(linked):
        try:
            lexer = get_lexer_for_filename(file).aliases[0]
        except ClassNotFound:
            lexer = "bash" if file.startswith("docs/") else "text"
        body = app.builder.highlighter.highlight_block(
            Path(app.srcdir, file).read_text(),
            lexer,
            # Pygments doesn't know all of Swift. It leaves plain what it can't read.
            force=True,
            linenos="inline",
            lineanchors="L",
            anchorlinenos=True,
        )
        # A narrow window breaks the path behind its folders.
        heading = f"<h1>{file.replace('/', '/<wbr>')}</h1>"
        yield page_name(file), {"title": file, "body": f"{heading}\n{body}", "toc": ""}, "page.html"


def setup(app):
    """Registers the extension. Links are replaced before Sphinx collects downloads."""
    app.connect("doctree-read", show_files, priority=100)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
