"""What the content files may hold: one type for each kind of entry, and its mistakes in an editor's words."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar, Union

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails

from bot.knowledge.reading import Mistake, Node, Step, entry_id
from bot.model import LANGUAGES, Language

Status = Literal["stated", "announced", "missing"]
STATUSES: tuple[Status, ...] = ("stated", "announced", "missing")  # strongest first
Sure = Literal["high", "medium", "low"]

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$")]
LONGEST_SHOWN = 60  # letters of a wrong value
LONGEST_TOPIC = 58  # bytes: a button says "topic=" and the id in at most 64


def topic_id(name: str) -> str:
    """The name, if it can be a topic's id: those that others have given to their intents can. Raises ValueError."""
    length = len(name.encode("utf-8", "replace"))
    if length > LONGEST_TOPIC:
        raise ValueError(
            f'the topic "{name[:20]}…" is {length} bytes long; at most {LONGEST_TOPIC} (a Chinese character counts 3)'
        )
    if not name.isprintable() or name != name.strip() or not name:
        raise ValueError(f"{name!r} is no id of a topic: it holds a line break or another sign that cannot be seen")
    return name


# Short, since it stands in the statement of a button.
SubjectId = Annotated[Id, StringConstraints(max_length=40)]
TopicId = Annotated[str, AfterValidator(topic_id)]


class Entry(BaseModel):
    """Anything written in a content file; a key that is not foreseen is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Text(Entry):
    """The same words in both languages."""

    en: Words
    zh: Words

    def __getitem__(self, lang: Language) -> str:
        return self.en if lang == "en" else self.zh


class Phrasings(Entry):
    """How merchants say a thing, in each language."""

    en: tuple[Words, ...]
    zh: tuple[Words, ...]

    def __getitem__(self, lang: Language) -> tuple[str, ...]:
        return self.en if lang == "en" else self.zh


class Confirmed(Entry):
    """Who has confirmed a fact since its article, and when."""

    date: date
    source: Words


class ReadingConfirmed(Entry):
    """Who has confirmed a reading of the translation, and when."""

    by: Words
    date: date


class Source(Entry):
    """An article that facts come from."""

    id: Words
    date: date
    en: Words
    zh: Words
    url: Words | None = None

    def title(self, lang: Language) -> str:
        return self.en if lang == "en" else self.zh


class Term(Entry):
    """A reading of the machine translation: what it says, what is meant, the Chinese term, and how sure we are."""

    id: Id
    says: Words
    en: Words
    term: Words
    sure: Sure
    money: bool = False
    note: Text | None = None
    confirmed: ReadingConfirmed | None = None

    @property
    def doubtful(self) -> bool:
        """Whether an answer that rests on this reading has to say so."""
        return self.confirmed is None and (self.sure != "high" or self.money)


class Fact(Text):
    """One paragraph of an answer, with its own status."""

    id: Id
    status: Status = "stated"
    source: Words | None = None
    confirmed: Confirmed | None = None
    _figures: tuple[str, ...] = PrivateAttr(())

    @property
    def figures(self) -> tuple[str, ...]:
        """The sources of the figures in it that have one of their own."""
        return self._figures

    def citing(self, sources: tuple[str, ...]) -> Fact:
        """The same fact, with the sources of its figures."""
        fact = self.model_copy()
        fact._figures = sources
        return fact

    @property
    def standing(self) -> Status:
        """The status that counts: a confirmed fact is no longer only announced."""
        return "stated" if self.confirmed and self.status == "announced" else self.status


class Missing(Text):
    """A detail that merchants ask for and the source does not give."""

    id: Id
    asked: Phrasings


class Topic(Entry):
    """One answer; without facts but with `instead`, a known unknown."""

    id: TopicId
    area: str
    title: Text
    source: Words | None = None
    rests_on: tuple[Words, ...] = ()
    related: tuple[Words, ...] = Field(default=(), max_length=3)
    check: Words | None = None
    facts: tuple[Fact, ...] = ()
    missing: tuple[Missing, ...] = ()
    instead: Text | None = None
    consultant: bool = True
    refuse: bool = False
    pictures: tuple[Words, ...] = ()
    preview: bool = False
    phrasings: Phrasings

    @property
    def known(self) -> bool:
        return bool(self.facts)


class Keyword(Entry):
    """One keyword of a rule: the whole message (`equal`) or words anywhere in it (`contain`)."""

    equal: Words | None = None
    contain: Words | None = None


class Link(Entry):
    url: Words
    title: Text


class KeywordReply(Entry):
    """One reply of a rule; exactly one of these is given."""

    text: Text | None = None
    link: Link | None = None
    picture: Words | None = None
    file: Words | None = None
    topic: Words | None = None
    check: Words | None = None


class KeywordRule(Entry):
    """A reply keyword as on an official account."""

    id: Id
    priority: int = 0
    keywords: tuple[Keyword, ...] = Field(min_length=1)
    give: Literal["all", "random"] = "all"
    replies: tuple[KeywordReply, ...] = Field(min_length=1)


class SmallTalk(Entry):
    """A greeting or the like, with its short human reply."""

    id: Id
    phrasings: Phrasings
    reply: Text


class Course(Entry):
    """A course. With `keywords` it makes its own topic and reply keyword; an agency's own rests on no article."""

    id: Id
    title: Text
    covers: Text
    source: Words | None = None
    link: Words | None = None
    keywords: tuple[Words, ...] = ()
    phrasings: Phrasings | None = None

    @property
    def topic(self) -> str:
        """The topic that tells of it."""
        return f"course-{self.id}"


