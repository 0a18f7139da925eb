"""Advice on phrasings, from leave-one-out cross-validation of the matcher."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from bot.content.said import Notice, said
from bot.content.tree import Mistake
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.looks import Known, written_down
from bot.model import Language
from bot.search.found import Label
from bot.search.matching import Phrasing

KINDS = {"topic": "label-topic", "unknown": "label-unknown", "talk": "label-talk", "check": "label-check"}
NAMES = {"en": said("english"), "zh": said("chinese")}


def advice(knowledge: Knowledge) -> list[Mistake]:
    """Return notes on labels, alternating with notes on misplaced phrasings, each strongest first."""
    known = written_down(knowledge.library)
    first: dict[str, Known] = {}
    for phrasing, where in known.items():
        first.setdefault(phrasing.label, where)
    found = [
        *alone(knowledge, first),
        *alike(knowledge, first),
        *(note for lang in knowledge.matchers for note in thin(knowledge, lang, first)),
    ]
    pulls = sorted(pulled(knowledge, known, first), key=lambda pull: -pull[0])
    turns = zip_longest(found, (note for _, note in pulls))  # the head of a long list shows both kinds
    return list(dict.fromkeys(note for pair in turns for note in pair if note))


def pulled(
    knowledge: Knowledge, known: Mapping[Phrasing, Known], first: Mapping[str, Known]
) -> Iterator[tuple[float, Mistake]]:
    """Yield phrasings that cross-validation assigns to another label, with the score."""
    for matcher in knowledge.matchers.values():
        for one in matcher.cross_validation.misplaced:
            own, given = (knowledge.finder.label(label) for label in (one.phrasing.label, one.given))
            where = known.get(one.phrasing)
            if where is None or one.given not in first or harmless(own, given):
                continue
            yield (
                one.score,
                note(where, said("pulls", words=one.phrasing.text, other=called(given))),
            )


def alone(knowledge: Knowledge, first: Mapping[str, Known]) -> Iterator[Mistake]:
    """Yield the languages with a single label: there are no counterexamples."""
    for lang, matcher in knowledge.matchers.items():
        if len(matcher.labels) == 1:
            yield note(first[matcher.labels[0]], said("alone", language=NAMES[lang]))


def alike(knowledge: Knowledge, first: Mapping[str, Known]) -> Iterator[Mistake]:
    """Yield pairs of labels that are confused with each other."""
    for lang, matcher in knowledge.matchers.items():
        for one in matcher.cross_validation.confusions:
            left, right = map(knowledge.finder.label, one.labels)
            if first.keys() >= {*one.labels} and not harmless(left, right):  # hidden labels have no place
                sides = {"one": called(left), "other": called(right)}
                told = said("hardly-told-apart", **sides, share=f"{one.share:.0%}", language=NAMES[lang])
                yield note(first[one.labels[0]], told)


def thin(knowledge: Knowledge, lang: Language, first: Mapping[str, Known]) -> Iterator[Mistake]:
    """Yield labels with too few phrasings for reliable scores; lint reports topics without training."""
    for label, language, count in knowledge.matchers[lang].cross_validation.thin:
        what = knowledge.finder.label(label)
        if language == lang and what.kind not in ("topic", "unknown") and label in first:
            yield note(first[label], said("thin", what=called(what), count=count, language=NAMES[lang]))


def harmless(one: Label, other: Label) -> bool:
    """True if both are known unknowns: confusing them gives no wrong answer."""
    return one.kind == other.kind == "unknown"


def called(label: Label) -> Notice:
    if label.detail:
        return said("label-detail", name=label.name, detail=label.detail)
    return said(KINDS[label.kind], name=label.name)


def note(where: Known, message: Notice) -> Mistake:
    assert where.place is not None
    return Mistake(where.place.file, where.place.line, message, True, where.place.path)
