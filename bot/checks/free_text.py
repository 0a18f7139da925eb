"""Reader of free text in a check: answers, corrections and commands.

Names of values come from the check (`label`, `also`, `means`); yes, no, "I don't know" and negation from `vocabulary`.
Both languages are always understood.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal, cast

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from bot.checks.answers import Answers
from bot.checks.check import NUMBERS, Check, Question
from bot.checks.choice_reader import read_choice, read_choices, split_denied
from bot.checks.number_reader import read_number
from bot.checks.own_case import NO_FACT
from bot.checks.pattern import tokens_of
from bot.checks.table import Answer, Logic
from bot.checks.utterance import How, Reading, Trouble, Utterance, distinguishes, parse
from bot.checks.vocabulary import (
    CHANGE_CUES,
    CUE_WORDS,
    FILLERS,
    GENERAL,
    GENERAL_WORDS,
    LISTS,
    PERIODS,
    PLAIN,
    QUESTION_FORM,
    Lexicon,
    Span,
    Word,
    longest_spans,
    phrase_lists,
    vocabulary,
    word_set,
)
from bot.language.amounts import DAYS, LONGEST_READ, Amount, amounts, fold
from bot.language.normalize import HAN
from bot.language.stretches import Stretch, within_longer
from bot.model import Language

__all__ = [
    "Command", "Reading", "Trouble", "is_addition", "is_plain_supposition", "mentions", "read_agreement",
    "read_answer", "read_change", "read_command", "read_command_in", "read_supposition",
    "without_back_reference",
]  # fmt: skip

LEAST_SURE = 0.12
LEAST_SURE_GENERAL = 0.4  # for a reading of "yes", "no", "I don't know" or the like alone
LEAST_ABOUT = 0.5  # for a text to be about a question
LEAST_NAMED = 0.3  # for none of what is counted, beside another question's answer
KEPT = 256  # scores of how clearly a text names a question, since a turn needs each several times
EMPTY_PAIRS = frozenset(["没有", "还没", "都没", "都不", "不是", "任何", "个人"])
LEAST_SAID = 0.6  # for a reading to be taken unconfirmed
Command = Literal[
    "back", "why", "explain", "where", "stop", "restart", "review", "repeat", "go_on", "unknown", "result"
]  # "unknown": skip this question
POLITE = re.compile(
    r"^(?:please|ok|okay|well|hi|hello|hey|so|but|and|sorry|um|i want to|i would like to|id like to|i wish to|lets|let us|can you|could you|can we|could we|can i|could i|can you please|just|now|请|那|那就|好的|好|我想|我要|"
    r"麻烦|帮我|可以|能不能|能|想|先|我|你|您|不好意思)\s*|\s*(?:please|now|then|again please|for me|thanks|thank you|吧|了|啊|呢|呀|谢谢|一下|好吗|可以吗|行吗|嘛|哈|吗|的|you|pls|this check|the check|here)$"
)


SUPPOSES = re.compile(
    r"\b(?:(?:and |but |so )?(?:what|how) (?:if|about(?: if)?)|(?:and|but|so|ok|okay) if|suppos(?:e|ing)(?: that)?|assum(?:e|ing)(?: that)?|"
    r"imagine|in case|if (?=(?:i|we|my|our|it|they|the|instead)\b))|要是|如果|假如|假设|若是|万一|换成|那?加上|再加|那(?=.{1,20}呢)"
)
PLAINLY_SUPPOSES = re.compile(r"\b(?:what if|suppose|supposing|assuming)\b|要是|如果|假如|假设|换成")
SUPPOSED_AROUND = re.compile(
    r"\b(?:instead|then|what then|would (?:that|it) (?:help|work|do|be enough|change (?:it|anything|that))|does (?:that|it) (?:help|work)|hypothetically)\b|"
    r"[?？]|的话|那个|(?:呢|会怎样|会怎么样|怎么样|行不行|行吗|可以吗|可不可以|能不能|够不够|够吗)\s*$"
)
ADDS = re.compile(
    r"\b(?:also|too|as well|plus|add|adding|additionally|in addition|on top|another|(?:a|the) (?:second|third|fourth|fifth)|one more)\b|"
    r"加上|再加|还有|也有|另外|外加|还能|加一|再来一"
)
A_NOT_A = re.compile(r"([\u4e00-\u9fff])不\1")  # 符不符合 asks, and denies nothing
BEFORE_THIS = re.compile(
    r"\b(?:the )?(?:previous|last|prior) (?:one|question|answer)\b|上一题|上一个问题|上一个|上题|前一题|前一个问题|刚才那题|刚才那个问题"
)
# Plans of others, or one's own: "whether he may buy an R mark". What merchants suppose of themselves is read as a supposition.
IMAGINES = re.compile(
    r"\b(?:if|whether) (?:he|she|they|you|people|some(?:one|body)|any(?:one|body)|(?:i|we) (?:buy|register|apply|open|get|take|use|set|make|change|switch|become))\b"
)
CLAUSE = re.compile(r"\s*[,，。.;；!！:：\n…]+\s*|\s+[-–—]+\s+|\s+(?:because|since|but|cause|cos)\s+|(?=因为)")
MOST_CLAUSES = 8
MOST_NAMES_BEFORE = 4  # between a value's name and the word that marks it
IN_CLAUSE: tuple[Command, ...] = ("stop", "restart")  # may have a reason or a question beside them

FROM_TO = re.compile(r"(?:\bfrom\b|从).*?(?:\bto\b|改成|改为|改到|换成|到)")


COMMAND_PHRASES = [(one, cast(Command, name)) for name, listed in phrase_lists("commands") for one in listed]
COMMAND_OF = {"".join(tokens_of(fold(one))): name for one, name in COMMAND_PHRASES}


def read_answer(
    given: Logic | Check, question: Question, text: str, lang: Language, today: date | None = None
) -> Reading | None:
    """Read a message as the answer to a question; None if it is none. Dates are read with `today`.

    A reading that explains less than LEAST_SAID of the message is to be confirmed, unless `mentions` knows it. With a `Logic`, `confirm` is set
    only if the doubt crosses a limit of the check's rules.
    """
    read = read_with_reason(given, question, fold(text), len(text), lang, today=today)
    if read is None:
        return None
    classes = given.classes[given.index[question.id]] if isinstance(given, Logic) else None
    reading = read[0]
    if reading.sure >= LEAST_SAID or reading.answer is None or not distinguishes(classes):
        return reading
    # one of several facts
    idle = QUESTION_FORM.search(fold(text)) or NO_FACT.search(fold(text))
    told = not idle and mentions(given, text, lang).given.get(question.id) == reading.answer
    return reading if told else replace(reading, confirm=True)


def read_with_reason(
    given: Logic | Check,
    question: Question,
    folded: str,
    length: int,
    lang: Language,
    aside: frozenset[str] = frozenset(),
    today: date | None = None,
) -> tuple[Reading, How] | None:
    check = given.check if isinstance(given, Logic) else given
    classes = given.classes[given.index[question.id]] if isinstance(given, Logic) else None
    words = vocabulary(check)
    if words.belongs_elsewhere(question, tokens_of(folded)):
        return None
    lexicon = words.lexicons[question.id]
    message = parse(lexicon, folded, length, lang, classes, aside, today)
    if not message.words:
        return None
    if question.kind in NUMBERS:
        read = read_number(question, message)
    elif question.kind == "choices":
        read = read_choices(question, message)
    else:
        read = read_choice(question, message)
    if read is None or read[0].sure < LEAST_SURE:
        return None
    if (read[1] == "general" or read[0].unknown) and read[0].sure < LEAST_SURE_GENERAL:
        return None
    return read


def read_supposition(given: Logic | Check, text: str, lang: Language) -> tuple[Question, Reading] | None:
    """Read "and if we were a company instead?" as the change of an answer; None if nothing is supposed."""
    folded = fold(text)
    if not SUPPOSES.search(folded) and not ADDS.search(folded):
        return None
    plain = SUPPOSES.sub(" ", SUPPOSED_AROUND.sub(" ", folded)).strip()
    return read_change(given, plain, lang, supposed=True) if plain else None


def is_plain_supposition(text: str) -> bool:
    """Return true for an explicit supposition, which is understood after other subjects, too."""
    return PLAINLY_SUPPOSES.search(fold(text)) is not None


def is_addition(text: str) -> bool:
    """Return true if a text adds to an answer: "also a tax return", "再加一个3万的"."""
    return ADDS.search(fold(text)) is not None


def without_back_reference(text: str) -> str | None:
    """Return the text without its mention of "the previous question"; None if there is no such mention."""
    folded = fold(text)
    if not BEFORE_THIS.search(folded):
        return None
    return CHANGE_CUES.sub(" ", BEFORE_THIS.sub(" ", folded)).strip()


def read_change(
    given: Logic | Check, text: str, lang: Language, *, supposed: bool = False
) -> tuple[Question, Reading] | None:
    """Read a message as the correction of an answer: the question and the new reading; None if it is none.

    `problem` is "no_value" if the message names only the question. `supposed`: the message is known to be a change.
    """
    check = given.check if isinstance(given, Logic) else given
    folded = fold(text)
    cue = supposed or CHANGE_CUES.search(folded)
    moved = FROM_TO.search(folded)
    asks = QUESTION_FORM.search(folded) is not None
    words = vocabulary(check)
    texts = tokens_of(folded)
    found = amounts(folded)
    named = {
        question.id: {span.stretch for span in words.lexicons[question.id].phrases.spans(texts) if span.kind == "value"}
        for question in check.questions
    }
    alone = sum(question.kind in NUMBERS for question in check.questions) == 1
    candidates: list[tuple[float, Question, Reading]] = []
    wanted: list[tuple[float, Question]] = []
    for question in check.questions:
        subject = named_in(words.lexicons[question.id], folded)
        if any(in_unit_of(question, amount) for amount in found):
            subject = max(subject, 0.5)
        if supposed and question.kind in NUMBERS and alone and found:
            subject = max(subject, 0.5)
        said = folded if not moved else folded[: moved.start()] + " " + folded[moved.end() :]
        read = read_with_reason(given, question, said, len(text), lang, CUE_WORDS)
        if subject >= 0.5 and cue and not asks:
            wanted.append((subject, question))
        if read is None or is_overshadowed(question, named):
            continue
        reading, how = read
        if reading.answer is None and not reading.problem and not reading.unknown:
            continue
        if how == "number" or reading.problem in ("other_currency", "out_of_range", "not_whole"):
            fits = subject > 0 and (bool(cue) or reading.sure >= 0.5)
        elif how in ("value", "subject"):
            fits = (
                reading.sure >= 0.75 or (bool(cue) and reading.sure >= 0.4) or (subject >= 0.5 and reading.sure >= 0.5)
            )
        else:
            fits = subject >= 0.5 and (bool(cue) or reading.sure >= 0.5) and how != "trouble"
        if fits and not (asks and reading.sure < 0.6):
            weight = {"value": 0.6, "subject": 0.6, "number": 0.4}.get(how, 0.0)
            if reading.problem:
                weight -= 0.3
            candidates.append((2 * subject + reading.sure + weight, question, reading))
    if candidates:
        candidates.sort(key=lambda one: -one[0])
        if len(candidates) > 1 and candidates[0][0] == candidates[1][0]:
            return None
        return candidates[0][1], candidates[0][2]
    if wanted:
        subject, question = max(wanted, key=lambda one: one[0])
        return question, Reading(problem="no_value", sure=round(min(1.0, subject), 3))
    return None


def is_overshadowed(question: Question, named: Mapping[str, set[Stretch]]) -> bool:
    """Return true if all names of the question's values lie within longer names of other questions' values."""
    own = named[question.id]
    return bool(own) and within_longer(own, other_values(question, named)) == own


def other_values(question: Question, named: Mapping[str, set[Stretch]]) -> set[Stretch]:
    """Return the stretches that name other questions' values."""
    return set().union(*(found for name, found in named.items() if name != question.id))


