# SPDX-License-Identifier: Apache-2.0
"""Turns the marks of the pages into captions.

A page says in a comment where a fence comes from: `run: SCENE/TERMINAL`, `quote: FILE: …`,
`diff: FILE FILE`, `step: FILE FILE: …`, `edit: SCENE FILE` (Tests/*/README.md explains them). The book's
checks hold fence and mark together; here the mark becomes a title bar that says whose terminal it is, or which file.
"""

import json
import re
from pathlib import Path

from docutils import nodes

import sources

#: What a terminal's name becomes in its title bar; a single letter is a client.
LABELS = {
    "look": "a look from outside",
    "test": "the checks",
    "trace": "strace",
}
#: The colour of a terminal, by its name; any other name takes the last.
TONES = {
    "server": "server", "client": "client", "clients": "client", "a": "client", "b": "guest", "rude": "guest",
    "look": "look", "trace": "trace", "tcpdump": "trace",
}  # fmt: skip
OTHER = "other"
#: What stands before a line that is typed; the copy button leaves it out.
PROMPT = re.compile(r"^(?:\$|\(lldb\)) ", re.MULTILINE)
MARK = re.compile(r"<!--\s*(run|quote|diff|step|edit):\s*(.*?)\s*-->", re.DOTALL)


class marked(nodes.General, nodes.Element):
    """A block with its caption: a `figure` whose `data` a script can read."""


class marked_title(nodes.General, nodes.TextElement):
    """The caption itself."""


def visit_marked(translator, node):
    """Opens the figure."""
    data = {f"data-{key}": value for key, value in node["data"].items()}
    translator.body.append(translator.starttag(node, "figure", **data))


def depart_marked(translator, node):
    """Closes the figure."""
    translator.body.append("</figure>\n")


def visit_marked_title(translator, node):
    """Opens the caption."""
    translator.body.append("<figcaption>")


def depart_marked_title(translator, node):
    """Closes the caption."""
    translator.body.append("</figcaption>\n")


class Run:
    """What a `run` mark says: the scene, the terminal, and the options that concern a reader."""

    def __init__(self, argument):
        names, *options = argument.split("; ")
        self.scene, self.role = names.split("/")
        values = [option.partition(": ")[::2] for option in options]
        self.typed = [value for key, value in values if key == "type"]
        self.first = next((value for key, value in values if key == "first"), None)
        self.server = next((value for key, value in values if key == "with"), None)


def label(role):
    """Returns how the title bar calls a terminal."""
    if re.fullmatch("[a-z]", role):
        return f"client {role.upper()}"
    return LABELS.get(role, role)


def typed_lines(lines, typed):
    """Returns the numbers, from 1, of the lines that a reader types into a running program."""
    found, wanted = [], list(typed)
    for number, line in enumerate(lines, 1):
        if wanted and line == wanted[0]:
            found.append(number)
            wanted.pop(0)
    return found


def terminal(block, run, roles):
    """Returns the block below the title bar of its terminal."""
    lines = block.astext().split("\n")
    typed = typed_lines(lines, run.typed)
    block["highlight_args"] = {"hl_lines": typed}
    name = f"terminal {roles.index(run.role) + 1}" if len(roles) > 1 else "terminal"
    text = f"{name} · {label(run.role)}"
    data = {"scene": run.scene, "role": run.role, "title": text, "typed": json.dumps(typed)}
    if run.first:
        data["first"] = run.first
    caption = marked_title("", "", nodes.strong("", text))
    if run.server:
        caption += nodes.inline("", f"while {run.server} runs", classes=["aside"])
    classes = ["marked", "terminal", f"tone-{TONES.get(run.role, OTHER)}"]
    return marked("", caption, block, classes=classes, data=data)


def position(root, file, block):
    """Returns the line of the file at which the block's text begins; None if it isn't there."""
    whole = [line.strip() for line in (root / file).read_text().splitlines()]
    part = [line.strip() for line in block.astext().rstrip("\n").split("\n")]
    starts = range(len(whole) - len(part) + 1)
    return next((start + 1 for start in starts if whole[start : start + len(part)] == part), None)


def code(app, block, keyword, argument):
    """Returns the block below a caption that links to its file, or to both files of a diff."""
    root = Path(app.srcdir)
    if keyword == "quote":
        files = [argument.split(": ")[0]]
    else:
        files = [word for word in argument.replace(": ", " ").split() if (root / word).is_file()]
    if not files or not all((root / file).is_file() for file in files):
        return None
    caption = marked_title()
    if keyword == "edit":
        caption += nodes.inline("", "to change in ", classes=["aside"])
    for index, file in enumerate(files):
        if index:
            caption += nodes.Text(" → ")
        line = position(root, file, block) if keyword == "quote" else None
        caption += sources.link(app, app.env.docname, file, line)
        if line and line > 1:
            caption += nodes.inline("", f"line {line}", classes=["aside"])
    return marked("", caption, block, classes=["marked", "code"], data={})


def marks(doctree):
    """Yields every mark that stands before a block: its node, keyword, argument, and the block."""
    for node in list(doctree.findall(nodes.raw)):
        match = MARK.fullmatch(node.astext().strip())
        block = node.next_node(descend=False, siblings=True)
        if match and isinstance(block, nodes.literal_block):
            yield node, match[1], match[2], block


def add_captions(app, doctree):
    """Replaces the marks of a page by captions over their blocks."""
    roles = {}
    for _, keyword, argument, _ in marks(doctree):
        if keyword == "run":
            run = Run(argument)
            known = roles.setdefault(run.scene, ["server"] if run.server else [])
            known += [] if run.role in known else [run.role]
    for mark, keyword, argument, block in marks(doctree):
        if keyword == "run":
            run = Run(argument)
            figure = terminal(block, run, roles[run.scene])
        else:
            figure = code(app, block, keyword, argument)
        if figure:
            parent = mark.parent
            parent[parent.index(mark) : parent.index(mark) + 2] = [figure]


def offer_copies(app, doctree):
    """Takes the copy button from terminals into which nothing is typed at a prompt."""
    for block in doctree.findall(nodes.literal_block):
        if block.get("language") == "console" and not PROMPT.search(block.astext()):
            block["classes"].append("no-copy")


def print_boxes(app, doctree):
    """Shows the boxes of a checklist as characters: nobody could tick them, and they have no name."""
    for node in list(doctree.findall(nodes.raw)):
        if "task-list-item-checkbox" in node.astext():
            box = "☑" if "checked" in node.astext() else "☐"
            node.replace_self(nodes.inline("", f"{box} ", classes=["box"]))


def setup(app):
    """Registers the extension. Captions come before Sphinx collects what is to be copied."""
    app.add_node(marked, html=(visit_marked, depart_marked))
    app.add_node(marked_title, html=(visit_marked_title, depart_marked_title))
    app.connect("doctree-read", add_captions, priority=100)
    app.connect("doctree-read", offer_copies)
    app.connect("doctree-read", print_boxes)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
