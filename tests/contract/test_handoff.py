"""Merchants and consultants: on Telegram and on the web chat, against the strict stand-in of the Bot API."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import SecretStr, ValidationError

from bot import app
from bot.assistant import Assistant
from bot.channels.channel import Labels, Unreachable
from bot.channels.telegram.desk import TelegramDesk
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Message, Terms, Ticket
from bot.settings import Settings
from bot.store import Handled, Outgoing, Store, open_store
from tests.botapi import BotApi, member
from tests.conftest import TODAY
from tests.crash import free_port
from tests.visitors import PATIENCE, SECRET, Visitor, ready, words

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

Sent = dict[str, Any]


class Office:
    """An agency: its bot on Telegram and on the web, merchants, and a consultant in the group for questions."""

    def __init__(
        self,
        api: BotApi,
        database: str,
        knowledge: Knowledge,
        *,
        forum: bool = False,
        supergroup: bool = True,
        library: Literal["aiogram", "ptb"] = "aiogram",
    ) -> None:
        self.api, self.database, self.knowledge, self.library = api, database, knowledge, library
        self.anna, self.ann = api.user("Anna"), api.user("Ann", username="ann_sells")
        self.group = api.group("Consultants", members=[self.anna], forum=forum, supergroup=supergroup)
        self.desk = str(self.group["id"])
        self.store: Store
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        self.settings = settings = Settings(
            telegram_token=SecretStr(self.api.token),
            telegram_api_url=self.api.url,
            telegram_library=self.library,
            consultant_chat=self.desk,
            public_url=self.url,
            port=self.port,
            secret=SecretStr(SECRET),
            sends_per_second=0,
            sends_per_chat_per_second=0,
            sends_per_group_per_minute=0,
            messages_per_minute=0,
        )
        self.store = store = await open_store(self.database)
        stop = asyncio.Event()

        async def opening() -> Assistant:
            return Assistant(self.knowledge, store, lambda: TODAY, terms=Terms(consultant=True, keep_questions_days=30))

        task = asyncio.create_task(app.answer(settings, opening, store, stop))
        try:
            await ready(self.url, task)
            yield
        finally:
            stop.set()
            await task
            await store.close()

    def at_desk(self) -> list[Sent]:
        return self.api.sent(self.group["id"])

    def told(self) -> list[Sent]:
        return self.api.sent(self.ann["id"])

    async def write(self, text: str) -> Sent:
        """Ann writes, and reads the answer."""
        before = len(self.told())
        self.api.message(self.ann, text)
        await self.until(lambda: len(self.told()) > before)
        return self.told()[-1]

    async def until(self, holds: Callable[[], object]) -> None:
        await self.api.until(holds, PATIENCE)

    async def asked(self) -> Sent:
        """Ann asks for a consultant; returns what the consultant sees of it."""
        await self.write("may I sell my store to someone else")
        await self.write("talk to a consultant")
        await self.until(self.at_desk)
        return self.at_desk()[-1]

    async def passed(self) -> Sent:
        """The next message at the desk."""
        before = len(self.at_desk())
        await self.until(lambda: len(self.at_desk()) > before)
        return self.at_desk()[-1]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as served:
        yield served


@pytest.fixture
async def office(api: BotApi, database: str, knowledge: Knowledge) -> AsyncIterator[Office]:
    made = Office(api, database, knowledge)
    async with made.open():
        yield made
    assert [call.params for call in api.calls if call.error and call.error["error_code"] == 400] == []


async def test_a_question_goes_to_the_desk_with_what_was_said_and_the_answer_comes_back(office: Office) -> None:
    await office.write("how much is the deposit")
    card = await office.asked()
    assert "Ann (@ann_sells)" in card["text"]
    assert "Telegram · English" in card["text"]
    assert "Question: may I sell my store to someone else" in card["text"]
    assert "how much is the deposit → " in card["text"]
    assert "passed your question on" in office.told()[-1]["text"]
    office.api.message(office.anna, "We can *help* you, call <us>", chat=office.group, reply_to=card)
    await office.until(lambda: "call <us>" in office.told()[-1].get("text", ""))
    assert office.told()[-1]["text"] == "Consultant: We can *help* you, call <us>"


async def test_while_it_is_open_words_go_to_the_consultant_and_commands_to_the_assistant(office: Office) -> None:
    card = await office.asked()
    before = len(office.told())
    office.api.message(office.ann, "how much is the deposit")
    said = await office.passed()
    words, _, draft = said["text"].partition("\n\n———\n")
    assert words == "Ann (@ann_sells): how much is the deposit"
    assert "CNY 10,000" in draft
    assert said["reply_to_message"]["message_id"] == card["message_id"]
    assert "Ask in your own words" in (await office.write("/help"))["text"]
    assert len(office.told()) == before + 1
    office.api.message(office.anna, "10,000", chat=office.group, reply_to=said)
    await office.until(lambda: office.told()[-1]["text"] == "Consultant: 10,000")
    assert "CNY 10,000" not in office.told()[-1]["text"]
    assert "over" in (await office.write("/end"))["text"]
    assert "ended this chat" in office.at_desk()[-1]["text"] or "ended this chat" in (await office.passed())["text"]
    assert "CNY 10,000 to CNY 50,000" in (await office.write("how much is the deposit"))["text"]


async def test_pictures_files_and_voice_go_both_ways(office: Office) -> None:
    card = await office.asked()
    office.api.photo(office.ann, "my licence")
    assert (await office.passed())["caption"] == "Ann (@ann_sells): my licence"
    office.api.voice(office.ann)
    assert "voice" in await office.passed()
    office.api.document(office.ann)
    assert "document" in await office.passed()
    office.api.sticker(office.ann)
    assert "sticker" in await office.passed()
    office.api.photo(office.anna, "fill this in", chat=office.group, reply_to=card)
    await office.until(lambda: "photo" in office.told()[-1])
    assert office.told()[-1]["caption"] == "Consultant: fill this in"
    office.api.voice(office.anna, chat=office.group, reply_to=card)
    await office.until(lambda: "voice" in office.told()[-1])


def own_words(message: Sent) -> str:
    """What a merchant wrote, without the assistant's draft below it."""
    text: str = message["text"]
    return text.partition("\n\n———\n")[0]


