"""What a reading of an answer leads to: it is taken, waits for a yes, or is refused with the reason."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.checks import Answers, BadAnswer, Question, parse_answer, plain_value
from bot.checks.check import NUMBERS
from bot.checks.free_text import Reading, read_agreement, read_answer
from bot.checks.moving import SURE, fitting, is_valid
from bot.checks.pattern import tokens_of
from bot.language.amounts import fold
from bot.model import Turn
from handlers.check.run import Run, answer_json, answer_value
from handlers.check.take import take, with_answers
from handlers.check.voice import Voice
from handlers.request import Request

MOST_SHOWN = 60
FEWEST_TOLD = 3.5  # words of a message that tells something else; two Chinese characters count as one
NOTHING_TOLD = Answers()


def reading_of(request: Request, run: Run, question: Question, text: str | None = None) -> Reading | None:
    """Read the message, or a part of it, as the answer to a question."""
    return read_answer(run.logic, question, request.text if text is None else text, request.lang, request.today)


def named_other(request: Request, run: Run, question: Question) -> Question | None:
    """Return the question whose name a text has, rather than that of the question put: "the trademark is applied for"."""
    folded = fold(request.text)
    named = [one for one in run.logic.questions if fold(one.name[request.lang]) in folded]
    return named[0] if named and question not in named else None


def likely(request: Request, run: Run, question: Question) -> Turn | None:
    """Ask whether a value is meant that the message describes in words of its own; None if it likely means none."""
    values = request.knowledge.values.meant(run.check.id, question.id, request.text)
    if not values:
        return None
    answer = frozenset(values) if question.kind == "choices" else values[0]
    return Voice(request, run).confirm(question, answer, request.text)


def fit_among(request: Request, run: Run, names: list[str], text: str) -> tuple[Question, Reading] | None:
    """Return the question among `names`, the likeliest first, that a text answers, with its reading."""
    return fitting(run.logic, names, text, lambda question, said: reading_of(request, run, question, said))


def is_answer(request: Request, run: Run, question: Question, text: str | None = None) -> bool:
    """Return true if the message, or a part of it, surely answers a question."""
    reading = reading_of(request, run, question, text)
    return reading is not None and reading.sure >= SURE and is_valid(run.logic, question, reading)


def read(
    request: Request,
    run: Run,
    question: Question,
    reading: Reading,
    told: Answers = NOTHING_TOLD,
) -> Turn:
    """Take a reading's answer with those `told` besides, ask to confirm it, or reject it."""
    if reading.unknown:
        return take(request, run, question, None, told)
    if reading.problem is None and reading.answer is not None and not confirmed(run, reading):
        if isinstance(parse_answer(run.logic, question.id, plain_value(reading.answer)), BadAnswer):
            return refused(request, run, question, replace(reading, problem="out_of_range"))
        return take(request, run, question, reading.answer, told)
    run, taken = with_answers(run, told)
    if reading.problem == "several_fit" and reading.options:
        voice = Voice(request, run)
        voice.mention(taken)
        return voice.several(question, reading.options)
    if reading.problem is not None or reading.answer is None:
        return refused(request, run, question, reading, taken)
    if isinstance(parse_answer(run.logic, question.id, plain_value(reading.answer)), BadAnswer):
        return refused(request, run, question, replace(reading, problem="out_of_range"), taken)
    voice = Voice(request, run)
    voice.mention(taken)
    return voice.confirm(question, reading.answer, request.text)


def confirmed(run: Run, reading: Reading) -> bool:
    """Return true if a reading waits for a yes that was not given yet."""
    return reading.confirm and reading.answer is not None and run.state.doubt != answer_json(reading.answer)


def refused(request: Request, run: Run, question: Question, reading: Reading, taken: tuple[str, ...] = ()) -> Turn:
    """Say why a reading is rejected, and put the question again."""
    voice = Voice(request, run.with_question(question.id))
    voice.mention(taken)
    lang = request.lang
    if reading.problem == "other_currency":
        wanted = request.say(f"currency_{(question.currency or 'CNY').lower()}")
        note = request.say("check_other_currency", named=(reading.named or "?")[:MOST_SHOWN], wanted=wanted)
    elif reading.problem == "not_whole":
        note = request.say("check_not_whole", name=question.name[lang])
    elif reading.problem == "a_date":
        note = request.say("check_a_date", unit=question.unit[lang] if question.unit else "")
    elif reading.problem == "out_of_range" and question.outside:
        note = voice.words(question.outside)
    elif reading.problem == "out_of_range":
        note = request.say("check_out_of_range")
    elif reading.problem == "no_such_choice":
        note = request.say("check_no_such_choice", said=request.text[:MOST_SHOWN], last=len(question.options))
    else:
        note = request.say(f"check_unclear_{question.kind}")
    voice.notes.append(note)
    return voice.ask()


def unclear(request: Request, run: Run, question: Question) -> Turn:
    """Say what an answer to the question looks like, and put it again.

    Who tells something else is asked once more, and after that only reminded.
    """
    if question.kind in NUMBERS or not is_long(request.text):
        return Voice(request, run.with_question(question.id), request.say(f"check_unclear_{question.kind}")).ask()
    if run.state.passed == question.id:
        return Voice(request, run.with_question(question.id)).remind()
    asked = run.with_question(question.id).with_state(passed=question.id)
    return Voice(request, asked, request.say("check_aside")).ask()


def is_long(text: str) -> bool:
    """Return true if a text is too long to be a misspelt value."""
    return sum(0.5 if word >= "\u4e00" else 1 for word in tokens_of(fold(text))) >= FEWEST_TOLD


def without_name(text: str, name: str) -> str:
    """Return a text without the words of a question's name; of a Chinese one, its end is said alone (执照 of 营业执照)."""
    words = name.split() if name.isascii() else (name, name[-2:])
    return re.sub("|".join(map(re.escape, words)), " ", text, flags=re.IGNORECASE)


def settle(request: Request, run: Run, question: Question) -> Turn | None:
    """Take "yes" or "no" to a doubtful reading; None for any other text."""
    if run.state.doubt is None:
        return None
    said = read_agreement(request.text)
    if said is None:  # "licence yes"
        said = read_agreement(without_name(request.text, question.name[request.lang]))
    if said is None:
        return None
    value = parse_answer(run.logic, question.id, answer_value(run.state.doubt))
    if said and not isinstance(value, BadAnswer):
        return take(request, run, question, value)
    return Voice(request, run.with_question(question.id)).ask()
