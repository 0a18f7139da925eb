"""What editors do in the console, on a real server with a bakery's content: from a question in vain to its answer, and back."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.console.edits import CannotEdit, Edit, applied
from bot.store import Store
from tests.console import Browser, ask_in_vain, bakery, signed_in, until
from tests.visitors import Visitor

ASKED = [("any rye loaves at noon", "en"), ("Any rye loaves at noon?", "en"), ("中午有黑麦面包吗", "zh")]
Served = tuple[str, Path, Store]


@pytest.fixture
async def served(database: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with bakery(database, tmp_path) as found:
        yield found


async def groups(browser: Browser) -> list[tuple[str, str]]:
    """The groups' ids and first words on the page."""
    page = await until(browser, "/console/questions", "group-", "Nothing to look at")
    return re.findall(r'<h2 id="group-(\d+)" class="said">([^<]*)</h2>', page)


async def answers(url: str, text: str, words: str) -> float:
    """Ask until the answer holds these words: the seconds that it took."""
    begun = time.monotonic()
    async with asyncio.timeout(20), Visitor(url) as ann:
        while words not in str(await ann.say(text)):
            await asyncio.sleep(0.1)
    return time.monotonic() - begun


async def publish(browser: Browser) -> str:
    page = await until(browser, "/console/draft/effects", 'name="digest"')
    digest = re.search(r'name="digest" value="(\w+)"', page)
    assert digest
    status, shown = await browser.post("/console/draft/publish", digest=digest[1])
    assert status == 200
    assert "Published" in shown
    return page


async def test_a_question_in_vain_becomes_a_phrasing_is_answered_and_undone(served: Served, database: str) -> None:
    url, folder, store = served
    before = (folder / "topics" / "bread" / "sourdough.yaml").read_text("utf-8")
    await ask_in_vain(store, ASKED)
    async with signed_in(url, database, "owner") as mei:
        found = await groups(mei)
        wanted = next(id for id, words in found if words.lower().startswith("any rye"))
        status, page = await mei.post("/console/questions/topic", group=wanted, topic="sourdough")
        assert status == 200
        assert "rye loaves" in page
        assert wanted not in [id for id, _ in await groups(mei)]
        assert (folder / "topics" / "bread" / "sourdough.yaml").read_text("utf-8") == before  # a draft is no file
        shown = await publish(mei)
        assert "go elsewhere" in shown
        took = await answers(url, "any rye loaves at noon", "oven at seven")
        assert took < 5
        after = (folder / "topics" / "bread" / "sourdough.yaml").read_text("utf-8")
        assert "title: {en: Sourdough bread, zh: 天然酵母面包}" in after
        example = json.loads((folder / "questions.jsonl").read_text("utf-8").splitlines()[0])
        assert example["topics"] == ["sourdough"]
        assert (await mei.get("/console/draft"))[1].count('type="checkbox"') == 0
        _, history = await mei.get("/console/history")
        (publication,) = re.findall(r'name="publication" value="(\d+)"', history)
        assert "publish</td>" in history  # the owner's log
        _, undone = await mei.post("/console/history/undo", publication=publication)
        assert "Undone" in undone
        assert (folder / "topics" / "bread" / "sourdough.yaml").read_text("utf-8") == before
        assert not (folder / "questions.jsonl").exists()


async def test_what_is_left_is_gone_and_stays_gone(served: Served, database: str) -> None:
    url, _, store = served
    await ask_in_vain(store, [("zzz qqq", "en")])
    async with signed_in(url, database) as mei:
        ((id, _),) = await groups(mei)
        await mei.post("/console/questions/leave", group=id)
        assert await groups(mei) == []
        assert (await mei.post("/console/questions/topic", group=id, topic="sourdough"))[0] == 409


async def test_what_an_erased_merchant_asked_is_no_longer_shown(served: Served, database: str) -> None:
    url, _, store = served
    async with Visitor(url) as ann, signed_in(url, database) as mei:
        await ann.say("any pickled herring for my donkey")
        assert "herring" in str(await groups(mei))
        await ann.say("/forget")
        await ann.say("yes")
        await until(mei, "/console/questions", "Nothing to look at")
    assert await store.questions(9) == []


