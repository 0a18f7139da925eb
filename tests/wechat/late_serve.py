"""`merchant-bot` whose answers may be late: the name of a message says by how many seconds, and its answer repeats the name.

A message is named "late-6.5-abc how much is …". WECHAT_PATIENCE shortens the platform's patience.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import replace
from typing import Any

from bot.assistant import Assistant
from bot.channels.channel import Channel
from bot.channels.wechat import channel
from bot.json_text import from_text
from bot.model import Message, Reply, Turn
from bot.service.dispatcher import Dispatcher, TooFast
from bot.store import Handled, Received

NAMED = re.compile(r"late-([0-9.]+)-(\w+) ")


def repeated(turn: Any) -> Any:
    """Let answers repeat the name of their message."""

    def named(assistant: Assistant, message: Message, context: Any) -> Turn:
        found = NAMED.match(message.text)
        if found is None:
            made: Turn = turn(assistant, message, context)
            return made
        made = turn(assistant, replace(message, text=message.text[found.end() :]), context)
        return replace(made, replies=(*made.replies, Reply(f"answers {found[2]}.")))

    return named


def late(make_turn: Any) -> Any:
    """Let a message wait in the inbox, where it takes the place of no other."""

    async def waiting(dispatcher: Dispatcher, entry: Received, to: Channel | None) -> Handled | None:
        fields = from_text(entry.payload)
        found = NAMED.match(fields.get("Content", ""))
        left = float(fields["at"]) + float(found[1]) - time.time() if found else 0.0
        if left > 0:
            raise TooFast(left)
        made: Handled | None = await make_turn(dispatcher, entry, to)
        return made

    return waiting


def main() -> None:
    from bot.commands.line import main as command_line

    channel.PATIENCE = float(os.environ.get("WECHAT_PATIENCE", channel.PATIENCE))
    Assistant.turn = repeated(Assistant.turn)  # type: ignore[method-assign]
    Dispatcher.make_turn = late(Dispatcher.make_turn)  # type: ignore[method-assign]
    command_line()


if __name__ == "__main__":
    main()
