"""Free text during a check: an answer, a correction, an order, or another question, which is answered in place."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.checks import Answer, Answers, BadAnswer, Question, decide, parse_answer, plain_value
from bot.checks.free_text import (
    Command,
    Reading,
    is_addition,
    is_plain_supposition,
    mentions,
    read_agreement,
    read_answer,
    read_change,
    read_command,
    read_command_in,
    read_supposition,
    without_back_reference,
)
from bot.checks.vocabulary import CHANGE_CUES, QUESTION_FORM
from bot.language.amounts import amounts, currencies, fold
from bot.language.normalize import loose_key
from bot.model import LANGUAGES, Button, Reply, Turn
from bot.search.finding import Found
from handlers.answer import answered
from handlers.by_topic import MORE, clarified, more_button, topic_turn, unknown
from handlers.check.card import deciding_rule
from handlers.check.run import Run, answer_json
from handlers.check.take import back, stop, take, take_all, toggle_option
from handlers.check.voice import Voice
from handlers.check_request import requested_check
from handlers.dialogue.presses import again
from handlers.keyword import keyword
from handlers.request import Request

# Shares of a message that a reading must explain:
SURE = 0.6  # to be taken before other meanings are tried
CERTAIN = 0.9  # to be taken although it has the form of a question
SURE_UNKNOWN = 0.65  # the same for "I don't know"
GUESS = 0.3  # to be preferred to another clear meaning
MOST_SHOWN = 60
LONGEST_CURRENCY = 40  # characters of "no, I meant yuan"
LEAST_FACTS = 6  # letters, digits and Chinese characters of a message that may answer several questions
WHY = re.compile(r"^\W*(?:but |and )?(?:why|how come)\b|^(?:但|那)?(?:为什么|为啥|为何|凭什么|怎么不)", re.IGNORECASE)

NOTHING_TOLD = Answers()
RESUMING = ("go_on", "back", "where", "review", "repeat", "restart", "stop")
AT_ANY_TIME = ("restart", "review", "where", "stop", "result", "go_on")  # unambiguous even long after a verdict

# Beginnings and ends of questions, in addition to QUESTION_FORM.
ASKS = re.compile(
    r"[?？]\s*$|^\W*(?:can|could|do|does|did|is|are|will|would|should|must)\b|^(?:问一下|请教)", re.IGNORECASE
)


def heard(request: Request, run: Run) -> Turn | None:
    """Return the turn for a text during or after a check; None if it is not for the check."""
    if run.state.parked:
        return parked_heard(request, run)
    if run.phase in ("refused", "result"):
        return finish_heard(request, run)
    obeyed = obey(request, run)
    if obeyed is not None:
        return obeyed
    question = run.question
    if question is None:
        return review_heard(request, run)
    if run.state.doubt is not None and (settled := settle(request, run, question)) is not None:
        return settled
    return during(request, run, question)


def parked_heard(request: Request, run: Run) -> Turn | None:
    """Handle a text while the check is stopped: resume it, or return None."""
    command = read_command(request.text, request.lang)
    if command not in RESUMING:
        return None
    if command == "stop":
        return stop(request, run)
    run = run.with_state(parked=False)
    if command == "go_on":
        return Voice(request, run, request.say("check_resumed")).next()
    return obey(request, run)


def obey(request: Request, run: Run) -> Turn | None:
    """Carry out an order: "back", "why", "where are we"; to stop and restart, also with a reason beside it."""
    if re.fullmatch(r"[?？]+", request.text):
        return Voice(request, run).explain() if run.question else None
    command = read_command(request.text, request.lang)
    if command is not None:
        return carry_out(request, run, command)
    with_more = read_command_in(request.text, request.lang)
    if with_more is None:
        return None
    command, rest = with_more
    if command == "restart":
        return again(request, run)
    reading = read_answer(run.logic, run.question, rest, request.lang, request.today) if run.question else None
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


def carry_out(request: Request, run: Run, command: Command) -> Turn | None:
    voice = Voice(request, run)
    match command:
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
            return again(request, run)
        case "review":
            return voice.review() if run.state.answers else voice.status()
        case "repeat":
            return voice.next()
        case "go_on":
            return go_on(request, run)
        case "unknown" if run.question is not None:
            return take(request, run, run.question, None)
    return None


def go_on(request: Request, run: Run, *, past_refusal: bool = True) -> Turn:
    """Go on: past an early refusal, from the summary to the result, or to the current question."""
    if run.phase == "refused" and past_refusal:
        run = run.with_state(go_on=True)
    if run.phase == "review":
        run = run.with_state(looked_over=True)
    return Voice(request, run).next()


def during(request: Request, run: Run, question: Question) -> Turn:
    """Handle a text while a question is open."""
    if question.kind == "choices" and (option := labelled(question, request.text)) is not None:
        return toggle_option(request, run, question, option not in (run.state.chosen or ()), option)
    asks = asking(request)
    if not asks and (turn := currency_meant(request, run) or previous_corrected(request, run)) is not None:
        return turn
    reading = read_answer(run.logic, question, request.text, request.lang, request.today)
    sure = reading.sure if reading else 0.0
    if reading is not None and (sure >= CERTAIN or (reading.unknown and sure >= SURE_UNKNOWN)) and not marked(request):
        asks = False  # "must have one" and "I don't know whether it needs one" have the form of a question
    told = Answers() if asks else further(request, run)
    if reading is not None and not asks and (sure >= SURE or question.id in told):
        return read(request, run, question, reading, told.without(question.id))
    change = read_change(run.logic, request.text, request.lang)
    if change is not None and change[0].id not in run.answers and not CHANGE_CUES.search(fold(request.text)):
        change = None  # not answered yet, and the text does not announce a correction
    if change is not None and change[1].sure > sure and not asks and (change[0].id in run.answers or not told.given):
        return corrected(request, run, *change)
    if told.given:
        return take_all(request, run, told)
    beside_it = another_kind(request, run, asks=asks, sure=sure)
    if beside_it is not None:
        return beside_it
    if reading is not None:
        return read(request, run, question, reading)
    if change is not None:
        return corrected(request, run, *change)
    if asks:
        return beside(request, run, unknown(request, Found()))
    return unclear(request, run, question)


def labelled(question: Question, text: str) -> str | None:
    """Return the id of the option with this label in either language, or None."""
    key = loose_key(text)
    return next((one.id for one in question.options if key in (loose_key(one.label[lang]) for lang in LANGUAGES)), None)


def further(request: Request, run: Run) -> Answers:
    """Return the text's answers to unanswered questions: "a company in Ningbo with an R mark"."""
    if sum(character.isalnum() for character in request.text) < LEAST_FACTS:
        return Answers()
    told = mentions(run.logic, request.text, request.lang)
    for name in told.given:
        if name in run.answers or not run.applies(name):
            told = told.without(name)
    return told


