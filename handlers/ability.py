"""What an ability is: what merchants can ask for by a command, by words of their own, or by a button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.knowledge.knowledge import Knowledge
from bot.model import Language, Terms, Turn
from handlers.asked import Asked

# What carries something out: given the message and what stands beside the command or in the statement.
CarryOut = Callable[[Asked, str], Turn | None]


def always(knowledge: Knowledge, terms: Terms) -> bool:
    return True


@dataclass(frozen=True)
class Ability:
    """One ability, declared once: menus, /help, commands and buttons follow from it.

    `command` is its name after the slash, None where there is none; its title is the phrase `ability_<command>`.
    `carry_out` is given what follows the command, and makes no turn where nothing is asked of it.
    `words` is the phrase with the sentences, between bars, that ask for it in either language.
    `presses` carry out the statements of its buttons: by what stands before "=", given what stands after it.
    `listed`: whether menus and /help show it, and `offered` whether they do so with this content and these settings.
    `in_group`: its answer is said to the group, or left to the private chat, or a group is told of the assistant instead.
    """

    command: str | None
    carry_out: CarryOut
    words: str | None = None
    presses: Mapping[str, CarryOut] = field(default_factory=dict)
    listed: bool = True
    offered: Callable[[Knowledge, Terms], bool] = always
    in_group: Literal["said", "private", "introduced"] = "private"

    def shown(self, knowledge: Knowledge, terms: Terms) -> bool:
        """Whether menus and /help show it."""
        return self.command is not None and self.listed and self.offered(knowledge, terms)

    def title(self, knowledge: Knowledge, lang: Language) -> str:
        return knowledge.say(f"ability_{self.command}", lang)
