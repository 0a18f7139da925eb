"""Reader of choices, of one or several values, and of yes and no."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.checks.check import Question
from bot.checks.pattern import DENYING
from bot.checks.utterance import How, Reading, Utterance, differs, distinguishes
from bot.checks.vocabulary import BREAKS, CHANGE_CUES, FILLERS, JOINERS, MARK, QUESTION_FORM, Span, word_set
from bot.language.amounts import LONGEST_READ, amounts, han_number

SHARED = ("有", "是", "用")
WEAK = ("是", "有", "对", "嗯", "能", "会", "需要", "可以")  # occur in any Chinese sentence
LEAST_SURE_PLACE = 0.6
HAVING = frozenset(["have", "has", "had", "got", "own", "with", "有"])
ECHO_SURE = 0.7  # for an answer that only repeats words of the question
HUMMED = ("嗯", "恩", "嗯嗯", "y", "对", "已经", "already")  # also begin what is no answer
ALONE_SURE = 0.8  # for "yes" or "no" alone in its clause
ECHO_FILLERS = word_set("了 的 啊 呀 吧 我 们 已 经 都 没 不 还 未 not no yet")
BEFORE_NEGATION = word_set("我 们 还 都 也 目 前 现 在 暂 时")
TAKES_BACK = re.compile(
    rf"{CHANGE_CUES.pattern}|(?<=[,.;!]) ?(?:oh |ah )?(?:no|nope|nah)\b(?=\s*[,.;!])|\b(?:typo|(?:scratch|strike) that)\b|"
    r"[哦啊噢]?不是?\s*[,.;!]|[哦啊噢]不是?|(?<![没不])错|手误|口误|算了|\bbut (?:it is|its|that is|thats|theyre|a|an|just|only)\b|不过是|但[那它]是"
)
MOST_TAKEN_BACK = 5  # retractions heard in a message
MOST_BACK = 4  # words between a negation and the value denied
ORDINALS = {
    word: number
    for number, words in enumerate(
        ("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th", "eighth 8th"), 1
    )
    for word in words.split()
}
CARDINALS = {
    word: number
    for number, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}
ORDINAL_EN = re.compile(
    r"\b(?:the )?("
    + "|".join(ORDINALS)
    + r"|former|latter|last(?= (?:one|option|choice|answer)|$))\b(?: (?:one|option|choice|of them|answer|two|three))?"
)
ORDINAL_ZH = re.compile(
    r"第\s*([一二两三四五六七八九十]|\d{1,2})\s*(?:个|种|项|条|样|款|选项|题)?(?!次|家|批)|(最后)(?:一)?(?:个|种|项)|(前)者|(后)者"
)
NUMBERED = re.compile(
    r"\b(?:option|number|choice|answer|item|button) ?#?(\d{1,2}|one|two|three|four|five|six)\b|(?:#|\bno\.? ?|\bnr\.? ?)(\d{1,2})\b|(?:选项?|选择|答案|按)\s*([一二三四五六七八九]|\d{1,2})(?!万|千|百|\d)"
)
BARE_NUMBERS = re.compile(r"[\s(]*\d{1,2}[.)]?(?:\s*(?:,|;|、|/|\+|&|和|与|及|跟|and|\s)+\s*\d{1,2}[.)]?)*\s*[.!号]?")
FIRST_FEW = re.compile(r"\b(?:the )?first (two|three|four|five|2|3|4|5)\b|前([两二三四五]|\d)[个种项样]")


@dataclass(frozen=True)
class ValueMentions:
    """The spans of values affirmed and denied, and the negations that deny them."""

    affirmed: tuple[Span, ...]
    denied: tuple[Span, ...]
    used: frozenset[Span]

    @property
    def values(self) -> frozenset[str]:
        return frozenset(span.value for span in self.affirmed) - frozenset(
            span.value for span in self.denied if not any(one.value == span.value for one in self.affirmed)
        )


def split_denied(message: Utterance, kinds: tuple[str, ...] = ("value",)) -> ValueMentions:
    """Separate affirmed from denied values: "no tax return", "not a company", "R标没有"."""
    found = denied_apart(message, kinds)
    return ValueMentions(tuple(not_taken_back(message, found)), found.denied, found.used)


def not_taken_back(message: Utterance, found: ValueMentions) -> list[Span]:
    """Return the affirmed values without those denied later ("the tax return, no, not that") or corrected by as many
    after a retraction ("brand... no, scratch that, goods")."""
    denied = {span.value: message.clauses[span.start] for span in found.denied}  # the last clauses
    kept = [one for one in found.affirmed if denied.get(one.value, -1) <= message.clauses[one.start]]
    for start, end in retractions(message):
        after = {span.value for span in kept if span.start >= end}
        before = list(dict.fromkeys(span.value for span in kept if span.end <= start))
        gone = (
            before[-len(after) :] if after and message.lexicon.question.kind == "choices" else before if after else []
        )
        kept = [span for span in kept if span.end > start or span.value not in gone]
    return kept


def taken_back(message: Utterance) -> list[Span]:
    """Return the words of retracting, without those that name values."""
    words = {index for start, end in retractions(message) for index in range(start, end)}
    return [Span(index, index + 1, "idle") for index in words - message.indexes(message.spans_of("value"))]


def retractions(message: Utterance) -> list[tuple[int, int]]:
    """Return the stretches of words that take back what was said before them."""
    starts = message.starts
    found = islice(TAKES_BACK.finditer(message.folded), MOST_TAKEN_BACK)
    return [(bisect_left(starts, match.start()), bisect_left(starts, match.end())) for match in found]


def still_so(message: Utterance, spans: Sequence[Span]) -> list[Span]:
    """Return the values of the clauses about the question's subject, and of the present: "a tenant last year, now the owner"."""
    clauses = message.clauses
    now, then = ({clauses[one.start] for one in message.spans_of(kind)} for kind in ("present", "past"))
    about = {clauses[one.start] for one in message.spans_of("about")}
    if of_this := [span for span in spans if clauses[span.start] in about]:
        spans = of_this
    last = max(span.start for span in spans)
    latest = max((mark.start for mark in message.spans_of("present") if mark.start < last), default=-1)
    of_now = [span for span in spans if clauses[span.start] in now and span.start > latest]
    return of_now or [span for span in spans if clauses[span.start] not in then]


