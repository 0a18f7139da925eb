"""The same conversations in the terminal, and on Telegram through both frameworks, served and embedded, side by side."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.assistant import Assistant, Context
from bot.channels.telegram.replies import reply_calls
from bot.channels.terminal import HERE, plain_printer, send
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Button, Message, Terms, Turn
from bot.store import MemoryStore
from bot.store.sqlite import open_sqlite
from tests.botapi import BotApi
from tests.contract.frameworks import PATIENCE, WAYS, Way, calls_of, served
from tests.transcripts.scripts import FILES, TODAY, Script, fulfil, script_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

Json = dict[str, Any]
SCRIPTS = {file.stem: script_of(file) for file in FILES}
# Whoever serves has a consultants' chat or none; an application that embeds the assistant has none.
ALONE = {name: script for name, script in SCRIPTS.items() if not script.get("consultant") and "operator" not in script}
LIBRARIES: dict[str, Literal["aiogram", "ptb"]] = {
    "served by aiogram": "aiogram",
    "served by python-telegram-bot": "ptb",
}
HANDED = {name: script for name, script in SCRIPTS.items() if script.get("consultant")}


class Noted(Assistant):
    """An assistant whose turns can be looked at, with the same chance for the same merchant."""

    def __init__(self, knowledge: Knowledge, store: Any, terms: Terms) -> None:
        super().__init__(knowledge, store, lambda: TODAY, terms=terms)
        self.turns: dict[Address, list[Turn]] = defaultdict(list)

    def turn(self, message: Message, context: Context) -> Turn:
        made = self.turns[message.address]
        chance = hashlib.sha256(f"{message.address} {len(made)}".encode()).hexdigest()[:16]
        # The updates of all chats are numbered through, and what is random is taken from the number.
        message = replace(message, id=str(len(made)), nonce=chance)
        made.append(super().turn(message, context))
        return made[-1]


# --- Telegram


class Chat:
    """A merchant's private chat with the bot, as his phone shows it."""

    def __init__(self, api: BotApi, assistant: Noted, name: str, script: Script) -> None:
        self.api, self.name, self.script = api, name, script
        self.merchant = api.user(name, language="zh-hans" if script.get("lang") == "zh" else "en")
        self.id = self.merchant["id"]
        self.turns = assistant.turns[Address("telegram", str(self.id), str(self.id))]
        self.offered: list[tuple[str, str, Json]] = []
        self.queries: list[str] = []
        self.updates = self.again = 0

    async def play(self) -> None:
        for number, step in enumerate(self.script["turns"], 1):
            if not step.get("restart"):  # a service that starts again has its own tests
                await self.step(step, f"{self.name}, turn {number}")

    async def step(self, step: Script, where: str) -> None:
        before, shown = len(self.turns), len(self.api.sent(self.id))
        self.act(step)
        self.updates += 1
        await self.api.until(lambda: len(self.turns) > before, PATIENCE)
        expected = sum(len(reply_calls(self.id, reply)) for reply in self.turns[-1].replies)
        await self.api.until(lambda: len(self.api.sent(self.id)) >= shown + expected, PATIENCE)
        sent = self.api.sent(self.id)[shown:]
        labels = [self.offer(button, one) for one in sent for button in buttons(one)]
        assert (len(self.turns), len(sent)) == (before + 1, expected), where
        fulfil(step, self.turns[-1], "\n\n".join(one.get("text", "") for one in sent), labels, where)

    def act(self, step: Script) -> None:
        if "press" not in step:
            self.api.message(self.merchant, str(step["user"]))
            return
        data, message = [found[1:] for found in self.offered if found[0].startswith(step["press"])][-1]
        (shown,) = [one for one in self.api.sent(self.id) if one["message_id"] == message["message_id"]]
        self.again += not buttons(shown)
        made = self.api.callback(self.merchant, data, message=message)
        self.queries.append(made["callback_query"]["id"])

    def offer(self, button: Json, message: Json) -> str:
        self.offered.append((button["text"], button["callback_data"], message))
        return str(button["text"])

    def calls(self) -> list[tuple[str, Json]]:
        """What was called for this chat, the queries of its presses by their place."""
        made = []
        for method, params in calls_of(self.api):
            query = params.get("callback_query_id")
            if query in self.queries:
                made.append((method, {**params, "callback_query_id": self.queries.index(query)}))
            elif params.get("chat_id") == self.id:
                # What is kept of a merchant tells when he wrote.
                made.append((method, {**params, "document": None} if "document" in params else params))
        return made


