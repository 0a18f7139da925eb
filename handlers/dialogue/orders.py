"""Orders during and after a check, said in the merchant's own words: back, skip, done, stop, start again, ..."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.checks import Answers, decide
from bot.checks.free_text import mentions, named_in, read_agreement, read_command_in
from bot.checks.moving import LONGEST_ORDER, NAMED, PARTS, SURE, Order, read_order
from bot.checks.vocabulary import vocabulary
from bot.language.amounts import fold
from bot.model import CheckState, Turn
from handlers.by_topic import topic_turn
from handlers.check.card import deciding_rule
from handlers.check.run import Run
from handlers.check.start import spoke_last
from handlers.check.statement import Statement, tag
from handlers.check.take import back, stop, take, take_ticked, with_answers
from handlers.check.voice import Voice
from handlers.dialogue.beside import asking, just_told
from handlers.dialogue.presses import again, renew
from handlers.dialogue.reading import is_answer, named_other, read, reading_of
from handlers.request import Request

RESUMING: tuple[Order, ...] = ("go_on", "back", "where", "review", "repeat", "restart", "stop")
AT_ANY_TIME: tuple[Order, ...] = (
    "restart", "review", "where", "stop", "result", "go_on", "repeat", "verdict",
)  # unambiguous even long after a verdict  # fmt: skip
BOTH = re.compile(
    r"\byes or no\b|\bor not\b|\bcan[' ]?t i\b|是不是|行不行|能不能|还是", re.IGNORECASE
)  # no answer of yes or no
STEPS = {"two": 2, "2": 2, "three": 3, "3": 3, "两": 2, "二": 2, "三": 3}
STEPS_BACK = re.compile(
    r"(?:please )?(?:go )?back (?P<en>two|three|2|3)(?: (?:questions|steps|more))?(?: please)?"
    r"|(?:退|后退|退回|返回|往回)(?P<zh>[两二三23])[步题个]问?题?吧?"
)
MOST_PARTS = 4
BACK_TO = re.compile(r"\b(?:go )?back to\b|\breturn to\b|回到|返回|退回到?|跳回")


def ordered(request: Request, run: Run) -> Turn | None:
    """Carry out an order to a check under way that an ability's words mean, too: "that's all"."""
    under_way = run.phase in ("asking", "review") or spoke_last(request, run)
    if run.state.parked or not under_way or run.state.doubt is not None:
        return None
    order = read_order(request.text, request.lang)
    return carry_out(request, run, order) if order in ("done", "repeat") else None


def obey(request: Request, run: Run) -> Turn | None:
    """Carry out an order: "back", "why", "where are we"; to stop and restart, also with a reason beside it."""
    if re.fullmatch(r"[?？]+", request.text):
        return Voice(request, run).explain() if run.question else None
    order = read_order(request.text, request.lang)
    if order is not None and (turn := carry_out(request, run, order)) is not None:
        return turn
    if (turn := back_to(request, run)) is not None:
        return turn
    if run.question is not None and (rest := before_verdict(request)) is not None:
        run, taken = with_answers(run, mentions(run.logic, rest, request.lang, beside=True))
        voice = Voice(request, run)
        voice.mention(taken)
        return voice.so_far() if run.question else voice.next()
    if run.question is not None and asks_why(request):
        return take(request, run, run.question, None) if is_unknown(request, run) else Voice(request, run).explain()
    with_more = read_command_in(request.text, request.lang)
    if with_more is None:
        return None
    command, rest = with_more
    if command == "restart":
        told = mentions(run.logic, rest, request.lang)
        return again(request, run) if told.given else renew(request, run)
    reading = reading_of(request, run, run.question, rest) if run.question else None
    if reading is not None and reading.sure >= SURE and read_agreement(rest) is None:
        return None  # "forget it, 30k then"
    return stopped_for(request, run, rest)


def stopped_for(request: Request, run: Run, rest: str) -> Turn:
    """Stop the check, and answer the question in the same message."""
    turn = stop(request, run)
    message = replace(request.message, text=rest)
    inside = replace(request, message=message, conversation=turn.conversation)
    if not asking(inside):
        return turn
    following = request.respond(inside)
    (first,) = turn.replies
    return Turn((replace(first, buttons=()), *following.replies), following.outcome, following.conversation)


