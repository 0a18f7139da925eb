"""The catalogue of what editors are told: complete in both languages, and all of it used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from bot.content.said import CATALOGUE, language_of_system, said
from bot.language.detect import HAN_CHARACTER

BOT = Path(__file__).parents[2] / "bot"
SIGNS = {
    "the-sign",
    "label-topic",
    "html",
    "comma",
    "semicolon",
    "change-line",
    "at-place",
    "gives-by",
    "answered-else",
    "the-named",
    "counted-kind",
    "change-in",
    "reply-since",
    "rule-gives",
}  # which need no word


@cache
def messages() -> dict[str, dict[str, str]]:
    made: dict[str, dict[str, str]] = yaml.load(CATALOGUE.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return made


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in BOT.rglob("*.py")}


def names(words: str) -> set[str]:
    return set(re.findall(r"\$([a-z_]\w*)", words, re.ASCII))


def calls() -> Iterator[tuple[str, ast.Call, list[str]]]:
    """Every call of `said` in the program, where it stands, and the codes that it may give."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said":
                first = node.args[0]
                parts = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                codes = [one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                yield f"{path.name}:{node.lineno}", node, codes


def test_every_message_has_both_languages_with_the_same_names() -> None:
    for code, words in messages().items():
        assert list(words) == ["en", "zh"], code
        assert names(words["en"]) == names(words["zh"]), code
        assert code in SIGNS or HAN_CHARACTER.search(words["zh"]), code


def test_every_call_gives_what_its_message_names() -> None:
    count = 0
    for place, call, codes in calls():
        for code in codes:
            assert code in messages(), (place, code)
            given = {one.arg for one in call.keywords}
            if None not in given:  # else values come with **
                assert given == names(messages()[code]["en"]), (place, code)
            count += 1
    assert count > 200


def test_every_message_is_used() -> None:
    written = {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(messages()) - written == set()


def test_no_mistake_of_the_content_is_told_in_english_alone() -> None:
    for path, tree in trees().items():
        if not {"knowledge", "content", "checks", "language", "search"} & {*path.parts[:-1]}:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                told = {"mistake": 0, "Problem": 1, "Mistake": 2}.get(name)
                if told is not None and len(node.args) > told:
                    assert not isinstance(node.args[told], ast.JoinedStr | ast.Constant), f"{path.name}:{node.lineno}"


def test_values_stand_in_the_language_of_the_message() -> None:
    one = said("no-topic", name="a", hint=said("there-are", names=("b", "c")))
    assert str(one) == 'no topic is called "a"; there are: b, c'
    assert one.words("zh") == "没有编号为 `a` 的话题；可以写的有：b、c"


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_systems_language(environment: dict[str, str], lang: str) -> None:
    assert language_of_system(environment) == lang
