"""One broken sample for each mistake an editor can make, with the place and the words of its message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.folder import Unreadable
from bot.content.templates import Templates, code
from bot.knowledge import lint
from bot.knowledge.library import load
from bot.language.detect import HAN_CHARACTER

GOOD_TOPIC = """\
title: {en: Parking, zh: 停车}
source: A2
facts:
  - id: parking
    en: There is none.
    zh: 没有。
phrasings:
  en: [parking lot here, where to leave my car]
  zh: [停车场在哪里, 车停哪里]
"""


def topic(old: str, new: str) -> str:
    assert old in GOOD_TOPIC
    return GOOD_TOPIC.replace(old, new)


def mistakes(folder: Path, files: Mapping[str, str | bytes], *, warnings: bool = False) -> list[str]:
    """The mistakes found when the files are laid over the content that ships."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    library, found = load([folder])
    told = [
        one for one in [*found, *lint.check(library)] if one.warning == warnings and one.file.startswith(folder.name)
    ]
    for one in told:  # each in Chinese as well, of which the quoted part may be none
        chinese = one.words("zh").removeprefix(f"{one.file}:{one.line}: ")
        assert len(HAN_CHARACTER.findall(chinese)) >= 5, chinese
        assert one.code
    return [str(one) for one in told]


PARKING = "topics/places/parking.yaml"

