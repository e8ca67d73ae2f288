"""Draws a run's results as SVG. Each picture brings its own panel, and follows the reader's theme.

    swift run -c release --package-path Tests/Benchmarks bench draw RESULTS.json FOLDER

SPDX-License-Identifier: Apache-2.0
"""

import io
import json
import pathlib
import sys
from textwrap import fill

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend has to be chosen before)
from matplotlib.patches import Patch  # noqa: E402
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter  # noqa: E402

# What a colour is for, on a light page and on a dark one. Those of servers are Okabe's and Ito's, which
# the colour-blind can tell apart.
COLOURS = {
    "panel": ("#ffffff", "#0d1117"), "ink": ("#1f2328", "#e6edf3"), "quiet": ("#57606a", "#9198a1"),
    "faint": ("#d0d7de", "#30363d"), "c": ("#8c959f", "#8b949e"), "stage": ("#d55e00", "#f28e3c"),
    "peer": ("#0072b2", "#56b4e9"), "green": ("#00795a", "#2fc79a"), "pink": ("#b65a90", "#e39cc4"),
    "amber": ("#a87400", "#e8b84a"), "sky": ("#2f86b8", "#9ad3f5"), "brown": ("#86672f", "#c9a76c"),
}
# Drawn in a colour that nothing else has, and replaced by the name: `fill: var(--ink)`.
MARKS = {name: f"#0000{index + 1:02x}" for index, name in enumerate(COLOURS)}
KINDS = {"stage": "a stage of the workbook", "peer": "another design", "c": "C"}
ANSWERS = {"yes": ("stage", "holds"), "no": ("c", "doesn't"), "unclear": ("sky", "rounds disagree")}
LINES = ["c", "stage", "peer", "green", "pink", "amber", "sky", "brown"]

# What is drawn as bars, for a page that shows it: experiment, metric, title, which loads (all if none).
SMALL = ["64 B x 1", "64 B x 50", "64 B x 500"]
BARS = [
    ("roundtrips", "messages/s", "Messages a second", SMALL),
    ("roundtrips", "CPU us/message", "The server's processor time for a message, µs", SMALL),
    ("frames", "messages/s", "Frames a second", []),
    ("beneath", "CPU us/message", "The server's processor time for a message, µs", []),
    ("beneath", "system calls/message", "System calls for a message", []),
]


def style():
    """Sets sizes and colours: 480 pixels wide, text of 15 pixels, which stays text."""
    ink, quiet, faint = MARKS["ink"], MARKS["quiet"], MARKS["faint"]
    plt.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "workbook", "font.family": "sans-serif",
        "font.size": 11, "text.color": ink, "axes.labelcolor": quiet, "axes.edgecolor": faint,
        "axes.facecolor": MARKS["panel"], "figure.facecolor": MARKS["panel"],
        "xtick.color": quiet, "ytick.color": ink, "ytick.labelcolor": ink, "grid.color": faint,
        "axes.axisbelow": True, "axes.spines.top": False, "axes.spines.right": False,
        "axes.titlelocation": "left", "axes.titlesize": 11, "axes.titleweight": "bold",
        "figure.constrained_layout.w_pad": 0.1, "figure.constrained_layout.h_pad": 0.06,
        "axes.labelsize": 10, "xtick.labelsize": 10, "legend.fontsize": 10,
    })


def groups(finding, metric, loads=()):
    """The rows that have the metric, group by group, in the order of the run."""
    found = {}
    for row in finding["rows"]:
        if metric in row["summaries"] and (not loads or row["group"] in loads):
            found.setdefault(row["group"], []).append(row)
    return found


def kind(name):
    """Stages stand out, what is in C steps back."""
    return "stage" if name.startswith("Stage") else "c" if name.startswith("C,") else "peer"


