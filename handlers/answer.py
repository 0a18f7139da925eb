"""Answers to free-text questions, by the matcher."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.checks.own_case import DEALS, own_statements
from bot.knowledge.writer import Manner
from bot.language.asides import Aside, aside_of, begins_with_thanks, names_way, wants_person, without_asides
from bot.language.asking import asks_within
from bot.language.bare_questions import is_bare_question
from bot.language.left_out import affirmed
from bot.language.moods import mood_of
from bot.language.normalize import loose_key
from bot.language.ordinals import head, items, ordinal
from bot.language.restating import denies, restated, without_answer_word
from bot.language.stories import INTENDS
from bot.language.subject_of import without_goods
from bot.model import Language, Outcome, Reply, Turn
from bot.search.finding import CORRECTS
from bot.search.following import QUESTION, bare, may_follow, only_tells
from bot.search.found import Found, Label, ReadText
from bot.search.own_words import is_pair, words_of
from handlers.by_topic import (
    LIKELY,
    LONGEST_UNCLEAR,
    clarified,
    is_another_case,
    known_unknown,
    not_said,
    remarked,
    topics,
    unknown,
)
from handlers.check.start import start
from handlers.confirming import confirmed, reminded
from handlers.handoff import consultant
from handlers.own_case import FACTS, answered_by, begins_check, check_at_hand, is_decided, own_outlook, with_verdict
from handlers.request import ANSWERED, CONSULTANT_TOPIC, Request
from handlers.talk import small_talk
from handlers.told import by_answer, heard, said_of_case, tells

FEW_WORDS, FEW_CHARACTERS = 4, 40  # longest reply to a clarification
WHOLE = 20  # letters of a message that changes the subject and says to which; a Chinese character counts twice
FEW_WORDS_AROUND = 8  # longest question about an item whose words may mean something else
LONGEST_ORDINAL = 100  # characters of a message that refers to an item of a list
# What may stand around an item that is all a message asks for: "what was step three again", 第三步再讲一遍.
STANDS_ALONE = re.compile(
    r"(?:\b(?:and|ok|okay|so|then|but|what|how|about|was|is|were|please|again|explain|repeat|say|tell|me|more|on|of|it|me)\b|"
    r"[那呢再讲说一遍下次是啥什么的请能来着干做]|\W)*",
    re.IGNORECASE,
)
# The item after the one that was asked for: "and then?", 然后呢.
NEXT = re.compile(
    r"\W*(?:(?:and|ok|okay|so) )?(?:then(?: what)?|next(?: one| step)?|what(?:['’]?s| is| comes)? (?:the )?next(?: one| step)?|what then|after that)\W*|"
    r"\W*那?(?:然后|接下来|接着|再然后|下一步)(?:呢|是什么|是啥|做什么|做啥|干啥|干嘛)?\W*",
    re.IGNORECASE,
)
CHANGES_SUBJECT = re.compile(
    r"(?:and |ok,? |oh,? )?\b(?:by the way|btw|anyway|never ?mind|instead|another (?:question|thing)|something else|let['’]?s talk|one more (?:question|thing))\b|"
    r"算了|还是说|换个|换一个|另外|对了|顺便|再问|改问|另一个",
    re.IGNORECASE,
)
STEP, NUMBERED = re.compile(r"\bstep\b|步", re.IGNORECASE), re.compile(r"^1\.", re.MULTILINE)  # steps have numbers
THANKS = "thanks"  # the small talk
RETORTS: Mapping[Aside, str] = {"repeats": "said_twice", "unknowing": "knows_not"}  # → phrases that take turns
ASIDES: Mapping[Aside, str] = {
    "thanks": THANKS,
    "praise": "compliment",
    "missed": "not-meant",
    "pointless": "complaint",
}  # → small talk
MOST_TOLD = 3  # stored messages with facts of the merchant's own case
SHORTEST_TELLING = 4  # letters of a title's words that tell less, such as "what" and "much"
# Scores below which a likely answer, in the middle of a talk, is not given: with a word of its topic in the message, and without.
STRAY_NAMED, STRAY = 0.55, 0.62
# Scores below which a likely answer is not given to a second question: of a topic related to the last one, and of another.
UNSURE_NEAR, UNSURE = 0.6, 0.64
# Shares of other words than a topic's and everybody's in a message, of pairs of characters in Chinese: up to which it asks for nothing
# else, and from which on mostly for something else.
HARDLY_OTHER: Mapping[Language, float] = {"en": 0.15, "zh": 0.45}
MOSTLY_OTHER: Mapping[Language, float] = {"en": 0.3, "zh": 0.65}
# Lowest score of a missing detail of the last topic that is named, where the message alone means something at least so likely.
NAMED_PART, MEANT = 0.4, 0.2
# Lowest score of a choice to be told where nothing was spoken of yet, unless so many of the message's words are its own.
LIKELY_ALONE, TOLD_SHARE = 0.35, 0.2
LEAD = 0.15  # by how much likelier the first of several meanings is to be told instead of asking back
TOLD_FOR = 0.6  # lowest score of a part of the last topic that answers what a merchant only tells
WEAK = 0.35  # score of choices below which they are probably not what was meant, after an answer
SURELY = 0.85  # lowest score to answer a text of which hardly a word is English
SURE_ENOUGH = 0.7  # lowest score to answer a completed question without a second clarification


def answer(request: Request) -> Turn:
    """Answer, ask for clarification, or say that the answer is not known.

    Facts of the merchant's own case are kept for a later check.
    """
    turn = found_answer(request)
    if asks_within(request.text) and not NEXT.fullmatch(request.text):
        turn = replace(turn, conversation=turn.conversation.with_(asked=request.text[:LONGEST_UNCLEAR]))
    told = own_statements(request.text) or request.stated
    if not told or turn.conversation.check is not None:
        return turn
    return replace(turn, conversation=turn.conversation.with_(told=(*turn.conversation.told, told)[-MOST_TOLD:]))


def found_answer(request: Request) -> Turn:
    if not any(character.isalpha() for character in request.text):
        return unknown(request, Found())
    if (told := item_told(request)) is not None:
        return told
    # In noise and other languages, ignore the conversation's topic and accept clear matches only.
    foreign = request.knowledge.foreign(request.text)
    about, earlier = spoken_of(request), request.conversation.earlier
    if foreign or (CHANGES_SUBJECT.match(request.text) and is_whole(request.text)):
        about, earlier = None, ()
    found = request.knowledge.finder.find(request.text, about, earlier)
    found = settled(request, completed(request, corrected(request, found)))
    if (told := said_aside(request, found) or confirmed(request, found)) is not None:
        return told
    request, found = read_anew(request, found, about, earlier)
    if any(label.name == CONSULTANT_TOPIC for label in (*found.answers, *found.choices)) and declines(request.text):
        return unknown(request, Found())
    if is_call_for_a_person(request, found):
        return consultant(request)
    mood = None if asks_within(request.text) else mood_of(request.text)
    if mood == "protest" and request.conversation.topic is not None:
        return remarked(request, found)  # "what a silly rule" asks for no rule
    plans = mood == "plan"  # "I'll ask somebody else"
    if not plans and (person := person_wanted(found)) is not None:
        return answered(request, person)
    if foreign and not (found.answers and found.answers[0].kind == "topic" and found.score >= SURELY):
        return unknown(request, found)
    if found.answers and is_another_case(request, found.answers[0]):
        return heard(request, replace(found, answers=(), choices=()))
    if len(found.answers) > 1 and tells(request):
        found = replace(found, answers=found.answers[:1])  # two clauses that tell are not two questions
    outside = bool(found.answers) and found.answers[0].kind == "unknown" and not asks_within(request.text)
    if not (is_told(found) or outside) and check_at_hand(request, FACTS) and (told := by_answer(request, Found())):
        return told
    if not outside and tells(request):
        if told := said_of_case(request, found, sure=is_told(found)):
            return told
        if found.score < SURELY and not is_told(found) and check_at_hand(request):
            return heard(request, replace(found, answers=(), choices=()))
    if is_tale(request, found):
        return heard(request, found)
    if plans and is_only_planned(request, found):
        return remarked(request, found)
    if is_unsure(request, found):
        if tells(request):
            return heard(request, replace(found, answers=(), choices=()))
        return nothing_said(request, replace(found, answers=(), choices=(*found.answers, *found.choices), score=0.0))
    if request.conversation.topic is None:
        if not found.answers and only_tells(request.text):
            return heard(request, found)
    elif not found.answers or is_doubtful(request, found):
        asking = (
            asks_within(request.text)
            or CORRECTS.search(request.text)
            or bool(QUESTION.search(request.text) or INTENDS.search(request.text))
        )
        if tells(request) or not (found.answers or asking or bare(request.text)):
            return heard(request, found)
        if found.answers and is_stray(request, found):
            found = replace(found, answers=(), choices=(*found.answers, *found.choices), score=0.0)
        weak = (found.score < WEAK and not bare(request.text)) or not found.choices
        understood = bool(found.by) and found.by[0].score > 0  # "asdkjh" asks nothing about the subject
        if not found.answers and weak and understood and not foreign:
            return nothing_said(request, found)
    if found.answers:
        return answered(request, found)
    if found.choices and not is_begun(request):
        return clarified(request, found)
    understood = bool(found.by) and found.by[0].score > 0
    if is_begun(request) and understood and not foreign:
        return nothing_said(request, found)
    return unknown(request, found)


def is_firm(request: Request, found: Found) -> bool:
    """Return true if a message surely means what was found."""
    if not found.answers or found.tentative or is_doubtful(request, found):
        return False
    return found.score >= SURE_ENOUGH or not found.follows


def read_anew(request: Request, found: Found, about: str | None, earlier: tuple[str, ...]) -> tuple[Request, Found]:
    """Read a message that means nothing sure without the thanks before its question, or without the words around a restatement."""
    if is_firm(request, found):
        return request, found
    for text in (without_asides(request.text), restated(request.text) if asks_within(request.text) else ""):
        if text and text != request.text:
            anew = replace(request, message=replace(request.message, text=text))
            other = settled(anew, completed(anew, request.knowledge.finder.find(text, about, earlier)))
            if is_firm(anew, other) and other.answers[0].kind != "talk":
                return anew, other
    if not (found.answers and found.answers[0].kind == "unknown") and (named := named_beside_goods(request)):
        return request, named
    return request, found


def named_beside_goods(request: Request) -> Found | None:
    """Return the topic that is all a message names beside goods ("and commission for kitchen knives"), with the detail that it asks for."""
    finder, subject = request.knowledge.finder, without_goods(request.text)
    found = finder.find(subject) if subject else Found()
    if not found.answers or found.tentative or found.answers[0].kind != "topic" or found.score < SURELY:
        return None
    if finder.refusals(request.text, found.answers[0]):
        return None  # of another place
    label = finder.settle(Label("topic", found.answers[0].name), ReadText(request.text, "answer", ()))
    return replace(found, answers=(label,), choices=())


def is_only_planned(request: Request, found: Found) -> bool:
    """Return true if a message in the middle of a talk only says what the merchant will do, and stands nowhere in the content: "I'll
    ask the accountant then"."""
    about, text = request.conversation.topic, request.text
    if about is None or request.stated or loose_key(text) in request.knowledge.finder.exact:
        return False
    if found.answers and found.answers[0].kind in ("talk", "check"):
        return False
    return not (QUESTION.search(text) or request.knowledge.finder.following.same(text, about))


