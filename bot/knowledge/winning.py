"""Precedence of an agency's phrasings, keywords and check names over the same words in the shipped content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bot.content.said import Notice, said
from bot.content.tree import Mistake, Node, Step, entry_id
from bot.knowledge.mending import HIDDEN, sifted, text_at
from bot.language.normalize import loose_key
from bot.model import LANGUAGES

PHRASING, KEYWORD, NAME = "phrasing", "keyword", "name"  # kinds of claims; a name is that of a check


class Claim(NamedTuple):
    """Words with a target: `entry` is dropped if the claim is lost; `only` is a keyword's sole target, if it has one."""

    kind: str
    key: str
    words: Node
    file: Node
    path: tuple[Step, ...]  # of the words in the file
    label: str  # of the target
    what: Notice | None  # the target in an editor's words; None if it is hidden, which needs no note
    entry: Node
    only: str = ""

    @property
    def text(self) -> Node:
        """The words with their path."""
        return self.file.at(self.path)


def own_words_win(trees: dict[str, Node], base: str, mistakes: list[Mistake]) -> None:
    """Drop shipped words that the agency's folder uses for another target; `base` is the prefix of shipped file names."""
    claims = [claim for name, node in trees.items() for claim in claims_of(name, node)]
    own: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        if not claim.words.file.startswith(base):
            own.setdefault((claim.kind, claim.key), claim)
    if not own:
        return
    yielding: set[int] = set()
    for claim in claims:
        if not claim.words.file.startswith(base):
            continue
        winner = own.get((claim.kind, claim.key))
        if winner is None and claim.kind == KEYWORD:  # keywords are matched before phrasings
            winner = own.get((PHRASING, claim.key))
        if winner is None or claim.label == winner.label or claim.only == winner.label:
            continue
        yielding.add(id(claim.entry))
        if claim.what is not None:
            told = said("words-won", words=winner.text.value, was=claim.what)
            mistakes.append(winner.text.mistake(told, warning=True))
    if not yielding:
        return
    for name in list(trees):
        trees[name] = sifted(trees[name], lambda _, node: id(node) not in yielding)
    without_words(trees, claims, yielding, own, mistakes)


def without_words(
    trees: dict[str, Node],
    claims: list[Claim],
    yielding: set[int],
    own: Mapping[tuple[str, str], Claim],
    mistakes: list[Mistake],
) -> None:
    """Drop the reply keywords that have lost all their words."""
    rules = trees.get("keywords")
    if rules is None or not isinstance(rules.value, list):
        return
    left = []
    for rule in rules.value:
        keywords = rule.value.get("keywords") if isinstance(rule.value, dict) else None
        lost = [one for one in claims if id(one.entry) in yielding and one.label == f"rule:{entry_id(rule)}"]
        if keywords is None or keywords.value or not lost:
            left.append(rule)
            continue
        winner = own.get((KEYWORD, lost[-1].key)) or own[PHRASING, lost[-1].key]
        mistakes.append(winner.text.mistake(said("keyword-without-words", name=entry_id(rule)), warning=True))
    trees["keywords"] = Node(left, rules.file, rules.line)


def claims_of(name: str, node: Node) -> Iterator[Claim]:
    """Yield the claims of a file's entries."""
    kind, _, identity = name.partition("/")
    if kind in ("topics", HIDDEN.rstrip("/")):
        was = said("was-of-topic", name=identity) if kind == "topics" else None
        yield from spoken(node, (), node, "phrasings", f"topic:{identity}", was)
        for parts in ("facts", "answers", "missing"):
            for number, part in enumerate(items(node, parts)):
                label = f"part:{identity}/{entry_id(part)}"
                was = said("was-of-detail", name=entry_id(part), topic=identity) if kind == "topics" else None
                yield from spoken(node, (parts, number), part, "asked", label, was)
    elif kind == "checks":
        yield from spoken(node, (), node, "start", f"check:{identity}", said("was-of-check", name=identity))
        yield from spoken(node, (), node, "names", f"check:{identity}", said("was-name-of-check", name=identity), NAME)
    elif name == "smalltalk":
        for number, talk in enumerate(items(node)):
            identity = str(entry_id(talk))
            was = said("was-of-talk", name=identity)
            yield from spoken(node, (number,), talk, "phrasings", f"talk:{identity}", was)
    elif name == "keywords":
        for at, rule in enumerate(items(node)):
            identity = str(entry_id(rule))
            replies = [f"{key}:{text_at(one, key)}" for one in items(rule, "replies") for key in keys(one)]
            only = replies[0] if len(replies) == 1 else ""
            for number, word in enumerate(items(rule, "keywords")):
                for key, text in word.value.items() if isinstance(word.value, dict) else ():
                    if isinstance(text.value, str):
                        was, path = said("was-of-rule", name=identity), (at, "keywords", number, key)
                        yield Claim(
                            KEYWORD, loose_key(text.value), text, node, path, f"rule:{identity}", was, word, only
                        )


def spoken(
    file: Node,
    path: tuple[Step, ...],
    entry: Node,
    key: str,
    label: str,
    what: Notice | None,
    kind: str = PHRASING,
) -> Iterator[Claim]:
    """Yield the claims of the phrasings under a key of an entry, in both languages; `path` leads to the entry."""
    texts = entry.value.get(key) if isinstance(entry.value, dict) else None
    for lang in LANGUAGES if texts else ():
        for number, text in enumerate(items(texts, lang)):
            if isinstance(text.value, str) and (words := loose_key(text.value)):
                yield Claim(kind, words, text, file, (*path, key, lang, number), label, what, text)


def items(node: Node | None, key: str = "") -> list[Node]:
    """Return the entries of a list, or of the list under a key."""
    if node is not None and key:
        node = node.value.get(key) if isinstance(node.value, dict) else None
    return node.value if node is not None and isinstance(node.value, list) else []


def keys(node: Node) -> list[str]:
    return list(node.value) if isinstance(node.value, dict) else []
