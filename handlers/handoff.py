"""Hand-off to a consultant: while a ticket is open, the merchant's messages go to the desk."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from bot.checks import decide
from bot.content.hours import DAYS
from bot.knowledge.knowledge import Knowledge
from bot.language.amounts import fold
from bot.language.asking import asks_within
from bot.language.normalize import loose_key
from bot.language.quoting import escape_markdown as quoted
from bot.model import SEMICOLON, Button, Exchange, Outcome, Reply, Terms, Turn
from handlers.ability import Ability
from handlers.by_topic import is_remark, topic_turn
from handlers.check.card import verdict_words
from handlers.check.run import Run
from handlers.lead import take_back
from handlers.request import ANSWERED, CONSULTANT_TOPIC, Request

PASSED = Outcome("unknown")
MOST_MISSED = 2  # questions not answered in a row, after which a consultant is offered
PATIENT = 3  # more of them after a consultant was refused
LONGEST_REFUSAL = 80  # characters
LONGEST_UPSET = 120  # characters; longer messages tell a story, and are read for what they ask
SHOUTED = re.compile(r"(?:\S+\s+){4,}\S+!{2,}|[\u4e00-\u9fff]{4,}[!！]{3,}")
HOW = re.compile(r"\b(?:how|where|when|which|what|who)\b|怎[么样]|哪|什么|几点|多少|多久", re.IGNORECASE)
ASKING = re.compile(r"[?？]\s*$")
# Asks for a way to reach a consultant rather than for a person at once.
CONTACT = re.compile(
    rf"{HOW.pattern}|\b(?:qr|we ?chat|whats ?app|telegram|e-?mail|friends?|group|scan|contact|consultants?|advis[eo]rs?)\b|微信|二维码|扫|好友|群|邮箱|联系|顾问",
    re.IGNORECASE,
)
LATER = (
    r"(?: (?:please|pls|thanks|thank you|needed|necessary|now|yet|for now|today|then|either|to me))*\s*(?:$|[,.;:!])"
)
# "no human please", 不用转人工了; not "there is no human" and "no bot, a human", 没有人工.
REFUSAL = (
    rf"(?<!is )(?<!['’]s )(?<!got )(?<!have )(?<!has )\b(?:no|without|no need (?:of|for))(?: an?| any| more| your)? (?:<names>)s?{LATER}"
    r"|\b(?:do not|dont|don['’]t|never|not) (?:really )?(?:want|need|wish|connect|call|transfer|put|give|get|send|bring|ask|pass|hand)\b"
    rf"(?:(?!\b(?:i|we|give|get|just)\b)[^,.;:!?]){{0,30}}?\b(?:<names>|anyone|anybody|somebody|a person)s?{LATER}"
    r"|(?:不用|不要|不需要|不想|无需|不必|别|先不|不找)(?:再|给我|帮我|麻烦|跟|和)*(?:转接?|找|联系|接|叫|问|聊|要)?(?:<names>)(?:了|吧|啦|的|服务|谢谢)*"
    r"\s*(?:$|[，。！,.!~～])"
)
MOST_RECENT = 4  # last exchanges shown to the consultant
LONGEST = 300  # characters of each message
LONGEST_QUESTION = 1500
LONGEST_MISSED = 80  # characters of each question not answered


def handoff(request: Request) -> Turn | None:
    """Forward messages while a ticket is open, and open or close one on request."""
    if request.message.press is not None:
        return None
    if request.conversation.consent and request.is_sentence("lead_off_words"):
        return take_back(request, "")
    if request.conversation.ticket is None:
        if refuses(request):
            return no_consultant(request)
        return consultant(request) if request.terms.consultant and request.is_sentence("consultant_words") else None
    if request.text.startswith("/"):
        return None
    if request.is_sentence("end_words") or refuses(request):
        return close_ticket(request)
    return Turn((), PASSED, request.conversation, handoff="pass")


def consultant(request: Request, question: str = "") -> Turn:
    """Open a ticket if there is a desk here; else tell how to reach a consultant, and when told already, only that."""
    if request.terms.consultant and request.message.group is None:
        return open_ticket(request, question)
    if CONSULTANT_TOPIC in request.knowledge.library.topics:
        again = request.conversation.last == (f"{CONSULTANT_TOPIC}/",)
        if request.consultant_buttons() or (CONTACT.search(request.text) and not again):
            return topic_turn(request, CONSULTANT_TOPIC)
        number = request.conversation.talked
        told = Reply(request.say(f"no_consultant_again_{number % 2 + 1}" if again else "no_human"))
        return request.turn(
            told,
            outcome=Outcome("answer", (CONSULTANT_TOPIC,), score=1.0),
            topic=CONSULTANT_TOPIC,
            last=(f"{CONSULTANT_TOPIC}/",),
            talked=number + again,
        )
    return request.turn(Reply(request.offer()), outcome=ANSWERED)


def wanted(request: Request, turn: Turn) -> Turn:
    """Let a demand for a person be met at once; a question how to reach one is answered."""
    if turn.outcome.topics != (CONSULTANT_TOPIC,) or turn.conversation.last != (f"{CONSULTANT_TOPIC}/",):
        return turn
    if request.message.press is not None or request.message.group is not None or request.text.startswith("/"):
        return turn
    if request.terms.consultant and HOW.search(request.text):
        if request.knowledge.library.operator.consultant is not None:
            return turn
        # The topic's text cannot know of the desk.
        told = Reply(request.offer(), request.consultant_buttons())
        return request.turn(told, outcome=turn.outcome, topic=CONSULTANT_TOPIC)
    return consultant(request)


def with_consultant(request: Request, turn: Turn) -> Turn:
    """Let a consultant follow a turn's reply, or the truth that there is none."""
    first, *rest = turn.replies
    said = loose_key(request.text[:LONGEST_UPSET])
    if not request.terms.consultant and any(one in said for one in request.knowledge.sentences("consultant_demands")):
        asked = consultant(request)
        reply, *others = asked.replies
        return replace(asked, replies=(replace(reply, text=f"{first.text}\n\n{reply.text}"), *others))
    if request.terms.consultant and request.message.group is None and request.conversation.ticket is None:
        opened = open_ticket(request, request.text)
        reply = replace(opened.replies[0], text=f"{first.text}\n\n{opened.replies[0].text}")
        return replace(opened, replies=(reply,), outcome=turn.outcome)
    text = f"{first.text}\n\n{request.say('no_human') if not request.consultant_buttons() else request.offer()}"
    return replace(turn, replies=(replace(first, text=text), *rest))