def denied_apart(message: Utterance, kinds: tuple[str, ...]) -> ValueMentions:
    spans = message.spans_of(*kinds)
    negations = message.spans_of("not", "no")
    negations += [span for span in message.spans_of("noun") if message.texts[span.start] in DENYING]
    used: set[Span] = set()
    said: list[Span] = []
    denied: list[Span] = []
    before: Span | None = None
    for span in spans:
        negation = negation_before(message, span, spans, negations) or negation_after(message, span, negations)
        chained = (
            before is not None and before in denied and span.start > before.end
            and message.words[before.start].clause == message.words[span.start].clause
            and all(text in JOINERS or text in ("a", "an", "the", "any") for text in message.texts[before.end : span.start])
        )  # fmt: skip
        if negation:
            used |= {
                one
                for one in negations
                if one.start <= negation.start < one.end or negation.start <= one.start < negation.end
            }
        if (
            negation
            or chained
            or (before is not None and before in denied and (before.start, before.end) == (span.start, span.end))
        ):
            denied.append(span)
        else:
            said.append(span)
        before = span
    return ValueMentions(tuple(said), tuple(denied), frozenset(used))


def negation_before(message: Utterance, span: Span, values: Sequence[Span], negations: Sequence[Span]) -> Span | None:
    """Return the negation before a value that denies it, or None."""
    inside = {index for value in values for index in range(value.start, value.end)}
    clause = message.words[span.start].clause
    for index in range(span.start - 1, max(-1, span.start - 1 - 2 * MOST_BACK), -1):
        # 没有 and 有R标 share their 有
        reach = span.start + 1 if message.texts[span.start] in SHARED else span.start
        negation = next((one for one in negations if one.start <= index < one.end <= reach), None)
        if message.words[index].clause != clause:
            return None
        if index in inside:
            # "还没注册公司": the value directly before is a denial, which extends to this one
            before = next(one for one in values if one.start <= index < one.end)
            named = message.texts[before.start : before.end]
            denies = {*named[:2], *named[-2:]}
            adjoins = index == span.start - 1 and before.end <= reach and before.value != span.value
            return before if adjoins and DENYING & denies else None
        if negation:
            return negation
        if message.texts[index] in BREAKS or span.start - index > (
            2 * MOST_BACK if not message.texts[index].isascii() else MOST_BACK
        ):
            return None
    return None


