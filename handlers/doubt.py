"""Whether what was found is what a message asks for: sure, likely, of a neighbouring subject, or of none that is known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.checks.own_case import DEALS
from bot.knowledge.writer import Manner
from bot.language.amounts import amounts, fold
from bot.language.asking import asks_within
from bot.language.stories import INTENDS
from bot.search.finding import CORRECTS
from bot.search.following import QUESTION, bare, is_fragment, may_follow, only_tells
from bot.search.found import Found, Label
from bot.search.own_words import is_pair, words_of
from handlers.by_topic import HARDLY_OTHER, LIKELY, MOSTLY_OTHER, otherness
from handlers.own_case import SURELY, is_decided
from handlers.request import Request

# "and for violins?" asks for what was told, of something that the source may not set apart.
OF_GOODS = re.compile(
    r"(?:and |but |so |ok )*(?:(?:what|how) about )?(?:for|with) \w|那?(?:做|卖|如果是)?[^ ，。]{1,6}(?:类目?|的)呢",
    re.IGNORECASE,
)
DATE = "date"  # unit of an amount
CHANGES_SUBJECT = re.compile(
    r"(?:and |ok,? |oh,? )?\b(?:by the way|btw|anyway|never ?mind|instead|another (?:question|thing)|something else|let['’]?s talk|one more (?:question|thing))\b|"
    r"算了|还是说|换个|换一个|另外|对了|顺便|再问|改问|另一个",
    re.IGNORECASE,
)
SHORTEST_TELLING = 4  # letters of a title's words that tell less, such as "what" and "much"
# Scores below which a likely answer, in the middle of a talk, is not given: with a word of its topic in the message, and without.
STRAY_NAMED, STRAY = 0.55, 0.62
STATED = 0.95  # score from which on what is found is told to who only states something
# Scores below which a likely answer is not given to a second question: of a topic related to the last one, and of another.
UNSURE_NEAR, UNSURE = 0.6, 0.64
# Lowest score of a missing detail of the last topic that is named, where the message alone means something at least so likely.
NAMED_PART, MEANT = 0.4, 0.2
LIKELY_ALONE = (
    0.35  # lowest score of a choice to be told where nothing was spoken of yet, if most words are of something else
)
LEAST_FOLLOWED = 0.3  # lowest score of a part of the last topic that a question is taken for
LEAD = 0.15  # by how much likelier the first of several meanings is to be told instead of asking back
TOLD_FOR = 0.6  # lowest score of a part of the last topic that answers what a merchant only tells
SURE_ENOUGH = 0.7  # lowest score to answer a completed question without a second clarification


def is_firm(request: Request, found: Found) -> bool:
    """Return true if a message surely means what was found."""
    if not found.answers or found.tentative or is_doubtful(request, found):
        return False
    return found.score >= SURE_ENOUGH or not found.follows


def is_told(found: Found) -> bool:
    """Return true if a message means small talk, or a part of the subject just spoken of."""
    if not found.answers or found.tentative:
        return False
    kind = found.answers[0].kind
    return kind == "talk" or (kind == "topic" and found.follows and found.score >= SURE_ENOUGH)


def is_tale(request: Request, found: Found) -> bool:
    """Return true if a message asks nothing, and what is found is about a place or goods that it only names: "I sell on Etsy as
    well", "we make knives"."""
    text = request.text
    if not found.answers or found.answers[0].kind != "unknown":
        return False
    told = request.knowledge.finder.guards.names_told(text) or (DEALS.match(text) and found.score < SURELY)
    return bool(told) and not (bare(text) or asks_within(text) or INTENDS.search(text))


def is_doubtful(request: Request, found: Found) -> bool:
    """Return true if an answer in the middle of a talk is hardly what was asked for: a likely topic, or a part of the last one
    for a message that only tells something."""
    if found.answers[0].kind != "topic":
        return False
    if not found.follows:
        return found.tentative
    if may_follow(request.text) and request.knowledge.finder.following.same(request.text, spoken_of(request) or ""):
        return False  # "it is bound already" stands in the content
    named = request.knowledge.finder.following.sides.named(request.text)  # "my store is three weeks old and gold"
    return found.score < TOLD_FOR and not named and only_tells(request.text)


def is_unsure(request: Request, found: Found) -> bool:
    """Return true if an answer, in a talk, is hardly what was asked for: what the source lacks is asked for more often there than
    what it has, and a neighbouring subject helps nobody."""
    if (
        not is_begun(request)
        or len(found.answers) != 1
        or found.answers[0].kind != "topic"
        or bare(request.text)
        or CHANGES_SUBJECT.search(request.text)
    ):
        return False
    if found.follows:
        following = request.knowledge.finder.following
        return (
            found.score < LEAST_FOLLOWED
            and not following.sides.named(request.text)
            and not OF_GOODS.match(request.text)
            and not following.same(request.text, found.answers[0].name)
        )
    name, just = found.answers[0].name, str(request.conversation.topic)
    if not found.tentative:
        return found.score < SURELY and otherness(request, name) >= MOSTLY_OTHER[request.lang]
    near = name in (just, *request.knowledge.finder.following.near.get(just, ()))
    return found.score < (UNSURE_NEAR if near else UNSURE) and otherness(request, name) > HARDLY_OTHER[request.lang]