def figure_text(value):
    """A value in three digits: 0.123, 12.3, 12,300."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    if value >= 1000:
        value = float(f"{value:.3g}")
    return f"{value:,.{digits}f}"


def panels_for(found):
    """A panel for every group, and the rows each has room for."""
    heights = []
    for rows in found.values():
        lines = max(fill(row["name"], 20).count("\n") + 1 for row in rows)
        heights.append(len(rows) * (0.25 if lines == 1 else 0.42))
    figure, panels = plt.subplots(
        len(found), 1, squeeze=False, layout="constrained",
        figsize=(5, 0.72 * len(found) + sum(heights) + 0.75),
        height_ratios=[height + 0.3 for height in heights])
    return figure, list(zip(panels.flat, found.items()))


def titled(figure, title, kinds):
    """Puts the title on top, and below everything what the colours mean."""
    figure.suptitle(fill(title, 48), x=0.02, ha="left", fontsize=12)
    shown = [Patch(color=MARKS[name], label=text) for name, text in KINDS.items() if name in kinds]
    if len(shown) > 1:
        figure.legend(handles=shown, loc="outside lower left", ncols=len(shown), frameon=False,
                      handlelength=1, handleheight=1, columnspacing=1.2)


def scale(panel, logarithmic):
    """Few figures along the axis, those of a logarithmic one at 1, 10, 100 or at 1, 3, 10, 30."""
    if logarithmic:
        low, high = panel.get_xlim()
        panel.set_xscale("log")
        panel.set_xlim(low, high)
        panel.xaxis.set_major_locator(LogLocator(subs=(1,) if high > 300 * low else (1, 3)))
        panel.xaxis.set_minor_formatter(NullFormatter())
        panel.set_xlabel("(logarithmic)", loc="right")
    else:
        panel.xaxis.set_major_locator(MaxNLocator(4))
    panel.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    panel.tick_params(which="both", length=0)
    panel.grid(axis="x", linewidth=0.6)


def bars(finding, metric, title, loads):
    """One panel a group, one bar a server, its spread as a line across the end."""
    found = groups(finding, metric, loads)
    figure, panels = panels_for(found)
    for panel, (group, rows) in panels:
        summaries = [row["summaries"][metric] for row in rows]
        values = [summary["median"] for summary in summaries]
        spread = [[s["median"] - s["least"] for s in summaries],
                  [s["greatest"] - s["median"] for s in summaries]]
        panel.barh([fill(row["name"], 20) for row in rows], values, height=0.66, xerr=spread,
                   color=[MARKS[kind(row["name"])] for row in rows],
                   error_kw={"ecolor": MARKS["ink"], "elinewidth": 0.8, "capsize": 2})
        edges = [summary["greatest"] for summary in summaries]
        panel.set_xlim(0, max(edges) * 1.32 or 1)
        scale(panel, False)
        for position, (value, edge) in enumerate(zip(values, edges)):
            panel.annotate(figure_text(value), (edge, position), (4, 0),
                           textcoords="offset points", va="center", fontsize=10)
        panel.set_ylim(len(rows) - 0.5, -0.5)
        panel.set_title(group)
    titled(figure, title, {kind(row["name"]) for rows in found.values() for row in rows})
    return figure


def memory_line(finding):
    """Memory over the number of silent clients, a line for every server."""
    metric = "resident kB each"
    lines = {}
    for group, rows in groups(finding, metric).items():
        for row in rows:
            clients = int(group.split()[0])
            megabytes = row["summaries"][metric]["median"] * clients / 1000
            lines.setdefault(row["name"], []).append((clients, megabytes))
    figure, panel = plt.subplots(figsize=(5, 4.8), layout="constrained")
    for (name, points), hue in zip(lines.items(), LINES):
        panel.plot(*zip(*points), marker="o", markersize=4, color=MARKS[hue], label=name,
                   linewidth=2.4 if name.startswith("Stage") else 1.2)
    panel.set_xlabel("silent clients")
    panel.set_ylabel("memory in use, MB")
    panel.set_xlim(left=0)
    panel.set_ylim(bottom=0)
    panel.xaxis.set_major_locator(MaxNLocator(4))
    panel.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    panel.grid(linewidth=0.6)
    figure.legend(loc="outside lower left", ncols=2, frameon=False, columnspacing=1.2)
    figure.suptitle("Memory over connections", x=0.02, ha="left", fontsize=12)
    return figure


def latency(finding, loads):
    """From the median to the 99.9th percentile: one panel a load, one line a server."""
    metrics = ["p50 us", "p99 us", "p99.9 us"]
    found = groups(finding, metrics[0], loads)
    figure, panels = panels_for(found)
    for panel, (group, rows) in panels:
        for position, row in enumerate(rows):
            values = [row["summaries"][metric]["median"] for metric in metrics]
            hue = MARKS[kind(row["name"])]
            panel.plot(values, [position] * 3, color=hue, linewidth=2)
            for value, marker in zip(values, ["o", "D", "|"]):
                panel.plot(value, position, marker, color=hue, markersize=6, markeredgewidth=2)
        panel.set_yticks(range(len(rows)), [row["name"] for row in rows])
        panel.set_ylim(len(rows) - 0.5, -0.5)
        figures = [row["summaries"][metric]["median"] for row in rows for metric in metrics]
        panel.set_xlim(min(figures) / 1.3, max(figures) * 1.3)
        scale(panel, True)
        panel.set_title(group)
    titled(figure, "Time of a round trip, µs: half take less than ●, 99 % than ◆, 99.9 % than |",
           {kind(row["name"]) for rows in found.values() for row in rows})
    return figure


def long_run(rows):
    """What each server held while random clients came and went, the most of every five seconds."""
    measures = [("resident", 1e6, "Memory in use, MB"), ("descriptors", 1, "Open descriptors"),
                ("threads", 1, "Threads")]
    figure, panels = plt.subplots(3, 1, figsize=(5, 6.6), sharex=True, layout="constrained")
    for panel, (name, unit, title) in zip(panels, measures):
        for row, hue in zip(rows, LINES[1:]):
            most = {}
            for sample in row["samples"]:
                part = sample["second"] // 5
                most[part] = max(most.get(part, 0), sample["usage"][name] / unit)
            panel.plot([(part + 0.5) / 12 for part in most], most.values(), color=MARKS[hue], linewidth=1.6,
                       label=row["stage"])
        panel.set_ylim(bottom=0)
        panel.set_xlim(left=0)
        panel.yaxis.set_major_locator(MaxNLocator(4))
        panel.tick_params(length=0)
        panel.grid(linewidth=0.6)
        panel.set_title(title)
    panels[-1].set_xlabel("minutes")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower left", ncols=2, frameon=False,
                  columnspacing=1.2)
    figure.suptitle(fill(f"{rows[0]['clients']} random clients at a time", 48), x=0.02, ha="left", fontsize=12)
    return figure


def verdicts(lines):
    """What is said, as bars from one to the ratio that was measured."""
    figure, panel = plt.subplots(figsize=(5, 0.46 * len(lines) + 1.1), layout="constrained")
    for position, line in enumerate(lines):
        ratio, hue = line["ratio"], MARKS[ANSWERS[line["answer"]][0]]
        panel.plot([1, ratio], [position, position], color=hue, linewidth=8, solid_capstyle="butt")
        panel.plot(ratio, position, "o", color=hue, markersize=9)
        panel.annotate(f"×{figure_text(ratio)}", (max(ratio, 1), position), (9, 0),
                       textcoords="offset points", va="center", fontsize=10)
        panel.annotate(line["lore"], (0, position - 0.46), xycoords=("axes fraction", "data"), va="center",
                       bbox={"facecolor": MARKS["panel"], "edgecolor": "none", "pad": 1})
    ratios = [line["ratio"] for line in lines]
    panel.set_xlim(min(ratios + [0.5]) / 2, max(ratios) * 12)
    panel.set_ylim(len(lines) - 0.6, -0.8)
    scale(panel, True)
    panel.axvline(1, color=MARKS["quiet"], linewidth=1)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    figure.suptitle("What is said, and how many times it was measured", x=0.02, ha="left", fontsize=12)
    figure.legend(handles=[Patch(color=MARKS[name], label=label) for name, label in ANSWERS.values()],
                  loc="outside lower left", ncols=3, frameon=False, handlelength=1, handleheight=1)
    return figure


def themed(svg):
    """The drawing with names in the place of colours, and both themes' colours for the names."""
    for name, mark in MARKS.items():
        svg = svg.replace(mark, f"var(--{name})")
    light, dark = ("; ".join(f"--{name}: {pair[theme]}" for name, pair in COLOURS.items()) for theme in (0, 1))
    rules = f"svg {{ {light} }} @media (prefers-color-scheme: dark) {{ svg {{ {dark} }} }}"
    return svg.replace("<defs>", f"<style>{rules}</style>\n <defs>", 1)


