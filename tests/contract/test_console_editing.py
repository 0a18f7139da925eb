"""What editors do in the console, on a real server with a bakery's content: from a question in vain to its answer, and back."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from bot.console.console import Console
from bot.console.drafting import write_texts
from bot.console.edits import CannotEdit, Edit, applied
from bot.knowledge.library import load
from bot.settings import Settings
from bot.store import Store
from tests.console import Browser, ask_in_vain, bakery, signed_in, until
from tests.visitors import PATIENCE, Visitor

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


async def answers(url: str, text: str, words: str) -> None:
    """Ask until the answer holds these words, which publishing brings within seconds (tests/benchmarks/console.py)."""
    async with asyncio.timeout(3 * PATIENCE), Visitor(url) as ann:
        while words not in str(await ann.say(text)):
            await asyncio.sleep(0.1)


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
        await answers(url, "any rye loaves at noon", "oven at seven")
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
        await until(mei, "/console/questions", "herring")
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


async def test_no_page_of_the_editors_is_open_to_a_consultant_or_to_nobody(served: Served, database: str) -> None:
    url, folder, store = served
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    routes = [one for one in Console(Settings(), store).site.routes if one.role != "consultant"]
    assert len(routes) > 30
    async with signed_in(url, database, "consultant") as lan, Browser(url) as nobody:
        for one in routes:
            # "{kind:csv|xlsx}" is the first of what it may be, and a number 1.
            path = re.sub(r"{[a-z]+:([a-z]+)[^}]*}", r"\1", f"/console{one.path}")
            path = re.sub(r"{[a-z]+:\[0-9\][^}]*}+", "1", path)
            path = re.sub(r"{[a-z]+}", "sourdough", path)
            for browser, refused in ((lan, 403), (nobody, 401)):
                status, _ = await (browser.get(path) if one.method == "GET" else browser.post(path, text="x"))
                assert (path, status) == (path, refused)
    assert await store.edits() == []
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


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
    assert await store.edits() == []
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
        (row,) = await store.edits()
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


async def test_many_questions_are_grouped_and_every_page_is_shown(served: Served, database: str) -> None:
    url, _, store = served
    words = [(f"is there {kind} with {thing}", "en") for kind in ("rye", "oat", "corn", "plum") for thing in ("a", "b")]
    await asyncio.gather(*(ask_in_vain(store, words, f"ann{number}") for number in range(250)))
    async with signed_in(url, database) as mei:
        assert await groups(mei)
        assert "2,000 questions in" in (await mei.get("/console/questions"))[1]
        for path in ("", "/questions", "/answers", "/figures", "/keywords", "/agency", "/draft", "/history"):
            assert (await mei.get(f"/console{path}"))[0] == 200


HOSTILE = '<script>alert("1")</script>{{ 7007*7 }}{% raw %}'


def form_of(page: str) -> dict[str, str]:
    """What a page's forms hold, as a browser sends it."""
    found = {
        name: unescape(value) for name, value in re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page)
    }
    found |= {name: unescape(text) for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n([^<]*)<', page)}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', options)[0]
    found.pop("q", None)
    return found


async def test_a_figure_is_changed_with_its_source_and_every_sentence_is_shown(served: Served, database: str) -> None:
    url, folder, _ = served
    async with signed_in(url, database) as mei:
        _, page = await mei.get("/console/figures")
        assert "Ordering a cake" in page
        _, page = await mei.get("/console/figures/cake/days?value=5")
        assert "<del>A cake is ordered 3 days ahead.</del>" in page
        assert "<ins>A cake is ordered 5 days ahead.</ins>" in page
        assert "<ins>蛋糕要提前5天预订。</ins>" in page
        new = {"was": "3", "value": "5", "source": "the baker", "day": "2026-11-03"}
        for wrong in ({"source": ""}, {"day": "2999-01-01"}, {"day": "soon"}, {"value": "5e9"}, {"was": "4"}):
            assert (await mei.post("/console/figures/cake/days", **(new | wrong)))[0] == 409
        assert (await mei.post("/console/figures/cake/days", **new))[0] == 200
        assert "3 → 5" in (await mei.get("/console/draft"))[1]
        assert "cake.days: 5" in (await mei.get("/console/figures/cake/days"))[1]  # the next editor sees the draft
        await publish(mei)
        await answers(url, "how do I order a birthday cake", "5 days ahead")
        assert "guests: 12" in (folder / "figures.yaml").read_text("utf-8")


