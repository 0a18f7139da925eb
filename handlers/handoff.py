"""Hand-off to a consultant: while a ticket is open, the merchant's messages go to the desk."""

from __future__ import annotations

from dataclasses import replace

from bot.checks import decide
from bot.knowledge.knowledge import Knowledge
from bot.language.quoting import escape_markdown as quoted
from bot.model import Button, Exchange, Outcome, Reply, Terms, Turn
from handlers.ability import Ability
from handlers.asked import ANSWERED, CONSULTANT_TOPIC, Asked
from handlers.by_topic import topic_turn
from handlers.check.run import Run

PASSED = Outcome("unknown")
MOST_RECENT = 4  # last exchanges shown to the consultant
LONGEST = 300  # characters of each message
LONGEST_QUESTION = 2000


def handoff(asked: Asked) -> Turn | None:
    """Forward messages while a ticket is open, and open or close one on request."""
    if asked.message.press is not None:
        return None
    if asked.conversation.ticket is None:
        return consultant(asked) if asked.terms.consultant and asked.says("consultant_words") else None
    if asked.text.startswith("/"):
        return None
    if asked.says("end_words"):
        return end(asked)
    return Turn((), PASSED, asked.conversation, handoff="pass")


def consultant(asked: Asked, question: str = "") -> Turn:
    """Open a ticket if there is a desk here; else tell how to reach a consultant."""
    if asked.terms.consultant and asked.message.group is None:
        return opened(asked, question)
    if asked.consultant_buttons() and CONSULTANT_TOPIC in asked.knowledge.library.topics:
        return topic_turn(asked, CONSULTANT_TOPIC)
    return asked.turn(Reply(asked.offer()), outcome=ANSWERED)


def opened(asked: Asked, question: str) -> Turn:
    """Open a ticket, unless one is open."""
    button = Button(asked.say("end_button"), END.command or "")
    if asked.conversation.ticket is not None:
        return asked.turn(Reply(asked.say("consultant_open"), (button,)), outcome=ANSWERED)
    recent = asked.conversation.recent
    question = question or (recent[-1].text if recent else "")
    phrase = "consultant_asked" if question else "consultant_ready"
    turn = asked.turn(Reply(asked.say(phrase), (button,)), outcome=ANSWERED)
    return replace(turn, handoff="open", card=card(asked, question))


def end(asked: Asked, _: str = "") -> Turn:
    """Close the ticket, if one is open."""
    if asked.conversation.ticket is None:
        return asked.turn(Reply(asked.say("consultant_none")), outcome=ANSWERED)
    return replace(asked.turn(Reply(asked.say("consultant_ended_by_you")), outcome=ANSWERED), handoff="close")


def card(asked: Asked, question: str) -> str:
    """Return the ticket's summary in Markdown: the question, the last exchanges and the check's state."""
    lines = [asked.say("desk_question", question=quoted(question[:LONGEST_QUESTION]))] if question else []
    before = [one for one in asked.conversation.recent if one.text != question]
    if before:
        said = (f"- {quoted(one.text)}" + (f" → {one.answered}" if one.answered else "") for one in before)
        lines.append("\n".join([asked.say("desk_before"), "", *said]))
    state = asked.conversation.check
    if state is not None and state.check in asked.knowledge.library.checks:
        run = Run.of(state, asked.knowledge.logic(state.check))
        title = run.check.title[asked.lang]
        if state.result:
            verdict = decide(run.logic, run.answers, go_on=state.go_on, with_changes=False).verdict
            said_verdict = asked.say(f"verdict_{verdict}")
            lines.append(asked.say("desk_check_result", title=title, verdict=said_verdict, code=state.result))
        else:
            lines.append(asked.say("desk_check", title=title, done=len(state.answers)))
    return "\n\n".join(lines)


def noted(asked: Asked, turn: Turn) -> Turn:
    """Add the exchange to the conversation's recent ones, if there is a desk to show them to."""
    message = asked.message
    command = message.press is None and asked.text.startswith("/")
    if not asked.terms.consultant or turn.erase or turn.handoff or command or not turn.replies:
        return turn
    labels = {button.says: button.label for button in asked.conversation.offered}
    text = labels.get(message.press, "") if message.press is not None else asked.text
    if not text or message.press == "consultant":
        return turn
    said = Exchange(text[:LONGEST], summary_of(asked, turn.outcome))
    recent = (*asked.conversation.recent, said)[-MOST_RECENT:]
    return replace(turn, conversation=turn.conversation.with_(recent=recent))


def summary_of(asked: Asked, outcome: Outcome) -> str:
    """Summarise an answer in a few words."""
    if outcome.topics:
        return ", ".join(asked.knowledge.topic(name).title[asked.lang] for name in outcome.topics)
    if outcome.check and outcome.check in asked.knowledge.library.checks:
        return asked.knowledge.library.checks[outcome.check].title[asked.lang]
    return asked.say("desk_not_known") if outcome.kind == "unknown" else ""


def reachable(knowledge: Knowledge, terms: Terms) -> bool:
    """Return true if there is a desk or the agency has given a contact."""
    return terms.consultant or knowledge.library.operator.consultant is not None


CONSULTANT = Ability("consultant", consultant, presses={"consultant": consultant}, offered=reachable)
END = Ability("end", end, presses={"end": end}, listed=False)
