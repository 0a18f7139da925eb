"""The types of content entries, and validation errors in an editor's words."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
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
from rapidfuzz import fuzz, process

from bot.content.said import Notice, Wrong, said
from bot.content.tree import NO_COLON, NO_SPACE, Mistake, Node, Step, entry_id
from bot.model import LANGUAGES, Language

Status = Literal["stated", "announced", "missing"]
STATUSES: tuple[Status, ...] = ("stated", "announced", "missing")  # strongest first
Sure = Literal["high", "medium", "low"]

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$")]
LONGEST_SHOWN = 60  # characters of a wrong value
LONGEST_TOPIC = 58  # bytes: a button's statement, "topic=" and the id, has at most 64


def topic_id(name: str) -> str:
    """Validate a topic id; any printable name fits, so that intents of other systems can be imported. Raises Wrong."""
    length = len(name.encode("utf-8", "replace"))
    if length > LONGEST_TOPIC:
        raise Wrong(said("topic-id-too-long", name=name[:20], length=length, most=LONGEST_TOPIC))
    if not name.isprintable() or name != name.strip() or not name:
        raise Wrong(said("topic-id-not-shown", name=repr(name)))
    return name


# Short, since button statements contain it.
SubjectId = Annotated[Id, StringConstraints(max_length=40)]
TopicId = Annotated[str, AfterValidator(topic_id)]


class Entry(BaseModel):
    """Base of all content entries; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Text(Entry):
    """A text in both languages."""

    en: Words
    zh: Words

    def __getitem__(self, lang: Language) -> str:
        return self.en if lang == "en" else self.zh


class Phrasings(Entry):
    """Example utterances of merchants, by language."""

    en: tuple[Words, ...]
    zh: tuple[Words, ...]

    def __getitem__(self, lang: Language) -> tuple[str, ...]:
        return self.en if lang == "en" else self.zh


NO_PHRASINGS = Phrasings(en=(), zh=())


class Confirmed(Entry):
    """A confirmation of a fact, later than its article."""

    date: date
    source: Words


class ReadingConfirmed(Entry):
    """A confirmation of a reading of the translation."""

    by: Words
    date: date


class Source(Entry):
    """A source article of facts."""

    id: Words
    date: date
    en: Words
    zh: Words
    url: Words | None = None

    def title(self, lang: Language) -> str:
        return self.en if lang == "en" else self.zh


class Term(Entry):
    """A reading of the machine translation: its words, their meaning, the Chinese term, and the certainty."""

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
        """True if answers based on this reading must mention it."""
        return self.confirmed is None and (self.sure != "high" or self.money)


class Asked(Text):
    """A text that answers questions of its own.

    `asked`: complete questions; `then`: follow-ups that leave the subject out, such as "how many days?", which are read
    only after its topic; `sides`: the sides it speaks of, by their kind, such as {"licence": "company"}.
    """

    id: Id
    asked: Phrasings = NO_PHRASINGS
    then: Phrasings = NO_PHRASINGS
    sides: Mapping[Id, Id] = Field(default_factory=dict)


class Fact(Asked):
    """One paragraph of an answer, with its own status."""

    status: Status = "stated"
    source: Words | None = None
    confirmed: Confirmed | None = None
    _figures: tuple[str, ...] = PrivateAttr(())

    @property
    def figures(self) -> tuple[str, ...]:
        """The source ids of the fact's figures that have their own source."""
        return self._figures

    def citing(self, sources: tuple[str, ...]) -> Fact:
        """Return a copy with the source ids of its figures."""
        fact = self.model_copy()
        fact._figures = sources
        return fact

    @property
    def standing(self) -> Status:
        """The effective status: a confirmed announcement counts as stated."""
        return "stated" if self.confirmed and self.status == "announced" else self.status


class DirectAnswer(Asked):
    """The direct answer to a narrower question: "Yes, when the account is closed." It follows from the fact `of`."""

    of: Id


class Along(Entry):
    """When a missing detail is told along with an answer of `topics`: where a merchant names this value of a check's question."""

    check: Words
    question: Words
    value: Words
    topics: tuple[Words, ...]


class Missing(Asked):
    """A detail that merchants ask for and the source omits."""

    asked: Phrasings
    along: Along | None = None


