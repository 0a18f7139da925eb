"""Dispatcher: handles the inbox's updates; one at a time and in order within a chat, chats concurrently."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.assistant import Assistant, Context
from bot.channels.channel import Channel
from bot.channels.limits import Rates, is_limited
from bot.model import UNLIMITED, Address, Allowed, Language, Message, Reply, Turn
from bot.service.handoff import Handoff
from bot.service.lanes import Chat, Lane, Lanes
from bot.service.logs import trail
from bot.service.metrics import Metrics
from bot.service.reading import Reader
from bot.store import INTERRUPTED, Event, Handled, Outgoing, Received, StoreError, part_of
from bot.store.ports import Inbox

log = logging.getLogger(__name__)

WORKERS = 16  # concurrent turns; more would compete for the same processor
MOST_QUEUED = 100  # updates of one held chat; further ones are dropped
FULL_PAUSE = 5.0  # seconds until a chat's full outbox is checked again
LONGEST_ALONE = 30.0  # seconds for which a suspected update may block all others
MOST_OVERTAKEN = 3  # times that a turn is made again since its ticket has changed
INTERRUPTIONS = 3  # interrupted attempts, after which an update is set aside

Entrance = Callable[
    [Message, Language], Awaitable[str | None]
]  # the answer to who asks for the staff's pages, if they do
Full = Callable[[str, str], Awaitable[bool]]  # returns true if a chat (channel, id) has the maximum of waiting replies


async def no_chat_full(channel: str, chat: str) -> bool:
    """The default for `Full`: no chat is full."""
    return False


@dataclass
class Line(Lane[Received]):
    """One chat's waiting updates; `held` while the chat is over its rate limit."""

    held: bool = False

    @property
    def load(self) -> int:
        return 0 if self.held else len(self.entries)


