# SPDX-License-Identifier: Apache-2.0
"""The web edition: how Sphinx reads the pages of the workbook. `docs/web/edition build` runs it."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import browser  # noqa: E402  (this folder is on the path only now)
import contents  # noqa: E402
import marks  # noqa: E402

project = "TCP workbook"
author = "the authors of the workbook"
html_title = project
language = "en"

extensions = ["myst_parser", "sphinx_copybutton", "contents", "marks", "pictures", "sources"]
root_doc = "README"
include_patterns = contents.PAGES
# Build folders hold thousands of files that are not ours.
exclude_patterns = [".*", "**/.*"]

# Pages are written for a repository page. They mean what they mean there, and nothing else: no role,
# no target, no comment of MyST's own.
myst_enable_extensions = ["html_image", "strikethrough", "tasklist"]
myst_disable_syntax = ["myst_role", "myst_target", "myst_line_comment", "myst_block_break"]
myst_heading_anchors = 4
# What is typed must not get typographic quotes, and prose would get them only where no HTML is.
smartquotes = False

# Copy takes what a reader types: the lines behind a prompt, whole here-documents included.
copybutton_prompt_text = marks.PROMPT.pattern.removeprefix("^")
copybutton_prompt_is_regexp = True
copybutton_copy_empty_lines = False
copybutton_here_doc_delimiter = "EOF"
copybutton_line_continuation_character = "\\"
copybutton_selector = "div:not(.no-copy) > div.highlight > pre"

html_theme = "furo"
html_static_path = ["static"]
html_favicon = "static/icon.svg"
html_css_files = ["edition.css"]
html_js_files = [(name, {"defer": "defer"}) for name in ("page.js", "player.js", "matrix.js")]
templates_path = ["templates"]
# Furo's own, and where the PDFs are.
html_sidebars = {"**": [f"sidebar/{part}.html" for part in (
    "brand", "search", "scroll-start", "navigation", "paper", "scroll-end",
)]}  # fmt: skip
html_context = {"has_paper": bool(browser.path())}
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0b5cad",
        "color-brand-content": "#0b5cad",
        "color-brand-visited": "#6b3fa0",
        "font-stack": 'Signs, ui-sans-serif, system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif',
        "font-stack--monospace": (
            'ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", "DejaVu Sans Mono", monospace'
        ),
    },
    "dark_css_variables": {
        "color-brand-primary": "#6cb6ff",
        "color-brand-content": "#6cb6ff",
        "color-brand-visited": "#c9a5f5",
    },
}