def currency_meant(request: Request, run: Run) -> Turn | None:
    """Handle "I meant yuan": the currency of the last amount, confirmed or not."""
    folded = fold(request.text)
    named = currencies(folded) if len(request.text) <= LONGEST_CURRENCY else ()
    if not named or amounts(folded):
        return None
    doubt = run.state.doubt
    last = (
        run.question.id
        if doubt is not None and run.question
        else next((name for name, _ in run.state.answers[::-1]), "")
    )
    question = run.check.question(last) if last in run.logic.index else None
    if question is None or question.currency is None:
        return None
    if named[-1] != question.currency:
        other = Reading(problem="other_currency", named=named[-1])
        return refused(request, run.without(question.id), question, other)
    value = parse_answer(run.logic, question.id, list(doubt) if isinstance(doubt, tuple) else doubt)
    return None if doubt is None or isinstance(value, BadAnswer) else take(request, run, question, value)


def previous_corrected(request: Request, run: Run) -> Turn | None:
    """Handle "the previous one should be no": correct the last answer."""
    said, before = without_back_reference(request.text), run.before()
    if not said or before is None:
        return None
    question = run.check.question(before)
    reading = read_answer(run.logic, question, said, request.lang, request.today)
    return read(request, run, question, reading) if reading is not None and reading.sure >= SURE else None


def marked(request: Request) -> bool:
    """Return true if the text ends with a question mark."""
    return request.text.rstrip().endswith(("?", "？"))


def asking(request: Request) -> bool:
    """Return true if the text has the form of a question."""
    return bool(ASKS.search(request.text) or QUESTION_FORM.search(fold(request.text)))


