// SPDX-License-Identifier: Apache-2.0
// What every page needs and no style sheet can do. Without script, the page reads the same.
"use strict";

// From a file, a search finds pages, but a browser won't let it read excerpts out of them.
if (location.protocol === "file:" && globalThis.DOCUMENTATION_OPTIONS) {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}

// A search is for words. A page that has them side by side, as they were typed, shows where, and comes first.
if (typeof Search !== "undefined") {
  const summaryOfWords = Search.makeSearchSummary;
  Search.makeSearchSummary = (html, words, anchor) => {
    const phrase = new URLSearchParams(location.search).get("q").trim().toLowerCase();
    const text = Search.htmlToText(html, anchor).replace(/\s+/g, " ");
    const at = text.toLowerCase().indexOf(phrase);
    if (at < 0) return summaryOfWords(html, words, anchor);
    const summary = document.createElement("p");
    summary.className = "context phrase";
    summary.textContent = `… ${text.slice(Math.max(at - 120, 0), at + 120).trim()} …`;
    return summary;
  };
}

// The parts of the sidebar are headings, of a level that Sphinx forgets to say.
for (const caption of document.querySelectorAll(".caption[role=heading]")) caption.ariaLevel = "2";

// Two asides need two names.
for (const [drawer, name] of [["sidebar-drawer", "All pages"], ["toc-drawer", "This page"]]) {
  const aside = document.querySelector(`aside.${drawer}`);
  if (aside) aside.ariaLabel = name;
}

// What scrolls sideways can be reached by keyboard. Whether it scrolls depends on the window.
const scrollers = document.querySelectorAll("article pre, article .table-wrapper");
const watcher = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const scrolls = target.scrollWidth > target.clientWidth;
    target.toggleAttribute("tabindex", scrolls);
    if (scrolls) target.tabIndex = 0;
  }
});
for (const scroller of scrollers) watcher.observe(scroller);

// A browser that prints without knowing how to style an answer's contents unfolds it this way.
if (!CSS.supports("selector(::details-content)")) {
  const folded = new Set();
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details:not([open])")) {
      folded.add(details);
      details.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
    folded.clear();
  });
}

// A link to a place inside a folded answer unfolds it.
const decoded = (text) => {
  try { return decodeURIComponent(text); } catch { return text; }
};
const unfoldTarget = () => {
  const target = document.getElementById(decoded(location.hash.slice(1)));
  for (let node = target?.closest("details"); node; node = node.parentElement.closest("details")) {
    node.open = true;
  }
  if (target?.closest("details")) target.scrollIntoView();
};
addEventListener("hashchange", unfoldTarget);
unfoldTarget();
