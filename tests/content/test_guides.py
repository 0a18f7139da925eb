"""The editor's guides: every example in them works as it stands, and both languages say the same in the same order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from PIL import Image

from bot.commands.line import cli
from bot.knowledge import lint
from bot.knowledge.library import load, shipped
from bot.settings import Settings

GUIDES = {name: (shipped() / name).read_text("utf-8") for name in ("README.md", "README.zh.md")}
YAML = re.compile(r"```yaml\n(# \S+\.yaml)?(.*?)```", re.DOTALL)
LANGUAGES_OF_CODE = re.compile(r"^```(\w+)$", re.MULTILINE)


def examples(guide: str) -> list[tuple[str, str]]:
    """The file that each example says it is, and what it holds."""
    return [(name.removeprefix("# ").removeprefix("ours/"), text) for name, text in YAML.findall(guide)]


@pytest.mark.parametrize("guide", GUIDES)
def test_every_example_loads_without_a_mistake(guide: str, tmp_path: Path) -> None:
    """All of them together, as an agency's folders over the content that ships; what hides something is alone."""
    shown = examples(GUIDES[guide])
    folders = [tmp_path / f"ours{number}" for number in range(len(shown))]
    hiding = [tmp_path / f"hiding{number}" for number in range(len(shown))]
    for number, (name, text) in enumerate(shown):
        assert name, f"this example does not say which file it is:\n{text}"
        folder = hiding[number] if "hide: yes" in text else next(one for one in folders if not (one / name).exists())
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        for picture in re.findall(r"[\w-]+\.png", text):
            (folder / "files").mkdir(exist_ok=True)
            Image.new("RGB", (64, 64)).save(folder / "files" / picture)
    bad = []
    for layers in ([one for one in folders if one.exists()], *([one] for one in hiding if one.exists())):
        library, mistakes = load(layers)
        bad += [str(one) for one in [*mistakes, *lint.check(library)] if not one.warning]
    assert not bad, "\n".join(bad)
    assert {
        "topics",
        "sources",
        "figures",
        "keywords",
        "courses",
        "operator",
        "guards",
        "checks",
        "smalltalk",
        "replies",
    } == {name.partition("/")[0].removesuffix(".yaml") for name, _ in shown}


def test_both_guides_have_the_same_parts_in_the_same_order() -> None:
    english, chinese = (
        {
            "headings": [
                line.split()[0]
                for line in re.sub(r"```.*?```", "", guide, flags=re.DOTALL).splitlines()
                if line.startswith("#")
            ],
            "code": LANGUAGES_OF_CODE.findall(guide),
            "files": [name for name, _ in examples(guide)],
            "tables": [len(re.findall(r"(?<!\\)\|", line)) for line in guide.splitlines() if line.startswith("|")],
        }
        for guide in GUIDES.values()
    )
    assert english == chinese


def test_the_table_of_keys_is_what_a_check_may_hold() -> None:
    """A key that is added to the type is added to the guides."""
    from bot.checks import check

    for guide in GUIDES.values():
        table = guide[guide.index("`findings`") - 3000 : guide.rindex("`findings`") + 20]
        for kind in (check.Check, check.Question, check.Rule, check.Example, check.Value, check.Reach, check.Headlines):
            for name in kind.model_fields:
                assert f"`{name}`" in table or (kind is check.Reach and name == "id"), f"{name} of {kind.__name__}"


WECHAT = {name: (shipped().parent / "docs" / name).read_text("utf-8") for name in ("wechat.md", "wechat.zh.md")}


def test_the_guides_to_wechat_have_the_same_parts_commands_and_settings() -> None:
    def parts(guide: str) -> dict[str, list[str]]:
        return {
            "headings": re.findall(r"^#+(?= )", re.sub(r"```.*?```", "", guide, flags=re.DOTALL), re.MULTILINE),
            "commands": [line.partition("  #")[0] for line in re.findall(r"(?:\w+=\S+ )*merchant-bot [^`\n]+", guide)],
            "settings": re.findall(r"`([A-Z_]{4,})", guide),
            "rows": re.findall(r"^\|(?:.*?\|)+$", guide, re.MULTILINE),
        }

    english, chinese = map(parts, WECHAT.values())
    assert len(english.pop("rows")) == len(chinese.pop("rows"))
    assert english == chinese


@pytest.mark.parametrize("guide", WECHAT)
def test_what_the_guides_to_wechat_name_exists(guide: str) -> None:
    """Their commands with all options, their settings, and the place in the editor's guide to which they lead."""
    text = WECHAT[guide]
    for name in re.findall(r"`([A-Z_]{4,})", text):
        assert name.lower() in Settings.model_fields, name
    for line in re.findall(r"merchant-bot ([^`\n#]+)", text):
        words = shlex.split(line)
        found: click.Command = cli
        while isinstance(found, click.Group) and words:
            found = found.get_command(click.Context(found), words.pop(0))  # type: ignore[assignment]
        options = {one for option in found.params for one in (*option.opts, *option.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= options, line
    (heading,) = re.findall(r"README(?:\.zh)?\.md#([^)]+)\)", text)
    headings = re.findall(r"^## (.+)$", GUIDES[guide.replace("wechat", "README")], re.MULTILINE)
    assert heading in [one.lower().replace(" ", "-") for one in headings]
