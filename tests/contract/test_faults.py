"""A `serve` process under load whose database goes away and comes back: it stays up, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import resource
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from bot.knowledge.knowledge import Knowledge
from tests import postgres
from tests.contract.test_service import post
from tests.crash import PATIENCE, BotApiProcess, Report, Serve, all_answered, expected, free_port, webhook, write

pytestmark = pytest.mark.timeout(180)

AWAY = 10.0  # seconds
MERCHANTS, PACE = 10, 0.3


@dataclass
class Load:
    """Merchants who write to a process, and what they were answered."""

    api: BotApiProcess
    serve: Serve
    texts: list[str]
    written: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        people = await self.api.people(MERCHANTS)
        writing = asyncio.create_task(write(self.api, people, self.written, len(self.texts), PACE))
        try:
            await self.until_more(20)
            yield
            await self.until_more(20)
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing

    async def until_more(self, count: int) -> None:
        """Until so many calls more have reached Telegram."""
        now = (await self.api.control("state"))["calls"]
        await self.api.control("until", {"calls": now + count, "timeout": PATIENCE})

    async def report(self) -> Report:
        """What was answered, once all is."""
        return await all_answered(self.api, self.written, self.texts, time.monotonic())

    async def held(self) -> str:
        """Everything was answered, once and in order, and the process has told what happened and ends in good order.

        Returns what it has told."""
        report = await self.report()
        print(report)
        assert (report.lost, report.twice, report.out_of_order) == (0, 0, 0)
        assert report.updates > 50
        assert self.serve.process.returncode is None
        code, _, said = await self.serve.stop()
        assert code == 0
        assert "The database does not answer: " in said
        assert "The database answers again" in said
        assert "Traceback" not in said
        return said


@asynccontextmanager
async def loaded(knowledge: Knowledge, database: str, **settings: str) -> AsyncIterator[Load]:
    async with BotApiProcess() as api:
        serve = Serve(api, database, LOG_LEVEL="warning", **settings)
        await serve.start()
        try:
            yield Load(api, serve, expected(knowledge, 400))
        finally:
            if serve.process.returncode is None:
                await serve.kill()


async def test_postgresql_is_away_for_ten_seconds(knowledge: Knowledge) -> None:
    if not (postgres.program("initdb") and postgres.program("pg_ctl")):
        pytest.skip(postgres.HOW)
    with postgres.cluster() as server:
        admin = await asyncpg.connect(server.url)
        await admin.execute("CREATE DATABASE hooked")
        await admin.close()
        async with AsyncExitStack() as stack:
            port = free_port()
            hooked_at = f"{server.url.rpartition('/')[0]}/hooked"
            polling, hooked = await asyncio.gather(
                stack.enter_async_context(loaded(knowledge, server.url)),
                stack.enter_async_context(loaded(knowledge, hooked_at, **webhook(port))),
            )
            async with polling.going_on(), hooked.going_on():
                await asyncio.to_thread(server.stop)
                begun = time.monotonic()
                assert await status(port, "healthz") == 200
                assert await status(port, "readyz") == 503
                await asyncio.sleep(AWAY - (time.monotonic() - begun))
                await asyncio.to_thread(server.start)
            await delivered_thrice(hooked, port)
            await polling.held()
            await hooked.held()


async def status(port: int, path: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/{path}") as answer:
        return answer.status


async def delivered_thrice(load: Load, port: int) -> None:
    """The same update three times while it is being delivered, and again while its answer is being sent."""
    (ann,) = await load.api.people(1)
    told = await load.api.control(
        "do", {"name": "message", "args": [ann, "how much is the deposit"], "options": {"deliver": False}}
    )
    update = told | {"update_id": 900_000_000}
    await load.report()
    before = (await load.api.control("state"))["calls"]
    await load.api.control("fault", {"kind": "delay", "method": "sendMessage", "delay": 1.0})
    async with aiohttp.ClientSession() as session:
        assert await asyncio.gather(*(post(session, port, update) for _ in range(3))) == [200] * 3
        await load.api.control("until", {"calls": before + 1, "timeout": PATIENCE})
        assert await post(session, port, update) == 200
    await load.api.control("clear_faults", {})
    load.written[ann["id"]] = 1


async def test_the_disk_is_full_for_a_while(knowledge: Knowledge, tmp_path: Path) -> None:
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux can limit what a running process writes")
    database = tmp_path / "assistant.db"
    async with loaded(knowledge, f"sqlite:///{database}") as load:
        async with load.going_on():
            pid = load.serve.process.pid
            before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))  # a log begun anew would grow within its size
            written = sum(load.written.values())
            async with asyncio.timeout(PATIENCE):
                while sum(load.written.values()) < written + 40:
                    await asyncio.sleep(0.05)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        said = await load.held()
        assert said.count("The database does not answer") == 1