def said_aside(request: Request, found: Found) -> Turn | None:
    """Reply to thanks, praise or displeasure that a message tells in words of its own; None if it asks or states something."""
    text = request.text
    said = aside_of(text)
    if said is None or loose_key(text) in request.knowledge.finder.exact or request.stated:
        return None
    if asks_within(text) and said not in ("unknowing", "pointless"):
        return None
    if any(answered_by(request, name, (text,)) for name in request.knowledge.library.checks):
        return None
    if said == "thanks" and found.answers and found.answers[0].kind != "talk" and not is_doubtful(request, found):
        return None  # "the deposit, thanks"
    if phrase := RETORTS.get(said):
        if not (request.conversation.last or request.conversation.missed):
            return None
        number = request.conversation.talked
        reply = Reply(request.say(f"{phrase}_{number % 2 + 1}"), request.consultant_buttons())
        return request.turn(reply, outcome=ANSWERED, talked=number + 1)
    name = ASIDES[said]
    return small_talk(request, name) if name in request.knowledge.library.smalltalk else None


def is_call_for_a_person(request: Request, found: Found) -> bool:
    """Return true if a message asks for a person, or for a way to one just after it was said how to reach one, and surely asks for
    nothing else."""
    if CONSULTANT_TOPIC not in request.knowledge.library.topics or request.message.group is not None:
        return False
    first = next(iter(found.answers), None)
    if first and first.kind == "topic" and first.name != CONSULTANT_TOPIC:
        surely = not found.tentative and found.score >= SURELY
        if surely or request.knowledge.finder.following.sides.named(request.text):
            return False
    just = request.conversation.last[-1:] == (f"{CONSULTANT_TOPIC}/",) and is_short(request.text)
    wanted = wants_person(request.text) or (just and names_way(request.text))
    return wanted and not request.knowledge.finder.refusals(request.text, Label("topic", CONSULTANT_TOPIC))


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
        or found.follows
        or bare(request.text)
        or CHANGES_SUBJECT.search(request.text)
    ):
        return False
    name, just = found.answers[0].name, str(request.conversation.topic)
    if not found.tentative:
        return found.score < SURELY and otherness(request, name) >= MOSTLY_OTHER[request.lang]
    near = name in (just, *request.knowledge.finder.following.near.get(just, ()))
    return found.score < (UNSURE_NEAR if near else UNSURE) and otherness(request, name) > HARDLY_OTHER[request.lang]


