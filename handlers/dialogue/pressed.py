"""Presses on a check's buttons, possibly late ones."""

from __future__ import annotations

from bot.checks import BadAnswer, parse_answer
from bot.checks.check import UNKNOWN
from bot.model import Outcome, Reply, Turn
from handlers.asked import Asked
from handlers.check.run import Run
from handlers.check.saying import Voice
from handlers.check.start import begin
from handlers.check.statement import Statement, read
from handlers.check.take import back, done, finished, stop, take, ticked


def pressed(asked: Asked, run: Run, said: Statement) -> Turn:
    """Carry out the statement of a button of this run."""
    if said.order is None:
        return answer_pressed(asked, run, said)
    if run.phase == "result" and said.order in ("back", "why", "done"):
        return finished(asked, run)
    return order_pressed(asked, run, said)


def order_pressed(asked: Asked, run: Run, said: Statement) -> Turn:
    voice = Voice(asked, run)
    match said.order:
        case "ask" if said.question in run.logic.index and run.applies(str(said.question)):
            return Voice(asked, run.asking(said.question)).ask()
        case "done":
            return done(asked, run, said)
        case "back":
            return back(asked, run, said.question)
        case "why" if run.question is not None:
            return voice.why()
        case "where":
            return voice.where()
        case "review" if run.state.answers:
            return voice.review()
        case "show" if run.phase in ("review", "result"):
            return Voice(asked, run.with_state(looked_over=True)).go()
        case "go_on":
            return Voice(asked, run.with_state(go_on=True)).go()
        case "again":
            return again(asked, run)
        case "stop":
            return stop(asked, run)
    return voice.go()


def answer_pressed(asked: Asked, run: Run, said: Statement) -> Turn:
    """Take or correct the answer of a button."""
    name, value = str(said.question), str(said.value)
    if name not in run.logic.index or not run.applies(name):
        return Voice(asked, run, asked.say("check_press_gone")).go()
    if run.phase == "result":
        return finished(asked, run)
    question = run.check.question(name)
    if question.kind == "choices" and value[:1] in ("+", "-"):
        return ticked(asked, run, question, value[0] == "+", value[1:])
    taken = None if value == UNKNOWN else parse_answer(run.logic, name, read(question, value))
    if isinstance(taken, BadAnswer):
        return Voice(asked, run, asked.say("check_press_gone")).go()
    return take(asked, run, question, taken)


def again(asked: Asked, run: Run) -> Turn:
    """Restart the check without its answers."""
    return begin(asked, run.check.id, before=run.state)


def other_run(asked: Asked, run: Run) -> Turn:
    """Answer a press on another run's button, and go on with this run."""
    voice = Voice(asked, run, asked.say("check_other_run"))
    return voice.go() if run.phase in ("asking", "review") else finished(asked, run)


def no_run(asked: Asked, said: Statement) -> Turn:
    """Answer a press on a check's button while no check is under way."""
    buttons = (asked.check_button(said.check),) if said.check in asked.knowledge.library.checks else ()
    return asked.turn(Reply(asked.say("check_no_run"), buttons), outcome=Outcome("unknown"))
