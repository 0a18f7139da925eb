"""A store in memory, for the terminal, for single questions, and for applications with their own delivery."""

from __future__ import annotations

from bot.model import Address, Conversation, Group, Language, Result, Ticket
from bot.store.records import Belongings, Handled, Shown


class MemoryStore:
    """Keeps conversations and results until the process ends."""

    def __init__(self) -> None:
        self.conversations: dict[Address, Conversation] = {}
        self.results: dict[str, Result] = {}
        self.subscriptions: dict[tuple[Address, str], Language] = {}
        self.groups: dict[tuple[str, str], Group] = {}
        self.notes: dict[str, tuple[str, Address | None]] = {}

    def load(self, address: Address) -> Conversation:
        subjects = tuple(sorted(subject for one, subject in self.subscriptions if one == address))
        return self.conversations.get(address, Conversation()).with_(subscribed=subjects)

    def save(self, address: Address, conversation: Conversation) -> None:
        self.conversations[address] = conversation

    async def conversation(self, address: Address) -> Conversation:
        return self.load(address)

    async def result(self, code: str) -> Result | None:
        return self.results.get(code)

    def erase(self, address: Address) -> None:
        self.conversations.pop(address, None)
        self.subscriptions = {key: one for key, one in self.subscriptions.items() if key[0] != address}
        self.results = {code: one for code, one in self.results.items() if one.address != str(address)}
        self.notes = {name: note for name, note in self.notes.items() if note[1] != address}

    async def belongings(self, address: Address) -> Belongings:
        results = tuple(result for result in self.results.values() if result.address == str(address))
        subjects = tuple(sorted(subject for one, subject in self.subscriptions if one == address))
        return Belongings(self.conversations.get(address), results, subscriptions=subjects)

    async def group_of(self, channel: str, chat: str) -> Group | None:
        return self.groups.get((channel, chat))

    async def recall(self, name: str) -> str | None:
        return self.notes[name][0] if name in self.notes else None

    async def remember(self, name: str, value: str, whose: Address | None = None) -> None:
        self.notes[name] = value, whose

    async def ticket(self, id: int) -> Ticket | None:
        return None  # tickets need the service

    async def ticket_calls(self, ticket: int, channel: str, chat: str) -> list[Shown]:
        return []

    async def finish(self, turn: Handled) -> bool:
        if turn.erase:
            self.erase(turn.address)
        if turn.result is not None:
            self.results[turn.result.code] = turn.result
        if turn.conversation is not None:
            self.save(turn.address, turn.conversation)
        channel, chat = turn.address.channel, turn.address.chat
        if turn.subscribing is not None:
            subject = turn.subscribing.subject
            lang = (turn.conversation.lang if turn.conversation else None) or "en"
            if turn.subscribing.on:
                self.subscriptions[turn.address, subject] = lang
            else:
                kept = self.subscriptions.items()
                self.subscriptions = {
                    key: one for key, one in kept if key[0] != turn.address or subject not in ("", key[1])
                }
        if turn.group is not None:
            self.groups[channel, chat] = turn.group
        if turn.moved_to:
            known = self.groups.get((channel, turn.moved_to), Group())
            self.groups[channel, turn.moved_to] = self.groups.pop((channel, chat), known)
        self.notes |= {name: (value, None) for name, value in turn.notes}
        return True
