# SPDX-License-Identifier: Apache-2.0
"""Which pages the edition has, and their order in its sidebar. A new page needs no entry."""

from fnmatch import fnmatchcase

#: Where pages live, as patterns of files below the root of the repository.
PAGES = ["*.md", "docs/*.md", "docs/exercises/*.md", "Tests/*/README.md"]

#: The parts of the sidebar and their pages. A page that is named stands where it is named, any other
#: at the first pattern that fits. A name without a page is passed over.
PARTS = [
    ("Chapters", ["docs/README", "docs/[0-9]*"]),
    ("Exercises", ["docs/exercises/README", "docs/exercises/*"]),
    ("Further reading", ["docs/client", "docs/performance", "docs/above", "docs/from-the-article", "docs/trainer", "docs/*"]),
    ("To look things up", ["docs/when-it-hangs", "docs/card", "docs/conformance", "docs/glossary"]),
    ("The workshop behind it", ["Tests/*", "*"]),
]


def arranged(pages):
    """Returns the parts, each with its pages in order; every page but the root is in one of them."""
    named = {pattern for _, patterns in PARTS for pattern in patterns}
    rest = sorted(set(pages) - {"README"})
    parts = []
    for title, patterns in PARTS:
        chosen = []
        for pattern in patterns:
            fits = [p for p in rest if p == pattern or (fnmatchcase(p, pattern) and p not in named)]
            rest = [p for p in rest if p not in fits]
            chosen += fits
        if chosen:
            parts.append((title, chosen))
    return parts


def append_contents(app, docname, source):
    """Adds the sidebar's contents to the root page, where a repository page has none."""
    if docname != app.config.root_doc:
        return
    for title, pages in arranged(app.env.found_docs):
        names = "\n".join(f"/{page}" for page in pages)
        source[0] += f"\n\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{names}\n```\n"


def setup(app):
    """Registers the extension."""
    app.connect("source-read", append_contents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
