"""The assistant in groups of Telegram, in the service and in an application of its own, against the strict stand-in."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.store import Store
from bot.store.sqlite import SqliteStore, open_sqlite
from tests.botapi import BotApi
from tests.conftest import TODAY
from tests.contract.frameworks import WAYS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

Json = dict[str, Any]
PATIENCE = 20
ME = "@merchant_test_bot"


class Clock:
    """Telegram's clock, which a test moves on."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time

    def minutes(self, count: float) -> None:
        self.time += 60 * count


class World:
    """A bot that is served, and a group with a merchant and a consultant in it."""

    def __init__(self, api: BotApi, clock: Clock) -> None:
        self.api, self.clock = api, clock
        self.ann, self.wei = api.user("Ann", username="ann"), api.user("Wei", language="zh-hans")
        self.boss = api.user("Boss")
        self.group = api.group(members=[self.ann, self.wei], admins=[self.boss])

    def sent(self, chat: Json | None = None) -> list[Json]:
        return self.api.sent(chat or self.group)

    def says(self, who: Json, text: str, **options: Any) -> Json:
        made: Json = self.api.message(who, text, chat=options.pop("chat", self.group), **options)["message"]
        return made

    async def heard(self, count: int) -> Json:
        """The last of so many messages of the bot in the group, and no more than that."""
        await self.settled()
        assert len(self.sent()) == count, [one["text"] for one in self.sent()]
        return self.sent()[-1] if count else {}

    async def settled(self) -> None:
        """Everything has been handled: a question in private, asked last, is answered."""
        before = len(self.api.sent(self.boss))
        self.api.message(self.boss, "/help")
        await self.api.until(lambda: len(self.api.sent(self.boss)) > before, PATIENCE)
        await self.api.until(lambda: not self.api.pending, PATIENCE)
        # The group's line is another than that of the private chat, and is answered whatever is set.
        probe = self.says(self.boss, f"{ME} /assistant")["message_id"]

        def answers() -> list[int]:
            sent = self.api.sent(self.group)
            return [one["message_id"] for one in sent if one.get("reply_to_message", {}).get("message_id") == probe]

        await self.api.until(answers, PATIENCE)
        for one in answers():
            self.api.room(self.group).sent.remove(one)


def links(message: Json) -> list[tuple[str, str]]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [(button["text"], button["url"].partition("?start=")[2]) for row in rows for button in row]


@contextlib.asynccontextmanager
async def service(api: BotApi, knowledge: Knowledge, file: Path) -> AsyncIterator[Store]:
    store = await open_sqlite(file)
    try:
        async with WAYS["served by aiogram"](api, Assistant(knowledge, store, lambda: TODAY)):
            yield store
    finally:
        await store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def api(clock: Clock) -> AsyncIterator[BotApi]:
    async with BotApi(privacy=False, clock=clock) as served:
        yield served


@pytest.fixture(params=["served by aiogram", "in a python-telegram-bot application"])
async def world(
    request: pytest.FixtureRequest, api: BotApi, clock: Clock, knowledge: Knowledge, tmp_path: Path
) -> AsyncIterator[World]:
    made = World(api, clock)
    store = await open_sqlite(tmp_path / "groups.db")
    async with WAYS[request.param](api, Assistant(knowledge, store, lambda: TODAY)):
        yield made
    await store.close()
    assert [call.error for call in api.calls if call.error and call.method != "getUpdates"] == []


async def test_it_answers_who_calls_it_and_nobody_else(world: World) -> None:
    for text in ("how much is the deposit", "hello all", "@ann deposit?", "/start@other_bot", "/weather", "1"):
        world.says(world.ann, text)
    await world.heard(0)
    asked = world.says(world.ann, f"{ME} how much is the deposit")
    answer = await world.heard(1)
    assert "CNY 10,000 to CNY 50,000" in answer["text"]
    assert "29 March 2022" in answer["text"]
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]
    world.says(world.ann, f"and how much is the commission, {ME}?")
    assert "5% to 8%" in (await world.heard(2))["text"]
    world.says(world.ann, "what is MALL", reply_to=answer)
    assert "AE Mall" in (await world.heard(3))["text"]
    entity = {"type": "text_mention", "offset": 0, "length": 3, "user": world.api.bot}
    world.says(world.wei, "小助手 保证金多少钱", entities=[entity])
    assert "1万元至5万元" in (await world.heard(4))["text"]


async def test_a_name_called_in_the_middle_of_a_text_with_emoji_is_taken_out(world: World) -> None:
    world.says(world.ann, f"😀😀 how much is {ME.upper()} the deposit")
    assert "CNY 10,000" in (await world.heard(1))["text"]