class TooFast(Exception):
    """The update has to wait for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Dispatcher:
    """Handles the updates in the inbox for this process's chats.

    A chat over its rate limit is `held`: its updates wait in the inbox and take no room from other chats.

    An update that may have killed a process is suspected. It is handled alone, so that a second crash has one possible
    cause; each attempt is counted beforehand, and after the third the update is set aside. Other updates need no such
    write.
    """

    def __init__(
        self,
        store: Inbox,
        assistant: Assistant,
        channels: Mapping[str, Channel],
        allowed: Allowed = UNLIMITED,
        handoff: Handoff | None = None,
        metrics: Metrics | None = None,
        full: Full = no_chat_full,
        entrance: Entrance | None = None,
    ) -> None:
        self.store, self.assistant, self.channels, self.handoff = store, assistant, channels, handoff
        self.metrics = metrics or Metrics()
        self.over, self.rates, self.full = allowed.over, Rates(allowed), full
        self.entrance = entrance
        self.surplus: list[Received] = []
        self.await_desk = set[Chat]()  # the chats held since the desk was full
        self.lanes = Lanes(Line, store.arrived)
        self.reader = Reader(assistant, channels, self.lanes)
        self.ready: asyncio.Queue[Chat | None] = asyncio.Queue()
        self.gate, self.left = asyncio.Event(), asyncio.Event()  # cleared while one is handled alone; a turn has ended
        self.gate.set()
        self.stopped = False

    async def fetch(self) -> None:
        """Load new updates from the inbox, up to the free room. Raises StoreError."""
        while self.surplus:
            await self.drop(self.surplus.pop())
        if room := self.lanes.room():
            found = await self.store.inbox(self.lanes.known, room)
            self.lanes.more = len(found) == room
            self.add(found)
            if self.surplus:
                self.store.arrived.set()

    def add(self, entries: Iterable[Received]) -> None:
        for entry in entries:
            line = self.lanes.at(entry)
            if line.held and len(line.entries) >= MOST_QUEUED:
                self.surplus.append(entry)
                continue
            if not line.entries:
                self.ready.put_nowait((entry.channel, entry.chat))
            line.entries.append(entry)

    def hold(self, chat: Chat, line: Line, seconds: float) -> None:
        """Hold a chat for some seconds; updates beyond MOST_QUEUED are dropped."""
        line.held = True
        while len(line.entries) > MOST_QUEUED:
            self.surplus.append(line.entries.pop())
        asyncio.get_running_loop().call_later(seconds, self.release, chat, line)
        self.store.arrived.set()

    def release(self, chat: Chat, line: Line) -> None:
        if self.lanes.of.get(chat) is line:
            line.held = False
            self.ready.put_nowait(chat)

    async def drop(self, entry: Received) -> None:
        """Finish an update without answering it."""
        with contextlib.suppress(StoreError):
            await self.store.finish(Handled(unknown_sender(entry), entry))
            self.lanes.settle(entry)

    def stop(self) -> None:
        """Start no further turns; `work` returns after the running ones."""
        for _ in range(WORKERS):
            self.ready.put_nowait(None)
        self.stopped = True

    async def work(self) -> None:
        """Handle one chat after another until stopped."""
        while (chat := await self.ready.get()) and not self.stopped:
            while not self.gate.is_set():
                await self.gate.wait()
            line = self.lanes.of.get(chat)
            if line is None or line.busy or line.held or self.stopped:
                continue  # a stale queue entry: the chat was forgotten or is being handled
            if part_of(*chat) in self.store.parts:
                await self.handle_next(chat, line)
            else:
                self.lanes.forget(chat)

    async def handle_next(self, chat: Chat, line: Line) -> None:
        """Handle a chat's next update, then queue the chat for the one after it."""
        entry, line.busy = line.entries[0], True
        try:
            if not entry.attempts:
                await self.reader.ahead(entry)
            settled = await (self.handle_alone(entry) if is_suspect(entry) else self.handle(entry))
        except TooFast as too_fast:
            self.hold(chat, line, too_fast.seconds)
            return
        finally:
            line.busy = False
            self.left.set()
        line.entries.popleft()
        if line.entries:
            self.ready.put_nowait(chat)
        else:
            del self.lanes.of[chat]
        if settled:
            self.lanes.settle(entry)

    async def handle_alone(self, entry: Received) -> bool:
        """Count an attempt, then handle a suspected update with all others paused. Raises TooFast.

        If it hangs, or an earlier turn does, the others resume after LONGEST_ALONE seconds.
        """
        self.gate.clear()
        opening = asyncio.get_running_loop().call_later(LONGEST_ALONE, self.gate.set)
        try:
            while len(self.lanes.busy) > 1 and not self.gate.is_set():
                self.left.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(opening.when()):
                        await self.left.wait()
            await self.store.set_attempts(entry, entry.attempts + 1)
            return await self.handle(entry)
        except BaseException:
            # A rate limit or a normal shutdown is no crash: take the count back.
            await self.store.set_attempts(entry, entry.attempts)
            raise
        finally:
            opening.cancel()
            self.gate.set()

    async def handle(self, entry: Received) -> bool:
        """Handle an update and store its turn. Returns false if it can never be stored. Raises TooFast."""
        if entry.attempts >= INTERRUPTIONS:
            return await self.set_aside(entry)
        channel = self.channels.get(entry.channel)
        begun = time.perf_counter()
        try:
            made = await self.make_turn(entry, channel) if channel else None
        except StoreError:
            log.exception("update %d of %s cannot be handled", entry.id, entry.channel)
            return False
        except TooFast:
            raise
        except Exception as error:
            made = self.failure_turn(entry, None, error)
        try:
            stored = await self.store.finish(made or Handled(unknown_sender(entry), entry))
            for _ in range(MOST_OVERTAKEN):
                if stored or made is None or made.expects is None or channel is None:
                    break
                made = await self.make_turn(entry, channel)  # another consultant has acted on the ticket meanwhile
                stored = await self.store.finish(made or Handled(unknown_sender(entry), entry))
        except StoreError as error:
            log.error("update %d of %s: %s", entry.id, entry.channel, error)
            try:
                await self.store.finish(Handled(unknown_sender(entry), entry, error=full_traceback(error)))
            except StoreError:
                return False
        if channel and channel.responses:
            channel.responses.wake(entry.chat)
        self.metrics.count_update(entry.channel, verdict_of(made), time.perf_counter() - begun)
        return True

    async def make_turn(self, entry: Received, channel: Channel) -> Handled | None:
        """Return an update's turn, ready to be stored, or None if it needs no answer. Raises TooFast, StoreError."""
        if self.handoff and (passed := await self.handoff.consultant_turn(entry)):
            return passed
        message = channel.read(entry.payload)
        if message is None:
            return None
        if is_limited(message) and await self.full(entry.channel, entry.chat):
            if message.group:
                return None
            raise TooFast(FULL_PAUSE)
        if wait := self.rates.wait(message):
            return await self.refuse(entry, channel, message, wait)
        chat = (entry.channel, entry.chat)
        if chat in self.await_desk:
            # Looked at before the turn is made again, since many merchants wait at once.
            await self.wait_for_desk(chat, message)
        completed = await channel.complete(message)
        if completed is None:
            return Handled(message.address, entry, own_notes=channel.own_notes(entry.payload))
        message = completed
        if self.rates.exceeds_group_limit(message):
            return silent_turn(entry, channel, message)
        if self.entrance and (told := await self.entrance(message, message.hint or "en")):
            # Nothing is kept of it, since it may hold a link.
            calls = reply_calls(channel, entry, message, [Reply(told)])
            return Handled(
                message.address, entry, outgoing=tuple(replace(one, passing=channel.retention) for one in calls)
            )
        made: list[Handled] = []

        async def deliver(turn: Turn, context: Context, kept: Handled) -> None:
            if not (turn.replies and self.rates.suppresses(message)):
                made.append(await self.add_calls(entry, channel, message, turn, context, kept))

        try:
            await self.assistant.receive(message, entry, deliver)
        except (StoreError, TooFast):
            raise
        except Exception as error:
            return self.failure_turn(entry, (channel, message), error)
        if not made:
            return None
        own_notes = () if made[0].erase else channel.own_notes(entry.payload)
        return replace(made[0], own_notes=own_notes)

    async def add_calls(
        self, entry: Received, channel: Channel, message: Message, turn: Turn, context: Context, kept: Handled
    ) -> Handled:
        """Add the calls to the merchant and to the consultants' desk to a turn. Raises TooFast if the desk is full."""
        if self.handoff:
            turn, kept = await self.handoff.admitted(turn, kept)
        outgoing = reply_calls(channel, entry, message, turn.replies)
        if turn.erase:
            outgoing = tuple(replace(out, passing=channel.retention) for out in outgoing)
        if self.handoff is None:
            return replace(kept, outgoing=outgoing)
        before = None if turn.lapsed else context.conversation.ticket
        made = await self.handoff.with_calls(turn, message, entry, before, kept)
        if made.outgoing:
            await self.wait_for_desk((entry.channel, entry.chat), message)
        if made.moved_to is not None:
            made = await self.handoff.follow(made)
        return replace(made, outgoing=(*outgoing, *made.outgoing))

    async def wait_for_desk(self, chat: Chat, message: Message) -> None:
        """Raise TooFast while the desk is full, for a chat whose message goes there."""
        self.await_desk.discard(chat)
        if self.handoff and await self.full(self.handoff.desk.channel, self.handoff.desk.chat):
            self.await_desk.add(chat)
            self.rates.refund(message)
            raise TooFast(FULL_PAUSE)

    async def refuse(self, entry: Received, channel: Channel, message: Message, wait: float) -> Handled:
        """Refuse a message over the rate limit; private chats are told once, groups never.

        Raises TooFast if messages over the limit are queued instead of dropped.
        """
        if message.group:
            return silent_turn(entry, channel, message)
        replies = [await self.assistant.too_fast(message, self.over, wait)] if self.rates.notifies(message) else []
        if self.over == "drop":
            outgoing = reply_calls(channel, entry, message, replies)
            return Handled(
                message.address, entry, outgoing=outgoing, events=(Event("too_fast", {}),) if replies else ()
            )
        if replies:
            calls = (Outgoing(entry.channel, entry.chat, call) for call in channel.tell(entry.chat, replies))
            await self.store.finish(Handled(message.address, outgoing=tuple(calls), events=(Event("too_fast", {}),)))
        raise TooFast(wait)

    async def set_aside(self, entry: Received) -> bool:
        """Make an update a dead letter after too many interrupted attempts, and tell its writer.

        Returns false if this cannot be stored.
        """
        log.error(
            "update %d of %s is set aside after %d interrupted attempts; for details: `merchant-bot inbox show %d`",
            *(entry.id, entry.channel, entry.attempts, entry.id),
        )
        address = unknown_sender(entry)
        try:
            await self.store.finish(Handled(address, entry, events=(Event("failed", {}),), error=INTERRUPTED))
            self.metrics.count_update(entry.channel, "failed", 0.0)
            # Reading the payload may be what kills the process, so the dead letter is stored first.
            channel = self.channels.get(entry.channel)
            message = channel.read(entry.payload) if channel else None
            if channel and message and message.calls_for_answer:
                words = self.assistant.knowledge.say("set_aside", message.hint or "en")
                await self.store.finish(
                    Handled(message.address, outgoing=reply_calls(channel, entry, message, [Reply(words)]))
                )
        except StoreError:
            return False
        except Exception as error:
            log.error("update %d: cannot tell its writer that it is set aside\n%s", entry.id, trail(error))
        return True

    def failure_turn(self, entry: Received, to: tuple[Channel, Message] | None, error: Exception) -> Handled:
        """Return a dead letter for an update, with an apology if its writer is known."""
        log.error(
            "update %d of %s failed; for details: `merchant-bot inbox show %d`\n%s",
            *(entry.id, entry.channel, entry.id, trail(error)),
        )
        outgoing: tuple[Outgoing, ...] = ()
        if to and to[1].calls_for_answer:
            channel, message = to
            outgoing = reply_calls(channel, entry, message, [Reply(self.assistant.apology(message))])
        address = to[1].address if to else unknown_sender(entry)
        return Handled(address, entry, outgoing=outgoing, events=(Event("failed", {}),), error=full_traceback(error))


