"""The turns of a check: question, summary, result, status and explanation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Literal

from bot.checks import Answer, BadAnswer, Question, answer_words, decide, parse_answer, values_for
from bot.checks.check import NUMBERS
from bot.content.kinds import Text
from bot.knowledge.writer import long_date
from bot.language.amounts import amounts, fold
from bot.model import COMMA, Button, Language, Outcome, Progress, Reply, Result, Turn
from handlers.check.card import Card, deciding_rule, result_of, verdict_words
from handlers.check.run import Run, answer_json, answer_value
from handlers.check.statement import LONGEST, Order, Statement, value_text
from handlers.request import LONGEST_LABEL, Request

MOST_BUTTONS = 6
MOST_RELATED = 2
MOST_CHANGED = 2  # buttons to correct an answer below a changed verdict
LONGEST_QUOTED = 60  # characters of the merchant's words repeated in a question


class Voice:
    """Builds the turns for one run and one message. `notes` precede the text."""

    def __init__(self, request: Request, run: Run, *notes: str, score: float = 1.0) -> None:
        self.request = request
        self.run = run
        self.notes = [note for note in notes if note]
        self.score = score
        self.taken: tuple[str, ...] = ()  # the questions answered by this message, each with a button to correct it
        if run.misfits:
            names = self.names(run.misfits)
            self.notes.insert(0, self.say("check_changed_question", names=names))

    @property
    def lang(self) -> Language:
        return self.request.lang

    def say(self, phrase: str, **values: object) -> str:
        return self.request.say(phrase, **values)

    def words(self, text: Text) -> str:
        values = values_for(self.run.check, self.run.answers, self.lang)
        return self.request.knowledge.templates.render(text[self.lang], self.lang, **values)

    def names(self, questions: tuple[str, ...]) -> str:
        return COMMA[self.lang].join(self.run.check.question(name).name[self.lang] for name in questions)

    def answer(self, question: Question, answer: Answer | None) -> str:
        return answer_words(question, answer, self.lang)

    # --- turns

    def turn(self, text: str, buttons: tuple[Button, ...], run: Run | None = None, topic: str | None = None) -> Turn:
        """Build the turn with the notes and this text; `topic` is the verdict's subject."""
        text = "\n\n".join([*(note for note in self.notes if note), text])
        reply = Reply(text, buttons, progress=self.progress)
        return self.request.turn(reply, outcome=self.outcome, topic=topic, check=(run or self.run).state)

    def listed(self, text: str, buttons: tuple[Button, ...], run: Run) -> Turn:
        """Build the turn whose first reply lists the answers taken, with a button to correct each."""
        change = tuple(self.change(name) for name in self.taken)
        first = Reply("\n\n".join(note for note in self.notes if note), change)
        last = Reply(text, buttons, progress=self.progress)
        return self.request.turn(first, last, outcome=self.outcome, check=run.state, offered=(*buttons, *change))

    def mention(self, names: tuple[str, ...], phrase: str = "check_mentioned") -> None:
        """Note the answers taken from the merchant's words: one in a sentence, several as a list."""
        self.taken += names
        answers = [self.said(name) for name in names]
        if len(answers) > 1:
            lines = "\n".join(f"- {answer}" for answer in answers)
            self.notes.append(f"{self.say(f'{phrase}_list')}\n\n{lines}")
        elif answers:
            self.notes.append(self.say(phrase, answers=answers[0]))

    def said(self, name: str) -> str:
        """Return an answer with its question's name."""
        question = self.run.check.question(name)
        answer = self.answer(question, self.run.answer_to(name))
        return self.say("check_answer", name=question.name[self.lang], answer=answer)

    @property
    def progress(self) -> Progress | None:
        run = self.run
        asking = run.phase == "asking"
        return Progress(run.check.title[self.lang], len(run.state.answers), run.questions_left) if asking else None

    @property
    def outcome(self) -> Outcome:
        return Outcome("check", check=self.run.check.id, score=self.score)

    def next(self) -> Turn:
        """Continue: put the current question, or show the summary or the result."""
        phase = self.run.phase
        if phase == "asking":
            return self.ask()
        return self.review() if phase == "review" else self.result()

    def ask(self) -> Turn:
        """Put the current question."""
        text, buttons, run = self.question()
        if len(self.taken) > 1:
            return self.listed(text, buttons, run)
        return self.turn(text, buttons, run)

    def remind(self) -> Turn:
        """Say that the current question can be answered any time, instead of putting it again."""
        _, buttons, run = self.question()
        return self.turn(self.say("check_any_time"), buttons, run)

    def question(self) -> tuple[str, tuple[Button, ...], Run]:
        """Return the current question's text and buttons, and the run with it put."""
        question = self.run.question
        assert question is not None
        run = self.run
        if run.state.asked != question.id:
            run = run.with_question(question.id)
        if run.state.doubt is not None:
            value = parse_answer(run.logic, question.id, answer_value(run.state.doubt))
            if not isinstance(value, BadAnswer):
                text = self.say(
                    "check_confirm_again", name=question.name[self.lang], answer=self.answer(question, value)
                )
                return text, self.confirming(question, value), run
        lines = [f"**{self.words(question.ask)}**"]
        if question.id in run.answers and run.state.chosen is None:
            lines.append(self.say("check_so_far", answer=self.answer(question, run.answer_to(question.id))))
        if run.state.chosen:
            lines.append(self.say("check_ticked", answer=self.answer(question, frozenset(run.state.chosen))))
        return "\n\n".join(lines), self.choices(run, question), run

    def confirm(self, question: Question, answer: Answer, said: str) -> Turn:
        """Ask to confirm a doubtful reading; one with a number that the merchant did not write says what it is made of."""
        run = self.run.with_question(question.id).with_state(doubt=answer_json(answer))
        made = isinstance(answer, Decimal) and all(amount.low != answer for amount in amounts(fold(said)))
        phrase = "check_confirm_made" if made and len(said) <= LONGEST_QUOTED else "check_confirm"
        name, told = question.name[self.lang], self.answer(question, answer)
        told = self.say("check_answer", name=name, answer=told) if question.kind == "yes_no" else told
        values = {"said": said, "name": name, "answer": told}
        return self.turn(self.say(phrase, **values), self.confirming(question, answer), run)

    def confirming(self, question: Question, answer: Answer) -> tuple[Button, ...]:
        yes = self.statement(question.id, value_text(answer))
        buttons = [Button(self.say("check_right"), str(yes), False)] if len(str(yes).encode()) <= LONGEST else []
        buttons.append(self.order("check_not_right", "ask", question.id, numbered=False))
        return (*buttons, *(replace(button, numbered=False) for button in self.unknown(question)))

    def several(self, question: Question, fits: tuple[Answer, ...]) -> Turn:
        """Ask which of several possible answers is meant."""
        phrase = "check_several_numbers" if question.kind in NUMBERS else "check_several_fit"
        note = self.say(phrase, answers=" / ".join(self.answer(question, one) for one in fits))
        buttons = (*(self.value_button(question, one) for one in fits), *self.unknown(question))
        return self.turn(f"{note}\n\n**{self.words(question.ask)}**", buttons, self.run.with_question(question.id))

    def review(self) -> Turn:
        """Show the summary, with buttons to go on and to change each answer."""
        run = self.run
        buttons = [self.review_on(run)]
        buttons += [replace(self.change(name), numbered=True) for name, _ in run.state.answers]
        phrase = "check_review" if run.phase == "review" else "check_review_again"
        text = f"{self.say(phrase)}\n\n{self.summary()}"
        return self.turn(text, tuple(buttons), run.with_question(None) if run.phase != "asking" else run)

    def review_on(self, run: Run) -> Button:
        if run.question is not None:
            return self.order("check_continue", "ask", run.question.id)
        return self.order("check_show", "show")

    def summary(self) -> str:
        return "\n".join(f"- {self.said(name)}" for name, _ in self.run.state.answers)

    def result(self) -> Turn:
        """Show the card and its code; after an early refusal, offer to go on."""
        known = self.request.knowledge.library.topics
        related = [name for name in self.run.check.related if name in known and known[name].known]
        topics = (self.request.topic_button(name) for name in related[:MOST_RELATED])
        return self.decided((*topics, *self.request.consultant_buttons()))

    def changed(self) -> Turn:
        """Show what the answers just taken change: the verdict and why, without the rest of the card."""
        return self.decided((self.order("check_whole", "show"),), told="brief")

    def unmoved(self) -> Turn:
        """Say that the answers just taken leave the result as it was."""
        return self.decided((self.order("check_whole", "show"),), told="stands")

    def decided(self, more: tuple[Button, ...], *, told: Literal["whole", "brief", "stands"] = "whole") -> Turn:
        """Show the result for the answers, and keep it with its code if it is new.

        Numbers choose no button where they correct an answer.
        """
        request, run = self.request, self.run
        decision = decide(run.logic, run.answers, go_on=run.state.go_on)
        made = result_of(request, run, decision)
        code, until_day = run.state.result or made.code, run.state.until or made.until
        card = Card(request.knowledge, decision, self.lang, request.today)
        sign = verdict_words(request.knowledge, decision, self.lang)
        stands = self.say("check_stands", verdict=sign)
        lines = [{"whole": made.text(self.lang), "brief": card.brief(), "stands": stands}[told]]
        early = run.phase == "refused"
        if early:
            lines.append(self.say("check_early"))
        if code:
            until = long_date(date.fromisoformat(until_day), self.lang)
            lines.append(f"*{self.say('check_code', code=code, until=until)}*")
        buttons = [self.order("check_go_on", "go_on")] if early else []
        buttons += [self.change(name) for name in self.taken[:MOST_CHANGED]] if told != "whole" else []
        buttons += [self.order("check_change_answer", "review"), *more, self.order("check_again", "again")]
        if any(run.check.question(name).kind in NUMBERS for name, _ in run.state.answers):
            buttons = [replace(button, numbered=False) for button in buttons]
        known = request.knowledge.library.topics
        rule = deciding_rule(run.check, decision)
        turn = self.turn(
            "\n\n".join(lines),
            tuple(buttons),
            run.with_state(result=code or None, until=until_day, asked=None, ended=True),
            rule.topic if rule and rule.topic in known else None,
        )
        keep = made if code and run.state.result is None else None
        source = card.footer().strip("*") if told == "brief" else ""
        reply = replace(turn.replies[-1], verdict=decision.verdict, sign=sign, code=code, source=source)
        return Turn((*turn.replies[:-1], reply), turn.outcome, turn.conversation, keep)

    def stands(self) -> Turn:
        """Say that the result stands, without showing it again."""
        run = self.run.with_question(None)
        decision = decide(run.logic, run.answers, go_on=run.state.go_on, with_changes=False)
        buttons = (
            *([self.order("check_go_on", "go_on", numbered=False)] if run.phase == "refused" else []),
            self.order("check_whole", "show", numbered=False),
            self.order("check_change_answer", "review", numbered=False),
            self.order("check_again", "again", numbered=False),
        )
        sign = verdict_words(self.request.knowledge, decision, self.lang)
        return self.turn(self.say("check_stands", verdict=sign), buttons, run)

    def advice(self) -> Turn | None:
        """Tell what the merchant can do about the answers so far; None if the rules name nothing."""
        run = self.run
        decision = decide(run.logic, run.answers, go_on=run.state.go_on)
        said = Card(self.request.knowledge, decision, self.lang, self.request.today).advice()
        if not said:
            return None
        if run.phase == "asking":
            self.notes.append(said)
            return self.ask()
        buttons = (
            *([self.order("check_go_on", "go_on", numbered=False)] if run.phase == "refused" else []),
            self.order("check_change_answer", "review", numbered=False),
            *self.request.consultant_buttons(),
        )
        return self.turn(said, buttons)

    def so_far(self) -> Turn:
        """Tell how the check stands with the answers given and what is open, and put the question again."""
        logic, answers = self.run.logic, self.run.answers
        decision = decide(logic, answers, go_on=self.run.state.go_on, with_changes=False)
        points = self.points()
        possible = logic.state(answers.given).can_end_well()
        names = COMMA[self.lang].join(one.question.name[self.lang] for one in decision.open)
        self.notes += [self.say("check_stands_so_far", points=bool(points), possible=possible), points]
        self.notes += [self.say("check_still_open", names=names)] if names else []
        return self.ask()

    def points(self) -> str:
        """Return what the rules say of the answers so far, "" if nothing."""
        decision = decide(self.run.logic, self.run.answers, go_on=self.run.state.go_on, with_changes=False)
        return Card(self.request.knowledge, decision, self.lang, self.request.today).points()

    def renew(self) -> Turn:
        """Ask before a new beginning drops the answers."""
        run = self.run
        keep = self.order("check_keep", "ask", run.question.id) if run.question else self.order("check_keep", "show")
        text = self.say("check_renew", count=len(run.state.answers))
        return self.turn(text, (self.order("check_anew", "anew"), keep))

    def status(self) -> Turn:
        """Show the answers so far, the estimated number of questions left, and the orders available."""
        run = self.run
        lines = [
            self.say(
                "check_where", title=run.check.title[self.lang], done=len(run.state.answers), left=run.questions_left
            )
        ]
        if run.state.answers:
            lines.append(self.summary())
        buttons = []
        buttons.append(self.review_on(run))
        if run.phase == "asking":
            text, _, run = self.question()
            lines.append(text)
            buttons.append(self.order("check_why", "why"))
        if run.state.answers:
            buttons.append(self.order("check_change_answer", "review"))
        buttons += [self.order("check_again", "again"), self.order("check_stop", "stop")]
        return self.turn("\n\n".join(lines), tuple(buttons), run)

    def explain(self) -> Turn:
        """Explain the question, its options and how to find the answer, then put it again."""
        question = self.run.question
        assert question is not None
        lines = [self.words(question.why)]
        meant = [
            f"- {option.label[self.lang]}{': ' if self.lang == 'en' else '：'}{self.words(option.means)}"
            for option in question.options
            if option.means
        ]
        if meant:
            lines.append("\n".join(meant))
        lines.append(self.say("check_how", how=self.words(question.how_to_find_out)))
        self.notes += lines
        return self.ask()

    # --- buttons

    def statement(self, question: str, value: str) -> Statement:
        return Statement(self.run.check.id, self.run.state.run, question, value)

    def order(self, phrase: str, order: Order, about: str | None = None, numbered: bool = True) -> Button:
        statement = Statement(self.run.check.id, self.run.state.run, about, order=order)
        return Button(self.say(phrase), str(statement), numbered)

    def value_button(self, question: Question, value: Answer) -> Button:
        statement = self.statement(question.id, value_text(value))
        return Button(self.answer(question, value)[:LONGEST_LABEL], str(statement), question.kind not in NUMBERS)

    def change(self, name: str) -> Button:
        """Return the button that asks a question again."""
        label = self.say("check_change_button", name=self.run.check.question(name).name[self.lang])
        return Button(
            label[:LONGEST_LABEL], str(Statement(self.run.check.id, self.run.state.run, name, order="ask")), False
        )

    def unknown(self, question: Question) -> tuple[Button, ...]:
        statement = self.statement(question.id, value_text(None))
        return (Button(self.say("check_unknown"), str(statement), question.kind not in NUMBERS),)

    def choices(self, run: Run, question: Question) -> tuple[Button, ...]:
        """Return the question's buttons: options, "I don't know" and, if there is room, "back" and "more".

        After one answer, its correction stands in the place of "back", which would put the same question.
        """
        numbered = question.kind not in NUMBERS
        if question.kind == "choices":
            chosen = set(run.state.chosen or ())
            buttons = [self.toggle(question, option.id, option.id in chosen) for option in question.options]
            buttons.append(self.order("check_done" if chosen else "check_none", "done", question.id))
        else:
            buttons = [self.value_button(question, option.id) for option in question.options]
        buttons += self.unknown(question)
        if len(self.taken) == 1 and self.taken[0] != question.id:
            buttons.append(self.change(self.taken[0]))
        elif len(buttons) < MOST_BUTTONS and run.before() is not None:
            buttons.append(self.order("check_back", "back", question.id, numbered))
        if len(buttons) < MOST_BUTTONS:
            buttons.append(self.order("check_more", "where", None, numbered))
        return tuple(buttons)

    def toggle(self, question: Question, value: str, on: bool) -> Button:
        label = question.option(value).label[self.lang]
        statement = self.statement(question.id, f"{'-' if on else '+'}{value}")
        return Button(f"{'✓ ' if on else ''}{label}"[:LONGEST_LABEL], str(statement))