async def test_bots_channels_and_its_own_messages_are_passed_over(world: World) -> None:
    api, other = world.api, world.api.user("Other", is_bot=True)
    news = api.channel()
    world.says(other, f"{ME} deposit", deliver=True)
    world.says(world.ann, "Deposit", via_bot=api.bot)
    world.says(world.ann, f"{ME} deposit", sender_chat=news)
    world.says(world.ann, "Deposit", sender_chat=news, is_automatic_forward=True)
    world.api.join(world.group, api.user("New"))
    await world.heard(0)


async def test_edits_do_not_make_it_speak_again(world: World) -> None:
    said = world.says(world.ann, f"{ME} how much is the deposit")
    await world.heard(1)
    world.api.edit(said, f"{ME} how much is the commission")
    await world.heard(1)


async def test_who_calls_it_below_a_question_means_that_question(world: World) -> None:
    question = world.says(world.ann, "how much is the deposit")
    world.says(world.boss, ME, reply_to=question)
    answer = await world.heard(1)
    assert "CNY 10,000" in answer["text"]
    assert answer["reply_to_message"]["message_id"] == question["message_id"]


async def test_an_answer_goes_into_the_topic_of_its_question(world: World) -> None:
    forum = world.api.group(members=[world.ann], forum=True)
    thread = world.api.topic(forum)
    world.says(world.ann, f"{ME} how much is the deposit", chat=forum, thread=thread)
    await world.api.until(lambda: world.sent(forum), PATIENCE)
    assert world.sent(forum)[0]["message_thread_id"] == thread
    world.says(world.ann, f"{ME} how much is the commission", chat=forum)
    await world.api.until(lambda: len(world.sent(forum)) == 2, PATIENCE)
    assert "message_thread_id" not in world.sent(forum)[1]


async def test_checks_codes_and_consultants_go_on_in_private(world: World) -> None:
    world.says(world.ann, f"{ME} can I open a store?")
    answer = await world.heard(1)
    assert links(answer) == [("Go on in private", "c-store-entry")]
    world.says(world.ann, f"{ME} consultant")
    assert links(await world.heard(2)) == [("Go on in private", "t-contact-consultant")]
    world.says(world.ann, "/check deposit")
    assert links(await world.heard(3)) == [("Go on in private", "c-deposit")]
    world.says(world.ann, f"/topics{ME}")
    assert len(links(await world.heard(4))) == 1


async def test_a_keyword_brings_its_reply_and_then_rests(world: World) -> None:
    world.says(world.ann, "Deposit")
    assert "CNY 10,000" in (await world.heard(1))["text"]
    world.says(world.wei, "保证金")
    world.clock.minutes(9)
    world.says(world.ann, "deposit!")
    await world.heard(1)
    world.says(world.ann, "Commission")
    await world.heard(2)
    world.says(world.ann, f"{ME} deposit")
    await world.heard(3)
    world.clock.minutes(11)
    world.says(world.wei, "保证金")
    assert "1万元" in (await world.heard(4))["text"]


async def test_keywords_are_left_to_a_consultant_who_is_there(world: World) -> None:
    world.says(world.boss, "Good morning, what can I do for you?")
    world.says(world.ann, "Deposit")
    await world.heard(0)
    world.says(world.ann, f"{ME} deposit")
    await world.heard(1)
    world.clock.minutes(11)
    world.says(world.ann, "Commission")
    await world.heard(2)
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    world.says(anonymous, "We are here", sender_chat=world.group, deliver=True)
    world.says(world.ann, "MALL check")
    await world.heard(2)
    world.says(world.boss, "MALL check")
    await world.heard(3)


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ("off", f"{ME} deposit", 0),
        ("keywords off", "Deposit", 0),
        ("keywords Commission, mall-check", "Deposit", 0),
        ("keywords Deposit", "Deposit", 1),
        ("cooldown 0", "Deposit", 1),
        ("关", f"{ME} deposit", 0),
        ("cooldown soon", "Deposit", 1),
    ],
)
async def test_administrators_set_it_in_words(world: World, words: str, before: str, after: int) -> None:
    world.says(world.boss, f"/assistant {words}")
    await world.heard(1)
    world.says(world.ann, before)
    await world.heard(1 + after)


async def test_the_group_has_a_language_where_a_message_has_none(world: World) -> None:
    world.says(world.boss, "/assistant language zh")
    await world.heard(1)
    world.says(world.ann, f"{ME} MALL")
    assert any("\u4e00" <= character <= "\u9fff" for character in (await world.heard(2))["text"])
    world.says(world.ann, f"{ME} how much is the deposit")
    assert "CNY 10,000" in (await world.heard(3))["text"]


