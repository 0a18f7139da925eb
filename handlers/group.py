"""Groups: when to speak there, what is said before everybody, and what is kept for a private chat.

What merchants and consultants expect of an assistant among them, and so what holds here:

- The group is theirs. It speaks when it is called: by its name, by a reply to what it said, by a command. Besides, only a
  message that is exactly a reply keyword brings its reply, where the group allows that, and not again for some minutes.
- A keyword is left to the consultants while one of them is there: for some minutes after an administrator has written. Who
  calls it by name wants its answer all the same; so does an administrator who types the keyword himself.
- A group reads on small screens and is read by all, so it gets the beginning of an answer with its source and date, and a
  button that goes on in private. Whole paragraphs stay whole, since a figure may not lose its condition; where something is
  left out, that is said.
- A merchant's own case is nobody else's business: checks, result codes and consultants' contacts go on in private.
- Where it is not called and has nothing to say, it says nothing, and keeps nothing of what it heard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.model import Button, Group, Outcome, Reply, Turn
from handlers.abilities import COMMANDS
from handlers.ability import Ability
from handlers.asked import CONSULTANT_TOPIC, Asked
from handlers.group_settings import alone, ask_for, group_turn, is_setting, sight

MINUTE = 60.0
LONG = 450  # characters of an answer in a group, beyond its first paragraph
MOST_BUTTONS = 3

Answered = Callable[[Asked], Turn]


def in_group(asked: Asked, known: Group | None, answered: Answered) -> Turn:
    """The turn for what happened in a group, without replies where it is none of the assistant's business.

    `known` is what is remembered of the group, None for a new one; `answered` makes the turn of a private chat.
    """
    here = asked.here
    if here.way == "moved":
        return silent(asked)
    if here.way == "left":
        return silent(asked, replace(known or Group(), here=False))
    if here.way == "joined":
        return silent(asked) if known and known.here else greeting(asked, known or Group())
    group = replace(known or Group(), here=True)
    turn = ask_for(asked, group) if is_setting(asked) else spoken(asked, group, answered)
    after = turn.group or group
    if here.administrator and here.way == "overheard":
        after = replace(after, attended=here.time)
    return replace(turn, group=after if after != known else None)


def silent(asked: Asked, group: Group | None = None) -> Turn:
    return Turn((), Outcome("unknown"), asked.conversation, group=group)


def greeting(asked: Asked, known: Group) -> Turn:
    """What it says when it is added: what it does there, and what it can see."""
    me = asked.here.me
    text = "\n\n".join((asked.say("group_greeting", me=me), asked.say(sight(asked))))
    return replace(group_turn(asked, text), group=replace(known, here=True))


def spoken(asked: Asked, group: Group, answered: Answered) -> Turn:
    """The answer to a merchant's words, where the assistant is meant."""
    here = asked.here
    if not group.on:
        return silent(asked)
    if here.way == "overheard":
        rule = keyword_of(asked, group)
        if rule is None:
            return silent(asked)
        return replace(shortened(asked, answered(asked)), group=noted(group, rule, here.time))
    ability = ability_of(asked)
    introduced = ability is not None and ability.in_group == "introduced"
    if introduced or (not asked.text and asked.message.kind == "text"):
        return group_turn(asked, asked.say("group_help", me=here.me), go_on(asked))
    if here.way == "command" and ability is None:
        return silent(asked)
    turn = shortened(asked, answered(asked))
    rule = exact_rule(asked)
    return replace(turn, group=noted(group, rule, here.time)) if rule else turn


def ability_of(asked: Asked) -> Ability | None:
    """The ability whose command the message gives."""
    return COMMANDS.get(asked.command[0]) if asked.command else None


# --- keywords


def exact_rule(asked: Asked) -> str | None:
    """The rule of which the message is a keyword, and nothing more; one to somebody else, whom it names, is none."""
    return None if "@" in asked.text else asked.knowledge.keywords.exact(asked.text[:200])


def keyword_of(asked: Asked, group: Group) -> str | None:
    """The rule that is to be answered though nobody called."""
    here, rule = asked.here, exact_rule(asked)
    if rule is None or not group.keywords or (group.allowed is not None and rule not in group.allowed):
        return None
    if here.time - dict(group.said).get(rule, float("-inf")) < group.cooldown * MINUTE:
        return None
    if not here.administrator and here.time - group.attended < group.quiet * MINUTE:
        return None
    return rule


def noted(group: Group, rule: str, time: float) -> Group:
    """The group after a rule was answered; what is older than the cooldown is forgotten."""
    still = {name: at for name, at in group.said if time - at < group.cooldown * MINUTE}
    return replace(group, said=tuple(sorted({**still, rule: time}.items())))


# --- short before everybody, long in private


def go_on(asked: Asked, says: str = "") -> Button:
    return Button(asked.say("group_go_on"), says, private=True)


def shortened(asked: Asked, turn: Turn) -> Turn:
    """A turn of a private chat as it is said in a group."""
    check = turn.outcome.check or (turn.conversation.check.check if turn.conversation.check else None)
    if check:
        return group_turn(asked, asked.say("group_check"), go_on(asked, f"check={check}"), outcome=turn.outcome)
    if asked.opened:
        return group_turn(
            asked, asked.say("group_private"), go_on(asked, f"code={asked.opened.code}"), outcome=turn.outcome
        )
    topic = turn.outcome.topics[0] if turn.outcome.topics else None
    reply = turn.replies[0] if turn.replies else Reply("")
    ability = ability_of(asked)
    left = asked.command is not None and (ability is None or ability.in_group == "private")
    private = left or topic == CONSULTANT_TOPIC or not reply.text
    if private:
        says = f"topic={topic}" if topic else ""
        return group_turn(asked, asked.say("group_private"), go_on(asked, says), outcome=turn.outcome)
    text, whole = beginning(reply.text, (asked.offer(), asked.offer(beside=reply.text)))
    if not whole:
        text = f"{text}\n\n{asked.say('group_more')}"
    # The choices of a question back and what goes with an answer open in private, each where it belongs.
    buttons = [replace(one, private=True) for one in turn.replies[-1].buttons if opens(one)]
    if topic and (not whole or len(turn.replies) > 1 or not buttons):
        buttons.insert(0, go_on(asked, f"topic={topic}"))
    elif turn.outcome.kind == "unknown":
        buttons = [go_on(asked)]
    return Turn((Reply(text, tuple(buttons[:MOST_BUTTONS])),), turn.outcome, alone(turn.conversation))


def opens(button: Button) -> bool:
    """Whether a button can be a link into the private chat."""
    return button.says.partition("=")[0] in ("topic", "check")


def beginning(text: str, without: tuple[str, ...] = ()) -> tuple[str, bool]:
    """The beginning of an answer in whole paragraphs with its line of sources, and whether that is all of it."""
    paragraphs = [one for one in text.split("\n\n") if one not in without]
    footer = [paragraphs.pop()] if len(paragraphs) > 1 and paragraphs[-1].startswith("*") else []
    kept = paragraphs[:1]
    for one in paragraphs[1:]:
        if sum(map(len, kept)) + len(one) > LONG:
            break
        kept.append(one)
    return "\n\n".join((*kept, *footer)), len(kept) == len(paragraphs)