def counts_days(question: Question) -> bool:
    return question.unit is not None and question.unit.en.startswith("day")


def in_unit_of(question: Question, amount: Amount) -> bool:
    """Return true if a number has the question's currency, or a unit of time it asks for."""
    if question.currency:
        return amount.currency == question.currency
    return counts_days(question) and amount.unit in DAYS


@lru_cache(KEPT)
def named_in(lexicon: Lexicon, folded: str) -> float:
    """Score (0 to 1) how clearly a text names a question: by its name, or faintly by a word of its text."""
    texts = tokens_of(folded)
    if any(span.kind == "about" for span in lexicon.phrases.spans(texts)):
        return 1.0
    joined = "".join(word for word in texts if not word.isascii())
    best = 0.0
    names, telling = naming(lexicon)
    for latin, han in names:
        if latin and not han:
            best = max(
                best,
                sum(word in texts or word + "s" in texts or word.rstrip("s") in texts for word in latin) / len(latin),
            )
        elif han:
            size = longest_common(han, joined)
            if size >= 2:
                best = max(best, size / len(han))
    if best:
        return best
    return 0.0 if telling.isdisjoint(texts) else 0.3


@lru_cache(KEPT)
def naming(lexicon: Lexicon) -> tuple[list[tuple[list[str], str]], set[str]]:
    """Return the Latin words and the Chinese characters of each of a question's names, and the telling words of its text."""
    names = [
        ([word for word in name if word.isascii() and word not in FILLERS], "".join(word for word in name if not word.isascii()))
        for name in lexicon.names
    ]  # fmt: skip
    telling = {word for word in lexicon.neutral if word.isascii() and len(word) >= 5 and word not in GENERAL_WORDS}
    return names, telling