async def test_others_than_administrators_are_told_politely(world: World) -> None:
    world.says(world.ann, "/assistant off")
    assert "Only administrators" in (await world.heard(1))["text"]
    world.says(world.boss, "/assistant")
    await world.heard(2)
    status = world.sent()[-1]
    world.api.press(world.ann, status, "Keep quiet here")
    await world.api.until(lambda: any(c.params.get("show_alert") for c in world.api.called("answerCallbackQuery")))
    world.says(world.ann, f"{ME} deposit")
    await world.heard(3)


async def test_administrators_set_it_by_button(world: World) -> None:
    world.says(world.boss, "/assistant")
    await world.heard(1)
    status = world.sent()[-1]

    async def press(label: str, shows: str) -> None:
        world.api.press(world.boss, status, label)
        await world.api.until(lambda: shows in str(world.sent()[-1]), PATIENCE)

    await press("Choose the keywords", "✓ Deposit")
    await press("✓ Deposit", "– Deposit")
    await press("Back", "My settings in this group")
    world.says(world.ann, "Deposit")
    await world.heard(1)
    await press("Keep quiet here", "Answer here")
    world.says(world.ann, f"{ME} deposit")
    await world.heard(1)


async def test_it_greets_once_when_it_is_added_and_is_silent_when_it_is_gone(world: World) -> None:
    group = world.api.group(members=[world.ann], bot=None)
    world.api.add_bot(group, world.boss)
    await world.api.until(lambda: world.sent(group), PATIENCE)
    assert ME in world.sent(group)[0]["text"]
    assert "All messages" in world.sent(group)[0]["text"]
    world.api.add_bot(group, world.boss, "administrator")
    world.says(world.ann, f"{ME} deposit", chat=group)
    await world.api.until(lambda: len(world.sent(group)) > 1, PATIENCE)
    assert "CNY 10,000" in world.sent(group)[1]["text"]
    world.api.remove_bot(group, world.boss)
    await world.settled()
    assert len(world.sent(group)) == 2


@pytest.mark.parametrize("joins", ["first", "last"])
async def test_settings_move_along_when_a_group_becomes_a_supergroup(
    world: World, joins: Literal["first", "last"]
) -> None:
    group = world.api.group(members=[world.ann], admins=[world.boss], supergroup=False)
    world.says(world.boss, "/assistant keywords off", chat=group)
    await world.api.until(lambda: world.sent(group), PATIENCE)
    new = world.api.migrate(group, world.boss, joins=joins)
    await world.settled()
    world.says(world.ann, "Deposit", chat=new)
    asked = world.says(world.ann, f"{ME} deposit", chat=new)
    await world.api.until(lambda: [one for one in world.sent(new) if "reply_to_message" in one], PATIENCE)
    await world.settled()
    # Where it is told first that it has joined a group, it greets that.
    greeting, answer = world.sent(new) if joins == "first" else ({"text": f"{ME}"}, *world.sent(new))
    assert ME in greeting["text"]
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]


async def test_a_call_for_a_group_that_has_moved_goes_to_its_new_id(
    api: BotApi, clock: Clock, knowledge: Knowledge, tmp_path: Path
) -> None:
    ann = api.user("Ann")
    group = api.group(members=[ann], supergroup=False)
    async with service(api, knowledge, tmp_path / "groups.db"):
        delay = api.fault("502", "sendMessage", times=1)
        api.message(ann, f"{ME} deposit", chat=group)
        await api.until(lambda: delay.times == 0, PATIENCE)
        new = api.migrate(group, ann)
        await api.until(lambda: api.sent(new), PATIENCE)
    assert "CNY 10,000" in api.sent(new)[0]["text"]


async def test_settings_move_along_when_only_a_refused_answer_tells_that_the_group_moved(
    api: BotApi, clock: Clock, knowledge: Knowledge, tmp_path: Path
) -> None:
    ann, boss = api.user("Ann"), api.user("Boss")
    group = api.group(members=[ann], admins=[boss], supergroup=False)
    async with service(api, knowledge, tmp_path / "groups.db") as store:
        api.message(boss, "/assistant keywords off", chat=group)
        await api.until(lambda: api.sent(group), PATIENCE)
        delay = api.fault("502", "sendMessage", times=1)
        api.message(ann, f"{ME} deposit", chat=group)
        await api.until(lambda: delay.times == 0, PATIENCE)
        new = api.migrate(group, ann, deliver=False)
        await api.until(lambda: api.sent(new), PATIENCE)
        known = await store.group_of("telegram", str(new["id"]))
        assert known is not None
        assert not known.keywords
        assert await store.group_of("telegram", str(group["id"])) is None
    assert "reply_to_message" not in api.sent(new)[0]


