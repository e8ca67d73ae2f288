// SPDX-License-Identifier: Apache-2.0
// Plays a scene: its terminals side by side, one input at a time. It knows nothing but the blocks of the
// page, which the book's checks have typed and compared with what the programs answered.
"use strict";

(() => {
  const make = (tag, attributes = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...children);
    return node;
  };

  // ---- From the page: a scene is a list of steps. -------------------------------------------------

  /** The lines of a block, each with whether a reader types it. */
  const linesOf = (figure) => {
    const typed = new Set(JSON.parse(figure.dataset.typed));
    const text = figure.querySelector("pre").textContent.replace(/\n$/, "");
    return text.split("\n").map((line, index) => ({
      text: line,
      input: typed.has(index + 1) || /^(\$ |\^C|\^D|\^Z)/.test(line),
    }));
  };

  /** The lines, cut before each input. */
  const portions = (lines) => {
    const result = [];
    for (const line of lines) {
      if (line.input || result.length === 0) result.push([]);
      result.at(-1).push(line);
    }
    return result;
  };

  /** The paragraphs that stand right before (or, with the other neighbour, right after) a block. */
  const prose = (figure, neighbour) => {
    const found = [];
    let node = figure[neighbour];
    while (node?.matches("p, ul, ol") && !node.querySelector("img")) {
      found.push(node);
      node = node[neighbour];
    }
    return neighbour === "previousElementSibling" ? found.reverse() : found;
  };

  /** The steps of a scene, in the order in which they were played. */
  const stepsOf = (figures) => {
    const now = [];
    const later = [];
    for (const figure of figures) {
      const lines = linesOf(figure);
      const first = Number(figure.dataset.first ?? lines.length);
      const add = (list, part, words) => {
        for (const portion of portions(part)) {
          list.push({ figure, role: figure.dataset.role, lines: portion, words });
        }
      };
      add(now, lines.slice(0, first), prose(figure, "previousElementSibling"));
      if (first < lines.length) add(later, lines.slice(first), []);
    }
    const steps = [...now, ...later];
    steps.at(-1).after = prose(figures.at(-1), "nextElementSibling");
    // What the page folds away is an answer. The step before it asks for it.
    for (const [index, step] of steps.entries()) {
      const fold = step.figure.closest("details");
      const previous = steps[index - 1];
      if (fold && previous && previous.figure.closest("details") !== fold) previous.asks = fold;
    }
    return steps;
  };

  /** A call that blocks in the middle of its line: the terminal's next portion has the line whole. */
  const isUnfinished = (line, next) =>
    next && !line.input && next.text.length > line.text.length && next.text.startsWith(line.text)
    && line.text.split("(").length > line.text.split(")").length;

  // ---- What the kernel holds: rows of `ss`. -------------------------------------------------------

  const ROW = /^(?:([A-Z][A-Z0-9-]+)\s+)?(\d+)\s+(\d+)\s+(\S+:\d+)\s+(\S+:(?:\d+|\*))\s*(.*)$/;

  /** The sockets that a step's `ss` has listed; none for any other command. */
  const socketsOf = ({ lines }) => {
    if (!/^\$ .*\bss\s/.test(lines[0].text)) return [];
    const namesProcesses = /\bss\s.*-\w*p/.test(lines[0].text);
    return lines.flatMap(({ text }) => {
      const match = ROW.exec(text);
      if (!match) return [];
      const [, state = "", received, sent, local, peer, rest] = match;
      const owner = /\(\("([^"]+)",pid=\d+,fd=(\d+)\)/.exec(rest);
      return [{
        state, local, peer,
        received: Number(received), sent: Number(sent),
        listens: peer.endsWith(":*"),
        owner: owner ? `${owner[1]}, descriptor ${owner[2]}` : namesProcesses ? "no process has it" : "",
      }];
    });
  };

  const bar = (what, value, most) => {
    const fill = make("span", { className: "fill" });
    fill.style.width = value ? `max(4px, ${(100 * value) / most}%)` : "0";
    const amount = make("b", { textContent: value.toLocaleString("en") });
    return make("div", { className: "queue" },
      make("span", { className: "what" }, what, " ", amount),
      make("span", { className: "bar", ariaHidden: "true" }, fill));
  };

  const socketView = (socket, most) => {
    const title = socket.listens ? `listens on ${socket.local}` : `${socket.local} ← ${socket.peer}`;
    const note = [socket.state, socket.owner].filter(Boolean).join(" · ");
    const view = make("li", {}, make("b", { textContent: title }), make("small", { textContent: note }));
    view.append(...(socket.listens
      ? [bar(`accept queue, of ${socket.sent}:`, socket.received, Math.max(socket.sent, 1))]
      : [bar("bytes received, not read:", socket.received, most),
        bar("bytes sent, not acknowledged:", socket.sent, most)]));
    return view;
  };

  /** The panel for one look at the sockets; bars are to the scale of the whole scene. */
  const kernelView = (sockets, step, most) =>
    make("section", { className: "kernel", ariaLabel: "What the kernel holds" },
      make("h3", { textContent: `What the kernel holds, as seen in step ${step + 1}` }),
      make("ul", {}, ...sockets.map((socket) => socketView(socket, most))));

  // ---- The player. --------------------------------------------------------------------------------

  /** Copies of paragraphs, without what may be on a page only once. */
  const copies = (nodes) => nodes.map((node) => {
    const copy = node.cloneNode(true);
    for (const marked of [copy, ...copy.querySelectorAll("[id]")]) marked.removeAttribute("id");
    return copy;
  });

  const laneOf = (steps, role) => {
    const { dataset, classList } = steps.find((step) => step.role === role).figure;
    const tone = [...classList].find((name) => name.startsWith("tone-"));
    const screen = make("pre", { tabIndex: 0 });
    const mine = steps.filter((step) => step.role === role);
    for (const [index, step] of mine.entries()) {
      const next = mine[index + 1];
      step.view = make("span", { className: "portion" });
      for (const line of step.lines) {
        const className = line.input ? "line input" : "line";
        const view = make("span", { className, textContent: `${line.text}\n` });
        if (line === step.lines.at(-1) && isUnfinished(line, next?.lines[0])) next.replaces = view;
        step.view.append(view);
      }
      screen.append(step.view);
    }
    return make("section", { className: `lane ${tone}`, role: "region", ariaLabel: dataset.title },
      make("h3", { textContent: dataset.title }), screen);
  };

  class Player {
    constructor(name, figures) {
      this.steps = stepsOf(figures);
      const roles = [...new Set(this.steps.map((step) => step.role))];
      this.lanes = new Map(roles.map((role) => [role, laneOf(this.steps, role)]));
      const looks = this.steps.map(socketsOf);
      const queues = looks.flat().filter((socket) => !socket.listens);
      const most = Math.max(1, ...queues.flatMap(({ received, sent }) => [received, sent]));
      this.kernel = looks.map((sockets, step) => sockets.length && kernelView(sockets, step, most));
      this.build(figures[0].closest("section").querySelector("h1, h2, h3, h4"), name);
    }

    build(heading, name) {
      const named = heading.cloneNode(true);
      named.querySelector(".headerlink")?.remove();
      const title = make("h2", { id: `scene-${name}`, textContent: named.textContent });
      this.count = make("span", { className: "count" });
      this.words = make("div", { className: "words" });
      this.words.setAttribute("aria-live", "polite");
      // Who doesn't see the lanes hears which terminal says what.
      this.said = make("p", { className: "visually-hidden", role: "status" });
      this.panel = make("div", { className: "panel" });
      const button = (textContent, label, action) => {
        const result = make("button", { type: "button", textContent, ariaLabel: label });
        result.addEventListener("click", action);
        return result;
      };
      this.back = button("← Back", "Back, one step", () => this.show(this.at - 1));
      this.next = button("Next →", "Next step", () => this.show(this.at + 1));
      const keys = make("small", { textContent: "← and → on the keyboard, or swipe" });
      const close = button("✕", "Close", () => this.dialog.close());
      close.className = "close";
      this.dialog = make("dialog", { className: "player" },
        make("header", {}, title, this.count, close),
        this.said,
        this.words,
        make("div", { className: "lanes" }, ...this.lanes.values()),
        this.panel,
        make("footer", {}, this.back, keys, this.next));
      this.dialog.setAttribute("aria-labelledby", title.id);
      this.dialog.addEventListener("keydown", (event) => this.press(event));
      this.dialog.addEventListener("close", () => this.leave());
      this.listenForSwipes();
      document.body.append(this.dialog);
    }

    /** Opens the player at the first step of a block. */
    open(figure) {
      this.dialog.showModal();
      this.show(this.steps.findIndex((step) => step.figure === figure));
      this.next.focus();
    }

    show(index) {
      this.at = Math.max(0, Math.min(index, this.steps.length - 1));
      const current = this.steps[this.at];
      for (const [number, step] of this.steps.entries()) {
        step.view.hidden = number > this.at;
        step.view.classList.toggle("current", step === current);
        if (step.replaces) step.replaces.hidden = number <= this.at;
      }
      for (const [role, lane] of this.lanes) lane.classList.toggle("current", role === current.role);
      const seen = this.kernel.slice(0, this.at + 1).findLast(Boolean);
      this.panel.replaceChildren(...(seen ? [seen] : []));
      this.panel.classList.toggle("current", seen === this.kernel[this.at]);
      this.scroll(current.view);
      this.speak(current);
      // A button that is disabled loses the focus, and the keys with it.
      this.back.setAttribute("aria-disabled", this.at === 0);
      this.next.setAttribute("aria-disabled", this.at === this.steps.length - 1);
    }

    /** Says which step this is, what the page says to it, and, before an answer, what it asks. */
    speak(step) {
      // What has been played is no secret any more, and the page has a place to come back to.
      const folds = this.steps.slice(0, this.at + 1).map(({ figure }) => figure.closest("details"));
      for (const fold of folds) fold?.setAttribute("open", "");
      const asks = step.asks && !step.asks.open;
      const question = asks ? prose(step.asks, "previousElementSibling") : [];
      this.words.replaceChildren(...copies([...step.words, ...question, ...(step.after ?? [])]));
      this.next.textContent = asks ? "Show the answer →" : "Next →";
      this.next.ariaLabel = asks ? "Show the answer" : "Next step";
      const text = step.lines.map((line) => line.text).join("\n");
      this.count.textContent = `step ${this.at + 1} of ${this.steps.length}`;
      this.said.textContent = `${this.count.textContent}, ${step.figure.dataset.title}: ${text}`;
    }

    /** Shows the end of every terminal, and of the one in use the beginning of what is new. */
    scroll(portion) {
      for (const screen of this.dialog.querySelectorAll(".lane pre")) screen.scrollTop = screen.scrollHeight;
      const screen = portion.closest("pre");
      const above = screen.getBoundingClientRect().top - portion.getBoundingClientRect().top;
      if (above > 0) screen.scrollTop -= above;
    }

    press(event) {
      const target = {
        ArrowRight: this.at + 1, ArrowLeft: this.at - 1, Home: 0, End: this.steps.length - 1,
      }[event.key];
      if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.show(target);
    }

    listenForSwipes() {
      let start;
      this.dialog.addEventListener("touchstart", ({ touches }) => {
        start = touches.length === 1 ? touches[0] : undefined;
      }, { passive: true });
      this.dialog.addEventListener("touchend", ({ changedTouches: [end] }) => {
        if (!start) return;
        const across = end.clientX - start.clientX;
        const along = end.clientY - start.clientY;
        if (Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(along)) {
          this.show(this.at - Math.sign(across));
        }
      });
    }

    /** Goes back to the page, to the block that was shown last. */
    leave() {
      const { figure } = this.steps[this.at];
      figure.scrollIntoView({ block: "center" });
      figure.querySelector("button.play").focus({ preventScroll: true });
    }
  }

  // ---- A button on every block of a scene; one block alone is read faster than played. ------------

  const scenes = Map.groupBy(document.querySelectorAll("figure.terminal"), ({ dataset }) => dataset.scene);
  for (const [name, figures] of scenes) {
    if (figures.length < 2) continue;
    let player;
    for (const figure of figures) {
      const isFirst = figure === figures[0];
      const play = make("button", { type: "button", className: "play" });
      play.textContent = isFirst ? "▶ Play the scene" : "▶";
      play.ariaLabel = isFirst ? "Play the scene" : `Play the scene from here, ${figure.dataset.title}`;
      play.title = isFirst ? "" : "Play the scene from here";
      play.addEventListener("click", () => {
        player ??= new Player(name, figures);
        player.open(figure);
      });
      figure.querySelector("figcaption").append(play);
    }
  }
})();
