# SPDX-License-Identifier: Apache-2.0
"""The command itself, in a small workbook of its own: what goes wrong in it must not pass for well."""

import os
import shutil
import socket
import subprocess

import pytest
from conftest import ROOT

PACKAGES = ".build-web/python"


@pytest.fixture
def workbook(tmp_path):
    """A folder, with a blank in its path, that has one page, the command, and a test that passes."""
    folder = tmp_path / "a workbook"
    web = folder / "docs/web"
    shutil.copytree(ROOT / "docs/web", web, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    shutil.copytree(ROOT / "docs/slides", folder / "docs/slides")
    (web / "tests").mkdir()
    (web / "tests/test_nothing.py").write_text("def test_nothing():\n    pass\n")
    (folder / "README.md").write_text("# A workbook\n\nA page.\n")
    return folder


def with_packages(folder):
    """Lends the folder the packages with which this very test runs."""
    (folder / PACKAGES).parent.mkdir()
    (folder / PACKAGES).symlink_to(ROOT / PACKAGES)


def edition(folder, *words, **variables):
    """Runs the command from another folder; returns what it said, and its exit status."""
    done = subprocess.run(
        [folder / "docs/web/edition", *words],
        cwd="/", env=os.environ | variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
    )  # fmt: skip
    return done.stdout, done.returncode


def test_packages_that_could_not_be_had(workbook):
    """Without a network, nothing is built, and nothing tells the next call that they are there."""
    said, status = edition(workbook, "build", PIP_NO_INDEX="1")
    assert status != 0
    assert "No matching distribution found" in said
    assert "Built" not in said
    assert not (workbook / PACKAGES / "requirements.txt").exists()


@pytest.mark.parametrize("word", ["build", "test"])
def test_a_warning_is_an_error(workbook, word):
    """A page with a dead link ends the command before anything is tested."""
    with_packages(workbook)
    (workbook / "README.md").write_text("# A workbook\n\n[Nowhere](nowhere.md)\n")
    said, status = edition(workbook, word)
    assert status != 0
    assert "nowhere.md" in said
    assert "Built" not in said and "passed" not in said


def test_a_pdf_that_could_not_be_printed(workbook):
    """A browser that doesn't start is an error, and not the same as none."""
    with_packages(workbook)
    said, status = edition(workbook, "build", CHROMIUM="/bin/false")
    assert status != 0
    assert "Without Chromium" not in said


def test_words_that_it_does_not_know(workbook):
    """Help is help; a word that is none of the command's gets the list, and an exit status."""
    for word in ("help", "-h", "--help"):
        said, status = edition(workbook, word)
        assert status == 0 and said.startswith("usage:")
    said, status = edition(workbook, "biuld")
    assert status == 64 and said.startswith('There is no command "biuld".') and "usage:" in said


def test_a_port_that_is_taken(workbook):
    """A port that somebody has, and one that is none, get a sentence and not a traceback."""
    site = workbook / ".build-web/site"
    site.mkdir(parents=True)
    (site / "index.html").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for port in (str(taken.getsockname()[1]), "80x"):
            said, status = edition(workbook, "serve", port)
            assert status == 1
            assert said == f"Port {port} is not to be had. Another one: docs/web/edition serve 8001\n"


def test_a_site_that_is_older_than_a_page(workbook):
    """What is served is what the pages say now; a site that is up to date is not built again."""
    with_packages(workbook)
    site = workbook / ".build-web/site"
    site.mkdir(parents=True)
    first = site / "index.html"
    first.touch()
    page = workbook / "README.md"
    page.write_text("# A workbook\n\nA page that has changed.\n")
    # A browser that doesn't start ends a build; a port that is none ends what has nothing to build.
    for seconds, end in [(-1, "Could not print"), (1, "Port 80x is not to be had")]:
        first.write_text("as it was before")
        os.utime(first, (page.stat().st_mtime + seconds,) * 2)
        said, status = edition(workbook, "serve", "80x", CHROMIUM="/bin/false")
        assert status == 1 and end in said
        assert ("A page that has changed." in first.read_text()) == (seconds < 0)