def before_verdict(request: Request) -> str | None:
    """Return what is said before a last clause that asks for the verdict: "the Alipay is the company's. So yes or no?"."""
    if len(request.text) > LONGEST_ORDER * 2:
        return None
    parts = [part.strip() for part in PARTS.split(request.text) if part.strip()]
    if len(parts) < 2 or read_order(parts[-1], request.lang) != "verdict":
        return None
    return request.text[: request.text.rindex(parts[-1])]


def asks_why(request: Request) -> bool:
    """Return true if the last of several clauses asks what the question is for or how to find the answer."""
    if len(request.text) > LONGEST_ORDER:
        return False
    parts = [part for part in PARTS.split(request.text) if part.strip()]
    return 1 < len(parts) <= MOST_PARTS and read_order(parts[-1], request.lang) in ("why", "explain")


def is_unknown(request: Request, run: Run) -> bool:
    """Return true if the first clause says "I don't know"."""
    first = next(part for part in PARTS.split(request.text) if part.strip())
    reading = reading_of(request, run, run.question, first) if run.question else None
    return reading is not None and reading.unknown and reading.sure >= SURE


def back_to(request: Request, run: Run) -> Turn | None:
    """Put the answered question that "back to the trademark question" names."""
    folded = fold(request.text)
    if (steps := STEPS_BACK.fullmatch(folded)) and run.phase in ("asking", "review"):
        for _ in range(STEPS[steps["en"] or steps["zh"]] - 1):
            run = run.with_question(run.before() or run.state.asked)
        return back(request, run)
    if not BACK_TO.search(folded):
        return None
    lexicons = vocabulary(run.check).lexicons
    named = [(named_in(lexicons[name], folded), name) for name, _ in run.state.answers]
    best = max(named, default=(0.0, ""))
    return Voice(request, run.with_question(best[1])).ask() if best[0] >= NAMED else None


def carry_out(request: Request, run: Run, order: Order) -> Turn | None:
    voice = Voice(request, run)
    match order:
        case "back":
            return back(request, run) if run.phase in ("asking", "review") else voice.review()
        case "why" | "explain":
            return voice.explain() if run.question else why_verdict(request, run)
        case "where":
            return voice.status()
        case "result":
            return voice.status() if run.phase == "asking" else go_on(request, run, past_refusal=False)
        case "stop":
            return stop(request, run)
        case "restart":
            return renew(request, run)
        case "review":
            return voice.review() if run.state.answers else voice.status()
        case "repeat":
            return voice.next() if run.phase in ("asking", "review") else voice.status()
        case "go_on":
            return go_on(request, run)
        case "verdict" if is_open(request, run) or (run.question and BOTH.search(request.text)):
            return voice.so_far()
        case "missing":
            return voice.so_far() if run.question is not None else voice.advice() or voice.stands()
        case "done" | "verdict":
            return done(request, run)
        case "what_now":
            return voice.advice() or (why_verdict(request, run) if run.question is None else voice.explain())
        case "wait" if run.question is not None and not is_answer(request, run, run.question):
            voice.notes.append(request.say("check_wait"))
            return voice.ask()
        case "heard" if run.question is not None and not is_answer(request, run, run.question):
            return voice.ask()
        case "unknown" if run.question is not None:
            return take(request, run, run.question, None)
        case "unknown":
            return go_on(request, run) if run.phase == "refused" else voice.stands()
    return None


def go_on(request: Request, run: Run, *, past_refusal: bool = True) -> Turn:
    """Go on: past an early refusal, from the summary to the result, or to the current question.

    A question put again keeps its answer.
    """
    if run.phase == "asking" and run.question and run.question.id in run.answers and run.state.doubt is None:
        return kept(request, run)
    if run.phase == "refused" and past_refusal:
        run = run.with_state(go_on=True)
    if run.phase == "review":
        run = run.with_state(looked_over=True)
    return Voice(request, run).next()


def kept(request: Request, run: Run) -> Turn:
    """Leave the answer of a question that was put again as it is."""
    assert run.question is not None
    question, then = run.question, run.with_question(None)
    answer = Voice(request, run).answer(question, run.answer_to(question.id))
    note = request.say("check_unchanged", name=question.name[request.lang], answer=answer)
    voice = Voice(request, then, note)
    return voice.stands() if then.state.result else voice.next()


