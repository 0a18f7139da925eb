"""Effects of an import of auto-replies: collisions, unreachable keywords, questions taken, changed answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.content.kinds import KeywordReply, KeywordRule
from bot.content.said import Notice, said
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import Library
from bot.knowledge.lint import losses
from bot.language.normalize import loose_key
from bot.search.keywords import Keywords, Spelling, holds, spell
from handlers.abilities import ABILITIES
from handlers.code import surely_code

MOST_NAMED = 6  # topics in one line
AT_TIMES = ("consultant_words", "wechat_more_words")  # of a connected desk, and where more of a reply waits
KEYS = {
    "topic": "key-topic",
    "check": "key-check",
    "picture": "kind-picture",
    "file": "key-file",
    "course": "key-course",
}
CHOICES = 99  # a number of up to two digits chooses among numbered choices


@dataclass(frozen=True)
class Findings:
    """Lines for the report, by kind."""

    collides: tuple[Notice, ...]
    never_reached: tuple[Notice, ...]
    swallows: tuple[Notice, ...]
    differently: tuple[Notice, ...]


def findings(today: Knowledge, after: Library, names: Mapping[str, str]) -> Findings:
    """Compare the content as it is with the content after the import; `names` are the imported rules, by id."""
    own = [rule for name, rule in today.library.rules.items() if name not in names]
    imported = [after.rules[name] for name in names if name in after.rules]
    others = [rule for name, rule in after.rules.items() if name not in names]
    return Findings(
        (*collisions(imported, names), *losers(others, imported, names)),
        tuple(never_reached(imported, [*imported, *others], today, names)),
        tuple(swallows(today.library, imported, names)),
        tuple(differently(today, own, imported, names)),
    )


def called(rule: str, names: Mapping[str, str]) -> Notice:
    return said("in-rule", name=names[rule]) if rule in names else said("our-rule", name=rule)


def collisions(imported: Sequence[KeywordRule], names: Mapping[str, str]) -> Iterator[Notice]:
    """Yield the keywords that several of the account's rules have; the platform chooses one of them by chance."""
    first: dict[str, KeywordRule] = {}
    for rule in imported:
        for word in dict.fromkeys(loose_key(one.text) for one in rule.keywords):
            if (winner := first.setdefault(word, rule)) is not rule:
                yield said("word-in-both", word=word, one=called(winner.id, names), other=called(rule.id, names))


def losers(
    others: Sequence[KeywordRule], imported: Sequence[KeywordRule], names: Mapping[str, str]
) -> Iterator[Notice]:
    """Yield our keywords that an imported half match takes."""
    found = Keywords([*others, *imported])
    for rule in others:
        for word in rule.keywords:
            winner = found.find(word.text)
            if winner is not None and winner in names:
                yield said(
                    "word-now-gets", word=word.text, rule=rule.id, gives=gives(rule), other=called(winner, names)
                )


def never_reached(
    imported: Sequence[KeywordRule], rules: Sequence[KeywordRule], today: Knowledge, names: Mapping[str, str]
) -> Iterator[Notice]:
    """Yield the imported keywords whose messages all go elsewhere, and those that count only at times."""
    spelled = sorted((one for rule in rules for one in spell(rule)), key=Spelling.rank)
    numbers: list[str] = []
    for rule in imported:
        lost: list[Notice] = []
        for word, spelling in zip(rule.keywords, spell(rule), strict=True):
            of = called(rule.id, names)
            before = next((one for one in spelled if takes(one, spelling) and one.rank() < spelling.rank()), None)
            if before is not None and before.rule != rule.id:
                lost.append(
                    said("comes-first", word=word.text, rule=of, other=called(before.rule, names), text=before.text)
                )
            elif spelling.whole and (own := own_word(today, word.text)):
                lost.append(said("own-word", word=word.text, rule=of, own=own))
            elif spelling.whole and spelling.key.isdecimal() and len(spelling.key) <= len(str(CHOICES)):
                numbers.append(spelling.key)
        yield from lost
        if len(lost) == len(rule.keywords):
            yield said("all-of-rule", rule=called(rule.id, names))
    if numbers:
        yield said("numbers-choose", numbers=tuple(sorted(set(numbers))))


def takes(one: Spelling, other: Spelling) -> bool:
    """True if each message that matches the second matches the first."""
    return one.key == other.key if one.whole and other.whole else not one.whole and holds(one, other.text, other.key)


def own_word(knowledge: Knowledge, text: str) -> str | None:
    """Return the assistant's own answer to a message, before all keywords, or None."""
    key, phrases = loose_key(text), [*(one.words for one in ABILITIES if one.words), *AT_TIMES]
    found = (one.removesuffix("_words") for one in phrases if one in knowledge.library.phrases)
    own = (one for one in found if key in knowledge.sentences(f"{one}_words"))
    return next(own, "a result's code" if surely_code(text) else None)


def swallows(library: Library, imported: Sequence[KeywordRule], names: Mapping[str, str]) -> Iterator[Notice]:
    """Yield the half matches that take questions away from topics."""
    for rule, index, taken in losses(library, imported):
        count = sum(map(len, taken.values()))
        word, example = rule.keywords[index].text, next(iter(taken.values()))[0]
        topics, rest = tuple([*taken][:MOST_NAMED]), len(taken) - MOST_NAMED
        yield said(
            "word-takes", word=word, rule=called(rule.id, names), count=count, example=example,
            topics=said("topics-and-more", topics=topics, rest=rest) if rest > 0 else topics,
        )  # fmt: skip


def differently(
    today: Knowledge, own: Sequence[KeywordRule], imported: Sequence[KeywordRule], names: Mapping[str, str]
) -> Iterator[Notice]:
    """Yield the imported keywords that have another answer today."""
    found = Keywords(own)
    ours = {rule.id: rule for rule in own}
    for rule in imported:
        for word in rule.keywords:
            name = found.find(word.text)
            if name is not None and ours[name].replies != rule.replies:
                before = said("gives-by", gives=gives(ours[name]), rule=said("our-rule", name=name))
                yield said(
                    "answered-else", word=word.text, before=before, rule=called(rule.id, names), gives=gives(rule)
                )
            elif name is None and (answer := answered(today, word.text)):
                yield said(
                    "answered-else", word=word.text, before=answer, rule=called(rule.id, names), gives=gives(rule)
                )


def answered(knowledge: Knowledge, text: str) -> Notice | None:
    """Return the answer to a message without keywords, if the assistant is sure of it."""
    found = knowledge.finder.find(text)
    if not found.answers or found.tentative:
        return None
    return said("the-named", kind=in_words(found.answers[0].kind), name=found.answers[0].name)


def gives(rule: KeywordRule) -> tuple[Notice, ...]:
    """Describe a rule's replies on one line."""
    return tuple(dict.fromkeys(map(brought, rule.replies)))


def brought(reply: KeywordReply) -> Notice:
    if reply.text:
        return said("a-text")
    if reply.link:
        return said("the-link", title=reply.link.title.en)
    named: Iterable[tuple[str, object]] = ((key, value) for key, value in reply if value is not None)
    return next((said("the-named", kind=in_words(key), name=value) for key, value in named), said("gives-nothing"))


def in_words(key: str) -> Notice | str:
    """Return the word for what a reply names, such as a topic."""
    return said(KEYS[key]) if key in KEYS else key
