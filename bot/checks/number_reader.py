"""Reader of amounts, whole numbers and lists of amounts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from bot.checks.check import Question
from bot.checks.condition import LARGEST, STEP
from bot.checks.table import Classes
from bot.checks.utterance import How, Reading, Trouble, Utterance
from bot.checks.vocabulary import CHANGE_CUES, Span, phrase_lists
from bot.language.amounts import COUNT, DATE, DAYS, SHARE, Amount, amounts, currencies
from bot.language.past_days import past_days

NEAR_LIMIT = Decimal("0.1")  # relative tolerance of "about"
A_MONTH = {
    "day": Decimal(1) / 30,
    "week": Decimal(7) / 30,
    "month": Decimal(1),
    "quarter": Decimal(3),
    "year": Decimal(12),
}
UNUSUAL = 100  # how many times a check's limits differ from a number that is doubtful without a currency
YUAN_A_DOLLAR = 8  # upper bound of the rate: "块" may mean yuan in answer to a question for dollars
NOT_ZERO = frozenset(dict(phrase_lists("numbers"))["not zero"])
TAKES_BACK = re.compile(
    rf"{CHANGE_CUES.pattern}|\b(?:no|nope|nah)\b(?! (?:more|less|fewer)\b)|\b(?:typo|scratch that|strike that)\b|"
    r"不是|不\s*[,.;!]|(?<![没不])错|手误|口误"
)
EITHER = re.compile(r"\bor\b(?! so\b)|或|还是")
MOST_MEANT = 5  # numbers offered to choose from
IDLE_ONES = ("one", "一", "a", "an", "1")


@dataclass(frozen=True)
class Taken:
    """A number as the answer, with the bounds of the true value."""

    value: Decimal
    low: Decimal
    high: Decimal


def read_number(question: Question, message: Utterance) -> tuple[Reading, How] | None:
    """Read an amount, a whole number, or a list of amounts."""
    days = question.unit is not None and question.unit.en.startswith("day")
    if days and message.today and (dated := read_past_days(question, message, message.today)):
        return dated
    zeros = message.indexes(message.spans_of("zero", "nothing", "no"))
    aside = {index for index, clause in enumerate(message.clauses) if clause in message.aside_clauses}
    everything = [
        amount for amount in amounts(message.folded)
        if not message.indexes((), [(amount.start, amount.end)]) <= zeros and aside.isdisjoint(message.indexes((), [(amount.start, amount.end)]))
    ]  # fmt: skip
    serving = [
        amount
        for amount in everything
        if fits_question(question, amount, message, days) and not (days and is_per(amount, everything, message.folded))
    ]
    periods = message.spans_of("period")
    lasting = [amount for amount in everything if question.currency and amount.unit in DAYS]
    stretches = [
        (amount.start, amount.end)
        for amount in everything
        if amount in serving or amount in lasting or (question.currency and amount.unit == COUNT)
    ]
    kept, replaced = drop_retracted(serving, message.folded, several=question.kind == "amounts")
    stretches += replaced
    if question.kind != "amounts":
        kept = [one for amount in kept for one in alternatives(question, amount, message, days)]
    general = [*message.spans_of("unknown", "hedge", "yes", "not", "no", "both", "all", "today", "yesterday"), *periods]
    if not kept:
        return without_number(question, message, everything, days)
    sure = message.sure(general, stretches)
    if question.currency:
        named = currencies(message.folded)
        own = [amount for amount in kept if amount.currency == question.currency]
        if own:
            kept = (
                [*own, *(amount for amount in kept if amount.currency is None)] if question.kind == "amounts" else own
            )
        else:
            foreign = next((amount.currency for amount in kept if amount.currency), None)
            if foreign is None and named and question.currency not in named:
                foreign = named[0]
            if foreign:
                return Reading(problem="other_currency", named=foreign, sure=sure), "trouble"
    doubt = bool(message.spans_of("unknown", "hedge"))
    numbers: list[Taken] = []
    for amount in kept:
        taken = take(question, amount, message, days=days, doubt=doubt)
        if isinstance(taken, str):
            return Reading(problem=taken, sure=sure), "trouble"
        numbers.append(taken)
    if question.kind == "amounts":
        ends = [
            replace(one, value=end)
            for one, amount in zip(numbers, kept, strict=True)
            for end in ((one.low, one.high) if amount.range and not amount.bound else (one.value,))
        ]
        values = tuple(whole_or_cents(one.value) for one in ends)
        bounds = max(one.low for one in numbers), max(one.high for one in numbers)
        return Reading(values, confirm=crosses(message.classes, *bounds), sure=sure), "number"
    exact = [one for one in numbers if one.low == one.value == one.high]
    if days and len(exact) == 1 and all(one.low <= exact[0].value <= one.high for one in numbers):
        numbers = exact  # "over half a year, 200 days"
    different = tuple(dict.fromkeys(whole_or_cents(one.value) for one in numbers))
    if len(different) > MOST_MEANT:
        return Reading(problem="no_number", sure=sure), "trouble"
    if len(different) > 1:
        return Reading(problem="several_fit", options=different, sure=sure), "number"
    answer = whole_or_cents(numbers[0].value)
    if months := months_meant(question, periods, lasting):
        return Reading(whole_or_cents(answer / months), confirm=bool(answer), averaged=True, sure=sure), "number"
    low, high = min(one.low for one in numbers), max(one.high for one in numbers)
    doubtful = (
        crosses(message.classes, low, high) or unusual(question, kept[0], message, days=days) or kept[0].times > 1
    )
    return Reading(answer, confirm=doubtful, sure=sure), "number"


def is_per(time: Amount, everything: Sequence[Amount], text: str) -> bool:
    """Return true if a time is what a sum of money is for: 35k USD 一个月."""
    sums = (one for one in everything if one.currency and one.end <= time.start)
    return any(not text[one.end : time.start].strip() for one in sums)


def months_meant(question: Question, periods: Sequence[Span], lasting: Sequence[Amount]) -> Decimal | None:
    """Return for how many of the periods asked for an amount is, if it is not for one."""
    named = [span.value for span in periods]
    if question.per is None or question.per in named or not (named or lasting):
        return None
    months = lasting[0].high * A_MONTH[str(lasting[0].unit)] if lasting else A_MONTH[named[0]]
    return months / A_MONTH[question.per]


def unusual(question: Question, amount: Amount, message: Utterance, *, days: bool) -> bool:
    """Return true for "two" where ten thousands are usual, and for ten thousand where a few are."""
    cuts = message.classes.cuts if message.classes else ()
    if question.kind == "whole_number" and not days and cuts:
        return amount.low > cuts[-1] * UNUSUAL
    plain = not amount.currency and not amount.money_word and amount.high > 0
    return bool(question.currency and cuts and plain and amount.high * UNUSUAL <= cuts[0])


def read_past_days(question: Question, message: Utterance, today: date) -> tuple[Reading, How] | None:
    """Read "since March 2025" as an age in days, to be confirmed; None if no date is named, or a span of time beside it."""
    named = past_days(message.folded, today)
    if named is None or any(
        amount.unit in DAYS and not named.start <= amount.start < named.end for amount in amounts(message.folded)
    ):
        return None
    sure = message.sure(message.spans_of("ago", "past", "yes", "period"), [(named.start, named.end)])
    least, most = Decimal((today - named.last).days), Decimal((today - named.first).days)
    if least < 0:
        return Reading(problem="out_of_range", sure=sure), "trouble"
    if crosses(message.classes, least, most):
        return Reading(problem="a_date", sure=sure), "trouble"
    middle = (least + most) // 2
    if most - least > 31:
        middle = middle // 50 * 50  # told as round as it is known
    return Reading(middle, confirm=True, sure=sure), "number"


def whole_or_cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.quantize(Decimal("0.01"))


def drop_retracted(
    found: Sequence[Amount], folded: str, *, several: bool
) -> tuple[list[Amount], list[tuple[int, int]]]:
    """Return the numbers that are not retracted ("7000, sorry 17000"), and the spans of the retractions.

    If the question asks for `several` numbers, those after a retraction replace as many before it.
    """
    said: list[tuple[int, int]] = []
    groups = [list(found[:1])]
    for before, after in pairwise(found):
        if words := TAKES_BACK.search(folded, before.end, after.start):
            said.append(words.span())
            groups.append([])
        groups[-1].append(after)
    left: list[Amount] = []
    for group in groups:
        left = [*(left[: -len(group)] if several else ()), *group]
    return left, said


def fits_question(question: Question, amount: Amount, message: Utterance, days: bool) -> bool:
    """Return true if a number's unit and context fit the question."""
    if amount.unit in (DATE, SHARE) or re.match(r"(?:st|nd|rd|th)\b", message.folded[amount.end :]):
        return False
    if re.search(r"(?:not|isnt|wasnt|instead of|rather than|不是|而不是)\s*$", message.folded[: amount.start]):
        return False
    if question.currency:
        idle = amount.word in IDLE_ONES and not amount.currency
        return amount.unit is None and not idle
    if amount.currency or amount.money_word:
        return False
    if days:
        return amount.unit is None or amount.unit in DAYS
    # "our first one", "we need not one"
    return amount.unit in (None, COUNT) and not (amount.word in IDLE_ONES and message.spans_of("first", "not"))


