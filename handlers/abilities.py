"""The abilities, in the order of menus and /help, and their dispatch by command, by words and by button."""

from __future__ import annotations

from collections.abc import Mapping

from bot.model import Outcome, Reply, Turn
from handlers.ability import Ability, CarryOut
from handlers.asked import ANSWERED, Asked
from handlers.by_topic import topic_turn
from handlers.group_settings import ASSISTANT
from handlers.handoff import CONSULTANT, END
from handlers.hours import HOURS
from handlers.last_answer import MORE, SOURCE
from handlers.menu import LANGUAGE, TOPICS
from handlers.offered import NONE, named
from handlers.privacy import FORGET, MY_DATA, PRIVACY
from handlers.request import CHECK
from handlers.start import START
from handlers.subscription import SUBSCRIBE, UNSUBSCRIBE


def show_help(asked: Asked, _: str) -> Turn:
    """List the commands and the kinds of question."""
    listed = (one for one in ABILITIES if one.shown(asked.knowledge, asked.terms))
    commands = "\n".join(
        asked.say("help_line", command=f"/{one.command}", title=one.title(asked.knowledge, asked.lang))
        for one in listed
    )
    return asked.turn(Reply(asked.say("help", commands=commands)), outcome=ANSWERED)


def pressed_topic(asked: Asked, name: str) -> Turn | None:
    return topic_turn(asked, name) if name in asked.knowledge.library.topics else None


def none_of_these(asked: Asked, _: str) -> Turn:
    buttons = asked.consultant_buttons()
    reply = Reply(asked.say("none_of_these_reply", consultant=bool(buttons)), buttons)
    return asked.turn(reply, outcome=Outcome("unknown"))


ANSWER = Ability(None, pressed_topic, presses={"topic": pressed_topic, NONE: none_of_these})
HELP = Ability("help", show_help, in_group="introduced")

ABILITIES: tuple[Ability, ...] = (
    START,
    TOPICS,
    CHECK,
    LANGUAGE,
    CONSULTANT,
    HOURS,
    END,
    SUBSCRIBE,
    UNSUBSCRIBE,
    PRIVACY,
    MY_DATA,
    FORGET,
    ASSISTANT,
    SOURCE,
    MORE,
    ANSWER,
    HELP,
)
COMMANDS: Mapping[str, Ability] = {one.command: one for one in ABILITIES if one.command}
PRESSES: Mapping[str, CarryOut] = {kind: do for one in ABILITIES for kind, do in one.presses.items()}


def command(asked: Asked) -> Turn | None:
    """Carry out the message's command, if it has one."""
    if asked.command is None:
        return None
    name, rest = asked.command
    turn = COMMANDS[name].carry_out(asked, rest) if name in COMMANDS else None
    return turn or asked.turn(Reply(asked.say("unknown_command")), outcome=ANSWERED)


def by_words(asked: Asked) -> Turn | None:
    """Carry out the ability whose trigger sentence the message is, if any."""
    if asked.message.press is not None:
        return None
    meant = (
        one.carry_out(asked, "")
        for one in ABILITIES
        if one.words and one.offered(asked.knowledge, asked.terms) and asked.says(one.words)
    )
    return next((turn for turn in meant if turn is not None), None)


def choice(asked: Asked) -> Turn | None:
    """Carry out the statement of the button pressed or named, if any."""
    says = asked.message.press or named(asked)
    return None if says is None else carry_out(asked, says)


def carry_out(asked: Asked, says: str) -> Turn:
    """Carry out a button's statement, or say that the choice has expired."""
    kind, _, name = says.partition("=")
    turn = PRESSES[kind](asked, name) if kind in PRESSES else None
    return turn or asked.turn(Reply(asked.say("choice_gone")), outcome=Outcome("unknown"))
