"""Answers by topic: the topic's text, a clarification between topics, or "not known"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.checks import Answer
from bot.checks.free_text import read_answer
from bot.checks.own_case import DEALS, parts_of
from bot.content.kinds import Along, DirectAnswer, Missing
from bot.knowledge.writer import Manner, Written, weakest
from bot.language.moods import Mood, mood_of
from bot.language.normalize import HAN_LETTER
from bot.model import COMMA, Button, Language, Outcome, Reply, Turn
from bot.search.finding import MOST_CHOICES
from bot.search.found import Found, Label
from handlers.request import CONSULTANT_TOPIC, LONGEST_LABEL, Request

MOST_EARLIER = 3  # topics to which a message may return
MOST_FACTS = 40  # facts kept as told
LONGEST_UNCLEAR = 200
MOST_BUTTONS = 4
SHORT = 200  # characters of an answer that is repeated where nothing more precise is known
SURE_ENOUGH = 0.6  # lowest score of a follow-up that asks for what was just told
MOST_IN_FULL = 1  # answers to one message that are told with more than what was asked for
LIKELY = 0.3  # lowest score of a choice to be told in the middle of a talk, or offered beside a remark
NEAR = 0.08  # lowest score of a topic that is offered beside "I do not know that"
REMARKS = 3  # phrases that take turns
MOODS: tuple[Mood, ...] = ("worry", "protest", "trouble", "effort", "done", "plan", "agrees")
# Shares of other words than a topic's and everybody's in a message, of pairs of characters in Chinese: up to which it asks for nothing
# else, and from which on mostly for something else.
HARDLY_OTHER: Mapping[Language, float] = {"en": 0.15, "zh": 0.45}
MOSTLY_OTHER: Mapping[Language, float] = {"en": 0.3, "zh": 0.65}
# Words of what is amiss or not as usual.
AMISS = re.compile(
    r"\b(?:not?|never|nothing|nobody|but|though|although|only|still|already|because|since|until|late|later|wrong|old|former|ex|expired|closed|another|different|"
    r"other|same|says?|said|told|husband|wife|brother|sister|friend|cousin|father|mother|son|daughter)\b|n['’]?t\b|[没不才但只错]|已经|还在|过期|关[了掉]|变更|以前|之前|去年|"
    r"老公|老婆|先生|太太|兄弟|哥|弟|姐|妹|爸|妈|朋友|亲戚|别人|他们?说|提示|显示",
    re.IGNORECASE,
)
HARMED = re.compile(
    r"\b(?:sick|ill|illness|health|hospital|died|lied|cheat\w*|scam\w*|tricked|stolen|stole)\b|骗|生病|住院|去世|偷",
    re.IGNORECASE,
)
INSISTS = re.compile(r"\b(?:again|exactly|really|but|finally|just tell|so)\b|到底|究竟|再问|还是没|真的", re.IGNORECASE)
FEWEST_WORDS, FEWEST_HAN = 4, 6  # of a message that tells a case of which something may follow
REMARKS_OF_A_MOOD = 2
TURN_TO = re.compile(
    r"(?:\bPlease|(?<![^\s。；，,])请)[^.。]+[.。]"
)  # where a text that does not know sends the merchant
MORE = "more"  # statement kind of the button for the rest of an answer


def topics(request: Request, found: Found) -> Turn:
    """Answer with the topics found and the follow-up buttons; each article is cited in full once."""
    knowledge, manner = request.knowledge, replace(request.manner(), brief=len(found.answers) > MOST_IN_FULL)
    replies, answers, labels = list[Reply](), list[Written](), list[Label]()
    for label in found.answers:
        made = written(request, found, label, manner)
        if made.facts and any(
            (one.name, other.facts) == (label.name, made.facts) for one, other in zip(labels, answers, strict=True)
        ):
            continue  # two questions with the same answer
        labels.append(label)
        manner = replace(manner, cited=manner.cited.union(made.cites))
        answers.append(made)
        preview = knowledge.topic(label.name).preview
        replies.append(Reply(made.text, (), request.pictures(label.name), preview, source=made.about))
    found = replace(found, answers=tuple(labels))
    for place, label in enumerate(found.answers):
        if label.name in found.likely or (found.tentative and place == 0):
            title = knowledge.topic(label.name).title[request.lang]
            said = request.say("nearest" if is_near(request, label.name) else "likely", title=title)
            replies[place] = replace(replies[place], text=f"{said}\n{replies[place].text}")
    details = [f"{label.name}/{label.detail}" for label in found.answers if label.detail]
    if beside := along(request, found.answers):
        name, part = beside
        details.append(f"{name}/{part.id}")
        replies[0] = replace(replies[0], text=f"{request.render(part)}\n\n{replies[0].text}")
    rest = untold(request, found.answers, answers)
    buttons = (
        *(other_button(request, label) for label in found.choices if found.tentative),
        *more_button(request, rest),
        *follow_ups(request, found.answers, any(made.incomplete for made in answers)),
    )
    once: dict[str, Button] = {}
    for button in buttons:
        once.setdefault(button.says, button)
    replies[-1] = replace(replies[-1], buttons=tuple(once.values())[:MOST_BUTTONS])
    names = tuple(label.name for label in found.answers if label.kind == "topic")
    outcome = Outcome(
        "answer",
        names,
        score=found.score,
        candidates=found.candidates,
        tentative=found.tentative,
        source=answers[0].source,
        date=answers[0].date,
        status=weakest([made.status for made in answers if made.status]),
        facts=tuple(
            f"{label.name}.{fact}" for label, made in zip(found.answers, answers, strict=True) for fact in made.facts
        ),
    )
    cited = dict.fromkeys((*request.conversation.cited, *(name for made in answers for name in made.cites)))
    last = tuple(f"{label.name}/{label.detail or ''}" for label in found.answers)
    shown = shown_facts(found.answers, answers)
    changes = {"cited": tuple(cited), "last": last, "rest": rest, "shown": shown, "earlier": earlier(request, names)}
    changes["facts"] = facts_with(request, (*shown, *details))
    return request.turn(*replies, outcome=outcome, topic=names[-1], referred=is_referred(request, answers), **changes)


def otherness(request: Request, name: str) -> float:
    """Return the share of a message's words that are neither a topic's nor everybody's."""
    finder = request.knowledge.finder
    return finder.following.own_words.strange(finder.spelled(request.plain), name)


