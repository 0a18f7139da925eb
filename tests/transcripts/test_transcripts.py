"""Conversations as merchants have them, one YAML file each: what he says or presses, and what the reply must hold.

    lang: en
    turns:
      - user: can I open a store?          # or  press: a label  (its beginning is enough)
        expect: {verdict: check, check: store-entry, topic: …, contains: …, lacks: …, buttons: …, result: eligible}
      - restart: yes                       # the program ends and starts again

With `consultant: yes` a consultant can be reached: `handoff` is open, pass, close or no, and the `card` is what he reads first.
`contains`, `lacks`, `buttons` and `card` are a text or a list of texts. `operator` is laid over operator.yaml. Every turn goes
through a real database, from the inbox on, as it does where the assistant is served.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.assistant import Assistant
from bot.channels.text import as_text
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Button, Message, Terms, Turn
from bot.store import Arrival
from bot.store.sqlite import open_sqlite
from tests.transcripts.scripts import FILES, TODAY, fulfil, script_of


class Talk:
    """One merchant's conversation with an assistant that can be started again."""

    def __init__(self, knowledge: Knowledge, file: Path, lang: str, *, consultant: bool = False) -> None:
        self.knowledge, self.file, self.lang, self.terms = knowledge, file, lang, Terms(consultant=consultant)
        self.address = Address("transcript", file.stem, "merchant")
        self.offered: list[Button] = []
        self.sent = 0

    async def start(self) -> None:
        self.store = await open_sqlite(self.file)
        await self.store.claim(tuple)
        self.assistant = Assistant(self.knowledge, self.store, lambda: TODAY, terms=self.terms)

    async def restart(self) -> None:
        await self.store.close()
        await self.start()

    async def turn(self, step: dict[str, Any]) -> Turn:
        self.sent += 1
        press = self.pressed(step["press"]) if "press" in step else None
        message = Message(
            self.address,
            "" if press else str(step["user"]),
            str(self.sent),
            "press" if press else "text",
            press,
            "zh" if self.lang == "zh" else "en",
        )
        await self.store.accept([Arrival(f"{self.address}:{self.sent}", self.address.channel, self.address.chat, "{}")])
        (entry,) = await self.store.inbox((), 10)
        turn = await self.assistant.receive(message, entry)
        self.offered += [button for reply in turn.replies for button in reply.buttons]
        return turn

    def pressed(self, label: str) -> str:
        """The statement of the newest button with this label; older ones may be pressed too."""
        found = [button.says for button in self.offered if button.label.startswith(label)]
        assert found, f"no button was called {label!r}; there were {[button.label for button in self.offered[-8:]]}"
        return found[-1]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_a_conversation(file: Path, knowledge: Knowledge, tmp_path: Path) -> None:
    script = script_of(file)
    if "operator" in script:
        (tmp_path / "operator.yaml").write_text(
            yaml.safe_dump(script["operator"], allow_unicode=True), encoding="utf-8"
        )
        knowledge = Knowledge.open([tmp_path], cache=False)
    talk = Talk(
        knowledge, tmp_path / "talk.sqlite", script.get("lang", "en"), consultant=script.get("consultant", False)
    )
    await talk.start()
    for number, step in enumerate(script["turns"], 1):
        if step.get("restart"):
            await talk.restart()
            continue
        turn = await talk.turn(step)
        text = "\n\n".join(as_text(reply) for reply in turn.replies)
        labels = [button.label for reply in turn.replies for button in reply.buttons]
        fulfil(step, turn, text, labels, f"turn {number}")
    await talk.store.close()