def alternatives(question: Question, amount: Amount, message: Utterance, days: bool) -> tuple[Amount, ...]:
    """Split "7000 or 17000" into both numbers if the check's rules distinguish them."""
    if not amount.range or not EITHER.search(amount.word):
        return (amount,)
    both = replace(amount, high=amount.low), replace(amount, low=amount.high)
    one, other = (take(question, each, message, days=days, doubt=False) for each in both)
    if isinstance(one, str) or isinstance(other, str) or not crosses(message.classes, one.value, other.value):
        return (amount,)
    return both


def take(question: Question, amount: Amount, message: Utterance, *, days: bool, doubt: bool) -> Taken | Trouble:
    """Convert a number into the answer, or return the reason to reject it."""
    times = amount.times if question.kind != "amounts" else Decimal(1)
    low, high = amount.low * times, amount.high * times
    whole = question.kind == "whole_number"
    if whole and amount.unit in (None, COUNT, "day") and low != low.to_integral_value():
        return "not_whole"
    if days and amount.unit:
        low, high = in_days(low, amount.unit), in_days(high, amount.unit)
    lowest, highest = limits(question, message.classes)
    step = STEP[question.kind] if whole else Decimal(1)
    value = low
    if amount.bound == "below" and crosses(message.classes, high - step, high):
        value = high - step
    elif amount.bound == "above" and crosses(message.classes, low, low + step):
        value = low + step
    elif amount.bound in ("below", "at_most"):
        value = high
    if low < 0 or not lowest <= value <= highest or high > highest:
        return "out_of_range"
    off = NEAR_LIMIT if amount.about or doubt else Decimal(0)
    foreign = message.lang == "zh" and question.currency == "USD" and amount.currency is None
    if foreign:
        off = NEAR_LIMIT
    if amount.bound and not amount.about:
        low = lowest if amount.bound in ("below", "at_most") else low
        high = highest if amount.bound in ("above", "at_least") else high
        if amount.bound in ("below", "above"):
            low, high = (
                min(low, value) if amount.bound == "below" else value,
                max(high, value) if amount.bound == "above" else value,
            )
    slack = Decimal(1) if whole and not days and off else Decimal(0)
    low, high = low - max(low * off, slack), high + max(high * off, slack)
    if foreign and amount.money_word:
        low /= YUAN_A_DOLLAR
    if days and amount.unit in ("month", "quarter", "year") and amount.bound not in ("below", "above"):
        high *= Decimal("1.04")  # six months have up to 184 days
    return Taken(value, max(low, lowest), min(high, highest))