def negation_after(message: Utterance, span: Span, negations: Sequence[Span]) -> Span | None:
    """Return the negation that follows a value at the end of its clause ("R标没有"), or None."""
    index = span.end
    while index < len(message.texts) and message.texts[index] in BEFORE_NEGATION:
        index += 1
    negation = next((one for one in negations if one.start <= index < one.end), None)
    if negation is None or message.texts[negation.start].isascii():
        return None
    rest = negation.end
    while rest < len(message.texts) and message.texts[rest] in ("的", "了", "呢", "啊", "有", "开", "办", "弄", "用"):
        rest += 1
    clause = message.words[span.start].clause
    closes = rest >= len(message.texts) or message.words[rest].clause != clause
    return negation if closes and message.words[negation.start].clause == clause else None


def in_order(question: Question, values: Iterable[str]) -> tuple[str, ...]:
    wanted = set(values)
    return tuple(option.id for option in question.options if option.id in wanted)


def read_choice(question: Question, message: Utterance) -> tuple[Reading, How] | None:
    """Read one value of a choice, or yes or no."""
    options = question.options
    said = split_denied(message)
    unknown = message.spans_of("unknown")
    hedged = bool(message.spans_of("hedge"))
    every = [*said.affirmed, *said.denied, *said.used, *taken_back(message)]
    values = set(said.values)
    over = message.spans_of("over")
    if len(values) > 1:
        values = {span.value for span in still_so(message, said.affirmed)} or values
        having = {span.value: message.clauses[span.start] for span in said.affirmed if span.value in values}
        lacking = {having.pop(value) for value in message.lexicon.no_like & having.keys()}
        if question.kind == "choice" and len(having) == 1 and lacking.isdisjoint(having.values()):
            values = set(having)  # "no company, a sole trader"
        over = over if len(values) > 1 else []
    if question.kind == "yes_no":
        values |= {"no" if span.value == "yes" else "yes" for span in said.denied}
        denied: frozenset[str] = frozenset()
    else:
        denied = frozenset(span.value for span in said.denied) - values
    if unknown and (not values or message.spans_of("whether") or len(values) > 1):
        return Reading(unknown=True, sure=message.sure([*unknown, *every, *message.spans_of("whether")])), "unknown"
    if len(values) == 1:
        sure = message.sure([*every, *unknown, *message.spans_of("yes", "no", "hedge", "all", "both")])
        return Reading(
            values.pop(),
            confirm=bool(unknown or hedged or over) and distinguishes(message.classes),
            sure=sure,
        ), "value"
    if values:
        places = place_of(message.folded, len(options))
        sure = message.sure([*every, *message.spans_of("yes", "no")])
        if len(places) == 1 and 0 <= places[0] < len(options) and options[places[0]].id in values:
            return Reading(options[places[0]].id, sure=sure), "value"
        return Reading(problem="several_fit", options=in_order(question, values), sure=sure), "value"
    if denied:
        left = in_order(question, {option.id for option in options} - denied)
        sure = message.sure([*every, *message.spans_of("yes")])
        if len(left) == 1:
            return Reading(left[0], sure=sure), "value"
        return Reading(problem="several_fit", options=left, sure=sure), "value"
    places = place_of(message.folded, len(options))
    if places and all(0 <= place < len(options) for place in places) and place_sure(message) >= LEAST_SURE_PLACE:
        sure = place_sure(message)
        if len(places) == 1:
            return Reading(options[places[0]].id, sure=sure), "place"
        chosen = in_order(question, {options[place].id for place in places})
        return Reading(problem="several_fit", options=chosen, sure=sure), "place"
    general = read_yes_no_of(question, message, hedged)
    if general:
        return general
    if hedged:
        return Reading(unknown=True, sure=message.sure(message.spans_of("hedge"))), "unknown"
    return no_such_choice(message, places)


