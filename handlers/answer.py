"""Answers: what the matcher finds for a question in the merchant's own words."""

from __future__ import annotations

from dataclasses import replace

from bot.knowledge.answering import weakest
from bot.knowledge.eligibility.stated import stated
from bot.knowledge.finding import MOST_CHOICES, QUESTION, Found, Label
from bot.knowledge.language import other_language
from bot.model import Button, Outcome, Reply, Turn
from handlers.asked import CONSULTANT_TOPIC, Asked

FEW_WORDS, FEW_CHARACTERS = 4, 40  # of what completes a question
LONGEST_UNCLEAR = 200
MOST_TOLD = 3  # messages of which is kept what a merchant said of his own case
SURE_ENOUGH = 0.7  # score of what a completed question means, from which on it is not asked back a second time
MORE = "more"  # what the button for the rest of an answer says, with its topic


def answer(asked: Asked) -> Turn:
    """Answer what is clear, offer choices where it is not, and say so where nothing fits.

    What he says of his own case beside his question is kept for a check that he may begin.
    """
    turn = found_answer(asked)
    told = stated(asked.text)
    if not told or turn.conversation.check is not None:
        return turn
    return replace(turn, conversation=turn.conversation.with_(told=(*turn.conversation.told, told)[-MOST_TOLD:]))


def found_answer(asked: Asked) -> Turn:
    if not any(character.isalpha() for character in asked.text):
        return unknown(asked, Found())
    # Noise and other languages lean on nothing, and only what is surely meant is made of them.
    foreign = other_language(asked.text, asked.knowledge.english)
    found = asked.knowledge.finder.find(asked.text, about=None if foreign else asked.conversation.topic)
    found = completed(asked, found)
    if foreign and not (found.answers and found.answers[0].kind == "topic"):
        return unknown(asked, found)
    if found.answers:
        return answered(asked, found)
    if found.choices:
        return clarified(asked, found)
    return unknown(asked, found)


def completed(asked: Asked, found: Found) -> Found:
    """What is meant by a few words after a question back: "the trademark one", read with the question they complete."""
    before = asked.conversation.unclear
    few = len(asked.text.split()) <= FEW_WORDS and len(asked.text) <= FEW_CHARACTERS
    clear = bool(found.answers) and found.answers[0].kind != "unknown"
    if before is None or not few or (clear and (found.answers[0].kind != "topic" or QUESTION.search(asked.text))):
        return found
    finder = asked.knowledge.finder
    joined = finder.find(f"{asked.text} {before}")
    if not joined.answers and len(joined.by) == 1 and joined.by[0].kind == "topic" and joined.score >= SURE_ENOUGH:
        joined = finder.told(joined.by[0])
    if not joined.answers or joined.answers[0].kind != "topic":
        return found
    offered = {button.says for button in asked.conversation.offered}
    return found if clear and f"topic={joined.answers[0].name}" not in offered else joined


def answered(asked: Asked, found: Found) -> Turn:
    """The turn for labels that were found outright, in order."""
    first = found.answers[0]
    if first.kind == "talk":
        return small_talk(asked, first.name)
    if first.kind == "check":
        from handlers.check import start  # the check's handler answers by topics too

        return start(asked, first.name, found.score)
    if first.kind == "unknown":
        return known_unknown(asked, first.name, found)
    return topics(asked, found)


def topics(asked: Asked, found: Found) -> Turn:
    """The answers to what was asked, with what may follow; of each article the source is told in full once."""
    knowledge, manner = asked.knowledge, asked.manner()
    replies, answers = [], []
    for label in found.answers:
        detail = knowledge.detail(label.name, label.detail) if label.detail else None
        made = knowledge.answer(label.name, asked.lang, asked.today, detail, manner)
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
    )
    cited = dict.fromkeys((*asked.conversation.cited, *(name for made in answers for name in made.cites)))
    last = tuple(f"{label.name}/{label.detail or ''}" for label in found.answers)
    return asked.turn(*replies, outcome=outcome, topic=names[-1], cited=tuple(cited), last=last, rest=rest)


def more_button(asked: Asked, rest: tuple[str, ...]) -> tuple[Button, ...]:
    """The button for what is left to tell of an answer."""
    return (Button(asked.say("more_button"), f"{MORE}={rest[0].rpartition('/')[0]}"),) if rest else ()


def follow_ups(asked: Asked, answers: tuple[Label, ...], incomplete: bool) -> tuple[Button, ...]:
    """The check that decides the merchant's own case, the related topics, and a consultant where something is missing."""
    buttons: list[Button] = []
    given = {label.name for label in answers}
    topic = asked.knowledge.topic(answers[-1].name)
    if topic.check:
        buttons.append(asked.check_button(topic.check))
    related = [name for name in topic.related if name not in given and asked.knowledge.topic(name).known]
    if not asked.consultant_buttons():  # who can be reached by nobody is not sent to a page that says so
        related = [name for name in related if name != CONSULTANT_TOPIC]
    buttons += [asked.topic_button(name) for name in related]
    if asked.terms.consultant if CONSULTANT_TOPIC in given else incomplete:
        buttons += asked.consultant_buttons()
    return tuple(buttons)


def topic_turn(asked: Asked, name: str, score: float = 1.0) -> Turn:
    """The turn that answers with a topic, however it was chosen."""
    if not asked.knowledge.topic(name).known:
        return known_unknown(asked, name, Found(score=score))
    return topics(asked, Found((Label("topic", name),), (), score))


def small_talk(asked: Asked, name: str) -> Turn:
    talk = asked.knowledge.library.smalltalk[name]
    return asked.turn(Reply(asked.render(talk.reply)), outcome=Outcome("answer", score=1.0))


def known_unknown(asked: Asked, name: str, found: Found) -> Turn:
    """The honest sentence for what merchants ask and this knowledge does not answer."""
    made = asked.knowledge.answer(name, asked.lang, asked.today, manner=asked.manner())
    reply = Reply(made.text, asked.consultant_buttons() if made.incomplete else ())
    outcome = Outcome("unknown", score=found.score, candidates=found.candidates)
    return asked.turn(reply, outcome=outcome, last=(), rest=())


def clarified(asked: Asked, found: Found) -> Turn:
    """A question back: at most three choices and "none of these"."""
    buttons = tuple(choice_button(asked, label) for label in found.choices)
    reply = Reply(asked.say("clarify"), (*buttons, Button(asked.say("none_of_these"), "none")))
    outcome = Outcome("clarify", score=found.score, candidates=found.candidates)
    return asked.turn(reply, outcome=outcome, unclear=asked.text[:LONGEST_UNCLEAR])


def choice_button(asked: Asked, label: Label) -> Button:
    return asked.check_button(label.name) if label.kind == "check" else asked.topic_button(label.name)


def unknown(asked: Asked, found: Found) -> Turn:
    """What is not known is said to be so, with what the assistant can help with."""
    foreign = other_language(asked.text, asked.knowledge.english)
    names = asked.knowledge.most_asked[:MOST_CHOICES]
    buttons = (*(asked.topic_button(name) for name in names), *asked.consultant_buttons())
    text = asked.say("unknown_language") if foreign else asked.say("unknown")
    outcome = Outcome("unknown", score=found.score, candidates=found.candidates)
    return asked.turn(Reply(text, buttons), outcome=outcome, last=(), rest=())
