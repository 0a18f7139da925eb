"""Metrics for Prometheus at /metrics: the process's counters and the store's queues."""

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
PATIENCE = 2.0  # seconds for the store to answer

Outcome = Literal["sent", "again", "dead", "gone"]


class Metrics:
    """Counters belong to this process; the queues are the same for all processes of a database."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        ProcessCollector(registry=own)
        self.updates = Counter("merchant_bot_updates", "Handled updates.", ["channel"], registry=own)
        self.answers = Counter("merchant_bot_answers", "Answers by verdict.", ["verdict"], registry=own)
        self.turns = Histogram(
            "merchant_bot_turn_seconds",
            "Time from taking an update to storing its turn.",
            buckets=BUCKETS,
            registry=own,
        )
        self.sends = Counter("merchant_bot_sends", "Send attempts.", ["channel", "outcome"], registry=own)
        self.content = Gauge(
            "merchant_bot_content_info", "The version of the content in use.", ["version"], registry=own
        )
        self.reloads = Counter("merchant_bot_reloads", "Content reloads by outcome.", ["outcome"], registry=own)
        self.up = Gauge("merchant_bot_store_up", "1 if the database answers, else 0.", registry=own)
        self.waiting = Gauge("merchant_bot_waiting", "Waiting entries.", ["queue"], registry=own)
        self.oldest = Gauge("merchant_bot_oldest_seconds", "Age of the oldest waiting entry.", ["queue"], registry=own)
        self.dead = Gauge("merchant_bot_dead_letters", "Entries given up.", ["queue"], registry=own)

    def count_update(self, channel: str, verdict: str | None, seconds: float) -> None:
        """Count an update, its duration in seconds and its verdict, if it was answered."""
        self.updates.labels(channel).inc()
        self.turns.observe(seconds)
        if verdict is not None:
            self.answers.labels(verdict).inc()

    def count_attempt(self, channel: str, outcome: Outcome) -> None:
        """Count a send attempt."""
        self.sends.labels(channel, outcome).inc()

    def set_version(self, version: str) -> None:
        """Set the version of the content in use."""
        self.content.clear()
        self.content.labels(version).set(1)

    def set_queues(self, queues: Queues, now: float) -> None:
        """Set the gauges from the store's queues; `now` is in Unix seconds."""
        for queue, waiting, since, dead in (
            ("inbox", queues.inbox, queues.inbox_since, queues.inbox_dead),
            ("outbox", queues.outbox, queues.outbox_since, queues.outbox_dead),
        ):
            self.waiting.labels(queue).set(waiting)
            self.oldest.labels(queue).set(0.0 if since is None else max(0.0, now - since))
            self.dead.labels(queue).set(dead)

    async def serve(self, request: web.Request, store: Health) -> web.Response:
        """Answer a scrape; requests through a proxy are refused with 403, since they come from outside."""
        if is_proxied(request):
            return web.Response(status=403, text="metrics are available from this machine only, not through a proxy\n")
        try:
            async with asyncio.timeout(PATIENCE):
                self.set_queues(await store.queues(), time.time())
            self.up.set(1)
        except TimeoutError:
            self.up.set(0)
            for gauge in (self.waiting, self.oldest, self.dead):
                gauge.clear()
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def is_proxied(request: web.Request) -> bool:
    """Return true if a request came through a proxy."""
    return "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