async def test_two_editors_of_one_topic_merge_and_the_second_sees_what_the_first_wrote(
    served: Served, database: str
) -> None:
    url, folder, _ = served
    path = "/console/answers/sourdough"
    async with signed_in(url, database) as mei, signed_in(url, database, "owner") as wei:
        (_, first), (_, second) = await mei.get(path), await wei.get(path)
        mine, theirs = form_of(first), form_of(second)
        assert mine["title/en"] == "Sourdough bread"
        assert (await mei.post(path, **(mine | {"title/en": "Sourdough", "token": mei.token})))[0] == 200
        both = theirs | {
            "phrasings/en": theirs["phrasings/en"] + "\nany levain",
            "title/zh": "酸面包",
            "token": wei.token,
        }
        assert (await wei.post(path, **both))[0] == 200  # other fields: no conflict
        clash = theirs | {"title/en": "Our sourdough", "token": wei.token}
        status, page = await wei.post(path, **clash)
        assert status == 409
        assert "Now: Sourdough<" in page
        assert 'value="Our sourdough"' in page
        again = form_of(page)
        assert (await wei.post(path, **(again | {"token": wei.token})))[0] == 200  # seen, and kept
        await publish(wei)
        text = (folder / "topics" / "bread" / "sourdough.yaml").read_text("utf-8")
        assert "title: {en: Our sourdough, zh: 酸面包}" in text
        assert "any levain" in text


async def test_a_new_answer_and_a_known_unknown_come_from_questions(served: Served, database: str) -> None:
    url, folder, store = served
    await ask_in_vain(store, [("do you deliver to boats", "en")])
    async with signed_in(url, database) as mei:
        ((id, _),) = await groups(mei)
        _, page = await mei.get(f"/console/answers/new?kind=unknown&group={id}")
        form = form_of(page) | {"token": mei.token, "id": "boats", "title/en": "Boats", "title/zh": "船"}
        assert form["phrasings/en"] == "do you deliver to boats"
        assert (await mei.post("/console/answers/new", **form))[0] == 409  # no text yet
        form |= {"instead/en": "Whether we deliver to boats is not decided.", "instead/zh": "还没有决定。"}
        for wrong in ("Boats!", "", "sourdough", "../../x", "a" * 60):
            assert (await mei.post("/console/answers/new", **(form | {"id": wrong})))[0] == 409
        assert (await mei.post("/console/answers/new", **form))[0] == 200
        _, page = await mei.get("/console/answers/new?kind=answer")
        new = form_of(page) | {
            "token": mei.token, "id": "rolls", "title/en": "Rolls", "title/zh": "小面包", "fact/en": "Rolls are out at six.",
            "fact/zh": "小面包六点出炉。", "source": "NEWS", "+source/id": "NEWS", "+source/date": "2026-11-02",
            "+source/en": "News", "+source/zh": "消息", "phrasings/en": "are there rolls\nwhen are the rolls out",
            "phrasings/zh": "有小面包吗",
        }  # fmt: skip
        assert (await mei.post("/console/answers/new", **new))[0] == 200
        await publish(mei)
        assert (folder / "topics" / "bread" / "boats.yaml").is_file()
        page = await until(mei, "/console/answers?q=rolls", "/console/answers/rolls")
        await answers(url, "are there rolls", "out at six")
        assert await groups(mei) == []
        assert "/console/answers/boats" not in page


async def test_html_and_templates_in_every_field_stay_words(served: Served, database: str) -> None:
    url, folder, store = served
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    async with signed_in(url, database) as mei:
        _, page = await mei.get("/console/answers/sourdough")
        form = {name: value if name.startswith("was:") else HOSTILE for name, value in form_of(page).items()}
        status, page = await mei.post("/console/answers/sourdough", **(form | {"token": mei.token}))
        assert "<script>alert" not in page
        for path in ("answers", "answers/sourdough", "draft", "questions", "figures", "answers?q=<script>alert(1)"):
            status, page = await mei.get(f"/console/{path}")
            assert status == 200
            assert "<script>alert" not in page
            assert "49049" not in page
        page = await until(mei, "/console/draft/effects", "cannot be published")
        assert "<script>alert" not in page
        assert 'name="digest"' not in page
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert await store.edits() != []


async def test_html_and_templates_in_the_other_forms_stay_words(served: Served, database: str) -> None:
    url, _, store = served
    async with signed_in(url, database) as mei:
        for path in ("answers/new", "keywords/new", "courses/new", "agency", "figures/cake/days", "checks/cake"):
            _, page = await mei.get(f"/console/{path}")
            form = {name: value if name.startswith("was:") else HOSTILE for name, value in form_of(page).items()}
            for ids in ({}, {"id": "hostile"}):
                _, page = await mei.post(f"/console/{path}", **(form | ids | {"token": mei.token}))
                assert "<script>alert" not in page
                assert "49049" not in page
        await mei.get(f"/console/figures/cake/days?value={HOSTILE}&source={HOSTILE}&day={HOSTILE}")
        for path in (
            "draft",
            "answers",
            "keywords",
            "keywords/hits?text=<script>alert(1)",
            "agency",
            "checks/cake",
            "history",
        ):
            status, page = await mei.get(f"/console/{path}")
            assert status == 200
            assert "<script>alert" not in page
            assert "49049" not in page
    assert await store.edits() != []