def longest_common(one: str, other: str) -> int:
    return max(
        (
            size
            for size in range(len(one), 1, -1)
            for start in range(len(one) - size + 1)
            if one[start : start + size] in other
        ),
        default=0,
    )


def read_command(text: str, lang: Language) -> Command | None:
    """Read a message as a command, ignoring polite words and one typing error."""
    if len(text) > LONGEST_READ // 4:
        return None
    folded = " ".join(tokens_of(fold(text)))
    folded = re.sub(rf"(?<=[{HAN}]) (?=[{HAN}])", "", folded)
    for _ in range(4):
        found = COMMAND_OF.get(folded.replace(" ", ""))
        if found:
            return found
        shorter = POLITE.sub("", folded, count=1).strip()
        if shorter == folded or not shorter:
            break
        folded = shorter
    key = folded.replace(" ", "")
    if len(key) < 6 or not key.isascii():
        return None
    near = process.extractOne(
        key,
        [known for known in COMMAND_OF if known.isascii() and abs(len(known) - len(key)) <= 1 and len(known) >= 6],
        scorer=DamerauLevenshtein.distance,
        score_cutoff=1,
    )
    return COMMAND_OF[str(near[0])] if near else None


def read_command_in(text: str, lang: Language) -> tuple[Command, str] | None:
    """Return the command of a clause ("stop" or "restart") and the rest of the text, or None."""
    clauses = [clause for clause in CLAUSE.split(text[:LONGEST_READ]) if clause.strip()]
    if len(clauses) < 2:
        return None
    for index, clause in enumerate(clauses[:MOST_CLAUSES]):
        command = read_command(clause, lang)
        if command in IN_CLAUSE:
            return command, ", ".join(clauses[:index] + clauses[index + 1 :])
    return None