class Topic(Entry):
    """A topic: its facts, or `instead` for a known unknown. `exactly`: as of small talk."""

    id: TopicId
    area: str
    title: Text
    source: Words | None = None
    rests_on: tuple[Words, ...] = ()
    related: tuple[Words, ...] = Field(default=(), max_length=3)
    check: Words | None = None
    facts: tuple[Fact, ...] = ()
    answers: tuple[DirectAnswer, ...] = ()
    missing: tuple[Missing, ...] = ()
    instead: Text | None = None
    consultant: bool = True
    refuse: bool = False
    pictures: tuple[Words, ...] = ()
    preview: bool = False
    phrasings: Phrasings
    exactly: Phrasings = NO_PHRASINGS

    @property
    def known(self) -> bool:
        return bool(self.facts)

    @property
    def parts(self) -> tuple[Asked, ...]:
        """The topic's own answer to a narrower question."""
        return (*self.facts, *self.answers, *self.missing)


class Keyword(Entry):
    """A keyword of a rule; exactly one field is set (checked by lint).

    `equal` matches the whole message, `contain` words anywhere in it, `anywhere` letters anywhere, also one or two of them and
    within a word, as a half match does on an official account.
    """

    equal: Words | None = None
    contain: Words | None = None
    anywhere: Words | None = None

    @property
    def kind(self) -> Literal["equal", "contain", "anywhere"]:
        return "equal" if self.equal is not None else "contain" if self.contain is not None else "anywhere"

    @property
    def text(self) -> str:
        return self.equal or self.contain or self.anywhere or ""


class Link(Entry):
    url: Words
    title: Text


class KeywordReply(Entry):
    """A reply of a rule; exactly one field is set (checked by lint)."""

    text: Text | None = None
    link: Link | None = None
    picture: Words | None = None
    file: Words | None = None
    topic: Words | None = None
    check: Words | None = None


class KeywordRule(Entry):
    """A reply-keyword rule, as on a WeChat official account."""

    id: Id
    priority: int = 0
    keywords: tuple[Keyword, ...] = Field(min_length=1)
    give: Literal["all", "random"] = "all"
    replies: tuple[KeywordReply, ...] = Field(min_length=1)


Doing = Literal[
    "consultant",
    "no-consultant",
    "privacy",
    "my-data",
    "forget",
    "unsubscribe",
    "english",
    "chinese",
    "repeat",
    "shorter",
    "doubted",
    "not-meant",
]


class SmallTalk(Entry):
    """Small talk, such as a greeting: its reply, or what is done about it; exactly one of them (checked by lint).

    `also`: other wordings of the reply, told in turn. `emoji`: those that say the same. `consultant`: the reply is followed
    by a consultant, or by the truth that there is none. `exactly`: wordings that are read as a whole message only, from which
    nothing is learned.
    """

    id: Id
    phrasings: Phrasings = NO_PHRASINGS
    exactly: Phrasings = NO_PHRASINGS
    reply: Text | None = None
    also: tuple[Text, ...] = ()
    emoji: Words | None = None
    does: Doing | None = None
    consultant: bool = False

    @property
    def replies(self) -> tuple[Text, ...]:
        return (self.reply, *self.also) if self.reply else ()


class CannedReply(Entry):
    """A reply that consultants send by `/r` and its id or its title; `{{ name }}` is the merchant's."""

    id: Id
    title: Text
    text: Text


class Side(Text):
    """A value of a kind of side, as it is named in a sentence, and all words for it."""

    id: Id
    said: Phrasings


class SideKind(Entry):
    """A distinction between facts: the tier, the way to authenticate."""

    id: Id
    values: tuple[Side, ...] = Field(min_length=1)


class Course(Entry):
    """A course. With `keywords`, its topic and reply keyword are generated; `source` is optional for an agency's course."""

    id: Id
    title: Text
    covers: Text
    source: Words | None = None
    link: Words | None = None
    keywords: tuple[Words, ...] = ()
    phrasings: Phrasings | None = None

    @property
    def topic(self) -> str:
        """The id of the course's topic."""
        return f"course-{self.id}"


class Tier(Entry):
    """A merchant tier, named in benefits.yaml and in texts by its id."""

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
    announced_for: tuple[Words, ...] = ()  # the rest of `tiers` had it already
    en: Words
    zh: Words

    @property
    def stated_for(self) -> tuple[str, ...]:
        """The tiers for which the benefit was not merely announced."""
        return tuple(tier for tier in self.tiers if tier not in self.announced_for)


class RegistrationStep(Entry):
    """A step of the registration; the list is in order."""

    id: Id
    topic: Words
    en: Words
    zh: Words


