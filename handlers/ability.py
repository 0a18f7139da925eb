"""The declaration of an ability: its command, trigger sentences and buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.knowledge.knowledge import Knowledge
from bot.model import Language, Terms, Turn
from handlers.request import Request

# Arguments: the message, and the text after the command or after "=" in the button's statement.
CarryOut = Callable[[Request, str], Turn | None]


def always(knowledge: Knowledge, terms: Terms) -> bool:
    return True


@dataclass(frozen=True)
class Ability:
    """One ability, declared once: menus, /help, commands and buttons follow from it.

    `command`: name without the slash, or None; the phrase `ability_<command>` is its title.
    `carry_out`: makes the turn, or returns None to leave the message to the other handlers.
    `words`: the phrase that lists its trigger sentences, separated by "|", in either language.
    `presses`: handlers of its buttons, by the part of the statement before "=".
    `listed`: false hides it from menus and /help; `offered` hides it depending on content and settings.
    `in_group`: answer in the group, answer in the private chat, or introduce the assistant to the group.
    """

    command: str | None
    carry_out: CarryOut
    words: str | None = None
    presses: Mapping[str, CarryOut] = field(default_factory=dict)
    listed: bool = True
    offered: Callable[[Knowledge, Terms], bool] = always
    in_group: Literal["said", "private", "introduced"] = "private"

    def shown(self, knowledge: Knowledge, terms: Terms) -> bool:
        """Return true if menus and /help show it."""
        return self.command is not None and self.listed and self.offered(knowledge, terms)

    def title(self, knowledge: Knowledge, lang: Language) -> str:
        return knowledge.say(f"ability_{self.command}", lang)