AGREE = word_set(LISTS["words"]["agreeing"])


def read_agreement(text: str) -> bool | None:
    """Read the reply to "…, right?": true for agreement ("yes", "ok", "对的"), false for disagreement, else None."""
    folded = fold(text)
    texts = tokens_of(folded)
    spans = longest_spans(GENERAL.spans(texts))
    no = [span for span in spans if span.kind in ("no", "not")]
    yes = [span for span in spans if span.kind == "yes"]
    agrees = {index for span in (*yes, *no) for index in range(span.start, span.end)}
    left = [
        text
        for index, text in enumerate(texts)
        if index not in agrees and text not in AGREE and text not in FILLERS and text not in ("thats", "问", "题")
    ]
    joined = "".join(texts)
    if joined in ("没错", "没问题", "noproblem", "没有错", "没有问题"):
        return True
    if joined in ("wrong", "incorrect", "thatswrong", "notcorrect", "错", "错了", "不是这样"):
        return False
    if left or not texts:
        return None
    if no:
        return False
    return True if yes or any(text in AGREE for text in texts) or joined in AGREE else None


MARKERS = word_set(LISTS["words"]["markers"])
POINTING = frozenset(["one", "ones", "it", "that", "this", "these", "those"])
PREPOSITIONS = frozenset(["in", "from", "at", "by", "在"])
PLACING = word_set(LISTS["words"]["placing"])


