"""The consultants' desk under load: merchants and consultants write, calls fail, the process is killed, topics are deleted.

python tests/benchmarks/desk.py [--tickets 200] [--messages 40] [--kills 10] [--deleted 10] [--blocking 5]

Told: messages lost, doubled and out of order in each direction, those shown as not delivered, the most sends to the group within a
second and a minute, and the wait for the first answer. A message is lost if it neither arrived nor is shown as not delivered; it may
arrive twice only if the process was killed while it was sent. The group's rate is raised to 20 a second (on Telegram it is 20 a
minute), so that a run takes minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import re
import sys
import tempfile
import time
from bisect import bisect_right
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.crash import FAILED, BotApiProcess, Serve

FAULTS = 0.025  # of each kind
PER_MINUTE = 1200
AT_ONCE = 20  # merchants who write at the same time
QUIET = 30.0  # seconds without a call, after which all is delivered
LONGEST = 900.0  # seconds to wait for that
KILLED = 20.0  # seconds after a kill in which a call is repeated
NOT_DELIVERED = re.compile("Not delivered|not passed on")
NUMBER = re.compile(r"\bP(\d+)\b")
WORD = re.compile(r"\b([mc])-(\d+)-(\d+)\b")

Json = dict[str, Any]


class Desk:
    """A forum of consultants with one of them, and merchants who have asked for a consultant."""

    def __init__(self, api: BotApiProcess) -> None:
        self.api = api

    async def open(self, tickets: int) -> None:
        self.merchants = await self.api.people(tickets)
        (self.anna,) = await self.api.control("do", [{"name": "user", "args": ["Anna"]}])
        options = {"members": [self.anna], "forum": True, "bot": "administrator"}
        self.group = await self.api.control("do", {"name": "group", "args": ["Desk"], "options": options})
        rights = {"can_manage_topics": True, "can_pin_messages": True}
        await self.api.control("do", {"name": "grant", "args": [self.group], "options": rights})

    async def topics(self) -> dict[int, int]:
        """The newest topic of each merchant, by their number."""
        made = await self.api.control("calls", method="createForumTopic")
        done = [one for one in made if one["result"]]
        return {
            int(found[1]): one["result"]["message_thread_id"]
            for one in done
            if (found := NUMBER.search(one["params"]["name"]))
        }

    async def sent(self) -> list[Json]:
        return [
            one
            for one in await self.api.control("calls", method="sendMessage")
            if one["error"] is None and one["fault"] not in FAILED
        ]

    async def answer(self, thread: int, text: str) -> int:
        """The consultant writes into a topic. Returns the message's id."""
        options = {"chat": self.group, "thread": thread}
        made = await self.api.control("do", {"name": "message", "args": [self.anna, text], "options": options})
        return int(made["message"]["message_id"])


