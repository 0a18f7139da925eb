"""Messages during a check: answers, corrections, orders and other questions; and result codes."""

from __future__ import annotations

from dataclasses import replace

from bot.model import CheckState, Outcome, Reply, Turn
from handlers.abilities import by_words, carry_out
from handlers.check.run import Run
from handlers.check.statement import parse
from handlers.check.voice import stored_result
from handlers.choices import named_choice
from handlers.code import surely_code
from handlers.dialogue.beside import beside
from handlers.dialogue.corrections import edited_answer
from handlers.dialogue.free_text import heard
from handlers.dialogue.orders import ordered
from handlers.dialogue.presses import no_run, other_run, press_turn
from handlers.edits import corrected_question
from handlers.request import Request


def check(request: Request) -> Turn | None:
    """Go on with the check in progress; None if there is none or the message is not for it."""
    state = request.conversation.check
    if state is not None and request.text.isascii() and request.knowledge.finder.in_pinyin(request.text):
        request = replace(request, message=replace(request.message, text=request.knowledge.finder.typed(request.text)))
    says = request.message.press or named_choice(request)
    said = parse(says) if says else None
    if state is None:
        return no_run(request, said) if said else None
    if state.check not in request.knowledge.library.checks:
        return check_removed(request, state)
    run = Run.of(state, request.knowledge.logic(state.check))
    if (question := corrected_question(request)) and question in run.logic.index:
        return edited_answer(request, run.with_state(parked=False), run.check.question(question))
    if said and (said.check, said.run) != (state.check, state.run):
        return other_run(request, run)
    if said:
        return press_turn(request, run.with_state(parked=False), said)
    if says:
        return None if state.parked or says.startswith("check=") else beside(request, run, carry_out(request, says))
    if (turn := ordered(request, run)) is not None:
        return turn
    if (turn := by_words(request)) is not None:
        return beside(request, run, turn)
    return heard(request, run)


def check_removed(request: Request, state: CheckState) -> Turn:
    """Say that the current check was removed from the content, and answer the message without it."""
    cleared = replace(request, conversation=request.conversation.with_(check=None))
    gone = Reply(request.say("check_vanished"))
    says = request.message.press or named_choice(request)
    if says and parse(says):
        return cleared.turn(gone, outcome=Outcome("check", check=state.check))
    turn = request.respond(cleared)
    return Turn((gone, *turn.replies), turn.outcome, turn.conversation, turn.keep)


def result_code(request: Request) -> Turn | None:
    """Open the result whose code the message holds, if it holds one."""
    if request.opened is not None:
        return stored_result(request, request.opened)
    if request.message.press is None and surely_code(request.text):
        return request.tell("check_code_unknown", outcome=Outcome("unknown"))
    return None
