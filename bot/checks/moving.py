"""Moves within a check: orders in free words, corrections, suppositions, yes with an echo."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from bot.checks.answers import BadAnswer, parse_answer, plain_value
from bot.checks.check import NUMBERS, Question
from bot.checks.choice_reader import split_denied
from bot.checks.free_text import (
    AGREE,
    COMMAND_OF,
    COMMAND_PHRASES,
    Command,
    in_unit_of,
    named_in,
    read_agreement,
    read_command,
)
from bot.checks.pattern import tokens_of
from bot.checks.table import Logic
from bot.checks.utterance import Reading, parse
from bot.checks.vocabulary import FILLERS, GENERAL, Phrases, Span, longest_spans, vocabulary, words_of
from bot.language.amounts import amounts, fold
from bot.language.normalize import HAN
from bot.lists import listed
from bot.model import Language

LISTS = listed(__file__, "moving.yaml")
Order = Command | Literal["done", "verdict", "missing", "what_now", "wait", "heard"]
Cue = Literal["strong", "weak"]
Read = Callable[[Question, str], Reading | None]  # reads a text as the answer to a question

SURE = 0.6  # share of a message that a reading must explain to be an answer
NAMED = 0.5  # least score of a question that a message names
LONGEST_ORDER = 100  # characters
LONGEST_ECHO = 10  # words after "yes" that only repeat the question
CLAUSES = re.compile(r"\s*[,，。;；!！\n]\s*(?!\d{3}\b)")
PARTS = re.compile(rf"[,，。.;；!！?？:：\n…、~～]+|(?<=[{HAN}]) +(?=[{HAN}])|\s+[-–—]+\s+")
EDGES = re.compile(r"^[\s,.;:!?。…、~-]+|[\s,;:!。…、~-]+$")
PARTICLES = "吧了啊呢呀嘛哦啦哈"
LEADING_NO = re.compile(
    r"(?:no|nope|nah|不是的?|不|[哦噢啊]不)\s*[,，.;!]\s*(?=\S)|(?:no|nope|nah)\s+(?=(?:i mean|i meant|sorry|wait|actually)\b)"
)
NOT_OLD = re.compile(r"[\s,]*(?:\b(?:and )?not|而?不是)\s*(?:\w+\s?){1,2}$")  # "3, not 5"
BUT = frozenset(["but", "though", "however", "except", "unless", "only", "但", "不过", "可是", "只是", "除"])


def phrases_in(text: str) -> list[str]:
    return [one for one in (part.strip() for part in text.replace("\n", " ").split("|")) if one]


def phrases_of(**groups: str) -> Phrases:
    made = Phrases()
    for kind, text in groups.items():
        for one in phrases_in(text):
            made.add(tokens_of(fold(one)), kind)
    return made


IDLE = frozenset(LISTS["idle"].split())
CORRECTIONS = phrases_of(**LISTS["corrections"])
SUPPOSITIONS = phrases_of(supposed=LISTS["suppositions"])
RETRACTIONS = phrases_of(taken=LISTS["retractions"])
ZEROS = phrases_of(**LISTS["zeros"])
ECHOES = phrases_of(**{name: LISTS["echoes"][name] for name in ("yes", "no")})
JOINED = frozenset(phrases_in(LISTS["echoes"]["joined"]))
AFTER_NO = frozenset(LISTS["echoes"]["after no"].split())


# --- orders


def key_of(text: str) -> str:
    """Return a text's words without those that do not tell one order from another."""
    return "".join(word for word in tokens_of(fold(text)) if word not in IDLE)


ANSWERS = AGREE | {"".join(tokens) for tokens in GENERAL.kinds}  # "没有" is not an order, though "没有了" is


def _orders() -> dict[str, Order]:
    made: dict[str, Order] = {key_of(known): order for known, order in COMMAND_OF.items() if not known.isascii()}
    for name, text in LISTS["orders"].items():
        for one in phrases_in(text):
            made["".join(tokens_of(fold(one)))] = cast(Order, name)
            if (key := key_of(one)) not in ANSWERS:
                made.setdefault(key, cast(Order, name))
    made.pop("", None)
    return made