def in_days(value: Decimal, unit: str) -> Decimal:
    if unit == "year":
        whole = value.to_integral_value(rounding="ROUND_FLOOR")
        return (whole * DAYS["year"] + (value - whole) * 12 * DAYS["month"]).quantize(Decimal(1), ROUND_HALF_UP)
    return (value * DAYS[unit]).quantize(Decimal(1), ROUND_HALF_UP)


def limits(question: Question, classes: Classes | None) -> tuple[Decimal, Decimal]:
    if classes is not None:
        return classes.lowest, classes.highest
    low, high = (
        Decimal(text) if text and re.fullmatch(r"\d+(\.\d+)?", text) else None
        for text in (question.lowest, question.highest)
    )
    return low or Decimal(0), LARGEST if high is None else high


def crosses(classes: Classes | None, low: Decimal, high: Decimal) -> bool:
    """Return true if a limit of the check's rules lies between two numbers; without rules, if they differ."""
    if low == high:
        return False
    return classes is None or classes.of(low) != classes.of(high)


def without_number(
    question: Question, message: Utterance, everything: Sequence[Amount], days: bool
) -> tuple[Reading, How] | None:
    zero = message.spans_of("zero")
    if zero:
        sure = message.sure([*zero, *message.spans_of("no", "not", "nothing", "first", "past")])
        return Reading(Decimal(0), sure=sure), "value"
    unknown = message.spans_of("unknown")
    if unknown:
        return Reading(unknown=True, sure=message.sure([*unknown, *message.spans_of("whether", "hedge")])), "unknown"
    if any(amount.unit == DATE for amount in everything):
        stretches = [(amount.start, amount.end) for amount in everything]
        return Reading(problem="a_date", sure=message.sure((), stretches)), "trouble"
    if days and message.spans_of("today", "yesterday"):
        spans = message.spans_of("today", "yesterday")
        return Reading(Decimal(1 if spans[0].kind == "yesterday" else 0), sure=message.sure(spans)), "number"
    if days and message.spans_of("ago"):
        return Reading(problem="a_date", sure=message.sure(message.spans_of("ago"))), "trouble"
    no = [
        span
        for span in message.spans_of("no", "nothing")
        if " ".join(message.texts[span.start : span.end]) not in NOT_ZERO
    ]
    if no and question.kind != "amounts" and not days:
        return Reading(Decimal(0), sure=message.sure([*no, *message.spans_of("not")])), "general"
    first = message.spans_of("first")
    if first and question.kind == "whole_number" and not days:
        sure = message.sure([*first, *message.spans_of("yes")])
        return Reading(Decimal(0), confirm=crosses(message.classes, Decimal(0), Decimal(1)), sure=sure), "number"
    sure = message.sure([*no, *message.spans_of("yes", "all", "both")])
    return (Reading(problem="no_number", sure=sure), "trouble") if sure >= 0.8 else None
