"""Plays conversations and counts the turns that end as expected.

    python tests/benchmarks/dialogues.py FILE

Each line of FILE: {"id", "lang", "turns": [{"user": …}, {"expect": {"verdict", "topic", "check"}}, …]}.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bot.assistant import Assistant
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Message
from bot.store import MemoryStore


def main(file: str) -> None:
    assistant = Assistant(Knowledge.open(), MemoryStore(), date.today)
    turns, met = 0, 0
    for line in Path(file).read_text("utf-8").splitlines():
        dialogue = json.loads(line)
        address = Address("dialogue", dialogue["id"], "merchant")
        outcome, said = None, ""
        for number, step in enumerate(dialogue["turns"]):
            if "user" in step:
                said = step["user"]
                outcome = assistant.receive_now(Message(address, said, str(number))).outcome
                continue
            want = step["expect"]
            assert outcome is not None
            got = {"verdict": outcome.kind, "topic": next(iter(outcome.topics), None), "check": outcome.check}
            turns += 1
            if all(got[key] == want.get(key) for key in got):
                met += 1
            else:
                print(f"{dialogue['id']}: {said[:70]!r} expected { {key: want.get(key) for key in got} }, got {got}")
    print(f"{met} of {turns} turns as expected ({100 * met / turns:.1f} %)")


if __name__ == "__main__":
    main(sys.argv[1])
