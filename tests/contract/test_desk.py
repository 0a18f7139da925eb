"""The consultants' desk on Telegram: a topic for each merchant, claims, notes, drafts. A bakery's content, since it opens fast."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.channels.telegram.desk import TelegramDesk
from bot.content.hours import Hours
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Conversation, Language, Message, Terms
from bot.service.reminders import minutes_waited
from handlers import respond
from tests.botapi import BotApi, member
from tests.contract.test_handoff import Office, Sent
from tests.visitors import PATIENCE

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

BAKERY = Path(__file__).parents[1] / "bakery"
RIGHTS = {"can_manage_topics": True, "can_pin_messages": True}


class Forum(Office):
    """The same agency, whose consultants have a forum that the bot manages; Bo is a second consultant."""

    def __init__(self, api: BotApi, database: str, knowledge: Knowledge) -> None:
        super().__init__(api, database, knowledge, forum=True)
        self.bo = api.user("Bo", username="bo")
        self.anna["username"] = "anna"
        room = api.room(self.group)
        room.members[self.bo["id"]] = member(self.bo, "member")
        room.members[api.bot["id"]] = member(api.bot, "administrator") | RIGHTS

    async def opened(self) -> Sent:
        """Ann asks for a consultant; returns the card in her topic."""
        before = len(self.at_desk())
        await self.write("/consultant may I pay by card")
        await self.until(lambda: len(self.at_desk()) > before and self.api.room(self.group).pinned)
        return self.at_desk()[-1]

    @property
    def address(self) -> Address:
        """Ann's."""
        return Address("telegram", str(self.ann["id"]), str(self.ann["id"]))

    @property
    def topic(self) -> int:
        """The newest topic."""
        return max(self.api.room(self.group).topics)

    def title(self, topic: int | None = None) -> str:
        made: str = self.api.room(self.group).topics[topic or self.topic]["forum_topic_created"]["name"]
        return made

    def in_topic(self, topic: int | None = None) -> list[Sent]:
        return [one for one in self.at_desk() if one.get("message_thread_id") == (topic or self.topic)]

    def says(self, who: dict[str, Any], text: str, **more: Any) -> Sent:
        """A consultant writes into the newest topic."""
        made: Sent = self.api.message(who, text, chat=self.group, thread=self.topic, **more)["message"]
        return made

    async def until_told(self, holds: Callable[[], object]) -> None:
        """Wait for what the service does by itself, without any call before it."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.02)

    async def shows(self, text: str) -> Sent:
        """The message in the newest topic that has a text, once there is one."""
        await self.until(lambda: any(text in one.get("text", "") for one in self.in_topic()))
        return next(one for one in reversed(self.in_topic()) if text in one.get("text", ""))

    async def hears(self, text: str) -> None:
        """Ann is told this last."""
        await self.until(lambda: self.told()[-1].get("text") == text)

    async def hears_more(self, before: int) -> None:
        """Ann is told something, after so many messages."""
        await self.until(lambda: len(self.told()) > before)

    def alerts(self) -> list[str]:
        """What consultants were told alone, in answer to a press."""
        return [call.params["text"] for call in self.api.called("answerCallbackQuery") if "text" in call.params]

    async def alert(self, text: str) -> None:
        await self.until(lambda: any(text in one for one in self.alerts()))


def buttons(message: Sent) -> list[str]:
    return [one["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", ()) for one in row]


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """The bakery's content, with consultants who are always there."""
    folder = tmp_path_factory.mktemp("knowledge") / "bakery"
    shutil.copytree(BAKERY, folder)
    operator = folder / "operator.yaml"
    operator.write_text(re.sub("(?m)^hours:.*$", "", operator.read_text("utf-8")), "utf-8")
    (folder / "replies.yaml").write_text(REPLIES, "utf-8")
    return Knowledge.open([folder], only=True, cache=False)


def make_office(api: BotApi, database: str, knowledge: Knowledge) -> Forum:
    return Forum(api, database, knowledge)


@pytest.fixture
async def office(database: str, bakery: Knowledge) -> AsyncIterator[Forum]:
    async with BotApi() as api:
        made = make_office(api, database, bakery)
        async with made.open():
            yield made
        refused = [call.error["description"] for call in api.calls if call.error]
        expected = ("TOPIC_NOT_MODIFIED", "not found", "bot was kicked", "bot was blocked")
        assert [one for one in refused if not any(words in one for words in expected)] == []