def is_near(request: Request, name: str) -> bool:
    """Return true if a likely answer is probably not what was asked for, but what is nearest to it."""
    return otherness(request, name) >= MOSTLY_OTHER[request.lang]


def untold(request: Request, labels: Sequence[Label], answers: Iterable[Written]) -> tuple[str, ...]:
    """Return the facts that follow on "more": after a part of a topic, without those that the conversation has had."""
    had = set(request.conversation.facts)
    left = ((label, f"{label.name}/{fact}") for label, made in zip(labels, answers, strict=True) for fact in made.rest)
    return tuple(fact for label, fact in left if label.detail is None or fact not in had)


def facts_with(request: Request, shown: Sequence[str]) -> tuple[str, ...]:
    """Return the facts told so far, with those of this turn."""
    return tuple(dict.fromkeys((*request.conversation.facts, *shown)))[-MOST_FACTS:]


def is_referred(request: Request, answers: Iterable[Written]) -> bool:
    return request.conversation.referred or any(made.incomplete for made in answers)


def along(request: Request, labels: Iterable[Label]) -> tuple[str, Missing] | None:
    """Return the missing detail, with its topic, that is told along with an answer, since the message names the case that it is about
    and it was not told before; None if there is none."""
    names = {label.name for label in labels}
    for topic, part, told in request.knowledge.along:
        along_with = topic not in names and names & set(told.topics) and request.message.press is None
        had = f"{topic}/{part.id}" in request.conversation.facts
        if along_with and not had and case_named(request, told) == {told.value}:
            return topic, part
    return None


