"""Sender: makes the outbox's calls to the platforms, in order within a chat, chats concurrently, within rate limits."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.channels.channel import CallRefused, Channel, ChatMoved, Parked, Rate, RecipientGone, RetryLater
from bot.channels.limits import Limit
from bot.service.lanes import Chat, Lane, Lanes
from bot.service.metrics import Metrics, Outcome
from bot.store import Delivery, StoreError, Waiting, part_of
from bot.store.ports import Outbox
from bot.store.records import PARTS

log = logging.getLogger(__name__)

CONCURRENT_CALLS = 16  # concurrent calls; up to this many may be repeated after a crash
MOST_WAITING = 100  # waiting replies per chat; at this limit no further ones are made
MOST_COUNTED = 8  # entries of one chat counted against the room in memory
BULK = 64  # broadcast calls in memory; the rest waits in the outbox
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 300.0  # seconds between attempts
GIVE_UP = 24 * 3600.0  # seconds until a failing call is given up
LEAST_ATTEMPTS = 20  # minimum of attempts, about an hour of them: a wrong clock cannot give a call up earlier
OUTCOMES: Mapping[str, Outcome] = {"sent": "sent", "waiting": "again", "dead": "dead", "gone": "gone"}
FLOODED = 3  # chats in a row told to wait, after which the whole channel pauses

OnUndelivered = Callable[[Sequence[Waiting], str], Awaitable[None]]
OnChatMoved = Callable[[str, str, str], Awaitable[None]]  # a channel, and the old and new id of its chat


@dataclass
class Line(Lane[Waiting]):
    """One chat's waiting calls. No call goes out before the event loop's time `until`."""

    until: float = 0.0
    ticket: int | None = None  # the ticket served last
    turn: int | None = None  # the chat's current number in the queues; entries with older numbers are stale

    @property
    def load(self) -> int:
        return min(len(self.entries), MOST_COUNTED)


def now() -> float:
    """Return the event loop's time in seconds."""
    return asyncio.get_running_loop().time()


