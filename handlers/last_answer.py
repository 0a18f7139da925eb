"""What follows of the last answer: the rest of it, and its source in full."""

from __future__ import annotations

from dataclasses import replace

from bot.knowledge.finding import Label
from bot.model import Outcome, Reply, Turn
from handlers.answer import follow_ups, more_button
from handlers.asked import Asked

ANSWERED = Outcome("answer", score=1.0)


def last_answer(asked: Asked) -> Turn | None:
    """The rest of the last answer, or where it is from; None where neither is asked for."""
    if asked.message.press is not None:
        return None
    if asked.says("source_words"):
        return source(asked)
    left = (*asked.conversation.rest, *reversed(asked.conversation.last))
    name = left[0].rpartition("/")[0] if left else ""
    known = name in asked.knowledge.library.topics and asked.knowledge.topic(name).known
    return more(asked, name) if known and asked.says("more_words") else None


def source(asked: Asked) -> Turn:
    """Where the last answer is from, with all that is known of it; the choices offered with it still stand."""
    knowledge, offered = asked.knowledge, asked.conversation.offered
    known = knowledge.library.topics
    told = []
    for label in asked.conversation.last:
        name, _, missing = label.rpartition("/")
        if name in known and known[name].known:
            detail = next((one for one in known[name].missing if one.id == missing), None)
            told.append(knowledge.answer(name, asked.lang, asked.today, detail).about)
    text = "\n\n".join(dict.fromkeys(told)) or asked.say("source_none")
    return asked.turn(Reply(text), outcome=ANSWERED, offered=offered, unclear=asked.conversation.unclear)


def more(asked: Asked, name: str) -> Turn:
    """What is left to tell of a topic, as far as it fits; all beyond its first answer where a late press asks for it."""
    knowledge, conversation = asked.knowledge, asked.conversation
    left = [label.rpartition("/") for label in conversation.rest]
    wanted = tuple(fact for topic, _, fact in left if topic == name)
    if not wanted and name not in (one.rpartition("/")[0] for one in conversation.last):
        wanted = knowledge.answer(name, asked.lang, asked.today, manner=asked.manner()).rest
    known = {fact.id for fact in knowledge.topic(name).facts}
    label = Label("topic", name)
    if not known.intersection(wanted):
        reply = Reply(asked.say("more_none"), follow_ups(asked, (label,), incomplete=False))
        return asked.turn(reply, outcome=ANSWERED)
    made = knowledge.answer(name, asked.lang, asked.today, manner=replace(asked.manner(), facts=wanted))
    others = (f"{topic}/{fact}" for topic, _, fact in left if topic != name)
    rest = (*(f"{name}/{fact}" for fact in made.rest), *others)
    buttons = (*more_button(asked, rest), *follow_ups(asked, (label,), made.incomplete))
    outcome = Outcome("answer", (name,), score=1.0, source=made.source, date=made.date, status=made.status)
    cited = tuple(dict.fromkeys((*conversation.cited, *made.cites)))
    reply = Reply(made.text, buttons, source=made.about)
    return asked.turn(reply, outcome=outcome, topic=name, cited=cited, rest=rest)