def case_named(request: Request, told: Along) -> set[Answer]:
    """Return the values of the question about a case that a message names."""
    logic = request.knowledge.logic(told.check)
    question = logic.check.question(told.question)
    readings = (read_answer(logic, question, one, request.lang, request.today) for one in parts_of(request.text))
    return {one.answer for one in readings if one is not None and one.answer is not None}


def is_another_case(request: Request, label: Label) -> bool:
    """Return true if a message names another case than the one that a missing detail is about."""
    known = request.knowledge.library.topics
    parts = known[label.name].missing if label.kind == "topic" else ()
    told = next((part.along for part in parts if part.id == label.detail), None)
    named = case_named(request, told) if told else set()
    return bool(named) and told is not None and told.value not in named


def earlier(request: Request, names: Sequence[str]) -> tuple[str, ...]:
    """Return the topics told before these, the last ones first."""
    before, last = request.conversation, request.conversation.topic
    told = (*(one.partition("/")[0] for one in reversed(before.last)), *([last] if last else ()), *before.earlier)
    return tuple(one for one in dict.fromkeys(told) if one not in names)[:MOST_EARLIER]


def shown_facts(labels: Iterable[Label], answers: Iterable[Written]) -> tuple[str, ...]:
    return tuple(f"{label.name}/{fact}" for label, made in zip(labels, answers, strict=True) for fact in made.facts)


def written(request: Request, found: Found, label: Label, manner: Manner) -> Written:
    """Return the answer of a label: alone where it was just spoken of, and never the last answer word for word."""
    knowledge, lang, today = request.knowledge, request.lang, request.today
    topic, before = knowledge.topic(label.name), request.conversation
    just = label.name in (name.partition("/")[0] for name in before.last)
    part = next((one for one in topic.parts if one.id == label.detail), None)
    manner = replace(manner, offered=offered_before(request))
    first = replace(manner, brief=True)
    if found.beside:
        made = knowledge.tell(label.name, lang, today, topic.facts[0], first)
        return replace(made, text=f"{request.say('beside', side=side_names(request, found))}\n\n{made.text}")
    known = just if isinstance(part, Missing) else found.follows
    brief = part is not None and (known or was_told(request, label.name))
    made = knowledge.tell(label.name, lang, today, part, replace(manner, brief=brief or manner.brief))
    if isinstance(part, Missing) and is_again(request, f"{label.name}/{part.id}"):
        if INSISTS.search(request.text):
            return replace(made, text=request.say("missing_again"), rest=())
        return replace(made, text=request.say("not_said", title=None, again=True, offer="").strip(), rest=())
    same = topic.known and shown_facts((label,), (made,))[:1] == before.shown[:1]
    if isinstance(part, Missing) or not same or request.message.group is not None:  # a group's readers change
        return made
    if found.follows and found.score < SURE_ENOUGH:
        fact = next(
            (one for one in topic.facts if isinstance(part, DirectAnswer) and one.id == part.of), part
        )  # no "yes" to something else
        made = knowledge.tell(label.name, lang, today, fact or topic.facts[0], first)
        told = len(made.text) <= SHORT
        text = request.say("no_more_precise", title=topic.title[lang], told=told)
        return replace(made, text=f"{text}\n\n{made.text}" if told else text, rest=())
    made = knowledge.tell(label.name, lang, today, part or topic.facts[0], first)
    return replace(made, text=f"{request.say('as_said')}\n\n{made.text}")


def is_again(request: Request, what: str) -> bool:
    """Return true if what is not known was just said so, in words; a group's readers change."""
    return request.message.press is None and request.message.group is None and request.conversation.last == (what,)


def offered_before(request: Request) -> bool:
    """Return true if a consultant was offered, or said not to be there, in this conversation; a group's readers change."""
    return request.conversation.referred and request.message.group is None


def side_names(request: Request, found: Found) -> str:
    """Name the sides that a message asks for, as in a sentence."""
    sides = request.knowledge.library.sides
    named = (one for kind, value in found.beside for one in sides[kind].values if one.id == value)
    return COMMA[request.lang].join(one[request.lang] for one in named)


