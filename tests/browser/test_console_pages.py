"""The console as staff use it, in a browser: both languages, light and dark, on a phone and by keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.pages import Look
from tests.console import ask_in_vain, bakery, link
from tests.visitors import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")  # that of the browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SMALL = {"width": 320, "height": 720}
SOUND: set[tuple[Any, ...]] = set()
DROPPED = """([bytes, name]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name));
  return data;
}"""


async def sound(page: Page) -> None:
    """A page breaks no rule of axe-core, and nothing on it is wider than the screen."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def signed_in(open_page: Open, url: str, database: str, role: Any, lang: str, **how: Any) -> Page:
    page = await open_page(f"{url}{await link(database, f'Mei {role}', role)}", lang, **how)
    if (looks := (lang, *sorted(how.items()))) not in SOUND:  # the page on which a link is used is the same for all
        await sound(page)
        SOUND.add(looks)
    await page.locator("main button").click()
    await expect(page.locator("nav")).to_be_visible()
    return page


@pytest.mark.parametrize(("lang", "scheme", "size"), [("en", "light", DESK), ("zh", "dark", PHONE)])
async def test_today_is_sound_and_follows_what_happens(
    url: str, database: str, open_page: Open, look: Look, lang: str, scheme: str, size: dict[str, int]
) -> None:
    async with Visitor(url) as ann:
        await ann.say("how much is the deposit")
        page = await signed_in(open_page, url, database, "consultant", lang, scheme=scheme, expect="401", **size)
        await expect(page.locator(".big")).to_have_text("1")
        await ann.say("can I sell on Shopee")
        await expect(page.locator(".big")).to_have_text("2", timeout=12_000)
        await look(page, f"console-today-{lang}")
        await sound(page)
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.locator(".who button").click()
        await expect(page.locator("nav")).to_have_count(0)
        await sound(page)


@pytest.mark.parametrize(("lang", "scheme", "size"), [("en", "dark", DESK), ("zh", "light", PHONE)])
async def test_an_editor_turns_a_question_into_a_phrasing_in_three_clicks(
    tmp_path: Path, database: str, open_page: Open, look: Look, lang: str, scheme: str, size: dict[str, int]
) -> None:
    asked = {"en": "any rye loaves at noon", "zh": "中午有黑麦面包吗"}
    async with bakery(database, tmp_path) as (url, folder, store):
        await ask_in_vain(store, [(asked[lang], lang), ("<b>is this bold</b> or what", "en")])
        page = await signed_in(open_page, url, database, "editor", lang, scheme=scheme, **size)
        await page.goto(f"{url}/console/questions")
        group = page.locator("section.group", has_text=asked[lang])
        await expect(group).to_be_visible()
        await expect(page.locator("[hx-trigger]")).to_have_count(0)  # nothing is put in place of what somebody types
        await sound(page)
        await look(page, f"console-questions-{lang}")
        await group.locator("button[value=sourdough]").click()  # 1
        publish = page.locator("form[action$=publish] button")
        await expect(publish).to_be_visible(timeout=90_000)
        await page.fill("input[name=text]", asked[lang])
        await page.keyboard.press("Enter")
        await expect(page.locator(".talk .bot").first).to_be_visible(timeout=30_000)
        await sound(page)
        await look(page, f"console-draft-{lang}")
        await publish.click()  # 2
        await expect(page.locator(".fine")).to_be_visible()
        assert asked[lang] in (folder / "topics" / "bread" / "sourdough.yaml").read_text("utf-8")
        await sound(page)
        await look(page, f"console-history-{lang}")
        await page.locator("form[action$=undo] button").click()
        await expect(page.locator(".fine")).to_be_visible(timeout=90_000)
        assert asked[lang] not in (folder / "topics" / "bread" / "sourdough.yaml").read_text("utf-8")
        await page.context.close()  # a browser asks for a page's icon when it likes, also of a server that has ended


