# SPDX-License-Identifier: Apache-2.0
"""What only a script can do: play a scene, filter the matrix, copy what is to be typed."""

import re

import pytest
from conftest import SITE
from test_pages import soup, sources

PAGES = [str(path.with_suffix(".html")) for path in sources()]
WITH_SCENES = [page for page in PAGES if soup(page).select_one("figure.terminal")]
WITH_TERMINALS = [page for page in PAGES if soup(page).select_one("div.highlight-console")]
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


def folded(page):
    """Returns the scenes that begin in the open and have an answer that is folded away."""
    return page.evaluate(
        """() => [...Map.groupBy(document.querySelectorAll("figure.terminal"), (figure) => figure.dataset.scene)]
            .filter(([, figures]) => !figures[0].closest("details") && figures.some((f) => f.closest("details")))
            .map(([name]) => name)"""
    )


WITH_FOLDS = [page for page in WITH_SCENES if soup(page).select_one("details figure.terminal")]


@pytest.mark.parametrize("address", WITH_FOLDS)
def test_player_asks_before_it_answers(page, address):
    """A folded answer has a button that says so; the page shows it from then on, and gets the focus back."""
    page.goto((SITE / address).as_uri())
    for scene in folded(page):
        block = page.locator(f'figure[data-scene="{scene}"]')
        answers = page.locator("details:not([open])", has=block)
        hidden = answers.count()
        assert hidden > 0
        block.locator("button.play").first.click()
        player = page.locator("dialog[open]")
        while player.get_by_role("button", name="Show the answer").count() == 0:
            assert answers.count() == hidden
            player.get_by_role("button", name="Next step").click()
        player.get_by_role("button", name="Show the answer").click()
        assert answers.count() == hidden - 1
        assert page.locator("details[open] figure.terminal:visible").count() > 0
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.matches('details[open] button.play')")


def test_player_says_what_it_shows(page):
    """Who can't see the lanes is told the step, the terminal and its new lines."""
    page.goto((SITE / WITH_SCENES[0]).as_uri())
    page.locator("button.play").first.click()
    player = page.locator("dialog[open]")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        said = player.get_by_role("status").text_content()
        assert said.startswith(player.locator(".count").text_content())
        assert player.locator(".lane.current h3").text_content() in said
        assert player.locator(".portion.current").text_content().strip() in said


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


def typed(text):
    """Returns what stands behind the prompts of a block, and the lines that continue such a line."""
    result, continues = [], False
    for line in text.splitlines():
        prompt = re.match(r"\$ |\(lldb\) ", line)
        if prompt or continues:
            result.append(line[prompt.end() :] if prompt else line)
            continues = line.endswith("\\")
    return result


@pytest.mark.parametrize("address", WITH_TERMINALS)
def test_copy_takes_commands_only(page, address):
    """What is copied from a terminal is what stands behind its prompts; without a prompt, nothing can be."""
    page.goto((SITE / address).as_uri())
    for block in page.locator("div.highlight-console").all():
        button = block.locator("button.copybtn")
        lines = typed(block.locator("pre").text_content())
        assert button.count() == bool(lines)
        if lines:
            # Some are in folded answers, where no pointer reaches them.
            button.evaluate("button => button.click()")
            assert page.evaluate("navigator.clipboard.readText()").split("\n") == lines


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


def test_matrix_remembers_what_was_chosen(matrix):
    """A reload, the way back from another page, and the address itself keep the rows that were chosen."""
    chosen = matrix.locator("form.filter input:checked")
    matrix.get_by_role("group", name="Stage").get_by_label("3", exact=True).check()
    matrix.get_by_label("≠ differs by design").check()
    shown = matrix.locator("form.filter output").text_content()
    address = matrix.url
    for go in (matrix.reload, lambda: (matrix.goto("about:blank"), matrix.go_back()), lambda: matrix.goto(address)):
        go()
        assert [radio.get_attribute("value") for radio in chosen.all()] == ["3", "differs by design"]
        assert matrix.locator("form.filter output").text_content() == shown


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