async def test_each_merchant_has_a_topic_with_a_pinned_card(office: Forum) -> None:
    await office.write("/start t-allergens")
    card = await office.opened()
    assert card["message_thread_id"] == office.topic
    assert office.api.room(office.group).pinned == [card["message_id"]]
    assert "Ann (@ann_sells)" in card["text"]
    assert "may I pay by card" in card["text"]
    assert "Came by:" in card["text"]
    assert card["text"].endswith("waiting")
    assert office.title() == "Ann (@ann_sells) · English · waiting"
    office.api.message(office.ann, "it is for Friday")
    assert "it is for Friday" in (await office.shows("it is for Friday"))["text"]
    # No reply is needed in a topic.
    office.says(office.anna, "Yes, you may")
    await office.hears("Consultant: Yes, you may")
    await office.until(lambda: office.title().endswith("with Anna"))
    office.says(office.anna, "/close")
    await office.until(lambda: "ended the chat" in office.told()[-1]["text"])
    await office.until(lambda: office.topic in office.api.room(office.group).closed)
    assert office.title().endswith("closed")
    # Who returns gets their old topic, with a new card.
    again = await office.opened()
    assert again["message_thread_id"] == card["message_thread_id"]
    await office.until(lambda: office.title().endswith("waiting"))
    assert office.topic not in office.api.room(office.group).closed
    assert len(office.api.room(office.group).topics) == 1


async def test_a_deleted_topic_is_made_again_with_its_history(office: Forum) -> None:
    await office.opened()
    office.api.message(office.ann, "first words")
    await office.shows("first words")
    office.says(office.anna, "an answer")
    await office.hears("Consultant: an answer")
    await office.until(lambda: office.title().endswith("with Anna"))
    old = office.topic
    office.api.delete_topic(office.group, old)
    office.api.message(office.ann, "second words")
    await office.until(lambda: office.api.room(office.group).topics)
    said = await office.shows("second words")
    assert office.topic != old
    card, history = office.in_topic()[:2]
    assert "may I pay by card" in card["text"]
    assert "first words\n\nConsultant: an answer" in history["text"]
    assert card["message_id"] in office.api.room(office.group).pinned
    office.says(office.anna, "I read it", reply_to=said)
    await office.hears("Consultant: I read it")
    office.api.press(office.anna, card, "Close")
    await office.until(lambda: "ended the chat" in office.told()[-1]["text"])


async def test_who_has_a_merchant_is_seen_and_nobody_answers_unaware(office: Forum) -> None:
    card = await office.opened()
    office.api.press(office.anna, card, "I take it")
    await office.until(lambda: office.title().endswith("with Anna"))
    assert office.in_topic()[0]["text"].endswith("with Anna")
    assert buttons(office.in_topic()[0]) == ["Take it over", "Hand it back", "Close"]
    # An old button, pressed at the same time.
    office.api.callback(office.bo, "desk.claim", message=card)
    await office.alert("Anna has this merchant already")
    before = len(office.told())
    office.says(office.bo, "I answer, too")
    note = await office.shows("Anna has this merchant, so")
    assert len(office.told()) == before
    office.api.press(office.bo, note, "Take it over")
    await office.shows("Bo has taken this over from Anna")
    office.says(office.bo, "Now I do")
    await office.hears("Consultant: Now I do")
    office.says(office.bo, "/pass @nobody")
    await office.shows("Nobody called @nobody")
    office.says(office.bo, "/pass @anna")
    await office.shows("Anna has this merchant now")
    await office.until(lambda: office.title().endswith("with Anna"))
    office.api.message(office.anna, "/mine", chat=office.group)
    await office.until(lambda: "Yours" in office.at_desk()[-1]["text"])
    listed = office.at_desk()[-1]
    assert "Ann (@ann_sells)" in listed["text"]
    assert any(str(office.topic) in one.get("url", "") for one in listed["entities"])
    office.says(office.anna, "/pass")
    await office.until(lambda: office.title().endswith("waiting"))
    office.api.message(office.bo, "/waiting", chat=office.group)
    await office.until(lambda: "Waiting" in office.at_desk()[-1]["text"])
    office.api.message(office.bo, "/close", chat=office.group)
    await office.until(lambda: "Which merchant" in office.at_desk()[-1]["text"])