@pytest.mark.parametrize(("lang", "scheme", "size"), [("en", "light", PHONE), ("zh", "dark", DESK)])
async def test_an_editor_corrects_a_figure_in_six_clicks_and_finds_and_changes_an_answer(
    tmp_path: Path, database: str, open_page: Open, look: Look, lang: str, scheme: str, size: dict[str, int]
) -> None:
    async with bakery(database, tmp_path) as (url, folder, _):
        page = await signed_in(open_page, url, database, "editor", lang, scheme=scheme, **size)
        await page.locator("nav a[href$=figures]").click()  # 1
        await sound(page)
        await page.locator("a[href$='cake/days']").click()  # 2
        await page.fill("#value", "5")
        await page.fill("#source", "the baker")
        await expect(page.locator("ins").first).to_be_visible()
        await sound(page)
        await look(page, f"console-figure-{lang}")
        await page.locator("main form button").click()  # 3
        await page.locator("nav a[href$=answers]").click()
        await page.fill("#q", "nuts")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await sound(page)
        await look(page, f"console-answers-{lang}")
        await page.locator("tbody a").click()
        await page.locator("#preview button").click()
        await expect(page.locator("#preview .shown")).to_have_count(3, timeout=90_000)
        await sound(page)
        await look(page, f"console-answer-{lang}")
        await page.fill("textarea[name='facts/=nuts/en']", "All loaves may hold nuts.\n\nAsk us.")
        await page.locator(".bar button").click()
        await page.locator("form[action$=publish] button").click(timeout=90_000)
        await expect(page.locator(".fine")).to_be_visible()
        assert "value: 5" in (folder / "figures.yaml").read_text("utf-8")
        assert "All loaves may hold nuts." in (folder / "topics" / "bread" / "allergens.yaml").read_text("utf-8")
        await page.goto(f"{url}/console/answers/new?kind=answer")
        await sound(page)
        await look(page, f"console-new-{lang}")
        for path in ("keywords", "keywords/new", "courses/new", "agency"):
            await page.goto(f"{url}/console/{path}")
            await sound(page)
            await look(page, f"console-{path.replace('/', '-')}-{lang}")
        await page.goto(f"{url}/console/keywords")
        await page.fill("#text", "jam")
        await expect(page.locator("#hits p")).to_be_visible()
        await page.context.close()


async def test_a_topic_and_a_course_are_added_and_undone_in_few_clicks_and_a_check_is_linted_while_typing(
    tmp_path: Path, database: str, open_page: Open, look: Look
) -> None:
    clicks: list[str] = []

    async def click(page: Page, what: str) -> None:
        clicks.append(what)
        await page.locator(what).click(timeout=90_000)

    async with bakery(database, tmp_path) as (url, folder, _):
        page = await signed_in(open_page, url, database, "editor", "zh", scheme="dark", **PHONE)
        await click(page, "nav a[href$=answers]")
        await click(page, "main a[href$='kind=answer']")
        typed = {
            "id": "rolls", "title/en": "Rolls", "title/zh": "小面包", "fact/en": "Rolls are out at six.", "fact/zh": "小面包六点出炉。",
            "source": "NEWS", "+source/id": "NEWS", "+source/date": "2026-11-02", "+source/en": "News", "+source/zh": "消息",
            "phrasings/en": "are there rolls", "phrasings/zh": "有小面包吗",
        }  # fmt: skip
        for name, text in typed.items():
            await page.fill(f"[name='{name}']", text)
        await click(page, ".bar button")
        assert len(clicks) == 3  # and one for publishing it
        await click(page, "nav a[href$=keywords]")
        await click(page, "main a[href$='courses/new']")
        course = {"id": "kneading", "=/title/en": "Kneading", "=/title/zh": "揉面", "=/covers/en": "how to knead",
                  "=/covers/zh": "怎样揉面", "=/keywords": "揉面课"}  # fmt: skip
        for name, text in course.items():
            await page.fill(f"[name='{name}']", text)
        await click(page, ".bar button")
        await click(page, "form[action$=publish] button")
        await expect(page.locator(".fine")).to_be_visible()
        assert (folder / "topics" / "bread" / "rolls.yaml").is_file()
        assert "揉面课" in (folder / "courses.yaml").read_text("utf-8")
        await click(page, "form[action$=undo] button")
        await expect(page.locator(".fine")).to_be_visible(timeout=90_000)
        assert len(clicks) == 8
        assert not (folder / "topics" / "bread" / "rolls.yaml").exists()
        await page.locator("nav a[href$=checks]").click()
        await sound(page)
        await page.locator("main li a[href$='/cake']").click()
        await expect(page.locator("#lint p")).to_be_visible(timeout=90_000)
        await sound(page)
        await page.fill("#text", "title: [")
        await expect(page.locator("#lint .wrong").first).to_be_visible(timeout=90_000)
        await sound(page)
        await look(page, "console-check-zh")
        await page.evaluate("delete document.querySelector('form[data-changed]').dataset.changed")
        await page.goto(f"{url}/console/answers/sourdough")
        await expect(page.locator("[hx-trigger]")).to_have_count(0, timeout=90_000)
        await sound(page)
        await look(page, "console-answer-picture-zh")
        await page.context.close()


