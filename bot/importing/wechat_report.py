"""The report on an import of auto-replies, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.importing.wechat_findings import Findings
from bot.importing.wechat_import import Plan
from bot.importing.wechat_rules import Body, Translated

MOST_LINES = 20  # of a section, without --all
REPLIES: Mapping[str, tuple[str, str]] = {
    "text": ("text", "texts"),
    "link": ("link", "links"),
    "picture": ("picture", "pictures"),
    "file": ("file", "files"),
}


def report(plan: Plan, translated: Translated, found: Findings, *, every: bool) -> str:
    """Describe what is written, what differs, and what merchants get from now on; only the first lines, or `every` one."""
    bodies = {one["id"]: one for one in translated.rules}
    sections = {
        "Added": [described(bodies[name], translated.names) for name in plan.added],
        "Changed": [described(bodies[name], translated.names) for name in plan.changed],
        "Differ from the folder's, which stay (--update replaces them)": plan.kept,
        "No longer in the account, but still in the folder": plan.absent,
        "Not carried over": translated.left_out,
        "Carried over, but not quite as there": translated.differs,
        "Collides": found.collides,
        "Never reached": found.never_reached,
        "Takes questions away from topics": found.swallows,
        "Answered differently so far": found.differently,
    }
    lines = [line for title, told in sections.items() for line in section(title, told, every=every)]
    same = [f"Unchanged: {plan.same}"] if plan.same else []
    return "\n".join([*same, *welcome(plan, translated), *lines])


def section(title: str, lines: Sequence[str], *, every: bool = True) -> Iterator[str]:
    if lines:
        yield f"{title}: {len(lines)}"
    shown = lines if every else lines[:MOST_LINES]
    yield from (f"  {line}" for line in shown)
    if len(shown) < len(lines):
        yield f"  … and {len(lines) - len(shown)} more; --all shows them"


def described(body: Body, names: Mapping[str, str]) -> str:
    """Describe a rule: its id, its name in the console, its keywords, and its replies."""
    words = ", ".join(
        f"{word}{'' if kind == 'equal' else ' (half)'}" for one in body["keywords"] for kind, word in one.items()
    )
    kinds = [next(iter(reply)) for reply in body["replies"]]
    counted = ", ".join(
        f"{count} {REPLIES[kind][count > 1]}" for kind in dict.fromkeys(kinds) for count in [kinds.count(kind)]
    )
    chance = ", one at random" if body["give"] == "random" and len(kinds) > 1 else ""
    return f"{body['id']}  {names[body['id']]}: {words} → {counted}{chance}"


def welcome(plan: Plan, translated: Translated) -> Iterator[str]:
    if plan.welcome:
        yield "The welcome: phrases.yaml, for all channels. Where keywords are numbers, it offers its topics without numbers."
    elif translated.welcome:
        yield "The welcome: phrases.yaml has it, or one of your own, which stays (--update replaces it)."