def marked(message: Sent) -> set[tuple[str, str, str]]:
    """The formatted parts of a message, with their kind and their address."""
    text, kept = (message.get("text") or message["caption"]), message.get("entities") or message["caption_entities"]
    units = text.encode("utf-16-le")
    return {
        (
            one["type"],
            units[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le"),
            one.get("url", ""),
        )
        for one in kept
    }


async def test_formatting_links_lists_and_lines_go_over_as_they_are(office: Office) -> None:
    card = await office.asked()
    said = "😀 Fees:\n- *one*\n\n\n  1. two\n# three_four"
    office.api.message(office.ann, said)
    assert own_words(await office.passed()) == f"Ann (@ann_sells): {said}"
    link = {"type": "text_link", "offset": 3, "length": 4, "url": "https://example.com/form"}
    bold, custom = {"type": "bold", "offset": 8, "length": 4}, {"type": "custom_emoji", "offset": 0, "length": 2}
    custom["custom_emoji_id"] = "5"
    shown = [custom, link, bold]
    office.api.message(office.anna, "😀 form here\n- now", chat=office.group, reply_to=card, entities=shown)
    await office.until(lambda: "- now" in office.told()[-1]["text"])
    assert office.told()[-1]["text"] == "Consultant: 😀 form here\n- now"
    assert marked(office.told()[-1]) == {
        ("bold", "Consultant:", ""),
        ("text_link", "form", "https://example.com/form"),
        ("bold", "here", ""),
    }
    # What is too long with the label goes over whole, in two messages, with the formatting of both parts.
    long = "".join(f"line {n} 😀\n" for n in range(340))[:4000] + "the end"
    strike = {"type": "strikethrough", "offset": 0, "length": len(long.encode("utf-16-le")) // 2}
    office.api.message(office.anna, long, chat=office.group, reply_to=card, entities=[strike])
    await office.until(lambda: office.told()[-1].get("text", "").endswith("the end"))
    parts = office.told()[-2:] if len(long) > 4084 else office.told()[-1:]
    assert "".join(part["text"] for part in parts).removeprefix("Consultant: ") == long
    assert {"strikethrough"} == {kind for part in parts for kind, text, _ in marked(part) if text != "Consultant:"}


async def test_an_album_stays_one(office: Office) -> None:
    card = await office.asked()
    for who, place in ((office.ann, {}), (office.anna, {"chat": office.group, "reply_to": card})):
        for number in range(3):
            office.api.photo(who, f"page {number}" if number != 1 else None, media_group_id="77", **place)
    office.api.message(office.ann, "that is all")
    await office.until(lambda: len([one for one in office.at_desk() if "media_group_id" in one]) == 3)
    await office.until(lambda: len([one for one in office.told() if "media_group_id" in one]) == 3)
    await office.until(lambda: "that is all" in office.at_desk()[-1].get("text", ""))
    shown = [one for one in office.at_desk() if "media_group_id" in one]
    assert [one.get("caption") for one in shown] == ["Ann (@ann_sells): page 0", None, "page 2"]
    assert len({one["media_group_id"] for one in shown}) == 1
    assert {one["reply_to_message"]["message_id"] for one in shown} == {card["message_id"]}
    assert len(office.api.called("sendMediaGroup")) == 2
    # A reply to any file of it is an answer, and an edit of one changes that one.
    office.api.message(office.anna, "got it", chat=office.group, reply_to=shown[2])
    await office.until(lambda: office.told()[-1].get("text") == "Consultant: got it")


PLACE = {"latitude": 30.2741, "longitude": 120.1551}
POLL = {
    "id": "1", "question": "Which?", "options": [{"text": "A", "voter_count": 0, "persistent_id": "a"}], "total_voter_count": 0,
    "is_closed": False, "is_anonymous": True, "type": "quiz", "allows_multiple_answers": False, "allows_revoting": False,
    "members_only": False,
}  # fmt: skip


async def test_what_is_no_text_arrives_or_is_named(office: Office) -> None:
    card = await office.asked()
    office.api.message(office.ann, location=PLACE)
    assert (await office.passed())["location"] == PLACE
    office.api.message(office.ann, contact={"phone_number": "+861", "first_name": "Li"})
    assert (await office.passed())["contact"]["first_name"] == "Li"
    office.api.message(office.ann, poll=POLL)  # a quiz whose answer the bot does not know
    assert (await office.passed())["text"] == "Ann (@ann_sells): [poll] Which?\n- A"
    office.api.message(office.ann, story={"chat": {"id": 5, "type": "private"}, "id": 3})
    assert (await office.passed())["text"] == "Ann (@ann_sells): [story]"
    origin = {"type": "user", "date": 1, "sender_user": {"id": 9, "is_bot": False, "first_name": "Bo"}}
    office.api.message(office.ann, "see this", forward_origin=origin)
    assert own_words(await office.passed()) == "Ann (@ann_sells), forwarded from Bo: see this"
    before = len(office.told())
    office.api.sticker(office.anna, chat=office.group, reply_to=card)
    office.api.message(office.anna, chat=office.group, reply_to=card, location=PLACE)
    await office.until(lambda: len(office.told()) == before + 2)
    assert ["sticker" in office.told()[-2], office.told()[-1]["location"]] == [True, PLACE]
    refused = [call.error["description"] for call in office.api.calls if call.error]
    assert refused == ["Bad Request: message can't be copied"]
    office.api.calls[:] = [call for call in office.api.calls if not call.error]


async def test_what_waits_of_one_merchant_is_joined_and_merchants_take_turns(
    api: BotApi, tmp_path: Path, knowledge: Knowledge
) -> None:
    office = Office(api, f"sqlite:///{tmp_path / 'a.db'}", knowledge)
    async with office.open():
        await office.asked()
        (ticket,) = await office.store.open_tickets(10)
    other = replace(ticket, id=ticket.id + 1, address=Address("web", "w", "w"), first=None)
    desk, names = TelegramDesk(office.desk), Labels("Ann", "", str, lambda kind, told: kind)

    def passed(to: Ticket, *texts: str) -> Handled:
        calls = [call for text in texts for call in desk.pass_on(to.id, names, Message(to.address, text), "{}")]
        return Handled(
            to.address, outgoing=tuple(Outgoing("telegram", office.desk, one, ticket=to.id) for one in calls)
        )

    store = await open_store(office.database)
    await store.finish(passed(ticket, *(f"and {number}" for number in range(30)), "x" * 4000, "y" * 4000))
    await store.finish(replace(passed(other, "me too"), opens=other))
    await store.close()
    async with office.open():
        await office.until(lambda: len(office.at_desk()) == 5)
    _, joined, turn, *rest = (one["text"] for one in office.at_desk())
    assert joined == "\n\n".join(f"Ann: and {number}" for number in range(30))
    assert turn == "Ann: me too"
    assert [text[-1] for text in rest] == ["x", "y"]


async def test_a_reply_at_the_desk_is_no_question_to_the_assistant(office: Office) -> None:
    card = await office.asked()
    office.api.message(office.anna, "@merchant_test_bot how much is the deposit", chat=office.group, deliver=True)
    own = await office.passed()
    assert "CNY 10,000" in own["text"]
    question = await office.write("/forget")
    office.api.press(office.ann, question, "Yes, erase everything")
    await office.passed()
    office.api.message(office.anna, "how much is the commission", chat=office.group, reply_to=card)
    assert "not passed on" in (await office.passed())["text"]
    news = {"id": -100777, "title": "News", "type": "channel"}
    bot = {"id": 136817688, "is_bot": True, "first_name": "Channel"}
    for fields in ({"sender_chat": news, "from": bot}, {"via_bot": office.api.bot}):
        office.api.message(office.anna, "how much is it", chat=office.group, reply_to=card, deliver=True, **fields)
    office.api.message(office.anna, "@merchant_test_bot MALL", chat=office.group, reply_to=card, deliver=True)
    assert "AE Mall" in (await office.passed())["text"]


async def test_the_general_topic_is_the_group_itself(api: BotApi, tmp_path: Path, knowledge: Knowledge) -> None:
    office = Office(api, f"sqlite:///{tmp_path / 'a.db'}", knowledge, forum=True)
    office.desk = f"{office.group['id']}/1"
    async with office.open():
        card = await office.asked()
        assert "message_thread_id" not in card
        office.api.message(office.anna, "yes", chat=office.group, reply_to=card)
        await office.until(lambda: office.told()[-1]["text"] == "Consultant: yes")
    assert [call for call in api.calls if call.error] == []


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("topic", "no topic 77"),
        ("restricted", "may not send"),
        ("left", "not a member"),
        ("channel", "set the id of a group"),
    ],
)
async def test_what_is_missing_at_the_desk_is_told_at_the_start(
    api: BotApi, tmp_path: Path, knowledge: Knowledge, broken: str, told: str
) -> None:
    office = Office(api, f"sqlite:///{tmp_path / 'a.db'}", knowledge, forum=True)
    if broken == "topic":
        office.desk += "/77"
    elif broken == "channel":
        office.desk = str(api.channel()["id"])
    else:
        office.api.room(office.group).members[api.bot["id"]] = member(api.bot, broken) | (
            {"can_send_messages": False} if broken == "restricted" else {}
        )
    with pytest.raises(Unreachable, match=told):
        async with office.open():
            pass


