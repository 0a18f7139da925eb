"""A check in progress: the stored answers, replayed against the current check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from bot.checks import (
    Answer,
    Answers,
    BadAnswer,
    Check,
    Logic,
    Question,
    drop_inapplicable,
    estimate_left,
    next_question,
    parse_answer,
    plain_value,
)
from bot.checks.check import UNKNOWN
from bot.model import CheckState, Json

LONG = 5  # fewest answers with a summary before the verdict

Phase = Literal["asking", "refused", "review", "result"]


@dataclass(frozen=True)
class Run:
    """One run of a check. `misfits` are the questions whose stored answers became invalid."""

    state: CheckState
    logic: Logic
    answers: Answers
    misfits: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: CheckState, logic: Logic) -> Run:
        """Replay the stored answers, without invalid ones and those to removed questions."""
        answers = Answers()
        misfits = []
        for name, value in state.answers:
            if name not in logic.index:
                continue
            taken = None if value == UNKNOWN else parse_answer(logic, name, answer_value(value))
            if isinstance(taken, BadAnswer):
                misfits.append(name)
            else:
                answers = answers.plus(name, taken)
        answers, _ = drop_inapplicable(logic, answers)
        run = cls(state, logic, answers, tuple(misfits))
        return run.with_state(answers=run.ordered(), chosen=run.ticked())

    def ordered(self) -> tuple[tuple[str, Json], ...]:
        """Return the valid answers in the order given."""
        return tuple((name, value) for name, value in self.state.answers if name in self.answers)

    def ticked(self) -> tuple[str, ...] | None:
        """Return the ticked options of the question put last, without removed ones."""
        if self.state.chosen is None or self.state.asked not in self.logic.index:
            return None
        options = {option.id for option in self.check.question(str(self.state.asked)).options}
        return tuple(name for name in self.state.chosen if name in options)

    @property
    def check(self) -> Check:
        return self.logic.check

    @cached_property
    def question(self) -> Question | None:
        """The current question: the one put last while it applies, else the next one."""
        asked = self.state.asked
        if asked in self.logic.index and self.applies(str(asked)):
            return self.check.question(str(asked))
        return next_question(self.logic, self.answers, go_on=self.state.go_on)

    @cached_property
    def phase(self) -> Phase:
        """The run's phase; "refused" is an early refusal with open questions, "review" the summary."""
        if self.question is not None:
            return "asking"
        if next_question(self.logic, self.answers, go_on=True) is not None:
            return "refused"
        return "review" if len(self.state.answers) >= LONG and not self.state.looked_over else "result"

    @property
    def ended(self) -> bool:
        """Whether the run has a result, even while one of its answers is asked for again."""
        return self.state.result is not None or self.with_state(asked=None).phase in ("refused", "result")

    @property
    def questions_left(self) -> int:
        """Estimated number of questions left."""
        return estimate_left(self.logic, self.answers, go_on=self.state.go_on)

    def applies(self, question: str) -> bool:
        return self.logic.state(self.answers.given).applies(self.logic.index[question])

    def with_state(self, **changes: object) -> Run:
        return replace(self, state=replace(self.state, **changes))  # type: ignore[arg-type]

    def with_question(self, question: str | None) -> Run:
        """Return the run with this question put, or with the next one if None."""
        return self.with_state(asked=question, chosen=None, doubt=None)

    def with_answer(self, question: str, answer: Answer | None) -> tuple[Run, tuple[str, ...]]:
        """Return the run with an answer (None: "I don't know"), and the questions whose answers were dropped."""
        value = answer_json(answer)
        pairs = self.state.answers
        if question in self.answers:
            pairs = tuple((name, value if name == question else old) for name, old in pairs)
        else:
            pairs = (*pairs, (question, value))
        answers, dropped = drop_inapplicable(self.logic, self.answers.with_(question, answer))
        state = replace(
            self.state,
            answers=tuple((name, old) for name, old in pairs if name in answers),
            asked=None,
            chosen=None,
            doubt=None,
            result=None,
            until=None,
        )
        return Run(state, self.logic, answers, self.misfits), dropped

    def without(self, question: str) -> Run:
        """Return the run without the question's answer."""
        pairs = tuple((name, value) for name, value in self.state.answers if name != question)
        answers, _ = drop_inapplicable(self.logic, self.answers.without(question))
        state = replace(
            self.state, answers=tuple(pair for pair in pairs if pair[0] in answers), doubt=None, result=None
        )
        return Run(state, self.logic, answers, self.misfits)

    def before(self) -> str | None:
        """Return the question answered before the current one, or None."""
        names = [name for name, _ in self.state.answers]
        if self.question is not None and self.question.id in names:
            names = names[: names.index(self.question.id)]
        return names[-1] if names else None

    def answer_to(self, question: str) -> Answer | None:
        return self.answers.given.get(question)


def answer_json(answer: Answer | None) -> Json:
    if answer is None:
        return UNKNOWN
    value: Json | list[str | int | float] = plain_value(answer)
    return tuple(value) if isinstance(value, list) else value


def answer_value(value: Json) -> object:
    return list(value) if isinstance(value, tuple) else value