def mentions(
    given: Logic | Check, text: str, lang: Language, *, beside: bool = False, averages: bool = False
) -> Answers:
    """Return the unambiguous answers in a message that tells several facts, or starts a check.

    `beside`: another question stands, so that a lack is noted only where the text names what is lacking. `averages`: an amount
    for several of the periods asked for counts, divided by their number.
    """
    check = given.check if isinstance(given, Logic) else given
    words = vocabulary(check)
    folded = fold(A_NOT_A.sub("是否", text))
    answers = Answers()
    messages = {name: parse(lexicon, folded, len(text), lang) for name, lexicon in words.lexicons.items()}
    named = {
        name: words.lexicons[name].phrases.spans(message.texts, message.clauses) for name, message in messages.items()
    }
    stretches = {name: {span.stretch for span in spans if span.kind == "value"} for name, spans in named.items()}
    clauses = clauses_of(messages[check.questions[0].id])[:MOST_CLAUSES]
    imagines = IMAGINES.search(folded) is not None
    told = Told(tuple(span for spans in named.values() for span in spans))
    for question in check.questions:
        message = messages[question.id]
        if question.kind in NUMBERS:
            value = mentioned_number(given, question, clauses, lang, LEAST_NAMED if beside else 0.0, averages=averages)
            if value is not None:
                answers = answers.plus(question.id, value)
            continue
        said = split_denied(message)
        named_by = named_in(words.lexicons[question.id], folded)
        about_it = named_by >= LEAST_ABOUT
        if question.only_named and not about_it:
            continue
        beside_it = naming_clauses(words.lexicons[question.id], message) if named_by >= 1 and said.affirmed else set()
        before = set().union(*(stretches[one.id] for one in check.questions[: check.questions.index(question)]))
        clear = {
            span.value for span in said.affirmed
            if ((words.is_own(question, message.texts[span.start : span.end]) and is_telling(message, span, told))
                or (message.clauses[span.start] in beside_it))
            and is_own_value(message, span, named) and is_as_written(message, span)
            and (about_it or not leans_on_question(message, span, before)) and not (imagines and is_imagined(message, span))
        }  # fmt: skip
        if question.kind == "choices" and clear:
            answers = answers.plus(question.id, frozenset(clear))
        elif len(clear) == 1 and len({span.value for span in said.affirmed} - clear) == 0:
            value = clear.pop()
            lexicon = words.lexicons[question.id]
            named_here = named_in(lexicon, folded) >= 1 or denies_it(question, value, folded)
            if not beside or value not in lexicon.no_like or named_here:
                answers = answers.plus(question.id, value)
        elif not clear and (answer := mentioned_in_clause(given, question, clauses, lang)) is not None:
            answers = answers.plus(question.id, answer)
    return answers