ORDERS = _orders()
BESIDE = frozenset(key_of(one) for one in phrases_in(LISTS["beside"])) | {""}
PREFIXES = tuple("".join(tokens_of(fold(one))) for one in phrases_in(LISTS["beside"]) if not one.isascii())


def order_phrases() -> dict[str, list[str]]:
    """Return the phrases of each order."""
    found: dict[str, list[str]] = {name: phrases_in(text) for name, text in LISTS["orders"].items()}
    for phrase, name in COMMAND_PHRASES:
        found.setdefault(name, []).append(phrase)
    return found


def read_order(text: str, lang: Language) -> Order | None:
    """Read a message as an order, with or without polite words, excuses or sighs in clauses of their own."""
    if len(text) > LONGEST_ORDER:
        return None
    whole = order_of(text, lang)
    if whole is not None:
        return whole
    parts = [part for part in PARTS.split(text) if part.strip()]
    if len(parts) < 2:
        return None
    found = {order_of(part, lang) for part in parts if key_of(part) not in BESIDE}
    return found.pop() if len(found) == 1 else None


def order_of(text: str, lang: Language) -> Order | None:
    plain = "".join(tokens_of(fold(text)))
    return (
        ORDERS.get(plain)
        or ORDERS.get(plain.rstrip(PARTICLES))
        or read_command(text, lang)
        or ORDERS.get(key_of(text))
        or next((found for one in PREFIXES if (found := after(plain, one))), None)
    )


def after(plain: str, beside: str) -> Order | None:
    """Return the order that follows words beside it without a pause: 算了继续吧."""
    rest = plain.removeprefix(beside).rstrip(PARTICLES) if plain.startswith(beside) else ""
    return ORDERS.get(rest) or COMMAND_OF.get(rest)


# --- corrections and suppositions


@dataclass(frozen=True)
class Stripped:
    """A message without the words around an answer. `cue` is how clearly they take another answer back."""

    rest: str
    cue: Cue | None = None


@lru_cache(maxsize=8)
def without_cues(text: str) -> Stripped:
    """Strip what announces a correction: "typo, 1100", "写错了 是一万二", "押金改成三万"."""
    folded = fold(text)
    if no := LEADING_NO.match(folded):
        said = without_cues(folded[no.end() :])
        return Stripped(said.rest, said.cue or "weak")
    if (old := NOT_OLD.search(folded)) and amounts(old[0]) and amounts(folded[: old.start()]):
        return Stripped(without_cues(folded[: old.start()]).rest, "strong")
    spans = spans_in(CORRECTIONS, folded)
    weak = [span for span in spans if span.kind == "weak"]
    strong = [span for span in spans if span.kind == "strong"]
    cue: Cue | None = "strong" if strong else "weak" if weak else None
    return Stripped(cut(folded, strong or weak), cue) if cue else Stripped(folded)


@lru_cache(maxsize=8)
def without_supposing(text: str) -> str | None:
    """Strip "what if" and the like; None if nothing is supposed."""
    folded = fold(text)
    spans = spans_in(SUPPOSITIONS, folded)
    return cut(folded, spans).rstrip("? ") if spans else None


def zeros(text: str) -> Literal["missing", "added"] | None:
    """Read "forgot a zero" and "one zero too many" without the number meant."""
    folded = fold(text)
    spans = spans_in(ZEROS, folded)
    if not spans or amounts(cut(folded, spans)):
        return None
    return "missing" if spans[0].kind == "missing" else "added"


def spans_in(phrases: Phrases, folded: str) -> list[Span]:
    return longest_spans(phrases.spans([word.text for word in words_of(folded)]))


def cut(folded: str, spans: list[Span]) -> str:
    """Return the text without the spans of words."""
    words = words_of(folded)
    left, at = [], 0
    for span in spans:
        left.append(folded[at : words[span.start].start])
        at = max(at, words[span.end - 1].end)
    left.append(folded[at:])
    return EDGES.sub("", " ".join(left)).strip()


