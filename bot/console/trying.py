"""The program of a trial's process: answers requests, a line of JSON each, from the draft and the content in use."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bot.assistant import Assistant
from bot.channels.text import as_text
from bot.content.folder import Unreadable
from bot.content.said import Said
from bot.knowledge.knowledge import BadContent, Knowledge
from bot.language.detect import language_of
from bot.model import LANGUAGES, Address, Language, Message, Turn
from bot.store import MemoryStore

MOST_TOLD = 200


class Trying:
    def __init__(self, folders: Sequence[Path], draft: Path, *, only: bool) -> None:
        self.folders, self.draft, self.only = list(folders), draft, only
        self.assistant: Assistant | None = None

    def answer(self, request: dict[str, Any]) -> Any:
        if "compare" in request:
            return self.compare(request["compare"], request["examples"])
        return self.say(request["say"], request["conversation"], request["lang"], request["press"])

    def learned(self) -> Assistant:
        """Return the draft's assistant. Raises BadContent, Unreadable."""
        if self.assistant is None:
            knowledge = Knowledge.open([*self.folders[:-1], self.draft], only=self.only)
            self.assistant = Assistant(knowledge, MemoryStore())
        return self.assistant

    def compare(self, questions: list[str], examples: list[dict[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {"mistakes": {}, "asked": len(questions), "changes": [], "failed": [], "version": ""}
        try:
            draft = self.learned()
        except BadContent as error:
            return made | {"mistakes": {lang: [one.words(lang) for one in error.mistakes] for lang in LANGUAGES}}
        except Unreadable as error:
            return made | {"mistakes": {lang: [words(error.said, lang)] for lang in LANGUAGES}}
        after = labels(draft, questions)
        wanted = [(one, label_of(draft, one["text"])) for one in examples]
        made["failed"] = [
            (one["text"], ", ".join(one["topics"]), label)
            for one, label in wanted
            if label not in one["topics"] and (one["topics"] or label not in ("clarify", "unknown"))
        ]
        try:
            before = labels(Assistant(Knowledge.open(self.folders, only=self.only), MemoryStore()), questions)
        except (BadContent, Unreadable):
            before = after  # nothing to compare with
        changes = [(text, before[text], after[text]) for text in after if before[text] != after[text]]
        return made | {"changes": changes[:MOST_TOLD], "version": draft.knowledge.version}

    def say(self, text: str, conversation: str, lang: str, press: str | None) -> list[str]:
        try:
            assistant = self.learned()
        except (BadContent, Unreadable) as error:
            return [str(error)]
        hint: Language = "zh" if lang == "zh" else "en"
        turn = assistant.receive_now(
            Message(Address("trial", conversation, conversation), text, press=press, hint=hint)
        )
        return [as_text(reply) for reply in turn.replies]


def words(said: Said, lang: Any) -> str:
    return said.words(lang)


def labels(assistant: Assistant, questions: Iterable[str]) -> dict[str, str]:
    return {text: label_of(assistant, text) for text in questions}


def label_of(assistant: Assistant, text: str) -> str:
    """Return how a question alone is answered: the topic or check, or "clarify" or "unknown"."""
    lang = language_of(text, None) or "en"
    assistant.store = MemoryStore()
    return label(assistant.receive_now(Message(Address("trial", "", ""), text, hint=lang)))


def label(turn: Turn) -> str:
    outcome = turn.outcome
    return (outcome.topics[0] if outcome.topics else "") or outcome.check or outcome.known_unknown or outcome.kind


def main() -> None:
    """Answer each line on standard input with one on standard output, until it ends."""
    kind, draft, *folders = sys.argv[1:]
    trying = Trying([Path(folder) for folder in folders], Path(draft), only=kind == "only")
    answers, sys.stdout = sys.stdout, sys.stderr  # nothing else may speak there
    for line in sys.stdin:
        answers.write(json.dumps(trying.answer(json.loads(line)), ensure_ascii=True) + "\n")
        answers.flush()
