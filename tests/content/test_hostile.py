"""Content that is made to hurt, or a slip that hurts as much: each is a mistake with its place, and soon."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.checks import Check, prove
from bot.content.folder import Unreadable, content_files, still_there
from bot.content.tree import Mistake
from bot.knowledge import lint
from bot.knowledge.library import fingerprint, load
from tests.cli.conftest import Run, run  # noqa: F401 - a fixture

SECONDS = 3.0  # of the processor, for everything in one test; what is hostile would take for ever
TOPIC = """\
title: {en: Parking, zh: 停车}
instead:
  en: %s
  zh: 没有。
phrasings: {en: [parking lot here], zh: [停车场在哪里]}
"""


def found(folder: Path, files: Mapping[str, str]) -> list[Mistake]:
    """The mistakes in a folder that stands alone."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    began = time.process_time()
    library, mistakes = load([folder], only=True)
    mistakes += lint.check(library)
    assert time.process_time() - began < SECONDS
    return [mistake for mistake in mistakes if not mistake.warning]


def bomb(levels: int = 30) -> str:
    """Each line is ten of the line before."""
    lines = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, levels)]
    return "\n".join(["a0: &a0 [x]", *lines]) + "\n"


FILES = {
    "alias bomb": (bomb(), 1, 'begins with "&" must stand in quotation marks'),
    "alias of itself": ("a: &a [*a]\n", 1, 'begins with "&"'),
    "alias of another place": ("title: x\ninstead: *title\n", 2, 'begins with "*"'),
    "tag": ("title: !!python/object/apply:os.system [ls]\n", 1, 'begins with "!"'),
    "a text with a sign": ("title: {en: a, zh: b}\ninstead:\n  en: !important\n  zh: b\n", 3, 'begins with "!"'),
    "merged": ("title: {en: a, zh: b}\n<<: {instead: x}\n", 2, 'no key is called "<<"'),
    "deep": ("a: " + "[" * 200 + "]" * 200 + "\n", 1, "more than 24 lists and mappings stand in one another"),
    "deep mappings": ("".join("  " * n + f"k{n}:\n" for n in range(400)), 24, "stand in one another"),
    "deeper than the parser goes": ("a: " + "[" * 100_000, 1, "this is not YAML: exceeded maximum nesting depth"),
    "very many values": ("a: [" + "1," * 400_000 + "]\n", 1, "more than 50,000 values"),
    "very long text": ("title:\n  en: " + "x" * 900_000, 2, "900,000 letters; at most 10,000"),
    "very long key": ("title: {en: a, zh: b}\n? " + "x" * 20_000 + "\n: b\n", 2, "20,000 letters"),
    "more than a file holds": ("# " + "x" * (1 << 20) + "\n", 1, "more than 1 MB"),
    "two documents": ("title: a\n---\ntitle: b\n", 2, 'take the line "---" away'),
}


@pytest.mark.parametrize(("text", "line", "words"), FILES.values(), ids=FILES)
def test_yaml_that_never_ends_is_a_mistake_with_its_line(text: str, line: int, words: str, tmp_path: Path) -> None:
    told = found(tmp_path, {"topics/a/one.yaml": text})
    assert any(one.file.endswith("topics/a/one.yaml") and one.line == line and words in one.message for one in told), (
        told
    )


