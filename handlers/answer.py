"""Answers to free-text questions, by the matcher."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.checks.own_case import own_statements
from bot.knowledge.writer import Manner, Written, long_date
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
from bot.model import Outcome, Reply, Turn
from bot.search.finding import CORRECTS
from bot.search.following import QUESTION, bare, may_follow, only_tells
from bot.search.found import Found, Label, ReadText
from handlers.by_topic import (
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
from handlers.doubt import (
    CHANGES_SUBJECT,
    SURE_ENOUGH,
    is_begun,
    is_doubtful,
    is_firm,
    is_only_stated,
    is_stray,
    is_tale,
    is_told,
    is_told_already,
    is_unnamed,
    is_unsure,
    leads,
    settled,
    spoken_of,
)
from handlers.handoff import consultant
from handlers.own_case import (
    FACTS,
    SURELY,
    answered_by,
    begins_check,
    check_at_hand,
    own_outlook,
    with_verdict,
)
from handlers.request import ANSWERED, CONSULTANT_TOPIC, Request
from handlers.talk import small_talk
from handlers.told import by_answer, heard, said_of_case, tells

FEW_WORDS, FEW_CHARACTERS = 4, 40  # longest reply to a clarification
WHOLE = 20  # letters of a message that changes the subject and says to which; a Chinese character counts twice
FEW_WORDS_AROUND = 8  # longest question about an item whose words may mean something else
LONGEST_ORDINAL = 100  # characters of a message that refers to an item of a list
# Before an item of something else: "stamped on every page or only the last one?"
ALTERNATIVE = re.compile(r"(?:\bor(?: only| just)?|还是(?:只|就|光)?(?:要|用|是|有)?) *$", re.IGNORECASE)
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
STEP, NUMBERED = re.compile(r"\bstep\b|步", re.IGNORECASE), re.compile(r"^1\.", re.MULTILINE)  # steps have numbers
WANTS_NOT = re.compile(r"\b(?:do|does)(?: ?not|n['’]?t) want\b|不(?:想)?要", re.IGNORECASE)  # "I don't want links"
THANKS = "thanks"  # the small talk
RETORTS: Mapping[Aside, str] = {"repeats": "said_twice", "unknowing": "knows_not"}  # → phrases that take turns
ASIDES: Mapping[Aside, str] = {
    "thanks": THANKS,
    "praise": "compliment",
    "missed": "not-meant",
    "pointless": "complaint",
}  # → small talk
MOST_TOLD = 3  # stored messages with facts of the merchant's own case
WEAK = 0.35  # score of choices below which they are probably not what was meant, after an answer


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
    if WANTS_NOT.search(request.text) and declines(request.text) and is_begun(request):
        return remarked(request, Found(), mood="agrees")
    if any(label.name == CONSULTANT_TOPIC for label in (*found.answers, *found.choices)) and declines(request.text):
        return unknown(request, Found())
    if is_call_for_a_person(request, found):
        return consultant(request)
    mood = None if asks_within(request.text) or CORRECTS.search(request.text) else mood_of(request.text)
    if mood == "protest" and request.conversation.topic is not None:
        return remarked(request, found)  # "what a silly rule" asks for no rule
    plans = mood == "plan"  # "I'll ask somebody else"
    if not plans and (person := person_wanted(request.text, found)) is not None:
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
    if is_only_stated(request, found) or (tells(request) and is_told_already(request, found)):
        return heard(request, replace(found, answers=(), choices=()))
    if is_tale(request, found):
        return heard(request, found)
    if plans and is_only_planned(request, found):
        return remarked(request, found)
    if is_unsure(request, found):
        if tells(request):
            return heard(request, replace(found, answers=(), choices=()))
        return nothing_said(request, replace(found, answers=(), choices=(*found.answers, *found.choices), score=0.0))
    if not is_begun(request):
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
    finder, subject = request.knowledge.finder, without_goods(request.plain)
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
    about, text = str(request.conversation.topic), request.text
    if not is_begun(request) or request.stated or loose_key(text) in request.knowledge.finder.exact:
        return False
    if found.answers and found.answers[0].kind in ("talk", "check"):
        return False
    return not (asks_within(text) or request.knowledge.finder.following.same(text, about))


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
    told = None if ALTERNATIVE.search(before) else last_list(request, place)
    if told is None:
        return None
    name, made, item = told
    if not STANDS_ALONE.fullmatch(f"{before} {after}"):
        found = request.knowledge.finder.find(f"{before}{head(item)}{after}")
        if found.answers and not found.tentative and found.score >= SURELY:
            return answered(request, found)
        if len(request.text.split()) > FEW_WORDS_AROUND or is_bare_question(f"{before} {after}".strip()):
            # "What do I pay before I sell the first one" is no question about the list; 最后一步要多久 asks more than it tells.
            return None
    outcome = Outcome("answer", (name,), score=1.0, source=made.source, date=made.date, status=made.status)
    text = "\n\n".join(filter(None, [item[0].upper() + item[1:], dated(request, made)]))
    return request.turn(Reply(text), outcome=outcome, topic=name, asked=asked)


def dated(request: Request, made: Written) -> str:
    """Return the line with an answer's date, "" without one."""
    if made.date is None:
        return ""
    day = long_date(date.fromisoformat(made.date), request.lang)
    return request.say("date_announced", date=day) if made.status == "announced" else day


def last_list(request: Request, place: int) -> tuple[str, Written, str] | None:
    """Return the topic, the answer and the item at this place of the list told last: the last answer's, or that of a related
    topic which names the last one. None without such a list."""
    knowledge, topic = request.knowledge, request.knowledge.topic(str(request.conversation.topic))
    for name in (topic.id, *topic.related):
        if knowledge.topic(name).known:
            made = knowledge.tell(name, request.lang, request.today, manner=Manner(whole=True))
            listed = items(made.text) if NUMBERED.search(made.text) or not STEP.search(request.text) else []
            names_it = name == topic.id or any(
                loose_key(head(item)) in loose_key(topic.title[request.lang]) for item in listed
            )
            if len(listed) > max(place, 1) and names_it:
                return name, made, listed[place]
    return None


def person_wanted(text: str, found: Found) -> Found | None:
    """Return what is found with the consultant as its answer, if that is by far the likeliest meaning, whatever was spoken of."""
    first = next(iter((*found.answers, *found.choices)), None)
    if first is None or first.name != CONSULTANT_TOPIC or not (len(found.answers) == 1 or leads(found, first)):
        return None
    if only_tells(text) and not wants_person(text):
        return None  # "I bring my partner, two people"
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
