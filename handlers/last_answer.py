"""The last answer's rest, and its source in full."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Outcome, Reply, Turn
from bot.search.finding import Label
from handlers import by_topic
from handlers.ability import Ability
from handlers.by_topic import follow_ups, more_button
from handlers.request import ANSWERED, Request


def rest_of_last(request: Request, _: str) -> Turn | None:
    """Tell the rest of the last answer, if there was one."""
    left = (*request.conversation.rest, *reversed(request.conversation.last))
    return more(request, left[0].rpartition("/")[0]) if left else None


def source(request: Request, _: str) -> Turn:
    """Tell the last answer's sources in full; its buttons remain valid."""
    knowledge, offered = request.knowledge, request.conversation.offered
    known = knowledge.library.topics
    told = []
    for label in request.conversation.last:
        name, _, missing = label.rpartition("/")
        if name in known and known[name].known:
            detail = next((one for one in known[name].parts if one.id == missing), None)
            told.append(knowledge.tell(name, request.lang, request.today, detail).about)
    text = "\n\n".join(dict.fromkeys(told)) or request.say("source_none")
    return request.turn(Reply(text), outcome=ANSWERED, offered=offered, unclear=request.conversation.unclear)


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
    return request.turn(reply, outcome=outcome, topic=name, cited=cited, rest=rest)


SOURCE = Ability(None, source, words="source_words")
MORE = Ability(None, rest_of_last, words="more_words", presses={by_topic.MORE: more})
