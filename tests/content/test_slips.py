"""The slips that editors make every day: each is told once, on its line, with what would be right, in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.commands import line
from bot.content.tree import Mistake
from bot.knowledge import lint
from bot.knowledge.library import load
from bot.language.detect import HAN_CHARACTER

PARKING = """\
title: {en: Parking, zh: 停车}
source: A2
related: [opening]
facts:
  - id: parking
    status: stated
    en: There is none.
    zh: 没有。
  - id: later
    en: "Some of it for {{ fee.hour | cny }}."
    zh: "以后{{ fee.hour | cny }}。"
    then: {en: [and later], zh: [以后呢]}
phrasings:
  en: [parking lot here, where to leave my car]
  zh: [停车场在哪里, 车停哪里]
"""
CHECK = """\
title: {en: Can I park?, zh: 我能停车吗？}
intro: {en: One question., zh: 一个问题。}
related: [parking]
start: {en: [may I park here], zh: [我可以停这里吗]}
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
    topic: parking
    text: {en: Cars fit., zh: 轿车可以。}
  - id: lorry
    when: {vehicle: lorry}
    verdict: not_eligible
    topic: parking
    text: {en: Lorries do not fit., zh: 货车不行。}
    next_step: {en: Come by car., zh: 换轿车来。}
examples:
  - {answers: {vehicle: car}, verdict: eligible}
"""
OPENING = """\
title: {en: Opening, zh: 营业}
source: A2
facts:
  - {id: hours, en: From nine to five., zh: 九点到五点。}
