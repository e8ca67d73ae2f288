"""Draws a run's results as SVG, each picture once for a light page and once for a dark one.

    swift run -c release --package-path Tests/Benchmarks bench draw RESULTS.json FOLDER

SPDX-License-Identifier: Apache-2.0
"""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend has to be chosen before)
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter  # noqa: E402

# Ink, faint ink, and the colours of Okabe and Ito, which the colour-blind can tell apart.
THEMES = {
    "light": {"ink": "#1f2328", "faint": "#d1d9e0", "floor": "#8c959f"},
    "dark": {"ink": "#f0f6fc", "faint": "#3d444d", "floor": "#9198a1"},
}
STAGE, PEER = "#d55e00", "#0072b2"
LINES = ["#8c959f", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#a08040"]

# What is drawn as bars: experiment, metric, title, whether the axis is logarithmic.
BARS = [
    ("roundtrips", "messages/s", "Messages a second", False),
    ("roundtrips", "CPU us/message", "Processor time of the server for a message, µs", False),
    ("blocking", "messages/s", "Messages a second, beside the same loop in C", False),
    ("frames", "messages/s", "Frames a second", False),
    ("beneath", "CPU us/message", "Processor time of the server for a message, µs", False),
    ("beneath", "system calls/message", "System calls for a message", False),
    ("async", "system calls/message", "System calls for a message", False),
    ("async", "allocations/message", "Allocations for a message", False),
    ("async", "switches/message", "Context switches for a message", False),
    ("buffers", "messages/s", "Messages a second, by the size of the buffer", False),
    ("buffers", "resident kB each", "Memory a connection, kB, by the size of the buffer", False),
    ("churn", "connections/s", "Clients a second that come, ask once and go", False),
    ("stacks", "resident kB each", "Memory in use for a client, kB, by the stack asked for", False),
    ("stacks", "virtual kB each", "Addresses for a client, kB, by the stack asked for", True),
    ("tasks", "resident kB each", "Memory of one that waits, kB", False),
    ("nagle", "p50 us", "Time of a round trip, µs, half are below", True),
    ("backlog", "seconds", "Seconds until every client is answered", True),
    ("second", "ms", "Milliseconds until the second client is answered", True),
]


def style(theme):
    """Sets the colours; the background stays transparent, the text stays text."""
    ink, faint = theme["ink"], theme["faint"]
    plt.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "workbook", "font.family": "sans-serif",
        "font.size": 10, "text.color": ink, "axes.labelcolor": ink, "axes.edgecolor": faint,
        "xtick.color": ink, "ytick.color": ink, "grid.color": faint, "axes.axisbelow": True,
        "axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left",
        "axes.titlesize": 10,
    })


def groups(finding, metric):
    """The rows that have the metric, group by group, in the order of the run."""
    found = {}
    for row in finding["rows"]:
        if metric in row["summaries"]:
            found.setdefault(row["group"], []).append(row)
    return found


def colour(name, theme):
    """Stages stand out, what is in C steps back."""
    if name.startswith("Stage"):
        return STAGE
    return theme["floor"] if name.startswith("C,") else PEER


