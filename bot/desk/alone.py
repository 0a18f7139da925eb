"""The desk where no consultants' chat is set: consultants sit at the console alone, and nothing is sent anywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from bot.channels.channel import Card, DeskMessage, DeskPress, Labels, Suggestion
from bot.model import Button, KeptFile, Message


class ConsoleDesk:
    """A desk without a chat."""

    channel, chat, trouble, topics = "", "", "", False
    chats: Collection[str] = ()

    def reason(self, error: str) -> str:
        return ""

    def shows_presence(self, payload: str) -> Literal["sure", "likely", "no"]:
        return "no"

    def moved(self, old: str, new: str) -> tuple[str, str] | None:
        return None

    def read(self, payload: str) -> DeskMessage | None:
        return None

    def post(
        self, text: str, ticket: int | None = None, to: str | None = None, buttons: Sequence[Button] = ()
    ) -> list[str]:
        return []

    def show(self, ticket: int, name: str, text: str, file: KeptFile | None = None) -> list[str]:
        return []

    def read_press(self, payload: str) -> DeskPress | None:
        return None

    def answer_press(self, press: DeskPress, text: str) -> str:
        return ""

    def card(self, ticket: int, card: Card) -> str | None:
        return None

    def settle(self, payload: str, draft: int, status: str) -> list[str]:
        return []

    def settled(self, payload: str, message: str, statuses: Mapping[int, str]) -> list[str]:
        return []

    def drafts(self, payload: str) -> list[int]:
        return []

    def words(self, payload: str) -> str:
        return ""

    def shows_merchant(self, payload: str) -> bool:
        return False

    def link(self, thread: str | None, message: str | None) -> str:
        return ""

    async def admits(self, user: str, *, surely: bool = False) -> bool:
        return not surely

    def pass_on(
        self, ticket: int, labels: Labels, message: Message, payload: str, suggestion: Suggestion | None = None
    ) -> list[str]:
        return []

    def copy(self, ticket: int, payload: str, chat: str, labels: Labels) -> list[str]:
        return []

    def about(self, payload: str) -> str | None:
        return None

    def seen(self, message: str) -> list[str]:
        return []

    def typing(self, ticket: int) -> str | None:
        return None

    async def fetch(self, payload: str, most: int) -> tuple[str, bytes] | None:
        return None