def denies_it(question: Question, value: str, folded: str) -> bool:
    """Return true if a text names what a value is without: "no trademark yet", but not "nothing filed so far"."""
    option = question.option(value)
    texts = [text for one in (question.name, option.label, option.means) if one for text in (one.en, one.zh)]
    telling = {word for text in texts for word in names_in(fold(text))}
    return not telling.isdisjoint(names_in(folded))


def names_in(folded: str) -> set[str]:
    """Return the telling words of a text, and the pairs of its Chinese characters."""
    words = tokens_of(folded)
    pairs = {one + other for one, other in pairwise(words) if not one.isascii() and not other.isascii()}
    return {word.rstrip("s") for word in words if word.isascii() and word not in GENERAL_WORDS} | pairs - EMPTY_PAIRS


def clauses_of(message: Utterance) -> list[str]:
    """Return a message's clauses as texts."""
    found: dict[int, list[Word]] = {}
    for word in message.words:
        found.setdefault(word.clause, []).append(word)
    return [message.folded[words[0].start : words[-1].end] for words in found.values()]


def mentioned_in_clause(
    given: Logic | Check, question: Question, clauses: Sequence[str], lang: Language
) -> Answer | None:
    """Return what a clause says that names the question's subject: "邮箱是新的", "企业支付宝也有"."""
    lexicon = vocabulary(given.check if isinstance(given, Logic) else given).lexicons[question.id]
    for clause in clauses:
        if named_in(lexicon, clause) >= 1 and not QUESTION_FORM.search(clause) and not SUPPOSES.search(clause):
            read = read_with_reason(given, question, clause, len(clause), lang)
            if read and read[0].answer is not None and not read[0].confirm and read[0].sure >= LEAST_SAID:
                return read[0].answer
    return None


def is_as_written(message: Utterance, span: Span) -> bool:
    """Return false for a single word with a typing error, which may be another word: "human" is not Hunan."""
    return span.end - span.start > 1 or message.words[span.start].text == message.texts[span.start]


def leans_on_question(message: Utterance, span: Span, before: Collection[Stretch]) -> bool:
    """Return true if a value's name names it only where its question was put: "the Taobao one", 天猫那个; or "our company"
    where "company" is the value of a question before."""
    words = message.texts[span.start : span.end]
    if POINTING & set(words) or "那个" in "".join(words):
        return True
    return any(span.start <= start and end <= span.end and (start, end) != span.stretch for start, end in before)


def is_imagined(message: Utterance, span: Span) -> bool:
    """Return true if a clause tells of plans only: "whether he may buy an R mark"."""
    return bool(IMAGINES.search(message.clause_texts[message.clauses[span.start]]))


@dataclass(frozen=True)
class Told:
    """The names of values of all questions in a message."""

    spans: tuple[Span, ...]

    @cached_property
    def begins(self) -> dict[int, int]:
        """Where the longest name ends, and where it begins."""
        return {span.end: span.start for span in sorted(self.spans, key=lambda span: -span.start)}

    @cached_property
    def explained(self) -> set[int]:
        return {index for span in self.spans for index in range(span.start, span.end)}


def is_telling(message: Utterance, span: Span, told: Told) -> bool:
    """Return true if a value's name is unambiguous alone or by the words before it, other values' names aside."""
    texts, start = message.texts, span.start
    for _ in range(MOST_NAMES_BEFORE):
        start = told.begins.get(start, start - (start > 0 and texts[start - 1] == "的"))
    words = texts[span.start : span.end]
    latin = [word for word in words if word.isascii()]
    if latin and not [word for word in words if not word.isascii()]:
        brief = len(latin) < 3 or words in message.lexicon.titles
        if brief and all(word in PLAIN or word in GENERAL_WORDS for word in latin):
            return False
        if len(latin) > 1:
            return True
        return bool(MARKERS & set(texts[max(0, start - 2) : start])) or fills_clause(message, span, told)
    if len(words) >= 3 or latin:  # "R标" is unambiguous
        return True
    return bool(MARKERS & set(texts[max(0, start - 2) : start])) or fills_clause(message, span, told)


