"""Bot API calls, independent of the framework, and classification of their failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.channels.channel import CallRefused, ChatMoved, RecipientGone, RetryLater
from bot.json_text import from_text, to_text

OFFICIAL = "https://api.telegram.org"
TIMEOUT = 30.0  # seconds for a call
# Descriptions of closed chats in errors with codes other than 403.
GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "chat_write_forbidden")
REQUIRED = ("method", "params")


class UnknownToken(RetryLater):
    """The bot's token is invalid. Waiting calls are sent once the setting is corrected."""

    def __init__(self) -> None:
        super().__init__("Telegram does not know TELEGRAM_TOKEN; ask @BotFather for the bot's token")


@dataclass(frozen=True)
class Call:
    """A Bot API call: its method, its JSON parameters, and the paths of files by parameter.

    `data` is the address of a merchant whose stored data are sent as the document; `kept` has the `parameter`, the `id` and the `name` of a file
    that the store keeps.

    Between merchants and consultants:
    - with a `ticket`, the call replies to the ticket's first message at the desk;
    - `about` is the id of the message that the call copies; `words` marks a person's text;
    - `instead` is sent if the platform refuses to copy the message; `album` has the album's id and the file;
    - `topic` has the title of the merchant's topic and whether it is `closed`, and marks the call that posts or changes the card;
    - `drafts` are the assistant's answers to be shown below the words, with the `labels` of their buttons;
    - `edit` has the `ticket`, and the `method` and `params` that change the copy of an edited message; if they cannot, the call itself is made.
    """

    method: str
    params: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    data: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)
    ticket: int | None = None
    about: str = ""
    words: bool = False
    instead: str = ""
    album: Mapping[str, Any] = field(default_factory=dict)
    edit: Mapping[str, Any] = field(default_factory=dict)
    topic: Mapping[str, Any] = field(default_factory=dict)
    drafts: Sequence[Mapping[str, Any]] = ()
    labels: Sequence[str] = ()

    @property
    def payload(self) -> str:
        """The call as JSON for the outbox."""
        return to_text({name: value for name, value in vars(self).items() if value or name in REQUIRED})

    @property
    def sends(self) -> bool:
        """True if the call sends a message; these count towards Telegram's limits, and must not be lost."""
        return self.method.startswith(("send", "copy"))

    @property
    def asks(self) -> bool:
        """True if the call only reads."""
        return self.method.startswith("get")


class Caller(Protocol):
    """Makes a call through a framework. Returns its decoded JSON result. Raises RetryLater, RecipientGone, ChatMoved, CallRefused."""

    async def __call__(self, call: Call, /) -> Any: ...


def result_of(status: int, body: bytes) -> Any:
    """Parse the Bot API's answer and return its result. Raises RetryLater, RecipientGone, ChatMoved, CallRefused."""
    try:
        answer = from_text(body)
        if answer["ok"]:
            return answer["result"]
        description = str(answer.get("description", status))
        code = int(answer.get("error_code", status))
        parameters = answer.get("parameters", {})
        after, moved_to = parameters.get("retry_after"), parameters.get("migrate_to_chat_id")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # Answers that are not JSON come from proxies, such as the page of a 502.
        raise RetryLater(f"invalid answer with status {status}, probably from a proxy") from error
    if after is not None:
        raise RetryLater(description, float(after))
    if moved_to is not None:
        raise ChatMoved(description, str(int(moved_to)))
    raise failure(code, description)


def failure(code: int, description: str) -> RetryLater | RecipientGone | CallRefused:
    """Classify a Bot API error by its code and description."""
    if code == 401:
        return UnknownToken()
    if code >= 500 or code == 429:
        return RetryLater(description)
    if code == 403 or any(one in description.lower() for one in GONE):
        return RecipientGone(description)
    return CallRefused(description)
