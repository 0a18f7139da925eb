"""The conversations at the top of the README are what the assistant says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.channels.terminal import HERE
from bot.channels.text import as_text
from bot.model import Message

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SHOWN: list[str] = re.findall(r"```\n(> .*?)```", README, re.DOTALL)[:2]


@pytest.mark.parametrize("shown", SHOWN, ids=["English", "Chinese"])
def test_the_examples_are_what_the_assistant_says(assistant: Assistant, shown: str) -> None:
    for exchange in shown.removeprefix("> ").split("\n> "):
        question, *lines = exchange.rstrip().split("\n")
        replies = assistant.receive_now(Message(HERE, question)).replies
        said = [line for line in "\n".join(as_text(reply) for reply in replies).split("\n") if line]
        for line, real in zip(lines, said, strict=False):
            beginning, more, _ = line.strip().partition(" …")
            assert real.startswith(beginning) if more else real == beginning, f"{line!r} is not {real!r}"
        rest = said[len(lines) :]
        assert not rest or " …" in lines[-1] or re.match(r" +\d\.", rest[0]), f"{rest} is said too"