async def test_notes_stay_among_consultants(office: Forum) -> None:
    card = await office.opened()
    before = len(office.told())
    office.says(office.anna, "// they owe us money")
    office.says(office.anna, "seen this?", reply_to=card)
    office.api.photo(office.anna, "//their shop", chat=office.group, thread=office.topic)
    office.says(office.anna, "Hello!")
    await office.hears("Consultant: Hello!")
    assert len(office.told()) == before + 1


async def test_a_draft_is_sent_changed_or_called_wrong(office: Forum) -> None:
    await office.opened()
    office.api.message(office.ann, "when is the sourdough ready")
    said = await office.shows("when is the sourdough ready")
    words, _, draft = said["text"].partition("\n\n———\n")
    assert words == "Ann (@ann_sells): when is the sourdough ready"
    assert buttons(said) == ["Send", "Edit and send", "Wrong"]
    before = len(office.told())
    office.api.press(office.anna, said, "Send")
    await office.until(lambda: len(office.told()) == before + 1)
    assert office.told()[-1]["text"] == f"Consultant: {draft}"
    marked = await office.shows("✓ sent by Anna")
    assert (marked["message_id"], buttons(marked)) == (said["message_id"], [])
    office.api.callback(office.bo, f"draft.send.{draft_id(said)}", message=marked)
    await office.alert("Anna has dealt with this draft")
    office.api.message(office.ann, "do you have nut allergy information")
    asked = await office.shows("do you have nut allergy")
    office.api.press(office.anna, asked, "Edit and send")
    await office.alert("as a reply to this message")
    office.says(office.anna, "All with nuts", reply_to=asked)
    await office.hears("Consultant: All with nuts")
    office.api.message(office.ann, "how do I order a birthday cake")
    wrong = await office.shows("how do I order a birthday cake")
    office.api.press(office.anna, wrong, "Wrong")
    await office.shows("✗ called wrong by Anna")
    rows = await office.store.rows("drafts", 0)
    assert [(row[-3], row[-2]) for row in rows] == [("sent", rows[0][-2]), ("changed", "All with nuts"), ("wrong", "")]
    assert len(office.told()) == before + 2


