"""Groups: when the assistant answers there, and which part of an answer.

- It answers when addressed: by its name, by a question in reply to its message, by a command. A message that is exactly a
  reply keyword is answered too, if the group allows the rule, once per cooldown.
- Other replies to its messages (thanks, emoji, stickers, talk among members) are left alone; a group may leave all of them.
- For some minutes after an administrator's message, keywords are left to the consultants, unless an administrator sends
  one or the assistant is addressed.
- A group gets the beginning of an answer with its source and date, and a button to the private chat. Paragraphs are not cut,
  since a figure needs its condition; the answer says if something is left out.
- Checks, result codes and consultants' contacts continue in private, since they concern the merchant's own case.
- Other messages are neither answered nor stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.language.asking import asks_within
from bot.model import Button, Group, Outcome, Reply, Turn
from handlers.abilities import COMMANDS
from handlers.ability import Ability
from handlers.group_settings import change_setting, group_turn, is_setting, member_conversation, visibility_phrase
from handlers.request import CONSULTANT_TOPIC, Request

MINUTE = 60.0
LONG = 450  # characters of an answer in a group, unless its first paragraph is longer
MOST_BUTTONS = 3
FEW_WORDS = 3  # of a reply that names a topic without asking

Answered = Callable[[Request], Turn]


def in_group(request: Request, known: Group | None, answered: Answered) -> Turn:
    """Return the turn for a message or event in a group, possibly without replies.

    `known` is the group's stored state, None if it is new; `answered` makes the turn of a private chat.
    """
    here = request.group
    if here.way == "moved":
        return silent_turn(request)
    if here.way == "left":
        return silent_turn(request, replace(known or Group(), here=False))
    if here.way == "joined":
        return silent_turn(request) if known and known.here else greeting(request, known or Group())
    group = replace(known or Group(), here=True)
    turn = change_setting(request, group) if is_setting(request) else answer_member(request, group, answered)
    after = turn.group or group
    if here.administrator and here.way == "overheard":
        after = replace(after, attended=here.time)
    return replace(turn, group=after if after != known else None)


def silent_turn(request: Request, group: Group | None = None) -> Turn:
    return Turn((), Outcome("unknown"), request.conversation, group=group)


def greeting(request: Request, known: Group) -> Turn:
    """Introduce the assistant to a group: its abilities, and the messages it can see."""
    me = request.group.me
    text = "\n\n".join((request.say("group_greeting", me=me), request.say(visibility_phrase(request))))
    return replace(group_turn(request, text), group=replace(known, here=True))


def answer_member(request: Request, group: Group, answered: Answered) -> Turn:
    """Answer a member's message if it is addressed to the assistant or a keyword."""
    here = request.group
    if not group.on:
        return silent_turn(request)
    if here.way == "overheard" or (here.way == "replied" and not group.replies):
        rule = keyword_of(request, group)
        if rule is None:
            return silent_turn(request)
        return replace(shorten(request, answered(request)), group=note_answer(group, rule, here.time))
    ability = ability_of(request)
    introduced = ability is not None and ability.in_group == "introduced"
    if here.way == "replied" and request.message.press is None:
        turn = answered(request)
        return shorten(request, turn) if answers_question(request, turn) else silent_turn(request)
    if introduced or (not request.text and request.message.kind == "text"):
        return group_turn(request, request.say("group_help", me=here.me), go_on(request))
    if here.way == "command" and ability is None:
        return silent_turn(request)
    turn = shorten(request, answered(request))
    rule = exact_keyword(request)
    return replace(turn, group=note_answer(group, rule, here.time)) if rule else turn


def answers_question(request: Request, turn: Turn) -> bool:
    """Return true if a reply asks, or only names a topic or a check; what members tell each other does neither."""
    if request.message.kind != "text":
        return False
    outcome, asks = turn.outcome, asks_within(request.text)
    if outcome.kind == "answer" or outcome.check or not asks:
        return bool(outcome.topics or outcome.check) and (asks or len(request.text.split()) <= FEW_WORDS)
    return True