ALL = "{% for a in steps %}" * 8 + "x" + "{% endfor %}" * 8
TEMPLATES = {
    "power": ("{{ 9**9**9 }}", '"**" is not for texts'),
    "text times number": ("{{ 'x'*1000000000 }}", '"*" is for numbers'),
    "number times text": ("{{ 1000000000 * agency }}", 'nothing is called "agency"'),
    "number times a value": ("{{ 1000000000 * operator.agency }}", '"*" is for numbers'),
    "list times number": ("{{ [1] * 1000000000 }}", '"*" is for numbers'),
    "numbers that grow": ("{{ " + " * ".join(["999999999"] * 30) + " }}", "beyond 1,000,000,000,000,000"),
    "number of many digits": ("{{ " + "9" * 5000 + " }}", "a number in this template is too long"),
    "text with a width": ("{{ '%999999999d' % 1 }}", '"%" is for numbers'),
    "recursive macro": ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "a macro is not for texts"),
    "recursive loop": ("{% for a in steps recursive %}{{ loop(steps) }}{% endfor %}", '"recursive" is not for texts'),
    "range": ("{% for a in range(10**9) %}{% endfor %}", '"range" cannot be called in a text'),
    "loops in loops": (ALL, "this text goes over too much"),
    "loops without words": (ALL.replace("x", ""), "this text goes over too much"),
    "too many loops": ("{% for a in steps %}" * 30 + "{% endfor %}" * 30, "stand too deep in one another"),
    "letters of a text": ("{% for a in operator.agency %}{% endfor %}", "a list is gone through here"),
    "output": ("{% for a in steps %}{% for b in steps %}{% for c in steps %}x" + "y" * 500 + "{% endfor %}" * 3, "longer than"),
    "joined": ("{{ steps | join('" + "x" * 5000 + "') }}", "longer than 20,000 characters"),
    "joined again": ("{{ steps | join | join | join }}", "a list is gone through here"),
    "center": ("{{ 'a' | center(1000000000) }}", 'no filter is called "center"'),
    "indent": ("{{ 'a' | indent(1000000000, true) }}", 'no filter is called "indent"'),
    "wordwrap": ("{{ 'a' | wordwrap(1) }}", 'no filter is called "wordwrap"'),
    "replace": ("{{ 'a' | replace('', 'aaaa') }}", 'no filter is called "replace"'),
    "batch": ("{{ steps | batch(1000000000, 'x') | list }}", 'no filter is called "batch"'),
    "a filter by its name": ("{{ steps | map('center', 1000000000) | list }}", '"map" takes an attribute alone'),
    "a test by its name": ("{{ steps | selectattr('id', 'center') | list }}", "No test named 'center'"),
    "lipsum": ("{{ lipsum(n=10000000) }}", '"lipsum" cannot be called'),
    "method": ("{{ ''.join(steps) }}", "this cannot be called in a text"),
    "doubling": ("{% set a = 'xx' %}{% set a = a ~ a %}{{ a }}", '"set" is not for texts'),
    "joined by a sign": ("{{ 'a' ~ 'b' }}", '"~" is not for texts'),
    "include": ("{% include '/etc/passwd' %}", "include is not for texts"),
    "import": ("{% import 'x' as x %}", "import is not for texts"),
    "extends": ("{% extends 'x' %}", "extends is not for texts"),
    "block": ("{% block a %}{{ self.a() }}{% endblock %}", "block is not for texts"),
    "brackets": ("{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}", "stand too deep in one another"),
    "nots": ("{{ " + "not " * 2000 + "1 }}", "stand too deep in one another"),
    "sum": ("{{ " + " + ".join(["1"] * 2000) + " }}", "stand too deep in one another"),
    "ifs": ("{% if 1 %}" * 300 + "{% endif %}" * 300, "stand too deep in one another"),
    "inside of Python": ("{{ benefit.__globals__ }}", "unsafe"),
}  # fmt: skip
STEPS = "".join(f"- {{id: s{n}, topic: parking, en: Go on., zh: 继续。}}\n" for n in range(100))


def test_a_template_without_end_is_a_mistake_with_its_line(tmp_path: Path) -> None:
    texts = {name: text for name, (text, _) in TEMPLATES.items()}
    files = {f"topics/a/t{n}.yaml": TOPIC % f"|\n      Well.\n      {text}" for n, text in enumerate(texts.values())}
    files |= {"registration.yaml": STEPS, "operator.yaml": "agency: {en: Our agency, zh: 我们}\n"}
    told = found(tmp_path, files)
    for number, name in enumerate(texts):
        here = [one for one in told if one.file.endswith(f"/t{number}.yaml") and one.line in (3, 4, 5)]
        assert any(TEMPLATES[name][1] in one.message for one in here), (name, here)


