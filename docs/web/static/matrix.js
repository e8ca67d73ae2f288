// SPDX-License-Identifier: Apache-2.0
// The behaviour matrix: shown by stage and by kind, and each cell says what happens instead. Any table
// whose columns are numbered like stages is one.
"use strict";

(() => {
  const KINDS = { "✓": "holds", "≠": "differs by design", "✗": "a limitation", "·": "does not apply" };

  const make = (tag, attributes = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...children);
    return node;
  };

  /** The notes below a table, by their letter: `<sup>a</sup> what happens instead.<br>`. */
  const notesBelow = (wrapper) => {
    const notes = new Map();
    const paragraph = wrapper.nextElementSibling;
    if (!paragraph?.matches("p:has(> sup:first-child)")) return notes;
    for (const sup of paragraph.querySelectorAll("sup")) {
      let text = "";
      for (let node = sup.nextSibling; node && node.nodeName !== "SUP"; node = node.nextSibling) {
        text += node.textContent;
      }
      notes.set(sup.textContent, text.trim());
    }
    return notes;
  };

  /** What a sign stands for, with the stage that lifts a limitation. */
  const meaning = (kind, sign) => {
    if (kind !== "a limitation") return kind;
    const lifter = /\d/.exec(sign)?.[0];
    return lifter ? `a limitation, lifted by stage ${lifter}` : "a limitation, lifted in an exercise";
  };

  /** The sidebar's link to the chapter of a stage, of the one that lifts a limitation. */
  const chapterOf = (stage) =>
    stage && document.querySelector(`.sidebar-tree :is(a[href^="${stage}-"], a[href*="/${stage}-"])`);

  let count = 0;

  /** Makes a button of the cell's sign, which opens what happens instead. */
  const open = (cell, row, stage, kind, note) => {
    const sign = cell.firstChild.textContent.trim();
    const id = `cell-${(count += 1)}`;
    const button = make("button", { type: "button", className: "cell" }, ...cell.childNodes);
    button.setAttribute("popovertarget", id);
    button.ariaLabel = `Stage ${stage}: ${meaning(kind, sign)}. What happens instead?`;
    button.style.anchorName = `--${id}`;
    const card = make("div", { id, className: "instead", popover: "auto" },
      make("b", { textContent: row }),
      make("span", { textContent: `Stage ${stage}: ${meaning(kind, sign)}.` }));
    if (note) card.append(make("span", { textContent: `Instead: ${note}` }));
    const chapter = chapterOf(/\d/.exec(sign)?.[0]);
    if (chapter) card.append(make("span", {}, "Read: ", make("a", { href: chapter.href, textContent: chapter.textContent })));
    card.style.positionAnchor = `--${id}`;
    cell.replaceChildren(button, card);
  };

  const matrices = [...document.querySelectorAll("article table")].filter((table) => {
    const [, ...stages] = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
    return stages.length > 1 && stages.every((name, index) => name === `${index + 1}`);
  });
  const rows = matrices.flatMap((table) => {
    table.classList.add("matrix");
    const notes = notesBelow(table.closest(".table-wrapper") ?? table);
    return [...table.tBodies[0].rows].map((row) => {
      const [title, ...cells] = row.cells;
      const kinds = cells.map((cell, index) => {
        const kind = KINDS[cell.textContent.trim()[0]];
        const note = notes.get(cell.querySelector("sup")?.textContent);
        if (kind && (note || kind !== "holds")) open(cell, title.textContent, index + 1, kind, note);
        return kind;
      });
      return { row, kinds };
    });
  });
  // A handful of rows can be seen at a glance.
  if (rows.length < 20) return;

  /** A group of radio buttons. */
  const choice = (name, title, options) => make("fieldset", {}, make("legend", { textContent: title }),
    ...options.map(([value, text], index) => make("label", {},
      make("input", { type: "radio", name, value, checked: index === 0 }), text)));

  const stages = rows[0].kinds.map((_, index) => [`${index + 1}`, `${index + 1}`]);
  const kinds = Object.entries(KINDS).map(([sign, name]) => [name, `${sign} ${name}`]);
  const result = make("output");
  const form = make("form", { className: "filter" },
    choice("stage", "Stage", [["", "all"], ...stages]),
    choice("kind", "What comes of it", [["", "all"], ...kinds]), result);

  const filter = () => {
    const { stage, kind } = Object.fromEntries(new FormData(form));
    let shown = 0;
    for (const { row, kinds } of rows) {
      const looked = stage ? [kinds[stage - 1]] : kinds;
      row.hidden = Boolean(kind) && !looked.includes(kind);
      shown += row.hidden ? 0 : 1;
    }
    for (const table of matrices) {
      for (const row of table.rows) {
        for (const [index, cell] of [...row.cells].entries()) {
          cell.hidden = Boolean(stage) && index > 0 && index !== Number(stage);
        }
      }
      table.classList.toggle("empty", [...table.tBodies[0].rows].every((row) => row.hidden));
    }
    result.textContent = `${shown} of ${rows.length} rows`;
  };

  // The choice is in the address: it survives a reload and the way back, and can be handed on.
  for (const [name, value] of new URLSearchParams(location.search)) {
    for (const input of form.querySelectorAll("input")) {
      if (input.name === name && input.value === value) input.checked = true;
    }
  }
  form.addEventListener("change", () => {
    filter();
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    history.replaceState(null, "", `?${new URLSearchParams(chosen)}${location.hash}`);
  });
  const first = matrices[0].closest("section");
  first.before(form);
  filter();
})();
