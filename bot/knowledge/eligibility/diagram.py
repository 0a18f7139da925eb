"""A picture of a check as Mermaid text: the questions, where their answers lead, and the verdicts at the ends."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from itertools import pairwise

from bot.knowledge.content import Text
from bot.knowledge.eligibility.check import NUMBERS, SHOWN, Verdict
from bot.knowledge.eligibility.decision import Lead, ends, smallest
from bot.knowledge.eligibility.logic import Logic
from bot.knowledge.eligibility.proof import TooLarge, walk
from bot.knowledge.eligibility.wording import Render, lead_words
from bot.model import Language

NAMES: dict[Verdict, Text] = {
    "eligible": Text(en="Yes", zh="符合"),
    "conditional": Text(en="Yes, with things to do", zh="有条件"),
    "not_eligible": Text(en="No", zh="不符合"),
    "ask": Text(en="A consultant must say", zh="需咨询"),
}
LONGEST_LABEL = 80
DOT_WIDTH = 36


@dataclass(frozen=True)
class Picture:
    """What is drawn: boxes of questions and round ends by their ids, and arrows with their labels ("" for none)."""

    questions: tuple[tuple[str, str], ...]
    ends: tuple[tuple[str, str], ...]
    arrows: tuple[tuple[str, str, str], ...]


def diagram(one: Logic, lang: Language, render: Render | None = None) -> str:
    """The check as a Mermaid flowchart; `render` fills the figures into the questions.

    A check too large to be walked shows its questions in order only.
    """
    drawn = picture(one, lang, render)
    lines = ["flowchart TD"]
    lines += [f'  {name}["{quoted(words)}"]' for name, words in drawn.questions]
    lines += [f'  {name}(["{words}"])' for name, words in drawn.ends]
    for start, end, label in drawn.arrows:
        said = f'|"{quoted(label)}"|' if label else ""
        lines.append(f"  {start} -->{said} {end}")
    return "\n".join(lines) + "\n"


def dot(one: Logic, lang: Language, render: Render | None = None) -> str:
    """The same for Graphviz."""
    drawn = picture(one, lang, render)
    lines = ["digraph {", '  node [shape=box, fontname="sans-serif"]', '  edge [fontname="sans-serif", fontsize=11]']
    lines += [f"  {name} [label={escaped(words)}]" for name, words in drawn.questions]
    lines += [f"  {name} [label={escaped(words)}, shape=box, style=rounded]" for name, words in drawn.ends]
    lines += [f"  {start} -> {end} [label={escaped(label)}]" for start, end, label in drawn.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def picture(one: Logic, lang: Language, render: Render | None = None) -> Picture:
    """Walk the check and put together what leads from one question to the same next one."""
    asked = [render(question.ask[lang], lang) if render else question.ask[lang] for question in one.questions]
    try:
        whole = walk(one)
    except TooLarge:
        names = [(f"q{number}", words) for number, words in enumerate(asked)]
        return Picture(tuple(names), (), tuple((a, b, "") for (a, _), (b, _) in pairwise(names)))
    edges: dict[tuple[int, str], list[int]] = {}
    reached: set[Verdict] = set()
    for question, leads in zip(whole.asks, whole.leads, strict=True):
        if question is None:
            continue
        for number, place in enumerate(leads):
            following = whole.asks[place]
            if following is None:
                end = whole.states[place].verdict()[0]
                reached.add(end)
            target = end if following is None else f"q{following}"
            numbers = edges.setdefault((question, target), [])
            if number not in numbers:
                numbers.append(number)
    arrows = []
    for (question, target), numbers in sorted(edges.items(), key=lambda edge: (edge[0][0], edge[1])):
        every = len(numbers) == one.classes[question].count
        arrows.append((f"q{question}", target, "" if every else label_of(one, question, sorted(numbers), lang)))
    shown = sorted({question for question, _ in edges})
    return Picture(
        tuple((f"q{number}", asked[number]) for number in shown),
        tuple((verdict, NAMES[verdict][lang]) for verdict in SHOWN if verdict in reached),
        tuple(arrows),
    )


def label_of(one: Logic, question: int, numbers: list[int], lang: Language) -> str:
    classes = one.classes[question]
    leads: list[Lead] = []
    for number in numbers:
        if classes.question.kind in NUMBERS:
            low, high = ends(classes, number)
            leads.append(Lead((), "eligible", low, high))
        else:
            leads += [Lead((values,), "eligible") for values in smallest(classes, number)]
    label = (" / " if lang == "en" else "／").join(lead_words(classes.question, lead, lang) for lead in leads)
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


def escaped(words: str) -> str:
    """A quoted string of Graphviz, broken into lines of a readable width."""
    width = DOT_WIDTH if words.isascii() else DOT_WIDTH // 2
    lines = textwrap.wrap(words, width) or [""]
    return '"' + "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'


def quoted(words: str) -> str:
    return words.replace('"', "#quot;").replace("\n", " ").strip()
