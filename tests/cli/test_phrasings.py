"""Phrasings in and out as CSV: anybody's own questions become a knowledge base, and come back as they were."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ROWS = [
    ("Reverted_card-payment?", "en", "why was my payment reverted", "Ask {{ the }} bank {% if %}."),
    ("Reverted_card-payment?", "en", "my money came back, on its own", ""),
    ("Reverted_card-payment?", "zh", "付款为什么退回来了", "请问银行。"),
    ("a/b:c=1", "en", "which letter is the second", ""),
    ("A/b:c=1", "en", "which capital letter comes first", ""),
    ("..", "en", "what do two dots mean", ""),
    ("退款", "zh", "怎么退款", ""),
    ("=SUM(A1)", "en", 'he said "hello" to me', ""),
    ("null", "en", "yes", ""),
    ("yes", "en", "null", ""),
]


def as_csv(rows: Sequence[tuple[str, ...]], *columns: str, delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([columns or ("topic", "lang", "phrasing", "answer"), *rows])
    return out.getvalue()


def imported(run: Run, folder: Path, text: str | bytes, *options: str) -> tuple[int, str]:
    """Import into the folder `ours`. Returns the exit code and what was said on standard error."""
    (folder / "q.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = run("knowledge", "import", "csv", "q.csv", "--to", "ours", *options)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def asked(run: Run, folder: Path, *texts: str) -> list[dict[str, object]]:
    done = run(
        "ask", "--batch", "-", "--only-knowledge", "ours", stdin="\n".join(texts), MERCHANT_BOT_CACHE=str(folder / "c")
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_topics_keep_their_names_and_their_words(run: Run, tmp_path: Path) -> None:
    assert imported(run, tmp_path, as_csv(ROWS)) == (0, "")
    reports = asked(run, tmp_path, *(row[2] for row in ROWS))
    assert [report["topic"] for report in reports] == [row[0] for row in ROWS]
    assert "Ask {{ the }} bank {% if %}." in str(reports[0]["reply"])
    assert "请问银行。" in str(reports[2]["reply"])
    assert "No answer to “a/b:c=1” has been written yet." in str(reports[3]["reply"])
    assert run("knowledge", "lint", "--only-knowledge", "ours", MERCHANT_BOT_CACHE=str(tmp_path / "c")).returncode == 0


def test_what_is_exported_is_imported_as_it_was(run: Run, tmp_path: Path) -> None:
    imported(run, tmp_path, as_csv(ROWS))
    own = {"MERCHANT_BOT_CACHE": str(tmp_path / "c")}
    first = run("knowledge", "export", "--only-knowledge", "ours", **own).stdout
    assert {tuple(row[:3]) for row in csv.reader(io.StringIO(first))} >= {row[:3] for row in ROWS}
    assert imported(run, tmp_path, first, "--replace") == (0, "")
    assert run("knowledge", "export", "--only-knowledge", "ours", **own).stdout == first


def test_the_content_that_ships_goes_out_and_in(run: Run, tmp_path: Path) -> None:
    exported = run("knowledge", "export").stdout
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert ("deposit-amount", "en", "how much is the deposit") in {
        (row["topic"], row["lang"], row["phrasing"]) for row in rows
    }
    assert {row["known"] for row in rows if row["topic"] in ("weather", "deposit-amount")} == {"no", ""}
    code, said = imported(run, tmp_path, exported)
    assert (code, said) == (0, "")
    files = list((tmp_path / "ours" / "topics" / "imported").glob("*.yaml"))
    assert len(files) == len({row["topic"] for row in rows})


def test_evaluate_measures_it_by_the_names_of_the_file(run: Run, tmp_path: Path) -> None:
    imported(run, tmp_path, as_csv(ROWS))
    questions = [{"text": row[2], "topics": [row[0]], "lang": row[1]} for row in ROWS]
    questions.append({"text": "zzz qqq xxx", "topics": [], "lang": "en"})
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
    done = run("evaluate", "q.jsonl", "--only-knowledge", "ours", "--json", MERCHANT_BOT_CACHE=str(tmp_path / "c"))
    report = json.loads(done.stdout)
    assert (report["accuracy"], report["oos_recall"], report["wrong"]) == (100, 100, 0)


def test_what_is_not_known_stays_so(run: Run, tmp_path: Path) -> None:
    rows = [("shipping", "en", "how long is the way", "", ""), ("weather", "en", "will it rain", "Look outside.", "no")]
    imported(run, tmp_path, as_csv(rows, "topic", "lang", "phrasing", "answer", "known"))
    (report,) = asked(run, tmp_path, "will it rain")
    assert (report["verdict"], report["topic"]) == ("unknown", None)
    assert "Look outside." in str(report["reply"])


GOOD = "fee,en,what is the fee,\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "the first line names the columns"),
        ("topic,lang,text\n" + GOOD, 1, 'the column "phrasing" is missing'),
        ("topic,lang,phrasing,lang\n" + GOOD, 1, 'the column "lang" stands here twice'),
        ("topic,lang,phrasing\n", 1, "there are no phrasings"),
        ("topic,lang,phrasing\nfee,en,what, exactly, is it\n", 2, "must stand in quotation marks"),
        ("topic,lang,phrasing\nfee,de,was kostet es\n", 2, '"de" is neither en nor zh'),
        ("topic,lang,phrasing\n\n,en,what is it\n", 3, "the topic is empty"),
        ("topic,lang,phrasing\nfee,en\n", 2, "the phrasing is empty"),
        ("topic,lang,phrasing\n" + "x" * 80 + ",en,what is it\n", 2, "80 bytes long; at most 58"),
        ('topic,lang,phrasing\n"a\nb",en,what is it\n', 2, "is no id of a topic"),
        ('topic,lang,phrasing\nfee,en,"a\nb"\nfee,xx,c\n', 4, '"xx" is neither'),
        ('topic,lang,phrasing\nfee,en,"never closed\n', 2, "a quotation mark is not closed"),
        ("topic,lang,phrasing,answer\nfee,en,a,One.\nfee,en,b,Two.\n", 3, "another English answer"),
        ("topic,lang,phrasing,answer\nfee,en,a,# Heading\n", 2, "a heading cannot be shown"),
        ("topic,lang,phrasing,known\nfee,en,a,maybe\n", 2, '"maybe" is neither yes nor no'),
        ("topic,lang,phrasing,known\nfee,en,a,no\nfee,en,b,yes\n", 3, 'line 2 says "no"'),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(run: Run, tmp_path: Path, text: str | bytes, line: int, words: str) -> None:
    code, said = imported(run, tmp_path, text)
    assert code == 1
    assert said.startswith(f"q.csv:{line}: ")
    assert words in said
    assert not (tmp_path / "ours").exists()


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("\ufefftopic,lang,phrasing\r\n" + "fee,en,what is the fee\r\n", ""),
        ("topic;lang;phrasing\nfee;en;what, then, is the fee\n", "q.csv:1: note: read with semicolons"),
        ("topic\tlang\tphrasing\nfee\tzh-CN\t要交多少钱\n", "q.csv:1: note: read with tabs"),
        ("topic,lang,phrasing\nfee,zh,要交多少钱\n".encode("gbk"), "q.csv:1: note: read as GBK"),
        ("topic,lang,phrasing\nfee,zh,要交多少钱\n".encode("utf-16"), "q.csv:1: note: read as UTF-16"),
        ("Topic,Lang,Phrasing,Author\nfee,EN,what is it,me\n", 'q.csv:1: note: not read: the columns "author"'),
        ("topic,lang,phrasing\nfee,en,what is it\nfee,en,What is it?\n", "stands on line 2 already; left out"),
        ("topic,lang,phrasing\nfee,en,what is it\ntax,en,What is it?\n", 'is given to "fee" by line 2 already'),
        ("topic,lang,phrasing\nfee,en,what is it\nfee,en,👍\n", 'q.csv:3: note: "👍" has no letters'),
    ],
)
def test_what_can_be_understood_is_with_a_note(run: Run, tmp_path: Path, text: str | bytes, note: str) -> None:
    code, said = imported(run, tmp_path, text)
    assert code == 0
    assert note in said
    assert bool(note) == bool(said)
    assert (tmp_path / "ours" / "topics" / "imported" / "fee.yaml").exists()


def test_nothing_of_the_editors_is_overwritten(run: Run, tmp_path: Path) -> None:
    imported(run, tmp_path, as_csv(ROWS))
    code, said = imported(run, tmp_path, as_csv(ROWS))
    assert code == 1
    assert "this folder is not empty" in said
    (tmp_path / "ours" / "guards.yaml").write_text("[]\n", encoding="utf-8")
    code, said = imported(run, tmp_path, as_csv(ROWS), "--replace")
    assert code == 1
    assert "guards.yaml" in said


def test_many_notes_are_cut_short(run: Run, tmp_path: Path) -> None:
    rows = [("fee", "en", "what is the fee")] * 60
    short = imported(run, tmp_path, as_csv(rows, "topic", "lang", "phrasing"))[1].splitlines()
    assert (len(short), short[-1]) == (21, "… and 39 more; --all shows them")
    every = imported(run, tmp_path, as_csv(rows, "topic", "lang", "phrasing"), "--replace", "--all")[1].splitlines()
    assert len(every) == 59