async def test_html_and_templates_in_questions_are_shown_as_they_are(served: Served, database: str) -> None:
    url, _, store = served
    await ask_in_vain(store, [("<script>alert(1)</script> {{ cake.days }} rolls", "en")])
    async with signed_in(url, database) as mei:
        page = await until(mei, "/console/questions", "group-")
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
        ((id, _),) = re.findall(r'<h2 id="group-(\d+)" class="said">([^<]*)</h2>', page)
        _, draft = await mei.post("/console/questions/topic", group=id, topic="sourdough")
        assert "<script>alert" not in draft
        await publish(mei)
        _, said = await mei.post("/console/draft/say", text="<img src=x onerror=alert(1)>", conversation="a")
        assert "<img" not in said


async def test_a_consultant_sees_and_does_nothing_of_the_editors(served: Served, database: str) -> None:
    url, folder, store = served
    await ask_in_vain(store, ASKED)
    before = {path.name: path.read_bytes() for path in folder.rglob("*.yaml")}
    async with signed_in(url, database, "consultant") as lan:
        assert "/console/questions" not in (await lan.get())[1]
        for path in ("/console/questions", "/console/draft", "/console/draft/effects", "/console/history"):
            assert (await lan.get(path))[0] == 403
        for path in ("questions/topic", "questions/leave", "draft/say", "draft/drop", "draft/publish", "history/undo"):
            assert (await lan.post(f"/console/{path}", group="1", topic="sourdough"))[0] == 403
    assert await store.draft() == []
    assert len(await store.questions(9)) == len(ASKED)
    assert {path.name: path.read_bytes() for path in folder.rglob("*.yaml")} == before


async def test_a_phrasing_of_another_topic_and_a_changed_file_are_told_and_nothing_is_lost(
    served: Served, database: str
) -> None:
    url, folder, store = served
    file = folder / "topics" / "bread" / "allergens.yaml"
    add = Edit("add", "topics/allergens", ("phrasings", "en"), "order a cake", about="order a cake")
    title = Edit("set", "topics/allergens", ("title", "en"), "Nuts", "Nuts and milk in our bread", about="Nuts")
    async with signed_in(url, database) as mei:
        await store.add_edits("Wei", [add.to_json()])
        page = await until(mei, "/console/draft/effects", "cannot be published", 'name="digest"')
        assert "cake-order" in page
        assert 'name="digest"' not in page
        (row,) = await store.draft()
        await mei.post("/console/draft/drop", edit=str(row.id))
        await store.add_edits("Wei", [title.to_json()])
        text = file.read_text("utf-8")
        file.write_text(f"# edited by hand\n{text}", "utf-8")
        await until(mei, "/console/draft/effects", 'name="digest"')
        await publish(mei)  # another line of the file was changed: both changes stand
        assert file.read_text("utf-8").startswith("# edited by hand\ntitle: {en: Nuts, zh: 面包里的坚果和牛奶}")
        await store.add_edits("Wei", [title.to_json()])
        file.write_text(text.replace("Nuts and milk in our bread", "Nuts and eggs"), "utf-8")
        await until(mei, "/console/draft", "was changed elsewhere")
        status, page = await mei.post("/console/draft/publish", digest="0")
        assert status == 409
        assert "Nuts and eggs" in file.read_text("utf-8")


def test_edits_keep_comments_and_order_and_refuse_what_they_cannot_write(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    file = folder / "figures.yaml"
    file.write_text("# ours\ndeposit:\n    lowest: 10000   # CNY\n    # none yet\ncake: {days: '2'}\n", "utf-8")
    edit = Edit("set", "figures", ("deposit", "lowest"), "12000")
    (text,) = applied(folder, [edit]).values()
    assert text == "# ours\ndeposit:\n    lowest: 12000   # CNY\n    # none yet\ncake: {days: '2'}\n"
    file.write_text("deposit: [1, 2\n", "utf-8")
    with pytest.raises(CannotEdit, match=r"figures\.yaml"):
        applied(folder, [edit])
    file.write_text("deposit: 5\n", "utf-8")
    with pytest.raises(CannotEdit, match="no keys"):
        applied(folder, [edit])


async def test_ten_thousand_questions_are_grouped_and_every_page_comes_at_once(served: Served, database: str) -> None:
    url, _, store = served
    words = [(f"is there {kind} with {thing}", "en") for kind in "rye oat spelt corn plum".split() for thing in "ab"]  # noqa: SIM905
    for _ in range(3):
        await ask_in_vain(store, words)
    async with signed_in(url, database) as mei:
        assert await groups(mei)
        for path in ("", "/questions", "/draft", "/history"):
            begun = time.monotonic()
            assert (await mei.get(f"/console{path}"))[0] == 200
            assert time.monotonic() - begun < 0.5
