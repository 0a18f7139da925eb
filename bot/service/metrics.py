"""What a process counts, and what waits in the store, as Prometheus reads it at /metrics."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from bot.store import Queues
from bot.store.ports import Health

BUCKETS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 5.0, 20.0)
PATIENCE = 2.0  # seconds for the store

Outcome = Literal["sent", "again", "dead", "gone"]


class Metrics:
    """Counts are this process's own; what waits is the same in all processes of a database."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        ProcessCollector(registry=own)
        self.updates = Counter("merchant_bot_updates", "Updates that were handled.", ["channel"], registry=own)
        self.answers = Counter(
            "merchant_bot_answers", "Answers by what was made of a message.", ["verdict"], registry=own
        )
        self.turns = Histogram(
            "merchant_bot_turn_seconds",
            "From taking up an update until its turn is stored.",
            buckets=BUCKETS,
            registry=own,
        )
        self.sends = Counter("merchant_bot_sends", "Attempts to send.", ["channel", "outcome"], registry=own)
        self.content = Gauge(
            "merchant_bot_content_info", "The version of the content in use.", ["version"], registry=own
        )
        self.reloads = Counter(
            "merchant_bot_reloads", "Changes of the content, taken or not.", ["outcome"], registry=own
        )
        self.up = Gauge("merchant_bot_store_up", "Whether the database answers.", registry=own)
        self.waiting = Gauge("merchant_bot_waiting", "Entries that wait.", ["queue"], registry=own)
        self.oldest = Gauge("merchant_bot_oldest_seconds", "For how long the oldest waits.", ["queue"], registry=own)
        self.dead = Gauge("merchant_bot_dead_letters", "Entries that were given up.", ["queue"], registry=own)

    def handled(self, channel: str, verdict: str | None, seconds: float) -> None:
        """Count an update and its answer, if it got one."""
        self.updates.labels(channel).inc()
        self.turns.observe(seconds)
        if verdict is not None:
            self.answers.labels(verdict).inc()

    def tried(self, channel: str, outcome: Outcome) -> None:
        """Count an attempt to send."""
        self.sends.labels(channel, outcome).inc()

    def uses(self, version: str) -> None:
        """Name the version of the content that answers from now on."""
        self.content.clear()
        self.content.labels(version).set(1)

    def look(self, queues: Queues, now: float) -> None:
        """Take over what waits in the store."""
        for queue, waiting, since, dead in (
            ("inbox", queues.inbox, queues.inbox_since, queues.inbox_dead),
            ("outbox", queues.outbox, queues.outbox_since, queues.outbox_dead),
        ):
            self.waiting.labels(queue).set(waiting)
            self.oldest.labels(queue).set(0.0 if since is None else max(0.0, now - since))
            self.dead.labels(queue).set(dead)

    async def serve(self, request: web.Request, store: Health) -> web.Response:
        """Answer a scrape. What comes through a proxy is from outside, and none of its business."""
        if from_outside(request):
            return web.Response(status=403, text="metrics are read from this machine, not through a proxy\n")
        try:
            async with asyncio.timeout(PATIENCE):
                self.look(await store.queues(), time.time())
            self.up.set(1)
        except TimeoutError:
            self.up.set(0)
            for gauge in (self.waiting, self.oldest, self.dead):
                gauge.clear()
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def from_outside(request: web.Request) -> bool:
    """Whether a request came through a proxy."""
    return "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
