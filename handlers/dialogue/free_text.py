"""Free text during and after a check: an answer, a correction, an order, or another question, answered in place."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.checks import Answers, Question, decide
from bot.checks.check import NUMBERS
from bot.checks.choice_reader import ORDINAL_EN, ORDINAL_ZH
from bot.checks.free_text import (
    Reading,
    mentions,
    named_in,
    read_agreement,
    read_change,
    read_command_in,
)
from bot.checks.moving import NAMED, echoed, is_valid, read_order, taken_out, without_cues
from bot.checks.pattern import tokens_of
from bot.checks.vocabulary import CHANGE_CUES, FILLERS, vocabulary
from bot.language.amounts import fold
from bot.language.normalize import HAN, loose_key
from bot.model import LANGUAGES, Turn
from bot.search.found import Found
from handlers.by_topic import unknown
from handlers.check.card import Card
from handlers.check.run import Run
from handlers.check.start import spoke_last
from handlers.check.take import change_all, stop, take_all, toggle_option
from handlers.check.voice import Voice
from handlers.check_request import requested_check
from handlers.dialogue.beside import another_kind, asking, beside
from handlers.dialogue.corrections import (
    answered_last,
    clauses,
    corrected,
    currency_meant,
    elsewhere,
    mended,
    previous_corrected,
    renumbered,
    repeated,
    several,
    supposed,
)
from handlers.dialogue.orders import (
    AT_ANY_TIME,
    RESUMING,
    asked_of_check,
    go_on,
    obey,
    renewed,
    renewing,
    why_verdict,
)
from handlers.dialogue.reading import fit_among, is_long, likely, named_other, read, reading_of, settle, unclear
from handlers.request import Request

# Shares of a message that a reading must explain:
SURE = 0.6  # to be taken before other meanings are tried
CERTAIN = 0.9  # to be taken although it has the form of a question
SURE_UNKNOWN = 0.65  # the same for "I don't know"
LEAST_FACTS = 6  # letters and digits, or twice the Chinese characters, of a message that may answer other questions
SHORTEST_QUOTE = 4  # letters, or twice the Chinese characters, of words of the result that a question repeats
LONGEST_TOLD = 300  # characters of a message with further answers after the result
LONGEST_FOLLOW_UP = 60  # characters of a question about the result just given
WHY = re.compile(
    r"^\W*(?:(?:but|and|so|ok|then) )*(?:why|how come|when|how long|since when|until when|from when)\b"
    r"|^(?:但|那|那么|可)?(?:为什么|为啥|为何|凭什么|怎么不|什么时候|啥时候|何时|多久|要多久|还要多久|到什么时候)",
    re.IGNORECASE,
)
REFERS = re.compile(r"\b(?:these|those|it|them|that|this|they)\b|[这那它]", re.IGNORECASE)
HOW = re.compile(
    r"\b(?:how|where) (?:do|can|would|should) (?:i|we) (?:find|see|know|get|look|check|tell|count)\b|\bwhat (?:counts|is meant|do you mean)\b|"
    r"(?:怎么|如何|在?哪里?)(?:查|看|知道|算|确认|判断|数)|什么叫|啥叫|指什么"
)
SELLS = re.compile(
    r"(?:well |so )?(?:we|i)(?:['’]?re| are| am|['’]m)?(?: just| only| mainly| mostly)? (?:sell|selling|do|make|making|produce|deal in|trade in) "
    r"(?P<en>(?!not\b|it\b|that\b|this\b|our\b|have\b|need\b)\w+(?: \w+){0,2})[.!]*"
    rf"|(?:(?:我们?|咱们?)(?:家|公司|主要|就|只|是)*(?:做|卖|经营|生产)|主要(?:是)?(?:做|卖)|卖|主营)(?!的|过|不|了|好)"
    rf"(?P<zh>[{HAN}]{{1,6}}?)(?:类目?)?的?(?:[ 、，,]+[{HAN}]{{2,5}}){{0,4}}[吧呀啊哦。！]*",
    re.IGNORECASE,
)
ORDINAL = re.compile(f"{ORDINAL_EN.pattern}|{ORDINAL_ZH.pattern}")
# A wish to change an answer has the form of a question: "can I change the sales? it was 12k", 能把等级改一下吗，是第二种.
WISHES = re.compile(
    r"\b(?:can|could|may|would) (?:i|we|you) (?:please |maybe |still |just |also )*(?=(?:change|correct|update|edit|fix|set|make|put|adjust)\b)|"
    r"(?:能不能|可不可以|能否|可以|能)(?:请|帮我|给我|再|先)?(?=(?:把.{1,12})?(?:改|更正|换成))",
    re.IGNORECASE,
)
GIVES = re.compile(r"\b(?:to|was|is|were|are|actually|it)\b|成|为|其实|应该|是", re.IGNORECASE)  # a new value
ENDS_ASKING = re.compile(r"[?？]|[吗么](?=\W|$)")
MEANING = re.compile(
    r"^\W*(?:(?:and|but|so|ok) )*(?:what (?:does|do|is|are)|whats|where (?:do i|can i|do we|can we) (?:see|find|look up|check)|where is|where are|"
    r"how (?:do|can) (?:i|we) (?:find|see|check|get))(?: the| my| our| this| that)? (.+?)(?: mean| meant)?[\s?]*$"
    r"|^(?:那|这个|那个)?(.+?)(?:是|又是)?(?:什么意思|啥意思|指什么|指的?是?什么|在哪里?看|去哪里?看|哪里看|怎么看|在哪里?查|去哪里?查|怎么查|怎么弄|怎么办理)[？?呀啊呢\s]*$",
    re.IGNORECASE,
)


# A question that was not heard: "no, I was asking about the fee", 不是，我问的是费用.
ASKS_ELSE = re.compile(r"\bi(?:['’]m| am| was)? ask(?:ed|ing)\b|我(?:是|想)?问的是", re.IGNORECASE)


def heard(request: Request, run: Run) -> Turn | None:
    """Return the turn for a text during or after a check; None if it is not for the check."""
    if ASKS_ELSE.search(request.text):
        return None
    if run.state.parked:
        return parked_heard(request, run)
    request = unasked(request, run)
    if renewing(request, run) and (turn := renewed(request, run)) is not None:
        return turn
    if run.phase in ("refused", "result"):
        return finish_heard(request, run)
    question = run.question
    if question is not None and run.state.doubt is not None and (turn := settle(request, run, question)) is not None:
        return turn
    if (turn := obey(request, run)) is not None:
        return turn
    return review_heard(request, run) if question is None else during(request, run, question)


def unasked(request: Request, run: Run) -> Request:
    """Return the request with a wish to change an answer put as a statement, if it gives the new value."""
    text, wishes = WISHES.subn("", request.text)
    if not wishes or not GIVES.search(text):
        return request
    text = ENDS_ASKING.sub(",", text).strip(" ,")
    change, said = read_change(run.logic, text, request.lang), without_cues(text)
    named = change is not None and change[1].answer is not None and change[0].id in run.answers
    if not named and (said.cue is None or fit_among(request, run, answered_last(run), said.rest) is None):
        return request
    return replace(request, message=replace(request.message, text=text))


def parked_heard(request: Request, run: Run) -> Turn | None:
    """Handle a text while the check is stopped: resume it, or return None."""
    order = read_order(request.text, request.lang)
    if order not in RESUMING:
        return None
    if order == "stop":
        return stop(request, run)
    run = run.with_state(parked=False)
    if order == "go_on":
        past = run.with_state(go_on=run.phase == "refused" or run.state.go_on)
        return Voice(request, past, request.say("check_resumed")).next()
    return obey(request, run)


def during(request: Request, run: Run, question: Question) -> Turn:
    """Handle a text while a question is open."""
    if question.kind == "choices" and (option := labelled(question, request.text)) is not None:
        return toggle_option(request, run, question, option not in (run.state.chosen or ()), option)
    asks = asking(request)
    if question.kind == "choices" and (turn := unticked(request, run, question)) is not None:
        return turn
    if not asks and (turn := currency_meant(request, run) or previous_corrected(request, run)) is not None:
        return turn
    if (turn := mended(request, run, firmly=True) if not asks else supposed(request, run)) is not None:
        return turn
    reading = best_reading(request, run, question)
    if reading and reading.problem == "no_such_choice" and is_long(request.text):
        reading = None  # "last month we had three hundred orders" counts something else
    sure = reading.sure if reading else 0.0
    if reading is not None and (sure >= CERTAIN or (reading.unknown and sure >= SURE_UNKNOWN)) and not marked(request):
        asks = False  # "must have one" and "I don't know whether it needs one" have the form of a question
    told = Answers() if asks else further(request, run)
    if reading is not None and reading.problem in ("no_such_choice", "no_number") and told.without(question.id).given:
        reading, sure = None, 0.0  # it is another question's answer
    if question.kind not in NUMBERS and not asks and (turn := elsewhere(request, run)) is not None:
        return turn
    if reading is not None and not asks and (sure >= SURE or question.id in told):
        if reading.problem == "no_such_choice" and (turn := described(request, run, question)) is not None:
            return turn  # about something else
        return read(request, run, question, reading, told.without(question.id))
    change = read_change(run.logic, request.text, request.lang)
    if change is not None and change[0].id not in run.answers and not announces(request, run, change[0]):
        change = None  # not answered yet
    if change is not None and change[1].sure > sure and not asks and (change[0].id in run.answers or not told.given):
        return corrected(request, run, *change)
    if not asks and (echo := echo_of(request, run, question)) is not None:
        return read(request, run, question, echo, told.without(question.id))
    if told.given:
        return take_all(request, run, told)
    if not asks and (turn := mended(request, run, firmly=False)) is not None:
        return turn
    if reading is None and not asks and (goods := goods_in(request)):
        how = Voice(request, run).words(question.how_to_find_out)
        return Voice(request, run, request.say("check_goods", goods=goods, how=how)).ask()
    heard = reading is not None and reading.answer is not None and not reading.confirm
    if not asks and not heard and (turn := described(request, run, question)) is not None:
        return turn
    if asks and asks_about(request, question):
        return Voice(request, run).explain()
    if asks and (turn := asked_of_check(request, run)) is not None:
        return turn
    beside_it = another_kind(request, run, asks=asks, sure=sure)
    if beside_it is not None:
        return beside_it
    if reading is not None:
        return read(request, run, question, reading)
    if change is not None:
        return corrected(request, run, *change)
    if asks:
        return beside(request, run, unknown(request, Found(), alone=True))
    return asked_of_check(request, run) or unclear(request, run, question)


def announces(request: Request, run: Run, question: Question) -> bool:
    """Return true if a text announces a correction and names the question: a sum alone may be of anything."""
    folded = fold(request.text)
    lexicon = vocabulary(run.check).lexicons[question.id]
    return bool(CHANGE_CUES.search(folded)) and (question.kind not in NUMBERS or named_in(lexicon, folded) >= NAMED)


def goods_in(request: Request) -> str | None:
    """Return what a merchant says that they sell: "we do phone cases", 女鞋; None if they say something else."""
    text = request.text.strip()
    if match := SELLS.fullmatch(text):
        return match["en"] or match["zh"]
    return text.rstrip(".!。！") if request.knowledge.finder.following.sides.only_mentions(text) else None


def described(request: Request, run: Run, question: Question) -> Turn | None:
    """Ask whether a value is meant that the text describes; None for a reply keyword, small talk or a request for a check."""
    if request.knowledge.rule(request.text) is not None or requested_check(request) is not None:
        return None
    if named_other(request, run, question) is not None:
        return None
    found = request.knowledge.finder.find(request.text)
    talk = bool(found.answers) and found.answers[0].kind == "talk" and not found.tentative
    return None if talk else likely(request, run, question)


def asks_about(request: Request, question: Question) -> bool:
    """Return true for "how do I find out the age?" about the question's own words, which no topic surely answers."""
    folded = fold(request.text)
    if not HOW.search(folded):
        return False
    texts = [question.name, question.ask, *(option.label for option in question.options)]
    names = {word for text in texts for lang in LANGUAGES for word in tokens_of(fold(text[lang]))}
    if not (names - FILLERS) & set(tokens_of(folded)):
        return False
    found = request.knowledge.finder.find(request.text)
    return not found.answers or found.tentative


