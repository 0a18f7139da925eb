"""Remarks, such as thanks, laughter and anger, are no questions: "who pays it back?" is no complaint."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.content.kinds import SmallTalk

FEW = 0.11  # share of questions among the phrasings of small talk that is a remark
ASKS = re.compile(
    r"^\W*(?:and |but |so |then )?(?:who|what(?! an?\b)|when|where|which|why|how|until when|can|could|do|does|did|is|are|will|would|should|may|must)\b"
    r"|[?？]\s*$|吗|[呢么]\W*$|什么(?![破垃玩鬼烂狗态])|谁|哪[些个里]|怎[么样]|多[少久长]|几[个天年]|会不会|能不能|是不是|有什么",
    re.IGNORECASE,
)
TO_THE_ASSISTANT = re.compile(
    r"\b(?:you|your|yours|u|bot|chat|here)\b|[你您妳]|机器人|这里|[？?]{2}|[!！]", re.IGNORECASE
)


def remarks(talks: Iterable[SmallTalk]) -> set[str]:
    """Return the ids of the small talk that is a remark."""
    each = ((talk.id, (*talk.phrasings.en, *talk.phrasings.zh)) for talk in talks)
    return {name for name, said in each if sum(map(asks, said)) <= FEW * len(said)}


def asks(text: str) -> bool:
    return bool(ASKS.search(text))


def asks_of_the_subject(text: str) -> bool:
    """Return true if a text has the form of a question, and speaks neither to nor of the assistant."""
    return asks(text) and not TO_THE_ASSISTANT.search(text)