def fitting(logic: Logic, names: list[str], text: str, read: Read) -> tuple[Question, Reading] | None:
    """Return the question among `names`, the likeliest first, of which a text is a valid answer, with its reading.

    A question that the text names or whose unit it gives goes before the others; a bare number is none of a choice, and
    "no" alone is said to the first question only.
    """
    if read_agreement(text) is not None:
        names = [name for name in names[:1] if logic.check.question(name).kind == "yes_no"]
    folded = fold(text)
    found = amounts(folded)
    number = bool(found) and not any(word.isalpha() and word not in FILLERS for word in leftover(folded))
    fits: list[tuple[float, Question, Reading]] = []
    for name in names:
        question = logic.check.question(name)
        if number and question.kind not in NUMBERS:
            continue
        reading = read(question, text)
        named = named_in(vocabulary(logic.check).lexicons[name], folded)
        if number and any(in_unit_of(question, amount) for amount in found):
            named = max(named, NAMED)
        if (
            reading is not None
            and reading.sure >= (SURE if named < NAMED else SURE / 2)
            and is_valid(logic, question, reading)
        ):
            fits.append((named if named >= NAMED else 0.0, question, reading))
    return max(fits, key=lambda one: one[0])[1:] if fits else None


def leftover(folded: str) -> Iterator[str]:
    """Yield the words of a text outside its numbers."""
    inside = [(amount.start, amount.end) for amount in amounts(folded)]
    for word in words_of(folded):
        if not any(start <= word.start < end for start, end in inside):
            yield word.text


def is_valid(logic: Logic, question: Question, reading: Reading) -> bool:
    """Return true for a reading with a value that the question accepts."""
    if reading.problem is not None or reading.answer is None:
        return False
    return not isinstance(parse_answer(logic, question.id, plain_value(reading.answer)), BadAnswer)


def is_bare_number(text: str) -> bool:
    """Return true for a message that is a number alone, with or without its unit: "5", "5个", "oh, 12k"."""
    folded = fold(text)
    return bool(amounts(folded)) and all(word in FILLERS or word in IDLE for word in leftover(folded))


# --- several answers


def taken_out(logic: Logic, question: Question, text: str, lang: Language) -> frozenset[str]:
    """Return the values that a message takes out of an answer: "no tax return, sorry", "forget the brand".

    Empty if it also names values to put in.
    """
    folded = fold(text)
    lexicon = vocabulary(logic.check).lexicons[question.id]
    said = split_denied(parse(lexicon, folded, len(text), lang))
    affirmed, denied = set(said.affirmed), {span.value for span in said.denied}
    words = words_of(folded)
    for span in spans_in(RETRACTIONS, folded):
        clause, either = words[span.start].clause, not words[span.start].text.isascii()  # 报税表拿掉
        out = {one for one in affirmed if words[one.start].clause == clause and (either or one.start >= span.end)}
        affirmed -= out
        denied |= {one.value for one in out}
    return frozenset() if {one.value for one in affirmed} - denied else frozenset(denied)


# --- yes and no


def echoed(logic: Logic, question: Question, text: str) -> bool | None:
    """Read "yes it covers footwear" as true and "no, not yet" as false; None for a message that may deny something else.

    Without a pause, "no" is followed by a pronoun and a Chinese word by words of the question: not "no trademark", 没有经验.
    """
    folded = fold(text)
    words = words_of(folded)
    spans = [span for span in spans_in(ECHOES, folded) if span.start == 0]
    if not spans or folded.endswith("?"):
        return None
    (span,) = spans[:1]
    rest = words[span.end :]
    size = sum(1.0 if word.text.isascii() else 0.5 for word in rest)
    if not rest or size > LONGEST_ECHO or BUT & {word.text for word in rest}:
        return None
    yes = span.kind == "yes"
    paused = rest[0].clause != words[span.end - 1].clause or folded[rest[0].start - 1] == " "
    if words[0].text.isascii():
        follows = yes or rest[0].clause != words[span.end - 1].clause or rest[0].text in AFTER_NO
    else:
        neutral = vocabulary(logic.check).lexicons[question.id].neutral
        joined = folded[words[0].start : words[span.end - 1].end] in JOINED
        follows = paused or (joined and all(word.text in neutral or word.text in FILLERS for word in rest))
    return yes if follows else None