def otherness(request: Request, name: str) -> float:
    """Return the share of a message's words that are neither a topic's nor everybody's."""
    finder = request.knowledge.finder
    return finder.following.own_words.strange(finder.spelled(request.plain), name)


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


def item_told(request: Request) -> Turn | None:
    """Tell the item of the last list that a message refers to ("step three again"), or answer its question about the item
    ("how fast is the first one?") if that is sure; None if it refers to none."""
    meant = ordinal(request.text) if len(request.text) <= LONGEST_ORDINAL else None
    asked = request.conversation.asked
    before_it = ordinal(asked) if meant is None and asked and NEXT.fullmatch(request.text) else None
    if before_it and before_it[0] >= 0:
        meant, asked = (before_it[0] + 1, "", ""), f"step {before_it[0] + 2}"
    if meant is None or request.conversation.topic not in request.knowledge.library.topics:
        return None
    place, before, after = meant
    name, listed = last_list(request, place)
    if name is None:
        return None
    if not STANDS_ALONE.fullmatch(f"{before} {after}"):
        found = request.knowledge.finder.find(f"{before}{head(listed[place])}{after}")
        if found.answers and not found.tentative and found.score >= SURELY:
            return answered(request, found)
        alone = request.knowledge.finder.find(request.text)
        if len(request.text.split()) > FEW_WORDS_AROUND and alone.answers and not alone.tentative:
            return None  # "what do I pay before I sell the first one" is no question about the list
    return request.turn(Reply(listed[place]), outcome=Outcome("answer", (name,), score=1.0), topic=name, asked=asked)