# (file, its text, line, words that the message must contain)
BROKEN: list[tuple[str, str | bytes, int, list[str]]] = [
    *(
        (
            PARKING,
            f"{GOOD_TOPIC}missing:\n  - id: own\n    en: Not said.\n    zh: 没有写。\n    asked: {{en: [a], zh: [啊]}}\n    along: {told}\n",
            15,
            words,
        )
        for told, words in (
            ("{check: entri, question: q, value: v, topics: []}", ['no check is called "entri"']),
            ("{check: medal, question: strengt, value: v, topics: []}", ['no question is called "strengt"']),
            (
                "{check: medal, question: strengths, value: bran, topics: []}",
                ['"strengths" has no value "bran"', '"brand"'],
            ),
            (
                "{check: medal, question: strengths, value: brand, topics: [entry-feee]}",
                ['no topic is called "entry-feee"'],
            ),
        )
    ),
    (PARKING, topic("source:", "sauce:"), 2, ['no key is called "sauce"', '"source"']),
    (
        PARKING,
        topic("title: {en: Parking, zh: 停车}", "title: {en: Parking}"),
        1,
        ['Chinese text "zh" is missing', "every text needs en and zh"],
    ),
    (PARKING, topic("没有。", '"**车位：**没有"'), 6, ["the stars of a bold text show"]),
    (PARKING, topic("    zh: 没有。\n", ""), 4, ['Chinese text "zh" is missing']),
    (PARKING, topic("    en: There is none.", "    en:"), 5, ['"en" is empty']),
    (PARKING, topic("source: A2", "source: A7"), 2, ['no source is called "A7"', "A1, A2, A3"]),
    (PARKING, topic("source: A2\n", ""), 1, ['the key "source" is missing']),
    (
        PARKING,
        topic("facts:", "related: [deposit-amuont]\nfacts:"),
        3,
        ['no topic is called "deposit-amuont"', '"deposit-amount"'],
    ),
    (PARKING, topic("facts:", "related: [a, b, c, d]\nfacts:"), 3, ["related", "at most 3"]),
    (PARKING, topic("facts:", "check: parking\nfacts:"), 3, ['no check is called "parking"']),
    (PARKING, topic("facts:", "rests_on: [chargd-high]\nfacts:"), 3, ['no term is called "chargd-high"']),
    (PARKING, topic("facts:", "pictures: [lot.png]\nfacts:"), 3, ['no file "files/lot.png"']),
    (
        PARKING,
        topic("- id: parking", "- id: parking\n    status: sure"),
        5,
        ['"sure" is not one of: stated, announced, missing'],
    ),
    (
        PARKING,
        topic("- id: parking", "- id: parking\n    confirmed: {date: 2999-01-01, source: me}"),
        5,
        ["2999-01-01 lies in the future"],
    ),
    (
        PARKING,
        topic("- id: parking", "- id: parking\n    confirmed: {date: soon, source: me}"),
        5,
        ['"soon" is not a date', "2026-11-03"],
    ),
    (PARKING, topic("- id: parking", "- id: Parking Lot"), 4, ['"Parking Lot" is not an id', "deposit-amount"]),
    (PARKING, topic("There is none.", "There is {{ deposit.lowset | cny }}."), 5, ["lowset"]),
    (PARKING, topic("There is none.", "{{ deposit.lowest | cny }} is it."), 5, ["begins with", "quotation marks"]),
    (PARKING, topic("There is none.", "**None** here."), 5, ['begins with "*"', "quotation marks"]),
    (PARKING, topic("There is none.", "There is {{ parkign }}."), 5, ['nothing is called "parkign"']),
    (PARKING, topic("There is none.", "|\n      First line.\n      There is {% if %}."), 7, ["not a template"]),
    (
        PARKING,
        topic("There is none.", "There is {{ benefit('parking').name }}."),
        5,
        ['no row of benefits.yaml has the id "parking"'],
    ),
    (PARKING, topic("There is none.", '"# There is none."'), 5, ["a heading cannot be shown"]),
    (PARKING, topic("There is none.", "There is <b>none</b>."), 5, ["HTML cannot be shown"]),
    (PARKING, topic("There is none.", "See [the plan](www/plan)."), 5, ['"www/plan" is no link']),
    (PARKING, topic("There is none.", "See https://example.com/plan? _page=1"), 5, ["a link has a space inside"]),
    (
        PARKING,
        topic("facts:\n  - id: parking\n    en: There is none.\n    zh: 没有。\n", ""),
        1,
        ["has no answer", '"instead"'],
    ),
    (PARKING, GOOD_TOPIC + "instead: {en: a, zh: b}\n", 10, ['take "instead" away']),
    (PARKING, GOOD_TOPIC + "title: {en: a, zh: b}\n", 10, ['"title" stands here a second time', "line 1"]),
    (PARKING, topic("    en: There", "\ten: There"), 5, ["tab", "spaces"]),
    (PARKING, topic("There is none.", "Note: there is none."), 5, ["quotation marks"]),
    (PARKING, topic("leave my car]", "leave my car"), 8, ['must end with "]"']),
    (PARKING, topic("  - id: parking\n", "  - id: parking\n    id: lot\n"), 5, ['"id" stands here a second time']),
    (
        PARKING,
        "facts:\n  - id: a\n    en: x\n    zh: y\n  - id: a\n    en: x\n    zh: y\n",
        5,
        ['the id "a" stands here a second time'],
    ),
    (
        PARKING,
        topic("  en: [parking lot here, where to leave my car]", "  en: parking lot here"),
        8,
        ['"en" must be a list'],
    ),
    (PARKING, "停车\n", 1, ["must hold keys"]),
    (PARKING, GOOD_TOPIC.encode("gbk"), 1, ["not UTF-8"]),
    (PARKING, topic("title: {en", "title：{en"), 1, ['":" after "title" is full-width']),
    (PARKING, topic("source: A2", "source：A2"), 2, ['":" after "source" is full-width']),
    (PARKING, topic("{en: Parking", "{en：Parking"), 1, ['":" after "en" is full-width']),
    (PARKING, topic("There is none.", "“There is none.”"), 5, ["quotation marks “ ” are full-width"]),
    (PARKING, topic("There is none.", "There is { deposit.lowest | cny }."), 5, ["has one brace", "{{ deposit.lowest"]),
    (PARKING, topic("There is none.", "There is ｛｛ deposit.lowest ｝｝."), 5, ['"｛ ｝" are full-width']),
    (PARKING, topic("There is none.", "There is {{ deposit.lowest }."), 5, ['"{{" and "}}"']),
    (PARKING, topic("There is none.", "There is {% if deposit %} one."), 5, ['"{% endif %}" where it ends']),
    ("topics/a/parking.YAML", GOOD_TOPIC, 1, ['ends in ".YAML" is not read', '"parking.yaml"']),
    ("topics/a/parking.yaml.txt", GOOD_TOPIC, 1, ['ends in ".yaml.txt" is not read', '"parking.yaml"']),
    ("topics/a/deposit-amount copy.yaml", GOOD_TOPIC, 1, ['a copy of "deposit-amount.yaml"']),
    ("topics/a/deposit-amount (1).yaml", GOOD_TOPIC, 1, ['a copy of "deposit-amount.yaml"']),
    ("topics/a/deposit-amount - 副本.yaml", GOOD_TOPIC, 1, ['a copy of "deposit-amount.yaml"']),
    ("toppics.yaml", "- a\n", 1, ["no content file has this name"]),
    ("sources.yaml", "- {id: A1, date: 2999-01-01, en: a, zh: b}\n", 1, ["lies in the future"]),
    ("figures.yaml", "deposit: {lowest: ten}\n", 1, ['"ten" is not a whole number']),
    ("figures.yaml", "commission: {highest: 10}\n", 1, ["its own source and date", "highest: {value: 10, source: "]),
    ("figures.yaml", "commission: {highest: {value: 10, source: A2}}\nmedal: {gmv_days: 9}\n", 2, ["medal.gmv_days"]),
    ("figures.yaml", "commission: {highest: {value: 10, source: backend}}\n", 1, ['the key "date" is missing']),
    ("figures.yaml", "commission: {highest: {value: 10, sorce: A2}}\n", 1, ['no key is called "sorce"', '"source"']),
    ("figures.yaml", "comission: {highest: 10}\n", 1, ['figures of "comission"; did you mean "commission"?']),
    ("figures.yaml", "commission: {higest: 10}\n", 1, ['the figure "higest"', 'did you mean "highest"?']),
    (
        "figures.yaml",
        "commission: {highest: {value: 10, source: backend, date: 2999-01-01}}\n",
        1,
        ["2999-01-01 lies in the future"],
    ),
    ("glossary.yaml", "- {id: a, says: b, en: c, term: d, sure: quite}\n", 1, ["high, medium, low"]),
    (
        "operator.yaml",
        "course_links: {potential-godos: 'https://example.com'}\n",
        1,
        ['no course is called "potential-godos"', '"potential-goods"'],
    ),
    ("operator.yaml", "course_links: {potential-goods: example}\n", 1, ['"example" is no link']),
    ("operator.yaml", "registration_link: example\n", 1, ['"example" is no link']),
    ("operator.yaml", "consultant: {en: Anna, zh: 安娜, qr: no.png}\n", 1, ['no file "files/no.png"']),
    ("operator.yaml", "brand: {logo: no.png}\n", 1, ['no file "files/no.png"']),
    ("operator.yaml", "brand: {colour: teal}\n", 1, ['"teal" is no colour', "#0b6b63"]),
    ("operator.yaml", 'brand:\n  colour: "#ffd800"\n', 2, ["#ffd800", "1.4 to 1", "4.5", "would do"]),
    ("operator.yaml", "brand: {privacy: privacy page}\n", 1, ['"privacy page" is no link']),
    (
        "courses.yaml",
        "- id: spring\n  title: {en: Spring, zh: 春}\n  covers: {en: it, zh: 它}\n  link: https://example.com/s\n",
        1,
        ["nothing leads to the link of this course", "keywords"],
    ),
    (
        "courses.yaml",
        "- id: spring\n  title: {en: Spring, zh: 春}\n  covers: {en: it, zh: 它}\n  keywords: [Spring it]\n  link: example\n",
        5,
        ['"example" is no link'],
    ),
    ("operator.yaml", "most_asked: [parking]\n", 1, ['no topic is called "parking"']),
    ("phrases.yaml", "welcom: {en: a, zh: b}\n", 1, ['no sentence called "welcom"', '"welcome"']),
    ("phrases.yaml", "confirmed: {en: 'By {{ who }}', zh: 'b'}\n", 1, ['nothing is filled in for "who"']),
    (
        "keywords.yaml",
        "- {id: k, keywords: [{equal: k, contain: k}], replies: [{topic: deposit-amount}]}\n",
        1,
        ["either", "equal", "contain"],
    ),
    (
        "keywords.yaml",
        "- {id: k, keywords: [{equal: '!!'}], replies: [{topic: deposit-amount}]}\n",
        1,
        ["needs letters or digits"],
    ),
    (
        "keywords.yaml",
        "- {id: k, keywords: [{equal: k}], replies: [{topic: deposit}]}\n",
        1,
        ['no topic is called "deposit"'],
    ),
    ("keywords.yaml", "- {id: k, keywords: [{equal: k}], replies: [{picture: a.png}]}\n", 1, ['no file "files/a.png"']),
    (
        "keywords.yaml",
        "- {id: k, keywords: [{equal: k}], replies: [{topic: deposit-amount, file: a}]}\n",
        1,
        ["exactly one of"],
    ),
    (
        "keywords.yaml",
        "- {id: k, keywords: [{equal: k}], give: some, replies: [{topic: deposit-amount}]}\n",
        1,
        ["all, random"],
    ),
    ("keywords.yaml", "id: k\n", 1, ["must hold a list"]),
    (
        "replies.yaml",
        "- {id: k, title: {en: k, zh: 字}, text: {en: 'Pay {{ deposit.lowst | cny }}', zh: 付款}}\n",
        1,
        ['nothing is called "lowst" here', '"lowest"'],
    ),
    ("replies.yaml", "- {id: k, title: {en: k, zh: 字}, text: {en: 'Dear {{ nam }}', zh: 您好}}\n", 1, ['"nam"']),
    ("replies.yaml", "- {id: k, title: {en: k, zh: 字}, text: {en: Hello}}\n", 1, ["Chinese"]),
    (
        "replies.yaml",
        "- {id: k, title: {en: Thanks, zh: 字}, text: {en: Hello, zh: 您好}}\n",
        1,
        ['"Thanks" is the title of the reply "thanks" already'],
    ),
    (
        "benefits.yaml",
        "- {id: benefit-x, tiers: [mall], status: stated, en: a, zh: b}\n",
        1,
        ['no topic is called "benefit-x"'],
    ),
]


