"""The editor's guides: every example in them works as it stands, and both languages say the same in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.knowledge import lint
from bot.knowledge.library import load, shipped

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
            (folder / "files" / picture).write_bytes(b"")
    bad = []
    for layers in ([one for one in folders if one.exists()], *([one] for one in hiding if one.exists())):
        library, mistakes = load(layers)
        bad += [str(one) for one in [*mistakes, *lint.check(library)] if not one.warning]
    assert not bad, "\n".join(bad)
    assert {"topics", "sources", "figures", "keywords", "courses", "operator", "guards", "checks", "smalltalk"} == {
        name.partition("/")[0].removesuffix(".yaml") for name, _ in shown
    }


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
