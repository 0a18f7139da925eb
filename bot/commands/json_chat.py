"""Conversations over JSON lines, for scripts and tests: a message per input line, a turn per output line."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.assistant import Assistant
from bot.channels.markup import plain
from bot.channels.terminal import with_stored_data
from bot.channels.text import attachment_text
from bot.checks import BadAnswers, parse_answers
from bot.commands.decisions import NoSuchCheck, find_check
from bot.commands.json_reports import outcome_and_reply
from bot.model import LANGUAGES, Address, Conversation, Language, Message, Reply, Turn
from bot.store import Handled
from handlers import request_of
from handlers.check.run import Run
from handlers.check.start import begin_at

log = logging.getLogger(__name__)

KEYS = {"conversation", "text", "press", "check", "answers", "ask", "lang"}
SHAPES = (
    'a message is {"conversation": "1", "text": "…"}, a button {"conversation": "1", "press": "…"}, '
    'a check {"conversation": "1", "check": "…", "answers": {…}, "ask": "…"}'
)


class BadLine(ValueError):
    """An invalid line; the message says what would be valid."""


class Talks:
    """Any number of conversations by name; deterministic: the same lines give the same turns."""

    def __init__(self, assistant: Assistant, lang: Language | None = None) -> None:
        self.assistant, self.lang = assistant, lang
        self.sent: dict[str, int] = {}

    def lines(self, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield a result for each line, in order; {"error": …} for an invalid or failed one."""
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield self.answer(read(line))
            except BadLine as error:
                yield {"error": f"line {number}: {error}"}
            except Exception as error:  # continue with the next line
                log.exception("line %d failed", number)
                yield {"error": f"line {number}: this message failed: {error}"}

    def answer(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a line. Raises BadLine."""
        name = str(given["conversation"])
        message = self.message(name, given)
        turn = self.begun(message, given) if "check" in given else self.assistant.receive_now(message)
        replies = [
            replace(one, attachments=tuple(with_stored_data(each, self.assistant.store) for each in one.attachments))
            for one in turn.replies
        ]
        return {
            "conversation": given["conversation"],
            "text": message.text,
            **outcome_and_reply(turn, "\n\n".join(filter(None, map(words, replies)))),
            "buttons": [{"label": one.label, "says": one.says} for reply in replies for one in reply.buttons],
            **self.check_state(turn),
            "check_verdict": next((one.verdict for one in replies if one.verdict), None),
        }

    def message(self, name: str, given: Mapping[str, Any]) -> Message:
        number = self.sent[name] = self.sent.get(name, 0) + 1
        chance = hashlib.sha256(f"{name}\0{number}".encode("utf-8", "surrogatepass")).hexdigest()[:20]
        press: str | None = given.get("press")
        return Message(
            Address("json", name, name),
            given.get("text", ""),
            str(number),
            "press" if press is not None else "text",
            press,
            given.get("lang") or self.lang,
            chance,
        )

    def begun(self, message: Message, given: Mapping[str, Any]) -> Turn:
        """Begin a check with given answers, at a given question. Raises BadLine."""
        knowledge = self.assistant.knowledge
        try:
            logic = knowledge.logic(find_check(knowledge.library, given["check"]))
            answers = parse_answers(logic, given.get("answers", {}))
        except (NoSuchCheck, BadAnswers) as error:
            raise BadLine(str(error)) from error
        question = given.get("ask")
        if question is not None and question not in logic.index:
            raise BadLine(f'no question is called "{question}"; there are: {", ".join(logic.index)}')
        lang: Language = given.get("lang") or "en"
        asked = request_of(message, Conversation(lang), knowledge, self.assistant.today(), terms=self.assistant.terms)
        turn = begin_at(asked, given["check"], answers, question)
        if turn is None:
            raise BadLine(f'with these answers the question "{question}" is not asked')
        self.assistant.keep_at_once(Handled(message.address, conversation=turn.conversation))
        return turn

    def check_state(self, turn: Turn) -> dict[str, Any]:
        """Return the state of the running or just finished check."""
        state = turn.conversation.check
        if state is None or state.check not in self.assistant.knowledge.library.checks:
            return {"answers": {}, "asked": None, "pending": None}
        run = Run.of(state, self.assistant.knowledge.logic(state.check))
        asking = run.question.id if run.phase == "asking" and run.question and not state.parked else None
        waits = asking if state.doubt is not None else None
        return {
            "answers": {name: plain_json(value) for name, value in run.state.answers},
            "asked": asking,
            "pending": {"question": waits, "value": plain_json(state.doubt)} if waits else None,
        }


def read(line: str) -> Mapping[str, Any]:
    """Parse a line. Raises BadLine."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"this is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise BadLine(f"this is not a JSON object; {SHAPES}")
    if unknown := given.keys() - KEYS:
        raise BadLine(f'no key is called "{min(unknown)}"; {SHAPES}')
    if not isinstance(given.get("conversation"), str | int):
        raise BadLine(f'the key "conversation" is missing; {SHAPES}')
    if sum(key in given for key in ("text", "press", "check")) != 1:
        raise BadLine(f"one of text, press and check is needed; {SHAPES}")
    for key in ("text", "press", "check", "ask"):
        if key in given and not isinstance(given[key], str) and not (key == "ask" and given[key] is None):
            raise BadLine(f'"{key}" must be a text; {SHAPES}')
    if not isinstance(given.get("answers", {}), dict):
        raise BadLine(f'"answers" must be an object; {SHAPES}')
    if given.get("lang") not in (None, *LANGUAGES):
        raise BadLine(f'"lang" is one of: {", ".join(LANGUAGES)}')
    return given


def words(reply: Reply) -> str:
    """Return a reply as text, without its buttons."""
    return "\n\n".join(filter(None, (plain(reply.text), *map(attachment_text, reply.attachments))))


def plain_json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