@pytest.fixture(scope="module")
def found_in_topics(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The mistakes of all broken topics, which lie in one folder, each in a file of its own: one run finds them all."""
    topics = {own_file(number): text for number, (name, text, _, _) in enumerate(BROKEN) if name == PARKING}
    return mistakes(tmp_path_factory.mktemp("broken"), topics)


def own_file(number: int) -> str:
    return PARKING.replace(".yaml", f"-{number}.yaml")


@pytest.mark.parametrize("number", range(len(BROKEN)), ids=[f"{n}:{w[0] if w else 'yaml'}" for n, _, _, w in BROKEN])
def test_every_mistake_is_told_with_its_place(number: int, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    name, text, line, words = BROKEN[number]
    if name == PARKING:
        name, found = own_file(number), request.getfixturevalue("found_in_topics")
    else:
        found = mistakes(tmp_path, {name: text})
    here = [one for one in found if f"/{name}:{line}: " in one]
    assert here, found
    assert any(all(word in one for word in words) for one in here), here


def test_the_sample_that_the_mistakes_are_made_from_is_right(tmp_path: Path) -> None:
    assert mistakes(tmp_path, {PARKING: GOOD_TOPIC}) == []


def test_all_mistakes_of_all_files_are_told_in_one_run(tmp_path: Path) -> None:
    files = {
        "topics/a/one.yaml": topic("source:", "sauce:").replace("facts:", "chek: x\nfacts:"),
        "topics/a/two.yaml": topic("There is none.", "There is {{ nothing }}.")
        .replace("parking lot", "empty lot")
        .replace("my car", "my van"),
        "keywords.yaml": "- {id: k, keywords: [], replies: []}\n",
    }
    found = "\n".join(mistakes(tmp_path, files))
    for words in ('"sauce"', '"chek"', "nothing", '"keywords" needs at least 1', '"replies" needs at least 1'):
        assert words in found


def test_two_topic_files_of_one_name_are_told(tmp_path: Path) -> None:
    found = mistakes(tmp_path, {PARKING: GOOD_TOPIC, "topics/other/parking.yaml": GOOD_TOPIC})
    assert any("the id parking is taken by" in one for one in found)


def test_rules_that_one_message_hits_are_noted_with_the_winner(tmp_path: Path) -> None:
    rules = (
        "- {id: first, priority: 99, keywords: [{equal: blue moon}], replies: [{topic: deposit-amount}]}\n"
        "- {id: second, keywords: [{contain: moon}], replies: [{topic: deposit-refund}]}\n"
    )
    notes = mistakes(tmp_path, {"keywords.yaml": rules}, warnings=True)
    assert any('"first", which wins: its higher priority decides' in note and '"blue moon"' in note for note in notes)


def test_a_topic_with_few_phrasings_is_noted(tmp_path: Path) -> None:
    notes = mistakes(tmp_path, {PARKING: GOOD_TOPIC}, warnings=True)
    assert any("only 2 English phrasings" in note for note in notes)
    assert any("only 2 Chinese phrasings" in note for note in notes)


def test_the_topics_that_a_keyword_swallows_are_named(tmp_path: Path) -> None:
    rules = (
        "- {id: ours, keywords: [{contain: 保证金}], replies: [{topic: deposit-amount}]}\n"
        "- {id: fine, keywords: [{equal: 冻结}], replies: [{topic: deposit-amount}]}\n"
        "- {id: half, keywords: [{anywhere: edal}], replies: [{topic: deposit-amount}]}\n"
    )
    notes = [note for note in mistakes(tmp_path, {"keywords.yaml": rules}, warnings=True) if "takes questions" in note]
    assert len(notes) == 2
    assert '"anywhere: edal" takes questions away from ' in notes[1]
    assert '"contain: 保证金" takes questions away from ' in notes[0]
    assert "deposit-refund" in notes[0]
    assert "deposit-amount" not in notes[0]


def test_what_the_operator_has_not_set_is_told_once(tmp_path: Path) -> None:
    files = {
        "operator.yaml": "gift: {en: a pen, zh: 一支笔}\n",
        "keywords.yaml": "- {id: w, keywords: [{equal: Sunshine}], replies: [{topic: weather}]}\n",
    }
    notes = [note for note in mistakes(tmp_path, files, warnings=True) if "not set yet" in note]
    assert len(notes) == 1
    for part in (
        "agency",
        "consultant",
        'course_links of potential-goods (the keyword "Potential Goods" brings no link)',
        '"Sunshine" brings neither a link nor a text',
    ):
        assert part in notes[0]
    assert "gift" not in notes[0]


def test_a_folder_that_is_none_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no such folder"):
        load([tmp_path / "nowhere"])


def test_later_folders_add_to_earlier_ones_and_change_them(tmp_path: Path) -> None:
    over = tmp_path / "ours"
    files = {
        "topics/fees/deposit-amount.yaml": "title: {en: Deposit!, zh: 保证金！}\nphrasings: {en: [how many coins], zh: [多少铜板]}\n"
        "facts:\n  - id: range\n    confirmed: {date: 2026-01-02, source: backend}\n",
        "operator.yaml": "consultant: {en: Anna, zh: 安娜}\n",
    }
    assert mistakes(over, files) == []
    library, _ = load([over])
    topic_now = library.topics["deposit-amount"]
    shipped, _ = load([])
    before = shipped.topics["deposit-amount"]
    assert topic_now.title.en == "Deposit!"
    assert topic_now.facts[0].en == before.facts[0].en
    assert topic_now.facts[0].confirmed is not None
    assert topic_now.phrasings.en == (*before.phrasings.en, "how many coins")
    assert library.operator.consultant is not None
    assert library.operator.most_asked == shipped.operator.most_asked


def test_a_later_folder_can_take_entries_away(tmp_path: Path) -> None:
    over = tmp_path / "ours"
    files = {
        "topics/fees/deposit-amount.yaml": "missing:\n  - id: by-category\n    remove: yes\n",
        "keywords.yaml": "- id: potential-goods\n  remove: yes\n",
    }
    assert mistakes(over, files) == []
    library, _ = load([over])
    assert "by-category" not in [detail.id for detail in library.topics["deposit-amount"].missing]
    assert "potential-goods" not in library.rules


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(
            ("figures.yaml", f"commission: {{highest: {value}}}\n")
            for value in ("ten", "{value: ten, source: A2}", "[10]")
        ),
        (
            "topics/fees/deposit-amount.yaml",
            "facts:\n  - id: rnge\n    confirmed: {date: 2026-01-01, source: me}\n",
        ),
        ("checks/deposit.yaml", "title: {en: Deposit}\nquestionss: []\n"),
    ],
)
def test_what_follows_from_a_mistake_is_not_told(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    library, found = load([tmp_path])
    assert [one.file for one in [*found, *lint.check(library)] if not one.warning] == [f"{tmp_path.name}/{name}"]


def test_chinese_in_english_is_noted(tmp_path: Path) -> None:
    text = topic("There is none.", "这里没有停车场。").replace("here, where", "here，where")
    notes = mistakes(tmp_path, {PARKING: text}, warnings=True)
    assert any(':8: note: the comma in "parking lot here，where' in note for note in notes)
    assert any(":5: note: the English text is written in Chinese here" in note for note in notes)


def test_unchanged_files_are_parsed_once_and_those_with_a_mistake_each_time(tmp_path: Path) -> None:
    over = tmp_path / "ours"
    garage = "topics/places/garage.yaml"
    bad = GOOD_TOPIC + "title: {en: a, zh: b}\n"
    mistakes(over, {PARKING: bad, garage: GOOD_TOPIC})
    first, told = load([over])
    second, again = load([over])
    assert [str(one) for one in told if not one.warning] == [str(one) for one in again if not one.warning] != []
    assert first.places["topics/garage"] is second.places["topics/garage"]
    (over / garage).write_text(GOOD_TOPIC.replace("There is none.", "There is one."), "utf-8")
    third, _ = load([over])
    assert third.topics["garage"].facts[0].en == "There is one."
    assert second.topics["garage"].facts[0].en == "There is none."


def test_a_template_is_compiled_once_and_told_with_the_tiers_of_each_content() -> None:
    data = load([])[0].data
    renamed = replace(data, tiers={**data.tiers, "gold": data.tiers["gold"].model_copy(update={"en": "golden"})})
    text = "{{ ('gold',) | tiers }}, {{ 10000 | cny }}"
    assert Templates(data).render(text, "en") == "gold, CNY 10,000"
    assert Templates(renamed).render(text, "en") == "golden, CNY 10,000"
    assert Templates(renamed).render(text, "zh") == "金牌, 1万元"
    before = code.cache_info().misses
    Templates(data).render(text, "en")
    assert code.cache_info().misses == before