def main(results, folder, verdict_file=None):
    """Draws all that the results have the figures for."""
    report = json.loads(pathlib.Path(results).read_text())
    pictures = {}
    # A list comes from `campaign long`: a row for each server, with its samples.
    if isinstance(report, list):
        pictures["long-run"] = lambda rows=report: long_run(rows)
        report = {"measured": max(row["measured"] for row in report), "findings": []}
    findings = {finding["name"]: finding for finding in report["findings"]}
    for name, metric, title, loads in BARS:
        if name in findings and groups(findings[name], metric, loads):
            stem = f"{name}-{metric.split('/')[0]}".replace(" ", "-").lower()
            pictures[stem] = lambda n=name, m=metric, t=title, chosen=loads: bars(
                findings[n], m, t, chosen)
    if "connections" in findings:
        pictures["connections-memory"] = lambda: memory_line(findings["connections"])
    if "roundtrips" in findings:
        pictures["roundtrips-latency"] = lambda: latency(findings["roundtrips"], ["64 B x 50", "64 B x 500"])
    lines = json.loads(pathlib.Path(verdict_file).read_text()) if verdict_file else []
    if lines:
        pictures["verdicts"] = lambda: verdicts(lines)

    target = pathlib.Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    style()
    for stem, draw in pictures.items():
        figure, file = draw(), io.StringIO()
        figure.patch.set(edgecolor=MARKS["faint"], linewidth=1.5)
        # The results' date, not today's: the same results give the same file.
        figure.savefig(file, metadata={"Date": None, "Source": f"measured {report['measured']}"})
        plt.close(figure)
        (target / f"{stem}.svg").write_text(themed(file.getvalue()))
    print(f"{len(pictures)} pictures in {folder}")


if __name__ == "__main__":
    main(*sys.argv[1:])
