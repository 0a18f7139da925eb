"""Checks as text with lint beside it, findings at their fields, and pictures, on a real server with a bakery's content."""

from __future__ import annotations

import asyncio
import io
import os
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from bot.console import trial
from bot.store import Store
from tests.console import BAKERY, Browser, bakery, signed_in, until
from tests.contract.test_console_editing import form_of, publish
from tests.visitors import PATIENCE, Visitor

Served = tuple[str, Path, Store]


@pytest.fixture
async def served(database: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with bakery(database, tmp_path) as found:
        yield found


async def test_a_trial_gives_way_to_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "NICER", 3)
    one = trial.Trial([BAKERY], {}, only=True, root=tmp_path)
    assert all(found.note for found in await one.lint("topics/sourdough"))
    assert one.process
    assert os.getpriority(os.PRIO_PROCESS, one.process.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 3
    one.end()
    await trial.all_ended()


async def upload(browser: Browser, path: str, name: str, body: bytes) -> tuple[int, str]:
    data = aiohttp.FormData({"token": browser.token})
    data.add_field("picture", io.BytesIO(body), filename=name)
    async with browser.session.post(f"{browser.url}{path}", data=data) as response:
        return response.status, await response.text()


async def test_a_check_is_edited_as_text_with_lint_beside_it_published_and_undone(
    served: Served, database: str
) -> None:
    url, folder, _ = served
    file, path = folder / "checks" / "cake.yaml", "/console/checks/cake"
    before = file.read_text("utf-8")
    async with signed_in(url, database) as mei, signed_in(url, database, "owner", "zh") as wei:
        assert path in (await mei.get("/console/checks"))[1]
        (_, page), (_, theirs) = await mei.get(path), await wei.get(path)
        form = form_of(page)
        assert form["text"] == before
        assert page.count('<li id="q') == 1  # the diagram
        wrong = before.replace("verdict: ", "verdict: no-", 1)
        status, found = await mei.post(f"{path}/lint", text=wrong)
        assert status == 200
        line = next(number for number, one in enumerate(wrong.splitlines(), 1) if "no-" in one)
        assert f"Line {line}:" in found
        assert "第" in (await wei.post(f"{path}/lint", text=wrong))[1]
        assert "Nothing is wrong" in (await mei.post(f"{path}/lint", text=before))[1]
        assert "Line " in (await mei.post(f"{path}/lint", text="title: [\n"))[1]
        title = re.search(r"title:\s*\{?\s*(?:\n\s*)?en: ([^,\n]+)", before)
        assert title
        new = f"# by Mei\n{before.replace(title[1], 'Can you bake <b>it</b> {{ 7 }}?', 1)}"
        assert (await mei.post(path, text=new, seen=form["seen"]))[0] == 200
        status, page = await wei.post(path, text=f"# by Wei\n{before}", seen=form_of(theirs)["seen"])
        assert status == 409  # the second sees what the first wrote, and keeps the own text
        assert "+# by Mei" in page
        assert "# by Wei" in form_of(page)["text"]
        assert "<b>it</b>" not in page
        assert file.read_text("utf-8") == before
        merged = new.replace("{{ 7 }}", "").replace("<b>it</b>", "it").replace("# by Mei", "# by both")
        assert (await wei.post(path, text=merged, seen=form_of(page)["seen"]))[0] == 200
        await publish(mei)
        assert file.read_text("utf-8") == merged
        _, history = await mei.get("/console/history")
        (publication,) = re.findall(r'name="publication" value="(\d+)"', history)
        assert "Undone" in (await mei.post("/console/history/undo", publication=publication))[1]
        assert file.read_text("utf-8") == before


async def test_a_check_changed_on_disk_meanwhile_is_told_and_nothing_is_lost(served: Served, database: str) -> None:
    url, folder, _ = served
    file, path = folder / "checks" / "cake.yaml", "/console/checks/cake"
    before = file.read_text("utf-8")
    async with signed_in(url, database) as mei:
        form = form_of((await mei.get(path))[1])
        assert (await mei.post(path, text=f"# draft\n{before}", seen=form["seen"]))[0] == 200
        file.write_text(f"# by hand\n{before}", "utf-8")
        assert "changed elsewhere" in (await mei.get("/console/draft"))[1]
        assert (await mei.post("/console/draft/publish", digest="0"))[0] == 409
        assert file.read_text("utf-8").startswith("# by hand")
        assert "# draft" in (await mei.get(path))[1]
        assert (await mei.get("/console/checks/none"))[0] == 409
        assert (await mei.post(path, text="# " + "x" * 600_000, seen=form["seen"]))[0] == 409


async def test_findings_stand_at_the_fields_that_they_are_about(served: Served, database: str) -> None:
    url, _, _ = served
    async with signed_in(url, database) as mei:
        _, page = await mei.get("/console/answers/sourdough")
        form = form_of(page) | {"token": mei.token}
        fact = next(name for name in form if name.startswith("facts/=") and name.endswith("/en"))
        wrong = {fact: "At {{ no.figure }} o'clock.", "source": "NOWHERE", "related": "nothing"}
        assert (await mei.post("/console/answers/sourdough", **(form | wrong)))[0] == 200
        _, found = await mei.get("/console/answers/sourdough/findings")
        at = {
            slug: unescape(text)
            for slug, text in re.findall(r'<div id="found-([^"]+)" hx-swap-oob="true">(.*?)</div>', found, re.DOTALL)
        }
        _, page = await mei.get("/console/answers/sourdough")
        assert all(f'id="found-{slug}"' in page for slug in at)  # the form is shown in spite of its mistakes
        assert "no.figure" in page
        assert 'nothing is called "no"' in at[re.sub(r"[^a-zA-Z0-9-]", "-", fact)]
        assert "NOWHERE" in at["source"]
        assert "nothing" in at["related"]


async def test_a_picture_is_uploaded_sent_with_the_answer_and_others_are_refused_in_words(
    served: Served, database: str
) -> None:
    url, folder, _ = served
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(drawn, "PNG")
    path = "/console/answers/sourdough/picture"
    async with signed_in(url, database) as mei, signed_in(url, database, "consultant", "zh") as lan:
        assert (await upload(lan, path, "a.png", drawn.getvalue()))[0] == 403
        for name, body in (
            ("evil.png", b"<script>alert(1)</script>"),
            ("../../evil.yaml", b"title: x"),
            ("cut.png", drawn.getvalue()[:40]),
            ("sound.webp", b"RIFF0000WAVE"),
            ("<b>.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ):
            status, page = await upload(mei, path, name, body)
            assert status == 409
            assert "was not taken" in page
            assert "<b>.svg" not in page
        status, page = await upload(mei, path, "large.png", b"\x89PNG\r\n" + bytes(1_200_000))
        assert status == 413
        assert "Too large" in page
        assert not list(folder.rglob("*evil*"))
        assert (await upload(mei, path, "loaf.png", drawn.getvalue()))[0] == 200
        await publish(mei)
        (picture,) = (folder / "files").iterdir()
        assert picture.read_bytes() == drawn.getvalue()
        async with asyncio.timeout(3 * PATIENCE), Visitor(url) as ann:
            while picture.name not in str(await ann.say("when is the sourdough ready")):
                await asyncio.sleep(0.1)
        _, page = await mei.get("/console/answers/sourdough")
        form = form_of(page) | {"token": mei.token, "pictures": ""}
        assert form_of(page)["pictures"] == picture.name
        assert (await mei.post("/console/answers/sourdough", **form))[0] == 200
        await until(mei, "/console/draft", "Pictures")
