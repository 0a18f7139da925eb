"""Corrections and suppositions: another answer to a question answered before, before the result and after it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from bot.checks import Answer, Answers, BadAnswer, Question, parse_answer
from bot.checks.check import NUMBERS
from bot.checks.free_text import (
    Reading,
    is_addition,
    is_plain_supposition,
    mentions,
    read_agreement,
    read_supposition,
    without_back_reference,
)
from bot.checks.moving import (
    CLAUSES,
    SURE,
    is_bare_number,
    is_valid,
    taken_out,
    without_cues,
    without_supposing,
    zeros,
)
from bot.checks.vocabulary import vocabulary
from bot.language.amounts import DAYS, amounts, currencies, fold
from bot.model import Language, Turn
from handlers.check.run import Run, answer_value
from handlers.check.take import back, change_all, take, take_all
from handlers.check.voice import Voice
from handlers.dialogue.reading import fit_among, is_answer, read, reading_of, refused
from handlers.request import Request

MORE = re.compile(r"\b(?:more|another|extra|additional)\b|再加|再开|再来|再认证|多加|多开")
NOT_THIS = re.compile(r"\bnot (?:in )?\w+|不是[^\W\d]{1,3}")
CERTAIN = 0.9  # share of a message that a reading must explain to change an answer without further words
MOST_CLAUSES = 8
LONGEST_CURRENCY = 40  # characters of "no, I meant yuan"
LEAST_MONEY = 1000  # a bare number from here on is money where a check asks for it
FARTHEST = 100  # times that a corrected number is larger or smaller than the one before
LEAST_SCALED = 1000
SCALES = {"en": (1000,), "zh": (10_000, 1000)}  # "fifty" instead of 15,000 is likely 50,000


def answered_last(run: Run) -> list[str]:
    """Return the answered questions, the last one first."""
    return [name for name, _ in reversed(run.state.answers)]


def nearest(run: Run, text: str) -> list[str]:
    """Return the answered questions, those with numbers near a number in the text first, then the last one."""
    found = amounts(fold(text))
    names = answered_last(run)
    return sorted(names, key=lambda name: bool(found) and is_far(run.answer_to(name), found[0].low)) if found else names


def mended(request: Request, run: Run, *, firmly: bool) -> Turn | None:
    """Handle a text that takes an earlier answer back: "typo, 1100", "oh sorry, 6", "no tax return, sorry".

    `firmly`: only if its words or its form say so clearly, since it may answer the current question.
    """
    said = without_cues(request.text)
    current = run.question
    if (turn := reduced(request, run, said.cue is not None) or rescaled(request, run)) is not None:
        return turn
    if said.cue is None:
        return None
    if not said.rest:
        return mistaken(request, run) if said.cue == "strong" else None
    before = [name for name in nearest(run, said.rest) if current is None or name != current.id]
    if current is not None and run.state.doubt is not None:
        before.insert(0, current.id)  # "no, 800": another value for the one in doubt
    weakly = firmly and said.cue == "weak"
    bare = is_bare_number(said.rest)
    if weakly and not bare and current is not None and is_answer(request, run, current, said.rest):
        return None
    if not firmly and (turn := several(request, run, request.text)) is not None:
        return turn
    fit = fit_among(request, run, before, said.rest)
    if fit is None:
        return None
    question, reading = fit
    if weakly and question.kind not in NUMBERS and reading.sure < CERTAIN:
        return None
    if (
        current is not None
        and question.id != current.id
        and answers_rather(request, run, current, question, reading, said.rest)
    ):
        return None
    return corrected(request, run, question, reading)


def rescaled(request: Request, run: Run) -> Turn | None:
    """Ask to confirm a number with a zero more or less: "forgot a zero"."""
    zero = zeros(request.text)
    numbers = [name for name in answered_last(run) if isinstance(run.answer_to(name), Decimal)] if zero else []
    if not numbers:
        return None
    question, before = run.check.question(numbers[0]), run.answer_to(numbers[0])
    assert isinstance(before, Decimal)
    return read(request, run, question, Reading(before * 10 if zero == "missing" else before / 10, confirm=True))


def answers_rather(
    request: Request, run: Run, current: Question, question: Question, reading: Reading, text: str
) -> bool:
    """Return true if a number is far from the answer that it would correct, and fits the current question."""
    far = current.kind in NUMBERS and is_far(run.answer_to(question.id), reading.answer)
    return far and is_answer(request, run, current, text)


def is_far(before: Answer | None, now: Answer | None) -> bool:
    """Return true for a number too large or too small to correct the other one."""
    if not isinstance(now, Decimal):
        return False
    least, most = sorted((now, before if isinstance(before, Decimal) else Decimal(1)))
    return most > FARTHEST * max(least, Decimal(1))


def mistaken(request: Request, run: Run) -> Turn:
    """Put the last answer again after "oops, wrong", or show all of them if there is a result."""
    return Voice(request, run).review() if run.question is None and run.state.answers else back(request, run)


def repeated(request: Request, run: Run) -> Turn | None:
    """Take a plain answer to the last question right after the result: "all of them", "gold"."""
    names = answered_last(run)
    if not names or read_agreement(request.text) is not None:
        return None
    question = run.check.question(names[0])
    reading = reading_of(request, run, question)
    if reading is None or reading.sure < CERTAIN or not is_valid(run.logic, question, reading):
        return None
    if question.currency and not reading.confirm and any(one.unit in DAYS for one in amounts(fold(request.text))):
        return None  # an amount of another period waits for a yes
    return corrected(request, run, question, reading)


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
    if (turn := several(request, run, request.text)) is not None:
        return turn
    return corrected(request, run, *found)


def supposition(request: Request, run: Run, *, fresh: bool) -> tuple[Question, Reading] | None:
    """Return the question of which another answer is supposed, and that answer."""
    if run.ended and (fresh or is_plain_supposition(request.text)):
        found = read_supposition(run.logic, request.text, request.lang)
        if found is not None and (fresh or (found[0].id in run.answers and found[1].sure >= SURE)):
            return found
    rest = without_supposing(request.text) if fresh or not run.ended else None
    return fit_among(request, run, answered_last(run), without_cues(rest).rest or rest) if rest else None


def several(request: Request, run: Run, text: str) -> Turn | None:
    """Take the answers to several questions that a correction holds: "if we had a company in Xiamen", "20k, and 3 accounts"."""
    if is_addition(text):
        return None
    told = {**clauses(request, run, text, least=SURE), **mentions(run.logic, text, request.lang).given}
    new = {name: answer for name, answer in told.items() if run.answer_to(name) != answer}
    if len(new) < 2 or not any(name in run.answers for name in new):
        return None
    return change_all(request, run, Answers(new))


def clauses(request: Request, run: Run, text: str, least: float = CERTAIN) -> dict[str, Answer]:
    """Return the answers to questions answered before that clauses of a text are, beside others."""
    found: dict[str, Answer] = {}
    parts = CLAUSES.split(fold(text))[:MOST_CLAUSES]
    for part in parts if len(parts) > 1 else ():
        said = without_cues(without_supposing(part) or part).rest
        names = [name for name in nearest(run, said) if run.question is None or run.question.id != name]
        fit = fit_among(request, run, names, said) if said else None
        if fit is None or fit[1].sure < least or fit[1].confirm or fit[1].answer is None:
            continue
        if is_bare_number(said) and run.question is not None and run.question.kind in NUMBERS:
            continue  # it answers the current question
        if least < CERTAIN or fit[1].answer not in vocabulary(run.check).lexicons[fit[0].id].no_like:
            found.setdefault(fit[0].id, fit[1].answer)
    return found


def scaled_like(before: Answer | None, now: Answer | None, lang: Language) -> Decimal | None:
    """Return a small number in the thousands of the answer before, in Chinese in its 万: "fifty" instead of 15,000."""
    if not isinstance(before, Decimal) or not isinstance(now, Decimal) or not 0 < now < LEAST_SCALED <= before:
        return None
    return next((now * unit for unit in SCALES[lang] if before % unit == 0), None)


def renumbered(request: Request, run: Run) -> Turn | None:
    """Take a bare number after the result ("5", "12k") as the last number asked for that it fits.

    One far from that answer is taken for an open question that it fits, or refused with the reason.
    """
    if not is_bare_number(request.text) or zeros(request.text):
        return None
    numbers = [name for name in nearest(run, request.text) if run.check.question(name).kind in NUMBERS]
    fit = fit_among(request, run, numbers, request.text)
    if fit is not None and is_far(run.answer_to(fit[0].id), fit[1].answer):
        left = [one.id for one in run.logic.questions if one.id not in run.answers and run.applies(one.id)]
        fit = (
            fit_among(request, run, [name for name in left if run.check.question(name).kind in NUMBERS], request.text)
            or fit
        )
    if fit is not None:
        return corrected(request, run, *fit)
    for name in numbers:
        question = run.check.question(name)
        reading = reading_of(request, run, question)
        if reading is not None and reading.sure >= SURE:
            return read(request, run, question, reading)
    return None


def elsewhere(request: Request, run: Run) -> Turn | None:
    """Keep a bare amount at a question for no number for the only open question that asks for one: "15,000 yuan"."""
    found = amounts(fold(request.text))
    if not is_bare_number(request.text) or len(found) != 1 or found[0].low < LEAST_MONEY:
        return None
    money = [one for one in run.logic.questions if one.currency and one.kind == "amount" and one.id not in run.answers]
    fit = fit_among(request, run, [one.id for one in money if run.applies(one.id)], request.text)
    if fit is None or len(money) > 1 or fit[1].confirm or fit[1].answer is None:
        return None
    return take_all(request, run, Answers({fit[0].id: fit[1].answer}))


def corrected(request: Request, run: Run, question: Question, reading: Reading) -> Turn:
    """Correct an earlier answer, or put its question again if the text gives no new value."""
    if not run.applies(question.id):
        name = question.name[request.lang]
        return Voice(request, run, request.say("check_not_needed", name=name)).next()
    if reading.problem == "no_value":
        return Voice(request, run.with_question(question.id)).ask()
    before = run.answer_to(question.id)
    if is_addition(request.text) and reading.answer is not None:
        reading = replace(reading, answer=joined(before, reading.answer, more=bool(MORE.search(fold(request.text)))))
    scaled = scaled_like(before, reading.answer, request.lang) if question.currency else None
    if scaled is not None and not currencies(fold(request.text)):
        said = next((amount.word for amount in amounts(fold(request.text))), request.text)
        return Voice(request, run).confirm(question, scaled, said)
    return read(request, run, question, reading)


def joined(before: Answer | None, now: Answer, *, more: bool) -> Answer:
    """Add options or amounts to an answer, and a number if it is one `more`; replace an answer of another kind."""
    if isinstance(before, frozenset) and isinstance(now, frozenset):
        return before | now
    if isinstance(before, Decimal) and isinstance(now, Decimal):
        return before + now if more else now
    return before + now if isinstance(before, tuple) and isinstance(now, tuple) else now


def edited_answer(request: Request, run: Run, question: Question) -> Turn:
    """Read an edited answer anew, or put its question again."""
    reading = reading_of(request, run, question)
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
    named = currencies(NOT_THIS.sub(" ", folded)) if len(request.text) <= LONGEST_CURRENCY else ()
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
    reading = reading_of(request, run, question, said)
    return read(request, run, question, reading) if reading is not None and reading.sure >= SURE else None