def last_list(request: Request, place: int) -> tuple[str | None, list[str]]:
    """Return the topic and the items of the list told last that has an item at this place: the last answer's, or that of a
    related topic which names the last one."""
    knowledge, topic = request.knowledge, request.knowledge.topic(str(request.conversation.topic))
    for name in (topic.id, *topic.related):
        if knowledge.topic(name).known:
            text = knowledge.tell(name, request.lang, request.today, manner=Manner(whole=True)).text
            listed = items(text) if NUMBERED.search(text) or not STEP.search(request.text) else []
            names_it = name == topic.id or any(
                loose_key(head(item)) in loose_key(topic.title[request.lang]) for item in listed
            )
            if len(listed) > max(place, 1) and names_it:
                return name, listed
    return None, []


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
            if request.conversation.topic or following.own_words.share(request.text, first.name) >= TOLD_SHARE
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


def person_wanted(found: Found) -> Found | None:
    """Return what is found with the consultant as its answer, if that is by far the likeliest meaning, whatever was spoken of."""
    first = next(iter((*found.answers, *found.choices)), None)
    if first is None or first.name != CONSULTANT_TOPIC or not (len(found.answers) == 1 or leads(found, first)):
        return None
    return replace(found, answers=(first,), choices=(), tentative=False)


def declines(text: str) -> bool:
    """Return true if a message only says what is not wanted: "I do not want to talk to a human"."""
    return not any(character.isalpha() for character in affirmed(text))