def test_a_sentence_of_the_assistant_is_looked_at_before_anything_of_it_is_worked_out(tmp_path: Path) -> None:
    told = found(tmp_path, {"phrases.yaml": "confirmed: {en: '{{ 9**9**9 }}', zh: \"{{ 'x'*1000000000 }}\"}\n"})
    assert any(one.line == 1 and '"**" is not for texts' in one.message for one in told)


T = {"en": "a", "zh": "字"}


def check(questions: list[dict[str, object]], rules: list[dict[str, object]], **more: object) -> Check:
    asked = [{"name": T, "ask": T, "why": T, "how_to_find_out": T} | question for question in questions]
    said = [{"id": f"r{n}", "verdict": "not_eligible", "topic": "t", "text": T} | rule for n, rule in enumerate(rules)]
    verdicts = dict.fromkeys(("eligible", "conditional", "not_eligible", "ask", "open"), T)
    about = {"id": "x", "title": T, "intro": T, "start": {"en": [], "zh": []}, "verdicts": verdicts}
    return Check.model_validate({**about, "questions": asked, "rules": said, **more})


def yes_no(count: int) -> list[dict[str, object]]:
    return [{"id": f"q{n}", "kind": "yes_no"} for n in range(count)]


def several(count: int, values: int, kind: str = "choices") -> list[dict[str, object]]:
    return [
        {"id": f"q{n}", "kind": kind, "values": [{"id": f"v{v}", "label": T} for v in range(values)]}
        for n in range(count)
    ]


def puzzle(questions: int) -> list[dict[str, object]]:
    """Rules of three answers each, as many as make it hardest to find answers that fulfil none: random 3-SAT."""
    chance = random.Random(1)
    three = (chance.sample(range(questions), 3) for _ in range(int(questions * 4.3)))
    return [{"when": {f"q{n}": chance.choice(["yes", "no"]) for n in some}} for some in three]


def long_rules(questions: int, rules: int, parts: int) -> list[dict[str, object]]:
    """Rules of several conditions that name all questions each."""
    chance = random.Random(2)
    return [
        {"when": {"any": [{f"q{n}": chance.choice(["yes", "no"]) for n in range(questions)} for _ in range(parts)]}}
        for _ in range(rules)
    ]


AMOUNT: list[dict[str, object]] = [{"id": "q0", "kind": "amount", "currency": "CNY"}]
EITHER = [{"any": [{f"q{2 * n}": "yes"}, {f"q{2 * n + 1}": "yes"}]} for n in range(15)]
CHECKS: dict[str, tuple[Callable[[], Check], str]] = {
    "many questions": (lambda: check(yes_no(3000), puzzle(60)), "a check has at most 30 questions, not 3,000"),
    "many combinations": (lambda: check(yes_no(30), puzzle(30)), "combine in more than 1,000,000,000 ways"),
    "many ways to hold": (lambda: check(yes_no(30), [{"when": {"all": EITHER}}]), "combine in more than 1,000,000,000 ways"),
    "many choices": (
        lambda: check(several(30, 12), [{"when": {f"q{n}": {"any of": [f"v{v}"]} for n in range(30)}} for v in range(12)]),
        "combine in more than 1,000,000,000 ways",
    ),
    "many values": (lambda: check(several(3, 2000, "choice"), [{"when": {"q0": "v1"}}]), '"q1" changes nothing'),
    "many rules": (lambda: check(yes_no(3), [{"when": {"q0": "yes"}}] * 3000), "a check has at most 500 rules, not 3,000"),
    "large and hard": (lambda: check(yes_no(17), long_rules(17, 500, 2)), 'needs "examples"'),
    "huge numbers": (lambda: check(AMOUNT, [{"when": {"q0": {"below": "1e999999999"}}}]), "is not a plausible number"),
    "tiny numbers": (lambda: check(AMOUNT, [{"when": {"q0": {"above": "1e-999999999"}}}]), "is not a plausible number"),
    "huge limits": (
        lambda: check([{**AMOUNT[0], "highest": "1e999999999"}], [{"when": {"q0": {"below": "3"}}}]),
        "is not a plausible number",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "words"), CHECKS.values(), ids=CHECKS)
