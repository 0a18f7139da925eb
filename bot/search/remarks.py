"""Remarks, such as thanks, laughter and anger, are no questions: "who pays it back?" is no complaint."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.content.kinds import SmallTalk
from bot.language.asking import asks

FEW = 0.11  # share of questions among the phrasings of small talk that is a remark
TO_THE_ASSISTANT = re.compile(
    r"\b(?:you|your|yours|u|bot|chat|here)\b|[你您妳]|机器人|这里|[？?]{2}|[!！]", re.IGNORECASE
)


def remarks(talks: Iterable[SmallTalk]) -> set[str]:
    """Return the ids of the small talk that is a remark."""
    each = ((talk.id, (*talk.phrasings.en, *talk.phrasings.zh)) for talk in talks)
    return {name for name, said in each if sum(map(asks, said)) <= FEW * len(said)}


def asks_of_the_subject(text: str) -> bool:
    """Return true if a text has the form of a question, and speaks neither to nor of the assistant."""
    return asks(text) and not TO_THE_ASSISTANT.search(text)