def is_only_stated(request: Request, found: Found) -> bool:
    """Return true if a message in a talk states something that is no question of the content's, and what was found is what is
    known of its words: nobody who says "we have our own trademark" wants to be told what trademarks are for."""
    first = next(iter(found.answers), None)
    if first is None or first.kind != "topic" or found.follows or found.score >= STATED or not is_begun(request):
        return False
    just = str(request.conversation.topic)
    if first.name in (just, *request.knowledge.finder.following.near.get(just, ())) or has_figure(request, first):
        return False
    topic = request.knowledge.topic(first.name)
    if (
        not topic.known
        or first.detail in [one.id for one in topic.missing]
        or not (only_tells(request.text) or is_fragment(request.text))
    ):
        return False
    return not (
        CORRECTS.search(request.text)
        or QUESTION.search(request.text)
        or request.knowledge.finder.following.same(request.text, first.name)
    )


def has_figure(request: Request, label: Label) -> bool:
    """Return true if a message has a figure of what was found: "we have six already", and six is the most."""
    parts = request.knowledge.topic(label.name).parts
    part = next((one for one in parts if one.id == label.detail), None)
    made = request.knowledge.tell(label.name, request.lang, request.today, part, Manner(brief=True))
    return not {one.low for one in amounts(fold(request.text))}.isdisjoint(
        one.low for one in amounts(fold(made.text)) if one.unit != DATE
    )


def is_told_already(request: Request, found: Found) -> bool:
    """Return true if what was found was just said to be unknown."""
    first = next(iter(found.answers), None)
    return bool(first and first.detail) and request.conversation.last == (f"{first.name}/{first.detail}",)  # type: ignore[union-attr]


def is_begun(request: Request) -> bool:
    """Return true if something was asked, told or said before in the conversation."""
    before = request.conversation
    return bool(before.asked or before.last or before.talked)


def is_stray(request: Request, found: Found) -> bool:
    """Return true if a likely answer is about another topic than the last ones, and hardly likely or none of its words is said."""
    if CHANGES_SUBJECT.search(request.text):
        return False
    following, just = request.knowledge.finder.following, str(request.conversation.topic)
    name = found.answers[0].name
    near = (just, *following.near.get(just, ()))
    topics = request.knowledge.library.topics
    named = following.own_words.names(found.by[0].text, name, just) or (
        just in topics and entitles(request, name, just)
    )
    least = STRAY_NAMED if named else STRAY
    return name not in near and found.score < least and otherness(request, name) > HARDLY_OTHER[request.lang]


def spoken_of(request: Request) -> str | None:
    """Return the topic or part answered last ("topic/part"), or None; what was not known takes no follow-ups, the topic before it
    does."""
    conversation, near = request.conversation, request.knowledge.finder.following.near
    last = conversation.last[-1] if conversation.last else ""
    return last if last.partition("/")[0] in near else conversation.topic


def settled(request: Request, found: Found) -> Found:
    """Answer the likeliest choice where the question before was asked back, too, or the choice is about what was just spoken of
    or alone has its words in the message: never two questions back in a row, and none in the middle of a subject."""
    if found.answers or not found.choices:
        return found
    first, *others = found.choices
    if request.conversation.unclear is None:
        following, just = request.knowledge.finder.following, (spoken_of(request) or "").partition("/")[0]
        near = (just, *following.near.get(just, ()))
        meant = first.name in near or named_alone(request, first, others) or leads(found, first)
        least = (
            LIKELY
            if request.conversation.topic or otherness(request, first.name) < MOSTLY_OTHER[request.lang]
            else LIKELY_ALONE
        )
        likely = meant and found.score >= least and not only_tells(request.text)
        # A guard left out what was asked, since the case is decided: "I'm self-employed, which documents do I need?"
        if not likely and not (any(reading.refused for reading in found.by) and is_decided(request, first)):
            return found
    if first.kind != "topic":
        return replace(found, choices=())
    return replace(found, answers=(first,), choices=tuple(others), tentative=True)


def leads(found: Found, first: Label) -> bool:
    """Return true if the likeliest choice is far likelier than any other meaning."""
    scores = {one.topic: one.score for one in found.candidates}
    score = scores.pop(first.name, 0.0)
    return score >= LIKELY and score - max(scores.values(), default=0.0) >= LEAD


def named_alone(request: Request, first: Label, others: Sequence[Label]) -> bool:
    """Return true if a message has words of the likeliest topic's title that no other choice's title has."""
    topics = [one.name for one in others if one.kind == "topic"]
    if first.kind != "topic" or bare(request.text) or not topics:
        return False
    return all(entitles(request, first.name, one) and not entitles(request, one, first.name) for one in topics)


def entitles(request: Request, name: str, other: str) -> bool:
    """Return true if a message has a telling word of one topic's title that another's has not: "deposit"."""
    title, another = (words_of(request.knowledge.topic(one).title[request.lang]) for one in (name, other))
    own = {word for word in title if len(word) > (1 if is_pair(word) else SHORTEST_TELLING)}.difference(another)
    return not own.isdisjoint(words_of(request.knowledge.finder.spelled(request.text)))


def is_unnamed(request: Request, found: Found) -> bool:
    """Return true if a follow-up asks for something that is not known, which is hardly the missing detail found: to name another
    one than was asked for is worse than none."""
    first = found.answers[0]
    missing = [one.id for one in request.knowledge.topic(first.name).missing]
    another = bool(found.by) and found.by[0].score >= MEANT
    return (
        another and found.follows and len(found.answers) == 1 and found.score < NAMED_PART and first.detail in missing
    )