class Tier(Entry):
    """A tier that a merchant may reach, by the name that rows of benefits.yaml and texts give it."""

    id: Id
    en: Words
    zh: Words

    def __getitem__(self, lang: Language) -> str:
        return self.en if lang == "en" else self.zh


class Benefit(Entry):
    """A row of the benefits table."""

    id: Id
    tiers: tuple[Words, ...] = Field(min_length=1)
    status: Status
    announced_for: tuple[Words, ...] = ()  # where it was live for the other tiers already
    en: Words
    zh: Words

    @property
    def stated_for(self) -> tuple[str, ...]:
        """The tiers for which a row that was partly announced was live."""
        return tuple(tier for tier in self.tiers if tier not in self.announced_for)


class RegistrationStep(Entry):
    """One of the steps of the registration, in order."""

    id: Id
    topic: Words
    en: Words
    zh: Words


class GuardSide(Entry):
    """One of the things that must not be confused: how it is said, and the topics that speak of it."""

    id: Id
    said: Phrasings
    topics: tuple[Words, ...] = ()


class Guard(Entry):
    """Things that merchants must never see confused; an answer about one side is not given to a question about another."""

    id: Id
    sides: tuple[GuardSide, ...] = Field(min_length=2)


LARGEST = 10**12  # a figure beyond this is a slip
Number = Annotated[
    int,
    BeforeValidator(lambda value: value.replace(",", "") if isinstance(value, str) else value),
    Field(ge=-LARGEST, le=LARGEST),
]
Figures = dict[Id, dict[Id, Number]]
Day = date  # the name is free where a field is called so


class Figure(Entry):
    """A figure with a source of its own: an article of sources.yaml, or any words and a date."""

    value: Number
    source: Words
    date: Day | None = None


def fields_at(model: Any, path: Iterable[Step]) -> list[str]:
    """The keys that are allowed at this place of a type."""
    here: Any = model
    for step in path:
        here = inner_type(here, step)
    while not (isinstance(here, type) and issubclass(here, BaseModel)):
        options = [option for option in typing.get_args(here) if option is not type(None)]
        if not options:
            return []
        here = options[0]
    return [field.alias or name for name, field in here.model_fields.items() if name not in ("area",)]


def inner_type(outer: Any, step: Step) -> Any:
    if isinstance(outer, type) and issubclass(outer, BaseModel):
        for name, field in outer.model_fields.items():
            if step in (name, field.alias):
                return field.annotation
        return outer
    origin = typing.get_origin(outer)
    if origin in (Union, types.UnionType, Annotated):
        for option in typing.get_args(outer):
            if option is not type(None):
                return inner_type(option, step)
    args = typing.get_args(outer)
    if origin is dict:
        return args[1]
    return args[0] if args else outer


# Comparing takes a while for each name, and longer with the square of its length.
MOST_COMPARED, LONGEST_COMPARED = 2000, 100


def suggest(word: str, known: Iterable[str]) -> str:
    """`there are: …`, or the nearest of many."""
    names = sorted(set(known))
    likely = [name for name in names[:MOST_COMPARED] if len(name) <= LONGEST_COMPARED]
    near = difflib.get_close_matches(word, likely, n=1, cutoff=0.6) if len(word) <= LONGEST_COMPARED else []
    if near:
        return f'did you mean "{near[0]}"?'
    if not names:
        return "there are none"
    return f"there are: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}"