@pytest.mark.parametrize(("lang", "scheme", "size"), [("en", "dark", DESK), ("zh", "light", PHONE)])
async def test_200_rows_of_a_gbk_file_are_imported_in_six_clicks(
    tmp_path: Path, database: str, open_page: Open, look: Look, lang: str, scheme: str, size: dict[str, int]
) -> None:
    file = tmp_path / "客服问答.csv"
    rows = [f"仓库{number}号门几点关,晚上{number % 12 + 1}点关门。,{number}号门" for number in range(200)]
    file.write_bytes("\r\n".join(["问句内容,回复内容,标题", *rows]).encode("gbk"))
    clicks: list[str] = []

    async def click(page: Page, what: str, **how: Any) -> None:
        clicks.append(what)
        await page.locator(what).first.click(**how)

    async with bakery(database, tmp_path) as (url, folder, _):
        page = await signed_in(open_page, url, database, "editor", lang, scheme=scheme, **size)
        await click(page, "nav a[href$=sheets]")
        await sound(page)
        await look(page, f"console-sheets-{lang}")
        if lang == "en":
            async with page.expect_file_chooser() as chooser:
                await click(page, "input[type=file]")
            await (await chooser.value).set_files(file)
        else:
            clicks.append("drop")
            dropped = await page.evaluate_handle(DROPPED, [list(file.read_bytes()), file.name])
            await page.dispatch_event("form.drop", "drop", {"dataTransfer": dropped})
        await expect(page.locator("select")).to_have_count(3)
        await sound(page)
        clicks.append("select")
        await page.locator("select").first.select_option("phrasing")
        await expect(page.locator(".counts .answer dd")).to_have_text("200")
        await sound(page)
        await look(page, f"console-sheet-{lang}")
        await click(page, ".bar button")
        await click(page, "form[action$=publish] button", timeout=90_000)
        await expect(page.locator(".fine")).to_be_visible()
        assert len(clicks) <= 6, clicks
        assert len(list((folder / "topics" / "imported").iterdir())) == 200
        await page.goto(f"{url}/console/sheets")
        rule = {
            "reply_mode": "reply_all",
            "rule_name": "果酱",
            "keyword_list_info": [{"match_mode": "equal", "content": "果酱"}],
        }
        rules = [{**rule, "reply_list_info": [{"type": "text", "content": "看菜单"}]}]
        told = {"is_add_friend_reply_open": 0, "is_autoreply_open": 1, "keyword_autoreply_info": {"list": rules}}
        (tmp_path / "replies.json").write_text(json.dumps(told), "utf-8")
        await page.locator("input[name=replies]").set_input_files(tmp_path / "replies.json")
        await page.locator("form[action$=account] button").click()
        await expect(page.locator(".bar button")).to_be_visible(timeout=30_000)
        await sound(page)
        await look(page, f"console-account-{lang}")
        await page.context.close()


@pytest.mark.parametrize(("lang", "scheme", "size"), [("en", "light", SMALL), ("zh", "dark", DESK)])
async def test_a_rule_is_changed_in_the_form_of_a_check_with_lint_at_its_field(
    tmp_path: Path, database: str, open_page: Open, look: Look, lang: str, scheme: str, size: dict[str, int]
) -> None:
    async with bakery(database, tmp_path) as (url, _, _):
        page = await signed_in(open_page, url, database, "editor", lang, scheme=scheme, **size)
        await page.locator("nav a[href$=checks]").click()
        await page.locator("main a[href$='cake/form']").click()
        await sound(page)
        rule = page.locator("details.block", has_text="too-soon").first
        await rule.locator("summary").click()
        value = page.locator("[name='rules/=too-soon/when:0:value']")
        await value.fill("cake.hours")
        await expect(page.locator("#found-rules--too-soon-when .wrong")).to_be_visible(timeout=60_000)
        await sound(page)
        await look(page, f"console-check-form-{lang}")
        await value.fill("4")
        await expect(page.locator("#found-rules--too-soon-when .wrong")).to_have_count(0, timeout=60_000)
        await page.locator("summary", has_text="流程图" if lang == "zh" else "Diagram").click()
        await look(page, f"console-check-diagram-{lang}")
        await page.locator(".bar button").click()
        await expect(page.locator(".edits li")).to_have_count(1)
        await page.context.close()
