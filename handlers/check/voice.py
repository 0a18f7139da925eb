"""The turns of a check: question, summary, result, status and explanation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.checks import Answer, Question, answer_words, decide, values_for
from bot.checks.check import NUMBERS
from bot.content.kinds import Text
from bot.knowledge.writer import long_date
from bot.model import COMMA, Button, Language, Outcome, Progress, Reply, Result, Turn
from handlers.check.card import deciding_rule, result_of
from handlers.check.run import Run, answer_json
from handlers.check.statement import LONGEST, Order, Statement, value_text
from handlers.request import LONGEST_LABEL, Request

MOST_BUTTONS = 6
MOST_RELATED = 2


class Voice:
    """Builds the turns for one run and one message. `notes` precede the text."""

    def __init__(self, request: Request, run: Run, *notes: str, score: float = 1.0) -> None:
        self.request = request
        self.run = run
        self.notes = [note for note in notes if note]
        self.score = score
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
        return self.turn(text, buttons, run)

    def question(self) -> tuple[str, tuple[Button, ...], Run]:
        """Return the current question's text and buttons, and the run with it put."""
        question = self.run.question
        assert question is not None
        run = self.run
        if run.state.asked != question.id:
            run = run.with_question(question.id)
        lines = [f"**{self.words(question.ask)}**"]
        if question.id in run.answers and run.state.chosen is None:
            lines.append(self.say("check_so_far", answer=self.answer(question, run.answer_to(question.id))))
        if run.state.chosen:
            lines.append(self.say("check_ticked", answer=self.answer(question, frozenset(run.state.chosen))))
        return "\n\n".join(lines), self.choices(run, question), run

    def confirm(self, question: Question, answer: Answer) -> Turn:
        """Ask to confirm a doubtful reading."""
        run = self.run.with_question(question.id).with_state(doubt=answer_json(answer))
        yes = self.statement(question.id, value_text(answer))
        buttons = [Button(self.say("check_right"), str(yes), False)] if len(str(yes).encode()) <= LONGEST else []
        buttons.append(self.order("check_not_right", "ask", question.id, numbered=False))
        text = self.say("check_confirm", answer=self.answer(question, answer))
        return self.turn(text, tuple(buttons), run)

    def several(self, question: Question, fits: tuple[Answer, ...]) -> Turn:
        """Ask which of several possible answers is meant."""
        phrase = "check_several_numbers" if question.kind in NUMBERS else "check_several_fit"
        note = self.say(phrase, answers=" / ".join(self.answer(question, one) for one in fits))
        buttons = (*(self.value_button(question, one) for one in fits), *self.unknown(question))
        return self.turn(f"{note}\n\n**{self.words(question.ask)}**", buttons, self.run.with_question(question.id))

    def review(self) -> Turn:
        """Show the summary, with buttons to go on and to change each answer."""
        run = self.run
        asked = [run.check.question(name) for name, _ in run.state.answers]
        buttons = [self.review_on(run)]
        for question in asked:
            label = self.say("check_change_button", name=question.name[self.lang])
            statement = Statement(run.check.id, run.state.run, question.id, order="ask")
            buttons.append(Button(label[:LONGEST_LABEL], str(statement)))
        text = f"{self.say('check_review')}\n\n{self.summary()}"
        return self.turn(text, tuple(buttons), run.with_question(None) if run.phase != "asking" else run)

    def review_on(self, run: Run) -> Button:
        if run.question is not None:
            return self.order("check_continue", "ask", run.question.id)
        return self.order("check_show", "show")

    def summary(self) -> str:
        run = self.run
        lines = []
        for name, _ in run.state.answers:
            question = run.check.question(name)
            answer = self.answer(question, run.answer_to(name))
            lines.append("- " + self.say("check_answer", name=question.name[self.lang], answer=answer))
        return "\n".join(lines)

    def result(self) -> Turn:
        """Show the card and its code; after an early refusal, offer to go on."""
        request, run = self.request, self.run
        decision = decide(run.logic, run.answers, go_on=run.state.go_on)
        made = result_of(request, run, decision)
        code = run.state.result or made.code
        lines = [made.text(self.lang)]
        early = run.phase == "refused"
        if early:
            lines.append(self.say("check_early"))
        until_day = run.state.until or made.until
        if code:
            until = long_date(date.fromisoformat(until_day), self.lang)
            lines.append(f"*{self.say('check_code', code=code, until=until)}*")
        buttons = [self.order("check_go_on", "go_on")] if early else []
        buttons.append(self.order("check_change_answer", "review"))
        known = request.knowledge.library.topics
        related = [name for name in run.check.related if name in known and known[name].known]
        buttons += [request.topic_button(name) for name in related[:MOST_RELATED]]
        buttons += [*request.consultant_buttons(), self.order("check_again", "again")]
        rule = deciding_rule(run.check, decision)
        turn = self.turn(
            "\n\n".join(lines),
            tuple(buttons),
            run.with_state(result=code or None, until=until_day, asked=None),
            rule.topic if rule and rule.topic in known else None,
        )
        keep = made if code and run.state.result is None else None
        reply = replace(turn.replies[-1], verdict=decision.verdict, code=code)
        return Turn((*turn.replies[:-1], reply), turn.outcome, turn.conversation, keep)

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

    def unknown(self, question: Question) -> tuple[Button, ...]:
        statement = self.statement(question.id, value_text(None))
        return (Button(self.say("check_unknown"), str(statement), question.kind not in NUMBERS),)

    def choices(self, run: Run, question: Question) -> tuple[Button, ...]:
        """Return the question's buttons: options, "I don't know" and, if there is room, "back" and "more"."""
        numbered = question.kind not in NUMBERS
        if question.kind == "choices":
            chosen = set(run.state.chosen or ())
            buttons = [self.toggle(question, option.id, option.id in chosen) for option in question.options]
            buttons.append(self.order("check_done" if chosen else "check_none", "done", question.id))
        else:
            buttons = [self.value_button(question, option.id) for option in question.options]
        buttons += self.unknown(question)
        if len(buttons) < MOST_BUTTONS and run.before() is not None:
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
    lines.append(f"*{code} {request.say('check_rules', version=result.rules)}*")
    reply = Reply("\n\n".join(lines), (*again, *request.consultant_buttons()), verdict=result.verdict, code=result.code)
    return request.turn(reply, outcome=outcome)