def best_reading(request: Request, run: Run, question: Question) -> Reading | None:
    """Read the answer, also without the words of a correction around it: "sorry, typo: company"."""
    reading = reading_of(request, run, question)
    said = without_cues(request.text)
    if said.cue != "strong" or not said.rest:
        return reading
    inner = reading_of(request, run, question, said.rest)
    if inner is None or reading is None:
        return inner or reading
    surer = inner.sure > reading.sure or (reading.confirm and not inner.confirm and inner.problem is None)
    return inner if surer else reading


def echo_of(request: Request, run: Run, question: Question) -> Reading | None:
    """Read "yes it covers footwear" at a question for yes or no."""
    echo = echoed(run.logic, question, request.text) if question.kind == "yes_no" else None
    if echo is None:
        return None
    reading = reading_of(request, run, question, "yes" if echo else "no")
    return reading if reading is not None and is_valid(run.logic, question, reading) else None


def unticked(request: Request, run: Run, question: Question) -> Turn | None:
    """Untick the options that a text takes out: "no, not the tax return"."""
    chosen = frozenset(run.state.chosen or ())
    out = taken_out(run.logic, question, request.text, request.lang) & chosen if chosen else chosen
    if not out:
        return None
    left = tuple(one.id for one in question.options if one.id in chosen - out)
    return Voice(request, run.with_question(question.id).with_state(chosen=left)).ask()


