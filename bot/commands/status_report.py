"""Reports of `merchant-bot status` and `migrate` on a database."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bot import private
from bot.knowledge.last_good import Rejected
from bot.store import Ratings, Status, file_of, utc

UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (0.0, "s"))


@dataclass(frozen=True)
class Desk:
    """The configured consultants' chat, and its new id if it has moved."""

    set: str
    became: str | None = None


def report(
    status: Status, desk: Desk | None = None, rejected: Rejected | None = None, troubles: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the status as a JSON object; ages are in seconds, sizes in bytes, times in UTC."""
    queues = status.queues
    return {
        "serving": status.serving,
        "schema": status.schema,
        "bytes": status.size,
        "inbox": {
            "waiting": queues.inbox,
            "oldest": seconds_since(queues.inbox_since),
            "dead": queues.inbox_dead,
            "interrupted": status.interrupted,
        },
        "outbox": {
            "waiting": queues.outbox,
            "oldest": seconds_since(queues.outbox_since),
            "dead": queues.outbox_dead,
            "gone": queues.outbox_gone,
        },
        "answers": {"day": dict(status.last_day), "week": dict(status.last_week)},
        "helped": asdict(status.ratings),
        "rows": dict(status.rows),
        "troubles": list(troubles),
        "consultant_chat": asdict(desk) if desk else None,
        "copies": [{"file": str(one.path), "made": utc(one.made), "until": utc(one.until)} for one in status.copies],
        "open_to_others": [str(path) for path in status.exposed],
        "rejected": asdict(rejected) if rejected else None,
    }


def text(
    where: str,
    status: Status,
    desk: Desk | None = None,
    rejected: Rejected | None = None,
    troubles: Sequence[str] = (),
) -> str:
    """Return the status as lines of text."""
    queues = status.queues
    serving = {0: "no process serves it", 1: "one process serves it"}.get(
        status.serving, f"{status.serving} processes serve it"
    )
    return "\n".join(
        (
            f"database  {where}: schema {status.schema}, {status.size / 1e6:,.1f} MB; {serving}",
            f"inbox     {waiting_text(queues.inbox, queues.inbox_since)}; {dead_letters(queues.inbox_dead, 'inbox')}"
            + interrupted_text(status.interrupted),
            f"outbox    {waiting_text(queues.outbox, queues.outbox_since)}; "
            f"{dead_letters(queues.outbox_dead, 'outbox')}, {queues.outbox_gone:,} for unreachable chats",
            f"answers   last day: {counts_text(status.last_day)}",
            f"          last week: {counts_text(status.last_week)}",
            *helped_text(status.ratings),
            f"kept      {counts_text(status.rows)}",
            *([f"desk      CONSULTANT_CHAT {desk.set} became {desk.became}; set it"] if desk and desk.became else []),
            *(
                f"copy      {one.path}, made before an upgrade on {utc(one.made)[:10]}, kept until {utc(one.until)[:10]}"
                for one in status.copies
            ),
            *(f"warning   {trouble}" for trouble in troubles),
            *([f"warning   {private.warning(status.exposed)}"] if status.exposed else []),
            *(
                (f"content   changes not used since {rejected.since}; to use them, correct:", rejected.text())
                if rejected
                else ()
            ),
        )
    )


def seconds_since(since: float | None) -> float | None:
    """Return the seconds since a time (Unix seconds), or None."""
    return None if since is None else round(max(0.0, time.time() - since), 1)


def waiting_text(count: int, since: float | None) -> str:
    """Describe the number of waiting entries and the age of the oldest one."""
    if since is None:
        return "nothing waits"
    seconds = seconds_since(since) or 0.0
    size, unit = next((size, unit) for size, unit in UNITS if seconds >= size)
    return f"{count:,} waiting, the oldest for {seconds / (size or 1):.0f} {unit}"


def dead_letters(count: int, queue: str) -> str:
    return f"{count:,} given up" + (f" (merchant-bot {queue} list)" if count else "")


def interrupted_text(count: int) -> str:
    """Return how many updates were set aside after interruptions, to follow the number of all given up."""
    return f", {count:,} of them because the process was killed or hung three times in handling them" if count else ""


def helped_text(ratings: Ratings) -> list[str]:
    """Return the ratings of answers in the last week, with the last questions whose answer did not help."""
    if not (ratings.yes or ratings.no):
        return []
    shown = (f"          not: {question}" + (f" ({word})" if word else "") for question, word in ratings.unhelped)
    lines = [f"helped    last week: yes {ratings.yes:,}, no {ratings.no:,}", *shown]
    return [" ".join(line.split("\n")) for line in lines]


def counts_text(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())) or "none"


def database_name(url: str) -> str:
    """Return a DATABASE_URL for display: the file, or the address without password and parameters."""
    if path := file_of(url):
        return str(path)
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    return urlunsplit(("postgresql", f"{name}@{place}" if name else place, parts.path, "", ""))


def migration_text(url: str, found: int, newest: int) -> str:
    """Report a migration of a database from schema `found` (0: none) to `newest`."""
    if found == newest:
        return f"{database_name(url)}: schema {newest}, nothing to do"
    if not found:
        return f"{database_name(url)}: made, with schema {newest}"
    path = file_of(url)
    kept = f"; the previous version is kept in {path}.before-schema-{newest}" if path else ""
    return f"{database_name(url)}: schema {found} is now {newest}{kept}"
