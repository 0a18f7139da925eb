"""What a program puts into an editor's YAML file leaves all other lines as they are."""

from __future__ import annotations

import pytest
import yaml

from bot.importing.yaml_text import NotPut, put_entries, put_key

OURS = """\
# Our keywords.
- id: ours      # the first
  keywords: [{equal: a}]
  replies:
    - text:
        en: |
          One.

          Two.
        zh: 一
# before the second
- {id: flow, keywords: [{equal: b}]}
# the end
"""


def test_an_entry_takes_the_place_of_that_with_its_id_and_others_come_last() -> None:
    new = {"id": "ours", "replies": [{"text": {"en": "x: y", "zh": "多\n行"}}]}
    made = put_entries(OURS, [new, {"id": "more", "n": "1"}, {"id": "flow", "n": "no"}])
    assert yaml.safe_load(made) == [new, {"id": "flow", "n": "no"}, {"id": "more", "n": "1"}]
    for line in ("# Our keywords.", "# before the second", "# the end"):
        assert f"\n{line}\n" in f"\n{made}"
    assert put_entries(made, [new]) == made


@pytest.mark.parametrize(
    "before", ["", "[]\n", "# nothing yet\n", "  - id: a\n    n: '2'\n", "- id: a\r\n  n: '2'\r\n"]
)
def test_entries_come_into_every_layout_of_a_list(before: str) -> None:
    made = put_entries(before, [{"id": "b", "n": "3"}])
    assert yaml.safe_load(made)[-1] == {"id": "b", "n": "3"}
    assert len(yaml.safe_load(made)) == 1 + ("id: a" in before)


@pytest.mark.parametrize("before", ["[{id: a}]\n", "id: a\n", "- [", "just words\n"])
def test_another_layout_is_refused_with_the_lines_to_add(before: str) -> None:
    with pytest.raises(NotPut):
        put_entries(before, [{"id": "b", "n": "3"}])


def test_a_key_takes_the_place_of_its_value_or_comes_last() -> None:
    text = "# ours\nwelcome:\n  en: Hi\n  zh: |\n    好\n# more\nother: {en: a, zh: b}\n"
    made = put_key(text, "welcome", {"en": "Hello", "zh": "您好"})
    assert made == "# ours\nwelcome:\n  en: Hello\n  zh: 您好\n# more\nother: {en: a, zh: b}\n"
    assert yaml.safe_load(put_key(text, "new", "x")) == {**yaml.safe_load(text), "new": "x"}
    assert put_key("", "new", "x") == "new: x\n"
    with pytest.raises(NotPut):
        put_key("{other: a}", "new", "x")