def regard(request: Request, turn: Turn) -> Turn:
    """Say a word of regard to a merchant who is upset, before an answer; where there is none, a consultant follows."""
    if not upset(request) or turn.handoff or turn.erase or not turn.replies or turn.outcome.kind == "check":
        return turn
    word = request.say(f"regard_{request.conversation.talked % 2 + 1}")
    talked = request.conversation.talked + 1
    first, *rest = turn.replies
    if first.text in (request.say("unknown"), request.say("clarify")) or is_remark(request, first.text):
        return with_consultant(request, request.turn(Reply(word), outcome=ANSWERED, talked=talked))
    if turn.outcome.kind == "answer" and not turn.outcome.topics:  # small talk has its own
        return turn
    turn = replace(turn, replies=(replace(first, text=f"{word}\n\n{first.text}"), *rest))
    return replace(turn, conversation=turn.conversation.with_(talked=talked))


def upset(request: Request) -> bool:
    """Return true if the message has a word of anger or despair, or is shouted."""
    if request.message.press is not None or len(request.text) > LONGEST_UPSET or request.text.startswith("/"):
        return False
    said = loose_key(request.text)
    return bool(SHOUTED.search(request.text)) or any(map(said.__contains__, request.knowledge.sentences("upset_signs")))


def refuses(request: Request) -> bool:
    """Return true if the message only says that no consultant is wanted."""
    if len(request.text) > LONGEST_REFUSAL or ASKING.search(request.text):
        return False
    names = "|".join(sorted(map(re.escape, request.knowledge.sentences("consultant_names")), key=len, reverse=True))
    left, found = re.subn(REFUSAL.replace("<names>", names), " ", fold(request.text), flags=re.IGNORECASE)
    return bool(found) and not asks_within(left)


def no_consultant(request: Request, _: str = "") -> Turn:
    """Accept that no consultant is wanted, and offer none for a while."""
    turn = request.tell("consultant_refused")
    return replace(turn, conversation=turn.conversation.with_(missed=-PATIENT))


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
    if closed := closed_note(request):
        turn = replace(turn, replies=(replace(turn.replies[0], text=f"{turn.replies[0].text}\n\n{closed}"),))
    return replace(turn, handoff="open", card=card(for_desk(request), question))


