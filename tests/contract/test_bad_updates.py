"""What Telegram never sends, and whatever else may reach the webhook or answer a poll: passed over with a line in the log.

What comes after it is answered, over both databases.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.channels.telegram.fields import Me
from bot.channels.telegram.inlet import Inlet
from bot.channels.telegram.inline import Lookups
from bot.channels.telegram.polling import Poller
from bot.knowledge.knowledge import Knowledge
from bot.store import open_store
from tests.botapi import BotApi
from tests.botapi.server import TOKEN
from tests.contract.test_service import PATIENCE, api, on_telegram, post, told
from tests.crash import free_port, webhook

__all__ = ["api"]

HALF, NUL = "\ud83d", "a\0b"
ANN = {"id": 555, "is_bot": False, "first_name": "Ann"}
CHAT = {"id": 555, "type": "private"}
MESSAGE: dict[str, Any] = {"message_id": 1, "date": 1_700_000_000, "chat": CHAT, "from": ANN, "text": "/help"}
NO_NUMBERS: tuple[Any, ...] = (None, "x", "7", -7, 1.5, True, [], {})
FIELDS: dict[str, tuple[Any, ...]] = {
    "text": (5, None, [], NUL, HALF, "x" * 200_000),
    "chat": (5, None, [], *({"id": one, "type": "private"} for one in (*NO_NUMBERS, NUL, HALF)), {"id": HALF, "type": "group"}),
    "from": (5, None, [], *(ANN | {"id": one} for one in (*NO_NUMBERS, NUL, HALF)), ANN | {"first_name": HALF + NUL}, ANN | {"language_code": 5}),
    "date": ("x", None, -1, 10**30),
    "message_id": ("x", None, HALF, NUL),
    "entities": (5, [5], [{}], [{"type": "mention", "offset": -9, "length": 10**9}], [{"type": "mention", "offset": "x", "length": 1}]),
    "reply_to_message": (5, []),
    "business_connection_id": (5, [], HALF, NUL),
}  # fmt: skip
ODD_ANSWERS: tuple[Any, ...] = (None, [], {"ok": True}, {"ok": True, "result": 5}, {"ok": False, "parameters": 5})
VALUES: tuple[Any, ...] = (5, None, [], {}, NUL, HALF)


def no_updates() -> Iterator[Any]:
    """What is not even an update."""
    yield from (1, None, [], "x", {"message": MESSAGE})
    yield from ({"update_id": number, "message": MESSAGE} for number in (*NO_NUMBERS, 10**30, float("inf")))


def odd_updates() -> Iterator[dict[str, Any]]:
    """Updates with something in them that no update has, in the kinds that are asked for."""
    made: list[dict[str, Any]] = [{"poll": {"id": "1"}}]
    for name, values in FIELDS.items():
        for value in values:
            sent = MESSAGE | {name: value}
            made += [
                {"message": sent},
                {"edited_message": sent},
                {"business_message": {"business_connection_id": "b"} | sent},
            ]
            made.append({"message": {**sent, "chat": {"id": -77, "type": "supergroup"}}})
    for value in VALUES:
        query = {"id": "1", "from": ANN, "data": "topic=deposit", "message": MESSAGE}
        made += [{"callback_query": value}, {"callback_query": query | {"data": value}}]
        made += [{"callback_query": query | {"message": value}}, {"message": value}, {"my_chat_member": value}]
        made += [{"inline_query": value}, {"inline_query": {"id": "1", "from": value, "query": "deposit"}}]
        made.append({"inline_query": {"id": "1", "from": {"id": value}, "query": "deposit"}})
        made.append({"business_connection": {"id": value, "user": ANN, "user_chat_id": value, "is_enabled": True}})
    return ({"update_id": 10_000_000 + number, **one} for number, one in enumerate(made))  # fmt: skip


def nested(depth: int) -> bytes:
    deep = b"[" * depth + b"]" * depth
    return b'{"update_id": 5, "message": ' + json.dumps(MESSAGE).encode()[:-1] + b', "deep": ' + deep + b"}}"


async def test_what_reaches_the_webhook_is_refused_or_passed_over_and_the_next_is_answered(
    api: BotApi, knowledge: Knowledge, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, port, ann = await open_store(database), free_port(), api.user("Ann")
    async with on_telegram(api, knowledge, store, monkeypatch, **webhook(port)), aiohttp.ClientSession() as session:
        assert {await post(session, port, one) for one in no_updates()} == {400}
        assert {await post(session, port, one) for one in odd_updates()} == {200}
        # Between what can be read and what can be written again lie some levels.
        assert {await post(session, port, nested(depth)) for depth in range(900, 1030, 4)} <= {200, 400}
        assert await post(session, port, nested(100_000)) == 400
        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            assert answer.status == 200
        api.message(ann, "/help")
        await api.until(lambda: told(api, ann), PATIENCE)
    await store.close()


async def test_what_answers_a_poll_is_passed_over_and_the_next_is_taken(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.polling.LONGEST_PAUSE", 0.01)
    good: dict[str, Any] = {"update_id": 20_000_000, "message": MESSAGE}
    answers = [
        b"<html>",
        nested(100_000),
        *(json.dumps(one).encode() for one in ODD_ANSWERS),
        *(json.dumps({"ok": True, "result": [one]}).encode() for one in (*no_updates(), *odd_updates())),
        json.dumps({"ok": True, "result": [{"update_id": "x"}, good]}).encode(),
    ]  # fmt: skip
    offsets: list[int] = []
    done, ended = asyncio.Event(), asyncio.Event()

    async def polled(request: web.Request) -> web.Response:
        offsets.append((await request.json())["offset"])
        if not answers:
            done.set()
            await ended.wait()
            return web.Response()
        return web.Response(body=answers.pop(0), content_type="application/json")

    application = web.Application()
    application.router.add_post(f"/bot{TOKEN}/getUpdates", polled)
    runner = web.AppRunner(application, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    store = await open_store(database)
    await store.claim(tuple)

    async def nothing(call: object) -> None:
        raise AssertionError(call)

    poller = Poller(
        Inlet(store, Me(7), divert=Lookups(nothing).take), TOKEN, f"http://127.0.0.1:{runner.addresses[0][1]}"
    )
    polling = asyncio.create_task(poller.run())
    try:
        async with asyncio.timeout(3 * PATIENCE):
            await asyncio.wait([polling, asyncio.create_task(done.wait())], return_when=asyncio.FIRST_COMPLETED)
        assert not polling.done(), polling.exception()
        assert offsets[-1] == good["update_id"] + 1
        assert json.loads((await store.inbox((), 1000))[-1].payload) == good
    finally:
        ended.set()
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await store.close()
        await runner.cleanup()
