"""Taking and correcting answers in a check; going back and stopping."""

from __future__ import annotations

from bot.checks import Answer, Answers, Question, decide
from bot.model import Reply, Turn
from handlers.check.card import verdict_words
from handlers.check.run import Run
from handlers.check.statement import Statement
from handlers.check.voice import Voice
from handlers.request import ANSWERED, Request

NOTHING_TOLD = Answers()


def take(
    request: Request,
    run: Run,
    question: Question,
    answer: Answer | None,
    told: Answers = NOTHING_TOLD,
) -> Turn:
    """Take an answer, confirm it with the answers it replaced or dropped, and go on.

    `told` are further answers from the same message.
    """
    before = run.answer_to(question.id)
    corrected = question.id in run.answers and run.answer_to(question.id) != answer
    if told.given and answer is not None and not corrected:
        return take_all(request, run, told.with_(question.id, answer))
    ahead = run.question is not None and run.question.id != question.id
    then, dropped = run.with_answer(question.id, answer)
    voice = Voice(request, then)
    if question.id not in then.answers:
        voice.notes.append(request.say("check_not_needed", name=question.name[request.lang]))
        return voice.next()
    if answer is None:
        voice.notes.append(request.say("check_not_known", how=voice.words(question.how_to_find_out)))
    else:
        noted = "check_noted_next" if then.phase == "asking" and not ahead else "check_noted"
        name, said = question.name[request.lang], voice.answer(question, answer)
        phrase = "check_corrected" if corrected else noted
        voice.notes.append(request.say(phrase, name=name, answer=said, before=voice.answer(question, before)))
    voice.taken = (question.id,)
    dropped = tuple(other for other in dropped if other != question.id)
    if dropped:
        voice.notes.append(request.say("check_dropped", names=voice.names(dropped)))
    if corrected:
        voice.notes.append(verdict_change(request, run, then))
    if told.given:
        return take_all(request, then, told, *voice.notes)
    if run.state.result and then.ended:
        return voice.changed() if question.id in run.answers or is_moved(run, then) else voice.unmoved()
    return voice.next()


def is_moved(before: Run, after: Run) -> bool:
    """Return true if the verdict or its reasons differ."""
    was, now = (decide(run.logic, run.answers, go_on=run.state.go_on, with_changes=False) for run in (before, after))
    return (was.verdict, was.findings) != (now.verdict, now.findings)


def take_all(request: Request, run: Run, told: Answers, *notes: str) -> Turn:
    """Take the answers to several questions from one message, list them, and go on."""
    run, taken = with_answers(run, told)
    voice = Voice(request, run, *notes)
    voice.mention(taken)
    return voice.next()


def change_all(request: Request, run: Run, told: Answers) -> Turn:
    """Take several answers of which some correct earlier ones, list them, and say what becomes of the verdict."""
    then, taken = with_answers(run, told)
    voice = Voice(request, then)
    voice.mention(taken)
    voice.notes.append(verdict_change(request, run, then))
    return voice.changed() if run.state.result and then.ended else voice.next()


def with_answers(run: Run, told: Answers) -> tuple[Run, tuple[str, ...]]:
    """Return the run with the applicable answers, and their questions."""
    taken = []
    for question in run.logic.questions:
        if question.id in told.given and run.applies(question.id):
            run, _ = run.with_answer(question.id, told.given[question.id])
            taken.append(question.id)
    return run, tuple(name for name in taken if name in run.answers)


def verdict_change(request: Request, before: Run, after: Run) -> str:
    """Compare the verdicts before and after a correction; "" unless both exist and the check has several."""
    if not before.ended or not after.ended:
        return ""
    was, now = (
        verdict_words(
            request.knowledge,
            decide(run.logic, run.answers, go_on=run.state.go_on, with_changes=False),
            request.lang,
        )
        for run in (before, after)
    )
    if not now:
        return ""
    return request.say("check_verdict_stays" if was == now else "check_verdict_moves", before=was, now=now)


def toggle_option(request: Request, run: Run, question: Question, on: bool, value: str) -> Turn:
    """Tick or untick an option of a `choices` question."""
    if value not in [option.id for option in question.options]:
        return Voice(request, run, request.say("check_press_gone")).next()
    standing = run.question is not None and run.question.id == question.id
    given = run.answer_to(question.id)
    before = given if isinstance(given, frozenset) else frozenset[str]()
    if standing and run.state.chosen is not None:
        before = frozenset(run.state.chosen)
    chosen = before | {value} if on else before - {value}
    if not standing and question.id in run.answers:
        return take(request, run, question, chosen)
    ordered = tuple(option.id for option in question.options if option.id in chosen)
    return Voice(request, run.with_question(question.id).with_state(chosen=ordered)).ask()


def take_ticked(request: Request, run: Run, said: Statement) -> Turn:
    """Take the ticked options as the answer."""
    if run.question is None or run.question.id != said.question or run.question.kind != "choices":
        return Voice(request, run).next()
    return take(request, run, run.question, frozenset(run.state.chosen or ()))


def back(request: Request, run: Run, question: str | None = None) -> Turn:
    """Put the question before `question`, or before the current one."""
    if question in run.logic.index and run.applies(str(question)):
        run = run.with_question(question)
    before = run.before()
    if before is None:
        return Voice(request, run, request.say("check_first")).next()
    return Voice(request, run.with_question(before)).ask()


def stop(request: Request, run: Run) -> Turn:
    """Stop the check; while questions are open, the answers are kept, so that the merchant can resume."""
    outcome = ANSWERED
    if run.phase == "result" or not run.state.answers:
        phrase = "check_left_there" if run.state.answers else "check_stopped"
        return request.turn(
            Reply(request.say(phrase), (request.check_button(run.check.id),)), outcome=outcome, check=None
        )
    run = run.with_question(None).with_state(parked=True)
    voice = Voice(request, run)
    reply = Reply(request.say("check_parked"), (voice.review_on(run), voice.order("check_again", "again")))
    return request.turn(reply, outcome=outcome, check=run.state)


def after_finish(request: Request, run: Run) -> Turn:
    """Answer a late press on a finished check with its orders."""
    voice = Voice(request, run)
    buttons = (
        voice.order("check_change_answer", "review"),
        voice.order("check_show", "show"),
        voice.order("check_again", "again"),
    )
    return voice.turn(request.say("check_finished"), buttons)
