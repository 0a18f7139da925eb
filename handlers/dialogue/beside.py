"""Messages of another kind during a check: they are answered, and the check's question stands again below."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.checks.vocabulary import QUESTION_FORM
from bot.language.amounts import fold
from bot.model import Button, Turn
from bot.search.found import Found
from handlers.answer import answered
from handlers.by_topic import LIKELY, MORE, more_button, not_said
from handlers.check.run import Run
from handlers.check.voice import Voice
from handlers.check_request import requested_check
from handlers.keyword import keyword
from handlers.request import Request

GUESS = 0.3  # share of a message that a reading must explain to be preferred to another clear meaning

# Beginnings and ends of questions, in addition to QUESTION_FORM.
ASKS = re.compile(
    r"[?？]\s*$|^\W*(?:can|could|do|does|did|is|are|will|would|should|must)\b|^(?:问一下|请教)", re.IGNORECASE
)


def asking(request: Request) -> bool:
    """Return true if the text has the form of a question."""
    return bool(ASKS.search(request.text) or QUESTION_FORM.search(fold(request.text)))


def another_kind(request: Request, run: Run, *, asks: bool, sure: float) -> Turn | None:
    """Answer a keyword, small talk or a question beside the check; None if the text is none of these."""
    if request.knowledge.rule(request.text) is not None and (turn := keyword(request)) is not None:
        return other_check(request, run, str(turn.outcome.check)) if turn.outcome.check else beside(request, run, turn)
    name = requested_check(request)
    if name:
        return other_check(request, run, name)
    found = request.knowledge.finder.find(request.text, just_told(request, run))
    if found.answers:
        kind = found.answers[0].kind
        if kind == "check":
            return other_check(request, run, found.answers[0].name)
        # an "unknown" entry and a likely meaning need a question
        if asks or (sure < GUESS and kind != "unknown" and not found.tentative):
            return beside(request, run, answered(request, found))
    if found.choices and asks:
        return beside(request, run, likeliest(request, found))
    return None


def just_told(request: Request, run: Run) -> str | None:
    """Return the topic or part told last beside the check, if its question has stood since; else the question came in between."""
    last = request.conversation.last
    question = run.question
    return last[-1] if last and question is not None and run.state.passed == question.id else None


def likeliest(request: Request, found: Found) -> Turn:
    """Answer with the likeliest choice, or say that the source does not tell: a question stands already."""
    first, *others = found.choices
    if first.kind != "topic" or found.score < LIKELY:
        return not_said(request, found)
    return answered(request, replace(found, answers=(first,), choices=tuple(others), tentative=True))


def other_check(request: Request, run: Run, name: str) -> Turn:
    """Answer a request for a check: go on with this one, or ask before another one ends it."""
    if name == run.check.id:
        return Voice(request, run, request.say("check_already")).next()
    titles = request.knowledge.library.checks
    voice = Voice(request, run)
    text = request.say("check_another", other=titles[name].title[request.lang], this=run.check.title[request.lang])
    return voice.turn(text, (request.check_button(name), voice.review_on(run)))


ASKING_FIRST = ("forget=", "unsubscribe=")  # beginnings of statements that answer a question beside the check


def asks_first(turn: Turn) -> bool:
    buttons = turn.replies[-1].buttons if turn.replies else ()
    return bool(buttons) and all(button.says.startswith(ASKING_FIRST) for button in buttons)


def beside(request: Request, run: Run, turn: Turn) -> Turn:
    """Add the check's current question to a turn of another handler, unless that one asks something first."""
    if (
        turn.handoff
        or asks_first(turn)
        or run.state.parked
        or run.phase not in ("asking", "review")
        or turn.conversation.check != request.conversation.check
    ):
        return turn
    inside = replace(request, conversation=turn.conversation)
    voice = Voice(inside, run)
    question = run.question
    if question is not None and run.state.reminded == question.id:
        return with_button(turn, (voice.order("check_continue", "ask", question.id),))
    if question is not None and run.state.passed == question.id:
        following = Voice(inside, run.with_state(reminded=question.id)).remind()
    else:
        run = run.with_state(passed=question.id) if question is not None else run
        voice = Voice(inside, run)
        voice.notes.append(inside.say("check_back_to"))
        following = voice.next()
    if any(button.says.startswith(f"{MORE}=") for button in turn.replies[-1].buttons):
        following = with_button(following, more_button(inside, turn.conversation.rest))
    told = (replace(reply, buttons=()) for reply in turn.replies)
    return replace(turn, replies=(*told, *following.replies), conversation=following.conversation)


def with_button(turn: Turn, more: tuple[Button, ...]) -> Turn:
    """Add unnumbered buttons to the turn's last reply."""
    *before, last = turn.replies
    added = tuple(replace(button, numbered=False) for button in more)
    conversation = turn.conversation.with_(offered=(*turn.conversation.offered, *added))
    return replace(turn, replies=(*before, replace(last, buttons=(*last.buttons, *added))), conversation=conversation)