def test_a_check_that_cannot_be_worked_through_is_told_soon(make: Callable[[], Check], words: str) -> None:
    made, began = make(), time.process_time()
    problems = prove(made, {}).problems
    assert time.process_time() - began < SECONDS
    assert any(words in str(problem.said) for problem in problems), problems[:3]


def test_a_check_with_many_choices_that_can_be_proven_is_proven() -> None:
    rules: list[dict[str, object]] = [{"when": {f"q{n}": {"any of": [f"v{v}"]} for n in range(2)}} for v in range(8)]
    began = time.process_time()
    report = prove(check(several(2, 8), rules, examples=[{"answers": {}, "verdict": "eligible"}]), {})
    assert time.process_time() - began < SECONDS
    assert report.paths > 200
    assert not [problem for problem in report.problems if "at most" in str(problem.said)]


def test_figures_lists_and_spellings_have_bounds(tmp_path: Path) -> None:
    rule = "- {id: k%d, keywords: [{contain: word}], replies: [{text: {en: a, zh: b}}]}\n"
    side = "{id: %s, said: {en: [%s], zh: []}}"
    told = found(
        tmp_path,
        {
            "figures.yaml": f"deposit:\n  lowest: {'9' * 400}\n  highest: 5\n",
            "keywords.yaml": "".join(rule % n for n in range(1001)),
            "guards.yaml": f"- {{id: g, sides: [{side % ('a', 'a … b … c … d')}, {side % ('b', 'x')}]}}\n",
        },
    )
    messages = {one.file.rpartition("/")[2]: (one.line, one.message) for one in told}
    assert messages["figures.yaml"][0] == 2
    assert messages["keywords.yaml"] == (1, "this list has 1,001 entries; at most 1,000")
    assert messages["guards.yaml"] == (1, '"…" stands 3 times in this spelling; at most 2')


def test_rules_that_all_clash_are_noted_up_to_a_number(tmp_path: Path) -> None:
    rule = "- {id: k%d, keywords: [{contain: word}], replies: [{text: {en: a, zh: b}}]}\n"
    (tmp_path / "keywords.yaml").write_text("".join(rule % n for n in range(1000)))
    began = time.process_time()
    library, _ = load([tmp_path], only=True)
    notes = [one for one in lint.check(library) if "hits this rule" in one.message]
    assert time.process_time() - began < SECONDS
    assert len(notes) == lint.MOST_CLASHES


def test_thousands_of_mistakes_are_told_up_to_a_number(tmp_path: Path) -> None:
    lines = "".join(f"sentence{n}: {{en: a, zh: b}}\n" for n in range(1500))
    assert len(found(tmp_path, {"phrases.yaml": lines})) == lint.MOST_MISTAKES


# --- the folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own" / "files").mkdir(parents=True)
    (tmp_path / "own" / "topics" / "a").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("password: hunter2\n")
    return tmp_path / "own"


