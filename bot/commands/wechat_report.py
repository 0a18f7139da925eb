"""The report on an import of auto-replies, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.commands.wechat_findings import Findings
from bot.commands.wechat_import import Plan
from bot.commands.wechat_rules import Body, Translated

REPLIES: Mapping[str, tuple[str, str]] = {
    "text": ("text", "texts"),
    "link": ("link", "links"),
    "picture": ("picture", "pictures"),
    "file": ("file", "files"),
}


def report(plan: Plan, translated: Translated, found: Findings) -> str:
    """Describe what is written, what differs, and what merchants get from now on."""
    bodies = {one["id"]: one for one in translated.rules}
    lines = [
        *section("Added", [described(bodies[name], translated.names) for name in plan.added]),
        *section("Changed", [described(bodies[name], translated.names) for name in plan.changed]),
        *section("Differ from the folder's, which stay (--update replaces them)", plan.kept),
        *([f"Unchanged: {plan.same}"] if plan.same else []),
        *section("No longer in the account, but still in the folder", plan.absent),
        *welcome(plan, translated),
        *section("Not carried over", translated.left_out),
        *section("Carried over, but not quite as there", translated.differs),
        *section("Collides", found.collides),
        *section("Never reached", found.never_reached),
        *section("Takes questions away from topics", found.swallows),
        *section("Answered differently so far", found.differently),
    ]
    return "\n".join(lines)


def section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{title}: {len(lines)}"
    yield from (f"  {line}" for line in lines)


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