def labelled(question: Question, text: str) -> str | None:
    """Return the id of the option with this label in either language, or None."""
    key = loose_key(text)
    return next((one.id for one in question.options if key in (loose_key(one.label[lang]) for lang in LANGUAGES)), None)


def further(request: Request, run: Run) -> Answers:
    """Return the text's answers to unanswered questions ("a company in Ningbo with an R mark"), and other numbers than before."""
    alone = ORDINAL.fullmatch(fold(request.text))  # "the first" is a place in the list
    if alone or sum(2 - one.isascii() for one in request.text if one.isalnum()) < LEAST_FACTS:
        return Answers()
    told = mentions(run.logic, request.text, request.lang, beside=True)
    for name, answer in clauses(request, run, request.text).items():
        told = told.with_(name, answer)
    for name, answer in told.given.items():
        other = run.check.question(name).kind != "yes_no" and run.answer_to(name) not in (None, answer)
        settled = name in run.answers and run.answer_to(name) is not None  # "I don't know" is not
        if (settled and (not other or is_stray(request, run, name))) or not run.applies(name):
            told = told.without(name)
    return told


def is_stray(request: Request, run: Run, name: str) -> bool:
    """Return true if a text only mentions another value of a choice answered before, and takes nothing back."""
    question = run.check.question(name)
    if question.kind in NUMBERS or CHANGE_CUES.search(fold(request.text)):
        return False
    reading = reading_of(request, run, question)
    return reading is None or reading.sure < CERTAIN