async def run(asked: argparse.Namespace, database: str) -> Json:
    chance, begun = random.Random(asked.seed), time.time()
    async with BotApiProcess() as api:
        desk = Desk(api)
        await desk.open(asked.tickets)
        group = desk.group["id"]
        serve = Serve(api, database, CONSULTANT_CHAT=str(group), SENDS_PER_GROUP_PER_MINUTE=str(PER_MINUTE))
        await serve.start()
        await api.write([(one, f"/consultant m-{number}-0") for number, one in enumerate(desk.merchants)])
        while len(await desk.topics()) < asked.tickets:
            await asyncio.sleep(0.2)
        for kind in ("429", "502"):
            await api.control(
                "fault", {"kind": kind, "method": "sendMessage", "probability": FAULTS, "seed": asked.seed}
            )
        rounds = [(index, numbers) for index in range(1, asked.messages // 2 + 1) for numbers in batches(asked.tickets)]
        kills, gone = (
            set(chance.sample(range(len(rounds)), min(many, len(rounds)))) for many in (asked.kills, asked.deleted)
        )
        blocking = chance.sample(range(asked.tickets), min(asked.blocking, asked.tickets))
        topics, deleted, killed, ids = await desk.topics(), 0, list[float](), dict[int, str]()
        for step, (index, numbers) in enumerate(rounds):
            blocked = blocking if step > len(rounds) // 2 else []
            if step == len(rounds) // 2:
                for number in blocking:
                    await api.control("do", {"name": "block", "args": [desk.merchants[number]]})
                blocked = blocking
            await api.write([(desk.merchants[one], f"m-{one}-{index}") for one in numbers if one not in blocked])
            writing = [answered(desk, one, f"c-{one}-{index}", topics) for one in numbers]
            told = asyncio.gather(*writing)
            if step in kills:
                await asyncio.sleep(chance.random())
                await serve.kill()
                killed.append(time.time())
                await serve.start()
            ids |= dict(await told)
            if step in gone and (left := [one for one in numbers if one not in blocking]):
                await api.control("do", {"name": "delete_topic", "args": [desk.group, topics[chance.choice(left)]]})
                deleted += 1
        await quiet(api)
        report = judge(await desk.sent(), await api.control("calls", method="getUpdates"), group, killed, ids)
        written = await api.control("state")
        code, _, _ = await serve.stop()
    return {
        "seconds": round(time.time() - begun),
        "deleted": deleted,
        "killed": len(killed),
        "calls": written["calls"],
        "code": code,
        **report,
    }


def batches(tickets: int) -> list[range]:
    return [range(first, min(first + AT_ONCE, tickets)) for first in range(0, tickets, AT_ONCE)]


async def answered(desk: Desk, number: int, text: str, topics: dict[int, int]) -> tuple[int, str]:
    """Let the consultant answer in the merchant's topic, once it is made again if it was deleted. Returns the message's id, too."""
    async with asyncio.timeout(LONGEST):
        while True:
            try:
                return await desk.answer(topics[number], text), text
            except RuntimeError:
                await asyncio.sleep(0.2)
                topics |= await desk.topics()


async def quiet(api: BotApiProcess) -> None:
    """Wait until nothing is sent for some seconds, beside polling."""
    count, since, until = -1, time.monotonic(), time.monotonic() + LONGEST
    while time.monotonic() - since < QUIET and time.monotonic() < until:
        state = await api.control("state")
        now = sum(state["methods"].values()) - state["methods"].get("getUpdates", 0)
        if now != count or state["pending"]:
            count, since = now, time.monotonic()
        await asyncio.sleep(0.3)


def judge(sent: list[Json], polls: list[Json], group: int, killed: list[float], ids: dict[int, str]) -> Json:
    """Compare what was written with what was sent: of each direction, lost, doubled and out of order.

    `killed`: when the process was killed; `ids`: the consultant's messages by their ids.
    """
    updates = {one["update_id"]: one["message"] for poll in polls for one in poll["result"] or () if "message" in one}
    written: dict[str, list[str]] = {"m": [], "c": []}
    asked_at: dict[str, float] = {}
    for message in updates.values():
        for found in WORD.finditer(message.get("text", "")):
            word, side = found.group(), found[1]
            if word not in written[side]:
                written[side].append(word)
                asked_at.setdefault(f"{side}-{found[2]}", message["date"])
    at_desk = [one for one in sent if one["params"]["chat_id"] == group]
    shown = {
        ids.get(one["params"].get("reply_parameters", {}).get("message_id"))
        for one in at_desk
        if NOT_DELIVERED.search(one["params"]["text"])
    }
    made: dict[str, Json] = {}
    first: dict[str, float] = {}
    for side, name in (("m", "to consultants"), ("c", "to merchants")):
        # A topic made again begins with its history, which has no formatting and counts as none; neither do cards.
        mine = [
            one
            for one in sent
            if (one["params"]["chat_id"] == group) == (side == "m") and one["params"].get("entities")
        ]
        seen = [word.group() for one in mine for word in WORD.finditer(one["params"]["text"]) if word[1] == side]
        for one in mine:
            for found in WORD.finditer(one["params"]["text"]):
                first.setdefault(f"{found[1]}-{found[2]}", one["time"])
        due = [word for word in written[side] if side == "c" or not word.endswith("-0")]
        counts = Counter(seen)
        again = {word: one["time"] for one in mine for word in words_of(one) if counts[word] > 1}
        order = {word: place for place, word in reversed(list(enumerate(seen)))}
        per: dict[str, list[int]] = {}
        for word in due:
            if word in order:
                per.setdefault(word.rpartition("-")[0], []).append(order[word])
        made[name] = {
            "written": len(due),
            "lost": sum(word not in counts and word not in shown for word in due),
            "shown as not delivered": sum(word not in counts and word in shown for word in due),
            "doubled by kills": sum(after_kill(at, killed) for at in again.values()),
            "doubled otherwise": sum(not after_kill(at, killed) for at in again.values()),
            "out_of_order": sum(a > b for places in per.values() for a, b in itertools.pairwise(places)),
        }
    times = sorted(one["time"] for one in at_desk)
    most = {
        seconds: max((bisect_right(times, at + seconds) - n for n, at in enumerate(times)), default=0)
        for seconds in (1, 60)
    }
    waits = sorted(
        first[f"c-{key[2:]}"] - at for key, at in asked_at.items() if key[0] == "m" and f"c-{key[2:]}" in first
    )
    wait = round(waits[int(0.99 * (len(waits) - 1))], 1) if waits else None
    return {
        **made,
        "most to the group in a second, in a minute": (most[1], most[60]),
        "wait for the first answer, p99": wait,
    }


def words_of(call: Json) -> list[str]:
    return [found.group() for found in WORD.finditer(call["params"]["text"])]


def after_kill(at: float, killed: list[float]) -> bool:
    return any(0 <= at - one < KILLED for one in killed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (
        ("tickets", 200),
        ("messages", 40),
        ("kills", 10),
        ("deleted", 10),
        ("blocking", 5),
        ("seed", 1),
    ):
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, value in asyncio.run(run(asked, f"sqlite:///{folder}/assistant.db")).items():
            print(f"{name}: {value}", flush=True)


if __name__ == "__main__":
    main()
