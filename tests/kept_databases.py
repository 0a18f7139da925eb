"""Databases of earlier versions, as an agency would have them: each was filled by a run of its own version, and is kept as SQL.

A new version's are made, before its schema changes, by `python -m tests.kept_databases VERSION`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import SecretStr

from bot import app
from bot.assistant import Assistant
from bot.channels import broadcasting
from bot.channels.broadcasting import Broadcast
from bot.channels.telegram.fields import Me
from bot.channels.telegram.updates import arrival
from bot.knowledge.knowledge import Knowledge
from bot.model import Terms
from bot.settings import Settings
from bot.store import Store, file_of, open_store
from tests import postgres
from tests.botapi import BotApi
from tests.conftest import TODAY
from tests.crash import free_port
from tests.visitors import PATIENCE, Visitor, ready

FOLDER = Path(__file__).parent / "databases_kept"
DATABASES = ("sqlite", "postgres")
PRAGMAS = ("application_id", "user_version")
NEWS = Broadcast({"en": "Spring", "zh": "春天"})
FACTS = "-- Who is in it: "
UNFIT = re.compile(
    r"^(--.*|\\.*|SET .*|SELECT pg_catalog\.set_config.*)?\n", re.MULTILINE
)  # for other servers, and diffs

Json = dict[str, Any]


class Agency:
    """A bot and everybody who has to do with it; with the facts of an earlier run, the same people come again."""

    def __init__(self, api: BotApi, known: Json) -> None:
        self.api, self.port = api, free_port()
        names = {"ann": "en", "wei": "zh-hans", "bob": "en", "boss": "en", "anna": "en", "shop": "en"}
        self.people: dict[str, Json] = {
            name: api.user(name.capitalize(), id=known.get(name), language=language) for name, language in names.items()
        }
        ann, anna, boss = (self.people[name] for name in ("ann", "anna", "boss"))
        self.sellers = api.group("Sellers", id=known.get("sellers"), members=[ann], admins=[boss])
        self.desk = api.group("Consultants", id=known.get("desk"), members=[anna])
        for name in ("ann", "wei", "bob", "boss"):
            api.message(self.people[name], "/start", deliver=False)  # whom they have never met, bots cannot write to

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def served(self, knowledge: Knowledge, database: str) -> AsyncIterator[Store]:
        """The service at work with a database, which keeps everything however old it is."""
        settings = Settings(
            telegram_token=SecretStr(self.api.token),
            telegram_api_url=self.api.url,
            consultant_chat=str(self.desk["id"]),
            public_url=self.url,
            port=self.port,
            keep_days=0,
            sends_per_second=0,
            sends_per_chat_per_second=0,
            sends_per_group_per_minute=0,
            messages_per_minute=0,
        )
        store, stop = await open_store(database), asyncio.Event()

        async def opening() -> Assistant:
            return Assistant(knowledge, store, lambda: TODAY, terms=Terms(consultant=True))

        task = asyncio.create_task(app.answer(settings, opening, store, stop))
        try:
            await ready(self.url, task)
            yield store
        finally:
            stop.set()
            await task
            await store.close()

    def told(self, name: str) -> list[Json]:
        return self.api.sent(self.people[name])

    async def until(self, holds: Callable[[], object]) -> None:
        await self.api.until(holds, PATIENCE)

    async def write(self, name: str, text: str) -> Json:
        """Somebody writes to the bot, and reads the last message of its answer."""
        before = len(self.told(name))
        self.api.message(self.people[name], text)
        await self.until(lambda: len(self.told(name)) > before)
        return self.told(name)[-1]


async def live(database: str, knowledge: Knowledge) -> Json:
    """A day at an agency, from an empty database to one with something of everything in it. Returns who is in it."""
    async with BotApi(privacy=False) as api:
        made = Agency(api, {})
        facts: Json = {name: one["id"] for name, one in made.people.items()}
        facts |= {"sellers": made.sellers["id"], "desk": made.desk["id"]}
        async with made.served(knowledge, database) as store:
            await made.write("ann", "how much is the deposit")
            await made.write("ann", "/subscribe news")
            await made.write("ann", "medal check")
            await made.write("ann", "7000")
            await made.write("wei", "保证金多少钱")
            await made.write("wei", "/subscribe news")
            await made.write("wei", "金银牌自查")
            await made.write("wei", "7000")
            await made.write("wei", "商品")
            card = await made.write("wei", "选好了")
            facts["code"] = re.findall(r"\w{5}-\w{5}-\w{5}", card["text"])[0]
            await made.write("bob", "how do I get out of a loan for my shop")
            await made.write("bob", "talk to a consultant")
            await made.until(lambda: api.sent(made.desk))
            (first,) = api.sent(made.desk)
            facts["card"] = first["message_id"]
            api.message(made.people["anna"], "We call you tomorrow", chat=made.desk, reply_to=first)
            await made.until(lambda: "tomorrow" in made.told("bob")[-1]["text"])
            api.message(made.people["bob"], "thank you, in the morning please")
            await made.until(lambda: "morning" in api.sent(made.desk)[-1]["text"])
            api.message(made.people["boss"], "/assistant cooldown 5", chat=made.sellers)
            await made.until(lambda: api.sent(made.sellers))
            connection = api.business(made.people["shop"])
            api.business_message(connection, made.people["ann"], "commission rate")
            await made.until(lambda: api.business_room(connection["id"], made.people["ann"]["id"]).sent)
            async with Visitor(made.url, "zh") as visitor:
                await visitor.say("入驻自查")
                await visitor.say("公司")
                (cookie,) = visitor.session.cookie_jar
                facts["cookie"] = cookie.value
            await broadcasting.enqueue(
                store, NEWS, await store.subscribers("news"), "news", knowledge, app.news(), lambda _: None
            )
            await made.until(lambda: "Spring" in made.told("ann")[-1]["text"])
            api.block(made.people["boss"])
            api.fault("502", "sendMessage")
            tried = len(api.called("sendMessage"))
            api.message(made.people["ann"], "commission rate")
            await made.until(lambda: len(api.called("sendMessage")) > tried)
        store = await open_store(database)
        update = api.message(made.people["wei"], "佣金多少")
        found = arrival(update, Me(int(api.token.partition(":")[0])), str(made.desk["id"]))
        assert found
        facts["update"] = update["update_id"]
        await store.accept([found])
        await store.close()
        return facts


def file(version: str, database: str) -> Path:
    return FOLDER / f"{version}.{database}.sql"


def versions() -> list[str]:
    return sorted({path.name.rpartition(".sqlite")[0] for path in FOLDER.glob("*.sqlite.sql")})


async def brought_back(version: str, database: str) -> Json:
    """Fill an empty database with a version's. Returns who is in it."""
    path = file_of(database)
    sql = file(version, "sqlite" if path else "postgres").read_text("utf-8")
    facts, _, sql = sql.removeprefix(FACTS).partition("\n")
    if path:
        with closing(sqlite3.connect(path)) as made:
            made.executescript(sql)
    else:
        server = await asyncpg.connect(database)
        await server.execute(sql)
        await server.close()
    return dict(json.loads(facts))


def as_sql(database: str) -> str:
    path = file_of(database)
    if not path:
        command = [str(postgres.program("pg_dump")), "--inserts", "--no-owner", "--no-privileges", database]
        dumped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return UNFIT.sub("", dumped).replace("public.", "")
    with closing(sqlite3.connect(path)) as made:
        pragmas = [f"PRAGMA {name} = {made.execute(f'PRAGMA {name}').fetchone()[0]};" for name in PRAGMAS]
        return "\n".join([*pragmas, *made.iterdump(), ""])


def make(version: str) -> None:
    """Write a version's databases into FOLDER."""
    FOLDER.mkdir(exist_ok=True)
    knowledge = Knowledge.open()
    with tempfile.TemporaryDirectory() as folder, postgres.cluster() as server:
        for database, url in zip(DATABASES, (f"sqlite:///{folder}/assistant.db", server.url), strict=True):
            facts = asyncio.run(live(url, knowledge))
            file(version, database).write_text(f"{FACTS}{json.dumps(facts)}\n{as_sql(url)}", encoding="utf-8")


if __name__ == "__main__":
    make(sys.argv[1])
