"""The first turn of a check, with the answers already given; and the list of checks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.checks import Answers, decide
from bot.checks.free_text import mentions
from bot.model import Button, CheckState, Reply, Turn
from handlers.check.card import Card, deciding_rule
from handlers.check.run import Phase, Run
from handlers.check.statement import tag
from handlers.check.take import with_answers
from handlers.check.voice import Voice
from handlers.choices import named_choice
from handlers.request import ANSWERED, Request

ENDS: tuple[Phase, ...] = ("refused", "result")  # phases with a verdict
ABOUT_LEFT = 3  # fewest questions whose number is announced


def start(request: Request, check_id: str, score: float = 1.0) -> Turn:
    """Start a check, or resume it if it is under way."""
    state = request.conversation.check
    if state is not None and state.check == check_id:
        run = Run.of(state, request.knowledge.logic(check_id))
        if run.phase in ("asking", "review") and run.state.answers:
            note = request.say("check_resumed" if state.parked else "check_already")
            return Voice(request, run.with_state(parked=False), note, score=score).next()
        if spoke_last(request, run) and request.message.press is None:
            if run.phase == "refused":
                return Voice(request, run.with_state(go_on=True), score=score).next()
            if run.phase == "result" and not mentioned_answers(request, run).given:
                return Voice(request, run, score=score).stands()
    return begin(request, check_id, score, before=state)


def spoke_last(request: Request, run: Run) -> bool:
    """Return true if the check spoke last, so that its buttons are the ones offered."""
    return any(f"#{run.state.run}" in button.says for button in request.conversation.offered)


def begin(request: Request, check_id: str, score: float = 1.0, before: CheckState | None = None) -> Turn:
    """Begin a new run: its introduction, the answers that the message already gives, the first question."""
    logic = request.knowledge.logic(check_id)
    run = Run(CheckState(check_id, tag(request.message, check_id, before)), logic, Answers())
    said, before_it = mentioned_answers(request, run), earlier_answers(request, run)
    for name in said.given:
        before_it = before_it.without(name)
    request = replace(request, conversation=request.conversation.with_(told=()))
    run, noted = with_answers(run, before_it)
    about = request.say("check_about", left=run.questions_left) if run.questions_left >= ABOUT_LEFT else ""
    intro = Voice(request, run).words(logic.check.intro)
    notes = []
    if before is not None and before.check != check_id and before.result is None and before.answers:
        old = request.knowledge.library.checks.get(before.check)
        if old:
            notes.append(request.say("check_left", title=old.title[request.lang]))
    run, taken = with_answers(run, said)
    if run.phase in ENDS:
        return Voice(request, run, *notes).next()  # the result lists the answers
    if points := Voice(request, run).points():  # what the message was about comes first
        notes.append(points)
    notes.append(" ".join(part for part in (intro, about) if part) if request.lang == "en" else intro + about)
    voice = Voice(request, run, *notes)
    voice.mention(tuple(name for name in noted if name in run.answers), "check_told")
    voice.mention(taken)
    return voice.next()


@dataclass(frozen=True)
class Outlook:
    """What a message's answers to a check lead to; of a verdict, its headline and the topic of its deciding rule.

    `reasons`: the texts of the rules that hold whatever the open answers are; `dates`: those of their sources; `figures`: the answers if there is an amount among them, which are `averaged` from the message's.
    """

    phase: Phase
    answers: int
    headline: str = ""
    topic: str | None = None
    reasons: tuple[str, ...] = ()
    dates: str = ""
    figures: str = ""
    averaged: bool = False


def outlook(request: Request, check_id: str) -> Outlook:
    """Return what the message's answers to a check lead to."""
    logic = request.knowledge.logic(check_id)
    run = Run(CheckState(check_id, tag(request.message, check_id, None)), logic, Answers())
    said = mentioned_answers(request, run)
    run, taken = with_answers(run, said)
    decision = decide(logic, run.answers, with_changes=False)
    card = Card(request.knowledge, decision, request.lang, request.today)
    reasons = tuple(card.reason(rule) for rule in card.reasons if rule.when)  # not those that hold for everybody
    figures = card.given() if any(run.check.question(name).currency for name in run.answers.given) else ""
    averaged = bool(figures) and mentions(logic, request.text, request.lang).given != said.given
    found = Outlook(
        run.phase, len(taken), reasons=reasons, dates=card.dates(*card.reasons), figures=figures, averaged=averaged
    )
    if run.phase not in ENDS:
        return found
    rule = deciding_rule(run.check, decision)
    headline = card.words(decision.headline) if decision.headline else ""
    return replace(found, headline=headline, topic=rule.topic if rule else None)


def begin_at(request: Request, check_id: str, answers: Answers, question: str | None) -> Turn | None:
    """Put a question of a new run with these answers; None if the question does not apply to them."""
    logic = request.knowledge.logic(check_id)
    run = Run(CheckState(check_id, tag(request.message, check_id, None)), logic, Answers())
    for one in logic.questions:
        if one.id in answers:
            run, _ = run.with_answer(one.id, answers.given.get(one.id))
    if question is not None and not run.applies(question):
        return None
    return Voice(request, run.with_question(question)).next()


def mentioned_answers(request: Request, run: Run) -> Answers:
    """Return the answers contained in the message that starts the check."""
    if request.message.press is not None or request.text.startswith("/") or named_choice(request) is not None:
        return Answers()
    return mentions(run.logic, request.text, request.lang, averages=True)


def earlier_answers(request: Request, run: Run) -> Answers:
    """Return the answers contained in the merchant's earlier messages; later ones take precedence."""
    answers = Answers()
    for text in request.conversation.told:
        for name, answer in mentions(run.logic, text, request.lang).given.items():
            answers = answers.with_(name, answer)
    return answers


def list_checks(request: Request, name: str = "") -> Turn:
    """List the checks, or start the named one: /check, /check ID."""
    checks = request.knowledge.library.checks
    if name in checks:
        return start(request, name)
    buttons = tuple(Button(check.title[request.lang], f"check={one}") for one, check in checks.items())
    text = request.say("check_no_such", name=name[:60]) if name else request.say("check_list")
    return request.turn(Reply(text, buttons), outcome=ANSWERED)