def naming_clauses(lexicon: Lexicon, message: Utterance) -> set[int]:
    """Return the clauses that name the question and deny nothing, as beside its value: "the Alipay, company, done"."""
    return {
        clause
        for clause, text in list(message.clause_texts.items())[:MOST_CLAUSES]
        if named_in(lexicon, text) >= 1
        and not NO_FACT.search(text)
        and not any(one.kind in ("no", "not", "hedge", "whether") for one in GENERAL.spans(tokens_of(text)))
    }


def fills_clause(message: Utterance, span: Span, told: Told) -> bool:
    """Return true if the span's clause holds only names of values and words that add nothing: "公司 泉州的"."""
    clause = message.clauses[span.start]
    return all(
        index in told.explained or message.texts[index] in FILLERS
        for index in range(bisect_left(message.clauses, clause), bisect_right(message.clauses, clause))
    )


def is_own_value(message: Utterance, span: Span, named: Mapping[str, Sequence[Span]]) -> bool:
    """Return false for a value after a preposition in a clause about something else: "stock in Poland"."""
    if not PREPOSITIONS & set(message.texts[max(0, span.start - 2) : span.start]):
        return True
    clause = message.words[span.start].clause
    explained = {index for spans in named.values() for one in spans for index in range(one.start, one.end)}
    inside = [index for index, word in enumerate(message.words) if word.clause == clause]
    rest = [
        index
        for index in inside
        if index not in explained and message.texts[index] not in GENERAL_WORDS and message.texts[index] not in PLACING
    ]
    return 2 * len(rest) <= sum(index in explained for index in inside)


def mentioned_number(
    given: Logic | Check, question: Question, clauses: Sequence[str], lang: Language, least: float, *, averages: bool
) -> Answer | None:
    """Return a number in the question's currency or unit, or in a clause about it, unless it is doubtful."""
    check = given.check if isinstance(given, Logic) else given
    lexicon = vocabulary(check).lexicons[question.id]
    telling = [clause for clause in clauses if named_in(lexicon, clause) >= 0.5 or tells_zero(lexicon, clause, least)]
    for text in (*telling, ", ".join(clauses)):
        read = read_with_reason(given, question, text, len(text), lang)
        if read is None or read[1] not in ("number", "value") or read[0].answer is None:
            continue
        if read[0].confirm and not (averages and read[0].averaged):
            continue
        if (text in telling and question.kind != "amounts") or unit_fits(
            check, question, text, averaged=read[0].averaged
        ):
            return read[0].answer
    return None


def tells_zero(lexicon: Lexicon, folded: str, least: float) -> bool:
    """Return true if a text says that there is none of what is counted, and names it at least so clearly."""
    zero = any(span.kind == "zero" for span in lexicon.phrases.spans(tokens_of(folded)))
    return zero and named_in(lexicon, folded) >= least


def names_period(question: Question, folded: str) -> bool:
    """Return true if a text names the period that a question asks an amount for."""
    return any(span.value == question.per for span in PERIODS.spans(tokens_of(folded)))


def unit_fits(check: Check, question: Question, folded: str, *, averaged: bool) -> bool:
    """Return true if a text's numbers have the unit of this question and of no other; `averaged`: the text names for which time
    an amount is."""
    found = amounts(folded)
    named = named_in(vocabulary(check).lexicons[question.id], folded)
    if question.kind == "amounts":
        return named >= LEAST_ABOUT and all(amount.low >= 1000 for amount in found if not amount.unit)
    if question.currency:
        # An amount may be of anything, such as sales: the text names the question, or the period that it asks for.
        fits = any(in_unit_of(question, amount) for amount in found)
        same = [other for other in check.questions if other.currency == question.currency]
        return fits and (named >= LEAST_ABOUT or (len(same) == 1 and (averaged or names_period(question, folded))))
    if counts_days(question):
        return any(in_unit_of(question, amount) for amount in found)
    unit = tokens_of(fold(question.unit.en))[0].rstrip("s") if question.unit else ""
    return named >= 0.5 or any(unit and unit in folded[amount.start : amount.end] for amount in found)
