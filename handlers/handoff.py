"""Hand-off to a consultant: while a ticket is open, the merchant's messages go to the desk."""

from __future__ import annotations

from dataclasses import replace

from bot.checks import decide
from bot.knowledge.knowledge import Knowledge
from bot.language.quoting import escape_markdown as quoted
from bot.model import Button, Exchange, Outcome, Reply, Terms, Turn
from handlers.ability import Ability
from handlers.by_topic import topic_turn
from handlers.check.run import Run
from handlers.request import ANSWERED, CONSULTANT_TOPIC, Request

PASSED = Outcome("unknown")
MOST_RECENT = 4  # last exchanges shown to the consultant
LONGEST = 300  # characters of each message
LONGEST_QUESTION = 2000


def handoff(request: Request) -> Turn | None:
    """Forward messages while a ticket is open, and open or close one on request."""
    if request.message.press is not None:
        return None
    if request.conversation.ticket is None:
        return consultant(request) if request.terms.consultant and request.is_sentence("consultant_words") else None
    if request.text.startswith("/"):
        return None
    if request.is_sentence("end_words"):
        return close_ticket(request)
    return Turn((), PASSED, request.conversation, handoff="pass")


def consultant(request: Request, question: str = "") -> Turn:
    """Open a ticket if there is a desk here; else tell how to reach a consultant."""
    if request.terms.consultant and request.message.group is None:
        return open_ticket(request, question)
    if request.consultant_buttons() and CONSULTANT_TOPIC in request.knowledge.library.topics:
        return topic_turn(request, CONSULTANT_TOPIC)
    return request.turn(Reply(request.offer()), outcome=ANSWERED)


def open_ticket(request: Request, question: str) -> Turn:
    """Open a ticket, unless one is open; where the platform has a desk of its own, hand the merchant over to it."""
    if request.message.own_desk:
        return request.turn(Reply(request.say("consultant_transfer"), transfer=True), outcome=ANSWERED)
    button = Button(request.say("end_button"), END.command or "")
    if request.conversation.ticket is not None:
        return request.tell("consultant_open", button)
    recent = request.conversation.recent
    question = question or (recent[-1].text if recent else "")
    phrase = "consultant_asked" if question else "consultant_ready"
    turn = request.tell(phrase, button)
    return replace(turn, handoff="open", card=card(request, question))


def close_ticket(request: Request, _: str = "") -> Turn:
    """Close the ticket, if one is open."""
    if request.conversation.ticket is None:
        return request.tell("consultant_none")
    return replace(request.tell("consultant_ended_by_you"), handoff="close")


def card(request: Request, question: str) -> str:
    """Return the ticket's summary in Markdown: the question, the last exchanges and the check's state."""
    lines = [request.say("desk_question", question=quoted(question[:LONGEST_QUESTION]))] if question else []
    before = [one for one in request.conversation.recent if one.text != question]
    if before:
        said = (f"- {quoted(one.text)}" + (f" → {one.answered}" if one.answered else "") for one in before)
        lines.append("\n".join([request.say("desk_before"), "", *said]))
    state = request.conversation.check
    if state is not None and state.check in request.knowledge.library.checks:
        run = Run.of(state, request.knowledge.logic(state.check))
        title = run.check.title[request.lang]
        if state.result:
            verdict = decide(run.logic, run.answers, go_on=state.go_on, with_changes=False).verdict
            said_verdict = request.say(f"verdict_{verdict}")
            lines.append(request.say("desk_check_result", title=title, verdict=said_verdict, code=state.result))
        else:
            lines.append(request.say("desk_check", title=title, done=len(state.answers)))
    return "\n\n".join(lines)


def note_exchange(request: Request, turn: Turn) -> Turn:
    """Add the exchange to the conversation's recent ones, if there is a desk to show them to."""
    message = request.message
    command = message.press is None and request.text.startswith("/")
    if not request.terms.consultant or turn.erase or turn.handoff or command or not turn.replies:
        return turn
    labels = {button.says: button.label for button in request.conversation.offered}
    text = labels.get(message.press, "") if message.press is not None else request.text
    if not text or message.press == "consultant":
        return turn
    said = Exchange(text[:LONGEST], summary_of(request, turn.outcome))
    recent = (*request.conversation.recent, said)[-MOST_RECENT:]
    return replace(turn, conversation=turn.conversation.with_(recent=recent))


def summary_of(request: Request, outcome: Outcome) -> str:
    """Summarise an answer in a few words."""
    if outcome.topics:
        return ", ".join(request.knowledge.topic(name).title[request.lang] for name in outcome.topics)
    if outcome.check and outcome.check in request.knowledge.library.checks:
        return request.knowledge.library.checks[outcome.check].title[request.lang]
    return request.say("desk_not_known") if outcome.kind == "unknown" else ""


def has_consultant(knowledge: Knowledge, terms: Terms) -> bool:
    """Return true if there is a desk or the agency has given a contact."""
    return terms.consultant or knowledge.library.operator.consultant is not None


CONSULTANT = Ability("consultant", consultant, presses={"consultant": consultant}, offered=has_consultant)
END = Ability("end", close_ticket, presses={"end": close_ticket}, listed=False)
