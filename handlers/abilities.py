"""The abilities, in the order of menus and /help, and their dispatch by command, by words and by button."""

from __future__ import annotations

from collections.abc import Mapping

from bot.model import Outcome, Turn
from handlers.ability import Ability, CarryOut
from handlers.by_topic import topic_turn
from handlers.check_request import CHECK
from handlers.choices import NONE, named_choice
from handlers.group_settings import ASSISTANT
from handlers.handoff import CONSULTANT, END
from handlers.hours import HOURS
from handlers.last_answer import DOUBT, MORE, SOURCE
from handlers.lead import LEAD
from handlers.menu import CHINESE, ENGLISH, LANGUAGE, TOPICS
from handlers.privacy import FORGET, MY_DATA, PRIVACY
from handlers.rating import RATING, SOLVED
from handlers.request import Request
from handlers.start import START
from handlers.subscription import LEAVE, SUBSCRIBE, UNSUBSCRIBE


def show_help(request: Request, _: str) -> Turn:
    """List the commands and the kinds of question."""
    listed = (one for one in ABILITIES if one.shown(request.knowledge, request.terms))
    commands = "\n".join(
        request.say("help_line", command=f"/{one.command}", title=one.title(request.knowledge, request.lang))
        for one in listed
    )
    return request.tell("help", commands=commands)


def pressed_topic(request: Request, name: str) -> Turn | None:
    return topic_turn(request, name) if name in request.knowledge.library.topics else None


def none_of_these(request: Request, _: str) -> Turn:
    buttons = request.consultant_buttons()
    return request.tell("none_of_these_reply", *buttons, outcome=Outcome("unknown"), consultant=bool(buttons))


ANSWER = Ability(None, pressed_topic, presses={"topic": pressed_topic, NONE: none_of_these})
HELP = Ability("help", show_help, in_group="introduced")

ABILITIES: tuple[Ability, ...] = (
    START,
    TOPICS,
    CHECK,
    LANGUAGE,
    ENGLISH,
    CHINESE,
    CONSULTANT,
    HOURS,
    END,
    SUBSCRIBE,
    UNSUBSCRIBE,
    LEAVE,
    PRIVACY,
    MY_DATA,
    FORGET,
    ASSISTANT,
    SOURCE,
    DOUBT,
    MORE,
    ANSWER,
    RATING,
    SOLVED,
    LEAD,
    HELP,
)
COMMANDS: Mapping[str, Ability] = {one.command: one for one in ABILITIES if one.command}
PRESSES: Mapping[str, CarryOut] = {kind: do for one in ABILITIES for kind, do in one.presses.items()}


def command(request: Request) -> Turn | None:
    """Carry out the message's command, if it has one."""
    if request.command is None:
        return None
    name, rest = request.command
    turn = COMMANDS[name].carry_out(request, rest) if name in COMMANDS else None
    return turn or request.tell("unknown_command")


def by_words(request: Request) -> Turn | None:
    """Carry out the ability whose trigger sentence the message is, if any."""
    if request.message.press is not None:
        return None
    meant = (
        one.carry_out(request, "")
        for one in ABILITIES
        if one.words and one.offered(request.knowledge, request.terms) and request.is_sentence(one.words)
    )
    return next((turn for turn in meant if turn is not None), None)


def choice(request: Request) -> Turn | None:
    """Carry out the statement of the button pressed or named, if any."""
    says = request.message.press or named_choice(request)
    return None if says is None else carry_out(request, says)


def carry_out(request: Request, says: str) -> Turn:
    """Carry out a button's statement, or say that the choice has expired."""
    kind, _, name = says.partition("=")
    turn = PRESSES[kind](request, name) if kind in PRESSES else None
    return turn or request.tell("choice_gone", outcome=Outcome("unknown"))
