"""Answers by topic: the topic's text, a clarification between topics, or "not known"."""

from __future__ import annotations

from dataclasses import replace

from bot.knowledge.writer import weakest
from bot.model import Button, Outcome, Reply, Turn
from bot.search.finding import MOST_CHOICES, Found, Label
from handlers.asked import ANSWERED, CONSULTANT_TOPIC, Asked

LONGEST_UNCLEAR = 200
MORE = "more"  # statement kind of the button for the rest of an answer


def topics(asked: Asked, found: Found) -> Turn:
    """Answer with the topics found and the follow-up buttons; each article is cited in full once."""
    knowledge, manner = asked.knowledge, asked.manner()
    replies, answers = [], []
    for label in found.answers:
        detail = knowledge.detail(label.name, label.detail) if label.detail else None
        made = knowledge.tell(label.name, asked.lang, asked.today, detail, manner)
        manner = replace(manner, cited=manner.cited.union(made.cites))
        answers.append(made)
        preview = knowledge.topic(label.name).preview
        replies.append(Reply(made.text, (), asked.pictures(label.name), preview, source=made.about))
    rest = tuple(
        f"{label.name}/{fact}" for label, made in zip(found.answers, answers, strict=True) for fact in made.rest
    )
    buttons = (*more_button(asked, rest), *follow_ups(asked, found.answers, any(made.incomplete for made in answers)))
    replies[-1] = replace(replies[-1], buttons=buttons)
    names = tuple(label.name for label in found.answers)
    outcome = Outcome(
        "answer",
        names,
        score=found.score,
        candidates=found.candidates,
        source=answers[0].source,
        date=answers[0].date,
        status=weakest([made.status for made in answers if made.status]),
        facts=tuple(
            f"{label.name}.{fact}" for label, made in zip(found.answers, answers, strict=True) for fact in made.facts
        ),
    )
    cited = dict.fromkeys((*asked.conversation.cited, *(name for made in answers for name in made.cites)))
    last = tuple(f"{label.name}/{label.detail or ''}" for label in found.answers)
    return asked.turn(*replies, outcome=outcome, topic=names[-1], cited=tuple(cited), last=last, rest=rest)


def more_button(asked: Asked, rest: tuple[str, ...]) -> tuple[Button, ...]:
    """Return the button for the rest of an answer, if there is a rest."""
    return (Button(asked.say("more_button"), f"{MORE}={rest[0].rpartition('/')[0]}"),) if rest else ()


def follow_ups(asked: Asked, answers: tuple[Label, ...], incomplete: bool) -> tuple[Button, ...]:
    """Return the buttons for the topic's check, the related topics and, if the answer is incomplete, a consultant."""
    buttons: list[Button] = []
    given = {label.name for label in answers}
    topic = asked.knowledge.topic(answers[-1].name)
    if topic.check:
        buttons.append(asked.check_button(topic.check))
    related = [name for name in topic.related if name not in given and asked.knowledge.topic(name).known]
    if not asked.consultant_buttons():
        related = [name for name in related if name != CONSULTANT_TOPIC]
    buttons += [asked.topic_button(name) for name in related]
    if asked.terms.consultant if CONSULTANT_TOPIC in given else incomplete:
        buttons += asked.consultant_buttons()
    return tuple(buttons)


def topic_turn(asked: Asked, name: str, score: float = 1.0) -> Turn:
    """Answer with a topic."""
    if not asked.knowledge.topic(name).known:
        return known_unknown(asked, name, Found(score=score))
    return topics(asked, Found((Label("topic", name),), (), score))


def small_talk(asked: Asked, name: str) -> Turn:
    talk = asked.knowledge.library.smalltalk[name]
    return asked.turn(Reply(asked.render(talk.reply)), outcome=ANSWERED)


def known_unknown(asked: Asked, name: str, found: Found) -> Turn:
    """Say that a known question has no answer in this content."""
    made = asked.knowledge.tell(name, asked.lang, asked.today, manner=asked.manner())
    reply = Reply(made.text, asked.consultant_buttons() if made.incomplete else ())
    outcome = Outcome("unknown", score=found.score, candidates=found.candidates)
    return asked.turn(reply, outcome=outcome, last=(), rest=())


def clarified(asked: Asked, found: Found) -> Turn:
    """Ask for clarification: up to three choices and "none of these"."""
    buttons = tuple(choice_button(asked, label) for label in found.choices)
    reply = Reply(asked.say("clarify"), (*buttons, Button(asked.say("none_of_these"), "none")))
    outcome = Outcome("clarify", score=found.score, candidates=found.candidates)
    return asked.turn(reply, outcome=outcome, unclear=asked.text[:LONGEST_UNCLEAR])


def choice_button(asked: Asked, label: Label) -> Button:
    return asked.check_button(label.name) if label.kind == "check" else asked.topic_button(label.name)


def unknown(asked: Asked, found: Found) -> Turn:
    """Say that the question is not understood, and offer the most asked topics."""
    foreign = asked.knowledge.foreign(asked.text)
    names = asked.knowledge.most_asked[:MOST_CHOICES]
    buttons = (*(asked.topic_button(name) for name in names), *asked.consultant_buttons())
    text = asked.say("unknown_language") if foreign else asked.say("unknown")
    outcome = Outcome("unknown", score=found.score, candidates=found.candidates)
    return asked.turn(Reply(text, buttons), outcome=outcome, last=(), rest=())