class GuardSide(Entry):
    """One side of a guard: its spellings in messages, and patterns of the topics about it."""

    id: Id
    said: Phrasings
    topics: tuple[Words, ...] = ()
    background: bool = False  # merchants tell of it before they ask of something else


class Guard(Entry):
    """Subjects that must not be confused: a question about one side gets no answer about another."""

    id: Id
    sides: tuple[GuardSide, ...] = Field(min_length=2)


LARGEST = 10**12  # larger figures are typing mistakes
Number = Annotated[
    int,
    BeforeValidator(lambda value: value.replace(",", "") if isinstance(value, str) else value),
    Field(ge=-LARGEST, le=LARGEST),
]
Figures = dict[Id, dict[Id, Number]]
Day = date  # an alias for classes with a field named `date`


class Figure(Entry):
    """A figure with its own source: the id of an article in sources.yaml, or any text with a date."""

    value: Number
    source: Words
    date: Day | None = None


def fields_at(model: Any, path: Iterable[Step]) -> list[str]:
    """Return the allowed keys at a path inside a type."""
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


# The cost of a comparison grows with the square of the length.
MOST_COMPARED, LONGEST_COMPARED = 2000, 100
LEAST_SIMILAR = 65  # percent of the letters of two names that they share in order


def suggest(word: str, known: Iterable[str]) -> Notice:
    """Suggest the nearest known name, else list the known names."""
    names = sorted(set(known))
    if near := nearest(word, names):
        return said("did-you-mean", name=near)
    if not names:
        return said("there-are-none")
    return said("there-are-more" if len(names) > 12 else "there-are", names=tuple(names[:12]))


def unknown(code: str, name: str, known: Iterable[str]) -> Notice:
    """Report an unknown name, or the full-width character in it that caused the mistake."""
    if re.search("[，、；]", name):
        return said("wide-comma-in-list", mark=next(sign for sign in name if sign in "，、；"))
    if name[:1] in tuple("“”‘’"):
        return said("wide-quotes", mark="“ ”")
    return said(code, name=name, hint=suggest(name, known))


def nearest(word: str, names: Sequence[str]) -> str | None:
    """Return the most similar name, or None."""
    likely = [name for name in names[:MOST_COMPARED] if len(name) <= LONGEST_COMPARED]
    if len(word) > LONGEST_COMPARED:
        return None
    found = process.extractOne(word, likely, scorer=fuzz.ratio, score_cutoff=LEAST_SIMILAR)
    return found[0] if found else None


def words_of(error: ErrorDetails, model: Any) -> Notice:
    """Translate a pydantic error into a message for editors."""
    loc, kind, given, context = error["loc"], error["type"], error.get("input"), error.get("ctx", {})
    name = next((str(step) for step in reversed(loc) if isinstance(step, str)), "this")
    text = str(given)[:LONGEST_SHOWN] + "…" * (len(str(given)) > LONGEST_SHOWN)
    if kind == "missing":
        if name in LANGUAGES:
            return said("missing-language", language=said("english" if name == "en" else "chinese"), name=name)
        return said("missing-key", name=name)
    if kind == "extra_forbidden":
        return unknown_key(name, fields_at(model, loc[:-1]))[0]
    if kind == "literal_error":
        allowed = re.findall("'([^']*)'", str(context.get("expected", "")))
        return said("not-one-of", name=name, given=text, allowed=tuple(allowed))
    if kind.startswith("date"):
        return said("not-a-date", name=name, given=text)
    if kind.startswith("int_"):
        return said("not-a-whole-number", name=name, given=text)
    if kind == "greater_than_equal":
        return said("number-too-small", name=name, given=text, least=context.get("ge"))
    if kind == "less_than_equal":
        return said("number-too-large", name=name, given=text, most=context.get("le"))
    if kind.startswith("bool"):
        return said("neither-yes-nor-no", name=name, given=text)
    if (kind == "string_type" and given is None) or kind == "string_too_short":
        return said("empty", name=name)
    if kind == "string_type":
        return said("not-a-text", name=name, shape=shape(given))
    if kind == "string_pattern_mismatch":
        return said("not-an-id", given=text)
    if kind == "string_too_long":
        return said("id-too-long", given=text, most=context.get("max_length"))
    if kind in ("tuple_type", "list_type") and re.match("[［【]", text):
        return said("wide-brackets", mark=text[0])
    if kind in ("tuple_type", "list_type"):
        return said("not-a-list", name=name, shape=shape(given))
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        keys = tuple(fields_at(model, loc)) or (said("name-value"),)
        return said("not-keys", name=name, keys=keys, shape=shape(given))
    if kind == "too_short":
        return said("too-few", name=name, least=context.get("min_length"))
    if kind == "too_long":
        return said("too-many", name=name, most=context.get("max_length"))
    wrong = context.get("error")
    return wrong.said if isinstance(wrong, Wrong) else said("other-value", name=name, problem=error["msg"])


