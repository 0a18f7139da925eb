"""The contributions of events to the daily sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bot.model import Address
from bot.store.tables import person_of

LONGEST = 200  # characters of a name
SOON = (("5 minutes", 300.0), ("hour", 3600.0), ("day", 86400.0))  # within which something took; else "longer"


class Key(NamedTuple):
    """The key of a sum: the day, the kind, the name and a detail."""

    day: str
    kind: str
    name: str
    detail: str


class Counted(NamedTuple):
    """The additions of events to the sums, in the same order for all processes: rows of `sums` and of `writers`."""

    sums: list[Sequence[Any]]
    writers: list[Sequence[Any]]


def counted(events: Iterable[tuple[str, str, str, Mapping[str, Any]]], shard: int) -> Counted:
    """Count events, each given as its day, kind, address and data."""
    sums: dict[Key, tuple[int, float]] = {}
    writers: set[tuple[str, str]] = set()
    for day, kind, address, data in events:
        for name, one, detail, total in counts_of(kind, address, data):
            key = Key(day, name, clean(one), clean(detail))
            count, before = sums.get(key, (0, 0.0))
            sums[key] = count + 1, before + total
        if kind == "turn" and address.count(":") >= 2:
            writers.add((day, person_of(Address.of(address))))
    return Counted([(*key, shard, *amount) for key, amount in sorted(sums.items())], [*sorted(writers)])


def clean(text: str) -> str:
    """Return a name as every database can store it."""
    return text[:LONGEST].replace("\x00", "").encode("utf-8", "replace").decode()


def counts_of(kind: str, address: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str, str, float]]:
    """Yield the contributions of one event: the kind of sum, a name, a detail, and an amount."""
    if kind == "turn":
        yield from counts_of_turn(address.partition(":")[0], data)
    elif kind == "ticket":
        yield "ticket", str(data.get("what")), "", 0.0
        for name, field in (("ended", "seconds"), ("first answer", "first_answer_seconds")):
            if isinstance(seconds := data.get(field), int | float):
                yield name, next((soon for soon, most in SOON if seconds <= most), "longer"), "", float(seconds)
    elif kind in ("feedback", "solved") and not data.get("word"):
        yield kind, "yes" if data.get("helped", data.get("solved")) else "no", "", 0.0


def counts_of_turn(channel: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str, str, float]]:
    verdict, topics, fetched = data.get("verdict"), data.get("topics") or (), data.get("fetched") or ()
    yield "message", channel, str(data.get("lang") or ""), 0.0
    if verdict == "answer":
        told = "likely" if data.get("likely") else "answer"
        verdict = told if topics or fetched else "other"  # greetings, menus, commands
    yield "verdict", str(verdict), "", 0.0
    if verdict in ("answer", "likely"):
        for name in topics:
            yield "topic", str(name), "", 0.0
    if unknown := data.get("known_unknown"):
        yield "gap", str(unknown), "", 0.0
    for name in data.get("facts") or ():
        yield "fact", str(name), "", 0.0
    for name in fetched:
        yield "fetched", str(name), str(data.get("poster") or ""), 0.0
    for step in data.get("steps") or ():
        yield "check", str(data.get("run_of")), str(step), 0.0
