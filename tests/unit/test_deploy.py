"""The files in deploy/ fit the program: settings, paths and metrics that they name exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from bot.commands.root import cli
from bot.service.metrics import Metrics
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
# Names of other programs in the containers.
OTHERS = {
    "PATH",
    "HOME",
    "PYTHONDONTWRITEBYTECODE",
    "MERCHANT_BOT_CACHE",
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD",
    "SITE",
}
PROBES = {"/healthz", "/readyz"}
METRIC = re.compile(r"\b(?:merchant_bot|process)_\w+")


def documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text("utf-8")))


def is_setting(name: str) -> bool:
    return name in OTHERS or name.lower() in Settings.model_fields


def samples() -> set[str]:
    """The names that a scrape has, with those of labels that nothing has counted yet."""
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    metrics = Metrics()
    return {one.name + ending for one in metrics.registry.collect() for ending in endings.get(one.type, ("",))}


def test_alerts_and_board_ask_for_metrics_that_exist() -> None:
    rules = [rule["expr"] for group in documents("alerts.yaml")[0]["groups"] for rule in group["rules"]]
    board = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
    shown = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked = set(METRIC.findall(" ".join([*rules, *shown])))
    assert asked
    assert asked <= samples()
    said = "\n".join(path.read_text("utf-8") for path in (ROOT / "bot" / "service").glob("*.py"))
    for value in re.findall(r'(?:queue|verdict|outcome)="(\w+)"', " ".join([*rules, *shown])):
        assert f'"{value}"' in said


def test_the_containers_name_settings_that_exist_and_are_closed() -> None:
    compose = documents("compose.yaml")[0]["services"]
    for name in ("assistant", "second"):
        assert all(map(is_setting, compose[name]["environment"]))
        assert compose[name]["read_only"] is True
        assert compose[name]["cap_drop"] == ["ALL"]
    assert all(is_setting(name) for one in compose.values() for name in one.get("environment", {}))
    assert compose["assistant"]["ports"] == ["127.0.0.1:8080:8080"]
    assert "ports" not in compose["second"]
    pod = documents("kubernetes.yaml")[0]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert all(is_setting(one["name"]) for one in container["env"])
    probes = {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}
    assert probes == PROBES


def test_the_image_is_made_of_files_that_exist() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = [word for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for word in line.split()[:-1]]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert set(copied) == let_in
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert "--require-hashes -r requirements.lock" in text
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["10001:10001"]
    last = text.rpartition("\nENV ")[2].partition("\nUSER")[0]
    assert all(map(is_setting, re.findall(r"\b([A-Z_]+)=", last)))


@pytest.mark.parametrize("name", ["merchant-bot.service", "merchant-bot@.service"])
def test_the_units_give_settings_that_exist(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    assert all(map(is_setting, re.findall(r"^Environment=([A-Z_]+)=", text, re.MULTILINE)))


def test_the_unit_of_one_of_several_agencies_is_as_closed_as_the_other() -> None:
    one, several = (
        [line for line in (DEPLOY / name).read_text("utf-8").splitlines() if "=" in line and "merchant-bot" not in line]
        for name in ("merchant-bot.service", "merchant-bot@.service")
    )
    assert [line for line in one if not line.startswith("Description")] == [
        line for line in several if not line.startswith("Description")
    ]


def runbook(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def steps(text: str) -> list[str]:
    """The commands and files that a runbook shows, without remarks and what is to be filled in."""
    shown = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    lines = [re.sub(r"(^|\s)#.*", "", line).rstrip() for block in shown for line in block.splitlines()]
    return [line for line in lines if line]


def test_the_runbook_shows_the_same_commands_in_both_languages() -> None:
    english, chinese = map(runbook, ("README.md", "README.zh.md"))
    assert steps(english) == steps(chinese)
    assert english.count("\n## ") == chinese.count("\n## ")
    alerts = {rule["alert"] for group in documents("alerts.yaml")[0]["groups"] for rule in group["rules"]}
    for text in (english, chinese):
        assert [name for name in alerts if name not in text] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_commands_of_the_runbook_exist(name: str) -> None:
    asked = re.findall(r"(?:^|`)merchant-bot (?:--env-file \S+ )?([^`\n#]+)", runbook(name), re.MULTILINE)
    named = {line.split()[0] for line in asked}
    assert {"backup", "restore", "move", "status", "access", "staff"} <= named
    for line in asked:
        words = line.split()
        command: click.Command = cli
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found, line
            command = found
        options = {option for one in command.params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= options, line
