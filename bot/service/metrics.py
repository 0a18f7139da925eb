"""Metrics for Prometheus at /metrics: the process's counters and the store's queues."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Literal

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from bot.channels.channel import Channel
from bot.service.pulse import Pulse
from bot.store import Queues, StoreError
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
        self.up = Gauge("merchant_bot_store_up", "1 if the database takes a write, else 0.", registry=own)
        self.channels: Mapping[str, Channel] = {}
        self.reachable = Gauge(
            "merchant_bot_channel_up",
            "1 if the platform can be used, else 0; `merchant-bot status` tells why.",
            ["channel"],
            registry=own,
        )
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

    async def serve(self, store: Health, pulse: Pulse) -> web.Response:
        """Answer a scrape."""
        for name, channel in self.channels.items():
            self.reachable.labels(name).set(not channel.trouble)
        try:
            self.up.set(not await pulse.trouble())
            async with asyncio.timeout(PATIENCE):
                self.set_queues(await store.queues(), time.time())
        except (TimeoutError, StoreError):
            self.up.set(0)
            for gauge in (self.waiting, self.oldest, self.dead):
                gauge.clear()
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
