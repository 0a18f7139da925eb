"""Taking and correcting answers in a check; going back and stopping."""

from __future__ import annotations

from bot.checks import Answer, Answers, Question, decide
from bot.checks.check import SHOWN
from bot.model import Reply, Turn
from handlers.asked import ANSWERED, Asked
from handlers.check.run import Run
from handlers.check.saying import Voice
from handlers.check.statement import Statement

NOTHING_TOLD = Answers()


def take(asked: Asked, run: Run, question: Question, answer: Answer | None, told: Answers = NOTHING_TOLD) -> Turn:
    """Take an answer, confirm it with the answers it replaced or dropped, and go on.

    `told` are further answers from the same message.
    """
    before = run.given(question.id)
    corrected = question.id in run.answers and run.given(question.id) != answer
    ahead = run.question is not None and run.question.id != question.id
    then, dropped = run.answered(question.id, answer)
    voice = Voice(asked, then)
    if question.id not in then.answers:
        voice.notes.append(asked.say("check_not_needed", name=question.name[asked.lang]))
        return voice.go()
    if answer is None:
        voice.notes.append(asked.say("check_not_known", how=voice.words(question.how_to_find_out)))
    else:
        noted = "check_noted_next" if then.phase == "asking" and not ahead else "check_noted"
        phrase = "check_corrected" if corrected else noted
        name, said = question.name[asked.lang], voice.answer(question, answer)
        voice.notes.append(asked.say(phrase, name=name, answer=said, before=voice.answer(question, before)))
    dropped = tuple(other for other in dropped if other != question.id)
    if dropped:
        voice.notes.append(asked.say("check_dropped", names=voice.names(dropped)))
    if corrected:
        voice.notes.append(compared(asked, run, then))
    if told.given:
        return take_all(asked, then, told, *voice.notes)
    return voice.go()


def take_all(asked: Asked, run: Run, told: Answers, *notes: str) -> Turn:
    """Take the answers to several questions from one message, list them, and go on."""
    run, noted = with_told(asked, run, told)
    return Voice(asked, run, *notes, asked.say("check_mentioned", answers=noted) if noted else "").go()


def with_told(asked: Asked, run: Run, told: Answers) -> tuple[Run, str]:
    """Return the run with the applicable answers, and these in words."""
    words = []
    for question in run.logic.questions:
        if question.id in told.given and run.applies(question.id):
            run, _ = run.answered(question.id, told.given[question.id])
            answer = Voice(asked, run).answer(question, told.given[question.id])
            words.append(asked.say("check_answer", name=question.name[asked.lang], answer=answer))
    return run, ("; " if asked.lang == "en" else "；").join(words)


def compared(asked: Asked, before: Run, after: Run) -> str:
    """Compare the verdicts before and after a correction; "" unless both exist and the check has several."""
    ended = ("refused", "result")
    only = sum(1 for verdict in SHOWN if before.check.verdicts[verdict]) == 1
    if only or before.phase not in ended or after.phase not in ended:
        return ""
    was, now = (
        asked.say(f"verdict_{decide(run.logic, run.answers, go_on=run.state.go_on, with_changes=False).verdict}")
        for run in (before, after)
    )
    return asked.say("check_verdict_stays" if was == now else "check_verdict_moves", before=was, now=now)


def ticked(asked: Asked, run: Run, question: Question, on: bool, value: str) -> Turn:
    """Tick or untick an option of a `choices` question."""
    if value not in [option.id for option in question.options]:
        return Voice(asked, run, asked.say("check_press_gone")).go()
    standing = run.question is not None and run.question.id == question.id
    given = run.given(question.id)
    before = given if isinstance(given, frozenset) else frozenset[str]()
    if standing and run.state.chosen is not None:
        before = frozenset(run.state.chosen)
    chosen = before | {value} if on else before - {value}
    if not standing and question.id in run.answers:
        return take(asked, run, question, chosen)
    ordered = tuple(option.id for option in question.options if option.id in chosen)
    return Voice(asked, run.asking(question.id).with_state(chosen=ordered)).ask()


def done(asked: Asked, run: Run, said: Statement) -> Turn:
    """Take the ticked options as the answer."""
    if run.question is None or run.question.id != said.question or run.question.kind != "choices":
        return Voice(asked, run).go()
    return take(asked, run, run.question, frozenset(run.state.chosen or ()))


def back(asked: Asked, run: Run, question: str | None = None) -> Turn:
    """Put the question before `question`, or before the current one."""
    if question in run.logic.index and run.applies(str(question)):
        run = run.asking(question)
    before = run.before()
    if before is None:
        return Voice(asked, run, asked.say("check_first")).go()
    return Voice(asked, run.asking(before)).ask()


def stop(asked: Asked, run: Run) -> Turn:
    """Stop the check; answers without a verdict are kept, so that the merchant can resume."""
    outcome = ANSWERED
    if run.phase in ("refused", "result") or not run.state.answers:
        phrase = "check_left_there" if run.state.answers else "check_stopped"
        return asked.turn(Reply(asked.say(phrase), (asked.check_button(run.check.id),)), outcome=outcome, check=None)
    run = run.asking(None).with_state(parked=True)
    voice = Voice(asked, run)
    reply = Reply(asked.say("check_parked"), (voice.review_on(run), voice.order("check_again", "again")))
    return asked.turn(reply, outcome=outcome, check=run.state)


def finished(asked: Asked, run: Run) -> Turn:
    """Answer a late press on a finished check with its orders."""
    voice = Voice(asked, run)
    buttons = (
        voice.order("check_change_answer", "review"),
        voice.order("check_show", "show"),
        voice.order("check_again", "again"),
    )
    return voice.turn(asked.say("check_finished"), buttons)
