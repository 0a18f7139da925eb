"""A call of the Bot API, whichever framework makes it, and what its failures mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.channels.channel import Gone, Later, Moved, Refused
from bot.json_text import from_text, to_text

OFFICIAL = "https://api.telegram.org"
TIMEOUT = 30.0  # seconds for a call
# What Telegram says with other codes than 403 of a chat that is no more.
GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "chat_write_forbidden")
REQUIRED = ("method", "params")


class UnknownToken(Later):
    """Telegram does not know the bot's token. What waits is sent once the setting is right."""

    def __init__(self) -> None:
        super().__init__("Telegram does not know TELEGRAM_TOKEN; ask @BotFather for the bot's token")


@dataclass(frozen=True)
class Call:
    """A call of the Bot API: its method, its parameters as JSON has them, and files by the parameter that takes them.

    `data` is a merchant's address: what is kept of him is the document. With a `ticket` it becomes a reply to the first message
    of that; `about` is the consultant's message that it brings.
    """

    method: str
    params: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    data: str = ""
    ticket: int | None = None
    about: str = ""

    @property
    def payload(self) -> str:
        """The call as the outbox keeps it."""
        return to_text({name: value for name, value in vars(self).items() if value or name in REQUIRED})

    @property
    def sends(self) -> bool:
        """Whether it puts something into a chat, which is what Telegram limits and what must not get lost."""
        return self.method.startswith(("send", "copy"))

    @property
    def asks(self) -> bool:
        """Whether it only asks something of Telegram."""
        return self.method.startswith("get")


class Caller(Protocol):
    """A framework's bot: makes a call. Returns its result as JSON has it. Raises Later, Gone, Refused."""

    async def __call__(self, call: Call) -> Any: ...


async def wherever(make: Caller, call: Call) -> Any:
    """Make a call, at its chat's new id where that has changed."""
    try:
        return await make(call)
    except Moved as moved:
        return await make(replace(call, params={**call.params, "chat_id": int(moved.to)}))


def result_of(status: int, body: bytes) -> Any:
    """The result in an answer of the Bot API. Raises Later, Gone, Refused."""
    try:
        answer = from_text(body)
        if answer["ok"]:
            return answer["result"]
        description = str(answer.get("description", status))
        code = int(answer.get("error_code", status))
        parameters = answer.get("parameters", {})
        after, moved_to = parameters.get("retry_after"), parameters.get("migrate_to_chat_id")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # An answer that is no JSON is a proxy's: the page of a 502.
        raise Later(f"the answer is not Telegram's, its status is {status}") from error
    if after is not None:
        raise Later(description, float(after))
    if moved_to is not None:
        raise Moved(description, str(int(moved_to)))
    raise failure(code, description)


def failure(code: int, description: str) -> Later | Gone | Refused:
    """What an error of the Bot API means for the call."""
    if code == 401:
        return UnknownToken()
    if code >= 500 or code == 429:
        return Later(description)
    if code == 403 or any(one in description.lower() for one in GONE):
        return Gone(description)
    return Refused(description)