def other_button(request: Request, label: Label) -> Button:
    """Return the button for another meaning of a question that was answered tentatively."""
    title = (
        request.knowledge.topic(label.name).title
        if label.kind == "topic"
        else request.knowledge.library.checks[label.name].title
    )
    return Button(request.say("not_this", title=title[request.lang])[:LONGEST_LABEL], f"{label.kind}={label.name}")


def more_button(request: Request, rest: tuple[str, ...]) -> tuple[Button, ...]:
    """Return the button for the rest of an answer, if there is a rest."""
    return (Button(request.say("more_button"), f"{MORE}={rest[0].rpartition('/')[0]}"),) if rest else ()


def follow_ups(request: Request, answers: tuple[Label, ...], incomplete: bool) -> tuple[Button, ...]:
    """Return the buttons for the topic's check, the related topics and, if the answer is incomplete, a consultant."""
    buttons: list[Button] = []
    given = {label.name for label in answers}
    topic = request.knowledge.topic(next(label.name for label in reversed(answers) if label.kind == "topic"))
    if topic.check:
        buttons.append(request.check_button(topic.check))
    related = [name for name in topic.related if name not in given and not was_told(request, name)]
    if not request.consultant_buttons():
        related = [name for name in related if name != CONSULTANT_TOPIC]
    buttons += [request.topic_button(name) for name in related]
    if request.terms.consultant if CONSULTANT_TOPIC in given else incomplete:
        buttons += request.consultant_buttons()
    return tuple(buttons)


def was_told(request: Request, name: str) -> bool:
    """Return true if a topic is not known, or its first fact was told in this conversation, so that its button brings nothing."""
    facts = request.knowledge.topic(name).facts
    return not facts or f"{name}/{facts[0].id}" in request.conversation.facts


def topic_turn(request: Request, name: str, score: float = 1.0) -> Turn:
    """Answer with a topic."""
    if not request.knowledge.topic(name).known:
        return known_unknown(request, name, Found(score=score))
    return topics(request, Found((Label("topic", name),), (), score))


def known_unknown(request: Request, name: str, found: Found) -> Turn:
    """Say that a known question has no answer in this content; offer the topics near it, of which follow-ups are read."""
    knowledge, manner = request.knowledge, replace(request.manner(), offered=offered_before(request))
    made = knowledge.tell(name, request.lang, request.today, manner=manner)
    near = [one for one in knowledge.topic(name).related if knowledge.topic(one).known]
    offered = [one for one in near if not was_told(request, one)]
    buttons = (*map(request.topic_button, offered), *(request.consultant_buttons() if made.incomplete else ()))
    outcome = Outcome("unknown", score=found.score, candidates=found.candidates, known_unknown=name)
    referred = is_referred(request, (made,))
    text = made.text
    if is_again(request, f"{name}/"):
        text = request.say("unknown_again", turn_to=next(iter(TURN_TO.findall(text)), ""))
    turn = request.turn(Reply(text, buttons), outcome=outcome, last=(f"{name}/",), rest=(), referred=referred)
    if not near:
        return turn
    return replace(turn, conversation=turn.conversation.with_(topic=near[0], earlier=earlier(request, near[:1])))


def remarked(request: Request, found: Found, mood: Mood | None = None) -> Turn:
    """Acknowledge what a merchant tells, and say of a case that nothing is known of it; the buttons lead on."""
    label = last_topic(request)
    outcome = Outcome("unknown", score=found.score, candidates=found.candidates)
    number = request.conversation.talked
    mood = mood or mood_of(request.text)
    texts = remark_texts(request, mood, case=tells_case(request) and mood in (None, "trouble"))
    text = texts[number % len(texts)]
    near = follow_ups(request, (label,), incomplete=False) if label else ()
    choices = (*found.answers, *found.choices) if label is None and found.score >= LIKELY else ()
    shown = [choice_button(request, one) for one in choices if one.kind in ("topic", "check")] or near
    once = {button.says: button for button in (*shown[:MOST_CHOICES], *(request.consultant_buttons() if label else ()))}
    return request.turn(Reply(text, tuple(once.values())), outcome=outcome, talked=number + 1)


