# SPDX-License-Identifier: Apache-2.0
"""What an editor and a container are told, which nothing here can run: it names what there is."""

import json
import re

import yaml
from conftest import ROOT

STAGES = sorted(path.name for path in ROOT.glob("Stage*-*") if (path / "main.swift").is_file())

#: The packages that have nc, ss and ip, lsof, strace, tcpdump, xxd and sudo.
TOOLS = ["netcat-openbsd", "iproute2", "lsof", "strace", "tcpdump", "xxd", "sudo", "git"]


def load(file):
    """Returns a JSON file of the repository."""
    return json.loads((ROOT / file).read_text())


def test_every_stage_can_be_debugged():
    """Each stage has a configuration, which builds it first and asks the extension for its path."""
    configurations = load(".vscode/launch.json")["configurations"]
    assert [entry["target"] for entry in configurations] == STAGES
    for entry in configurations:
        assert entry["preLaunchTask"] == f"swift: Build Debug {entry['target']}"
        assert "program" not in entry


def test_editor_leaves_the_files_alone():
    """The extension would write configurations of its own into launch.json, as soon as the folder is opened."""
    assert load(".vscode/settings.json") == {"swift.autoGenerateLaunchConfigurations": False}


def test_tasks_name_what_there_is():
    """Tasks ask for stages that exist, declare what they ask for, and lean on no build folder."""
    tasks = load(".vscode/tasks.json")
    options = {entry["id"]: entry.get("options") for entry in tasks["inputs"]}
    assert options["stage"] == STAGES
    assert options["number"] == [stage.split("-")[0] for stage in STAGES]
    for task in tasks["tasks"]:
        assert set(re.findall(r"\$\{input:(\w+)\}", task["command"])) <= set(options)
        assert ".build" not in task["command"]


def test_container_has_the_tools_of_the_chapters():
    """Every command that the chapters type is installed, tracing is allowed, the port forwarded."""
    container = load(".devcontainer/devcontainer.json")
    dockerfile = (ROOT / ".devcontainer/Dockerfile").read_text()
    for package in TOOLS:
        assert re.search(rf"(^|\s){package}\s", dockerfile), package
    assert container["capAdd"] == ["SYS_PTRACE"]
    assert container["forwardPorts"] == [8080]
    assert "swift build" in container["updateContentCommand"]


def test_issue_forms_are_forms():
    """Every form has a name, a description, and fields that differ."""
    for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"):
        form = yaml.safe_load(path.read_text())
        if path.stem == "config":
            continue
        assert form["name"] and form["description"]
        names = [field["id"] for field in form["body"]]
        assert len(names) == len(set(names)) > 1
