"""What a merchant puts in other words to have it confirmed: a figure of the last answer, or what follows for them."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.content.kinds import Asked
from bot.knowledge.writer import Written
from bot.language.amounts import DAYS, Amount, amounts, fold
from bot.language.moods import mood_of
from bot.language.normalize import HAN_LETTER
from bot.language.restating import asks_for_a_yes, claims, concluded, restated, stance, without_answer_word
from bot.model import Outcome, Reply, Turn
from bot.search.finding import ONESELF
from bot.search.found import Found
from handlers.by_topic import HARDLY_OTHER, more_button, otherness
from handlers.last_answer import last_parts
from handlers.request import Request

DATE, COUNT = "date", "count"
SURELY = 0.9  # score of a part of the last answer that a message surely asks for
MOST_BESIDE, MOST_BESIDE_HAN = 4, 6  # words and Chinese characters beside the figure of a restatement
OWES = re.compile(
    r"\b(?:i|we) (?:have to |need to |must |only |just )*(?:pay|get|wait)\b|我们?(?:要|得|就|只|只要)*(?:交|付|等)"
)
LIKELY = 0.4  # lowest score of another topic that a message rather asks for
FOOTER = re.compile(r"\n\n\*[^*]+\*$")


def confirmed(request: Request, found: Found) -> Turn | None:
    """Say yes or no to a restatement of the last answer, with what it said; None if it is none, or if the content answers it."""
    core, parts = restated(request.text), last_parts(request)
    if not core or not parts or not claims(request.text, core) or mood_of(request.text) == "plan":
        return None
    name, part = parts[-1]
    topic, first = request.knowledge.topic(name), next(iter(found.answers), None)
    asked = next((one for one in topic.parts if first and first.name == name and one.id == first.detail), None)
    last = told(request, name, part)
    said, made = by_conclusion(core, last.text), last
    if said is None and asked is not None and stance(told(request, name, asked).text):
        if found.score >= SURELY:
            return None  # the editor's own yes or no
        said = by_figure(core, last.text)
    elif said is None:
        made = last if asked is None else told(request, name, asked)
        said = by_figure(core, made.text)
    if said is None or not made.facts:
        return None
    words = request.say(f"restated_{said}")
    text = f"{words}{' ' if request.lang == 'en' else ''}{without_answer_word(made.text)}"
    outcome = Outcome("answer", (name,), score=1.0, source=made.source, date=made.date, status=made.status)
    before = request.conversation
    reply = Reply(text, more_button(request, before.rest), source=made.about)
    return request.turn(reply, outcome=outcome, last=before.last, rest=before.rest, shown=before.shown)


def reminded(request: Request, found: Found) -> Turn | None:
    """Tell the gist of the last answer again to a restatement that nothing else answers; None if the message is none, or asks for more."""
    core, parts = restated(request.text), last_parts(request)
    if not parts or not asks_for_a_yes(request.text, core):
        return None
    name, part = parts[-1]
    made = told(request, name, part)
    if (
        not made.facts
        or otherness(request, name) > HARDLY_OTHER[request.lang]
        or any(one.topic != name and one.score >= LIKELY for one in found.candidates[:1])
    ):
        return None
    outcome = Outcome("answer", (name,), score=1.0, source=made.source, date=made.date, status=made.status)
    before = request.conversation
    text = f"{request.say('restated_open')}{' ' if request.lang == 'en' else ''}{without_answer_word(made.text)}"
    reply = Reply(text, more_button(request, before.rest), source=made.about)
    return request.turn(reply, outcome=outcome, last=before.last, rest=before.rest, shown=before.shown)


def told(request: Request, name: str, part: Asked | None) -> Written:
    """Return a part of a topic, or its first fact, told alone."""
    manner = replace(request.manner(), brief=True)
    return request.knowledge.tell(
        name, request.lang, request.today, part or request.knowledge.topic(name).facts[0], manner
    )


def by_figure(core: str, text: str) -> str | None:
    """Return "right" if the only figure of a restatement is that of the answer, "wrong" if it is another one; None without such a figure,
    or where the answer has several."""
    folded = fold(core)
    said = [
        one for one in amounts(folded) if not (one.unit in DAYS and one.low == one.high == 1)
    ]  # "a month" is no figure
    if len(said) != 1 or said[0].unit == DATE:
        return None
    one = said[0]
    beside = OWES.sub(" ", f"{folded[: one.start]} {folded[one.end :]}")
    if ONESELF.search(beside) or len(beside.split()) > MOST_BESIDE or len(HAN_LETTER.findall(beside)) > MOST_BESIDE_HAN:
        return None  # "with 100k I can start"
    figures = [each for each in amounts(fold(FOOTER.sub("", text))) if alike(one, each)]
    if not figures:
        return None
    if len(figures) > 1 or figures[0].range:
        outside = one.high < min(each.low for each in figures) or one.low > max(each.high for each in figures)
        same = one.range and any((one.low, one.high) == (each.low, each.high) for each in figures)
        return "right" if same else "wrong" if outside and not one.range else None
    if (one.low, one.high) == (figures[0].low, figures[0].high):
        return "right"
    within = (figures[0].bound == "at_most" and one.high < figures[0].low) or (
        figures[0].bound == "at_least" and one.low > figures[0].low
    )
    return None if within else "wrong"


def alike(one: Amount, other: Amount) -> bool:
    """Return true if two figures may be of the same thing."""
    if other.unit == DATE or (other.low == 1 and other.unit == COUNT and one.low != 1):
        return False
    if one.currency and other.currency and one.currency != other.currency:
        return False
    return bool(one.currency or other.currency) == bool(other.currency) and (
        one.unit == other.unit or None in (one.unit, other.unit)
    )


def by_conclusion(core: str, text: str) -> str | None:
    """Return "right" if a bare conclusion for the own case is that of the answer, "wrong" if it is the contrary."""
    means, says = concluded(core), stance(text)
    if means is None or says is None:
        return None
    return "right" if means == says else "wrong"