def stored_result(request: Request, result: Result) -> Turn:
    """Show a stored result as it was given, with a note if the rules have changed since."""
    made, until = date.fromisoformat(result.made), date.fromisoformat(result.until)
    outcome = Outcome("check", check=result.check, score=1.0)
    here = request.knowledge.library.checks
    again = (request.check_button(result.check),) if result.check in here else ()
    if request.today > until:
        return request.turn(
            Reply(request.say("check_code_expired", until=long_date(until, request.lang)), again), outcome=outcome
        )
    title = here[result.check].title[request.lang] if again else result.check
    lines = [request.say("check_opened", title=title, date=long_date(made, request.lang)), result.text(request.lang)]
    if not again:
        lines.append(request.say("check_opened_gone"))
    elif request.knowledge.rules_version(result.check) != result.rules:
        lines.append(request.say("check_opened_changed"))
    code = request.say("check_code", code=result.code, until=long_date(until, request.lang))
    lines.append(f"*{code}*")
    sheet = result.sheet(request.lang)
    sign = sheet.sign if sheet else request.say(f"verdict_{result.verdict}")
    buttons = (*again, *request.consultant_buttons())
    reply = Reply("\n\n".join(lines), buttons, verdict=result.verdict, sign=sign, code=result.code)
    return request.turn(reply, outcome=outcome)
