"""Rate limits of people, addresses and groups, and the limit of open files."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Hashable
from contextlib import suppress

from bot.channels.channel import Rate
from bot.model import Allowed, Message

FREE = Rate(0.0)
MOST = 20_000  # names stored before idle ones are dropped
TOLD_A_MINUTE = 1  # notices to a person over the limit
OF_THE_CHAT = ("joined", "left", "moved")  # events of a group, as opposed to messages


class Limit:
    """Limits each name to a rate, a common one or the one of each call, by the generic cell rate algorithm."""

    def __init__(self, per_minute: float = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = Rate(60 / per_minute, per_minute) if per_minute else FREE
        self.clock = clock
        self.full: dict[Hashable, float] = {}  # name → clock time at which its whole burst is available

    def delay(self, name: Hashable, rate: Rate | None = None) -> float:
        """Return the seconds until the name's next use, without counting one; 0 if it is allowed now."""
        rate, now = rate or self.rate, self.clock()
        early = max(self.full.get(name, now), now) - now - (rate.burst - 1) * rate.interval
        return early if early > 1e-9 else 0.0

    def take(self, name: Hashable, rate: Rate | None = None) -> None:
        """Count one use."""
        interval, now = (rate or self.rate).interval, self.clock()
        if len(self.full) > MOST:
            self.full = {name: at for name, at in self.full.items() if at > now}
        if interval:
            self.full[name] = max(self.full.get(name, now), now) + interval

    def wait(self, name: Hashable) -> float:
        """Return the seconds until the name's next use; if that is 0, count one."""
        early = self.delay(name)
        if not early:
            self.take(name)
        return early

    def refund(self, name: Hashable) -> None:
        """Take back one use."""
        if name in self.full:
            self.full[name] -= self.rate.interval


class Rates:
    """Limits of a person's messages in all chats of a channel, and of answers in a group.

    In groups, where people talk to each other, only messages to the assistant and its unrequested answers count.
    Administrators can change settings at any rate.
    """

    def __init__(self, allowed: Allowed, clock: Callable[[], float] = time.monotonic) -> None:
        self.people, self.groups = Limit(allowed.per_minute, clock), Limit(allowed.group_per_minute, clock)
        self.notices = Limit(TOLD_A_MINUTE, clock)

    def wait(self, message: Message) -> float:
        """Return the seconds until the message may be handled; if that is 0, count it if it is addressed to the assistant."""
        if not is_limited(message):
            return 0.0
        return (
            self.people.wait(sender_key(message)) if is_addressed(message) else self.people.delay(sender_key(message))
        )

    def refund(self, message: Message) -> None:
        """Take back a message that will be handled again for another reason."""
        self.people.refund(sender_key(message))

    def exceeds_group_limit(self, message: Message) -> bool:
        """Return true if a message to the assistant exceeds its group's limit; else count it."""
        return is_addressed(message) and self.is_group_over(message)

    def suppresses(self, message: Message) -> bool:
        """Return true if an unrequested answer exceeds a limit; else count it."""
        if is_addressed(message) or not is_limited(message):
            return False
        return bool(self.people.wait(sender_key(message))) or self.is_group_over(message)

    def is_group_over(self, message: Message) -> bool:
        group = message.group
        if group is None or group.administrator or group.way in OF_THE_CHAT:
            return False
        return bool(self.groups.wait(f"{message.address.channel}:{message.address.chat}"))

    def notifies(self, message: Message) -> bool:
        """Return true if the sender is to be told of the limit: in private, and once per interval."""
        return message.group is None and message.business is None and not self.notices.wait(sender_key(message))


def sender_key(message: Message) -> str:
    """Return the key of a message's sender, the same in all chats of a channel."""
    return f"{message.address.channel}:{message.address.user}"


def is_limited(message: Message) -> bool:
    """Return true if the message was written by a person with a limit; owners of business accounts have none."""
    if message.business is not None:
        return message.business.writer == message.address.user
    return message.kind != "gone" and (message.group is None or message.group.way not in OF_THE_CHAT)


def is_addressed(message: Message) -> bool:
    """Return true if the message is addressed to the assistant."""
    return message.group is None or message.group.way in ("called", "replied")


def open_files(wanted: int) -> int:
    """Raise the process's limit of open files, sockets included, towards `wanted`. Returns the limit in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
