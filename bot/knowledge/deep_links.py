"""Deep links: targets and their payloads, as passed by a platform's start button."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.content.kinds import suggest
from bot.knowledge.knowledge import Knowledge

TargetKind = Literal["topic", "check", "keyword", "course", "code"]
LETTERS: Mapping[str, TargetKind] = {"t": "topic", "c": "check", "k": "keyword", "o": "course", "r": "code"}
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")  # Telegram Bot API, "Deep linking"
HASHED = 24  # hexadecimal digits in place of a name that is too long or has other characters


class NoTarget(Exception):
    """No target has this name; the message suggests names."""


@dataclass(frozen=True)
class Target:
    """The target of a link."""

    kind: TargetKind
    name: str

    @property
    def payload(self) -> str:
        letter = next(letter for letter, kind in LETTERS.items() if kind == self.kind)
        plain = f"{letter}-{self.name}"
        return plain if PAYLOAD.fullmatch(plain) else f"{letter}_{digest(self.name)}"


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:HASHED]


def names(knowledge: Knowledge) -> dict[TargetKind, Collection[str]]:
    """Return the names of all targets by kind, in lookup order."""
    library = knowledge.library
    return {
        "topic": library.topics,
        "check": library.checks,
        "keyword": library.rules,
        "course": [course.id for course in library.data.courses],
    }


def opened(payload: str, knowledge: Knowledge) -> Target | None:
    """Resolve a payload to its target; None if it is malformed or the target no longer exists."""
    kind = LETTERS.get(payload[:1])
    mark, name = payload[1:2], payload[2:]
    if kind is None or not name or mark not in ("-", "_"):
        return None
    if kind == "code":
        return Target(kind, name)
    known = names(knowledge)[kind]
    if mark == "-":
        return Target(kind, name) if name in known else None
    return next((Target(kind, one) for one in known if digest(one) == name), None)


def target(name: str, knowledge: Knowledge, code_in: Callable[[str], str | None]) -> Target:
    """Find the target by a topic id, check id, rule id, course id, reply keyword or result code. Raises NoTarget."""
    found = names(knowledge)
    for kind, known in found.items():
        if name in known:
            return Target(kind, name)
    if rule := knowledge.rule(name):
        return Target("keyword", rule.id)
    if code := code_in(name):
        return Target("code", code)
    everything = [one for known in found.values() for one in known]
    keywords = [word.text for rule in knowledge.library.rules.values() for word in rule.keywords]
    raise NoTarget(
        f'nothing is called "{name}"; {suggest(name, [*everything, *keywords])} '
        "A link opens a topic, a check, a reply keyword, a course, or a result by its code"
    )
