"""Messages during a check: answers, corrections, orders and other questions; and result codes."""

from __future__ import annotations

from dataclasses import replace

from bot.model import CheckState, Outcome, Reply, Turn
from handlers.abilities import by_words, carry_out
from handlers.asked import Asked
from handlers.check.run import Run
from handlers.check.saying import opened
from handlers.check.statement import parse
from handlers.code import surely_code
from handlers.dialogue.heard import beside, edited_answer, heard
from handlers.dialogue.pressed import no_run, other_run, pressed
from handlers.edited import corrected_question
from handlers.offered import named


def check(asked: Asked) -> Turn | None:
    """Go on with the check in progress; None if there is none or the message is not for it."""
    state = asked.conversation.check
    says = asked.message.press or named(asked)
    said = parse(says) if says else None
    if state is None:
        return no_run(asked, said) if said else None
    if state.check not in asked.knowledge.library.checks:
        return check_removed(asked, state)
    run = Run.of(state, asked.knowledge.logic(state.check))
    if (question := corrected_question(asked)) and question in run.logic.index:
        return edited_answer(asked, run.with_state(parked=False), run.check.question(question))
    if said and (said.check, said.run) != (state.check, state.run):
        return other_run(asked, run)
    if said:
        return pressed(asked, run.with_state(parked=False), said)
    if says:
        return None if state.parked or says.startswith("check=") else beside(asked, run, carry_out(asked, says))
    if (turn := by_words(asked)) is not None:
        return beside(asked, run, turn)
    return heard(asked, run)


def check_removed(asked: Asked, state: CheckState) -> Turn:
    """Say that the current check was removed from the content, and answer the message without it."""
    cleared = replace(asked, conversation=asked.conversation.with_(check=None))
    gone = Reply(asked.say("check_vanished"))
    says = asked.message.press or named(asked)
    if says and parse(says):
        return cleared.turn(gone, outcome=Outcome("check", check=state.check))
    turn = asked.respond(cleared)
    return Turn((gone, *turn.replies), turn.outcome, turn.conversation, turn.keep)


def result_code(asked: Asked) -> Turn | None:
    """Open the result whose code the message holds, if it holds one."""
    if asked.opened is not None:
        return opened(asked, asked.opened)
    if asked.message.press is None and surely_code(asked.text):
        return asked.turn(Reply(asked.say("check_code_unknown")), outcome=Outcome("unknown"))
    return None
