"""The last answer's rest, and its source in full."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Outcome, Reply, Turn
from bot.search.finding import Label
from handlers import by_topic
from handlers.ability import Ability
from handlers.asked import ANSWERED, Asked
from handlers.by_topic import follow_ups, more_button


def rest_of_last(asked: Asked, _: str) -> Turn | None:
    """Tell the rest of the last answer, if there was one."""
    left = (*asked.conversation.rest, *reversed(asked.conversation.last))
    return more(asked, left[0].rpartition("/")[0]) if left else None


def source(asked: Asked, _: str) -> Turn:
    """Tell the last answer's sources in full; its buttons remain valid."""
    knowledge, offered = asked.knowledge, asked.conversation.offered
    known = knowledge.library.topics
    told = []
    for label in asked.conversation.last:
        name, _, missing = label.rpartition("/")
        if name in known and known[name].known:
            detail = next((one for one in known[name].missing if one.id == missing), None)
            told.append(knowledge.tell(name, asked.lang, asked.today, detail).about)
    text = "\n\n".join(dict.fromkeys(told)) or asked.say("source_none")
    return asked.turn(Reply(text), outcome=ANSWERED, offered=offered, unclear=asked.conversation.unclear)


def more(asked: Asked, name: str) -> Turn | None:
    """Tell the next part of a topic; a late press continues after the topic's first answer."""
    knowledge, conversation = asked.knowledge, asked.conversation
    if name not in knowledge.library.topics or not knowledge.topic(name).known:
        return None
    left = [label.rpartition("/") for label in conversation.rest]
    wanted = tuple(fact for topic, _, fact in left if topic == name)
    if not wanted and name not in (one.rpartition("/")[0] for one in conversation.last):
        wanted = knowledge.tell(name, asked.lang, asked.today, manner=asked.manner()).rest
    known = {fact.id for fact in knowledge.topic(name).facts}
    label = Label("topic", name)
    if not known.intersection(wanted):
        reply = Reply(asked.say("more_none"), follow_ups(asked, (label,), incomplete=False))
        return asked.turn(reply, outcome=ANSWERED)
    made = knowledge.tell(name, asked.lang, asked.today, manner=replace(asked.manner(), facts=wanted))
    others = (f"{topic}/{fact}" for topic, _, fact in left if topic != name)
    rest = (*(f"{name}/{fact}" for fact in made.rest), *others)
    buttons = (*more_button(asked, rest), *follow_ups(asked, (label,), made.incomplete))
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
    return asked.turn(reply, outcome=outcome, topic=name, cited=cited, rest=rest)


SOURCE = Ability(None, source, words="source_words")
MORE = Ability(None, rest_of_last, words="more_words", presses={by_topic.MORE: more})
