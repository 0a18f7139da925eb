"""The last answer's rest, and its source in full."""

from __future__ import annotations

from dataclasses import replace

from bot.content.kinds import Asked, Missing
from bot.model import Outcome, Reply, Turn
from bot.search.found import Found, Label
from handlers import by_topic
from handlers.ability import Ability
from handlers.by_topic import MOST_BUTTONS, facts_with, follow_ups, more_button, shown_facts
from handlers.request import ANSWERED, Request


def rest_of_last(request: Request, _: str) -> Turn | None:
    """Tell the rest of the last answer, if there was one."""
    left = (*request.conversation.rest, *reversed(request.conversation.last))
    return more(request, left[0].rpartition("/")[0]) if left else None


def source(request: Request, _: str) -> Turn:
    """Tell the last answer's sources in full; its buttons remain valid."""
    offered = request.conversation.offered
    text = sources_told(request) or request.say("source_none")
    return request.turn(Reply(text), outcome=ANSWERED, offered=offered, unclear=request.conversation.unclear)


def sources_told(request: Request) -> str:
    """Return the last answer's sources in full, "" if there is no answer."""
    told = (request.knowledge.tell(name, request.lang, request.today, part).about for name, part in last_parts(request))
    return "\n\n".join(dict.fromkeys(told))


def repeat(request: Request, _: str = "") -> Turn:
    """Tell the last answer once more, word for word."""
    return retold(request, shorter=False)


def shorten(request: Request, _: str = "") -> Turn:
    """Tell the last answer in one paragraph."""
    return retold(request, shorter=True)


def retold(request: Request, *, shorter: bool) -> Turn:
    """Tell the last answer again."""
    knowledge, conversation = request.knowledge, request.conversation
    replies, told = [], []
    for name, part in last_parts(request):
        topic = knowledge.topic(name)
        manner = replace(request.manner(), brief=shorter or part is not None)
        told.append(
            knowledge.tell(name, request.lang, request.today, part or (topic.facts[0] if shorter else None), manner)
        )
        replies.append(Reply(told[-1].text, (), source=told[-1].about))
    just = conversation.last[-1].partition("/")[0] if conversation.last else ""
    if not told and just in knowledge.library.topics:
        return by_topic.known_unknown(request, just, Found())
    if not told:
        return request.tell("nothing_before")
    rest = tuple(dict.fromkeys((*conversation.shown[1:], *conversation.rest))) if shorter else conversation.rest
    names = tuple(name for name, _ in last_parts(request))
    replies[-1] = replace(replies[-1], buttons=more_button(request, rest))
    outcome = Outcome("answer", names, score=1.0, source=told[0].source, date=told[0].date, status=told[0].status)
    return request.turn(*replies, outcome=outcome, rest=rest)


def doubted(request: Request, _: str = "") -> Turn:
    """Stand by the last answer with its source; it may have changed since."""
    if not (told := sources_told(request)):
        return request.tell("nothing_before")
    return request.turn(Reply(f"{request.say('doubted')}\n\n{told}", request.consultant_buttons()), outcome=ANSWERED)


def still_said(request: Request, _: str = "") -> Turn:
    """Confirm after "really?" what the last answer's source says, or that it does not tell; its buttons remain valid."""
    told, parts = sources_told(request), last_parts(request)
    if not told:
        return source(request, "")
    text = request.say("still_said", missing=all(isinstance(part, Missing) for _, part in parts))
    return request.turn(Reply(f"{text}\n\n{told}"), outcome=ANSWERED, offered=request.conversation.offered)


def not_meant(request: Request, _: str = "") -> Turn:
    """Offer what else the last question may have meant."""
    told = {name for name, _ in last_parts(request)}
    offered = request.conversation.offered
    names = dict.fromkeys(
        name
        for kind, _, name in (button.says.partition("=") for button in offered)
        if kind == "topic" and name not in told and name in request.knowledge.library.topics
    )
    buttons = (*(request.topic_button(name) for name in names), *request.consultant_buttons())
    return request.turn(Reply(request.say("not_meant"), buttons[:MOST_BUTTONS]), outcome=ANSWERED)


def last_parts(request: Request) -> list[tuple[str, Asked | None]]:
    """Return the topics answered last with the part that was asked for."""
    known = request.knowledge.library.topics
    pairs = (one.partition("/")[::2] for one in request.conversation.last)
    return [
        (name, next((one for one in known[name].parts if one.id == part), None))
        for name, part in pairs
        if name in known and known[name].known
    ]


def more(request: Request, name: str) -> Turn | None:
    """Tell the next part of a topic; a late press continues after the topic's first answer."""
    knowledge, conversation = request.knowledge, request.conversation
    if name not in knowledge.library.topics or not knowledge.topic(name).known:
        return None
    left = [label.rpartition("/") for label in conversation.rest]
    wanted = tuple(fact for topic, _, fact in left if topic == name)
    if not wanted and name not in (one.rpartition("/")[0] for one in conversation.last):
        wanted = knowledge.tell(name, request.lang, request.today, manner=request.manner()).rest
    known = {fact.id for fact in knowledge.topic(name).facts}
    label = Label("topic", name)
    if not known.intersection(wanted):
        return request.tell("more_none", *follow_ups(request, (label,), incomplete=False))
    made = knowledge.tell(name, request.lang, request.today, manner=replace(request.manner(), facts=wanted))
    others = (f"{topic}/{fact}" for topic, _, fact in left if topic != name)
    rest = (*(f"{name}/{fact}" for fact in made.rest), *others)
    buttons = (*more_button(request, rest), *follow_ups(request, (label,), made.incomplete))
    outcome = Outcome(
        "answer",
        (name,),
        score=1.0,
        source=made.source,
        date=made.date,
        status=made.status,
        facts=tuple(f"{name}.{fact}" for fact in made.facts),
    )
    cited = tuple(dict.fromkeys((*conversation.cited, *made.cites)))
    reply = Reply(made.text, buttons, source=made.about)
    shown = shown_facts((label,), (made,))
    facts = facts_with(request, shown)
    return request.turn(reply, outcome=outcome, topic=name, cited=cited, rest=rest, shown=shown, facts=facts)


SOURCE = Ability(None, source, words="source_words")
MORE = Ability(None, rest_of_last, words="more_words", presses={by_topic.MORE: more})
DOUBT = Ability(None, still_said, words="doubt_words")