def test_a_shipped_topic_is_hidden_and_brought_back_by_a_file_of_ours(tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    ours.mkdir()
    hide = Edit("set", "topics/entry-fee", ("hide",), "yes", area="fees")
    back = Edit("set", "topics/entry-fee", ("hide",), None, "yes", area="fees")
    for edit, hidden in ((hide, True), (back, False)):
        write_texts(ours, applied(ours, [edit]))
        library, mistakes = load([ours])
        assert [one for one in mistakes if not one.warning] == []
        assert ("entry-fee" in library.hidden, "entry-fee" in library.topics) == (hidden, not hidden)
        if not hidden:
            assert library.topics["entry-fee"].area == "fees"


async def test_a_course_with_its_keyword_and_a_rule_are_added_changed_and_hit(served: Served, database: str) -> None:
    url, folder, _ = served
    async with signed_in(url, database) as mei:
        _, page = await mei.get("/console/courses/new")
        course = form_of(page) | {
            "token": mei.token, "id": "kneading", "=/title/en": "Kneading", "=/title/zh": "揉面", "=/covers/en": "how to knead",
            "=/covers/zh": "怎样揉面", "=/keywords": "knead\n揉面课",
        }  # fmt: skip
        assert (await mei.post("/console/courses/new", **(course | {"=/covers/zh": ""})))[0] == 409
        assert (await mei.post("/console/courses/new", **course))[0] == 200
        assert (await mei.post("/console/courses/new", **course))[0] == 409  # the id is taken, in the draft
        _, page = await mei.get("/console/keywords/new")
        rule = form_of(page) | {
            "token": mei.token,
            "id": "jam",
            "rule/keywords:equal": "jam\n果酱",
            "rule/reply:en": "No jam.",
        }
        assert (await mei.post("/console/keywords/new", **(rule | {"id": "a b"})))[0] == 409
        assert (await mei.post("/console/keywords/new", **(rule | {"rule/reply:zh": "没有果酱。"})))[0] == 200
        assert "jam" in (await mei.get("/console/keywords/hits?text=JAM!"))[1]
        assert "hits no keyword" in (await mei.get("/console/keywords/hits?text=butter"))[1]
        _, page = await mei.get("/console/keywords/jam")
        change = form_of(page) | {"token": mei.token, "=jam/keywords:contain": "marmalade"}
        assert (await mei.post("/console/keywords/jam", **change))[0] == 200
        status, page = await mei.post("/console/keywords/jam", **(change | {"was:=jam/keywords:contain": "honey"}))
        assert status == 409
        assert "marmalade" in page
        await publish(mei)
        await answers(url, "knead", "how to knead")
        await answers(url, "果酱", "没有果酱")
        await answers(url, "is there any marmalade left", "No jam")
        _, page = await mei.get("/console/courses/kneading")
        form = form_of(page) | {"token": mei.token, "=kneading/keywords": "kneading course"}
        assert (await mei.post("/console/courses/kneading", **form))[0] == 200
        await publish(mei)
        assert "- kneading course" in (folder / "courses.yaml").read_text("utf-8")
        assert "揉面课" not in (folder / "courses.yaml").read_text("utf-8")


async def test_the_agency_is_filled_in_and_a_wrong_hour_is_told(served: Served, database: str) -> None:
    url, folder, _ = served
    before = (folder / "operator.yaml").read_text("utf-8")
    async with signed_in(url, database) as mei:
        _, page = await mei.get("/console")
        assert "/console/agency" in page
        _, page = await mei.get("/console/agency")
        form = form_of(page) | {"token": mei.token}
        assert form["+hours/week"] == "tue-sun: 07:00-13:00, 15:00-19:00"
        wrong = form | {"+hours/week": "tue-sun: 25:00-13:00"}
        assert (await mei.post("/console/agency", **wrong))[0] == 200
        page = await until(mei, "/console/draft/effects", "cannot be published", 'name="digest"')
        assert "25:00" in page
        assert 'name="digest"' not in page
        _, page = await mei.get("/console/draft")
        (row,) = re.findall(r'name="edit" value="(\d+)"', page)
        await mei.post("/console/draft/drop", edit=row)
        right = form | {
            "+hours/week": "tue-sun：08:00-13:00",
            "consultant/en": "WeChat anna",
            "consultant/zh": "微信 anna",
        }
        assert (await mei.post("/console/agency", **right))[0] == 200
        await publish(mei)
        text = (folder / "operator.yaml").read_text("utf-8")
        assert "en: WeChat anna" in text
        assert "08:00-13:00" in text
        assert text.splitlines()[0] == before.splitlines()[0]
        await answers(url, "/hours", "08:00")


async def test_a_figure_that_breaks_an_example_of_a_check_is_not_published(served: Served, database: str) -> None:
    url, folder, _ = served
    before = (folder / "figures.yaml").read_bytes()
    async with signed_in(url, database) as mei:
        new = {"was": "3", "value": "9", "source": "the baker", "day": "2026-11-03"}
        assert (await mei.post("/console/figures/cake/days", **new))[0] == 200
        page = await until(mei, "/console/draft/effects", "cannot be published", 'name="digest"')
        assert "cake.yaml" in page
        assert 'name="digest"' not in page
    assert (folder / "figures.yaml").read_bytes() == before
