"""The assistant: answers one message and stores its turn."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, TypeVar
from weakref import WeakValueDictionary

from bot.content.hours import Hours
from bot.knowledge.knowledge import Knowledge
from bot.language.masking import masked
from bot.model import (
    USUAL_TERMS,
    Address,
    CheckState,
    Conversation,
    Group,
    Language,
    Message,
    Reply,
    Result,
    Terms,
    Ticket,
    Turn,
)
from bot.store import Event, Handled, Question, Reason, Received
from bot.store.ports import Conversations
from handlers import question, respond
from handlers.code import BITS, code_in

HOUR, DAY = 3600.0, 24 * 3600.0
# Messages that load the readers and models of both languages; the last one loads the pinyin tables, too.
ASKED = ("what would you like to know", "请问你想知道什么", "我要自查")
NUMERAL = "一万二"

Memory = Conversations


@dataclass(frozen=True)
class Context:
    """The stored state for one message: its conversation, the result whose code it holds, and its group's state."""

    conversation: Conversation = field(default_factory=Conversation)
    opened: Result | None = None
    group: Group | None = None


# Stores a turn, alone or together with the calls that send its replies.
Deliver = Callable[[Turn, Context, Handled], Awaitable[None]]

T = TypeVar("T")


def now() -> float:
    """Return the time in Unix seconds."""
    return time.time()