def marked(request: Request) -> bool:
    """Return true if the text ends with a question mark."""
    return request.text.rstrip().endswith(("?", "？"))


def review_heard(request: Request, run: Run) -> Turn:
    """Handle a text at the summary: agreement, a correction, or another question."""
    if read_agreement(request.text):
        return go_on(request, run)
    asks = asking(request)
    change = read_change(run.logic, request.text, request.lang)
    if change is not None and not asks:
        return corrected(request, run, *change)
    turn = supposed(request, run) if asks else mended(request, run, firmly=False) or renumbered(request, run)
    turn = turn or another_kind(request, run, asks=asks, sure=0.0)
    return turn if turn is not None else Voice(request, run, request.say("check_unclear_review")).review()


def finish_heard(request: Request, run: Run) -> Turn | None:
    """Handle a text after the verdict; None unless it is clearly about the check."""
    fresh = spoke_last(request, run)
    said = read_order(request.text, request.lang)
    again_with_more = (read_command_in(request.text, request.lang) or ("",))[0] == "restart"
    if (fresh or said in AT_ANY_TIME or again_with_more) and (obeyed := obey(request, run)) is not None:
        return obeyed
    if fresh and run.phase == "refused" and read_agreement(request.text):
        return go_on(request, run)
    if fresh and (turn := currency_meant(request, run) or renumbered(request, run)) is not None:
        return turn
    # After other subjects, only an explicit correction counts.
    asks = asking(request)
    cue = without_cues(request.text).cue
    if not asks and (fresh or cue == "strong") and (turn := mended(request, run, firmly=not fresh)) is not None:
        return turn
    if (turn := supposed(request, run, fresh=fresh)) is not None:
        return turn
    if fresh and not asks and (turn := several(request, run, request.text)) is not None:
        return turn
    if (fresh or CHANGE_CUES.search(fold(request.text))) and not asks:
        change = read_change(run.logic, request.text, request.lang)
        if change is not None and change[1].sure >= SURE:
            return corrected(request, run, *change)
    if fresh and not asks and len(request.text) <= LONGEST_TOLD and (told := further(request, run)).given:
        return change_all(request, run, told)
    if fresh and not asks and (turn := repeated(request, run)) is not None:
        return turn
    refers = WHY.search(request.text) or (asks and REFERS.search(request.text)) or quotes_card(request, run)
    if fresh and len(request.text) <= LONGEST_FOLLOW_UP and refers:
        found = request.knowledge.finder.find(request.text, request.conversation.topic)
        if not found.answers or found.tentative:
            return why_verdict(request, run)
    return None


def quotes_card(request: Request, run: Run) -> bool:
    """Return true for "what does … mean" and "where do I see …" about words of the result just shown."""
    match = MEANING.search(request.text)
    quoted = loose_key(next(filter(None, match.groups()), "")) if match else ""
    if len(quoted) < (SHORTEST_QUOTE if quoted.isascii() else SHORTEST_QUOTE // 2):
        return False
    decision = decide(run.logic, run.answers, go_on=run.state.go_on, with_changes=False)
    card = Card(request.knowledge, decision, request.lang, request.today)
    return quoted in loose_key(f"{card.brief()} {card.advice()}")