def done(request: Request, run: Run) -> Turn | None:
    """Take the ticked options, agree to the summary, or tell how many questions are left; None if it answers the question."""
    voice = Voice(request, run)
    if run.phase != "asking":
        return go_on(request, run) if run.phase == "review" else voice.stands()
    question = run.question
    assert question is not None
    if run.state.doubt is not None:
        return None
    if question.kind == "choices" and run.state.chosen:
        return take_ticked(request, run, Statement(run.check.id, run.state.run, question.id, order="done"))
    if question.id in run.answers:
        return kept(request, run)
    if question.kind in ("choice", "yes_no") and is_answer(request, run, question):
        return None
    left = {"left": run.questions_left}
    voice.notes.append(request.say("check_nothing_chosen" if question.kind == "choices" else "check_not_done", **left))
    return voice.ask()


def is_open(request: Request, run: Run) -> bool:
    """Return true for a question that stands without ticks or an answer, to which the text is none either."""
    question = run.question
    if question is None or run.state.chosen or question.id in run.answers:
        return False
    return question.kind not in ("choice", "yes_no") or not is_answer(request, run, question)


def asked_of_check(request: Request, run: Run) -> Turn | None:
    """Explain the question, or tell the verdict so far, for a question that means this in any words and no topic surely."""
    order = request.knowledge.values.order(request.text)
    found = request.knowledge.finder.find(request.text, just_told(request, run))
    first = next(iter(found.answers), None)
    if order is None or (first and first.kind in ("topic", "check") and not found.tentative):
        return None
    if (
        first
        and first.kind == "topic"
        and request.knowledge.finder.following.own_words.names(request.text, first.name, "")
    ):
        return None  # "how long does the review take" names what it asks about
    voice = Voice(request, run)
    if order != "explain":
        return voice.so_far()
    other = named_other(request, run, run.question) if run.question else None
    if other is None:
        return voice.explain()
    voice.notes += [voice.words(other.why), request.say("check_how", how=voice.words(other.how_to_find_out))]
    return voice.ask()


def why_verdict(request: Request, run: Run) -> Turn:
    """Explain the verdict with the topic of its deciding rule."""
    rule = deciding_rule(run.check, decide(run.logic, run.answers, go_on=run.state.go_on, with_changes=False))
    if rule is None or rule.topic not in request.knowledge.library.topics:
        return Voice(request, run).next()
    turn = topic_turn(request, rule.topic)
    voice = Voice(request, run)
    more = [voice.order("check_go_on", "go_on")] if run.phase == "refused" else []
    more.append(voice.order("check_change_answer", "review"))
    *before, last = turn.replies
    last = replace(last, text=f"{voice.words(rule.text)}\n\n{last.text}")
    buttons = (*more, *(button for button in last.buttons if not button.says.startswith("check=")))
    conversation = turn.conversation.with_(offered=buttons, check=run.state)
    return Turn((*before, replace(last, buttons=buttons)), turn.outcome, conversation)


def renewing(request: Request, run: Run) -> bool:
    """Return true if the message follows the question whether to start again."""
    return any(
        button.says == str(Voice(request, run).order("check_anew", "anew").says)
        for button in request.conversation.offered
    )


def renewed(request: Request, run: Run) -> Turn | None:
    """Start again or not, as the merchant says; an answer to the first question starts again, too."""
    agreed = read_agreement(request.text)
    order = read_order(request.text, request.lang)
    if agreed or order in ("restart", "done"):
        return again(request, run)
    if agreed is False or order in ("go_on", "repeat", "unknown", "back"):
        then = run.with_question(run.state.asked)
        return Voice(request, then).stands() if then.state.result else Voice(request, then).next()
    if order is not None or asking(request):
        return None
    first = run.logic.questions[0]
    reading = reading_of(request, run, first)
    if reading is None or not is_answer(request, run, first):
        return None
    state = CheckState(run.check.id, tag(request.message, run.check.id, run.state))
    told = mentions(run.logic, request.text, request.lang).without(first.id)
    return read(request, Run(state, run.logic, Answers()), first, reading, told)