def reply_calls(channel: Channel, entry: Received, message: Message, replies: Sequence[Reply]) -> tuple[Outgoing, ...]:
    """Return the calls that send replies to a message."""
    calls = channel.write(entry.payload, message, replies)
    kept, parked = channel.kept(entry.payload)
    return tuple(Outgoing(entry.channel, entry.chat, call, kept=kept, parked=parked) for call in calls)


def is_suspect(entry: Received) -> bool:
    """Return true if the update may have killed a process and has attempts left."""
    return 0 < entry.attempts < INTERRUPTIONS


def silent_turn(entry: Received, channel: Channel, message: Message) -> Handled:
    """Finish an update without a reply; a pressed button stops loading."""
    return Handled(message.address, entry, outgoing=reply_calls(channel, entry, message, ()))


def verdict_of(made: Handled | None) -> str | None:
    """Return a turn's verdict, or else the kind of its first event ("failed", "too_fast"); None without events."""
    if made is None or not made.events:
        return None
    return str(made.events[0].data.get("verdict", made.events[0].kind))


def full_traceback(error: Exception) -> str:
    """Return the full traceback; for the store only, since it may contain a merchant's words."""
    return "".join(traceback.format_exception(error))


def unknown_sender(entry: Received) -> Address:
    """Return an update's address without a user, for turns whose writer is unknown."""
    return Address(entry.channel, entry.chat, "")
