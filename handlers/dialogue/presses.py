"""Presses on a check's buttons, possibly late ones."""

from __future__ import annotations

from bot.checks import BadAnswer, parse_answer
from bot.checks.check import UNKNOWN
from bot.model import Outcome, Turn
from handlers.check.run import Run
from handlers.check.start import begin
from handlers.check.statement import Statement, read
from handlers.check.take import after_finish, back, stop, take, take_ticked, toggle_option
from handlers.check.voice import Voice
from handlers.request import Request


def press_turn(request: Request, run: Run, said: Statement) -> Turn:
    """Carry out the statement of a button of this run."""
    if said.order is None:
        return answer_pressed(request, run, said)
    if run.phase == "result" and said.order in ("back", "why", "done"):
        return after_finish(request, run)
    return order_pressed(request, run, said)


def order_pressed(request: Request, run: Run, said: Statement) -> Turn:
    voice = Voice(request, run)
    match said.order:
        case "ask" if said.question in run.logic.index and run.applies(str(said.question)):
            return Voice(request, run.with_question(said.question)).ask()
        case "done":
            return take_ticked(request, run, said)
        case "back":
            return back(request, run, said.question)
        case "why" if run.question is not None:
            return voice.explain()
        case "where":
            return voice.status()
        case "review" if run.state.answers:
            return voice.review()
        case "show" if run.ended or run.phase == "review":
            return Voice(request, run.with_question(None).with_state(looked_over=True)).next()
        case "go_on":
            return Voice(request, run.with_state(go_on=True)).next()
        case "again":
            return renew(request, run)
        case "anew":
            return again(request, run)
        case "stop":
            return stop(request, run)
    return voice.next()


def answer_pressed(request: Request, run: Run, said: Statement) -> Turn:
    """Take or correct the answer of a button."""
    name, value = str(said.question), str(said.value)
    if name not in run.logic.index or not run.applies(name):
        return Voice(request, run, request.say("check_press_gone")).next()
    if run.phase == "result":
        return after_finish(request, run)
    question = run.check.question(name)
    if question.kind == "choices" and value[:1] in ("+", "-"):
        return toggle_option(request, run, question, value[0] == "+", value[1:])
    taken = None if value == UNKNOWN else parse_answer(run.logic, name, read(question, value))
    if isinstance(taken, BadAnswer):
        return Voice(request, run, request.say("check_press_gone")).next()
    return take(request, run, question, taken)


def renew(request: Request, run: Run) -> Turn:
    """Ask whether to restart the check; without answers, restart it at once."""
    return Voice(request, run).renew() if run.state.answers else again(request, run)


def again(request: Request, run: Run) -> Turn:
    """Restart the check without its answers."""
    return begin(request, run.check.id, before=run.state)


def other_run(request: Request, run: Run) -> Turn:
    """Answer a press on another run's button, and go on with this run."""
    voice = Voice(request, run, request.say("check_other_run"))
    return voice.next() if run.phase in ("asking", "review") else after_finish(request, run)


def no_run(request: Request, said: Statement) -> Turn:
    """Answer a press on a check's button while no check is under way."""
    buttons = (request.check_button(said.check),) if said.check in request.knowledge.library.checks else ()
    return request.tell("check_no_run", *buttons, outcome=Outcome("unknown"))
