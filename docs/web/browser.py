# SPDX-License-Identifier: Apache-2.0
"""Finds a Chromium and starts it: Debian's, or any other that the system has."""

import os
import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


def path():
    """Returns the program's path, from the variable CHROMIUM or by its usual names; None if there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium():
    """Starts the browser, and ends it."""
    # Its sandbox refuses to work for root, as whom containers run. It loads nothing but our own pages.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), chromium_sandbox=not is_root)
        try:
            yield browser
        finally:
            browser.close()
