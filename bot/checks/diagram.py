"""Flowcharts of a check for Mermaid and Graphviz: its questions, answers and verdicts."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np

from bot.checks.check import NUMBERS, SHOWN, VERDICTS, Verdict
from bot.checks.decision import Lead, class_limits, class_values
from bot.checks.proof import walk
from bot.checks.table import OVER, Logic
from bot.checks.wording import Render, lead_words
from bot.content.kinds import Text
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
    """A flowchart: questions and verdicts as (id, text), arrows as (start, end, label)."""

    questions: tuple[tuple[str, str], ...]
    ends: tuple[tuple[str, str], ...]
    arrows: tuple[tuple[str, str, str], ...]


def diagram(one: Logic, lang: Language, render: Render | None = None) -> str:
    """Draw a check as a Mermaid flowchart; `render` fills the figures into the questions."""
    drawn = picture(one, lang, render)
    lines = ["flowchart TD"]
    lines += [f'  {name}["{mermaid_text(words)}"]' for name, words in drawn.questions]
    lines += [f'  {name}(["{words}"])' for name, words in drawn.ends]
    for start, end, label in drawn.arrows:
        said = f'|"{mermaid_text(label)}"|' if label else ""
        lines.append(f"  {start} -->{said} {end}")
    return "\n".join(lines) + "\n"


def dot(one: Logic, lang: Language, render: Render | None = None) -> str:
    """Draw a check as a Graphviz digraph; `render` fills the figures into the questions."""
    drawn = picture(one, lang, render)
    lines = ["digraph {", '  node [shape=box, fontname="sans-serif"]', '  edge [fontname="sans-serif", fontsize=11]']
    lines += [f"  {name} [label={dot_string(words)}]" for name, words in drawn.questions]
    lines += [f"  {name} [label={dot_string(words)}, shape=box, style=rounded]" for name, words in drawn.ends]
    lines += [f"  {start} -> {end} [label={dot_string(label)}]" for start, end, label in drawn.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def picture(one: Logic, lang: Language, render: Render | None = None) -> Picture:
    """Walk the check, and merge the answers that lead from one question to the same next node."""
    asked, finals = walk(one)
    names = [f"q{number}" for number in range(len(one.questions))]
    following = OVER[finals] + len(names)  # each path's next node: a question or a verdict
    targets = [*names, *VERDICTS]
    edges: dict[tuple[int, int], list[int]] = {}
    for question in reversed(range(len(names))):
        here = np.broadcast_to(asked[question], following.shape)
        for place in range(one.classes[question].count):
            led = following.take(place, axis=question)[here.take(place, axis=question)]
            for target in np.unique(led).tolist():
                edges.setdefault((question, target), []).append(place)
        following = np.where(here, question, following)
    arrows = []
    for (question, target), places in sorted(edges.items(), key=lambda edge: (edge[0][0], edge[1], edge[0][1])):
        every = len(places) == one.classes[question].count
        arrows.append((names[question], targets[target], "" if every else label_of(one, question, places, lang)))
    shown = sorted({question for question, _ in edges})
    words = [one.questions[number].ask[lang] for number in shown]
    return Picture(
        tuple((names[n], render(ask, lang) if render else ask) for n, ask in zip(shown, words, strict=True)),
        tuple((verdict, NAMES[verdict][lang]) for verdict in SHOWN if any(targets[end] == verdict for _, end in edges)),
        tuple(arrows),
    )


def label_of(one: Logic, question: int, numbers: list[int], lang: Language) -> str:
    classes = one.classes[question]
    leads: list[Lead] = []
    for number in numbers:
        if classes.question.kind in NUMBERS:
            low, high = class_limits(classes, number)
            leads.append(Lead((), "eligible", low, high))
        else:
            leads += [Lead((values,), "eligible") for values in class_values(classes, number)]
    label = (" / " if lang == "en" else "／").join(lead_words(classes.question, lead, lang) for lead in leads)
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


def dot_string(words: str) -> str:
    """Quote a string for Graphviz, wrapped at a readable width."""
    width = DOT_WIDTH if words.isascii() else DOT_WIDTH // 2
    lines = textwrap.wrap(words, width) or [""]
    return '"' + "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'


def mermaid_text(words: str) -> str:
    return words.replace('"', "#quot;").replace("\n", " ").strip()