def read_yes_no_of(question: Question, message: Utterance, hedged: bool) -> tuple[Reading, How] | None:
    """Read "yes", "no" and the name of the subject asked about, if the question's values allow it."""
    lexicon = message.lexicon
    subject = split_denied(message, ("subject",))
    yes = message.spans_of("yes", "both", "all")
    aside = message.spans_of("idle", "whether", "unknown")
    no = [span for span in message.spans_of("no", "nothing") if not any(is_inside(span, one) for one in aside)]
    asks = QUESTION_FORM.search(message.folded) or MARK.search(message.folded)
    if not no and not yes and not asks:
        if question.kind == "yes_no" or follows_having(message, subject.affirmed):
            yes = list(subject.affirmed)
        if not yes and question.kind == "yes_no" and echoes_question(message):
            return Reading("no" if message.spans_of("not") else "yes", sure=ECHO_SURE), "subject"
        if subject.denied and not subject.affirmed:
            no = list(subject.denied)
    if asks:
        yes = [span for span in yes if "".join(message.texts[span.start : span.end]) not in WEAK]
    if not yes and not no:
        return None
    denials = {span.start for span in (*no, *message.spans_of("not"))}
    yes = [span for span in yes if span.end not in denials]  # "we have none"
    both = bool(yes) and bool(no)
    wanted = lexicon.no_like if no else lexicon.yes_like
    if not no and not wanted and lexicon.no_like:
        wanted = {option.id for option in question.options} - lexicon.no_like
    if not wanted:
        return None
    sure = message.sure([*yes, *no, *subject.affirmed, *subject.denied, *message.spans_of("hedge", "not")])
    if not asks and not hedged and message.length <= LONGEST_READ and alone_in_clause(message, no or yes):
        sure = max(sure, ALONE_SURE)
    weak = all("".join(message.texts[span.start : span.end]) in (*WEAK, "是的") for span in yes)
    how: How = "subject" if subject.affirmed or subject.denied else "general"
    fit = in_order(question, wanted)
    if len(fit) > 1:
        return Reading(problem="several_fit", options=fit, sure=sure), how
    clauses = {message.clauses[span.start] for span in (*yes, *no)}
    torn = both and not subject.denied and (not weak or (question.kind == "choice" and len(clauses) > 1))
    if question.kind == "choice" and no:  # "by invitation, but we have none"
        before = message.texts[: bisect_left(message.clauses, message.clauses[no[0].start])]
        torn = torn or any(text in lexicon.neutral and text not in FILLERS for text in before)
    doubtful = (hedged or torn) and distinguishes(message.classes)
    return Reading(fit[0], confirm=doubtful, sure=sure), how


def alone_in_clause(message: Utterance, spans: Sequence[Span]) -> bool:
    """Return true if a clause says only one of these spans, "yes" or "no"."""
    explained = message.indexes(message.spans_of("yes", "no", "not", "nothing", "idle"))
    full = {
        message.clauses[index] for index, text in enumerate(message.texts)
        if index not in explained and text not in FILLERS
    }  # fmt: skip
    return any(
        message.clauses[span.start] not in full and "".join(message.texts[span.start : span.end]) not in HUMMED
        for span in spans
    )


def follows_having(message: Utterance, spans: Sequence[Span]) -> bool:
    """Return true if one of the spans follows a word of having."""
    return any(HAVING & set(message.texts[max(0, span.start - 3) : span.start]) for span in spans)


def echoes_question(message: Utterance) -> bool:
    """Return true if a message repeats a yes/no question's last words: "优化好了" to "…优化好了吗？", "improved"."""
    said = [text for text in message.texts if text not in ECHO_FILLERS]
    if message.spans_of("noun"):
        return False
    han = tuple(text for text in said if not text.isascii())
    if han:
        size = len(han)
        return size == len(said) and size > 1 and message.lexicon.echo[-size:] == han
    names = {word for name in message.lexicon.names for word in name}
    return (
        bool(said)
        and any(text not in FILLERS for text in said)
        and all(text in names or text in FILLERS for text in said)
    )


