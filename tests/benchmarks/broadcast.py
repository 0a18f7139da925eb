"""A broadcast with 5 % 429 and 2 % blocked: missed, doubled, pace, and how long a question waits meanwhile.

    python tests/benchmarks/broadcast.py --receivers 10000 --per-second 170

The stand-in of the Bot API, the service and the merchants share one process, so the pace is a lower bound.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from pydantic import SecretStr

from bot import app
from bot.assistant import Assistant
from bot.channels import broadcasting
from bot.channels.broadcasting import Broadcast
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Conversation, Subscribing
from bot.settings import Settings
from bot.store import Handled, Store, open_store
from tests.botapi import BotApi

NEWS = Broadcast({"en": "**Spring** is here", "zh": "**春天**来了"})


async def subscribe(store: Store, user: int) -> None:
    wish = Subscribing("news", True)
    talk = Conversation(lang="en")
    await store.finish(Handled(Address("telegram", str(user), str(user)), conversation=talk, subscribing=wish))


async def measure(receivers: int, per_second: float, database: str) -> int:
    knowledge, store, stop = Knowledge.open(), await open_store(database), asyncio.Event()
    async with BotApi() as api:
        settings = Settings(
            telegram_token=SecretStr(api.token),
            telegram_api_url=api.url,
            sends_per_second=per_second,
            sends_per_chat_per_second=0,
        )
        people = [api.user(f"M{number}") for number in range(receivers)]
        for person in people:
            api.message(person, "hello", deliver=False)
        await asyncio.gather(*(subscribe(store, person["id"]) for person in people))
        gone = {person["id"] for person in people[::50]}
        for one in gone:
            api.room(one).blocked = True

        async def opening() -> Assistant:
            return Assistant(knowledge, store)

        serving = asyncio.create_task(app.answer(settings, opening, store, stop))
        await api.until(lambda: serving.done() or api.called("getUpdates"), 60)
        api.fault("429", "sendMessage", probability=0.05, retry_after=1)
        ann, waits = api.user("Ann"), []
        plan = await broadcasting.plan(store, NEWS, None, None, app.news())
        begun = time.monotonic()
        await broadcasting.enqueue(store, NEWS, plan.receivers, None, knowledge, app.news(), lambda count: None)
        watching = asyncio.create_task(broadcasting.watch(store, NEWS, lambda now: None, lambda: None))
        while not watching.done():
            asked, before = time.monotonic(), len(api.sent(ann))
            api.message(ann, "how much is the deposit")
            while len(api.sent(ann)) == before:
                await asyncio.sleep(0.01)
            waits.append(time.monotonic() - asked)
            await asyncio.sleep(max(0.0, 4 - waits[-1]))  # within MESSAGES_PER_MINUTE
        report, took = await watching, time.monotonic() - begun
        calls = [call for call in api.called("sendMessage") if "Spring" in call.params.get("text", "")]
        brought = Counter(call.params["chat_id"] for call in calls if call.done)
        stop.set()
        await serving
    await store.close()
    missed = sum(person["id"] not in brought for person in people if person["id"] not in gone)
    doubled = sum(count - 1 for count in brought.values())
    pace = len(calls) / took
    print(f"{report}, missed {missed}, doubled {doubled}, in {took:.1f} s")
    print(f"pace {pace:.1f} calls/s, {100 * pace / per_second:.0f} % of the limit")
    print(f"{len(waits)} questions meanwhile, the slowest answered after {max(waits):.2f} s")
    return 1 if missed or doubled else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--receivers", type=int, default=10_000)
    parser.add_argument("--per-second", type=float, default=170.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'broadcast.db'}"
        sys.exit(asyncio.run(measure(asked.receivers, asked.per_second, database)))


if __name__ == "__main__":
    main()
