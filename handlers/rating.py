""" "Did this help?": buttons under an answer, and what merchants say by them and in a word."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Answered, Button, Feedback, Outcome, Rating, Reply, Turn
from handlers.ability import Ability
from handlers.request import ANSWERED, Request

KIND = "helped"  # of a statement: "helped=yes.TAG"
REMEMBERED = 5  # last answers that can be rated
LONGEST_TAG = 16
LONGEST = 300  # characters kept of a question and of a word
EARLIEST = 2  # the answer of a conversation at which channels whose buttons take room begin to ask


def with_rating(request: Request, turn: Turn) -> Turn:
    """Return the turn with what the merchant adds to "it did not help", and with buttons to rate its own answer."""
    return offered(request, with_word(request, turn))


def offered(request: Request, turn: Turn) -> Turn:
    message, outcome, conversation = request.message, turn.outcome, turn.conversation
    asks = message.kind == "text" and bool(request.text) and not request.text.startswith("/")
    rated = outcome.kind == "answer" and outcome.topics and conversation.check is None and not message.edited
    tag = (message.nonce or message.id)[:LONGEST_TAG]
    if not (rated and asks and tag and turn.replies) or message.group or message.business or turn.handoff:
        return turn
    before, count = request.conversation.answers, conversation.answered + 1
    prompted = count >= EARLIEST and not (before and before[-1].prompted)
    rating = Rating(
        Button(request.say("helped_yes"), f"{KIND}=yes.{tag}"),
        Button(request.say("helped_no"), f"{KIND}=no.{tag}"),
        prompted,
    )
    told = Answered(tag, request.text[:LONGEST], outcome.topics, prompted)
    return replace(
        turn,
        replies=(*turn.replies[:-1], replace(turn.replies[-1], rating=rating)),
        conversation=conversation.with_(answers=(*before, told)[-REMEMBERED:], answered=count),
    )


def rate(request: Request, name: str) -> Turn | None:
    """Keep whether an answer helped; ask for a word if not. None if the answer was too long ago, or was rated."""
    said, _, tag = name.partition(".")
    answers = request.conversation.answers
    told = next((one for one in answers if one.tag == tag), None)
    if told is None or said not in ("yes", "no"):
        return None
    helped = said == "yes"
    left = tuple(one for one in answers if one is not told)
    turn = request.turn(
        Reply(request.say(f"helped_{said}_reply"), request.conversation.offered),
        outcome=ANSWERED,
        answers=left,
        unhelped=None if helped else told,
    )
    return replace(turn, feedback=Feedback(helped, told.question, told.topics))


def solve(request: Request, name: str) -> Turn | None:
    """Keep whether a talk with a consultant solved it; ask for a word if not. The desk refuses a talk that is not theirs."""
    said, _, number = name.partition(".")
    if not request.terms.consultant or said not in ("yes", "no") or not (number.isascii() and number.isdecimal()):
        return None
    talk = Answered("", "", ticket=int(number[:LONGEST_TAG]))
    buttons = () if said == "yes" else request.consultant_buttons()
    reply = Reply(request.say(f"solved_{said}_reply"), buttons)
    turn = request.turn(reply, outcome=ANSWERED, unhelped=talk if said == "no" else None)
    return replace(turn, feedback=Feedback(said == "yes", "", ticket=talk.ticket))


def with_word(request: Request, turn: Turn) -> Turn:
    """Keep the message after "it did not help" as the merchant's word; thank for it if it is no question of its own."""
    told, after = request.conversation.unhelped, turn.conversation
    if told is None or turn.feedback is not None or turn.erase:
        return turn
    turn = replace(turn, conversation=after.with_(unhelped=None))
    if request.message.kind != "text" or not request.text or request.text.startswith("/"):
        return turn
    word = Feedback(False, told.question, told.topics, request.text[:LONGEST], told.ticket)
    if turn.outcome.kind != "unknown" or not turn.replies:
        return replace(turn, feedback=word)
    thanks = Reply(request.say("helped_word"), turn.replies[-1].buttons)
    return replace(turn, replies=(thanks,), outcome=Outcome("answer"), feedback=word)


SOLVED = Ability(None, solve, presses={"solved": solve})
RATING = Ability(None, rate, presses={KIND: rate})
