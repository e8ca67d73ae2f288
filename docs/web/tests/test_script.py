# SPDX-License-Identifier: Apache-2.0
"""What only a script can do: play a scene, filter the matrix, copy what is to be typed."""

import re

import pytest
from conftest import SITE
from test_pages import soup, sources

PAGES = [str(path.with_suffix(".html")) for path in sources()]
WITH_SCENES = [page for page in PAGES if soup(page).select_one("figure.terminal")]
WITH_ANSWERS = next(page for page in PAGES if soup(page).select_one("article details"))


def scenes(page):
    """Unfolds what is folded, and returns the names of the scenes that can be played."""
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })")
    return page.evaluate(
        """() => [...document.querySelectorAll("button.play")]
            .filter((button) => button.textContent.includes("scene"))
            .map((button) => button.closest("figure").dataset.scene)"""
    )


def blocks(page, scene):
    """Returns what the page shows of each terminal of a scene, blocks joined in their order."""
    shown = {}
    for figure in page.locator(f'figure.terminal[data-scene="{scene}"]').all():
        title, text = figure.get_attribute("data-title"), figure.locator("pre").text_content()
        shown[title] = shown.get(title, "") + text.rstrip("\n") + "\n"
    return shown


def without_halves(text):
    """Drops a call that had not returned yet when its line stands below, whole."""
    lines = text.splitlines()
    whole = [
        line for line, following in zip(lines, [*lines[1:], ""])
        if not (following.startswith(line) and line.count("(") > line.count(")") and following != line)
    ]  # fmt: skip
    return "\n".join(whole) + "\n"


@pytest.mark.parametrize("address", WITH_SCENES)
def test_keyboard_plays_every_scene(page, address):
    """Keys alone open a scene, play it to its end and leave; what it shows is what the page shows."""
    page.goto((SITE / address).as_uri())
    for scene in scenes(page):
        button = page.locator(f'figure[data-scene="{scene}"] button.play').first
        button.focus()
        page.keyboard.press("Enter")
        player = page.locator("dialog[open]")
        seen = int(re.search(r"of (\d+)", player.locator(".count").text_content())[1])
        assert seen > 1
        assert player.locator(".lane.current").count() == 1
        for step in range(2, seen + 1):
            page.keyboard.press("ArrowRight")
            assert player.locator(".count").text_content() == f"step {step} of {seen}"
            assert player.locator(".portion.current").is_visible()
        for lane in player.locator(".lane").all():
            title = lane.locator("h3").text_content()
            lines = lane.locator(".line:visible").all_text_contents()
            assert "".join(lines) == without_halves(blocks(page, scene)[title])
        page.keyboard.press("Home")
        assert player.locator(".count").text_content() == f"step 1 of {seen}"
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0
        assert page.evaluate("document.activeElement.className") == "play"


def test_queues_are_what_ss_shows(page):
    """The panel's figures are those of the rows that the scene looks at."""
    address = next(a for a in WITH_SCENES if re.search(r"\bss\b[^\n]*-\w*t", soup(a).get_text()))
    page.goto((SITE / address).as_uri())
    seen = 0
    for scene in scenes(page):
        page.locator(f'figure[data-scene="{scene}"] button.play').first.click()
        player = page.locator("dialog[open]")
        total = int(re.search(r"of (\d+)", player.locator(".count").text_content())[1])
        for _ in range(total):
            rows = [
                re.match(r"(?:[A-Z][A-Z0-9-]+ +)?(\d+) +(\d+) +\S+:\d+ +(\S+:\S+)", line)
                for line in player.locator(".portion.current .line").all_text_contents()
            ]
            if any(rows) and "ss " in player.locator(".portion.current .input").first.text_content():
                shown = [row.groups()[: 1 if row[3].endswith("*") else 2] for row in rows if row]
                wanted = [figure for row in shown for figure in row]
                figures = player.locator(".panel.current .queue b").all_text_contents()
                assert [figure.replace(",", "") for figure in figures] == wanted
                seen += 1
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Escape")
    assert seen > 0


def test_swipe(chromium):
    """On a phone, a swipe goes on, another back, and the player fits."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    page = context.new_page()
    address = next(a for a in WITH_SCENES if len(soup(a).select("figure.terminal")) > 3)
    page.goto((SITE / address).as_uri())
    page.locator("button.play").first.tap()
    count = page.locator("dialog[open] .count")
    touch = context.new_cdp_session(page)

    def swipe(start, end):
        for kind, points in (("touchStart", [start]), ("touchMove", [end]), ("touchEnd", [])):
            points = [{"x": x, "y": 300} for x in points]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    swipe(300, 100)
    assert count.text_content().startswith("step 2 ")
    swipe(100, 300)
    assert count.text_content().startswith("step 1 ")
    swipe(100, 120)
    assert count.text_content().startswith("step 1 ")
    assert page.evaluate("document.querySelector('dialog[open]').scrollWidth <= innerWidth")
    context.close()


def test_keyboard_opens_an_answer(page):
    """An answer opens by keyboard, and by a link to a place inside it."""
    page.goto((SITE / WITH_ANSWERS).as_uri())
    summary = page.locator("article summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert summary.locator("xpath=..").get_attribute("open") is not None


def test_copy_takes_commands_only(page):
    """What is copied from a terminal is what stands behind its prompts."""
    page.goto((SITE / WITH_SCENES[0]).as_uri())
    block = page.locator("figure.terminal:has(.gp):has(.go) .highlight").first
    block.hover()
    block.locator("button.copybtn").click()
    lines = block.locator("pre").text_content().splitlines()
    commands = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    assert page.evaluate("navigator.clipboard.readText()").splitlines() == commands
    for address in WITH_SCENES:
        page.goto((SITE / address).as_uri())
        assert page.locator("figure.terminal:not(:has(.gp)) button.copybtn").count() == 0


@pytest.fixture
def matrix(page):
    """The page of the matrix."""
    page.goto((SITE / "docs/conformance.html").as_uri())
    return page


def test_matrix_is_filtered(matrix):
    """Rows and columns are those of the chosen stage and kind, and the count says how many."""
    rows = matrix.locator("table.matrix tbody tr:visible")
    everything = rows.count()
    matrix.get_by_role("group", name="Stage").get_by_label("1", exact=True).check()
    assert rows.count() == everything
    assert matrix.locator("table.matrix:visible thead th:visible").all_text_contents()[1] == "1"
    assert rows.first.locator("td:visible").count() == 2
    matrix.get_by_label("✗ a limitation").check()
    cells = [text.strip()[0] for text in rows.locator("td:visible:nth-child(2)").all_inner_texts()]
    assert 0 < len(cells) < everything
    assert set(cells) == {"✗"}
    assert matrix.locator("form.filter output").text_content() == f"{len(cells)} of {everything} rows"


def test_a_cell_tells_what_happens_instead(matrix):
    """Every cell with a note opens it, by keyboard too; Escape closes it."""
    noted = soup("docs/conformance.html").select("table td sup")
    assert noted
    assert matrix.locator("button.cell:has(sup)").count() == len(noted)
    for cell in matrix.locator("button.cell:has(sup)").all():
        cell.focus()
        matrix.keyboard.press("Enter")
        card = matrix.locator(".instead:popover-open")
        assert re.search(r"Instead: .{5}", card.text_content())
        matrix.keyboard.press("Escape")
        assert card.count() == 0