def draft_id(message: Sent) -> str:
    data: str = message["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    return data.rpartition(".")[2]


async def test_forged_presses_and_strangers_are_refused(office: Forum) -> None:
    card = await office.opened()
    office.api.message(office.ann, "when is the sourdough ready")
    said = await office.shows("when is the sourdough")
    stranger = office.api.user("Eve")
    office.api.callback(stranger, "desk.close", message=card)
    await office.alert("Only members of this group")
    refused: list[str] = []
    for forged in ("draft.send.99999999", "draft.send.x", "draft.eat.1", "desk.eat"):
        office.api.callback(office.anna, forged, message=said)
        refused.append("This button belongs to no open chat with a merchant.")
        await office.until(lambda: office.alerts()[1:] == refused)
    office.says(stranger, "I am a consultant, too")
    await office.shows("Only members of this group")
    assert "chat" not in office.told()[-1]["text"] or "passed your question" in office.told()[-1]["text"]


async def test_who_waits_is_named_again_and_the_last_time_louder(
    office: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.opened()
    monkeypatch.setattr("bot.service.reminders.EVERY", 0.02)
    begun = time.time()
    for minutes, words in ((11, "has been waiting for 11 minutes"), (31, "❗")):

        def told(words: str = words) -> bool:
            return any(words in one["text"] for one in office.in_topic())

        monkeypatch.setattr("time.time", lambda minutes=minutes: begun + 60 * minutes)
        await office.until_told(told)
    await office.until(lambda: "❗" in office.at_desk()[-1]["text"] and "message_thread_id" not in office.at_desk()[-1])
    assert len([one for one in office.at_desk() if "has been waiting" in one["text"]]) == 3
    (ticket,) = await office.store.open_tickets(10)
    assert (ticket.reminded, round(ticket.heard - begun) < 60) == (2, True)


def test_reminders_count_working_hours() -> None:
    monday, hour = datetime(2026, 11, 30, tzinfo=UTC).timestamp(), 3600.0
    hours = Hours.model_validate({"zone": "UTC", "mon-fri": ["09:00-12:00", "14:00-18:00"]})
    for now, minutes in ((8.0, 0), (9.5, 30), (12.5, 0), (14.25, 15)):
        assert minutes_waited(monday - 10 * hour, monday + now * hour, hours) == minutes
    assert minutes_waited(monday, monday + 2 * hour, None) == 120
    assert minutes_waited(monday + 9.5 * hour, monday + 10 * hour, hours) == 30


def test_outside_hours_the_merchant_is_told_when_consultants_are_back() -> None:
    shut = Knowledge.open([BAKERY], only=True, cache=False)  # from Tuesday to Sunday, in Paris
    wishes: tuple[tuple[Language, str, str], ...] = (
        ("en", "/consultant hello", "Tuesday at 07:00"),
        ("zh", "/consultant 你好", "07:00上班"),
    )
    for lang, text, told in wishes:
        for at, away in (
            (1_795_996_800, True),
            (1_796_112_000, False),
        ):  # Monday and Tuesday, 30 November 2026, at 00:00 and 08:00
            message = Message(Address("telegram", "1", "1"), text, hint=lang, at=at)
            turn = respond(message, Conversation(), shut, date(2026, 11, 30), terms=Terms(consultant=True))
            assert turn.handoff == "open"
            assert (told in turn.replies[0].text) == away


async def test_a_blocked_merchant_is_told_so(office: Forum) -> None:
    await office.opened()
    office.says(office.anna, "/block")
    await office.shows("Blocked")
    await office.until(lambda: "ended the chat" in office.told()[-1]["text"])
    assert "no longer take messages" in (await office.write("/consultant please"))["text"]
    office.says(office.anna, "/unblock")
    await office.shows("come here again")
    await office.opened()


async def test_a_group_without_the_right_to_make_topics_is_a_desk_as_before(
    database: str, bakery: Knowledge, caplog: pytest.LogCaptureFixture
) -> None:
    async with BotApi() as api:
        office = make_office(api, database, bakery)
        async with office.open():
            api.room(office.group).members[api.bot["id"]]["can_manage_topics"] = False
            await office.write("/consultant may I pay by card")
            await office.until(office.at_desk)
            card = office.at_desk()[-1]
            assert "message_thread_id" not in card
            api.message(office.anna, "yes", chat=office.group, reply_to=card)
            await office.hears("Consultant: yes")
    assert "cannot make a topic" in caplog.text


async def test_nothing_of_the_desk_is_lost_by_a_restart(database: str, bakery: Knowledge) -> None:
    async with BotApi() as api:
        office = make_office(api, database, bakery)
        async with office.open():
            card = await office.opened()
            api.press(office.anna, card, "I take it")
            await office.until(lambda: office.title().endswith("with Anna"))
        api.message(office.ann, "still there?")
        office.says(office.anna, "yes")
        async with office.open():
            await office.shows("still there?")
            await office.hears("Consultant: yes")
            await asyncio.sleep(0)
    assert len(api.room(office.group).topics) == 1


REPLIES = """\
- id: welcome
  title: {en: Welcome, zh: 问候}
  text: {en: "Hello {{ name }}, a cake is for **{{ cake.days }} days** ahead.", zh: "{{ name }}您好，蛋糕请提前{{ cake.days }}天。"}
- id: picky
  title: {en: Picky, zh: 挑剔}
  text: {en: "{% if name == 'Anna' %}x{% else %}{{ cake.nothing }}{% endif %}", zh: 没有}
"""


async def test_a_canned_reply_and_any_topic_are_sent_by_name_in_the_merchants_language(office: Forum) -> None:
    await office.opened()
    office.says(office.anna, "/r")
    listed = await office.shows("/r welcome")
    assert "/r picky" in listed["text"]
    for asked in ("/r welcome", "/r 问候", "/reply Welcome"):
        before = len(office.told())
        office.says(office.anna, asked)
        await office.hears_more(before)
        assert office.told()[-1]["text"] == "Consultant: Hello Ann, a cake is for 3 days ahead."
        assert ("bold", "3 days") in {
            (one["type"], office.told()[-1]["text"][one["offset"] : one["offset"] + one["length"]])
            for one in office.told()[-1]["entities"]
        }
    await office.shows("Sent: Hello Ann")
    await office.until(lambda: office.title().endswith("with Anna"))
    before = len(office.told())
    office.says(office.anna, "/r allergens")
    await office.until(lambda: len(office.told()) > before)
    assert office.told()[-1]["text"].startswith("Consultant: ")
    told = len(office.told())
    office.says(office.anna, "/r picky")
    assert "“picky” cannot be filled in, so nothing was sent" in (await office.shows("cannot be filled in"))["text"]
    office.says(office.anna, "/r xyzzy")
    await office.shows("No reply and no topic is called “xyzzy”")
    office.says(office.bo, "/r welcome")
    await office.shows("Anna has this merchant, so")
    office.api.message(office.anna, "/r welcome", chat=office.group)
    await office.until(lambda: "Which merchant" in office.at_desk()[-1]["text"])
    assert len(office.told()) == told


async def test_a_consultant_chooses_replies_and_answers_inline(office: Forum) -> None:
    await office.opened()
    office.api.inline_query(office.anna, "/wel", chat_type="supergroup")
    await office.until(lambda: office.api.called("answerInlineQuery"))
    (offered,) = office.api.called("answerInlineQuery")[-1].params["results"]
    assert offered["title"] == "Welcome"
    office.says(office.anna, offered["input_message_content"]["message_text"], via_bot=office.api.bot)
    await office.hears("Consultant: Hello Ann, a cake is for 3 days ahead.")
    office.says(office.anna, "An answer as it was chosen", via_bot=office.api.bot)
    await office.hears("Consultant: An answer as it was chosen")
    office.api.inline_query(office.api.user("Eve"), "/wel", chat_type="supergroup")
    await office.until(lambda: len(office.api.called("answerInlineQuery")) == 2)
    assert not office.api.called("answerInlineQuery")[-1].params["results"]


async def test_after_a_talk_the_merchant_says_whether_it_was_solved_and_the_topic_has_a_summary(office: Forum) -> None:
    await office.opened()
    office.api.message(office.ann, "it is for Friday")
    await office.shows("it is for Friday")
    office.says(office.anna, "Friday is fine")
    await office.hears("Consultant: Friday is fine")
    await office.until(lambda: office.title().endswith("with Anna"))
    office.says(office.anna, "/close")
    await office.until(lambda: "Was it solved?" in office.told()[-1]["text"])
    told = await office.shows("Summary:")
    assert "with Anna" in told["text"]
    assert "first answer after 0 min; 1 messages from the merchant, 1 to them" in told["text"]
    assert "it is for Friday → Friday is fine" in told["text"]
    asked = office.told()[-1]
    eve = office.api.user("Eve")
    office.api.start(eve)
    await office.until(lambda: office.api.sent(eve["id"]))
    forged = asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    office.api.callback(eve, forged, message=office.api.sent(eve["id"])[-1])
    await office.until(lambda: len(office.api.sent(eve["id"])) == 2)
    assert "no longer" in office.api.sent(eve["id"])[-1]["text"]
    office.api.press(office.ann, asked, "Not yet")
    await office.shows("not solved yet")
    await office.until(lambda: "What is still open" in office.told()[-1]["text"])
    await office.write("qwertz my oven xyzzy")
    assert "my oven" in (await office.shows("what is still open"))["text"]
    (ticket,) = (await office.store.belongings(office.address)).tickets
    assert ticket.solved == "no"
    kept = (await office.store.belongings(office.address)).events
    assert [one.data["word"] for one in kept if one.kind == "solved"] == ["", "qwertz my oven xyzzy"]
    closed = next(one.data for one in kept if one.data.get("what") == "closed")
    assert closed["first_answer_seconds"] <= closed["seconds"]
    await office.write("/forget")
    office.api.press(office.ann, office.told()[-1], "Yes, erase everything")
    await office.until(lambda: "erased" in office.told()[-1]["text"])
    own = await office.store.belongings(office.address)
    assert [one for one in own.events if one.kind == "solved"] == []


async def checked(office: Forum) -> Sent:
    """Ann takes a check; returns its result."""
    await office.write("/check cake-order")
    while "Result code" not in office.told()[-1]["text"]:
        before = len(office.told())
        office.api.press(office.ann, office.told()[-1], buttons(office.told()[-1])[0])
        await office.hears_more(before)
    return office.told()[-1]


async def test_a_lead_is_told_what_the_merchant_agreed_to_and_ends_when_they_take_it_back(office: Forum) -> None:
    result = await checked(office)
    code = re.search(r"Result code: (\S+?)[ .,]", result["text"])
    assert code is not None
    office.api.press(office.ann, result, "May a consultant write to you?")
    await office.until(lambda: "exactly this" in office.told()[-1]["text"])
    told = office.told()[-1]["text"].split("\n\n")[1]
    assert code[1] in told
    assert not office.at_desk()
    office.api.press(office.ann, office.told()[-1], "Yes, they may")
    card = await office.shows(code[1])
    assert told in card["text"]
    await office.until(lambda: office.api.room(office.group).topics and office.title().endswith("may be written to"))
    own = await office.store.belongings(office.address)
    assert own.conversation is not None
    assert own.conversation.consent is not None
    assert code[1] in own.conversation.consent.told
    assert abs(own.conversation.consent.at - time.time()) < 3600 * 24 * 366
    # The assistant goes on answering.
    await office.write("when is the sourdough ready")
    assert len(office.in_topic()) == 1
    await office.write("do not contact me")
    await office.shows("taken back their consent")
    await office.until(lambda: office.topic in office.api.room(office.group).closed)
    before = len(office.told())
    office.says(office.anna, "Hello?")
    await office.shows("This chat is over")
    assert len(office.told()) == before
    own = await office.store.belongings(office.address)
    assert own.conversation is not None
    assert own.conversation.consent is None


async def test_a_consultant_writes_to_a_lead_and_then_has_the_talk(office: Forum) -> None:
    office.api.press(office.ann, await checked(office), "May a consultant write to you?")
    await office.until(lambda: "exactly this" in office.told()[-1]["text"])
    office.api.press(office.ann, office.told()[-1], "Yes, they may")
    await office.until(lambda: office.api.room(office.group).pinned and office.title().endswith("may be written to"))
    office.says(office.anna, "Hello Ann")
    await office.hears("Consultant: Hello Ann")
    assert "A consultant writes to you now" in office.told()[-2]["text"]
    office.api.message(office.ann, "Good that you write")
    await office.shows("Good that you write")
    await office.write("/forget")
    office.api.press(office.ann, office.told()[-1], "Yes, erase everything")
    await office.shows("has had all data erased")
    own = await office.store.belongings(office.address)
    assert own.conversation is None or own.conversation.consent is None


async def test_what_the_desk_does_not_take_waits_and_all_are_told(
    office: Forum, caplog: pytest.LogCaptureFixture
) -> None:
    office.api.start(office.anna)
    await office.until(lambda: office.api.sent(office.anna["id"]))
    await office.opened()
    office.says(office.anna, "Hello")
    await office.hears("Consultant: Hello")
    await office.until(lambda: office.title().endswith("with Anna"))
    office.api.remove_bot(office.group, office.bo)
    office.api.message(office.ann, "are you there")
    await office.until(lambda: "It waits, and is passed on" in office.told()[-1]["text"])
    await office.until(lambda: "takes no messages" in office.api.sent(office.anna["id"])[-1]["text"])
    (note,) = app.trouble_notes(office.settings)
    assert "add the bot there again" in (await office.store.recall(note) or "")
    office.api.message(office.ann, "and now")
    await office.until(lambda: len([one for one in office.told() if "It waits" in one.get("text", "")]) == 2)
    # Those who run the desk are told once.
    assert len(office.api.sent(office.anna["id"])) == 2
    assert "takes no messages" in caplog.text
    office.api.add_bot(office.group, office.bo, "administrator")
    office.api.grant(office.group, **RIGHTS)
    await office.shows("are you there")
    await office.shows("and now")
    assert await office.store.recall(note) == ""
    office.says(office.anna, "Now I am")
    await office.hears("Consultant: Now I am")


async def test_a_message_that_does_not_arrive_is_told_below_that_message_in_its_topic(office: Forum) -> None:
    await office.opened()
    office.api.block(office.ann)
    said = office.says(office.anna, "hello?")
    told = await office.shows("they have blocked the bot (bot was blocked by the user)")
    assert told["reply_to_message"]["message_id"] == said["message_id"]


def test_reasons_are_told_in_words() -> None:
    desk = TelegramDesk("-1001")
    for error, phrase in (
        ("Forbidden: user is deactivated", "desk_why_gone"),
        ("CallRefused: Request Entity Too Large", "desk_why_too_large"),
        ("CallRefused: Bad Request: file is too big", "desk_why_too_large"),
        ("CallRefused: Bad Request: VOICE_MESSAGES_FORBIDDEN", "desk_why_no_voice"),
        ("Bad Request: something else", ""),
    ):
        assert desk.reason(error) == phrase