def at_once(waiting: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends. Raises RuntimeError if it does."""
    try:
        waiting.send(None)
    except StopIteration as done:
        made: T = done.value
        return made
    waiting.close()
    raise RuntimeError("this store makes its callers wait: use `await receive(…)`")


class Assistant:
    """Answers messages, one after the other for each merchant."""

    def __init__(
        self,
        knowledge: Knowledge,
        store: Conversations,
        today: Callable[[], date] = date.today,
        nonce: Callable[[], str] = lambda: f"{secrets.randbits(BITS):x}",
        terms: Terms = USUAL_TERMS,
        clock: Callable[[], float] = now,
    ) -> None:
        self.knowledge = knowledge
        self.store = store
        self.today = today
        self.nonce = nonce
        self.terms = terms
        self.clock = clock
        self.locks: WeakValueDictionary[Address, asyncio.Lock] = WeakValueDictionary()

    async def receive(self, message: Message, entry: Received | None = None, deliver: Deliver | None = None) -> Turn:
        """Answer a message and store the turn, by `deliver` if given, before returning its replies.

        `entry` is the inbox entry from which the message was read, if any.
        """
        lock = self.locks.setdefault(message.address, asyncio.Lock())
        async with lock:
            context = await self.context(message)
            # No await between here and delivery, so that the turn uses a single version of the content.
            turn = self.turn(message, context)
            made = self.with_question(full_record(message, turn, context, entry), message, turn)
            await (deliver or self.keep)(turn, context, made)
            return turn

    def with_question(self, made: Handled, message: Message, turn: Turn) -> Handled:
        """Add the masked words of a message that was not understood, or of one answered without help, to the turn's record."""
        outcome, told = turn.outcome, turn.feedback
        lang = turn.conversation.lang or message.hint or "en"
        if made.erase or not made.events:
            return made
        if told is not None and not told.helped and not told.word:
            kept = self.question(told.question, "unhelpful", lang, message.name, next(iter(told.topics), ""))
            return replace(made, question=kept)
        if outcome.kind not in ("unknown", "clarify") or not asked(message):
            return made
        reason: Reason = "clarify" if outcome.kind == "clarify" else "unknown"
        if outcome.known_unknown:
            reason = "known_unknown"
        return replace(
            made, question=self.question(message.text, reason, lang, message.name, outcome.known_unknown or "")
        )

    def question(self, text: str, reason: Reason, lang: Language, name: str, topic: str = "") -> Question | None:
        """Return a message's masked words for the editors, None if none are to be kept; `name` is its writer's."""
        days = self.terms.keep_questions_days
        if not days:
            return None
        words = masked(text, self.knowledge.english, name)
        return Question(lang, words, reason, self.clock() + days * DAY, topic)

    async def keep(self, turn: Turn, context: Context, made: Handled) -> None:
        await self.store.finish(made)

    def receive_now(self, message: Message) -> Turn:
        """Answer synchronously. Raises RuntimeError if the store suspends its callers."""
        return at_once(self.receive(message))

    def keep_at_once(self, made: Handled) -> None:
        """Store a turn synchronously. Raises RuntimeError if the store suspends its callers."""
        at_once(self.store.finish(made))

    async def context(self, message: Message) -> Context:
        """Read the stored state for a message."""
        code, address = code_in(message.text), message.address
        return Context(
            await self.store.conversation(address),
            await self.store.result(code) if code else None,
            await self.store.group_of(address.channel, address.chat) if message.group else None,
        )

    def turn(self, message: Message, context: Context) -> Turn:
        """Make the turn for a message without storing it."""
        message = replace(message, nonce=message.nonce or self.nonce())
        if self.terms.consultant and not message.at:
            message = replace(message, at=int(self.clock()))  # to tell whether consultants are there
        lapsed = self.lapse(context.conversation.ticket)
        conversation = context.conversation.with_(ticket=None) if lapsed else context.conversation
        turn = respond(message, conversation, self.knowledge, self.today(), context.opened, self.terms, context.group)
        if lapsed is None:
            return turn
        hours = self.knowledge.library.operator.consultant_idle_hours
        over = Reply(self.knowledge.say("consultant_lapsed", lapsed.lang, hours=hours))
        return replace(turn, lapsed=lapsed, replies=(over, *turn.replies) if turn.replies else ())

    def draft(self, message: Message, conversation: Conversation, lang: Language) -> Turn:
        """Make the turn that would answer a question in a language, outside of checks and tickets, without storing it."""
        bare = conversation.with_(ticket=None, check=None, offered=(), lang=lang, wished=lang, missed=0)
        return respond(message, bare, self.knowledge, self.today(), None, self.terms)

    def lapse(self, ticket: Ticket | None) -> Ticket | None:
        """Return the ticket if it has been idle for `consultant_idle_hours`, else None.

        What comes outside the consultants' hours waits until they are back; a lead waits for them to write.
        """
        operator = self.knowledge.library.operator
        idle = operator.consultant_idle_hours * HOUR
        if ticket is None or not idle or ticket.waits_for_consultant or self.clock() - ticket.heard <= idle:
            return None
        return ticket if self.clock() - seen_from(operator.hours, ticket.heard) > idle else None

    def prepare(self, messages: Sequence[Message]) -> None:
        """Read several messages' questions together, so that their turns are made sooner. Any thread may call it."""
        self.knowledge.finder.prepare([text for one in messages if (text := question(one))])

    def warm_up(self) -> None:
        """Load everything that is loaded on first use, in both languages and for each check."""
        nobody = Address("", "", "")
        for text in ASKED:
            self.turn(Message(nobody, text), Context())
        for name in self.knowledge.library.checks:
            begun = self.turn(Message(nobody, press=f"check={name}"), Context()).conversation
            self.turn(Message(nobody, NUMERAL), Context(begun))

    async def too_fast(self, message: Message, over: Literal["drop", "queue"], wait: float) -> Reply:
        """Return the reply to a merchant over their rate limit, which ends after `wait` seconds."""
        lang = (await self.store.conversation(message.address)).lang or message.hint or "en"
        return Reply(self.knowledge.say(f"too_fast_{over}", lang, seconds=math.ceil(wait)))

    def apology(self, message: Message) -> str:
        """Return the text for a failed turn."""
        return self.knowledge.say("apology", message.hint or "en")


def seen_from(hours: Hours | None, time: float) -> float:
    """Return when consultants can see what came at a time: at once, or when they are back; both in Unix seconds."""
    moment = datetime.fromtimestamp(time, UTC)
    back = None if hours is None or hours.open_at(moment) else hours.next_open(moment)
    return back.timestamp() if back else time


def asked(message: Message) -> bool:
    """Return true if a message says something in words."""
    return message.kind == "text" and message.press is None and any(one.isalpha() for one in message.text)


def full_record(message: Message, turn: Turn, context: Context, entry: Received | None) -> Handled:
    """Convert a turn into the store's record, without the replies."""
    made = basic_record(message, turn, entry, context.conversation.check)
    ticket = None if turn.lapsed else context.conversation.ticket
    if turn.lapsed:
        made = replace(made, closes=turn.lapsed.id)
    if turn.handoff in ("open", "lead") and ticket is None and entry is not None:
        lang = turn.conversation.lang or message.hint or "en"
        return replace(made, opens=Ticket(entry.id, message.address, lang, lead=turn.handoff == "lead"))
    return replace(made, closes=ticket.id) if turn.handoff == "close" and ticket else made


def basic_record(message: Message, turn: Turn, entry: Received | None, check: CheckState | None) -> Handled:
    """Return the store's record of a turn, without its ticket; `check` is the run before it."""
    if turn.erase:
        return Handled(message.address, entry, erase=True)
    if message.group and not turn.replies:
        # Messages between a group's members leave no record.
        return Handled(message.address, entry, group=turn.group, moved_to=message.group.moved_to)
    if message.kind == "gone":
        return Handled(message.address, entry, subscribing=turn.subscribing)
    if not turn.replies:  # an edit without changes
        return Handled(message.address, entry, conversation=turn.conversation)
    outcome = turn.outcome
    data: dict[str, Any] = {
        "verdict": outcome.kind,
        "topics": outcome.topics,
        "check": outcome.check,
        "score": round(outcome.score, 4),
        "lang": turn.conversation.lang,
        "kind": message.kind,
    }
    more: dict[str, Any] = {
        "known_unknown": outcome.known_unknown,
        "likely": outcome.kind == "answer" and outcome.tentative,
        "facts": outcome.facts,
        "fetched": outcome.fetched,
        "poster": turn.conversation.poster if outcome.fetched else "",
        "steps": steps_of(check, turn),
        "run_of": turn.conversation.check.check if turn.conversation.check else "",
    }
    data |= {name: value for name, value in more.items() if value and (name != "run_of" or more["steps"])}
    return Handled(
        message.address,
        entry,
        conversation=turn.conversation,
        result=turn.keep,
        events=(Event("turn", data), *feedback_events(turn)),
        group=turn.group,
        subscribing=turn.subscribing,
    )


def steps_of(before: CheckState | None, turn: Turn) -> list[str]:
    """Return a turn's steps in a check's run, for the report: questions put and answered for the first time, its end."""
    after = turn.conversation.check
    if after is None:
        return []
    was = before if before is not None and before.run == after.run else None
    answers = dict(after.answers)
    made = [] if was else ["begun"]
    if was and was.asked in answers and was.asked not in dict(was.answers):
        made.append(f"answered {was.asked}")
    if after.asked and after.asked not in answers and (was is None or was.asked != after.asked):
        made.append(f"asked {after.asked}")
    verdict = next((reply.verdict for reply in turn.replies if reply.verdict), None)
    return [*made, "finished", f"verdict {verdict}"] if verdict and after.ended and not (was and was.ended) else made


def feedback_events(turn: Turn) -> tuple[Event, ...]:
    said, lang = turn.feedback, turn.conversation.lang
    if said is None:
        return ()
    if said.ticket is not None:
        return (Event("solved", {"ticket": said.ticket, "solved": said.helped, "word": said.word, "lang": lang}),)
    data = asdict(said) | {"lang": lang}
    del data["ticket"]
    return (Event("feedback", data),)
