"""What several processes on one PostgreSQL cost for each message, the delay at a steady rate, and how soon merchants are
answered again after a process was killed and after the database was restarted.

    python tests/benchmarks/scale.py [--processes 1 2] [--updates 1500] [--rate 40] [--pin]

Each message is one that nobody has written before. Statements come from pg_stat_statements, bytes and flushes of the log from
pg_stat_wal, processor time from /proc, which other programs on the machine disturb less than wall-clock. With `--pin`, each
process of `serve` is bound to a core of its own, as far as there are cores, and the stand-in of the Bot API and the server to the last.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.knowledge.knowledge import Knowledge
from bot.store.postgres import PART
from bot.store.records import PARTS
from tests import crash, postgres
from tests.benchmarks.distinct import distinct
from tests.benchmarks.throughput import MERCHANTS, TICKS, Load, delay, sent, so_far, spent
from tests.crash import BotApiProcess, Serve, WholeServe

crash.PATIENCE = 600.0  # seconds for a start, on a busy machine too
STATISTICS = "-c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track=top"
COUNTED = """
SELECT sum(calls) FILTER (WHERE query NOT ILIKE '%pg\\_%'), sum(shared_blks_hit + shared_blks_read),
(SELECT wal_bytes FROM pg_stat_wal), (SELECT wal_sync FROM pg_stat_wal), (SELECT sum(xact_commit) FROM pg_stat_database)
FROM pg_stat_statements"""
TOP = """
SELECT calls, round(total_exec_time::numeric, 1), left(regexp_replace(query, '\\s+', ' ', 'g'), 70) FROM pg_stat_statements
WHERE query NOT ILIKE '%pg\\_stat%' ORDER BY calls DESC LIMIT 12"""
HELD = (
    "SELECT pid, count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = $1::bigint GROUP BY pid"
)
ASKING = 20  # merchants who write at once when a process is killed or the database restarted
QUESTION = "/help"  # answered by one send


def bind(pids: Sequence[int], core: int) -> None:
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {core})


def server_pids(server: postgres.Cluster) -> list[int]:
    """Return the processes of a PostgreSQL server."""
    main = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [main, *map(int, children)]


def seconds_of(pids: Sequence[int]) -> float:
    """Return the processor seconds of processes so far, as far as they still run."""
    total = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


async def measure(count: int, load: Load, pin: bool) -> None:
    with postgres.cluster(fsync=True, options=STATISTICS) as server:
        db = await asyncpg.connect(server.url)
        await db.execute("CREATE EXTENSION pg_stat_statements")
        async with BotApiProcess() as api:
            people = await api.people(MERCHANTS)
            processes: list[Serve] = [WholeServe(api, server.url) for _ in range(count)]
            await asyncio.gather(*(one.start() for one in processes))
            if pin:
                cores = os.cpu_count() or 1
                for number, one in enumerate(processes):
                    bind([one.process.pid], number % cores)
                bind([*server_pids(server), api.process.pid], cores - 1)
            while sum((await holders(db)).values()) < PARTS:
                await asyncio.sleep(0.1)
            await db.execute("SELECT pg_stat_statements_reset()")
            before, used = await db.fetchrow(COUNTED), spent(processes)
            ours, begun = seconds_of(server_pids(server)), time.monotonic()
            for start in range(0, load.waiting, MERCHANTS):
                await api.write(list(zip(people, load.texts[start : start + MERCHANTS], strict=True)))
            await sent(api, sum(load.sends[: load.waiting]))
            seconds, messages = time.monotonic() - begun, load.waiting
            await asyncio.sleep(1.0)  # the last deliveries are marked
            after = await db.fetchrow(COUNTED)
            assert before is not None
            assert after is not None
            each = [float((new or 0) - (old or 0)) / messages for old, new in zip(before, after, strict=True)]
            print(
                f"{count} processes: {messages / seconds:.0f} messages a second; for each {1000 * (spent(processes) - used) / messages:.1f} ms "
                f"of processor, {1000 * (seconds_of(server_pids(server)) - ours) / messages:.2f} ms of PostgreSQL's; "
                f"{each[0]:.2f} statements, {each[1]:.0f} pages touched, {each[2]:,.0f} bytes of log, {each[3]:.2f} flushes, "
                f"{each[4]:.2f} transactions",
                flush=True,
            )
            for calls, took, query in await db.fetch(TOP):
                print(f"  {calls / messages:6.2f} a message, {float(took) / messages:.3f} ms: {query}")
            delays = await delay(api, people, load, load.sends)
            print(
                f"  at {load.rate} a second p50 {statistics.median(delays) * 1000:.0f} ms, "
                f"p99 {statistics.quantiles(delays, n=100)[98] * 1000:.0f} ms"
            )
            if count > 1:
                held, last = await asyncio.gather(takeover(processes[0], db), answered(api, people))
                print(
                    f"  a process killed: the others hold its parts after {held:.2f} s, "
                    f"and {ASKING} merchants who wrote then are all answered after {last:.2f} s"
                )
            await asyncio.to_thread(server.stop, "fast")
            await asyncio.to_thread(server.start)
            print(
                f"  the database restarted: {ASKING} merchants who wrote when it was there again are all answered "
                f"after {await answered(api, people):.2f} s",
                flush=True,
            )
            await processes[-1].stop()
        await db.close()


async def holders(db: asyncpg.Connection[Any]) -> dict[int, int]:
    """How many parts each connection holds."""
    return dict(await db.fetch(HELD, PART))


async def takeover(killed: Serve, db: asyncpg.Connection[Any]) -> float:
    """Kill a process. Returns the seconds until other connections hold all parts: its own holds them until PostgreSQL notices."""
    before, begun = await holders(db), time.monotonic()
    await killed.kill()
    while not (before.keys() - (now := await holders(db)).keys() and sum(now.values()) == PARTS):
        await asyncio.sleep(0.01)
    return time.monotonic() - begun


async def answered(api: BotApiProcess, people: list[dict[str, Any]]) -> float:
    """Let some merchants write at once. Returns the seconds until the last of them is answered."""
    since, begun = await so_far(api), time.time()
    await api.write([(one, QUESTION) for one in people[:ASKING]])
    return float(max(call["time"] for call in await sent(api, ASKING, since)) - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--updates", type=int, default=1500)
    parser.add_argument("--rate", type=int, default=40, help="messages a second for the delay")
    parser.add_argument("--pin", action="store_true")
    asked = parser.parse_args()
    Knowledge.open()  # learned and cached before anything is measured
    load = Load.of(asked.updates, asked.rate, distinct())
    for count in asked.processes:
        asyncio.run(measure(count, load, asked.pin))


if __name__ == "__main__":
    main()