def buttons(message: Json) -> list[Json]:
    return [one for row in message.get("reply_markup", {}).get("inline_keyboard", []) for one in row]


async def played(
    way: str, scripts: dict[str, Script], knowledge: Knowledge, file: Path, *, desk: bool
) -> tuple[int, dict[str, list[tuple[str, Json]]]]:
    """All conversations side by side. Returns how many updates they took, and the calls of each."""
    store = await open_sqlite(file)
    assistant = Noted(knowledge, store, Terms(consultant=desk))
    try:
        async with BotApi(clock=lambda: 1_700_000_000) as api:
            more = {"consultant_chat": str(api.group("Consultants")["id"])} if desk else {}
            chats = [Chat(api, assistant, name, script) for name, script in scripts.items()]
            library = LIBRARIES.get(way)
            living: Way = served(library, **more) if library else WAYS[way]
            async with living(api, assistant), asyncio.TaskGroup() as playing:
                for chat in chats:
                    playing.create_task(chat.play())
            refused = [call for call in api.calls if call.error and call.method != "getUpdates"]
            # Buttons that are pressed once more, on another device, cannot be removed once more.
            again = [call for call in refused if "is not modified" in str(call.error)]
            assert (len(again), len(refused)) == (sum(chat.again for chat in chats),) * 2
            return sum(chat.updates for chat in chats), {chat.name: chat.calls() for chat in chats}
    finally:
        await store.close()


async def compared(
    ways: Sequence[str], scripts: dict[str, Script], knowledge: Knowledge, folder: Path, *, desk: bool
) -> None:
    """Every way brings what is expected, and the same calls."""
    updates, first = await played(ways[0], scripts, knowledge, folder / "0.db", desk=desk)
    for number, way in enumerate(ways[1:], 1):
        again, calls = await played(way, scripts, knowledge, folder / f"{number}.db", desk=desk)
        assert again == updates
        for name in scripts:
            assert calls[name] == first[name], (way, name)
    count = sum(map(len, first.values()))
    print(f"{len(scripts)} conversations in {len(ways)} ways: {updates} updates and {count} calls each")


@pytest.mark.timeout(240)  # 2,668 calls: 70 s on a slow, otherwise idle machine
async def test_each_way_of_telegram_holds_the_same_conversations(knowledge: Knowledge, tmp_path: Path) -> None:
    await compared(list(WAYS), ALONE, knowledge, tmp_path, desk=False)


async def test_each_framework_serves_the_same_talks_with_consultants(knowledge: Knowledge, tmp_path: Path) -> None:
    await compared(list(LIBRARIES), HANDED, knowledge, tmp_path, desk=True)


# --- the terminal


@pytest.mark.parametrize("name", ALONE)
def test_the_terminal_holds_the_same_conversations(name: str, knowledge: Knowledge) -> None:
    script = ALONE[name]
    assistant = Noted(knowledge, MemoryStore(), Terms())
    offered: list[Button] = []
    for number, step in enumerate(script["turns"], 1):
        if step.get("restart"):
            continue
        screen = io.StringIO()
        typed = str(step["user"]) if "user" in step else label_of(offered, step["press"])
        send(assistant, typed, script.get("lang", "en"), plain_printer(screen))
        turn = assistant.turns[HERE][-1]
        offered += [button for reply in turn.replies for button in reply.buttons]
        labels = [button.label for reply in turn.replies for button in reply.buttons]
        fulfil(step, turn, screen.getvalue(), labels, f"turn {number}")


def label_of(offered: Sequence[Button], beginning: str) -> str:
    """What is typed where a phone shows a button to press."""
    return [button.label for button in offered if button.label.startswith(beginning)][-1]