def another_kind(request: Request, run: Run, *, asks: bool, sure: float) -> Turn | None:
    """Answer a keyword, small talk or a question beside the check; None if the text is none of these."""
    if request.knowledge.rule(request.text) is not None and (turn := keyword(request)) is not None:
        return other_check(request, run, str(turn.outcome.check)) if turn.outcome.check else beside(request, run, turn)
    name = requested_check(request)
    if name:
        return other_check(request, run, name)
    # Ignore the conversation's topic: the check's question came in between.
    found = request.knowledge.finder.find(request.text)
    if found.answers:
        kind = found.answers[0].kind
        if kind == "check":
            return other_check(request, run, found.answers[0].name)
        # an "unknown" entry and a likely meaning need a question
        if asks or (sure < GUESS and kind != "unknown" and not found.tentative):
            return beside(request, run, answered(request, found))
    if found.choices and asks and sure < SURE:
        return beside(request, run, clarified(request, found))
    return None


def read(request: Request, run: Run, question: Question, reading: Reading, told: Answers = NOTHING_TOLD) -> Turn:
    """Take a reading's answer with those `told` besides, ask to confirm it, or reject it."""
    if reading.unknown:
        return take(request, run, question, None)
    if reading.problem == "several_fit" and reading.options:
        return Voice(request, run).several(question, reading.options)
    if reading.problem is not None or reading.answer is None:
        return refused(request, run, question, reading)
    if isinstance(parse_answer(run.logic, question.id, plain_value(reading.answer)), BadAnswer):
        return refused(request, run, question, replace(reading, problem="out_of_range"))
    if reading.confirm and run.state.doubt != answer_json(reading.answer):
        return Voice(request, run).confirm(question, reading.answer)
    return take(request, run, question, reading.answer, told)


def refused(request: Request, run: Run, question: Question, reading: Reading) -> Turn:
    """Say why a reading is rejected, and put the question again."""
    voice = Voice(request, run.with_question(question.id))
    lang = request.lang
    if reading.problem == "other_currency":
        wanted = request.say(f"currency_{(question.currency or 'CNY').lower()}")
        note = request.say("check_other_currency", named=(reading.named or "?")[:MOST_SHOWN], wanted=wanted)
    elif reading.problem == "not_whole":
        note = request.say("check_not_whole", name=question.name[lang])
    elif reading.problem == "a_date":
        note = request.say("check_a_date", unit=question.unit[lang] if question.unit else "")
    elif reading.problem == "out_of_range" and question.outside:
        note = voice.words(question.outside)
    elif reading.problem == "out_of_range":
        note = request.say("check_out_of_range")
    elif reading.problem == "no_such_choice":
        note = request.say("check_no_such_choice", said=request.text[:MOST_SHOWN], last=len(question.options))
    else:
        return unclear(request, run, question)
    voice.notes.append(note)
    return voice.ask()


def unclear(request: Request, run: Run, question: Question) -> Turn:
    """Say what an answer to the question looks like, and put it again."""
    return Voice(request, run.with_question(question.id), request.say(f"check_unclear_{question.kind}")).ask()


def settle(request: Request, run: Run, question: Question) -> Turn | None:
    """Take "yes" or "no" to a doubtful reading; None for any other text."""
    said = read_agreement(request.text)
    if said is None:
        return None
    doubt = run.state.doubt
    assert doubt is not None
    value = parse_answer(run.logic, question.id, list(doubt) if isinstance(doubt, tuple) else doubt)
    if said and not isinstance(value, BadAnswer):
        return take(request, run, question, value)
    return Voice(request, run.with_question(question.id)).ask()


def corrected(request: Request, run: Run, question: Question, reading: Reading) -> Turn:
    """Correct an earlier answer, or put its question again if the text gives no new value."""
    if not run.applies(question.id):
        name = question.name[request.lang]
        return Voice(request, run, request.say("check_not_needed", name=name)).next()
    if reading.problem == "no_value":
        return Voice(request, run.with_question(question.id)).ask()
    if is_addition(request.text) and reading.answer is not None:
        reading = replace(reading, answer=joined(run.answer_to(question.id), reading.answer))
    return read(request, run, question, reading)


def edited_answer(request: Request, run: Run, question: Question) -> Turn:
    """Read an edited answer anew, or put its question again."""
    reading = read_answer(run.logic, question, request.text, request.lang, request.today)
    if reading is None or reading.sure < SURE or not run.applies(question.id):
        return (
            Voice(request, run.with_question(question.id)).ask()
            if run.applies(question.id)
            else Voice(request, run).next()
        )
    return read(request, run, question, reading)


