"""The report on an import of auto-replies, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.content.said import Notice, said
from bot.importing.wechat_findings import Findings
from bot.importing.wechat_import import Plan
from bot.importing.wechat_rules import Body, Translated

MOST_LINES = 20  # of a section, without --all
REPLIES: Mapping[str, tuple[str, str]] = {
    "text": ("key-text", "key-texts"),
    "link": ("key-link", "key-links"),
    "picture": ("kind-picture", "key-pictures"),
    "file": ("key-file", "key-files"),
}


def sections(plan: Plan, translated: Translated, found: Findings) -> dict[str, Sequence[Notice | str]]:
    """Return the sections of the report by the code of their heading: rules written, differences, changed answers."""
    bodies = {one["id"]: one for one in translated.rules}
    return {
        "report-added": [described(bodies[name], translated.names) for name in plan.added],
        "report-changed": [described(bodies[name], translated.names) for name in plan.changed],
        "report-kept": plan.kept,
        "report-absent": plan.absent,
        "report-left-out": translated.left_out,
        "report-differs": translated.differs,
        "report-collides": found.collides,
        "report-never-reached": found.never_reached,
        "report-swallows": found.swallows,
        "report-differently": found.differently,
    }


def report(plan: Plan, translated: Translated, found: Findings, *, every: bool) -> str:
    """Describe an import; only the first lines, or `every` one."""
    told = sections(plan, translated, found).items()
    lines = [line for code, some in told for line in section(str(Notice(code)), some, every=every)]
    same = [f"Unchanged: {plan.same}"] if plan.same else []
    return "\n".join([*same, *map(str, welcome(plan, translated)), *lines])


def section(title: str, lines: Sequence[Notice | str], *, every: bool = True) -> Iterator[str]:
    if lines:
        yield f"{title}: {len(lines)}"
    shown = lines if every else lines[:MOST_LINES]
    yield from (f"  {line}" for line in shown)
    if len(shown) < len(lines):
        yield f"  … and {len(lines) - len(shown)} more; --all shows them"


def described(body: Body, names: Mapping[str, str]) -> Notice:
    """Describe a rule: its id, its name in the console, its keywords, and its replies."""
    words = tuple(
        word if kind == "equal" else said("half-word", word=word)
        for one in body["keywords"]
        for kind, word in one.items()
    )
    kinds = [next(iter(reply)) for reply in body["replies"]]
    counted = tuple(
        said("counted-kind", count=kinds.count(kind), kind=said(REPLIES[kind][kinds.count(kind) > 1]))
        for kind in dict.fromkeys(kinds)
    )
    chance = body["give"] == "random" and len(kinds) > 1
    return said(
        "rule-by-chance" if chance else "rule-gives",
        id=body["id"], name=names[body["id"]], words=words, replies=counted,
    )  # fmt: skip


def welcome(plan: Plan, translated: Translated) -> Iterator[Notice]:
    if plan.welcome:
        yield said("welcome-written")
    elif translated.welcome:
        yield said("welcome-stays")
