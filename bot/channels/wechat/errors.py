"""Error codes of the official account's interface, in plain words: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from bot.channels.channel import CallRefused

# Codes of an access token that ended or was replaced: it is fetched anew, and the call repeated.
STALE_TOKEN = frozenset({40001, 40014, 42001})
BUSY = -1  # the platform asks to try again later
NO_RIGHT = 48001
# The merchant's window for customer-service messages is closed, or its number of messages used up.
WINDOW_CLOSED, COUNT_USED_UP = 45015, 45047

# Source: "global return codes" of the platform's documentation, and the pages of each interface.
WORDS: Mapping[int, str] = {
    BUSY: "the platform is busy",
    40001: "the AppSecret or the access token is wrong; copy WECHAT_SECRET from the account's console",
    40002: "the platform does not know this way to fetch an access token",
    40003: "the account does not know this merchant; they may have unfollowed it",
    40013: "the platform does not know this AppID; copy WECHAT_APP_ID from the account's console",
    40014: "the access token is invalid",
    40125: "the AppSecret is wrong; copy WECHAT_SECRET from the account's console, or reset it there",
    40164: "this machine's address is not on the account's IP whitelist; add it in the console, under basic configuration",
    40200: "the account's owner has frozen or revoked it",
    41001: "the call has no access token",
    42001: "the access token has ended",
    43004: "the merchant does not follow the account",
    45002: "the text is too long",
    45009: "the account's calls of this interface are used up for today; the console shows and resets the count",
    45011: "too many calls within a minute",
    WINDOW_CLOSED: "the merchant wrote more than 48 hours ago, or unfollowed; a message can be sent only after they write again",
    COUNT_USED_UP: "five messages since the merchant's last one are the most; the next can be sent after they write again",
    46003: "the account has no menu",
    NO_RIGHT: "the account has no right to this interface; a verified account has it",
    48002: "the merchant has blocked the account's messages",
    48004: "the platform has taken this interface from the account; the console tells why",
    48006: "the account's calls cannot be reset more often this month",
    50002: "the account is restricted; the console tells why",
    50005: "the merchant does not follow the account",
    61024: "the platform does not know this way to fetch an access token",
    89503: "the account's administrator has to confirm the call of a new machine in the console",
}


class WeChatRefused(CallRefused):
    """The interface refuses a call: its `code`, and what that means in plain `words`."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{words} ({code})")
        self.code, self.words = code, words


def refused(code: int, message: str) -> WeChatRefused:
    """Return the error for a code; unknown codes keep the platform's own message."""
    return WeChatRefused(code, WORDS.get(code) or f"the platform refuses the call: {message or 'without a reason'}")
