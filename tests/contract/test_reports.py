"""The owner's reports and what gets old, on a real server with a bakery's content, and the weekly messages about both."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from bot.assistant import Assistant
from bot.channels.telegram.replies import NEWS
from bot.console.console import Console
from bot.console.entrance import NAMED
from bot.console.lists import as_text
from bot.console.periods import Period, asked_for
from bot.console.report import change
from bot.console.report_files import as_csv
from bot.console.weekly import Weekly
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Language, Message, Reply
from bot.settings import Settings
from bot.store import Store, open_store
from tests.console import BAKERY, Browser, ask_in_vain, bakery, signed_in, until
from tests.visitors import Visitor

FORMULA = '=HYPERLINK("http://example.com","x")'
PARIS = ZoneInfo("Europe/Paris")
Served = tuple[str, Path, Store]


def aged(ours: Path) -> None:
    """Give the bakery old prices, an announcement whose day has passed, and one fact seen at a backend page."""
    sources = ours / "sources.yaml"
    sources.write_text(sources.read_text("utf-8").replace("2026-11-01", "2024-03-29"), "utf-8")
    bread = ours / "topics" / "bread" / "sourdough.yaml"
    more = (
        "  - id: rye\n    status: announced\n    en: Rye bread is expected in June 2024.\n    zh: 黑麦面包预计2024年6月上市。\n"
        "  - id: price\n    en: A loaf costs 5.\n    zh: 一个5元。\n"
        "    confirmed: {date: 2024-05-31, source: 'backend, page Prices'}\n"
    )
    bread.write_text(bread.read_text("utf-8").replace("phrasings:", f"{more}phrasings:"), "utf-8")


@pytest.fixture
async def served(database: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with bakery(database, tmp_path, aged) as found:
        yield found


# --- periods


def test_periods_are_days_weeks_and_months_of_the_calendar_compared_with_as_much_of_the_time_before() -> None:
    week = Period.of("week", date(2026, 11, 30))
    assert (week.first, week.last, week.before.first) == (date(2026, 11, 30), date(2026, 12, 6), date(2026, 11, 23))
    compared = week.compared(date(2026, 12, 1))
    assert (compared.first, compared.last) == (date(2026, 11, 23), date(2026, 11, 24))
    march = Period.of("month", date(2028, 3, 31))
    assert march.before.last == date(2028, 2, 29)
    assert march.compared(date(2028, 3, 31)).last == date(2028, 2, 29)
    assert march.compared(date(2028, 4, 1)) == march.before
    assert len(Period.of("day", date(2026, 10, 25)).drawn) == 14
    assert asked_for("year", "2026-02-30", date(2026, 11, 30)) == week
    assert asked_for("month", "9999-12-31", date(2026, 11, 30)).first == date(2026, 11, 1)
    assert asked_for("day", "0001-01-01", date(2026, 11, 30)).first == date(2000, 1, 1)
    assert (change(12, 10), change(3, 4), change(0, 0), change(5, 0)) == ("▲ 2 (20%)", "▼ 1 (25%)", "–", "▲ 5")


def test_a_cell_that_begins_like_a_formula_is_text_in_csv() -> None:
    assert [as_text(one) for one in (FORMULA, "+1", "-1", "@SUM(1)", "\t=1", "bread", 5)] == [
        f"'{FORMULA}", "'+1", "'-1", "'@SUM(1)", "'\t=1", "bread", 5,
    ]  # fmt: skip
    assert as_csv("=1+1", []).decode("utf-8-sig").strip() == "'=1+1"


# --- the page and its files


async def test_the_report_says_what_was_asked_fetched_checked_and_not_known(served: Served, database: str) -> None:
    url, _, store = served
    await ask_in_vain(store, [(FORMULA, "en"), (FORMULA, "en")])
    async with Visitor(url) as ann, Visitor(url, "zh") as wei:
        await ann.say("allergens")
        await ann.say("/start c-cake")
        await ann.say("1")
        await wei.say("过敏原")
        await wei.say("/start c-cake")
    for lang, words in (
        ("en", ("Merchants", "Web · Chinese", "Nuts and milk in our bread", "Check: Can my cake be ready in time?",
                "Days until you need it", "Result: no", "Links and QR codes opened", "HYPERLINK")),
        ("zh", ("商家数", "网页 · 中文", "面包里的坚果和牛奶", "自查：我的蛋糕来得及吗？", "还有几天要", "结果：不可以")),
    ):  # fmt: skip
        async with signed_in(url, database, "owner", lang) as boss:
            await until(boss, "/console/reports", "HYPERLINK")  # the questions are grouped
            for by in ("day", "week", "month"):
                status, page = await boss.get(f"/console/reports?by={by}")
                assert status == 200
                assert [one for one in words if one not in page] == []
                assert page.count("<svg") >= 4
                assert not re.search(r"<style|<script(?! src)|\sstyle=|\son\w+=", page)  # the policy forbids them
            assert (await boss.get("/console/reports?by=<b>&day=2026-13-99"))[0] == 200
            row = re.search(r"(Days until you need it|还有几天要)</th>(.*?)</tr>", page, re.DOTALL)
            assert row
            assert re.findall(r">(\d+)<", row[2]) == ["2", "0", "1"]  # put to both, left by one
    async with signed_in(url, database, "owner") as boss:
        assert (await boss.post("/console/reports/weekly", on="yes"))[0] == 200
        assert list((await store.notes("weekly-report:")).values()) == ["en"]
        assert (await boss.post("/console/reports/weekly"))[0] == 200
        assert list((await store.notes("weekly-report:")).values()) == [""]
        async with boss.session.get(f"{url}/console/reports/report.csv?by=month") as response:
            assert response.content_type == "text/csv"
            rows = list(csv.reader(io.StringIO((await response.read()).decode("utf-8-sig"))))
        assert ["Nuts and milk in our bread", "2", "0", "▲ 2"] in rows
        assert [f"'{FORMULA}", "2"] in rows
        async with boss.session.get(f"{url}/console/reports/report.xlsx?by=month") as response:
            body = await response.read()
        sheets = CalamineWorkbook.from_filelike(io.BytesIO(body))
        cells = [
            cell for name in sheets.sheet_names for row in sheets.get_sheet_by_name(name).to_python() for cell in row
        ]
        assert FORMULA in cells
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "sheet" in name)


async def test_the_owners_pages_are_the_owners_and_what_gets_old_the_editors(served: Served, database: str) -> None:
    url, _, store = served
    for role, open_ in (("consultant", ()), ("editor", ("/aging",))):
        async with signed_in(url, database, role) as one:  # type: ignore[arg-type]
            _, home = await one.get()
            assert "/console/reports" not in home
            for path in ("/reports", "/reports?by=month", "/reports/report.csv", "/reports/report.xlsx", "/aging"):
                assert (await one.get(f"/console{path}"))[0] == (200 if path in open_ else 403)
            assert (await one.post("/console/reports/weekly", on="yes"))[0] == 403
            assert (await one.post("/console/aging", fact="sourdough/when", wish="true", where="x"))[0] == (
                200 if open_ else 403
            )
    async with Browser(url) as nobody:
        assert (await nobody.get("/console/reports"))[0] == 401
    assert len(await store.edits()) == 1  # the editor's


# --- what gets old


async def post(browser: Browser, facts: list[str], wish: str, where: str = "") -> tuple[int, str]:
    data = [("token", browser.token), *(("fact", one) for one in facts), ("wish", wish), ("where", where)]
    async with browser.session.post(f"{browser.url}/console/aging", data=data) as response:
        return response.status, await response.text()


async def test_old_facts_are_confirmed_together_or_said_not_to_be_known(served: Served, database: str) -> None:
    url, _, store = served
    async with Visitor(url) as ann:
        await ann.say("allergens")
    async with signed_in(url, database, "editor") as mei:
        _, page = await mei.get("/console/aging")
        headings = re.findall(r'<h2 id="group-\d+">([^<]*)</h2>', page)
        assert headings == ["Announced, and the day has passed", "Price list", "backend, page Prices"]
        assert "out of date since 1 July 2024" in page  # the announced June is over
        assert "out of date since 29 March 2025" in page  # twelve months after the article
        assert "told 1 time since" in page
        assert '/console/figures/cake/days"' in page
        assert '/console/answers/cake-order"' in page
        assert "Tick at least one" in (await post(mei, [], "true", "at the counter"))[1]
        status, page = await post(mei, ["allergens/nuts"], "true", "  ")
        assert (status, "Say where you saw it" in page) == (409, True)
        assert 'value="allergens/nuts" checked' in page  # what was ticked stays
        facts = ["allergens/nuts", "cake-order/days", "sourdough/when", "sourdough/rye"]
        _, page = await post(mei, [*facts, "nothing/here"], "true", "=at the counter")
        assert "4 facts are in the draft" in page
        status, page = await post(mei, ["sourdough/price"], "unknown")
        assert status == 200
        assert "Nothing is out of date" in page
        edits = [one.edit for one in await store.edits()]
        assert sum('"confirmed"' in one and date.today().isoformat()[:4] in one for one in edits) == 4
        _, effects = await mei.get("/console/draft")
        assert "✓ =at the counter, a editor" in effects
    (change_, *_) = [one for one in await store.changes(9) if one.did == "confirm"]
    assert change_.who == "a editor"


async def test_what_is_said_of_old_facts_is_published_and_told(served: Served, database: str) -> None:
    url, folder, _ = served
    async with signed_in(url, database, "editor") as mei:
        await mei.get("/console/aging")
        await post(mei, ["allergens/nuts", "sourdough/rye"], "true", "at the counter")
        await post(mei, ["cake-order/days", "sourdough/price"], "unknown")
        page = await until(mei, "/console/draft/effects", 'name="digest"')
        digest = re.search(r'name="digest" value="(\w+)"', page)
        assert digest
        status, shown = await mei.post("/console/draft/publish", digest=digest[1], anyway="yes")
        assert status == 200, shown
        assert "Published" in shown
    written = (folder / "topics" / "bread" / "allergens.yaml").read_text("utf-8")
    assert "source: at the counter" in written
    assert "Whether it still holds is not in our source" in (folder / "topics" / "bread" / "cake-order.yaml").read_text(
        "utf-8"
    )
    assert "status: missing" in (folder / "topics" / "bread" / "sourdough.yaml").read_text("utf-8")


# --- weekly messages


async def test_the_weekly_messages_say_what_the_pages_do(database: str, tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    shutil.copytree(BAKERY, ours)
    aged(ours)
    store, knowledge = await open_store(database), Knowledge.open([ours], only=True)
    try:
        console, assistant = (
            Console(Settings(public_url="https://example.com/chat"), store),
            Assistant(knowledge, store),
        )
        console.open(assistant)
        weekly = console.messages({"telegram": NEWS})
        now = weekly.now()
        assert str(now.tzinfo) == "Europe/Paris"
        for text in ("allergens", "过敏原"):
            await assistant.receive(Message(Address("telegram", "1", "1"), text))
        told = await weekly.texts["report"]("en", now + timedelta(days=7))
        assert "- Merchants: 1 (▲ 1)" in told
        assert "Topics most asked: Nuts and milk in our bread (2)" in told
        assert "https://example.com/chat/console/reports?by=week&day=" in told
        told = await weekly.texts["aging"]("zh", now)
        assert "5条资料已过期" in told
        assert "其中1条公布的日期已过" in told
        assert "面包里的坚果和牛奶: 所有面包都在使用坚果的房间里制作。 (2)" in told
        assert all(len(NEWS.calls("7", Reply(one))) == 1 for one in (told,))
    finally:
        await store.close()


async def said(lang: Language, now: datetime) -> str:
    return f"{lang} {now:%Y-%m-%d}"


async def count_calls(store: Store) -> int:
    return (await store.queues()).outbox


async def test_a_week_is_told_once_to_owners_who_want_it_whatever_restarts(database: str) -> None:
    store, other = await open_store(database), await open_store(database)
    clock = [datetime(2026, 11, 24, 12, tzinfo=PARIS)]

    def weekly(one: Store) -> Weekly:
        made = Weekly(one)
        made.texts = {"report": said}
        made.open({"telegram": NEWS}, lambda: clock[0])
        return made

    try:
        for name, role, user in (("Boss", "owner", "7"), ("Mei", "editor", "8"), ("Left", "owner", "9")):
            await store.invite(name, role, f"digest {name}", 9e9)  # type: ignore[arg-type]
            await store.remember(f"{NAMED}telegram:{user}", name)
        await store.invite("owner", "owner", "digest owner", 9e9)  # known in the terminal alone
        one = weekly(store)
        await one.send_due("report")  # the first start: nobody has had the time to want it
        people = {staff.name: staff for staff in await store.staff()}
        for staff in people.values():
            await one.switch(staff, "report", "zh" if staff.name == "Boss" else "en")
        assert [(await one.state(people[name], "report")).reachable for name in ("Boss", "owner")] == [True, False]
        await store.revoke("Left")
        clock[0] = datetime(2026, 11, 30, 8, 59, tzinfo=PARIS)  # Monday, too early
        await one.send_due("report")
        assert await count_calls(store) == 0
        clock[0] += timedelta(minutes=1)
        for process in (one, weekly(other), weekly(store)):  # and another process, and after a restart
            await process.send_due("report")
            await process.send("report", "2026-11-30", clock[0])  # as one killed before its note
        assert await count_calls(store) == 1
        clock[0] += timedelta(days=9)  # a week later, two days late
        await weekly(other).send_due("report")
        assert await count_calls(store) == 2
        await one.switch(people["Boss"], "report", None)
        clock[0] += timedelta(days=7)
        await one.send_due("report")
        assert await count_calls(store) == 2
    finally:
        await other.close()
        await store.close()