def tells_case(request: Request) -> bool:
    """Return true if a remark tells what may matter in the merchant's case, after a question: while their questions are not answered,
    or in words of something that is amiss or not as usual."""
    text, before = request.text, request.conversation
    if before.asked is None or DEALS.match(text) or request.knowledge.finder.following.sides.only_mentions(text):
        return False
    if len(text.split()) < FEWEST_WORDS and len(HAN_LETTER.findall(text)) < FEWEST_HAN:
        return False
    if (request.topic_check and request.stated) or HARMED.search(text):
        return False  # a check knows what it asks for; who was cheated or is ill wants no rule
    return before.missed > 0 or bool(AMISS.search(text))


def remark_texts(request: Request, mood: Mood | None, *, case: bool = False) -> tuple[str, ...]:
    """Return the replies to a remark of a mood, which take turns; `case`: it tells a case on which the source may be silent."""
    if mood is not None:
        return tuple(request.say(f"remark_{mood}_{one}", case=case) for one in range(1, REMARKS_OF_A_MOOD + 1))
    if case:
        return tuple(request.say(f"remark_case_{one}") for one in range(1, REMARKS_OF_A_MOOD + 1))
    before = request.conversation
    first = before.topic is None and before.asked is None and not before.talked
    return tuple(request.say(f"remark_{one}", first=first) for one in range(1, REMARKS + 1))


def is_remark(request: Request, text: str) -> bool:
    """Return true if a reply's text is one to a remark."""
    return any(text in remark_texts(request, mood, case=case) for mood in (None, *MOODS) for case in (False, True))


def not_said(request: Request, found: Found) -> Turn:
    """Say that the source says nothing on a question about what was just spoken of, and offer what is near, but not that again."""
    label, about = last_topic(request), request.knowledge.finder.following
    likely = [one for one in found.choices if found.score >= LIKELY and one != label]
    near = follow_ups(request, (label,), incomplete=False) if label else ()
    buttons = (*(choice_button(request, one) for one in likely), *near, *request.consultant_buttons())
    once = {button.says: button for button in buttons}
    about_it = label and about.foreign(request.text, (label.name,)) != "another"
    title = request.knowledge.topic(label.name).title[request.lang] if label and about_it else None
    again = request.conversation.missed > 0
    text = request.say("not_said", title=title, again=again, offer="" if offered_before(request) else request.offer())
    outcome = Outcome("unknown", score=found.score, candidates=found.candidates)
    return request.turn(Reply(text.strip(), tuple(once.values())[:MOST_BUTTONS]), outcome=outcome, referred=True)


def last_topic(request: Request) -> Label | None:
    """Return the topic answered last, if the content still has it."""
    name, known = request.conversation.topic, request.knowledge.library.topics
    return Label("topic", name) if name and name in known and known[name].known else None


def clarified(request: Request, found: Found) -> Turn:
    """Ask for clarification: up to three choices and "none of these"."""
    buttons = tuple(choice_button(request, label) for label in found.choices)
    reply = Reply(request.say("clarify"), (*buttons, Button(request.say("none_of_these"), "none")))
    outcome = Outcome("clarify", score=found.score, candidates=found.candidates)
    return request.turn(reply, outcome=outcome, unclear=request.text[:LONGEST_UNCLEAR])


def choice_button(request: Request, label: Label) -> Button:
    return request.check_button(label.name) if label.kind == "check" else request.topic_button(label.name)


def unknown(request: Request, found: Found, *, alone: bool = False) -> Turn:
    """Say that the question is not understood, and offer the most asked topics; `alone`: without them."""
    foreign = request.knowledge.foreign(request.text)
    near = [one.topic for one in found.candidates if one.score >= NEAR and request.knowledge.topic(one.topic).known]
    names = () if alone else (near or request.knowledge.most_asked)[:MOST_CHOICES]
    buttons = (*(request.topic_button(name) for name in names), *request.consultant_buttons())
    phrase = "unknown_language" if foreign else "unknown_alone" if alone else "unknown"
    outcome = Outcome("unknown", score=found.score, candidates=found.candidates)
    return request.turn(Reply(request.say(phrase), buttons), outcome=outcome, last=(), rest=())