async def test_settings_move_along_in_an_application_that_is_told_of_it_by_a_refused_answer(
    api: BotApi, clock: Clock, knowledge: Knowledge, tmp_path: Path
) -> None:
    ann, boss = api.user("Ann"), api.user("Boss")
    group = api.group(members=[ann], admins=[boss], supergroup=False)
    store = await open_sqlite(tmp_path / "groups.db")
    async with WAYS["in an aiogram application"](api, Assistant(knowledge, store, lambda: TODAY)):
        api.message(boss, "/assistant keywords off", chat=group)
        await api.until(lambda: api.sent(group), PATIENCE)
        asked = {"message": api.message(ann, f"{ME} deposit", chat=group, deliver=False)["message"]}
        new = api.migrate(group, ann, deliver=False)
        api.push(asked)
        await api.until(lambda: api.sent(new), PATIENCE)
        known = await store.group_of("telegram", str(new["id"]))
    await store.close()
    assert known is not None
    assert not known.keywords


async def test_only_questions_in_reply_to_it_are_answered(world: World) -> None:
    world.says(world.ann, f"{ME} how much is the deposit")
    answer = await world.heard(1)
    for text in (
        "thanks",
        "谢谢",
        "👍",
        "ok",
        "haha",
        "I told you so",
        "we paid that last year",
        "@wei look",
        "明白了",
    ):
        world.says(world.ann, text, reply_to=answer)
    world.api.sticker(world.ann, chat=world.group, reply_to=answer)
    world.api.photo(world.ann, chat=world.group, reply_to=answer)
    await world.heard(1)
    world.says(world.ann, "what is MALL", reply_to=answer)
    assert "AE Mall" in (await world.heard(2))["text"]
    world.says(world.ann, "can I pay it in instalments of gold coins?", reply_to=answer)
    await world.heard(3)


async def test_a_group_may_leave_replies_to_it_alone(world: World) -> None:
    world.says(world.boss, "/assistant 回复 关")
    assert "without my name: off" in (await world.heard(1))["text"]
    world.says(world.ann, "what is MALL", reply_to=world.sent()[-1])
    await world.heard(1)
    world.says(world.ann, f"{ME} what is MALL", reply_to=world.sent()[-1])
    await world.heard(2)
    world.api.press(world.boss, world.sent()[0], "Answer questions in reply to me")
    await world.settled()
    world.says(world.ann, "what is MALL", reply_to=world.sent()[-1])
    await world.heard(3)


@pytest.mark.parametrize(
    "text", [f"{ME}保证金多少", f"请问{ME}保证金多少？", f"保证金多少{ME.upper()}谢谢", f"😀{ME}佣金多少"]
)
async def test_a_name_without_a_space_is_a_call(world: World, text: str) -> None:
    world.says(world.wei, text)
    assert "多少" not in (await world.heard(1))["text"][:40]
    world.says(world.wei, f"mail a{ME}.com {ME}s {ME}_x")
    await world.heard(1)


async def test_with_privacy_mode_it_says_what_does_not_reach_it(
    clock: Clock, knowledge: Knowledge, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with BotApi(privacy=True, clock=clock) as api:
        ann, boss = api.user("Ann"), api.user("Boss")
        group = api.group(members=[ann], admins=[boss], bot=None)
        async with service(api, knowledge, tmp_path / "groups.db"):
            assert "privacy mode is on" in caplog.text
            api.add_bot(group, boss)
            await api.until(lambda: api.sent(group), PATIENCE)
            assert "/setprivacy" in api.sent(group)[0]["text"]
            api.message(ann, "how much is the deposit", chat=group, reply_to=api.sent(group)[0])
            await api.until(lambda: len(api.sent(group)) == 2, PATIENCE)
            api.add_bot(group, boss, "administrator")
            api.message(boss, "/assistant", chat=group)
            await api.until(lambda: len(api.sent(group)) == 3, PATIENCE)
            assert "All messages" in api.sent(group)[2]["text"]


async def test_nothing_is_kept_of_what_others_say(
    api: BotApi, clock: Clock, knowledge: Knowledge, tmp_path: Path
) -> None:
    world = World(api, clock)
    async with service(api, knowledge, tmp_path / "groups.db") as store:
        world.says(world.ann, "the secret of our house is 4711")
        await world.settled()
        assert isinstance(store, SqliteStore)
        for table in ("inbox", "outbox", "conversations", "events", "groups"):
            assert "4711" not in str(await store.read(f"SELECT * FROM {table}"))
        kept = str(await store.read("SELECT address FROM conversations"))
    assert str(world.ann["id"]) not in kept


async def test_a_mention_in_private_is_no_part_of_the_question(world: World) -> None:
    world.api.message(world.ann, f"{ME} how much is the deposit?")
    await world.api.until(lambda: world.api.sent(world.ann), PATIENCE)
    assert "CNY 10,000" in world.api.sent(world.ann)[0]["text"]
