"""How much one may write: a merchant, a visitor of the web chat, an address; and how much is answered in a group."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Hashable
from contextlib import suppress

from bot.channels.channel import Rate
from bot.model import Allowed, Message

FREE = Rate(0.0)
MOST = 20_000  # names remembered before those at rest are forgotten
TOLD_A_MINUTE = 1  # polite lines to who writes too much
OF_THE_CHAT = ("joined", "left", "moved")  # what happens to the assistant in a group, and nobody says


class Limit:
    """Keeps each name to a rate, the same for all or given with each call: the generic cell rate algorithm."""

    def __init__(self, per_minute: float = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = Rate(60 / per_minute, per_minute) if per_minute else FREE
        self.clock = clock
        self.full: dict[Hashable, float] = {}  # when all of the burst is there again

    def early(self, name: Hashable, rate: Rate | None = None) -> float:
        """Seconds until this name may; 0: it may now. Nothing is counted."""
        rate, now = rate or self.rate, self.clock()
        early = max(self.full.get(name, now), now) - now - (rate.burst - 1) * rate.interval
        return early if early > 1e-9 else 0.0

    def take(self, name: Hashable, rate: Rate | None = None) -> None:
        """Count one."""
        interval, now = (rate or self.rate).interval, self.clock()
        if len(self.full) > MOST:
            self.full = {name: at for name, at in self.full.items() if at > now}
        if interval:
            self.full[name] = max(self.full.get(name, now), now) + interval

    def wait(self, name: Hashable) -> float:
        """Seconds until this name may; 0: it may now, and this is counted."""
        early = self.early(name)
        if not early:
            self.take(name)
        return early

    def back(self, name: Hashable) -> None:
        """Count one less."""
        if name in self.full:
            self.full[name] -= self.rate.interval


class Rates:
    """How much one person may write over all chats of a channel, and how much is answered in one group.

    In a group, where people talk to each other, what counts is what the assistant is asked, and what it answers unasked. Its
    administrators may set it however much is said.
    """

    def __init__(self, allowed: Allowed, clock: Callable[[], float] = time.monotonic) -> None:
        self.people, self.groups = Limit(allowed.per_minute, clock), Limit(allowed.group_per_minute, clock)
        self.told = Limit(TOLD_A_MINUTE, clock)

    def wait(self, message: Message) -> float:
        """Seconds until this may be handled; 0: it may now, and what calls for an answer is counted."""
        if not said(message):
            return 0.0
        return self.people.wait(person(message)) if asked(message) else self.people.early(person(message))

    def back(self, message: Message) -> None:
        """Count what has to be handled again for another reason."""
        self.people.back(person(message))

    def silences(self, message: Message) -> bool:
        """Whether a call is one too many for its group; if not it is counted."""
        return asked(message) and self.too_loud(message)

    def keeps_back(self, message: Message) -> bool:
        """Whether an answer that was not called for is one too many; if not it is counted."""
        if asked(message) or not said(message):
            return False
        return bool(self.people.wait(person(message))) or self.too_loud(message)

    def too_loud(self, message: Message) -> bool:
        group = message.group
        if group is None or group.administrator or group.way in OF_THE_CHAT:
            return False
        return bool(self.groups.wait(f"{message.address.channel}:{message.address.chat}"))

    def tells(self, message: Message) -> bool:
        """Whether who writes too much is told so: now and then, where nobody else reads it."""
        return message.group is None and message.business is None and not self.told.wait(person(message))


def person(message: Message) -> str:
    """Who writes, in whatever chat."""
    return f"{message.address.channel}:{message.address.user}"


def said(message: Message) -> bool:
    """Whether a person has said it who may say too much; the owner of a business account may not."""
    if message.business is not None:
        return message.business.writer == message.address.user
    return message.kind != "gone" and (message.group is None or message.group.way not in OF_THE_CHAT)


def asked(message: Message) -> bool:
    """Whether it is said to the assistant alone."""
    return message.group is None or message.group.way == "called"


def open_files(wanted: int) -> int:
    """How many files this process may have open, sockets included: as many as wanted, if the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