def ability_of(request: Request) -> Ability | None:
    """Return the ability of the message's command, or None."""
    return COMMANDS.get(request.command[0]) if request.command else None


# --- keywords


def exact_keyword(request: Request) -> str | None:
    """Return the rule whose keyword is the whole message, unless it mentions a member."""
    return None if "@" in request.text else request.knowledge.keywords.exact(request.text[:200])


def keyword_of(request: Request, group: Group) -> str | None:
    """Return the rule to answer although the assistant was not addressed, or None."""
    here, rule = request.group, exact_keyword(request)
    if rule is None or not group.keywords or (group.allowed is not None and rule not in group.allowed):
        return None
    if here.time - dict(group.said).get(rule, float("-inf")) < group.cooldown * MINUTE:
        return None
    if not here.administrator and here.time - group.attended < group.quiet * MINUTE:
        return None
    return rule


def note_answer(group: Group, rule: str, time: float) -> Group:
    """Record a rule's answer in the group's state, and drop records older than the cooldown."""
    still = {name: at for name, at in group.said if time - at < group.cooldown * MINUTE}
    return replace(group, said=tuple(sorted({**still, rule: time}.items())))


# --- short in the group, complete in private


def go_on(request: Request, says: str = "") -> Button:
    return Button(request.say("group_go_on"), says, private=True)


def shorten(request: Request, turn: Turn) -> Turn:
    """Shorten a turn of a private chat for the group."""
    check = turn.outcome.check or (turn.conversation.check.check if turn.conversation.check else None)
    if check:
        return group_turn(request, request.say("group_check"), go_on(request, f"check={check}"), outcome=turn.outcome)
    if request.opened:
        return group_turn(
            request, request.say("group_private"), go_on(request, f"code={request.opened.code}"), outcome=turn.outcome
        )
    topic = turn.outcome.topics[0] if turn.outcome.topics else None
    reply = turn.replies[0] if turn.replies else Reply("")
    ability = ability_of(request)
    left = request.command is not None and (ability is None or ability.in_group == "private")
    private = left or topic == CONSULTANT_TOPIC or not reply.text
    if private:
        says = f"topic={topic}" if topic else ""
        return group_turn(request, request.say("group_private"), go_on(request, says), outcome=turn.outcome)
    text, whole = beginning(reply.text, (request.offer(), request.offer(beside=reply.text)))
    if not whole:
        text = f"{text}\n\n{request.say('group_more')}"
    # Buttons of clarifications and answers open in the private chat.
    buttons = [replace(one, private=True) for one in turn.replies[-1].buttons if is_deep_link(one)]
    if topic and (not whole or len(turn.replies) > 1 or not buttons):
        buttons.insert(0, go_on(request, f"topic={topic}"))
    elif turn.outcome.kind == "unknown":
        buttons = [go_on(request)]
    return Turn((Reply(text, tuple(buttons[:MOST_BUTTONS])),), turn.outcome, member_conversation(turn.conversation))


def is_deep_link(button: Button) -> bool:
    """Return true if a button can be a deep link into the private chat."""
    return button.says.partition("=")[0] in ("topic", "check")


def beginning(text: str, without: tuple[str, ...] = ()) -> tuple[str, bool]:
    """Return an answer's first paragraphs with its line of sources, and whether they are the whole answer."""
    paragraphs = [one for one in text.split("\n\n") if one not in without]
    footer = [paragraphs.pop()] if len(paragraphs) > 1 and paragraphs[-1].startswith("*") else []
    kept = paragraphs[:1]
    for one in paragraphs[1:]:
        if sum(map(len, kept)) + len(one) > LONG:
            break
        kept.append(one)
    return "\n\n".join((*kept, *footer)), len(kept) == len(paragraphs)