def words_of(error: ErrorDetails, model: Any) -> str:
    """A validation error in an editor's words."""
    loc, kind, given, context = error["loc"], error["type"], error.get("input"), error.get("ctx", {})
    name = next((str(step) for step in reversed(loc) if isinstance(step, str)), "this")
    if isinstance(given, str) and len(given) > LONGEST_SHOWN:
        given = f"{given[:LONGEST_SHOWN]}…"
    if kind == "missing":
        if name in LANGUAGES:
            return f'the {"English" if name == "en" else "Chinese"} text "{name}" is missing here; every text needs en and zh'
        return f'the key "{name}" is missing here'
    if kind == "extra_forbidden":
        return f'no key is called "{name}" here; {suggest(name, fields_at(model, loc[:-1]))}'
    if kind == "literal_error":
        allowed = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        return f'{name}: "{given}" is not one of: {allowed}'
    if kind.startswith("date"):
        return f'{name}: "{given}" is not a date; write year, month and day like 2026-11-03'
    if kind.startswith("int_"):
        return f'{name}: "{given}" is not a whole number'
    if kind.startswith("bool"):
        return f'{name}: "{given}" is neither yes nor no'
    if (kind == "string_type" and given is None) or kind == "string_too_short":
        return f'"{name}" is empty; write its text or take the key away'
    if kind == "string_type":
        return f'"{name}" must be a text, not {shape(given)}'
    if kind == "string_pattern_mismatch":
        return f'"{given}" is no id; an id is small Latin letters and digits with hyphens, like deposit-amount'
    if kind in ("tuple_type", "list_type"):
        return f'"{name}" must be a list, each entry on a line of its own after "- ", not {shape(given)}'
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f'"{name}" must hold keys ({", ".join(fields_at(model, loc)) or "name: value"}), not {shape(given)}'
    if kind == "too_short":
        return f'"{name}" needs at least {context.get("min_length")}'
    if kind == "too_long":
        return f'"{name}" takes at most {context.get("max_length")}'
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    return f"{name}: {error['msg']}"


def shape(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list):
        return "a list"
    return f'the text "{str(value)[:LONGEST_SHOWN]}"'


def unlike(node: Node, path: tuple[Step, ...]) -> str:
    """That an entry which lacks something is hardly meant to be new, since another has nearly its id; "" if it may be."""
    if not path or not isinstance(path[-1], int):
        return ""
    entries = node.at(path[:-1]).value
    names = [entry_id(entry) for entry in entries if isinstance(entry, Node)] if isinstance(entries, list) else []
    own = names[path[-1]] if path[-1] < len(names) else None
    others = [name for name in names if name and name != own]
    near = difflib.get_close_matches(own, others[:MOST_COMPARED], n=1) if own and len(own) <= LONGEST_COMPARED else []
    return f'nothing has the id "{own}" that this could change; did you mean "{near[0]}"?' if near else ""


T = TypeVar("T", bound=BaseModel)
MOST_MISTAKES = 100  # told of one entry


def parse(model: type[T], node: Node, mistakes: list[Mistake], **given: object) -> T | None:
    """Make one entry of a type from a tree; all that is wrong is added to `mistakes`, and None returned.

    `given` are values that do not stand in the file, such as the id that is the file's name.
    """
    data = node.plain()
    if not isinstance(data, dict):
        keys = ", ".join(name for name in fields_at(model, ()) if name not in given)
        mistakes.append(node.mistake(f"this must hold keys ({keys}), not {shape(data)}"))
        return None
    for name in given:
        if name in data:
            mistakes.append(
                node.at((name,)).mistake(f'no key is called "{name}" here; it follows from the file\'s name')
            )
            data = {key: value for key, value in data.items() if key != name}
    try:
        return model.model_validate({**data, **given})
    except ValidationError as error:
        lost: set[tuple[Step, ...]] = set()
        for detail in error.errors(include_url=False)[:MOST_MISTAKES]:
            path = tuple(step for step in detail["loc"] if step not in ("[key]",))
            if path[:-1] in lost:
                continue
            if detail["type"] == "missing" and (words := unlike(node, path[:-1])):
                lost.add(path[:-1])
                mistakes.append(node.at(path[:-1]).mistake(words))
                continue
            mistakes.append(node.at(path).mistake(words_of(detail, model)))
        return None
