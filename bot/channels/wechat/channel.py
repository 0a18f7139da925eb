"""The official account as a channel: replies in the response to the merchant's request, or by customer service."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.channels.channel import CallRefused, Parked, RecipientGone, RetryLater
from bot.channels.responses import Responses
from bot.channels.text import TextChannel, shower
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.budget import Budget, allowed_by
from bot.channels.wechat.data_page import DATA_PATH, PAGE_LASTS, DataPages
from bot.channels.wechat.errors import COUNT_USED_UP, NO_RIGHT, WINDOW_CLOSED, WeChatRefused
from bot.channels.wechat.messages import CHANNEL, fields_of, message_of
from bot.channels.wechat.texts import Style, count_joined, cut, pieces
from bot.channels.wechat.verified import Verified
from bot.json_text import from_text, to_text
from bot.language.normalize import loose_key
from bot.model import Address, Language, Message, Reply
from bot.store import Store, Taken

log = logging.getLogger(__name__)

# The platform waits so many seconds for an answer, and asks twice more where none comes; an answer takes a part of them.
PATIENCE, TRIES, ANSWERED_WITHIN = 5.0, 3, 0.8
GONE = frozenset({40003, 43004, 48002, 50005})
PER_MINUTE = 45011
MINUTE = 60.0
# Refusals of a message that the next response may still bring, and the phrase for a consultant whose words it holds.
WAITS = {
    WINDOW_CLOSED: "desk_window_closed",
    COUNT_USED_UP: "desk_count_used_up",
    **dict.fromkeys((45009, 48004, 50002, 40200), "desk_platform_refuses"),
}

Say = Callable[..., str]


def phrase_unknown(name: str, lang: Language, **values: object) -> str:
    """The phrases before the content is open: none."""
    return ""


class WeChatChannel(TextChannel):
    """The channel of one account.

    A call is one text, or a merchant's data, or the hand-over to the platform's desk. What answers a message is kept for
    the response to its request as long as the platform repeats it; then it is sent by customer service, or waits for the
    next request if the account has none.
    """

    name = CHANNEL
    retention = 2 * PATIENCE * TRIES

    def __init__(
        self,
        store: Store,
        api: WeChatApi,
        verified: Verified,
        pages: DataPages,
        public_url: str | None = None,
        *,
        desk: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(store.belongings, public_url)
        self.store, self.api, self.verified, self.pages = store, api, verified, pages
        self.desk, self.clock = desk, clock
        self.patience, self.tries_end = PATIENCE, PATIENCE * (TRIES + 0.2)
        self.budget = Budget(store, clock)
        self.responses = Responses(store, PATIENCE * ANSWERED_WITHIN, choose, PATIENCE)
        self.say: Say = phrase_unknown
        self.more_words: frozenset[str] = frozenset()

    # --- what merchants write

    def read(self, payload: str) -> Message | None:
        return message_of(fields_of(payload))

    async def complete(self, message: Message) -> Message | None:
        """Return None for "more" if the response brings what waits: it is then no question."""
        if loose_key(message.text) in self.more_words and await self.store.is_parked(CHANNEL, message.address.chat):
            return None
        return replace(message, news=False, own_desk=self.desk)

    def kept(self, payload: str) -> tuple[float, bool]:
        left = float(fields_of(payload)["at"]) + self.tries_end - self.clock()
        return max(left, 0.0), self.verified.known is False

    def own_notes(self, payload: str) -> tuple[tuple[str, str], ...]:
        if self.verified.known is False:
            return ()
        return tuple(filter(None, [allowed_by(fields_of(payload))]))

    # --- what they read

    @property
    def style(self) -> Style:
        page = f"{self.public_url}/r/" if self.public_url else ""
        return Style(shower(self.public_url), links=self.verified.known is True, page=page)

    def tell(self, chat: str, replies: Sequence[Reply], about: str = "") -> list[str]:
        made = self.calls(replies)
        return [to_text({**call, "about": about} if about else call) for call in made]

    def calls(self, replies: Sequence[Reply]) -> list[dict[str, str]]:
        if any(reply.transfer for reply in replies):
            return [{"transfer": "yes"}]
        texts = pieces(replies, self.style)
        data = [one.path for reply in replies for one in reply.attachments if one.kind == "data"]
        lang = "zh" if any(map(is_chinese, texts)) else "en"
        return [*({"text": text} for text in texts), *({"data": of, "lang": lang} for of in data)]

    async def texts(self, payload: str) -> list[str]:
        """Return a call's text; for a merchant's data the address of a page with them, or without one what fits."""
        call = from_text(payload)
        if "data" not in call:
            return [call["text"]]
        if not self.public_url:
            first, *rest = cut((await super().texts(payload))[0])
            return [f"{first}\n…" if rest else first]
        link = f"{self.public_url}{DATA_PATH}{self.pages.sign(call['data'], self.clock() + PAGE_LASTS)}"
        return [self.say("wechat_data", call["lang"], url=link)]

    async def response_text(self, taken: Taken) -> str | None:
        """Return the text of a response; None if it hands the merchant to the platform's desk."""
        calls = [from_text(call.payload) for call in taken.calls]
        if "transfer" in calls[0]:
            return None
        text = "\n\n".join([text for call in taken.calls for text in await self.texts(call.payload)])
        hint = self.say("wechat_more", "zh" if is_chinese(text) else "en") if taken.more else ""
        return f"{text}\n\n{hint}" if hint else text

    # --- customer service

    async def send(self, payload: str, chat: str) -> str | None:
        """Send a call by customer service. Raises Parked where the account or the merchant's window does not allow it."""
        if self.verified.known is False or "transfer" in from_text(payload):
            raise Parked
        for text in await self.texts(payload):
            await self.put(chat, text)
        return None

    async def put(self, chat: str, text: str) -> str | None:
        allowance = await self.budget.open(chat)
        if allowance is None and await self.budget.of("message", chat) is not None:
            code = COUNT_USED_UP if await self.budget.is_used_up(chat) else WINDOW_CLOSED
            raise Parked(WAITS[code])
        try:
            await self.api.post("message/custom/send", {"touser": chat, "msgtype": "text", "text": {"content": text}})
        except WeChatRefused as refused:
            if refused.code == NO_RIGHT:
                await self.verified.learn(False)
                raise Parked from refused
            raise outcome_of(refused) from refused
        if self.verified.known is None:
            await self.verified.learn(True)
        if allowance is not None:
            await self.budget.count(Address(CHANNEL, chat, chat), *allowance)
        return None


def choose(calls: Sequence[str]) -> int:
    """Return how many of the first calls go into one response: as many texts as fit; data or a hand-over alone."""
    texts = []
    for call in map(from_text, calls):
        if "text" not in call:
            break
        texts.append(call["text"])
    return count_joined(texts) or min(1, len(calls))


def outcome_of(refused: WeChatRefused) -> Exception:
    """Return the error for a refused message."""
    if refused.code in WAITS:
        log.warning("a message waits for its merchant: %s", refused)
        return Parked(WAITS[refused.code])
    if refused.code in GONE:
        return RecipientGone(str(refused))
    if refused.code == PER_MINUTE:
        return RetryLater(str(refused), MINUTE)
    return CallRefused(str(refused))


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)
