# SPDX-License-Identifier: Apache-2.0
"""What the tests of the edition share: the built site, and a browser."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "docs/web"))

import browser  # noqa: E402  (the folder is on the path only now)

SITE = ROOT / ".build-web/site"


def addresses():
    """Returns every page of the site, as a path below its folder."""
    return sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html") if "_static" not in path.parts)


@pytest.fixture(scope="session")
def chromium():
    """A running browser."""
    with browser.chromium() as running:
        yield running


@pytest.fixture
def page(chromium):
    """A window of its own for one test, with the rights to read what was copied."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900},
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield context.new_page()
    context.close()
