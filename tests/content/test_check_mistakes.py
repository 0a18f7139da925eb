"""One broken check for each mistake that `knowledge lint` finds in checks, with the place and the words of its message."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge import lint
from bot.knowledge.library import load
from bot.language.detect import HAN_CHARACTER

CHECK = """\
title: {en: Can I park?, zh: 我能停车吗？}
intro: {en: One question., zh: 一个问题。}
related: [deposit-amount]
start:
  en: [may I park here, is parking all right for me]
  zh: [我可以停这里吗, 帮我看看能不能停车]
verdicts:
  eligible: {en: "Yes.", zh: 可以。}
  not_eligible: {en: "No.", zh: 不可以。}
  open: {en: It depends., zh: 要看情况。}
questions:
  - id: vehicle
    kind: choice
    name: {en: Vehicle, zh: 车辆}
    ask: {en: What do you drive?, zh: 您开什么车？}
    why: {en: Lorries do not fit., zh: 货车停不下。}
    how_to_find_out: {en: Look at it., zh: 看一下。}
    values:
      - id: car
        label: {en: A car, zh: 轿车}
      - id: lorry
        label: {en: A lorry, zh: 货车}
rules:
  - id: car
    when: {vehicle: car}
    verdict: eligible
    topic: deposit-amount
    text: {en: Cars fit., zh: 轿车可以。}
  - id: lorry
    when: {vehicle: lorry}
    verdict: not_eligible
    topic: deposit-amount
    text: {en: Lorries do not fit., zh: 货车不行。}
    next_step: {en: Come by car., zh: 换轿车来。}
examples:
  - {answers: {vehicle: car}, verdict: eligible}
"""


def found(folder: Path, text: str) -> list[str]:
    path = folder / "ours" / "checks" / "parking.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    library, mistakes = load([folder / "ours"])
    told = [one for one in [*mistakes, *lint.check(library)] if one.file.startswith("ours") and not one.warning]
    assert all(len(HAN_CHARACTER.findall(one.words("zh"))) >= 5 for one in told)
    return [str(one) for one in told]


def test_a_sound_check_has_no_mistakes(tmp_path: Path) -> None:
    assert found(tmp_path, CHECK) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("when: {vehicle: lorry}", "when: {vehicle: lory}", 30, ['no value "lory"', '"lorry"']),
        ("when: {vehicle: car}", "when: {vehicel: car}", 25, ['no question is called "vehicel"']),
        ("related: [deposit-amount]", "related: [deposit-amuont]", 3, ['no topic is called "deposit-amuont"']),
        (
            "    topic: deposit-amount\n    text: {en: Cars",
            "    topic: nowhere\n    text: {en: Cars",
            27,
            ['"nowhere"'],
        ),
        ("en: Cars fit.", 'en: "Cars fit {{ deposit.lowset | cny }}."', 28, ['"lowset"', '"lowest"']),
        ("topic: deposit-amount", "topic: deposit-amount\n    facts: [rnage]", 28, ['has no fact "rnage"', '"range"']),
        ("en: Cars fit.", 'en: "# Cars fit."', 28, ["a heading cannot be shown"]),
        ("- id: car\n        label", f"- id: {'very_' * 10}long\n        label", 19, ["too long for a button"]),
    ],
)
def test_a_mistake_in_a_check_is_found_where_it_stands(
    tmp_path: Path, old: str, new: str, line: int, words: list[str]
) -> None:
    assert old in CHECK
    messages = [one for one in found(tmp_path, CHECK.replace(old, new, 1)) if f"parking.yaml:{line}:" in one]
    assert any(all(word in one for word in words) for one in messages), found(
        tmp_path / "again", CHECK.replace(old, new, 1)
    )