class Sender:
    """Sends the waiting calls of this process's chats. Internal times are the event loop's, in seconds."""

    def __init__(
        self,
        store: Outbox,
        channels: Mapping[str, Channel],
        undelivered: OnUndelivered | None = None,
        metrics: Metrics | None = None,
        moved: OnChatMoved | None = None,
    ) -> None:
        self.store, self.channels, self.undelivered, self.moved = store, channels, undelivered, moved
        self.metrics = metrics or Metrics()
        self.lanes = Lanes(Line, store.posted)
        self.due: list[tuple[float, int, Chat]] = []  # heap of chats that wait for a time
        # Heap of chats that may send: calls outside the rate limit first, then by priority.
        self.ready: list[tuple[bool, int, int, Chat]] = []
        self.turns = itertools.count()
        self.limit = Limit(clock=now)  # rates by chat, and by name for whole channels
        self.held = dict.fromkeys(channels, 0.0)
        self.flooded: dict[str, set[str]] = {name: set() for name in channels}
        self.slots = asyncio.Semaphore(CONCURRENT_CALLS)
        self.wake = asyncio.Event()
        self.under_way: set[asyncio.Task[None]] = set()
        self.more_bulk = False

    @property
    def bulk(self) -> int:
        """The number of broadcast calls in memory."""
        return sum(entry.priority > 0 for line in self.lanes.of.values() for entry in line.entries)

    async def full(self, channel: str, chat: str) -> bool:
        """Return true if a chat has MOST_WAITING waiting replies; asks the database if memory is incomplete.

        Raises StoreError.
        """
        if part_of(channel, chat) in self.store.parts and not self.lanes.more:
            line = self.lanes.of.get((channel, chat))
            if line is None or len(line.entries) <= MOST_COUNTED:
                return False
        return await self.store.waiting_count(channel, chat) >= MOST_WAITING

    async def fetch(self) -> None:
        """Load waiting calls from the outbox, up to the free room. Raises StoreError."""
        room = self.lanes.room()
        if not room:
            return
        found = await self.store.outbox(list(self.channels), self.lanes.known, room)
        urgent = [entry for entry in found if not entry.priority]
        bulk = found[len(urgent) :]
        for entry in (*urgent, *bulk[: BULK - self.bulk]):
            self.add(entry)
        self.lanes.more = len(urgent) == room
        self.more_bulk = bool(bulk)
        if not self.lanes.known:
            self.lanes.idle.set()

    def add(self, entry: Waiting) -> None:
        line = self.lanes.at(entry)
        place = len(line.entries)
        while place > line.busy and line.entries[place - 1].priority > entry.priority:
            place -= 1
        if place == 0:
            line.turn = None  # it overtakes the queued call
        line.entries.insert(place, entry)
        self.queue((entry.channel, entry.chat), line, seconds_until_due(entry, time.time()))

    def queue(self, chat: Chat, line: Line, pause: float) -> None:
        """Queue a chat's next call for after `pause` seconds, and for when the chat's rate allows."""
        if line.busy or line.turn is not None or not line.entries:
            return
        channel = self.channels[chat[0]]
        first = line.entries[0]
        held = first.made + channel.hold(first.payload) - time.time()
        at = max(now() + max(pause, min(held, channel.hold(first.payload))), line.until)
        if channel.counts(line.entries[0].payload):
            at = max(at, now() + self.limit.delay(chat, channel.chat_rate(chat[1])))
        line.turn = next(self.turns)
        heapq.heappush(self.due, (at, line.turn, chat))
        self.wake.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self.slots.acquire()
            try:
                chat = await self.next()
            except asyncio.CancelledError:
                self.slots.release()
                raise
            task = asyncio.create_task(self.deliver(chat, self.lanes.of[chat]))
            self.under_way.add(task)
            task.add_done_callback(self.under_way.discard)

    async def next(self) -> Chat:
        """Wait for the next chat that may send, and return it."""
        while True:
            self.wake.clear()
            while self.due and self.due[0][0] <= now():
                _, turn, chat = heapq.heappop(self.due)
                line = self.lanes.of.get(chat)
                if line and line.turn == turn:
                    counts = self.channels[chat[0]].counts(line.entries[0].payload)
                    heapq.heappush(self.ready, (counts, line.entries[0].priority, turn, chat))
            until = self.due[0][0] if self.due else None
            if self.ready:
                counts, _, turn, chat = self.ready[0]
                line = self.lanes.of.get(chat)
                if not line or line.turn != turn:
                    heapq.heappop(self.ready)
                    continue
                early = self.delay(chat[0]) if counts else 0.0
                if early <= 0:
                    heapq.heappop(self.ready)
                    line.turn = None
                    if part_of(*chat) in self.store.parts:
                        # Counted here, since the call's task starts later.
                        line.busy = True
                        if counts:
                            self.limit.take(chat, self.channels[chat[0]].chat_rate(chat[1]))
                            self.limit.take(chat[0], self.share(chat[0]))
                        return chat
                    self.lanes.forget(chat)
                    continue
                until = min(now() + early, until or math.inf)
            try:
                async with asyncio.timeout_at(until):
                    await self.wake.wait()
            except TimeoutError:
                pass

    def delay(self, name: str) -> float:
        """Return the seconds until a channel may be called."""
        return max(self.held[name] - now(), self.limit.delay(name, self.share(name)))

    def share(self, name: str) -> Rate:
        """Return this process's share of a channel's rate, in proportion to its share of the parts."""
        rate = self.channels[name].rate
        return Rate(rate.interval * PARTS / max(1, len(self.store.parts)), rate.burst)

    async def deliver(self, chat: Chat, line: Line) -> None:
        """Make a chat's next call and store the outcome; the slot is freed once that is durable.

        What waits of the same ticket goes with it as far as it can be joined.
        """
        entry, others = line.entries[0], self.join(chat[0], line)
        try:
            if entry.is_kept and not await self.store.begin(entry):
                delivery, pause = (
                    Delivery(entry, "sent"),
                    0.0,
                )  # a response takes it; if that fails, the outbox has it again
            else:
                delivery, pause = await self.attempt(self.channels[chat[0]], entry, others)
                if self.undelivered and (delivery.state in ("dead", "gone") or (delivery.parked and delivery.error)):
                    lost = list(line.entries) if delivery.state == "gone" else [entry, *others]
                    await self.undelivered(lost, delivery.error or "")
                if self.moved and delivery.moved_to is not None:
                    await self.moved(*chat, delivery.moved_to)
                if delivery.parked:
                    await self.store.park(entry)
                else:
                    await asyncio.gather(*map(self.store.mark, of_each(delivery, others)))
                self.metrics.count_attempt(entry.channel, OUTCOMES[delivery.state])
        except StoreError as error:
            # It may have been sent: it stays in `known`, so that this process does not repeat it.
            log.error("call %d of the outbox: %s", entry.id, error)
            delivery, pause = Delivery(entry, "dead"), 0.0
            line.entries.popleft()
        else:
            if delivery.state != "waiting" or delivery.parked:
                self.lanes.settle(line.entries.popleft(), *others)
                for other in others:
                    line.entries.remove(other)
                line.ticket = entry.ticket
                take_turns(line)
        finally:
            line.busy = False
            self.slots.release()
        if delivery.state == "gone" or delivery.moved_to is not None:
            self.lanes.settle(*line.entries)
            line.entries.clear()
            self.store.posted.set()  # moved calls are loaded again in the new chat
        if self.more_bulk and self.bulk <= BULK // 2:
            self.store.posted.set()
        if line.entries:
            line.until = now() + pause
            self.queue(chat, line, 0.0)
        else:
            del self.lanes.of[chat]

    def join(self, name: str, line: Line) -> list[Waiting]:
        """Return the calls that wait after the first one and go with it: the next of its ticket, as far as they can be joined."""
        first, *rest = line.entries
        if first.ticket is None or first.is_kept:
            return []
        channel, payload, made = self.channels[name], first.payload, list[Waiting]()
        for other in rest:
            if other.ticket != first.ticket or not channel.counts(other.payload):
                continue  # another merchant's, or a change of a card, which may follow
            together = channel.join(payload, other.payload)
            if together is None:
                break
            payload = together
            made.append(other)
        return made

    async def attempt(self, channel: Channel, entry: Waiting, others: Sequence[Waiting] = ()) -> tuple[Delivery, float]:
        """Make a call, joined with others. Returns the outcome and the pause in seconds before the chat's next call."""
        flooded = self.flooded[channel.name]
        payload = entry.payload
        for other in others:
            payload = channel.join(payload, other.payload) or payload
        try:
            platform_id = await channel.send(payload, entry.chat)
        except ChatMoved as moved:
            log.info("a chat on %s has a new id: %s", channel.name, moved)
            return Delivery(entry, "waiting", moved_to=moved.to), 0.0
        except Parked as parked:
            return Delivery(entry, "waiting", error=parked.phrase, parked=True), 0.0
        except RetryLater as later:
            pause = later.seconds if later.seconds is not None else self.pause(entry.attempts)
            if later.seconds is not None:
                flooded.add(entry.chat)
                if len(flooded) >= FLOODED:
                    self.held[channel.name] = now() + pause
                    log.warning("%s asks for a pause of %g s", channel.name, pause)
            if is_given_up(entry, time.time()):
                log.error(
                    "call %d for %s is given up after a day; for the reason: `merchant-bot outbox list`",
                    entry.id,
                    channel.name,
                )
                return Delivery(entry, "dead", error=f"given up after a day: {later}"), 0.0
            line = self.lanes.of[entry.channel, entry.chat]
            line.entries[0] = again = next_attempt(entry, pause)
            return Delivery(again, "waiting", again.not_before, error=str(later)), pause
        except RecipientGone as gone:
            log.info("a chat on %s is gone: %s", channel.name, gone)
            return Delivery(entry, "gone", error=str(gone)), 0.0
        except Exception as error:
            # A platform's refusal contains no merchant's words; other errors may.
            said = error if isinstance(error, CallRefused) else type(error).__name__
            log.error("call %d for %s is a dead letter: %s", entry.id, channel.name, said)
            return Delivery(entry, "dead", error=f"{type(error).__name__}: {error}"), 0.0
        flooded.clear()
        return Delivery(entry, "sent", platform_id=platform_id), 0.0

    def pause(self, attempts: int) -> float:
        return float(min(FIRST_PAUSE * 2.0**attempts, LONGEST_PAUSE) * random.uniform(0.8, 1.2))

    async def drain(self, seconds: float) -> None:
        """Wait until all known calls are sent, for at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self.lanes.idle.wait()
        except TimeoutError:
            log.warning("%d calls stay in the outbox for the next start", len(self.lanes.known))

    async def finish(self, seconds: float) -> None:
        if self.under_way:
            await asyncio.wait(self.under_way, timeout=seconds)


def of_each(delivery: Delivery, others: Sequence[Waiting]) -> list[Delivery]:
    """Return the outcome of each joined call; those with a message of their own on the platform have its id."""
    if delivery.state == "waiting":
        return [delivery]
    entries = [delivery.entry, *others]
    ids: Sequence[str | None] = (delivery.platform_id or "").split() or [None]
    if len(ids) != len(entries):
        ids = [ids[0]] * len(entries)
    return [replace(delivery, entry=entry, platform_id=id) for entry, id in zip(entries, ids, strict=True)]


def take_turns(line: Line) -> None:
    """Let another ticket's next call come before those of the ticket served last, so that none uses up a chat's rate."""
    if line.ticket is None or not line.entries or line.entries[0].ticket != line.ticket:
        return
    at = next((n for n, one in enumerate(line.entries) if one.ticket not in (None, line.ticket)), None)
    if at is not None and line.entries[at].priority == line.entries[0].priority:
        entry = line.entries[at]
        del line.entries[at]
        line.entries.appendleft(entry)


def next_attempt(entry: Waiting, pause: float) -> Waiting:
    """Return the entry after one more failed attempt, to be repeated after `pause` seconds."""
    return replace(entry, attempts=entry.attempts + 1, not_before=time.time() + pause)


def seconds_until_due(entry: Waiting, now: float) -> float:
    """Return the seconds until an entry is due, at most LONGEST_PAUSE; a clock set back does not extend them."""
    set_back = now < entry.made <= entry.not_before
    return min(max(0.0, entry.not_before - (entry.made if set_back else now)), LONGEST_PAUSE)


def is_given_up(entry: Waiting, now: float) -> bool:
    """Return true if a call has failed for GIVE_UP seconds and TRIED times, since the clock alone may be wrong."""
    return entry.attempts >= LEAST_ATTEMPTS and abs(now - entry.made) > GIVE_UP
