"""From the inbox to the outbox: one chat's messages in order and never two at a time, the chats side by side."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.assistant import Assistant, handled
from bot.channels.channel import Channel
from bot.model import Address, Message, Reply
from bot.store import Event, Handled, Outgoing, Received, Store, StoreError, part_of

log = logging.getLogger(__name__)

WORKERS = 16  # turns under way; more would only wait for the same processor
MOST = 512  # updates held in memory

Chat = tuple[str, str]


class Dispatcher:
    """Handles what is in the inbox for this process's chats."""

    def __init__(self, store: Store, assistant: Assistant, channels: Mapping[str, Channel]) -> None:
        self.store, self.assistant, self.channels = store, assistant, channels
        self.lines: dict[Chat, deque[Received]] = {}
        self.ready: asyncio.Queue[Chat | None] = asyncio.Queue()
        self.known: set[int] = set()
        self.busy: set[Chat] = set()
        self.stopped = False
        self.more = False  # whether the inbox may hold more than there was room for

    async def fetch(self) -> None:
        """Take over what is new in the inbox, as far as there is room."""
        room = MOST - len(self.known)
        if room < MOST // 2:
            self.more = True
            return
        found = await self.store.inbox(self.known, room)
        self.more = len(found) == room
        self.add(found)

    def add(self, entries: Iterable[Received]) -> None:
        for entry in entries:
            chat = (entry.channel, entry.chat)
            self.known.add(entry.id)
            if chat in self.lines:
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

    def stop(self) -> None:
        """Begin no further turn; `work` returns when those under way are done."""
        for _ in range(WORKERS):
            self.ready.put_nowait(None)
        self.stopped = True

    async def work(self) -> None:
        """Handle one chat after another until stopped."""
        while (chat := await self.ready.get()) and not self.stopped:
            line = self.lines.get(chat)
            if line is None or chat in self.busy:
                continue  # its place is from before the chat was forgotten
            if part_of(*chat) not in self.store.parts:
                self.forget(chat)
                continue
            self.busy.add(chat)
            try:
                settled = await self.handle(line[0])
            finally:
                self.busy.discard(chat)
            entry = line.popleft()
            if settled:
                self.known.discard(entry.id)
            if line:
                self.ready.put_nowait(chat)
            else:
                del self.lines[chat]
            if self.more and len(self.known) <= MOST // 2:
                self.store.arrived.set()

    async def handle(self, entry: Received) -> bool:
        """Handle an update and store its turn. False: it cannot be stored at all, and is left alone."""
        channel = self.channels.get(entry.channel)
        try:
            made = await self.made(entry, channel) if channel else None
        except StoreError:
            log.exception("update %d of %s cannot be handled", entry.id, entry.channel)
            return False
        except Exception:
            made = self.failed(entry, None, traceback.format_exc())
        try:
            await self.store.finish(made or Handled(nobody(entry), entry))
        except StoreError as error:
            log.error("update %d of %s: %s", entry.id, entry.channel, error)
            try:
                await self.store.finish(Handled(nobody(entry), entry, error=str(error)))
            except StoreError:
                return False
        return True

    async def made(self, entry: Received, channel: Channel) -> Handled | None:
        """The turn for an update, ready to be stored; None where there is nothing to answer."""
        message = channel.read(entry.payload)
        if message is None:
            return None
        conversation = await self.store.conversation(message.address)
        try:
            turn = self.assistant.turn(message, conversation, await self.assistant.opened(message))
            outgoing = written(channel, entry, message, turn.replies)
        except StoreError:
            raise
        except Exception:
            return self.failed(entry, (channel, message), traceback.format_exc())
        return replace(handled(message, turn), entry=entry, outgoing=outgoing)

    def failed(self, entry: Received, to: tuple[Channel, Message] | None, trace: str) -> Handled:
        """A dead letter, and an apology where it is known to whom."""
        log.error("update %d of %s failed; it is kept as a dead letter\n%s", entry.id, entry.channel, trace)
        outgoing: tuple[Outgoing, ...] = ()
        if to:
            channel, message = to
            outgoing = written(channel, entry, message, [Reply(self.assistant.apology(message))])
        address = to[1].address if to else nobody(entry)
        return Handled(address, entry, outgoing=outgoing, events=(Event("failed", {}),), error=trace)


def written(channel: Channel, entry: Received, message: Message, replies: Sequence[Reply]) -> tuple[Outgoing, ...]:
    calls = channel.write(entry.payload, message, replies)
    return tuple(Outgoing(entry.channel, entry.chat, call) for call in calls)


def nobody(entry: Received) -> Address:
    return Address(entry.channel, entry.chat, "")
