"""The program of a trial's process: answers requests, a line of JSON each, from the draft and the content in use."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from bot.assistant import Assistant
from bot.channels.text import as_text
from bot.console.edits import Edit, file_of
from bot.content.folder import Unreadable
from bot.knowledge.knowledge import BadContent, Knowledge
from bot.knowledge.library import load, place_of
from bot.knowledge.lint import check
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
            return self.compare(request["compare"], request["examples"], request["before"])
        if "lint" in request:
            return self.lint(request["lint"], request["text"])
        return self.replies(request["say"], request["conversation"], request["lang"], request["press"])

    def learned(self) -> Assistant:
        """Return the draft's assistant. Raises BadContent, Unreadable."""
        if self.assistant is None:
            knowledge = Knowledge.open([*self.folders[:-1], self.draft], only=self.only)
            self.assistant = Assistant(knowledge, MemoryStore())
        return self.assistant

    def compare(self, questions: list[str], examples: list[dict[str, Any]], before: dict[str, str]) -> dict[str, Any]:
        """Answer questions by the draft and by the content in use; `before` has what that is known to answer."""
        made: dict[str, Any] = {
            "mistakes": {},
            "asked": len(questions),
            "changes": [],
            "failed": [],
            "version": "",
            "before": {},
        }
        try:
            draft = self.learned()
        except BadContent as error:
            return made | {"mistakes": {lang: [one.words(lang) for one in error.mistakes] for lang in LANGUAGES}}
        except Unreadable as error:
            return made | {"mistakes": {lang: [error.said.words(lang)] for lang in LANGUAGES}}
        after = labels(draft, questions)
        wanted = [(one, label_of(draft, one["text"])) for one in examples]
        made["failed"] = [
            (one["text"], ", ".join(one["topics"]), label)
            for one, label in wanted
            if label not in one["topics"] and (one["topics"] or label not in ("clarify", "unknown"))
        ]
        if missing := [text for text in questions if text not in before]:
            try:
                before |= labels(Assistant(Knowledge.open(self.folders, only=self.only), MemoryStore()), missing)
            except (BadContent, Unreadable):
                before = after  # nothing to compare with
        changes = [(text, before[text], after[text]) for text in after if before[text] != after[text]]
        known = {text: before[text] for text in questions}
        return made | {"changes": changes[:MOST_TOLD], "version": draft.knowledge.version, "before": known}

    def lint(self, place: str, text: str | None) -> list[dict[str, Any]]:
        """Return the mistakes and notes in a file of the draft, or in another text for it."""
        with tempfile.TemporaryDirectory(dir=self.draft.parent) as room:
            folder = self.draft
            if text is not None:
                folder = Path(room) / self.draft.name
                shutil.copytree(self.draft, folder, copy_function=os.link)
                names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml")]
                path = folder / file_of(Edit("text", place), names)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)
                path.write_text(text, "utf-8")
            try:
                library, mistakes = load([*self.folders[:-1], folder], only=self.only)
            except Unreadable as error:
                words = {lang: error.said.words(lang) for lang in LANGUAGES}
                return [{"line": 0, "path": [], "words": words, "note": False}]
            # Of a file that could not be read at all, the rest of lint would only repeat it.
            found = sorted({*mistakes, *(() if place in library.unread else check(library))})
        return [
            {
                "line": one.line,
                "path": [str(step) for step in one.path],
                "words": {lang: one.words(lang).split(": ", 1)[-1] for lang in LANGUAGES},
                "note": one.warning,
            }
            for one in found
            if place_of(PurePosixPath(*PurePosixPath(one.file).parts[1:])) == place
        ][:MOST_TOLD]

    def replies(self, text: str, conversation: str, lang: str, press: str | None) -> list[str]:
        try:
            assistant = self.learned()
        except (BadContent, Unreadable) as error:
            return [str(error)]
        hint: Language = "zh" if lang == "zh" else "en"
        turn = assistant.receive_now(
            Message(Address("trial", conversation, conversation), text, press=press, hint=hint)
        )
        return [as_text(reply) for reply in turn.replies]


def labels(assistant: Assistant, questions: Iterable[str]) -> dict[str, str]:
    return {text: label_of(assistant, text) for text in questions}


def label_of(assistant: Assistant, text: str) -> str:
    """Return the answer to a single question: the topic or check, or "clarify" or "unknown"."""
    lang = language_of(text, None) or "en"
    assistant.store = MemoryStore()
    return label(assistant.receive_now(Message(Address("trial", "", ""), text, hint=lang)))


def label(turn: Turn) -> str:
    outcome = turn.outcome
    return (outcome.topics[0] if outcome.topics else "") or outcome.check or outcome.known_unknown or outcome.kind


def main() -> None:
    """Answer each line on standard input with one on standard output, until it ends."""
    nicer, kind, draft, *folders = sys.argv[1:]
    with suppress(AttributeError):  # not on Windows
        os.nice(int(nicer))
    trying = Trying([Path(folder) for folder in folders], Path(draft), only=kind == "only")
    answers, sys.stdout = sys.stdout, sys.stderr  # nothing else may speak there
    for line in sys.stdin:
        answers.write(json.dumps(trying.answer(json.loads(line)), ensure_ascii=True) + "\n")
        answers.flush()
