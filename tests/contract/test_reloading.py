"""Content that changes while the service runs: real files, a real service, a real store."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import weakref
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.channels.web.site import start_data
from bot.knowledge.ahead import Killed, learn_ahead
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.last_good import LastGood
from bot.model import Address, Message, Turn
from bot.search import values
from bot.search.matching import Matcher
from bot.service import Service
from bot.service.metrics import Metrics
from bot.service.reloading import Reloading
from bot.store import open_store
from tests.console import SMALL_TALK

TOPIC = """title: {{en: Parking, zh: 停车}}
instead: {{en: Parking costs {fee} coins., zh: 停车费{fee}币。}}
phrasings: {{en: [parking fee, cost of parking], zh: [停车费, 停车多少钱]}}
"""
CHECK = """title: {en: May I park? %(v)s, zh: 我能停车吗？}
intro: {en: Some questions. %(v)s, zh: 几个问题。}
related: [parking-fee]
start: {en: [may I park here, is parking all right for me], zh: [我可以停这里吗, 帮我看看能不能停车]}
verdicts:
  eligible: {en: Yes. %(v)s, zh: 可以。}
  not_eligible: {en: No. %(v)s, zh: 不可以。}
  open: {en: It depends. %(v)s, zh: 要看情况。}
questions:
  - id: vehicle
    kind: choice
    name: {en: Vehicle, zh: 车辆}
    ask: {en: What do you drive? %(v)s, zh: 您开什么车？}
    why: {en: Lorries do not fit., zh: 货车停不下。}
    how_to_find_out: {en: Look at it., zh: 看一下。}
    values:
      - {id: %(bike)s, label: {en: A %(bike)s %(v)s, zh: %(bike)s}}
      - {id: lorry, label: {en: A lorry %(v)s, zh: 货车}}
  - id: %(second)s
    kind: yes_no
    name: {en: Your %(second)s, zh: %(second)s}
    ask: {en: Have you a %(second)s? %(v)s, zh: 您有%(second)s吗？}
    why: {en: It is asked for., zh: 需要。}
    how_to_find_out: {en: Look in your pockets., zh: 找一找。}
rules:
  - {id: lorry, when: {vehicle: lorry}, verdict: not_eligible, topic: parking-fee, text: {en: Lorries do not fit. %(v)s, zh: 货车不行。}, next_step: {en: Come by bicycle., zh: 骑车来。}}
  - {id: without, when: {%(second)s: no}, verdict: not_eligible, topic: parking-fee, text: {en: Get a %(second)s. %(v)s, zh: 请先办理。}, next_step: {en: Get one., zh: 办一个。}}
  - {id: fits, when: {vehicle: %(bike)s, %(second)s: yes}, verdict: eligible, topic: parking-fee, text: {en: It fits. %(v)s, zh: 可以停。}}
examples:
  - {answers: {vehicle: %(bike)s, %(second)s: yes}, verdict: eligible}
