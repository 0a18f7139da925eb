"""The first turn of a check, with the answers already given; and the list of checks."""

from __future__ import annotations

from dataclasses import replace

from bot.checks import Answers
from bot.checks.words import mentions
from bot.model import Button, CheckState, Reply, Turn
from handlers.asked import ANSWERED, Asked
from handlers.check.run import Run
from handlers.check.saying import Voice
from handlers.check.statement import tag
from handlers.check.take import take_all, with_told
from handlers.offered import named

ABOUT_LEFT = 3  # fewest questions whose number is announced


def start(asked: Asked, check_id: str, score: float = 1.0) -> Turn:
    """Start a check, or resume it if it is under way."""
    state = asked.conversation.check
    if state is not None and state.check == check_id:
        run = Run.of(state, asked.knowledge.logic(check_id))
        if run.phase in ("asking", "review") and run.state.answers:
            note = asked.say("check_resumed" if state.parked else "check_already")
            return Voice(asked, run.with_state(parked=False), note, score=score).go()
    return begin(asked, check_id, score, before=state)


def begin(asked: Asked, check_id: str, score: float = 1.0, before: CheckState | None = None) -> Turn:
    """Begin a new run: its introduction, the answers that the message already gives, the first question."""
    logic = asked.knowledge.logic(check_id)
    run = Run(CheckState(check_id, tag(asked.message, check_id, before)), logic, Answers())
    said, before_it = mentioned(asked, run), told_before(asked, run)
    for name in said.given:
        before_it = before_it.without(name)
    asked = replace(asked, conversation=asked.conversation.with_(told=()))
    run, noted = with_told(asked, run, before_it)
    voice = Voice(asked, run)
    intro = voice.words(logic.check.intro)
    about = asked.say("check_about", left=run.left) if run.left >= ABOUT_LEFT else ""
    notes = [" ".join(part for part in (intro, about) if part) if asked.lang == "en" else intro + about]
    if before is not None and before.check != check_id and before.result is None and before.answers:
        old = asked.knowledge.library.checks.get(before.check)
        if old:
            notes.insert(0, asked.say("check_left", title=old.title[asked.lang]))
    if noted:
        notes.append(asked.say("check_told", answers=noted))
    return take_all(asked, run, said, *notes)


def begin_at(asked: Asked, check_id: str, answers: Answers, question: str | None) -> Turn | None:
    """Put a question of a new run with these answers; None if the question does not apply to them."""
    logic = asked.knowledge.logic(check_id)
    run = Run(CheckState(check_id, tag(asked.message, check_id, None)), logic, Answers())
    for one in logic.questions:
        if one.id in answers:
            run, _ = run.answered(one.id, answers.given.get(one.id))
    if question is not None and not run.applies(question):
        return None
    return Voice(asked, run.asking(question)).go()


def mentioned(asked: Asked, run: Run) -> Answers:
    """Return the answers contained in the message that starts the check."""
    if asked.message.press is not None or asked.text.startswith("/") or named(asked) is not None:
        return Answers()
    return mentions(run.logic, asked.text, asked.lang)


def told_before(asked: Asked, run: Run) -> Answers:
    """Return the answers contained in the merchant's earlier messages; later ones take precedence."""
    answers = Answers()
    for text in asked.conversation.told:
        for name, answer in mentions(run.logic, text, asked.lang).given.items():
            answers = answers.with_(name, answer)
    return answers


def list_checks(asked: Asked, name: str = "") -> Turn:
    """List the checks, or start the named one: /check, /check ID."""
    checks = asked.knowledge.library.checks
    if name in checks:
        return start(asked, name)
    buttons = tuple(Button(check.title[asked.lang], f"check={one}") for one, check in checks.items())
    text = asked.say("check_no_such", name=name[:60]) if name else asked.say("check_list")
    return asked.turn(Reply(text, buttons), outcome=ANSWERED)
