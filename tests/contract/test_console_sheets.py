"""Tables of questions and answers dropped on the console, on a real server with a bakery's content, and answers on paper."""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from html import unescape
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import python_calamine
import xlsxwriter
import yaml

from bot.store import Store
from tests.console import Browser, bakery, signed_in
from tests.contract.test_console_editing import answers, publish
from tests.visitors import Visitor

Served = tuple[str, Path, Store]
ROWS = [
    ("问题", "答案", "标题", "备注"),
    ("仓库几点关门", "仓库晚上八点关门。", "仓库关门时间", ""),
    ("仓库晚上还收货吗", "仓库晚上八点关门。", "仓库关门时间", "x"),
    ("=1+1 是什么", "=SUM(A1:A9) 是公式\n第二行", "公式", ""),
]


@pytest.fixture
async def served(database: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with bakery(database, tmp_path) as found:
        yield found


def book(fill: Callable[[Any], object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as made:
        fill(made.add_worksheet("问答"))
    return out.getvalue()


def lines(rows: Sequence[Sequence[str]] = ROWS) -> str:
    return "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)


async def drop(browser: Browser, name: str, data: bytes) -> tuple[int, str]:
    """Send a file as the page does."""
    form = aiohttp.FormData({"token": browser.token})
    form.add_field("file", io.BytesIO(data), filename=name)
    async with browser.session.post(f"{browser.url}/console/sheets", data=form) as response:
        return response.status, unescape(await response.text())


def form_of(page: str) -> dict[str, str]:
    """The fields of the page with what was read."""
    table = re.search(r'name="table" value="(.*?)">', page, re.S)
    assert table
    chosen = {
        name: (re.findall(r'<option value="([^"]*)" selected>', options) or [""])[0]
        for name, options in re.findall(r'<select id="([^"]+)".*?>(.*?)</select>', page, re.S)
    }
    return {"table": unescape(table[1]), **chosen, "source": "客服部", "day": "2026-03-04"}


async def send(browser: Browser, path: str, fields: dict[str, str], **headers: str) -> tuple[int, str]:
    form = aiohttp.FormData({"token": browser.token})
    for name, value in fields.items():
        form.add_field(name, value)
    async with browser.session.post(f"{browser.url}{path}", data=form, headers=headers) as response:
        return response.status, unescape(await response.text())


async def raw(browser: Browser, name: str, data: bytes) -> str:
    form = aiohttp.FormData({"token": browser.token})
    form.add_field("file", io.BytesIO(data), filename=name)
    async with browser.session.post(f"{browser.url}/console/sheets", data=form) as response:
        return await response.text()


async def test_a_table_becomes_a_draft_is_published_answered_changed_and_undone(served: Served, database: str) -> None:
    url, folder, _ = served
    async with signed_in(url, database, lang="zh") as mei:
        await mei.get("/console/sheets")
        page = await raw(mei, "客服 问答.csv", lines().encode("gbk"))
        form = form_of(page)
        assert [form[f"column:0:{index}"] for index in range(4)] == ["phrasing", "answer", "title", ""]
        assert "按 GBK 编码读取" in page
        assert "“备注”列不读取" in page
        assert not (folder / "topics" / "imported").exists()
        _, draft = await send(mei, "/console/sheets/draft", form)
        assert draft.count('type="checkbox"') == 3  # two answers and their source
        await publish_zh(mei)
        await answers(url, "仓库几点关门", "仓库晚上八点关门。")
        made = {one.stem: yaml.safe_load(one.read_text("utf-8")) for one in (folder / "topics" / "imported").iterdir()}
        assert sorted(made) == ["cang-ku-guan-men-shi-jian", "gong-shi"]
        assert made["gong-shi"]["facts"][0]["zh"].strip() == "=SUM(A1:A9) 是公式\n\n第二行"
        (source,) = [
            one for one in yaml.safe_load((folder / "sources.yaml").read_text("utf-8")) if one["zh"] == "客服部"
        ]
        assert str(source["date"]) == "2026-03-04"
        again = await raw(mei, "客服 问答.csv", lines().encode("utf-16"))
        assert "没有变化</dt><dd>2</dd>" in again
        other = [
            *ROWS[:2],
            ("仓库晚上还收货吗", "仓库晚上八点关门。", "仓库关门时间", ""),
            ("仓库在哪", "在河边。", "仓库地址", ""),
        ]
        other[1] = other[2] = ("仓库几点关门", "仓库晚上九点关门。", "仓库关门时间", "")
        _, draft = await send(
            mei, "/console/sheets/draft", form_of(await raw(mei, "客服 问答.csv", lines(other).encode()))
        )
        assert "仓库晚上九点关门" in draft
        for number in re.findall(r'name="edit" value="(\d+)"', draft):
            await mei.post("/console/draft/drop", edit=number)
        _, history = await mei.get("/console/history")
        for number in re.findall(r'name="publication" value="(\d+)"', history):
            await mei.post("/console/history/undo", publication=number)
        assert not list((folder / "topics" / "imported").glob("*.yaml"))


async def publish_zh(browser: Browser) -> None:
    browser.session.headers["Accept-Language"] = "en"
    await publish(browser)
    browser.session.headers["Accept-Language"] = "zh"


async def test_columns_are_chosen_and_what_collides_is_told_at_its_row(served: Served, database: str) -> None:
    url, folder, _ = served
    rows = [
        ("甲", "乙", "丙"),
        ("仓库几点关门", "晚上八点。", "when does the warehouse close"),
        ("do you sell rye bread", "No.", ""),
        ("仓库几点关门", "晚上九点。", ""),
        ("长", "长" * 10_001, ""),
    ]
    taken = yaml.safe_load((folder / "topics" / "bread" / "sourdough.yaml").read_text("utf-8"))["phrasings"]["en"][0]
    rows[2] = (taken, "No.", "")
    async with signed_in(url, database) as mei:
        await mei.get("/console/sheets")
        page = await raw(
            mei, "t.xlsx", book(lambda sheet: [sheet.write_row(at, 0, row) for at, row in enumerate(rows)])
        )
        assert "Nothing can be taken" in page
        assert "问题" in page
        assert "To look at" in page
        form = form_of(page) | {"column:0:0": "phrasing", "column:0:1": "answer", "column:0:2": "phrasing:en"}
        status, part = await send(mei, "/console/sheets/preview", form, **{"HX-Request": "true"})
        assert status == 200
        assert "<html" not in part
        assert f'"{taken}" is a phrasing of the topic sourdough' in part
        assert 'row 4: <span class="wrong">"仓库几点关门" has another answer on row 2' in part
        assert "row 5:" in part
        assert "10,001 letters; at most 10,000" in part
        assert "New answers</dt><dd>1</dd>" in part
        _, draft = await send(mei, "/console/sheets/draft", form)
        assert draft.count('type="checkbox"') == 2
        status, shown = await send(mei, "/console/sheets/draft", form | {"column:0:0": "answer"})
        assert status == 409
        assert "仓库几点关门" in shown  # the file is not lost


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (129 << 20))
    return out.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "rows.csv": (lambda: "问题,答案\n".encode() + "茶水间有咖啡吗,有的。\n".encode() * 100_000, "more than 5,000 rows"),
    "far.xlsx": (lambda: book(lambda sheet: sheet.write(1_048_575, 16_383, "x")), "too much memory or time"),
    "bomb.xlsx": (bomb, "has more than 128 MB"),
    "picture.xlsx": (lambda: b"\x89PNG\r\n\x1a\n\x00\x00\x81\xff" * 99, "this is no workbook"),
    "empty.csv": (lambda: b"", "this is empty"),
    "twice.csv": (lambda: "问题,答案,答案\na,b,c\n".encode(), 'the column "答案" stands here twice'),
    "<b>.csv": (lambda: b"<script>alert(1)</script>,b\n", "&lt;script&gt;"),
}


async def test_bad_files_are_told_in_words_and_answers_go_on(served: Served, database: str) -> None:
    url, _, store = served
    async with signed_in(url, database) as mei, Visitor(url) as ann:
        await mei.get("/console/sheets")
        for name, (make, words) in BAD.items():
            reading = asyncio.create_task(raw(mei, name, await asyncio.to_thread(make)))
            await ann.say("do you sell sourdough bread")  # answered while the file is read
            page = await reading
            assert words in unescape(page) or words in page, name
            assert "<script>alert" not in page
            assert "Into the draft" not in page, name
    assert await store.edits() == []


async def test_what_is_no_table_of_ours_and_what_others_may_not(served: Served, database: str) -> None:
    url, _, store = served
    async with signed_in(url, database) as mei, signed_in(url, database, "consultant") as tom:
        await mei.get("/console/sheets")
        assert (await send(mei, "/console/sheets/draft", {"table": "{}"}))[0] == 409
        assert (await send(mei, "/console/sheets/draft", {"table": '{"file": "a", "tables": []}'}))[0] == 409
        assert (await send(mei, "/console/sheets", {}))[0] == 409
        assert (await drop(mei, "large.csv", b"a" * ((10 << 20) + 9)))[0] == 409
        assert (await drop(mei, "larger.csv", b"a" * (12 << 20)))[0] == 413
        assert (await tom.get("/console/sheets"))[0] == 403
        assert (await drop(tom, "a.csv", lines().encode()))[0] == 403
        assert (await tom.get("/console/sheets/answers.xlsx"))[0] == 403
    assert await store.edits() == []


async def test_all_answers_are_read_on_paper(served: Served, database: str) -> None:
    url, folder, _ = served
    path = folder / "topics" / "bread" / "allergens.yaml"
    async with (
        signed_in(url, database, lang="zh") as mei,
        mei.session.get(f"{mei.url}/console/sheets/answers.xlsx") as response,
    ):
        assert response.status == 200
        assert ".xlsx" in response.headers["Content-Disposition"]
        body = await response.read()
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert 'orientation="landscape"' in sheet
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert rows[0][:2] == ["英文标题", "中文标题"]
    assert len(rows) == 4
    assert path.exists()
    assert any("天然酵母面包" in row for row in rows)
    assert all(row[4] and row[5] and row[8] for row in rows[1:])


async def account(browser: Browser, data: bytes) -> tuple[int, str]:
    form = aiohttp.FormData({"token": browser.token})
    form.add_field("replies", io.BytesIO(data), filename="autoreplies.json")
    async with browser.session.post(f"{browser.url}/console/sheets/account", data=form) as response:
        return response.status, unescape(await response.text())


def rule(name: str, words: Sequence[tuple[str, str]], reply: str) -> dict[str, Any]:
    return {
        "rule_name": name,
        "create_time": 1,
        "reply_mode": "reply_all",
        "keyword_list_info": [{"type": "text", "match_mode": mode, "content": word} for mode, word in words],
        "reply_list_info": [{"type": "text", "content": reply}],
    }


async def test_the_rules_of_an_account_become_keywords_with_the_report(served: Served, database: str) -> None:
    url, folder, store = served
    replies = {
        "is_add_friend_reply_open": 1,
        "is_autoreply_open": 1,
        "add_friend_autoreply_info": {"type": "text", "content": "欢迎光临，{{ 新朋友 }}"},
        "keyword_autoreply_info": {
            "list": [
                rule("果酱", [("equal", "果酱价目"), ("equal", "sourdough")], "果酱看店内。"),
                rule("=面包", [("equal", "果酱价目")], "旧的。"),
                {**rule("图", [("equal", "看图")], ""), "reply_list_info": [{"type": "img", "content": "IMG"}]},
            ]
        },
    }
    data = json.dumps(replies, ensure_ascii=False).encode()
    async with signed_in(url, database, lang="zh") as mei:
        await mei.get("/console/sheets")
        for bad, words in ((b"", "请选择文件"), (b"{", "这不是公众号的自动回复"), (b'{"errcode": 40001}', "40001")):
            status, page = await account(mei, bad)
            assert (status, words in page) == (409, True)
        _, page = await account(mei, data)
        assert "新增: 2" in page
        assert "“果酱价目”同时在规则“果酱”和规则“=面包”里" in page
        assert "“sourdough”：话题 sourdough → 规则“果酱”：一段文字" in page
        assert "没有导入: " in page
        assert "WECHAT_APP_ID" in page
        assert await store.edits() == []
        sent = re.search(r'name="replies" value="(.*?)">', (await account_raw(mei, data)), re.S)
        assert sent
        status, draft = await send(mei, "/console/sheets/account/draft", {"replies": unescape(sent[1])})
        assert status == 200
        assert draft.count('type="checkbox"') == 3
        await publish_zh(mei)
        await answers(url, "果酱价目", "果酱看店内。")
        assert "欢迎光临" in (folder / "phrases.yaml").read_text("utf-8")
        _, again = await account(mei, data)
        assert "没有新的内容" in again


async def account_raw(browser: Browser, data: bytes) -> str:
    form = aiohttp.FormData({"token": browser.token})
    form.add_field("replies", io.BytesIO(data), filename="autoreplies.json")
    async with browser.session.post(f"{browser.url}/console/sheets/account", data=form) as response:
        return await response.text()
