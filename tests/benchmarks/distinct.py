"""Messages that nobody has written before: questions by strangers, and the content's phrasings in the words of somebody else."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from bot.knowledge.library import load, phrasings_of
from bot.model import LANGUAGES, Language

STRANGERS = Path(__file__).parents[1] / "questions" / "strangers.jsonl"
FIRST, SECOND = 7, 11  # steps through the words, so that neighbours differ
# What merchants add to a question of their own case, before and after it.
BEFORE: dict[Language, tuple[str, ...]] = {
    "en": (
        "we sell garden lamps and my partner asked {}", "my sister in Yiwu wonders {}", "not sure who knows this, {}",
        "our accountant needs it for Friday: {}", "we are three people in Ningbo, {}", "for our second shop, {}",
        "the boss came back from a fair and asks {}", "I read two articles and still do not get it, {}",
    ),
    "zh": (
        "我们在义乌做小家电的，{}", "老板昨天开会问，{}", "我表弟也想做这个，{}", "刚接手同事的工作，{}",
        "我们厂里一共五个人，{}", "第二家店准备开了，{}", "财务那边急着要知道，{}", "看了两篇文章还是没弄懂，{}",
    ),
}  # fmt: skip
AFTER: dict[Language, tuple[str, ...]] = {
    "en": ("in our case", "these days", "for a small firm", "with so few staff", "before the holidays", "exactly",
           "if we start in autumn", "or is that only for others", "as a newcomer", "when it is busy", "roughly"),
    "zh": ("，像我们这种小厂", "，今年的情况", "，急用", "，对新手来说", "，旺季之前", "，大概说说就行", "，我们人手不多",
           "，秋天才开始做", "，别家好像不一样", "，具体一点", "，我记一下"),
}  # fmt: skip


def distinct() -> Iterator[str]:
    """Yield messages, always the same ones in the same order, no two alike; both languages and all subjects mixed."""
    asked = (json.loads(line)["text"] for line in STRANGERS.read_text(encoding="utf-8").splitlines())
    every = itertools.chain.from_iterable(itertools.zip_longest(asked, *(varied(lang) for lang in LANGUAGES)))
    seen: set[str] = set()
    for text in every:
        if text and text not in seen:
            seen.add(text)
            yield text


def varied(lang: Language) -> Iterator[str]:
    library, _ = load([])
    known = [phrasings[lang] for _, phrasings, _ in phrasings_of(library)]
    mixed = [text for row in itertools.zip_longest(*known) for text in row if text]  # one of each label after the other
    for number, text in enumerate(mixed):
        before, after = BEFORE[lang], AFTER[lang]
        way = number % 3
        if way != 0:
            text = f"{text}{' ' if lang == 'en' else ''}{after[number * SECOND // 3 % len(after)]}"
        if way != 1:
            text = before[number * FIRST // 3 % len(before)].format(text)
        yield text