def closed_note(request: Request) -> str:
    """Say when consultants are there again, outside their hours; else ""."""
    hours = request.knowledge.library.operator.hours
    moment = datetime.fromtimestamp(request.message.at, UTC)
    if hours is None or not request.message.at or hours.open_at(moment):
        return ""
    back = hours.next_open(moment)
    if back is None:
        return request.say("consultant_away")
    day = request.say(f"day_{DAYS[back.weekday()]}")
    return request.say("consultant_back", day=day, time=f"{back:%H:%M}")


def for_desk(request: Request) -> Request:
    """Return the request in the consultants' language, in which cards are written."""
    lang = request.knowledge.library.operator.desk.language
    return replace(request, conversation=request.conversation.with_(lang=lang)) if lang else request


def close_ticket(request: Request, _: str = "") -> Turn:
    """Close the ticket, if one is open."""
    ticket = request.conversation.ticket
    if ticket is None:
        return request.tell("consultant_none")
    if ticket.answered is None:
        return replace(request.tell("consultant_ended_by_you"), handoff="close")
    ended = f"{request.say('consultant_ended_by_you')}\n\n{request.say('solved_ask')}"
    buttons = (Button(request.say(f"solved_{one}"), f"solved={one}.{ticket.id}") for one in ("yes", "no"))
    return replace(request.turn(Reply(ended, tuple(buttons)), outcome=ANSWERED), handoff="close")


def with_offer(request: Request, turn: Turn) -> Turn:
    """Count questions not answered in a row, and after two offer a consultant where one can be reached."""
    known = request.conversation.missed
    if (
        turn.handoff
        or turn.erase
        or not turn.replies
        or request.message.press is not None
        or request.text.startswith("/")
    ):
        return turn
    if turn.conversation.missed != known:  # just refused
        return turn
    if turn.outcome.kind not in ("unknown", "clarify"):
        return turn if known <= 0 else replace(turn, conversation=turn.conversation.with_(missed=0))
    *before, last = turn.replies
    missed = known + (turn.outcome.kind == "unknown" and not is_remark(request, last.text))
    others = tuple(one for one in last.buttons if one.says != CONSULTANT.command)
    if known < 0:
        text, buttons = last.text.replace(request.offer(), "").strip(), others
    elif missed >= MOST_MISSED and missed > known and (offer := request.consultant_buttons()):
        text, buttons = f"{last.text}\n\n{request.say('consultant_offered')}", (*others, *offer)
    else:
        return replace(turn, conversation=turn.conversation.with_(missed=missed))
    conversation = turn.conversation.with_(missed=missed, offered=buttons)
    return replace(turn, replies=(*before, replace(last, text=text, buttons=buttons)), conversation=conversation)


def offer_answer(request: Request) -> Turn | None:
    """Take "yes" or "no", in words, to the offer of a consultant after questions not answered."""
    if request.message.press is not None or request.conversation.missed < MOST_MISSED:
        return None
    if not any(one.says == CONSULTANT.command for one in request.conversation.offered):
        return None
    if request.is_sentence("offer_yes_words"):
        return consultant(request)
    return no_consultant(request) if request.is_sentence("offer_no_words") else None


def card(request: Request, question: str) -> str:
    """Return the ticket's summary in Markdown: the question, the last exchanges and the check's state."""
    lines = [request.say("desk_question", question=quoted(question[:LONGEST_QUESTION]))] if question else []
    if origin := request.conversation.origin:
        lines.append(request.say("desk_origin", origin=quoted(origin)))
    before = [one for one in request.conversation.recent if one.text != question]
    if before:
        said = (f"- {quoted(one.text)}" + (f" → {one.answered}" if one.answered else "") for one in before)
        lines.append("\n".join([request.say("desk_before"), "", *said]))
    state = request.conversation.check
    if state is not None and state.check in request.knowledge.library.checks:
        run = Run.of(state, request.knowledge.logic(state.check))
        title = run.check.title[request.lang]
        if state.result:
            made = decide(run.logic, run.answers, go_on=state.go_on, with_changes=False)
            said_verdict = verdict_words(request.knowledge, made, request.lang)
            lines.append(request.say("desk_check_result", title=title, verdict=said_verdict, code=state.result))
        else:
            lines.append(request.say("desk_check", title=title, done=len(state.answers)))
    unknown = request.say("desk_not_known")
    if missed := [one.text for one in request.conversation.recent if one.answered == unknown and one.text != question]:
        lines.append(
            request.say(
                "desk_open", questions=SEMICOLON[request.lang].join(quoted(one[:LONGEST_MISSED]) for one in missed)
            )
        )
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
    said = Exchange(text[:LONGEST], summary_of(for_desk(request), turn.outcome))
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
