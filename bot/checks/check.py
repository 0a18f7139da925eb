"""The schema of a check's file: questions, rules, examples and texts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bot.content.kinds import Entry, Id, Phrasings, Text, Words
from bot.content.said import Notice, Wrong, said

QuestionKind = Literal["choice", "choices", "yes_no", "amount", "whole_number", "amounts"]
Verdict = Literal["eligible", "conditional", "not_eligible", "ask"]
Currency = Literal["CNY", "USD"]
Period = Literal["day", "week", "month", "quarter", "year"]

KINDS: tuple[QuestionKind, ...] = ("choice", "choices", "yes_no", "amount", "whole_number", "amounts")
NUMBERS = ("amount", "whole_number", "amounts")
PERIODS: tuple[Period, ...] = ("day", "week", "month", "quarter", "year")
VERDICTS: tuple[Verdict, ...] = ("eligible", "conditional", "ask", "not_eligible")  # lightest first
SHOWN: tuple[Verdict, ...] = ("eligible", "conditional", "not_eligible", "ask")
NOTE = "note"
UNKNOWN = "unknown"
NOTHING = "nothing"  # no option of a `choices` question


def named(what: Notice, known: tuple[str, ...]) -> BeforeValidator:
    """Accept one of these words; the error lists them."""

    def look_up(given: object) -> object:
        if given in known:
            return given
        raise Wrong(said("no-such-word", what=what, name=str(given), hint=said("there-are", names=known)))

    return BeforeValidator(look_up)


class Value(Entry):
    """One value of a choice; `within_reach` names the change to it ("a company licence").

    `also`: other names of it; `said`: templates of what merchants say that leaves no other value; `like`: free
    descriptions, to which others are compared by their meaning.
    """

    id: Id
    label: Text
    means: Text | None = None
    also: Phrasings | None = None
    said: Phrasings | None = None
    like: Phrasings | None = None
    within_reach: Text | None = None


class Reach(Entry):
    """A merchant's ways to change a number; the texts may use `{{ more }}`, `{{ less }}` and `{{ to }}`.

    `up_to`: the highest value to advise.
    """

    more: Text | None = None
    less: Text | None = None
    up_to: Words | None = None


YES_NO = (
    Value(id="yes", label=Text(en="Yes", zh="是")),
    Value(id="no", label=Text(en="No", zh="否")),
)


class Question(Entry):
    """One question; its answer is one or several of `values`, yes or no, an amount, a whole number or amounts.

    Templates of what merchants say: `about` names its subject, `aside` another one, of which no answer is read,
    and `zero` is the number 0. An amount is asked for `per` this period. With `only_named`, an answer that was not asked
    for is taken only from a text that names the question.
    """

    id: Id
    kind: Annotated[QuestionKind, named(said("question-kind"), KINDS)]
    name: Text
    ask: Text
    why: Text
    how_to_find_out: Text
    values: tuple[Value, ...] = ()
    groups: dict[Id, tuple[Words, ...]] = Field(default_factory=dict)
    ask_if: Any = None
    about: Phrasings | None = None
    aside: Phrasings | None = None
    only_named: bool = False
    zero: Phrasings | None = None
    per: Annotated[Period, named(said("period"), PERIODS)] | None = None
    currency: Annotated[Currency, named(said("currency"), ("CNY", "USD"))] | None = None
    unit: Text | None = None
    lowest: Words | None = None
    highest: Words | None = None
    outside: Text | None = None
    within_reach: Reach | None = None

    @property
    def options(self) -> tuple[Value, ...]:
        """The values in order; a yes/no question lists only the values whose texts differ from the default."""
        if self.kind != "yes_no":
            return self.values
        own = {value.id: value for value in self.values}
        return tuple(own.get(value.id, value) for value in YES_NO)

    def option(self, value: str) -> Value:
        return next(option for option in self.options if option.id == value)


class Rule(Entry):
    """A finding and its conditions. A `light` finding weighs less than others of the same verdict.

    `facts`: the topic's facts that support it, all if empty; an announced fact marks the finding as announced.
    """

    id: Id
    when: Any = None
    verdict: Annotated[
        Literal["eligible", "conditional", "not_eligible", "ask", "note"], named(said("verdict"), (*SHOWN, NOTE))
    ]
    light: bool = False
    topic: Words
    facts: tuple[Words, ...] = ()
    text: Text
    next_step: Text | None = None


class Example(Entry):
    """Example answers, and the verdict expected."""

    answers: dict[str, Any] = Field(default_factory=dict)
    verdict: Annotated[Verdict, named(said("verdict"), SHOWN)]
    findings: tuple[Words, ...] | None = None


class Headlines(Entry):
    """The first sentence of a result, for each possible verdict; `open` is for an undecided one."""

    eligible: Text | None = None
    conditional: Text | None = None
    not_eligible: Text | None = None
    ask: Text | None = None
    open: Text | None = None

    def __getitem__(self, verdict: str) -> Text | None:
        found: Text | None = getattr(self, verdict)
        return found


class Check(Entry):
    """A guided check. `names` are its names in requests: "medal" for "run the medal check"."""

    id: Id
    title: Text
    intro: Text
    related: tuple[Words, ...] = Field(default=(), max_length=3)
    names: Phrasings | None = None
    start: Phrasings
    verdicts: Headlines
    last_word: Text | None = None
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...] = ()

    def question(self, name: str) -> Question:
        return next(question for question in self.questions if question.id == name)

    def texts(self) -> list[tuple[tuple[str | int, ...], Text]]:
        """Return every text of the check with its path."""
        return list(texts_in(self, ()))


def texts_in(value: object, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], Text]]:
    if isinstance(value, Text):
        return [(path, value)]
    if isinstance(value, Entry):
        children = [((*path, name), getattr(value, name)) for name in type(value).model_fields]
    elif isinstance(value, tuple):
        children = [((*path, index), item) for index, item in enumerate(value)]
    else:
        return []
    return [found for place, child in children for found in texts_in(child, place)]