def joined(before: Answer | None, more: Answer) -> Answer:
    """Add options or amounts to an answer; replace an answer of another kind."""
    if isinstance(before, frozenset) and isinstance(more, frozenset):
        return before | more
    return before + more if isinstance(before, tuple) and isinstance(more, tuple) else more


def review_heard(request: Request, run: Run) -> Turn:
    """Handle a text at the summary: agreement, a correction, or another question."""
    if read_agreement(request.text):
        return go_on(request, run)
    asks = asking(request)
    change = read_change(run.logic, request.text, request.lang)
    if change is not None and not asks:
        return corrected(request, run, *change)
    turn = another_kind(request, run, asks=asks, sure=0.0)
    return turn if turn is not None else Voice(request, run, request.say("check_unclear_review")).review()


def finish_heard(request: Request, run: Run) -> Turn | None:
    """Handle a text after the verdict; None unless it is clearly about the check."""
    fresh = any(f"#{run.state.run}" in button.says for button in request.conversation.offered)
    said = read_command(request.text, request.lang)
    again_with_more = (read_command_in(request.text, request.lang) or ("",))[0] == "restart"
    if (fresh or said in AT_ANY_TIME or again_with_more) and (obeyed := obey(request, run)) is not None:
        return obeyed
    if fresh and run.phase == "refused" and read_agreement(request.text):
        return go_on(request, run)
    if fresh and (turn := currency_meant(request, run)) is not None:
        return turn
    supposed = (
        read_supposition(run.logic, request.text, request.lang) if fresh or is_plain_supposition(request.text) else None
    )
    if supposed is not None and (fresh or (supposed[0].id in run.answers and supposed[1].sure >= SURE)):
        return corrected(request, run, *supposed)
    # After other subjects, only an explicit correction counts.
    if (fresh or CHANGE_CUES.search(fold(request.text))) and not asking(request):
        change = read_change(run.logic, request.text, request.lang)
        if change is not None and change[1].sure >= SURE:
            return corrected(request, run, *change)
    if (
        fresh
        and WHY.search(request.text)
        and not request.knowledge.finder.find(request.text, request.conversation.topic).answers
    ):
        return why_verdict(request, run)
    return None


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


def other_check(request: Request, run: Run, name: str) -> Turn:
    """Answer a request for a check: go on with this one, or ask before another one ends it."""
    if name == run.check.id:
        return Voice(request, run, request.say("check_already")).next()
    titles = request.knowledge.library.checks
    voice = Voice(request, run)
    text = request.say("check_another", other=titles[name].title[request.lang], this=run.check.title[request.lang])
    return voice.turn(text, (request.check_button(name), voice.review_on(run)))


def beside(request: Request, run: Run, turn: Turn) -> Turn:
    """Add the check's current question to a turn of another handler."""
    if (
        run.state.parked
        or run.phase not in ("asking", "review")
        or turn.conversation.check != request.conversation.check
    ):
        return turn
    inside = replace(request, conversation=turn.conversation)
    voice = Voice(inside, run)
    *before, last = turn.replies
    if turn.outcome.kind == "clarify":
        buttons = (*last.buttons, voice.review_on(run))
        conversation = turn.conversation.with_(offered=buttons, check=run.state)
        return Turn((*before, replace(last, buttons=buttons)), turn.outcome, conversation)
    voice.notes.append(inside.say("check_back_to"))
    following = voice.next()
    told: tuple[Reply, ...] = tuple(replace(reply, buttons=()) for reply in turn.replies)
    if any(button.says.startswith(f"{MORE}=") for button in last.buttons):
        following = with_button(following, more_button(inside, turn.conversation.rest))
    return Turn((*told, *following.replies), turn.outcome, following.conversation)


def with_button(turn: Turn, more: tuple[Button, ...]) -> Turn:
    """Add unnumbered buttons to the turn's last reply."""
    *before, last = turn.replies
    buttons = (*last.buttons, *(replace(button, numbered=False) for button in more))
    return replace(
        turn, replies=(*before, replace(last, buttons=buttons)), conversation=turn.conversation.with_(offered=buttons)
    )