async def test_privacy_mode_is_named_at_the_start(
    api: BotApi, tmp_path: Path, knowledge: Knowledge, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(api, f"sqlite:///{tmp_path / 'a.db'}", knowledge)
    async with office.open():
        assert "CONSULTANT_CHAT: Telegram's privacy mode" in caplog.text


async def test_an_edit_changes_what_was_sent_or_is_sent_as_corrected(office: Office) -> None:
    card = await office.asked()
    said = office.api.message(office.ann, "I have 3 shops")["message"]
    await office.passed()
    office.api.edit(said, "I have 4 shops")
    await office.until(lambda: own_words(office.at_desk()[-1]) == "Ann (@ann_sells): I have 4 shops")
    shown = office.at_desk()
    answer = office.api.message(office.anna, "Then pay 3", chat=office.group, reply_to=card)["message"]
    await office.until(lambda: office.told()[-1]["text"] == "Consultant: Then pay 3")
    office.api.edit(answer, "Then pay 4")
    await office.until(lambda: office.told()[-1]["text"] == "Consultant: Then pay 4")
    # What was deleted in between cannot be changed, and is sent as corrected.
    copy = office.told()[-1]
    del office.api.room(office.ann).messages[copy["message_id"]]
    office.api.edit(answer, "Then pay 5")
    await office.until(lambda: office.told()[-1]["text"] == "Consultant, corrected: Then pay 5")
    office.api.edit(answer, "Then pay 6")
    await office.until(lambda: office.told()[-1]["text"] == "Consultant: Then pay 6")
    assert office.at_desk()[1:] == shown[1:]
    # The fault is what the test is about.
    office.api.calls[:] = [call for call in office.api.calls if not (call.error and "to edit" in str(call.error))]


async def test_a_consultant_may_answer_a_colleague_and_ends_it(office: Office) -> None:
    card = await office.asked()
    first = office.api.message(office.anna, "one", chat=office.group, reply_to=card)["message"]
    await office.until(lambda: office.told()[-1]["text"] == "Consultant: one")
    office.api.message(office.anna, "two", chat=office.group, reply_to=first, deliver=True)
    await office.until(lambda: office.told()[-1]["text"] == "Consultant: two")
    office.api.message(office.anna, "/end", chat=office.group, reply_to=card)
    await office.until(lambda: "ended the chat" in office.told()[-1]["text"])
    await office.until(lambda: "Ended" in office.at_desk()[-1]["text"])
    office.api.message(office.anna, "three", chat=office.group, reply_to=card)
    assert "not passed on" in (await office.passed())["text"]
    assert "CNY 10,000 to CNY 50,000" in (await office.write("how much is the deposit"))["text"]


async def test_the_consultant_is_told_what_does_not_arrive(office: Office) -> None:
    card = await office.asked()
    office.api.block(office.ann)
    answer = office.api.message(office.anna, "hello?", chat=office.group, reply_to=card)["message"]
    told = await office.passed()
    assert "blocked by the user" in told["text"]
    assert told["reply_to_message"]["message_id"] == answer["message_id"]


async def test_the_merchant_is_told_when_the_desk_cannot_be_reached(office: Office) -> None:
    await office.asked()
    office.api.remove_bot(office.group, office.anna)
    office.api.message(office.ann, "are you there")
    await office.until(lambda: "not reach the consultant" in office.told()[-1]["text"])


async def test_a_forum_topic_is_a_desk_too(api: BotApi, tmp_path: Path, knowledge: Knowledge) -> None:
    office = Office(api, f"sqlite:///{tmp_path / 'a.db'}", knowledge, forum=True)
    topic = api.topic(office.group, "Questions")
    office.desk = f"{office.group['id']}/{topic}"
    async with office.open():
        card = await office.asked()
        assert card["message_thread_id"] == topic
        office.api.message(office.ann, "more")
        assert (await office.passed())["message_thread_id"] == topic
        api.message(office.anna, "just talk among us", chat=office.group, thread=topic)
        api.message(office.anna, "yes", chat=office.group, thread=topic, reply_to=card)
        await office.until(lambda: office.told()[-1]["text"] == "Consultant: yes")


async def test_nothing_is_lost_or_doubled_by_a_restart(api: BotApi, database: str, knowledge: Knowledge) -> None:
    office = Office(api, database, knowledge)
    async with office.open():
        card = await office.asked()
    said = api.message(office.ann, "still there?")
    api.message(office.anna, "yes", chat=office.group, reply_to=card)
    async with office.open():
        await office.until(lambda: office.told()[-1]["text"] == "Consultant: yes")
        await office.until(lambda: own_words(office.at_desk()[-1]).endswith("still there?"))
        api.push({name: value for name, value in said.items() if name != "update_id"})
        await office.write("/end")
    assert [one["text"] for one in office.told()].count("Consultant: yes") == 1
    assert office.at_desk()[1]["reply_to_message"]["message_id"] == card["message_id"]


async def test_a_talk_in_which_nobody_writes_any_more_is_over(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    card = await office.asked()
    begun, hour = time.time(), 3600.0

    def after(hours: float) -> None:
        monkeypatch.setattr("time.time", lambda: begun + hours * hour)

    after(23)
    office.api.message(office.ann, "still there?")
    assert own_words(await office.passed()).endswith("still there?")
    after(46)
    office.api.message(office.anna, "yes", chat=office.group, reply_to=card)
    await office.until(lambda: office.told()[-1]["text"] == "Consultant: yes")
    after(71)
    before = len(office.told())
    office.api.message(office.ann, "how much is the deposit")
    await office.until(lambda: len(office.told()) == before + 2)
    over, answer = office.told()[-2:]
    assert "24 hours" in over["text"]
    assert "CNY 10,000 to CNY 50,000" in answer["text"]
    await office.until(lambda: "this chat has ended" in office.at_desk()[-1]["text"])
    assert office.at_desk()[-1]["reply_to_message"]["message_id"] == card["message_id"]
    assert "has ended" not in (await office.write("thanks"))["text"]
    office.api.message(office.anna, "too late", chat=office.group, reply_to=card)
    assert "not passed on" in (await office.passed())["text"]


async def test_who_asks_for_a_consultant_again_after_a_long_silence_has_a_new_talk(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await office.asked()
    begun = time.time()
    monkeypatch.setattr("time.time", lambda: begun + 25 * 3600.0)
    office.api.message(office.ann, "/consultant may I open two stores")
    await office.until(lambda: len(office.at_desk()) == 3)
    ended, again = office.at_desk()[-2:]
    assert ended["reply_to_message"]["message_id"] == card["message_id"]
    assert "Question: may I open two stores" in again["text"]
    office.api.message(office.anna, "yes", chat=office.group, reply_to=again)
    await office.until(lambda: office.told()[-1]["text"] == "Consultant: yes")


async def test_who_is_erased_has_no_ticket_any_more(office: Office) -> None:
    card = await office.asked()
    question = await office.write("/forget")
    office.api.press(office.ann, question, "Yes, erase everything")
    told = await office.passed()
    assert "erased" in told["text"]
    assert told["reply_to_message"]["message_id"] == card["message_id"]
    own = await office.store.belongings(Address("telegram", str(office.ann["id"]), str(office.ann["id"])))
    assert (own.tickets, own.conversation) == ((), None)
    before = len(office.told())
    office.api.message(office.anna, "too late", chat=office.group, reply_to=card)
    await office.write("thanks")
    assert len(office.told()) == before + 1


async def test_a_visitor_of_the_web_chat_reaches_a_consultant(office: Office) -> None:
    async with Visitor(office.url) as visitor:
        await visitor.say("may I sell my store to someone else")
        await visitor.press("Ask a consultant")
        await office.until(office.at_desk)
        card = office.at_desk()[-1]
        assert "Web · English" in card["text"]
        assert "waits there until the merchant looks" in card["text"]
        await visitor.send("it is for stock")
        assert own_words(await office.passed()).endswith(": it is for stock")
        office.api.message(office.anna, "we know a bank", chat=office.group, reply_to=card)
        while "we know a bank" not in words(visitor.turns[-1]):
            await visitor.hear()
        assert visitor.turns[-1]["said"] is None
        office.api.photo(office.anna, "its form", chat=office.group, reply_to=card)
        assert "only text" in (await office.passed())["text"]
        while "its form" not in words(visitor.turns[-1]):
            await visitor.hear()
        await visitor.socket.close()
        office.api.message(office.anna, "see you", chat=office.group, reply_to=card)
        await office.write("/help")
        await visitor.connect()
        while "see you" not in words(visitor.turns[-1]):
            await visitor.hear()
        assert "over" in words(await visitor.press("End the chat with the consultant", back=-1 - place(visitor)))


def place(visitor: Visitor) -> int:
    """Where the last turn with a button is."""
    return max(n for n, turn in enumerate(visitor.turns) if turn["replies"] and "buttons" in turn["replies"][-1])


async def test_a_desk_that_the_bot_is_not_in_is_told_at_the_start(
    api: BotApi, database: str, knowledge: Knowledge
) -> None:
    office = Office(api, database, knowledge)
    office.desk = "-1009999999999"
    with pytest.raises(Unreachable, match="CONSULTANT_CHAT"):
        async with office.open():
            pass


@pytest.mark.parametrize("desk", ["@consultants", "consultants", "-100/", ""])
def test_a_desk_is_a_number(desk: str) -> None:
    if desk:
        with pytest.raises(ValidationError, match="number of a chat"):
            Settings(consultant_chat=desk, telegram_token=SecretStr("7000000002:" + "A" * 35))
    with pytest.raises(ValidationError, match="needs the bot's token"):
        Settings(consultant_chat="-1001", telegram_token=None, _env_file=None)  # type: ignore[call-arg]


# --- the consultants' group becomes a supergroup


class Moving(Office):
    """The same, where the consultants' group is still a basic one; `group` is what it is now, `old` what it was."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, supergroup=False, **options)
        self.old = self.group

    def moves(self, **options: Any) -> None:
        self.group = self.api.migrate(self.old, self.anna, **options)

    async def shown(self, words: str) -> Sent:
        """The last message at the desk, once it says this."""
        await self.until(lambda: self.at_desk() and words in str(self.at_desk()[-1]))
        return self.at_desk()[-1]

    async def answers(self, text: str, to: Sent) -> Sent:
        """Anna replies to a message, and Ann reads it."""
        made: Sent = self.api.message(self.anna, text, chat=self.group, reply_to=to)["message"]
        await self.until(lambda: self.told()[-1].get("text") == f"Consultant: {text}")
        return made


@pytest.fixture(params=["aiogram", "ptb"])
async def moving(request: pytest.FixtureRequest, api: BotApi, tmp_path: Path, knowledge: Knowledge) -> Moving:
    return Moving(api, f"sqlite:///{tmp_path / 'a.db'}", knowledge, library=request.param)


async def test_consultants_whose_group_becomes_a_supergroup_go_on_there(moving: Moving) -> None:
    office = moving
    async with office.open():
        card = await office.asked()
        await office.answers("one", card)
        # What is replied in the last moment of the old group arrives, as far as Telegram lets it.
        office.api.message(office.anna, "two", chat=office.group, reply_to=card)
        office.api.photo(office.anna, chat=office.group, reply_to=card)
        office.moves()
        await office.until(lambda: office.told()[-1]["text"] == "Consultant: two")
        await office.until(lambda: len(office.at_desk()) == 2)
        again, lost = sorted(office.at_desk(), key=lambda one: "Not delivered" in one["text"])
        assert again["text"].startswith("#")
        assert "this group is a supergroup now" in again["text"]
        assert "Not delivered to the merchant" in lost["text"]
        three = await office.answers("three", again)
        office.api.edit(three, "four")
        await office.until(lambda: office.told()[-1]["text"] == "Consultant: four")
        office.api.message(office.ann, "and now?")
        said = await office.shown("and now?")
        assert said["reply_to_message"]["message_id"] == again["message_id"]
        await office.answers("five", said)
        office.api.message(office.anna, "six", chat=office.group, reply_to=card, deliver=True)
        assert "not passed on" in (await office.shown("I cannot see to which"))["text"]
        assert office.told()[-1]["text"] == "Consultant: five"
    # The setting still has the old number.
    office.api.message(office.ann, "still there?")
    async with office.open():
        await office.answers("seven", await office.shown("still there?"))
        office.api.photo(office.ann, "my licence")
        await office.answers("eight", await office.shown("my licence"))
    assert [one["text"] for one in office.at_desk() if "CNY" in one.get("text", "")] == []


async def test_where_nobody_told_it_a_refused_message_tells_it_and_is_sent_there(moving: Moving) -> None:
    office = moving
    async with office.open():
        card = await office.asked()
        office.moves(deliver=False)
        for words in ("first", "second"):
            office.api.message(office.ann, words)
        last = await office.shown("second")  # what waited together is one message
        again = office.at_desk()[0]
        assert "supergroup now" in again["text"]
        said = "\n\n".join(own_words(one) for one in office.at_desk()[1:])
        assert said == "Ann (@ann_sells): first\n\nAnn (@ann_sells): second"
        await office.answers("one", again)
        await office.answers("two", last)
        assert office.api.sent(office.old["id"]) == [card]
    assert [one.error for one in office.api.calls if one.error and one.error["error_code"] != 400] == []
    assert len([one for one in office.api.calls if one.error and "supergroup" in one.error["description"]]) == 1


async def test_a_group_that_became_a_supergroup_before_the_start_is_followed_at_the_start(
    api: BotApi, database: str, knowledge: Knowledge
) -> None:
    office = Moving(api, database, knowledge)
    async with office.open():
        await office.asked()
    office.moves(deliver=False)
    async with office.open():
        await office.answers("one", await office.shown("supergroup now"))
        assert await office.store.recall(f"telegram-desk:{office.desk}") == str(office.group["id"])
    async with office.open():
        office.api.message(office.ann, "more")
        await office.answers("two", await office.shown("more"))
    told = [one for one in office.api.calls if one.method == "sendMessage" and "supergroup now" in str(one.params)]
    assert len([one for one in told if one.done]) == 1  # its card changes later


async def test_other_processes_learn_where_the_consultants_are(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.telegram.desk.LOOK", 0.01)
    store, desk = await open_store(database), TelegramDesk("-5")
    looking = asyncio.create_task(desk.follow_notes(store))
    note = TelegramDesk("-5").moved("-5", "-1005")
    assert note is not None
    await store.finish(Handled(Address("telegram", "-5", ""), moved_to="-1005", notes=(note,)))
    async with asyncio.timeout(PATIENCE):
        while desk.chat != "-1005":
            await asyncio.sleep(0.01)
    assert set(desk.chats) == {"-5", "-1005"}
    assert desk.moved("-6", "-1006") is None
    looking.cancel()
    await store.close()