def is_inside(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.end <= other.end


def place_of(folded: str, count: int) -> list[int]:
    """Return the indexes (from 0) of choices named by number: "2", "the first one", "第二个", "1 and 3"."""
    few = FIRST_FEW.search(folded)
    if few:
        word = few[1] or few[2]
        size = int(word) if word.isdecimal() else CARDINALS.get(word) or int((han_number(word) or (0,))[0])
        return list(range(min(size, count)))
    if BARE_NUMBERS.fullmatch(folded):
        return [int(number) - 1 for number in re.findall(r"\d+", folded)]
    found: list[int] = []
    for match in ORDINAL_EN.finditer(folded):
        word = match[1]
        found.append({"last": count - 1, "former": 0, "latter": count - 1}.get(word, ORDINALS.get(word, 0) - 1))
    for match in ORDINAL_ZH.finditer(folded):
        if match[1]:
            number = int(match[1]) if match[1].isdecimal() else int((han_number(match[1]) or (0,))[0])
            found.append(number - 1)
        else:
            found.append(0 if match[3] else count - 1)
    for match in NUMBERED.finditer(folded):
        word = match[1] or match[2] or match[3]
        number = CARDINALS.get(word) or (int(word) if word.isdecimal() else int((han_number(word) or (0,))[0]))
        found.append(number - 1)
    return list(dict.fromkeys(found))


def without_places(folded: str) -> str:
    """Remove the words that name a choice by number."""
    for pattern in (ORDINAL_EN, ORDINAL_ZH, NUMBERED):
        folded = pattern.sub(" ", folded)
    return folded


def place_sure(message: Utterance) -> float:
    stretches = [
        match.span()
        for pattern in (ORDINAL_EN, ORDINAL_ZH, NUMBERED, FIRST_FEW)
        for match in pattern.finditer(message.folded)
    ]
    if BARE_NUMBERS.fullmatch(message.folded):
        stretches.append((0, len(message.folded)))
    return message.sure((), stretches)


def no_such_choice(message: Utterance, places: Sequence[int]) -> tuple[Reading, How] | None:
    """Read a number that is none of the choices."""
    stretches = [(amount.start, amount.end) for amount in amounts(message.folded)]
    if message.spans_of("noun"):
        return None
    sure = max(message.sure(message.spans_of("aside"), stretches), place_sure(message) if places else 0.0)
    return (Reading(problem="no_such_choice", sure=sure), "trouble") if sure >= 0.6 else None


def read_choices(question: Question, message: Utterance) -> tuple[Reading, How] | None:
    """Read several values, all, or none of them."""
    options = [option.id for option in question.options]
    said = split_denied(message)
    unknown = message.spans_of("unknown")
    every, nothing, both = message.spans_of("all"), message.spans_of("nothing"), message.spans_of("both")
    excepted = message.spans_of("except")
    used = [*said.affirmed, *said.denied, *said.used, *taken_back(message)]
    hedged = bool(message.spans_of("hedge") or unknown)
    if every and (excepted or said.denied):
        after = excepted[0].start if excepted else -1
        out = {span.value for span in (*said.affirmed, *said.denied) if span.start > after}
        chosen = frozenset(options) - out
        if not out:
            return Reading(problem="several_fit", options=tuple(options), sure=message.sure([*used, *every])), "value"
        return Reading(chosen, sure=message.sure([*used, *every, *excepted])), "value"
    if said.affirmed:
        chosen, other = unambiguous(options, said)
        confirm = (hedged and distinguishes(message.classes)) or differs(message.classes, chosen, other)
        sure = message.sure([*used, *message.spans_of("yes", "no", "both", "all", "hedge", "unknown", "nothing")])
        return Reading(chosen, confirm=confirm, sure=sure), "value"
    if unknown:
        return Reading(unknown=True, sure=message.sure([*unknown, *used, *message.spans_of("whether")])), "unknown"
    places = place_of(message.folded, len(options))
    if places and all(0 <= place < len(options) for place in places) and place_sure(message) >= LEAST_SURE_PLACE:
        return Reading(frozenset(options[place] for place in places), sure=place_sure(message)), "place"
    if said.denied:
        left = in_order(question, set(options) - {span.value for span in said.denied})
        sure = message.sure([*used, *message.spans_of("yes")])
        if not left:
            return Reading(frozenset(), sure=sure), "value"
        return Reading(problem="several_fit", options=left, sure=sure), "value"
    if both and len(options) > 2:
        return Reading(problem="several_fit", options=tuple(options), sure=message.sure(both)), "general"
    if every or both:
        return Reading(frozenset(options), sure=message.sure([*every, *both, *message.spans_of("yes")])), "general"
    if nothing or message.spans_of("no"):
        sure = message.sure([*nothing, *message.spans_of("no", "yes")])
        return Reading(frozenset(), confirm=hedged and distinguishes(message.classes), sure=sure), "general"
    if message.spans_of("yes"):
        return Reading(
            problem="several_fit", options=tuple(options), sure=message.sure(message.spans_of("yes"))
        ), "general"
    return no_such_choice(message, places)


def unambiguous(options: Sequence[str], said: ValueMentions) -> tuple[frozenset[str], frozenset[str]]:
    """Return two readings of the affirmed values: the first and the last option that fits each stretch of words."""
    first: set[str] = set()
    last: set[str] = set()
    for start, end in dict.fromkeys((span.start, span.end) for span in said.affirmed):
        fit = [name for name in options if Span(start, end, "value", name) in said.affirmed]
        first.add(fit[0])
        last.add(fit[-1])
    return frozenset(first), frozenset(last)