def test_what_is_no_plain_file_of_the_folder_is_a_mistake_and_is_not_read(folder: Path) -> None:
    files, area = folder / "files", folder / "topics" / "a"
    (files / "poster.png").write_bytes(b"a picture")
    (files / "same.png").symlink_to("poster.png")
    (files / "passwd").symlink_to("/etc/passwd")
    (files / "content.txt").symlink_to("../operator.yaml")
    (files / "nothing").symlink_to("nowhere")
    (files / "system").symlink_to("/")
    (files / "huge.mp4").touch()
    os.truncate(files / "huge.mp4", 60 << 20)
    os.mkfifo(files / "pipe")
    (folder / "operator.yaml").write_text("agency: {en: Our agency, zh: 我们}\n")
    (area / "linked.yaml").symlink_to(folder.parent / "secret.yaml")
    (area / "null.yaml").symlink_to("/dev/zero")
    os.mkfifo(area / "pipe.yaml")
    os.mkfifo(area / "pipe")
    (folder / "topics" / "elsewhere").symlink_to(folder.parent)
    (folder / "checks").symlink_to(folder)
    (folder / ".hidden").symlink_to("/")
    Path(os.fsdecode(os.fsencode(area) + b"/\xff.yaml")).write_text("")
    (area / "two\nlines.yaml").write_text("")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(area / "socket.yaml"))  # its path may have 107 letters
        told = found(folder, {})
        assert fingerprint([folder])
    library, _ = load([folder], only=True)
    assert set(library.files) == {"poster.png", "same.png"}
    assert Path(library.files["same.png"]).read_bytes() == b"a picture"
    messages = {one.file.removeprefix("own/"): one.message for one in told}
    words = {
        "files/passwd": 'a link that leads out of "files"; put the file itself here',
        "files/content.txt": 'a link that leads out of "files"',
        "files/nothing": "a link that leads nowhere",
        "files/system": "a link to a folder, which is not followed",
        "files/huge.mp4": "more than 50 MB",
        "files/pipe": "a pipe, a socket or a device",
        "topics/a/linked.yaml": 'a link that leads out of "own"',
        "topics/a/null.yaml": "a pipe, a socket or a device",
        "topics/a/pipe.yaml": "a pipe, a socket or a device",
        "topics/a/pipe": "a pipe, a socket or a device",
        "topics/a/socket.yaml": "a pipe, a socket or a device",
        "topics/elsewhere": "a link to a folder",
        "checks": "a link to a folder",
        "topics/a/?.yaml": "signs that cannot be shown",
        "topics/a/two\nlines.yaml": "signs that cannot be shown",
    }
    assert messages.keys() == words.keys()
    assert all(words[name] in message for name, message in messages.items()), messages
    assert "hunter2" not in str(told)


def test_a_link_that_comes_later_is_a_change(folder: Path) -> None:
    (folder / "files" / "poster.png").write_bytes(b"a picture")
    before, (path,) = fingerprint([folder]), load([folder], only=True)[0].files.values()
    assert still_there(path)
    (folder / "files" / "poster.png").unlink()
    (folder / "files" / "poster.png").symlink_to("/etc/passwd")
    assert fingerprint([folder]) != before
    assert not still_there(path)


def test_a_folder_without_end_is_one_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path.joinpath("deep", *["a"] * 40)
    deep.mkdir(parents=True)
    with pytest.raises(Unreadable, match="12 in one another"):
        content_files(tmp_path / "deep")
    (tmp_path / "many").mkdir()
    for number in range(30):
        (tmp_path / "many" / f"{number}.txt").touch()
    monkeypatch.setattr("bot.content.folder.MOST_FILES", 20)
    with pytest.raises(Unreadable, match="more than 20 files"):
        content_files(tmp_path / "many")
    monkeypatch.setattr("bot.content.folder.LARGEST_TEXTS", 1 << 20)
    (tmp_path / "large").mkdir()
    for number in range(3):
        (tmp_path / "large" / f"{number}.yaml").write_bytes(bytes(1 << 19))
    with pytest.raises(Unreadable, match="more than 1 MB together"):
        content_files(tmp_path / "large")


def test_lint_tells_it_all_in_one_run(run: Run, folder: Path) -> None:  # noqa: F811
    (folder / "topics" / "a" / "bomb.yaml").write_text(bomb())
    for number, text in enumerate(("{{ 9**9**9 }}", "{{ ('x'*1000000000) }}")):
        (folder / "topics" / "a" / f"t{number}.yaml").write_text(TOPIC % f'"{text}"')
    (folder / "files" / "passwd").symlink_to("/etc/passwd")
    done = run("knowledge", "lint", "--only-knowledge", str(folder))
    assert done.returncode == 1
    places = ("topics/a/bomb.yaml:1: ", "topics/a/t0.yaml:3: ", "topics/a/t1.yaml:3: ", "files/passwd:1: ")
    assert all(f"own/{place}" in done.stdout for place in places), done.stdout