"""
ANN = Address("platform", "1", "1")
PATIENCE = 60


class Changing:
    """A service whose content lies in a folder that is changed while it runs, `meanwhile` before anybody watches it."""

    def __init__(self, tmp_path: Path, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.meanwhile = meanwhile
        self.learn: Callable[[], Awaitable[None]] | None = None
        self.folder, self.database = tmp_path / "own", f"sqlite:///{tmp_path / 'a.db'}"
        self.load: Callable[[], Knowledge] = partial(Knowledge.open, [self.folder], only=True, cache=False)
        self.metrics, self.stop = Metrics(), asyncio.Event()
        self.count = 0
        self.write("smalltalk.yaml", SMALL_TALK)  # with what ships, to learn would take six times as long

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    async def __aenter__(self) -> Changing:
        self.store = await open_store(self.database)
        self.assistant = Assistant(self.load(), self.store)
        self.meanwhile()
        reloading = Reloading(self.assistant, self.metrics, [self.folder], self.load, self.learn)
        service = Service(self.store, self.assistant, {}, metrics=self.metrics)
        self.running = asyncio.create_task(service.run([reloading.run], self.stop))
        await reloading.watching.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        await self.running
        await self.store.close()

    async def says(self, text: str) -> Turn:
        self.count += 1
        return await self.assistant.receive(Message(ANN, text, str(self.count), hint="en"))

    async def until(self, outcome: str, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.metrics.registry.get_sample_value("merchant_bot_reloads_total", {"outcome": outcome}) != count:
                assert not self.running.done()
                await asyncio.sleep(0.05)


async def test_a_check_goes_on_when_its_questions_change_in_the_middle(tmp_path: Path) -> None:
    changing = Changing(tmp_path)
    changing.write("topics/parking/parking-fee.yaml", TOPIC.format(fee=3))
    changing.write("checks/parking.yaml", CHECK % {"v": "(v1)", "bike": "bike", "second": "ticket"})
    async with changing:
        before = [await changing.says(text) for text in ("/check parking", "a bike")]
        assert "Have you a ticket?" in words(before[-1])
        changing.write("checks/parking.yaml", CHECK % {"v": "(v2)", "bike": "bicycle", "second": "permit"})
        await changing.until("taken", 1)
        # The question that he answers is gone, and so is the value that he chose.
        after = [await changing.says(text) for text in ("yes", "a bicycle", "yes")]
    assert "What do you drive?" in words(after[0])
    assert "Have you a permit?" in words(after[1])
    result = after[2].keep
    assert result is not None
    assert (result.verdict, result.answers) == ("eligible", (("vehicle", "bicycle"), ("permit", "yes")))
    for turns, own, other in ((before, "(v1)", "(v2)"), (after, "(v2)", "(v1)")):
        assert all(own in words(turn) and other not in words(turn) for turn in turns)


def words(turn: Turn) -> str:
    """All that a merchant reads of a turn."""
    return "\n".join(part for reply in turn.replies for part in (reply.text, *(one.label for one in reply.buttons)))


async def test_changed_content_is_taken_up_unless_it_has_mistakes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fee(coins: int, more: str = "") -> None:
        changing.write("topics/parking/parking-fee.yaml", TOPIC.format(fee=coins) + more)

    async def answer() -> str:
        await changing.says("/start")  # who asks the same again hears only that nothing is known
        return words(await changing.says("parking fee"))

    caplog.set_level("INFO", "bot")
    changing = Changing(tmp_path, meanwhile=lambda: fee(4))
    fee(3)
    async with changing:
        await changing.until("taken", 1)
        assert "4 coins" in await answer()
        fee(5)
        await changing.until("taken", 2)
        assert "5 coins" in await answer()
        fee(6, "colour: red\n")
        await changing.until("refused", 1)
        assert "5 coins" in await answer()
        assert "parking-fee.yaml:4: " in caplog.text
        fee(7)
        await changing.until("taken", 3)
        assert "7 coins" in await answer()


async def test_hostile_content_is_refused_while_the_service_answers_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot")
    changing = Changing(tmp_path)
    changing.write("topics/parking/parking-fee.yaml", TOPIC.format(fee=3))
    aside = tmp_path / "aside"
    aside.mkdir()
    (aside / "system").symlink_to("/")
    async with changing:
        area = changing.folder / "topics" / "parking"
        changing.write("topics/parking/bomb.yaml", "a: &a [x, x, x]\n" + "b: [*a, *a]\n" * 9)
        changing.write("topics/parking/power.yaml", TOPIC.format(fee="{{ 9**9**9 }}"))
        os.mkfifo(area / "pipe.yaml")
        aside.rename(area / "moved")
        await changing.until("refused", 1)
        assert "3 coins" in words(await changing.says("parking fee"))
        for told in ("bomb.yaml:1: ", "power.yaml:2: ", "pipe.yaml:1: ", "moved/system:1: this is a link to a folder"):
            assert told in caplog.text
        # What is below a link is not watched: that would be all of the machine.
        assert watches() < 10
        for name in ("bomb.yaml", "power.yaml", "pipe.yaml", "moved/system"):
            (area / name).unlink()
        # A folder that came later is watched too.
        changing.write(
            "topics/parking/moved/more.yaml", TOPIC.format(fee=4).replace("parking", "garage").replace("停车", "车库")
        )
        await changing.until("taken", 1)
        assert "4 coins" in words(await changing.says("garage fee"))


def watches() -> int:
    """The folders that this process watches, as Linux tells."""
    found = 0
    for path in Path("/proc/self/fdinfo").iterdir():
        with contextlib.suppress(OSError):  # it was open a moment ago
            found += path.read_text().count("inotify wd")
    return found


async def test_changed_content_is_learned_in_a_process_of_its_own(
    tmp_path: Path, cache: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fit(*_: object, **__: object) -> None:
        raise AssertionError("the serving process learns")

    (tmp_path / "cache").mkdir(mode=0o700)
    for path in (*cache.glob("encoder-*"), *cache.glob("pinyin-*")):  # which take seconds to make
        (tmp_path / "cache" / path.name).symlink_to(path)
    monkeypatch.setenv("MERCHANT_BOT_CACHE", str(tmp_path / "cache"))
    caplog.set_level("INFO", "bot")
    changing = Changing(tmp_path)
    changing.write("topics/parking/parking-fee.yaml", TOPIC.format(fee=3))
    content = LastGood(tmp_path / "copy", [changing.folder], only=True)
    changing.load, changing.learn = content.load, content.learn_ahead
    async with changing:
        for learned in (Matcher, values):
            monkeypatch.setattr(learned, "fit", fit)
        changing.write("topics/parking/parking-fee.yaml", TOPIC.format(fee=4).replace("parking fee", "price of a lot"))
        await changing.until("taken", 1)
        assert "4 coins" in words(await changing.says("price of a lot"))
        # A mistake is told by this process, and nothing is learned for it.
        changing.write("topics/parking/parking-fee.yaml", TOPIC.format(fee=5) + "colour: red\n")
        await changing.until("refused", 1)
        assert "parking-fee.yaml:4: " in caplog.text
        assert "could not be learned" not in caplog.text


async def test_a_killed_learner_is_told_and_the_content_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCHANT_BOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("bot.knowledge.ahead.PROGRAM", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(Killed, match=r"signal 9.*memory"):
        await learn_ahead([tmp_path], only=True)


async def test_replaced_content_is_freed(tmp_path: Path) -> None:
    changing = Changing(tmp_path)
    changing.write("topics/parking/parking-fee.yaml", TOPIC.format(fee=3))
    async with changing:
        assert start_data(changing.assistant.knowledge)  # a page was shown
        await changing.says("parking fee")
        replaced = weakref.ref(changing.assistant.knowledge)
        changing.write("topics/parking/parking-fee.yaml", TOPIC.format(fee=4))
        await changing.until("taken", 1)
        gc.collect()
        assert replaced() is None