def figure_text(value):
    """A value in three digits: 0.123, 12.3, 12,300."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    if value >= 1000:
        value = float(f"{value:.3g}")
    return f"{value:,.{digits}f}"


def panels_for(found):
    """A panel for every group, in two columns if there are many; and the rows each has room for."""
    columns = 2 if len(found) > 5 else 1
    counts = [len(rows) for rows in found.values()]
    lines = -(-len(counts) // columns)
    heights = [max(counts[line::lines]) for line in range(lines)]
    figure, panels = plt.subplots(
        lines, columns, squeeze=False, layout="constrained", sharey="row",
        figsize=(6.5 + 3 * (columns - 1), 0.55 * lines + 0.25 * sum(heights) + 0.5),
        height_ratios=[height + 1 for height in heights])
    for unused in list(panels.T.flat)[len(counts):]:
        unused.set_visible(False)
    return figure, list(zip(panels.T.flat, found.items()))


def scale(panel, logarithmic):
    """Few figures along the axis, those of a logarithmic one at 1, 10, 100 or at 1, 3, 10, 30."""
    if logarithmic:
        low, high = panel.get_xlim()
        panel.set_xscale("log")
        panel.set_xlim(low, high)
        panel.xaxis.set_major_locator(LogLocator(subs=(1,) if high > 300 * low else (1, 3)))
        panel.xaxis.set_minor_formatter(NullFormatter())
    else:
        panel.xaxis.set_major_locator(MaxNLocator(5))
    panel.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    panel.tick_params(which="both", length=0)
    panel.grid(axis="x", linewidth=0.6)


def bars(finding, metric, title, logarithmic, theme):
    """One panel a group, one bar a server, its spread as a line across the end."""
    figure, panels = panels_for(groups(finding, metric))
    for panel, (group, rows) in panels:
        summaries = [row["summaries"][metric] for row in rows]
        values = [summary["median"] for summary in summaries]
        spread = [[s["median"] - s["least"] for s in summaries],
                  [s["greatest"] - s["median"] for s in summaries]]
        panel.barh([row["name"] for row in rows], values, height=0.66, xerr=spread,
                   color=[colour(row["name"], theme) for row in rows],
                   error_kw={"ecolor": theme["ink"], "elinewidth": 0.8, "capsize": 2})
        edges = [summary["greatest"] for summary in summaries]
        if logarithmic:
            panel.set_xlim(min(filter(None, values)) / 3, max(edges) * 6)
        else:
            panel.set_xlim(0, max(edges) * 1.2 or 1)
        scale(panel, logarithmic)
        for position, (value, edge) in enumerate(zip(values, edges)):
            panel.annotate(figure_text(value), (edge, position), (4, 0),
                           textcoords="offset points", va="center", fontsize=9)
        panel.set_ylim(len(rows) - 0.5, -0.5)
        panel.set_title(group)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    return figure


def memory_line(finding, theme):
    """Memory over the number of silent clients, a line for every server."""
    metric = "resident kB each"
    lines = {}
    for group, rows in groups(finding, metric).items():
        for row in rows:
            clients = int(group.split()[0])
            megabytes = row["summaries"][metric]["median"] * clients / 1000
            lines.setdefault(row["name"], []).append((clients, megabytes))
    figure, panel = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
    for (name, points), hue in zip(lines.items(), LINES):
        panel.plot(*zip(*points), marker="o", markersize=4, color=hue, label=name,
                   linewidth=2 if name.startswith("Stage") else 1.2)
    panel.set_xlabel("silent clients")
    panel.set_ylabel("memory in use, MB")
    panel.set_xlim(left=0)
    panel.set_ylim(bottom=0)
    panel.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    panel.grid(linewidth=0.6)
    panel.legend(frameon=False, fontsize=9)
    figure.suptitle("Memory over connections", x=0.01, ha="left", fontsize=12)
    return figure


def latency(finding, theme):
    """From the median to the 99.9th percentile: one panel a load, one line a server."""
    metrics = ["p50 us", "p99 us", "p99.9 us"]
    figure, panels = panels_for(groups(finding, metrics[0]))
    for panel, (group, rows) in panels:
        for position, row in enumerate(rows):
            values = [row["summaries"][metric]["median"] for metric in metrics]
            hue = colour(row["name"], theme)
            panel.plot(values, [position] * 3, color=hue, linewidth=2)
            for value, marker in zip(values, ["o", "D", "|"]):
                panel.plot(value, position, marker, color=hue, markersize=6, markeredgewidth=2)
        panel.set_yticks(range(len(rows)), [row["name"] for row in rows])
        panel.set_ylim(len(rows) - 0.5, -0.5)
        figures = [row["summaries"][metric]["median"] for row in rows for metric in metrics]
        panel.set_xlim(min(figures) / 1.3, max(figures) * 1.3)
        scale(panel, True)
        panel.set_title(group)
    figure.suptitle("Time of a round trip, µs: half take less than ●, 99 % than ◆, 99.9 % than |",
                    x=0.01, ha="left", fontsize=12)
    return figure


def main(results, folder):
    """Draws all that the results have the figures for."""
    report = json.loads(pathlib.Path(results).read_text())
    findings = {finding["name"]: finding for finding in report["findings"]}
    pictures = {}
    for name, metric, title, logarithmic in BARS:
        if name in findings and groups(findings[name], metric):
            stem = f"{name}-{metric.split('/')[0]}".replace(" ", "-").lower()
            pictures[stem] = lambda theme, n=name, m=metric, t=title, log=logarithmic: bars(
                findings[n], m, t, log, theme)
    if "connections" in findings:
        pictures["connections-memory"] = lambda theme: memory_line(findings["connections"], theme)
    if "roundtrips" in findings:
        pictures["roundtrips-latency"] = lambda theme: latency(findings["roundtrips"], theme)

    target = pathlib.Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for stem, draw in pictures.items():
        for theme_name, theme in THEMES.items():
            style(theme)
            figure = draw(theme)
            # The results' date, not today's: the same results give the same file.
            figure.savefig(target / f"{stem}-{theme_name}.svg", transparent=True,
                           metadata={"Date": None, "Source": f"measured {report['measured']}"})
            plt.close(figure)
    print(f"{2 * len(pictures)} pictures in {folder}")


if __name__ == "__main__":
    main(*sys.argv[1:])