def corrected(request: Request, found: Found) -> Found:
    """Match what a merchant meant ("the commission one, I mean") together with the question that they asked before."""
    before, said = request.conversation.asked, CORRECTS.sub("", request.text).strip()
    whole = bool(QUESTION.search(said)) or not is_short(said)
    clear = bool(found.answers) and not found.tentative and found.answers[0].kind == "topic" and whole
    if before is None or said == request.text.strip() or not may_follow(said) or clear:
        return found
    joined = request.knowledge.finder.find(f"{said} {before}")
    sure = joined.answers and joined.answers[0].kind == "topic" and joined.score >= SURE_ENOUGH
    return joined if sure else found


def is_whole(text: str) -> bool:
    """Return true if a message is long enough to mean something without what was said before."""
    return sum(2 - one.isascii() for one in text if one.isalnum()) >= WHOLE


def is_short(text: str) -> bool:
    return len(text.split()) <= FEW_WORDS and len(text) <= FEW_CHARACTERS


def completed(request: Request, found: Found) -> Found:
    """Match a short reply to a clarification ("the trademark one") together with the question it completes."""
    before = request.conversation.unclear
    clear = bool(found.answers) and found.answers[0].kind != "unknown"
    if (
        before is None
        or not is_short(request.text)
        or (clear and (found.answers[0].kind != "topic" or QUESTION.search(request.text)))
    ):
        return found
    finder = request.knowledge.finder
    joined = finder.find(f"{request.text} {before}")
    if not joined.answers and len(joined.by) == 1 and joined.by[0].kind == "topic" and joined.score >= SURE_ENOUGH:
        joined = finder.told(joined.by[0])
    if not joined.answers or joined.answers[0].kind != "topic":
        return found
    offered = {button.says for button in request.conversation.offered}
    return found if clear and f"topic={joined.answers[0].name}" not in offered else joined


def answered(request: Request, found: Found) -> Turn:
    """Return the turn for clear matches."""
    first = found.answers[0]
    if first.kind == "talk":
        return small_talk(request, first.name)
    if first.kind == "check":
        return start(request, first.name, found.score)
    if first.kind == "unknown":
        return known_unknown(request, first.name, found)
    own = own_outlook(request, first)
    if own and begins_check(request, first, own):
        return start(request, str(request.knowledge.topic(first.name).check), found.score)
    if is_unnamed(request, found):
        return unnamed(request, found)
    turn = topics(request, found)
    if denies(request.text) and not request.knowledge.finder.following.same(
        request.text, str(request.conversation.topic)
    ):
        turn = without_yes(request, turn)
    return with_verdict(request, first, own, turn) if own else turn


def without_yes(request: Request, turn: Turn) -> Turn:
    """Return the turn without the yes or no at its answer's beginning, which would mean two things."""
    first, *others = turn.replies
    before, again, told = first.text.rpartition(f"{request.say('as_said')}\n\n")
    return replace(turn, replies=(replace(first, text=f"{before}{again}{without_answer_word(told)}"), *others))


def nothing_said(request: Request, found: Found) -> Turn:
    """Say that the source does not tell; to who only thanks, or puts the last answer in other words, what fits that."""
    if begins_with_thanks(request.text) and THANKS in request.knowledge.library.smalltalk:
        return small_talk(request, THANKS)
    return reminded(request, found) or not_said(request, found)


def unnamed(request: Request, found: Found) -> Turn:
    """Answer a follow-up as what it means alone, acknowledge it if it asks nothing, or say that the source does not tell."""
    if tells(request):
        return heard(request, found)
    if is_bare_question(request.text):
        return nothing_said(request, found)
    alone = request.knowledge.finder.find(request.text)
    if alone.answers and alone.answers[0].kind == "topic":
        return topics(request, alone)
    if alone.answers and alone.answers[0].kind == "unknown":
        return known_unknown(request, alone.answers[0].name, alone)
    return nothing_said(request, found)


def is_unnamed(request: Request, found: Found) -> bool:
    """Return true if a follow-up asks for something that is not known, which is hardly the missing detail found: to name another
    one than was asked for is worse than none."""
    first = found.answers[0]
    missing = [one.id for one in request.knowledge.topic(first.name).missing]
    another = bool(found.by) and found.by[0].score >= MEANT
    return (
        another and found.follows and len(found.answers) == 1 and found.score < NAMED_PART and first.detail in missing
    )
