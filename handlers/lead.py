"""A lead, with consent: after a check's result, a merchant may let a consultant write to them, and take that back."""

from __future__ import annotations

from dataclasses import replace

from bot.checks import decide
from bot.language.quoting import escape_markdown as quoted
from bot.model import Button, Consent, Reply, Turn
from handlers.ability import Ability
from handlers.check.card import verdict_words
from handlers.check.run import Run
from handlers.request import ANSWERED, Request

KIND = "lead"  # of a statement: "lead=ask.CODE", "lead=yes.CODE", "lead=no.CODE", "lead=off."


def with_lead(request: Request, turn: Turn) -> Turn:
    """Ask below a new result whether a consultant may write, where one is connected here."""
    message, conversation = request.message, turn.conversation
    if turn.keep is None or not turn.replies or not request.terms.consultant or conversation.ticket is not None:
        return turn
    if message.group or message.business or message.own_desk:
        return turn
    *before, last = turn.replies
    numbered = all(one.numbered for one in last.buttons)
    button = Button(request.say("lead_button"), f"{KIND}=ask.{turn.keep.code}", numbered=numbered)
    buttons = (*last.buttons, button)
    replies = (*before, replace(last, buttons=buttons))
    return replace(turn, replies=replies, conversation=conversation.with_(offered=buttons))


def lead(request: Request, name: str) -> Turn | None:
    """Show what consultants would be told, or keep the merchant's consent, or take it back; None if the result is gone."""
    what, _, code = name.partition(".")
    if what == "off":
        return take_back(request, "")
    if what == "no":
        return request.tell("lead_refused")
    told = told_of(request, code)
    if what not in ("ask", "yes") or not request.terms.consultant or not told:
        return None
    if what == "ask":
        yes = Button(request.say("lead_yes"), f"{KIND}=yes.{code}")
        return request.tell("lead_ask", yes, Button(request.say("lead_no"), f"{KIND}=no.{code}"), told=told)
    consent = Consent(told, request.message.at, code)
    off = Button(request.say("lead_off"), f"{KIND}=off.")
    turn = request.turn(Reply(request.say("lead_thanks"), (off,)), outcome=ANSWERED, consent=consent)
    return replace(turn, handoff="lead", card=told)


def told_of(request: Request, code: str) -> str:
    """Return what consultants are told of the merchant and their result, or "" if this is not the result of their last check."""
    state = request.conversation.check
    if state is None or not code or state.result != code or state.check not in request.knowledge.library.checks:
        return ""
    run = Run.of(state, request.knowledge.logic(state.check))
    made = decide(run.logic, run.answers, go_on=state.go_on, with_changes=False)
    verdict = verdict_words(request.knowledge, made, request.lang)
    name = quoted(request.message.name) or request.say("lead_no_name")
    return request.say("lead_told", name=name, title=run.check.title[request.lang], verdict=verdict, code=code)


def take_back(request: Request, _: str) -> Turn | None:
    """Take the merchant's consent back; None if there is none."""
    if request.conversation.consent is None:
        return None
    turn = request.turn(Reply(request.say("lead_taken_back")), outcome=ANSWERED, consent=None)
    return replace(turn, handoff="withdraw", card=request.conversation.consent.code)


LEAD = Ability(None, take_back, words="lead_off_words", presses={KIND: lead})
