# SPDX-License-Identifier: Apache-2.0
"""The slides of the day: how Sphinx makes them. `docs/web/edition slides` runs it."""

project = "Six servers in a day"
author = "the authors of the workbook"
language = "en"

extensions = ["myst_parser", "sphinx_revealjs"]
root_doc = "day"
smartquotes = False

revealjs_style_theme = "white"
revealjs_html_theme = "revealjs-simple"
revealjs_static_path = ["static"]
revealjs_css_files = ["slides.css"]
# A room has 16:9 projectors; the text is sized for its last row.
revealjs_script_conf = {"width": 1280, "height": 720, "margin": 0.06, "hash": True, "transition": "none"}
revealjs_script_plugins = [
    {"name": "RevealNotes", "src": "revealjs/plugin/notes/notes.js"},
    {"name": "RevealHighlight", "src": "revealjs/plugin/highlight/highlight.js"},
]
revealjs_css_files += ["revealjs/plugin/highlight/zenburn.css"]
