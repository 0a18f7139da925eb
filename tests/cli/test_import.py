"""Tables of questions and answers, as an agency's office has them, become topics: alone, and over the content that ships."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml
from click.testing import CliRunner, Result

from bot.assistant import Assistant
from bot.channels.terminal import HERE
from bot.commands.line import cli
from bot.knowledge import lint
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import load
from bot.model import Message
from bot.store import MemoryStore

Import = Callable[..., Result]

# Words that nothing of the content that ships has.
ROWS = [
    ("问题", "答案", "语言", "标题"),
    ("仓库几点关门", "仓库晚上八点关门。", "中文", "仓库关门时间"),
    ("仓库晚上还收货吗", "仓库晚上八点关门。", "zh", "仓库关门时间"),
    ("When does the warehouse close", "The warehouse closes at 8 pm.", "English", "仓库关门时间"),
    ("茶水间有咖啡吗", "茶水间有咖啡，{{ 免费 }}。", "", "茶水间"),
]


@pytest.fixture
def imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Import a file into `ours`."""
    monkeypatch.chdir(tmp_path)

    def do(name: str, data: bytes | str, *options: str) -> Result:
        (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
        form = "csv" if name.endswith((".csv", ".txt")) else "xlsx"
        done = CliRunner().invoke(cli, ["knowledge", "import", form, name, "--to", "ours", *options])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return do


def book(fill: Callable[[Any], None]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        fill(made)
    return out.getvalue()


def sheet(rows: Sequence[Sequence[Any]], name: str = "问答") -> bytes:
    def fill(made: Any) -> None:
        added = made.add_worksheet(name)
        for number, row in enumerate(rows):
            for index, cell in enumerate(row):
                (added.write_string if isinstance(cell, str) else added.write)(number, index, cell)

    return book(fill)


def lines(delimiter: str = ",", rows: Sequence[Sequence[str]] = ROWS) -> str:
    return "".join(delimiter.join(row) + "\r\n" for row in rows)


def topics(folder: Path) -> dict[str, Any]:
    """What was written, by the topic's id."""
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in folder.glob("ours/topics/imported/*.yaml")}


def said(knowledge: Knowledge, text: str) -> str:
    reply = Assistant(knowledge, MemoryStore()).receive_now(Message(HERE, text)).replies[0]
    return reply.text


FILES = {
    "faq.xlsx": sheet(ROWS),
    "utf-8.csv": lines(),
    "marked.csv": "\ufeff" + lines(),
    "gbk.csv": lines().encode("gbk"),
    "utf-16.txt": lines("\t").encode("utf-16"),
    "utf-16-le.csv": lines(";").encode("utf-16-le"),
    "utf-16-be.csv": lines().encode("utf-16-be"),
    "semicolons.csv": lines(";"),
    "tabs.csv": lines("\t").encode("gb18030"),
    "sep.csv": "sep=;\r\n" + lines(";"),
    "titled.csv": "公司常见问题,,,\r\n,,,\r\n" + lines(),
}


@pytest.mark.parametrize("name", FILES)
def test_every_form_of_a_table_says_the_same(imports: Import, tmp_path: Path, name: str) -> None:
    done = imports(name, FILES[name], "--alone")
    assert done.exit_code == 0, done.output
    made = topics(tmp_path)
    assert list(made) == ["cang-ku-guan-men-shi-jian", "cha-shui-jian"]
    closing = made["cang-ku-guan-men-shi-jian"]
    assert closing["title"] == {"en": "仓库关门时间", "zh": "仓库关门时间"}
    assert closing["phrasings"] == {"en": ["When does the warehouse close"], "zh": ["仓库几点关门", "仓库晚上还收货吗"]}
    assert (closing["facts"][0]["en"], closing["facts"][0]["zh"]) == (
        "The warehouse closes at 8 pm.",
        "仓库晚上八点关门。",
    )
    assert made["cha-shui-jian"]["phrasings"] == {"en": [], "zh": ["茶水间有咖啡吗"]}


def test_what_was_imported_is_answered_alone(imports: Import, tmp_path: Path) -> None:
    assert imports("faq.xlsx", FILES["faq.xlsx"]).exit_code == 0
    alone = Knowledge.open([tmp_path / "ours"], only=True)
    assert "The warehouse closes at 8 pm." in said(alone, "when does the warehouse close")
    assert "仓库晚上八点关门。" in said(alone, "仓库几点关门？")
    assert "茶水间有咖啡，{{ 免费 }}。" in said(alone, "茶水间有咖啡吗")
    assert "faq.xlsx" in said(alone, "仓库几点关门")
    assert "CNY" not in said(alone, "how much is the deposit")
    assert "您好" in said(alone, "你好")  # small talk is lent, which an empty file of it had kept away


def test_what_was_imported_lies_over_what_ships(imports: Import, tmp_path: Path) -> None:
    """Learning both together takes a minute, so that what can go wrong before is looked for: ids and phrasings of both."""
    rows = [
        *ROWS,
        ("deposit amount of the canteen", "None.", "en", "Deposit amount"),
        ("保证金多少", "一万。", "", "x"),
    ]
    assert imports("faq.xlsx", sheet(rows)).exit_code == 0
    library, mistakes = load([tmp_path / "ours"])
    assert [one for one in [*mistakes, *lint.check(library)] if not one.warning] == []
    assert set(topics(tmp_path)) <= set(library.topics)
    assert library.topics["deposit-amount"].title.en == "How much the deposit is"
    notes = [one.message for one in lint.check(library) if "one text for both languages" in one.message]
    assert len(notes) == 2, notes


@pytest.mark.parametrize(
    "header",
    [
        "Question,Answer",
        "Q,A",
        " 问题 ,答复",
        "問題,回答",
        "问法,解答",
        "ＱＵＥＳＴＩＯＮ,ＡＮＳＷＥＲ",
        "问题内容,标准答案",
        "问题（必填）,答案*",
        "Question (ZH),Answer",
    ],
)
def test_columns_go_by_many_names(imports: Import, tmp_path: Path, header: str) -> None:
    done = imports("q.csv", f"{header}\n茶水间有咖啡吗,有的。\n", "--alone")
    assert done.exit_code == 0, done.output
    assert topics(tmp_path)["cha-shui-jian-you-ka-fei-ma"]["phrasings"]["zh"] == ["茶水间有咖啡吗"]


def test_a_sheet_as_people_fill_it(imports: Import, tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        made.add_worksheet("说明").write(0, 0, "本表由客服部维护")
        own = made.add_worksheet("客服")
        own.merge_range("A1:C1", "客服问答")
        own.write_row(2, 0, ["问题", "答案", "备注"])
        own.write(3, 0, "1. 茶水间有咖啡吗\n2、咖啡在哪里")
        own.merge_range("B4:B5", "有的。\n咖啡在三楼。")
        own.write(4, 0, "有没有咖啡")
        own.write_row(6, 0, ["会议室几号", 10])
        own.write(7, 0, "年会哪天开")
        own.write_datetime(7, 1, datetime(2026, 11, 3), made.add_format({"num_format": "yyyy-mm-dd"}))
        own.write(8, 0, "谁管打印机")
        own.write_formula(8, 1, '="小"&"王"', None, "小王")
        own.write_string(9, 0, "=SUM(A1) 是什么")
        own.write_string(9, 1, "{% raw %}是公式{{ 7*7 }}｛x｝")
        own.write(10, 0, "二、物流")
        made.add_worksheet("旧").hide()
        two = made.add_worksheet("English")
        two.write_row(0, 0, ["Question", "Answer"])
        two.write_row(1, 0, ["who repairs the printer", "Wang does."])

    done = imports("faq.xlsx", book(fill), "--alone")
    assert done.exit_code == 0, done.output
    made = topics(tmp_path)
    coffee = made["cha-shui-jian-you-ka-fei-ma"]
    assert coffee["phrasings"]["zh"] == ["茶水间有咖啡吗", "咖啡在哪里", "有没有咖啡"]
    assert coffee["title"]["zh"] == "茶水间有咖啡吗"
    assert coffee["facts"][0]["zh"] == "有的。\n\n咖啡在三楼。"
    assert made["hui-yi-shi-ji-hao"]["facts"][0]["zh"] == "10"
    assert made["nian-hui-na-tian-kai"]["facts"][0]["zh"] == "2026-11-03"
    assert made["shui-guan-da-yin-ji"]["facts"][0]["zh"] == "小王"
    assert made["who-repairs-the-printer"]["facts"][0]["en"] == "Wang does."
    formula = Knowledge.open([tmp_path / "ours"], only=True, cache=False)
    assert "{% raw %}是公式{{ 7*7 }}｛x｝" in said(formula, "=SUM(A1) 是什么")
    assert "faq.xlsx, sheet 客服:7: note: this answer is the number 10" in done.output
    assert "faq.xlsx, sheet 客服:11: note: this question has no answer; left out" in done.output
    assert "faq.xlsx, sheet 说明:1: note: the column" in done.output
    assert 'the sheet "旧" is hidden' in done.output
    written = (tmp_path / "ours" / "topics" / "imported" / "cha-shui-jian-you-ka-fei-ma.yaml").read_text("utf-8")
    assert "  zh: |-\n    有的。\n\n    咖啡在三楼。\n" in written  # as an editor would write it


def test_both_languages_side_by_side_are_one_topic(imports: Import, tmp_path: Path) -> None:
    rows = "问题,答案,Question,Answer,标题,English title\n茶水间有咖啡吗,有的。,is there coffee,Yes.,咖啡,Coffee\n"
    assert imports("q.csv", rows, "--alone").exit_code == 0
    (coffee,) = topics(tmp_path).items()
    assert coffee[0] == "coffee"
    assert coffee[1]["title"] == {"en": "Coffee", "zh": "咖啡"}
    assert (coffee[1]["facts"][0]["en"], coffee[1]["facts"][0]["zh"]) == ("Yes.", "有的。")


def test_a_dry_run_says_what_would_be_and_writes_nothing(imports: Import, tmp_path: Path) -> None:
    first = imports("q.csv", "问题,答案,标题\n茶水间有咖啡吗,有的。,咖啡\n会议室几号,十号。,会议室\n", "--dry-run")
    assert first.exit_code == 0
    assert "Added: 2\n  ka-fei  咖啡\n    answer: 有的。\n    + 茶水间有咖啡吗\n" in first.output
    assert not (tmp_path / "ours").exists()
    imports("q.csv", "问题,答案,标题\n茶水间有咖啡吗,有的。,咖啡\n会议室几号,十号。,会议室\n旧问题在哪,没有了。,旧的\n")
    before = {path: path.read_bytes() for path in (tmp_path / "ours").rglob("*.yaml")}
    changed = "问题,答案,标题\n茶水间有咖啡吗,没有了。,咖啡机\n会议室几号,十号。,会议室\n打印机在哪,在二楼。,打印机\n"
    again = imports("q.csv", changed + "保证金多少,一万元。,我们的保证金\n", "--dry-run")
    for part in (
        "Added: 1\n  da-yin-ji  打印机\n",
        "Changed: 1\n  ka-fei  咖啡机\n    title: 咖啡 → 咖啡机\n    answer: 有的。 → 没有了。\n",
        "No longer in the file (they stay; --replace takes them away): 1\n  jiu-de  旧的\n",
        "Unchanged: 1\n",
        'q.csv:5: note: "保证金多少" is a phrasing of the topic deposit-amount (knowledge/topics/fees/deposit-amount.yaml:',
        "Nothing was written.",
    ):
        assert part in again.output
    assert {path: path.read_bytes() for path in (tmp_path / "ours").rglob("*.yaml")} == before


def test_a_second_import_changes_instead_of_doubling(imports: Import, tmp_path: Path) -> None:
    imports("q.csv", "问题,答案\n茶水间有咖啡吗,有的。\n会议室几号,十号。\n")
    (tmp_path / "ours" / "operator.yaml").write_text("confirm_months: 6\n", encoding="utf-8")
    edited = tmp_path / "ours" / "topics" / "imported" / "cha-shui-jian-you-ka-fei-ma.yaml"
    edited.write_text(edited.read_text("utf-8") + "related: [hui-yi-shi-ji-hao]\n", encoding="utf-8")
    changed = "问题,答案\n哪里有咖啡,三楼有。\n茶水间有咖啡吗,三楼有。\n会议室几号,十号。\n"
    assert "not empty" in imports("q.csv", changed).output
    done = imports("q.csv", changed, "--update")
    assert done.exit_code == 0, done.output
    made = topics(tmp_path)
    assert set(made) == {"cha-shui-jian-you-ka-fei-ma", "hui-yi-shi-ji-hao"}
    coffee = made["cha-shui-jian-you-ka-fei-ma"]
    assert coffee["facts"][0]["zh"] == "三楼有。"
    assert sorted(coffee["phrasings"]["zh"]) == ["哪里有咖啡", "茶水间有咖啡吗"]
    assert coffee["related"] == ["hui-yi-shi-ji-hao"]
    assert (tmp_path / "ours" / "operator.yaml").exists()
    before = {path: path.read_bytes() for path in (tmp_path / "ours").rglob("*.yaml")}
    assert imports("q.csv", changed, "--update").exit_code == 0
    assert {path: path.read_bytes() for path in (tmp_path / "ours").rglob("*.yaml")} == before


def test_a_source_is_added_to_those_of_the_editor(imports: Import, tmp_path: Path) -> None:
    own = '# ours\n- id: B1\n  date: 2026-01-01\n  en: "Own"\n  zh: 自己的\n'
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "sources.yaml").write_text(own, encoding="utf-8")
    assert imports("q.csv", "问题,答案\n茶水间有咖啡吗,有的。\n", "--update").exit_code == 0
    written = (tmp_path / "ours" / "sources.yaml").read_text("utf-8")
    assert written.startswith(own)
    assert yaml.safe_load(written)[1] == {"id": "q-csv", "date": str(date.today()), "en": "q.csv", "zh": "q.csv"}


def test_a_question_that_ships_already_stays_where_it_is(imports: Import, tmp_path: Path) -> None:
    done = imports("q.csv", "问题,答案\n保证金多少,一万元。\n茶水间有咖啡吗,有的。\n你好,您好！\n")
    assert done.exit_code == 0
    assert 'q.csv:2: note: "保证金多少" is a phrasing of the topic deposit-amount' in done.output
    assert 'q.csv:4: note: "你好" is a phrasing of the small talk' in done.output
    assert list(topics(tmp_path)) == ["cha-shui-jian-you-ka-fei-ma"]
    assert imports("q.csv", "问题,答案\n保证金多少,一万元。\n", "--alone", "--replace").output.count("note") == 0
    assert list(topics(tmp_path)) == ["bao-zheng-jin-duo-shao"]


def test_a_dry_run_says_what_would_be_added_beside_what_is_wrong(imports: Import, tmp_path: Path) -> None:
    rows = [
        ("编号", "问题", "答案"),
        (1, "茶水间有咖啡吗", "有的。"),
        (2, "会议室几号", "十号。"),
        (3, "茶水间有咖啡吗", "没有。"),
    ]
    done = imports("q.xlsx", sheet(rows), "--dry-run", "--alone")
    assert done.exit_code == 1
    assert 'q.xlsx, sheet 问答:4: "茶水间有咖啡吗" has another answer on row 2; keep one of the two' in done.output
    assert "Added: 2\n  cha-shui-jian-you-ka-fei-ma  茶水间有咖啡吗\n" in done.output
    assert not (tmp_path / "ours").exists()


def test_an_editors_name_of_the_source_stays(imports: Import, tmp_path: Path) -> None:
    imports("q.csv", "问题,答案\n茶水间有咖啡吗,有的。\n", "--alone")
    sources = tmp_path / "ours" / "sources.yaml"
    sources.write_text(sources.read_text("utf-8").replace("zh: q.csv", "zh: 客服部问答"), encoding="utf-8")
    imports("q.csv", "问题,答案\n茶水间有咖啡吗,没有。\n", "--alone", "--update")
    assert yaml.safe_load(sources.read_text("utf-8"))[0]["zh"] == "客服部问答"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("q.xlsx", b"PK\x03\x04 broken", "q.xlsx:1: this workbook cannot be read"),
        ("q.xlsx", FILES["faq.xlsx"][:1500], "q.xlsx:1: this workbook cannot be read"),
        ("q.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        ("q.xlsx", lines(), "is no workbook but text; import it with: merchant-bot knowledge import csv"),
        ("q.xlsx", b"%PDF-1.7\n\xff\xfe\x00\x01", "q.xlsx:1: this is no workbook; open it"),
        ("q.csv", FILES["faq.xlsx"], "this is a workbook; import it with: merchant-bot knowledge import xlsx"),
        ("q.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x81\xff", "q.csv:1: this is not UTF-8, UTF-16 or GBK text"),
        ("q.xlsx", sheet([]), "q.xlsx, sheet 问答:1: this is empty; the first row names the columns"),
        ("q.xlsx", sheet([("问题", "备注"), ("a", "b")]), 'sheet 问答:1: the column "answer" is missing (答案)'),
        ("q.xlsx", sheet([*ROWS, ("茶水间有咖啡吗", "没有。", "", "别的")]), 'sheet 问答:6: "茶水间有咖啡吗" has another answer on row 5'),
        ("q.xlsx", sheet([*ROWS, ("茶水间有茶吗", "没有。", "", "茶水间")]), "another Chinese answer above, on row 5"),
        ("q.xlsx", sheet([*ROWS, ("", "没有。")]), "sheet 问答:6: the phrasing is empty"),
        ("q.xlsx", sheet([*ROWS, ("a", "# b")]), "sheet 问答:6: a heading cannot be shown"),
        ("q.xlsx", sheet([*ROWS, ("a", "b", "德文")]), 'sheet 问答:6: lang: "德文" is neither en nor zh'),
        ("q.xlsx", sheet([*ROWS, ("a", "长" * 10_001)]), "this answer has 10,001 letters; at most 10,000"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_and_nothing_written(
    imports: Import, tmp_path: Path, name: str, data: bytes | str, words: str
) -> None:
    for options in ([], ["--dry-run"]):
        done = imports(name, data, *options)
        assert done.exit_code == 1
        assert words in done.output
    assert not (tmp_path / "ours").exists()


def test_english_of_an_old_excel_is_not_taken_for_chinese(imports: Import, tmp_path: Path) -> None:
    done = imports("q.csv", "Question,Answer\nwhat’s the café’s name,It doesn’t have one – yet.\n".encode("cp1252"))
    assert "read as Windows-1252" in done.output
    (cafe,) = topics(tmp_path).values()
    assert cafe["facts"][0]["en"] == "It doesn’t have one – yet."
