"""Corrections and suppositions: another answer to a question answered before, before the result and after it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.checks import Answer, BadAnswer, Question, parse_answer
from bot.checks.check import NUMBERS
from bot.checks.free_text import (
    Reading,
    is_addition,
    is_plain_supposition,
    read_answer,
    read_supposition,
    without_back_reference,
)
from bot.checks.moving import (
    SURE,
    fitting,
    is_bare_number,
    is_valid,
    taken_out,
    without_cues,
    without_supposing,
)
from bot.language.amounts import amounts, currencies, fold
from bot.model import Language, Turn
from handlers.check.run import Run, answer_value
from handlers.check.take import take
from handlers.check.voice import Voice
from handlers.dialogue.reading import read, refused
from handlers.request import Request

LONGEST_CURRENCY = 40  # characters of "no, I meant yuan"
FARTHEST = 100  # times that a corrected number is larger or smaller than the one before
LEAST_ROUND, LEAST_SCALED = 1000, 1000  # "fifty" instead of 15,000 is likely 50,000


def answered_last(run: Run) -> list[str]:
    """Return the answered questions, the last one first."""
    return [name for name, _ in reversed(run.state.answers)]


def mended(request: Request, run: Run, *, firmly: bool) -> Turn | None:
    """Handle a text that takes an earlier answer back: "typo, 1100", "oh sorry, 6", "no tax return, sorry".

    `firmly`: only if its words or its form say so clearly, since it may answer the current question.
    """
    said = without_cues(request.text)
    current = run.question
    if (turn := reduced(request, run, said.cue is not None)) is not None:
        return turn
    if said.cue is None or not said.rest:
        return None
    before = [name for name in answered_last(run) if current is None or name != current.id]
    if current is not None and run.state.doubt is not None:
        before.insert(0, current.id)  # "no, 800": another value for the one in doubt
    if firmly and said.cue == "weak" and not is_bare_number(said.rest):
        return None
    fit = fitting(run.logic, before, said.rest, request.lang)
    if fit is None:
        return None
    question, reading = fit
    if firmly and said.cue == "weak" and question.kind not in NUMBERS:
        return None
    if (
        current is not None
        and question.id != current.id
        and answers_rather(run, current, question, reading, said.rest, request.lang)
    ):
        return None
    return corrected(request, run, question, reading)


def answers_rather(
    run: Run, current: Question, question: Question, reading: Reading, text: str, lang: Language
) -> bool:
    """Return true if a number is far from the answer that it would correct, and fits the current question."""
    if current.kind not in NUMBERS or not is_far(run.answer_to(question.id), reading.answer):
        return False
    other = read_answer(run.logic, current, text, lang)
    return other is not None and is_valid(run.logic, current, other)


def is_far(before: Answer | None, now: Answer | None) -> bool:
    """Return true for a number too large or too small to correct the other one."""
    if not isinstance(now, Decimal):
        return False
    least, most = sorted((now, before if isinstance(before, Decimal) else Decimal(1)))
    return most > FARTHEST * max(least, Decimal(1))


def reduced(request: Request, run: Run, cued: bool) -> Turn | None:
    """Take values out of an answer of several: "forget the brand, it isn't strong"."""
    for name in answered_last(run):
        question, before = run.check.question(name), run.answer_to(name)
        if not isinstance(before, frozenset) or (run.question is not None and run.question.id == name):
            continue
        out = taken_out(run.logic, question, request.text, request.lang)
        if out & before:
            return take(request, run, question, before - out)
        if out and cued:
            answer = Voice(request, run).answer(question, before)
            note = request.say("check_unchanged", name=question.name[request.lang], answer=answer)
            return Voice(request, run, note).stands() if run.state.result else Voice(request, run, note).next()
    return None


def supposed(request: Request, run: Run, *, fresh: bool = False) -> Turn | None:
    """Handle "what if I put 50000 instead?": show what another answer to an answered question changes.

    `fresh`: the result was just shown, so that an answer to any of its questions is meant.
    """
    found = supposition(request, run, fresh=fresh)
    if found is None:
        return None
    question, reading = found
    scaled = scaled_like(run.answer_to(question.id), reading.answer) if question.currency else None
    if scaled is not None and not currencies(fold(request.text)):
        said = next(amount.word for amount in amounts(fold(request.text)))
        return Voice(request, run).confirm(question, scaled, said)
    return corrected(request, run, question, reading)


def supposition(request: Request, run: Run, *, fresh: bool) -> tuple[Question, Reading] | None:
    """Return the question of which another answer is supposed, and that answer."""
    if run.ended and (fresh or is_plain_supposition(request.text)):
        found = read_supposition(run.logic, request.text, request.lang)
        if found is not None and (fresh or (found[0].id in run.answers and found[1].sure >= SURE)):
            return found
    rest = without_supposing(request.text) if fresh or not run.ended else None
    return fitting(run.logic, answered_last(run), without_cues(rest).rest or rest, request.lang) if rest else None


def scaled_like(before: Answer | None, now: Answer | None) -> Decimal | None:
    """Return a small number in thousands if the answer before was in thousands: "fifty" instead of 15,000."""
    if not isinstance(before, Decimal) or not isinstance(now, Decimal):
        return None
    small = 0 < now < LEAST_SCALED <= before
    return now * LEAST_ROUND if small and before % LEAST_ROUND == 0 else None


def renumbered(request: Request, run: Run) -> Turn | None:
    """Take a bare number after the result ("5", "12k") as the last number asked for that it fits.

    One far from that answer is taken for an open question that it fits, or refused with the reason.
    """
    if not is_bare_number(request.text):
        return None
    numbers = [name for name in answered_last(run) if run.check.question(name).kind in NUMBERS]
    fit = fitting(run.logic, numbers, request.text, request.lang)
    if fit is not None and is_far(run.answer_to(fit[0].id), fit[1].answer):
        left = [one.id for one in run.logic.questions if one.id not in run.answers and run.applies(one.id)]
        fit = (
            fitting(
                run.logic,
                [name for name in left if run.check.question(name).kind in NUMBERS],
                request.text,
                request.lang,
            )
            or fit
        )
    if fit is not None:
        return corrected(request, run, *fit)
    for name in numbers:
        question = run.check.question(name)
        reading = read_answer(run.logic, question, request.text, request.lang)
        if reading is not None and reading.sure >= SURE:
            return read(request, run, question, reading)
    return None


def corrected(request: Request, run: Run, question: Question, reading: Reading) -> Turn:
    """Correct an earlier answer, or put its question again if the text gives no new value."""
    if not run.applies(question.id):
        name = question.name[request.lang]
        return Voice(request, run, request.say("check_not_needed", name=name)).next()
    if reading.problem == "no_value":
        return Voice(request, run.with_question(question.id)).ask()
    if is_addition(request.text) and reading.answer is not None:
        reading = replace(reading, answer=joined(run.answer_to(question.id), reading.answer))
    return read(request, run, question, reading)


def joined(before: Answer | None, more: Answer) -> Answer:
    """Add options or amounts to an answer; replace an answer of another kind."""
    if isinstance(before, frozenset) and isinstance(more, frozenset):
        return before | more
    return before + more if isinstance(before, tuple) and isinstance(more, tuple) else more


def edited_answer(request: Request, run: Run, question: Question) -> Turn:
    """Read an edited answer anew, or put its question again."""
    reading = read_answer(run.logic, question, request.text, request.lang)
    if reading is None or reading.sure < SURE or not run.applies(question.id):
        return (
            Voice(request, run.with_question(question.id)).ask()
            if run.applies(question.id)
            else Voice(request, run).next()
        )
    return read(request, run, question, reading)


def currency_meant(request: Request, run: Run) -> Turn | None:
    """Handle "I meant yuan": the currency of the last amount, confirmed or not."""
    folded = fold(request.text)
    named = currencies(folded) if len(request.text) <= LONGEST_CURRENCY else ()
    if not named or amounts(folded):
        return None
    doubt = run.state.doubt
    last = (
        run.question.id
        if doubt is not None and run.question
        else next((name for name, _ in run.state.answers[::-1]), "")
    )
    question = run.check.question(last) if last in run.logic.index else None
    if question is None or question.currency is None:
        return None
    if named[-1] != question.currency:
        other = Reading(problem="other_currency", named=named[-1])
        return refused(request, run.without(question.id), question, other)
    value = parse_answer(run.logic, question.id, answer_value(doubt)) if doubt is not None else None
    return None if value is None or isinstance(value, BadAnswer) else take(request, run, question, value)


def previous_corrected(request: Request, run: Run) -> Turn | None:
    """Handle "the previous one should be no": correct the last answer."""
    said, before = without_back_reference(request.text), run.before()
    if not said or before is None:
        return None
    question = run.check.question(before)
    reading = read_answer(run.logic, question, said, request.lang)
    return read(request, run, question, reading) if reading is not None and reading.sure >= SURE else None