phrasings: {en: [when do you open], zh: [几点营业]}
"""
SOURCES = "- {id: A2, date: 2022-03-29, en: The opening, zh: 开店}\n"
TOPIC_FILE, CHECK_FILE = "topics/places/parking.yaml", "checks/parking.yaml"
GOOD = {
    "sources.yaml": SOURCES,
    "figures.yaml": "fee: {hour: 7}\n",
    "topics/places/opening.yaml": OPENING,
    "keywords.yaml": "- {id: k, keywords: [{equal: cars}], replies: [{topic: parking}]}\n",
    TOPIC_FILE: PARKING,
    CHECK_FILE: CHECK,
}


def found(folder: Path, files: dict[str, str | bytes]) -> list[Mistake]:
    """What is told of the good content with these files in it, but for what small content always lacks."""
    write(folder, {**GOOD, **files})
    library, mistakes = load([folder], only=True)
    told = [*mistakes, *lint.check(library)]
    return [one for one in told if one.code not in ("few-phrasings", "not-set-yet")]


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


# (file, what stands there, what was written instead, code, line, path, words of both messages)
SLIPS: list[tuple[str, str, str, str, int, tuple[str | int, ...], str]] = [
    (TOPIC_FILE, "    en: There", "    en There", "no-colon", 7, (), "en: …"),
    (TOPIC_FILE, "facts:\n", "facts\n", "no-colon", 4, (), "facts: …"),
    (TOPIC_FILE, "zh: 停车}", "zh 停车}", "no-colon", 1, ("title", "zh"), "zh: …"),
    (TOPIC_FILE, "source: A2", "source:A2", "no-space-after-colon", 2, (), "source: …"),
    (TOPIC_FILE, "    zh: 没", "\tzh: 没", "begins-with-tab", 8, (), ""),
    (TOPIC_FILE, "    zh: 没", "   zh: 没", "indented-differently", 8, (), ""),
    (TOPIC_FILE, "    zh: 没", "     zh: 没", "indented-differently", 8, (), ""),
    (TOPIC_FILE, "    zh: 没有。\n", "", "missing-language", 5, ("facts", "parking", "zh"), "en"),
    (TOPIC_FILE, "    zh: 没有。\n", "    zh:\n", "empty", 8, ("facts", "parking", "zh"), "zh"),
    (TOPIC_FILE, "[opening]", "[openning]", "no-topic", 3, ("related", 0), "opening"),
    (TOPIC_FILE, "[opening]", "opening", "not-a-list", 3, ("related",), "- "),
    (TOPIC_FILE, "[opening]", "[opening，parking]", "wide-comma-in-list", 3, ("related", 0), "，"),
    (TOPIC_FILE, "[opening]", "【opening】", "wide-brackets", 3, ("related",), "[ … ]"),
    (TOPIC_FILE, "id: later", "id: parking", "id-twice", 9, ("facts", 1, "id"), "5"),
    (TOPIC_FILE, "id: later", "id: Later Today", "not-an-id", 9, ("facts", "Later Today", "id"), "deposit-amount"),
    (TOPIC_FILE, 'cny }}."', "cny }}.", "quote-not-closed", 10, (), '"'),
    (TOPIC_FILE, "{en: Parking,", '{en: "Parking,', "quote-not-closed", 1, (), '"'),
    (TOPIC_FILE, "en: There is none.", "en: 'There is none.", "quote-not-closed", 7, (), "'"),
    (TOPIC_FILE, "en: There is", 'en: "There" is', "quote-too-early", 7, (), "“ ”"),
    (TOPIC_FILE, "zh: 停车}", "zh: 停车", "mapping-not-closed", 1, (), "}"),
    (TOPIC_FILE, "fee.hour | cny }}.", "fee.hour | cny.", "not-a-template", 10, ("facts", "later", "en"), "{{"),
    (TOPIC_FILE, "| cny }}.", "| cnny }}.", "no-filter", 10, ("facts", "later", "en"), "cny"),
    (TOPIC_FILE, "hour | cny }}.", "huor | cny }}.", "nothing-called-here", 10, ("facts", "later", "en"), "hour"),
    (TOPIC_FILE, "| cny }}.", "｜ cny }}.", "not-a-template", 10, ("facts", "later", "en"), "｜"),
    (TOPIC_FILE, "zh: 没", 'zh: "{% endif %}"\n#', "not-a-template", 8, ("facts", "parking", "zh"), "{% if … %}"),
    (TOPIC_FILE, "phrasings:", "phrasing:", "unknown-key", 13, ("phrasing",), "phrasings"),
    (TOPIC_FILE, "en: There is none.", "en: [There is]", "not-a-text", 7, ("facts", "parking", "en"), "en"),
    (TOPIC_FILE, "source: A2", "source：A2", "wide-colon", 2, (), "："),
    (TOPIC_FILE, "{en: Parking, zh", "{en: Parking，zh", "wide-comma", 1, (), "，"),
    (TOPIC_FILE, "source: A2", "source: “A2”", "wide-quotes", 2, ("source",), "“ ”"),
    (TOPIC_FILE, "  - id: parking", "  － id: parking", "wide-list-mark", 5, (), "－"),
    (TOPIC_FILE, "- id: parking", "- id:parking", "no-space-after-colon", 5, (), "id: …"),
    (TOPIC_FILE, "- id: parking", "-id: parking", "no-space-after-dash", 5, (), "- id: …"),
    (TOPIC_FILE, "    zh: 没", "　　zh: 没", "begins-with-wide-space", 8, (), ""),
    (TOPIC_FILE, "related: [", "related: - [", "dash-beside-key", 3, (), "-"),
    ("keywords.yaml", "equal", "equals", "unknown-key", 1, ("k", "keywords", 0, "equals"), "equal"),
    (TOPIC_FILE, "There is none.", "There \x07is none.", "sign-not-shown", 7, (), "U+0007"),
    (CHECK_FILE, "{vehicle: lorry}", "{vehicle: lory}", "no-value", 28, ("rules", "lorry", "when", "vehicle"), "lorry"),
    (CHECK_FILE, ": not_eligible", ": not_eligable", "no-such-word", 29, ("rules", "lorry", "verdict"), "not_eligible"),
    (CHECK_FILE, "questions:", "question:", "unknown-key", 9, ("question",), "questions"),
    ("sources.yaml", "2022-03-29", "29/3/2022", "not-a-date", 1, ("A2", "date"), "2026-11-03"),
    ("figures.yaml", "7", "seven", "not-a-whole-number", 1, ("fee", "hour"), "seven"),
    ("figures.yaml", "{hour: 7}", "{hour: 7", "mapping-not-closed", 1, (), "}"),
]


def told_once(told: list[Mistake], code: str, file: str, line: int, path: tuple[str | int, ...], words: str) -> None:
    assert [(one.code, one.file, one.line, one.path) for one in told] == [(code, file, line, path)], told
    english, chinese = told[0].words("en"), told[0].words("zh")
    assert words in english
    assert words in chinese
    assert len(HAN_CHARACTER.findall(chinese)) >= 5
    assert english.startswith(f"{file}:{line}: ")
    assert chinese.startswith(f"{file}:{line}: ")


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "line", "path", "words"), SLIPS, ids=[f"{one[3]}:{one[4]}" for one in SLIPS]
)
def test_a_slip_is_told_once(
    file: str, old: str, new: str, code: str, line: int, path: tuple[str | int, ...], words: str, tmp_path: Path
) -> None:
    assert old in GOOD[file]
    told = found(tmp_path / "ours", {file: GOOD[file].replace(old, new, 1)})
    told_once(told, code, f"ours/{file}", line, path, words)


@pytest.mark.parametrize(
    ("file", "text", "code", "words"),
    [
        ("topics/places/exit.yml.txt", PARKING, "ending-not-read", "exit.yaml"),
        ("topic/places/exit.yaml", PARKING, "no-content-folder", "topics"),
        ("sorces.yaml", SOURCES, "no-content-file", "sources"),
        ("topics/places/parking - 副本.yaml", PARKING, "a-copy", "parking.yaml"),
        (TOPIC_FILE, PARKING.encode("gbk"), "not-utf8-but-gbk", "UTF-8"),
        (TOPIC_FILE, PARKING.encode("utf-16"), "not-utf8-but-utf16", "UTF-8"),
        (TOPIC_FILE, "", "empty-file", "phrasings"),
    ],
)
def test_a_file_that_is_no_content_is_told_once(
    file: str, text: str | bytes, code: str, words: str, tmp_path: Path
) -> None:
    told_once(found(tmp_path / "ours", {file: text}), code, f"ours/{file}", 1, (), words)


def test_good_content_with_a_byte_order_mark_has_no_mistakes(tmp_path: Path) -> None:
    assert found(tmp_path / "ours", {TOPIC_FILE: b"\xef\xbb\xbf" + PARKING.encode()}) == []


def test_a_chinese_text_without_chinese_is_noted(tmp_path: Path) -> None:
    told = found(tmp_path / "ours", {TOPIC_FILE: PARKING.replace("zh: 没有。", "zh: No cars at all.")})
    assert [(one.code, one.line, one.warning) for one in told] == [("english-in-chinese", 8, True)]
    assert ": 提示：" in told[0].words("zh")


@pytest.mark.parametrize(
    ("file", "text", "code", "line", "path"),
    [
        (TOPIC_FILE, PARKING.replace("{en: Parking", "{en: 停放车辆"), "chinese-in-english", 1, ("title", "en")),
        (
            CHECK_FILE,
            CHECK.replace("zh: 一个问题。", "zh: Just one question."),
            "english-in-chinese",
            2,
            ("intro", "zh"),
        ),
        (
            CHECK_FILE,
            CHECK.replace("en: Cars fit.", 'en: "Up to { fee.hour }."'),
            "one-brace",
            26,
            ("rules", "car", "text", "en"),
        ),
        ("operator.yaml", "agency: {en: 某某电商学院, zh: 某某}\n", "chinese-in-english", 1, ("agency", "en")),
        ("phrases.yaml", "welcome: {en: “Welcome!”, zh: 您好！}\n", "wide-quotes-shown", 1, ("welcome", "en")),
    ],
)
def test_every_text_is_looked_at(
    file: str, text: str, code: str, line: int, path: tuple[str | int, ...], tmp_path: Path
) -> None:
    told = found(tmp_path / "ours", {file: text})
    assert [(one.code, one.file, one.line, one.path) for one in told] == [(code, f"ours/{file}", line, path)], told


def test_the_path_is_that_of_the_file_in_which_the_mistake_stands(tmp_path: Path) -> None:
    write(tmp_path / "base", {**GOOD})
    over = "facts: [{id: later, en: 'See {{ fee.huor }}.'}]\nphrasings: {en: [when do you open]}\n"
    write(tmp_path / "ours", {TOPIC_FILE: over})
    library, mistakes = load([tmp_path / "base", tmp_path / "ours"], only=True)
    told = [one for one in [*mistakes, *lint.check(library)] if not one.warning or one.code == "words-won"]
    assert sorted((one.code, one.file, one.path) for one in told) == [
        ("nothing-called-here", f"ours/{TOPIC_FILE}", ("facts", "later", "en")),
        ("words-won", f"ours/{TOPIC_FILE}", ("phrasings", "en", 0)),  # the third, laid over the base
    ]


def test_lint_speaks_the_language_that_is_asked_for_or_that_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "ours", {**GOOD, TOPIC_FILE: PARKING.replace("[opening]", "[openning]")})
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/a.db")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def linted(*options: str) -> Result:
        return CliRunner().invoke(line.cli, ["knowledge", "lint", "--only-knowledge", str(tmp_path / "ours"), *options])

    place = f"ours/{TOPIC_FILE}:3: "
    chinese = f"{place}没有编号为 `openning` 的话题；是不是想写 `opening`？"
    english = f'{place}no topic is called "openning"; did you mean "opening"?'
    assert english in linted().output
    in_chinese = linted("--lang", "zh")
    assert in_chinese.exit_code == 1
    assert chinese in in_chinese.output
    assert "1 个错误" in in_chinese.output
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert chinese in linted().output
    assert english in linted("--lang", "en").output
    monkeypatch.setenv("LC_ALL", "C")  # comes before LANG
    assert english in linted().output
    row = json.loads(linted("--json").stdout)["mistakes"][0]
    assert row == {
        "code": "no-topic",
        "file": f"ours/{TOPIC_FILE}",
        "line": 3,
        "path": ["related", 0],
        "en": english.removeprefix(place),
        "zh": chinese.removeprefix(place),
    }