def unknown_key(name: str, known: Sequence[str]) -> tuple[Notice, str | None]:
    """Report an unknown key or the typing mistake in it. Returns the message and the intended key, if any."""
    for slip, code in ((NO_SPACE, "no-space-after-colon"), (NO_COLON, "no-colon")):
        found = slip.match(name)
        if found and found[1] in known and found[1] != name:
            return said(code, key=found[1]), found[1]
    return said("unknown-key", name=name, hint=suggest(name, known)), nearest(name, sorted(set(known)))


def shape(value: object) -> Notice:
    if value is None:
        return said("nothing")
    if isinstance(value, dict):
        return said("keys-and-values")
    if isinstance(value, list):
        return said("a-list")
    return said("the-text", text=str(value)[:LONGEST_SHOWN])


def unlike(node: Node, path: tuple[Step, ...]) -> Notice | None:
    """Report an incomplete entry whose id is similar to another's: a mistyped change rather than a new entry."""
    if not path or not isinstance(path[-1], int):
        return None
    entries = node.at(path[:-1]).value
    names = [entry_id(entry) for entry in entries if isinstance(entry, Node)] if isinstance(entries, list) else []
    own = names[path[-1]] if path[-1] < len(names) else None
    others = [name for name in names if name and name != own]
    near = nearest(own, others) if own else None
    return said("nothing-to-change", name=own, near=near) if near else None


T = TypeVar("T", bound=BaseModel)
MOST_MISTAKES = 100  # reported of one entry


def parse(model: type[T], node: Node, mistakes: list[Mistake], **given: object) -> T | None:
    """Validate a tree as an entry. Mistakes are appended to `mistakes`, and None is returned.

    `given` are values from outside the file, such as the id from the file name.
    """
    data = node.plain()
    if not isinstance(data, dict):
        keys = tuple(name for name in fields_at(model, ()) if name not in given)
        needed = tuple(name for name in keys if name in model.model_fields and model.model_fields[name].is_required())
        whole = not node.path and data is None
        told = said("empty-file", keys=needed) if whole else said("entry-not-keys", keys=keys, shape=shape(data))
        mistakes.append(node.mistake(told))
        return None
    for name in given:
        if name in data:
            mistakes.append(node.at((name,)).mistake(said("key-from-file-name", name=name)))
            data = {key: value for key, value in data.items() if key != name}
    try:
        return model.model_validate({**data, **given})
    except ValidationError as error:
        mistakes += mistakes_of(error.errors(include_url=False)[:MOST_MISTAKES], model, node)
        return None


def inside(path: tuple[Step, ...], outer: tuple[Step, ...]) -> bool:
    return len(path) > len(outer) and path[: len(outer)] == outer


def mistakes_of(details: Sequence[ErrorDetails], model: Any, node: Node) -> Iterator[Mistake]:
    """Yield an entry's mistakes without consequential ones, such as a missing key that is only mistyped."""
    meant = {
        (*detail["loc"][:-1], unknown_key(str(detail["loc"][-1]), fields_at(model, detail["loc"][:-1]))[1])
        for detail in details
        if detail["type"] == "extra_forbidden"
    }
    lost: set[tuple[Step, ...]] = set()
    for detail in details:
        path = tuple(step for step in detail["loc"] if step not in ("[key]",))
        if path[:-1] in lost or (detail["type"] == "missing" and detail["loc"] in meant):
            continue
        if detail["type"] == "too_short" and any(inside(one["loc"], detail["loc"]) for one in details):
            continue
        place = node.at(path)
        if detail["type"] == "extra_forbidden":
            words, key = unknown_key(str(path[-1]), fields_at(model, path[:-1]))
            slip = words.code != "unknown-key"
            yield replace(place, path=(*place.path[:-1], key if slip and key else path[-1])).mistake(words)
        elif detail["type"] != "missing":
            yield place.mistake(words_of(detail, model))
        elif other := unlike(node, path[:-1]):
            lost.add(path[:-1])
            yield place.mistake(other)
        else:
            yield place.mistake(words_of(detail, model), key=str(path[-1]))
