"""From the inbox to the outbox: one chat's messages in order and never two at a time, the chats side by side."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
import traceback
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.assistant import Assistant, handled
from bot.channels.channel import Channel
from bot.channels.limits import Limit
from bot.model import Address, Message, Reply
from bot.service.handoff import Handoff
from bot.service.logs import trail
from bot.service.metrics import Metrics
from bot.store import Event, Handled, Outgoing, Received, Store, StoreError, part_of

log = logging.getLogger(__name__)

WORKERS = 16  # turns under way; more would only wait for the same processor
MOST = 512  # updates held in memory
QUEUED = 100  # updates of one chat that wait until its merchant may write again; beyond, they are dropped
TOLD_A_MINUTE = 1  # polite lines to who writes too much

Chat = tuple[str, str]

NOBODY = Address("", "", "")


@dataclass(frozen=True)
class Allowed:
    """How many messages a minute one merchant may write, 0: any number, and what becomes of those beyond."""

    per_minute: float = 0
    over: Literal["drop", "queue"] = "drop"


UNLIMITED = Allowed()


class TooFast(Exception):
    """This update has to wait, for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Dispatcher:
    """Handles what is in the inbox for this process's chats.

    A chat whose merchant has written too much is `held`: its updates wait in the inbox and count for nobody else.
    """

    def __init__(
        self,
        store: Store,
        assistant: Assistant,
        channels: Mapping[str, Channel],
        allowed: Allowed = UNLIMITED,
        handoff: Handoff | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.store, self.assistant, self.channels, self.handoff = store, assistant, channels, handoff
        self.metrics = metrics or Metrics()
        self.over = allowed.over
        self.limit, self.told = Limit(allowed.per_minute), Limit(TOLD_A_MINUTE)
        self.held: set[Chat] = set()
        self.surplus: list[Received] = []
        self.lines: dict[Chat, deque[Received]] = {}
        self.ready: asyncio.Queue[Chat | None] = asyncio.Queue()
        self.known: set[int] = set()
        self.busy: set[Chat] = set()
        self.stopped = False
        self.more = False  # whether the inbox may hold more than there was room for

    async def fetch(self) -> None:
        """Take over what is new in the inbox, as far as there is room."""
        while self.surplus:
            await self.drop(self.surplus.pop())
        room = MOST - self.load
        if room < MOST // 2:
            self.more = True
            return
        found = await self.store.inbox(self.known, room)
        self.more = len(found) == room
        self.add(found)
        if self.surplus:
            self.store.arrived.set()

    @property
    def load(self) -> int:
        """How many updates are waited for by somebody who may write."""
        return len(self.known) - sum(len(self.lines[chat]) for chat in self.held)

    def add(self, entries: Iterable[Received]) -> None:
        for entry in entries:
            chat = (entry.channel, entry.chat)
            self.known.add(entry.id)
            if chat in self.held and len(self.lines[chat]) >= QUEUED:
                self.surplus.append(entry)
            elif chat in self.lines:
                self.lines[chat].append(entry)
            else:
                self.lines[chat] = deque([entry])
                self.ready.put_nowait(chat)

    def keep(self, parts: Collection[int]) -> None:
        """Forget the chats of other parts: whoever has them now finds their updates in the inbox."""
        for chat in [chat for chat in self.lines if chat not in self.busy and part_of(*chat) not in parts]:
            self.forget(chat)

    def forget(self, chat: Chat) -> None:
        self.known.difference_update(entry.id for entry in self.lines.pop(chat))
        self.held.discard(chat)

    def hold(self, chat: Chat, seconds: float) -> None:
        """Let a chat wait."""
        self.held.add(chat)
        while len(self.lines[chat]) > QUEUED:
            self.surplus.append(self.lines[chat].pop())
        asyncio.get_running_loop().call_later(seconds, self.release, chat)
        self.store.arrived.set()

    def release(self, chat: Chat) -> None:
        if chat in self.held:
            self.held.discard(chat)
            self.ready.put_nowait(chat)

    async def drop(self, entry: Received) -> None:
        """Finish an update without answering it."""
        with contextlib.suppress(StoreError):
            await self.store.finish(Handled(nobody(entry), entry))
            self.known.discard(entry.id)

    def stop(self) -> None:
        """Begin no further turn; `work` returns when those under way are done."""
        for _ in range(WORKERS):
            self.ready.put_nowait(None)
        self.stopped = True

    async def work(self) -> None:
        """Handle one chat after another until stopped."""
        while (chat := await self.ready.get()) and not self.stopped:
            line = self.lines.get(chat)
            if line is None or chat in self.busy or chat in self.held:
                continue  # its place is from before the chat was forgotten
            if part_of(*chat) not in self.store.parts:
                self.forget(chat)
                continue
            self.busy.add(chat)
            try:
                settled = await self.handle(line[0])
            except TooFast as too_fast:
                self.hold(chat, too_fast.seconds)
                continue
            finally:
                self.busy.discard(chat)
            entry = line.popleft()
            if settled:
                self.known.discard(entry.id)
            if line:
                self.ready.put_nowait(chat)
            else:
                del self.lines[chat]
            if self.more and self.load <= MOST // 2:
                self.store.arrived.set()

    async def handle(self, entry: Received) -> bool:
        """Handle an update and store its turn. False: it cannot be stored at all, and is left alone. Raises TooFast."""
        channel = self.channels.get(entry.channel)
        begun = time.perf_counter()
        try:
            made = await self.made(entry, channel) if channel else None
        except StoreError:
            log.exception("update %d of %s cannot be handled", entry.id, entry.channel)
            return False
        except TooFast:
            raise
        except Exception as error:
            made = self.failed(entry, None, error)
        try:
            await self.store.finish(made or Handled(nobody(entry), entry))
        except StoreError as error:
            log.error("update %d of %s: %s", entry.id, entry.channel, error)
            try:
                await self.store.finish(Handled(nobody(entry), entry, error=whole(error)))
            except StoreError:
                return False
        self.metrics.handled(entry.channel, verdict_of(made), time.perf_counter() - begun)
        return True

    async def made(self, entry: Received, channel: Channel) -> Handled | None:
        """The turn for an update, ready to be stored; None where there is nothing to answer. Raises TooFast."""
        if self.handoff and (passed := await self.handoff.heard(entry)):
            return passed
        message = channel.read(entry.payload)
        if message is None:
            return None
        # In a chat with others, the chat's own rules say when the assistant speaks.
        own = message.address.chat == message.address.user
        if own and (wait := self.limit.wait(str(message.address))):
            return await self.refused(entry, channel, message, wait)
        message = await channel.informed(message)
        conversation = await self.store.conversation(message.address)
        try:
            opened, group = await self.assistant.opened(message), await self.assistant.group(message)
            # From here on nothing is waited for, so that the whole turn is of one version of the content.
            lapsed = self.handoff.lapsed(conversation.ticket) if self.handoff else None
            if lapsed:
                conversation = conversation.with_(ticket=None)
            turn = self.assistant.turn(message, conversation, opened, group)
            desk = Handled(NOBODY)
            if self.handoff:
                desk = self.handoff.of_turn(turn, message, entry, conversation.ticket, lapsed)
                turn = self.handoff.told(turn, lapsed)
            outgoing = written(channel, entry, message, turn.replies)
        except StoreError:
            raise
        except Exception as error:
            return self.failed(entry, (channel, message), error)
        made = handled(message, turn)
        return replace(
            made,
            entry=entry,
            outgoing=(*outgoing, *desk.outgoing),
            events=(*made.events, *desk.events),
            opens=desk.opens,
            closes=desk.closes,
        )

    async def refused(self, entry: Received, channel: Channel, message: Message, wait: float) -> Handled:
        """What is made of a message beyond what is allowed: a polite line, once for them all. Raises TooFast."""
        replies = []
        if not self.told.wait(str(message.address)):
            lang = (await self.store.conversation(message.address)).lang or message.hint or "en"
            words = self.assistant.knowledge.say(f"too_fast_{self.over}", lang, seconds=math.ceil(wait))
            replies = [Reply(words)]
        if self.over == "drop":
            outgoing = written(channel, entry, message, replies)
            return Handled(
                message.address, entry, outgoing=outgoing, events=(Event("too_fast", {}),) if replies else ()
            )
        if replies:
            calls = (Outgoing(entry.channel, entry.chat, call) for call in channel.tell(entry.chat, replies))
            await self.store.finish(Handled(message.address, outgoing=tuple(calls), events=(Event("too_fast", {}),)))
        raise TooFast(wait)

    def failed(self, entry: Received, to: tuple[Channel, Message] | None, error: Exception) -> Handled:
        """A dead letter, and an apology where it is known to whom."""
        log.error(
            "update %d of %s failed; `merchant-bot inbox show %d` tells more\n%s",
            *(entry.id, entry.channel, entry.id, trail(error)),
        )
        outgoing: tuple[Outgoing, ...] = ()
        if to and to[1].calls_for_answer:
            channel, message = to
            outgoing = written(channel, entry, message, [Reply(self.assistant.apology(message))])
        address = to[1].address if to else nobody(entry)
        return Handled(address, entry, outgoing=outgoing, events=(Event("failed", {}),), error=whole(error))


def written(channel: Channel, entry: Received, message: Message, replies: Sequence[Reply]) -> tuple[Outgoing, ...]:
    calls = channel.write(entry.payload, message, replies)
    return tuple(Outgoing(entry.channel, entry.chat, call) for call in calls)


def verdict_of(made: Handled | None) -> str | None:
    """What was made of a message: its verdict, or that it failed."""
    if made is None or not made.events:
        return None
    return str(made.events[0].data.get("verdict", made.events[0].kind))


def whole(error: Exception) -> str:
    """An error with all that it says, for the store alone: it may hold a merchant's words."""
    return "".join(traceback.format_exception(error))


def nobody(entry: Received) -> Address:
    return Address(entry.channel, entry.chat, "")
