"""The form of a check, on a real server with a bakery's content: questions, rules as rows, examples and the diagram."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest
import yaml

from bot.console.conditions import Row, condition_of, of_text, rows_of, same
from bot.console.edits import Edit, with_edit
from bot.content.tree import Loader
from bot.knowledge.library import load
from bot.store import Store
from tests.console import Browser, bakery, signed_in
from tests.contract.test_console_editing import publish

Served = tuple[str, Path, Store]
PATH = "/console/checks/cake/form"


@pytest.fixture
async def served(database: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with bakery(database, tmp_path) as found:
        yield found


def fields_of(page: str) -> dict[str, str]:
    """The fields of the page's long form, as a browser would send them."""
    page = page[page.index('action="/console/checks/cake/form"') :]
    found = {name: unescape(value) for name, value in re.findall(r'<input[^>]*? name="([^"]+)" value="([^"]*)"', page)}
    found |= {
        name: unescape(value).strip("\n")
        for name, value in re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.S)
    }
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        found[name] = (re.findall(r'<option value="([^"]*)" selected>', options) or [""])[0]
    return {name: value for name, value in found.items() if not name.startswith("remove:") and name != "token"}


async def shown(browser: Browser) -> dict[str, str]:
    return fields_of((await browser.get(PATH))[1])


async def test_a_check_is_changed_in_its_form_linted_accepted_published_and_undone(
    served: Served, database: str
) -> None:
    url, folder, _ = served
    file = folder / "checks" / "cake.yaml"
    before = file.read_text("utf-8")
    async with signed_in(url, database) as mei, signed_in(url, database, lang="zh") as wei:
        assert PATH in (await mei.get("/console/checks"))[1]
        form = await shown(mei)
        start = "rules/=too-soon/when:0"
        assert (form[f"{start}:question"], form[f"{start}:relation"]) == ("days", "below")
        assert form[f"{start}:value"] == "cake.days"
        await mei.post(PATH, **form)
        assert (await mei.get("/console/draft"))[1].count('type="checkbox"') == 0  # sent as it is, nothing changes
        for name, value, slug in (
            (f"{start}:value", "cake.hours", "rules--too-soon-when"),
            ("questions/=days/ask/zh", "几天后要{{ cake.hours }}？", "questions--days-ask-zh"),
        ):
            for browser in (mei, wei):
                _, part = await browser.post(f"{PATH}/lint", **(form | {name: value}))
                assert re.search(rf'id="found-{slug}"[^>]*>\s*<p class="wrong">[^<]*hours', part), part
        later = form | {
            f"{start}:value": "6",
            "rules/=in-time/when:0:value": "6",
            "questions/=days/ask/en": "How soon, in days?",
            "+rule/id": "tomorrow",
            "+rule/verdict": "note",
            "+rule/topic": "cake-order",
            "+rule/text/en": "Tomorrow is soon.",
            "+rule/text/zh": "明天就要，很急。",
            "+rule/when:0:question": "days",
            "+rule/when:0:relation": "at most",
            "+rule/when:0:value": "1",
        }
        _, draft = await mei.post(PATH, **later)
        assert draft.count('type="checkbox"') == 4
        _, page = await mei.get(PATH)
        assert "{days: 5}" in page  # an example with another verdict than the file says
        await mei.post("/console/checks/cake/accept", example="{days: 5}")
        await publish(mei)
        made = yaml.load(file.read_text("utf-8"), Loader=Loader)
        assert made["rules"][0]["when"] == {"days": {"below": "6"}}
        assert made["rules"][2]["id"] == "tomorrow"
        assert made["examples"][1] == {"answers": {"days": "5"}, "verdict": "not_eligible"}
        assert "title: {en: Can my cake be ready in time?" in file.read_text("utf-8")  # everything else as it was
        _, history = await mei.get("/console/history")
        (publication,) = re.findall(r'name="publication" value="(\d+)"', history)
        await mei.post("/console/history/undo", publication=publication)
        assert file.read_text("utf-8") == before


async def test_what_cannot_be_is_told_and_what_was_typed_stays(served: Served, database: str) -> None:
    url, _, store = served
    async with signed_in(url, database) as mei, signed_in(url, database, "consultant") as tom:
        form = await shown(mei)
        assert (await tom.get(PATH))[0] == 403
        assert (await tom.post(PATH, **form))[0] == 403
        for more, words in (
            ({"+rule/id": "No Id", "+rule/text/en": "<b>kept</b>"}, "id"),
            ({"+rule/id": "half", "+rule/text/en": "<b>kept</b>"}, "both languages"),
            ({"+question/id": "colour", "+question/ask/en": "<b>kept</b>"}, "both languages"),
        ):
            status, page = await mei.post(PATH, **(form | more | {"title/en": "Typed title?"}))
            assert status == 409
            assert words in page
            assert "&lt;b&gt;kept&lt;/b&gt;" in page
            assert "Typed title?" in page
        assert await store.edits() == []
        await mei.post(PATH, **(form | {"rules/=too-soon/when:0:value": "9"}))
        status, page = await mei.post(PATH, **(form | {"rules/=too-soon/when:0:value": "8"}))
        assert status == 409
        assert "Somebody else has changed this condition" in page
        assert 'value="8"' in page
        assert (await mei.get("/console/checks/none/form"))[0] == 409
        _, draft = await mei.post(PATH, **(await shown(mei)), **{"remove:rules/=in-time": "yes"})
        assert "− Rule: in-time" in draft
        async with mei.session.get(f"{url}/console/checks/cake/diagram.svg") as picture:
            assert picture.status in (200, 404)  # where Graphviz is there, it draws
            assert picture.status == 404 or b"<svg" in await picture.read()


def test_every_condition_that_ships_is_rows_or_text_and_comes_back_the_same() -> None:
    library, _ = load([])
    count = rowed = 0
    for check in library.checks.values():
        questions = {one.id: one for one in check.questions}
        raw = library.places[f"checks/{check.id}"].plain()
        assert isinstance(raw, dict)
        for kind, key in (("rules", "when"), ("questions", "ask_if")):
            for entry in raw[kind]:  # type: ignore[union-attr]
                value = entry.get(key)  # type: ignore[union-attr]
                rows = rows_of(value, questions, "zh")
                count += 1
                rowed += rows is not None
                if rows is not None:
                    assert same(condition_of(rows, questions), value), (check.id, value)
    assert rowed > 0.8 * count


def test_labels_are_read_as_values_and_two_rows_of_a_question_both_hold() -> None:
    library, _ = load([])
    check = library.checks["store-entry"]
    questions = {one.id: one for one in check.questions}
    kind = questions["business_type"]
    labels = [one.label.zh for one in kind.values[:2]]
    assert condition_of([Row(kind.id, "is", "，".join(labels))], questions) == {
        kind.id: [one.id for one in kind.values[:2]]
    }
    number = next(one for one in questions.values() if one.kind == "amount")
    rows = [Row(number.id, "at least", "1"), Row(number.id, "below", "9")]
    assert condition_of(rows, questions) == {number.id: {"at least": "1", "below": "9"}}
    assert condition_of([Row()], questions) is None
    with pytest.raises(ValueError, match=r"flow sequence"):
        of_text("[a")


def test_a_question_mark_before_a_comma_is_read_as_the_content_reads_it() -> None:
    text = "title: {en: In time?, zh: 来得及吗？}  # as asked\n"
    made = with_edit("a.yaml", text, Edit("set", "checks/a", ("title", "zh"), "赶得上吗？"))
    assert made == "title: {en: In time?, zh: 赶得上吗？}  # as asked\n"
