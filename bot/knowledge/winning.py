"""The agency's own words win: what its folder says merchants mean by them is no longer meant by the content that ships."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.knowledge.mending import HIDDEN, sifted, text_at
from bot.knowledge.normalize import loose_key
from bot.knowledge.reading import Mistake, Node, entry_id
from bot.model import LANGUAGES

SAID, KEYWORD, NAME = "said", "keyword", "name"  # what is claimed: a phrasing, a reply keyword, the name of a check


@dataclass(frozen=True)
class Claim:
    """Words that lead somewhere: `entry` is what falls away with them, `only` the topic or check that they lead to."""

    kind: str
    text: Node
    label: str  # of what they lead to
    what: str  # the same in an editor's words
    entry: Node
    only: str = ""

    @property
    def key(self) -> str:
        return loose_key(str(self.text.value))


def own_words_win(trees: dict[str, Node], base: str, mistakes: list[Mistake]) -> None:
    """Take away from what ships (its files begin with `base`) the words that an agency's folder has for something else."""
    claims = [claim for name, node in trees.items() for claim in claims_of(name, node)]
    own: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        if not claim.text.file.startswith(base):
            own.setdefault((claim.kind, claim.key), claim)
    if not own:
        return
    yielding: set[int] = set()
    for claim in claims:
        if not claim.text.file.startswith(base):
            continue
        winner = own.get((claim.kind, claim.key))
        if winner is None and claim.kind == KEYWORD:  # a keyword would be found before the phrasing
            winner = own.get((SAID, claim.key))
        if winner is None or claim.label == winner.label or claim.only == winner.label:
            continue
        yielding.add(id(claim.entry))
        if not claim.what.startswith(HIDDEN):
            words = f'"{winner.text.value}": {claim.what}; it now leads to yours'
            mistakes.append(winner.text.mistake(words, warning=True))
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
    """Take away the reply keywords that have lost all their words."""
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
        winner = own.get((KEYWORD, lost[-1].key)) or own[SAID, lost[-1].key]
        words = f'the reply keyword "{entry_id(rule)}" that ships has no words left, and is gone'
        mistakes.append(winner.text.mistake(words, warning=True))
    trees["keywords"] = Node(left, rules.file, rules.line)


def claims_of(name: str, node: Node) -> Iterator[Claim]:
    """The words that lead to what a file holds."""
    kind, _, identity = name.partition("/")
    if kind in ("topics", HIDDEN.rstrip("/")):
        was = f'this phrasing was of the topic "{identity}"' if kind == "topics" else HIDDEN
        yield from said(node, "phrasings", f"topic:{identity}", was)
        for detail in items(node, "missing"):
            label = f"missing:{identity}/{entry_id(detail)}"
            was = f'this phrasing was of the detail "{entry_id(detail)}" of the topic "{identity}"'
            yield from said(detail, "asked", label, was if kind == "topics" else HIDDEN)
    elif kind == "checks":
        yield from said(node, "start", f"check:{identity}", f'this phrasing was of the check "{identity}"')
        yield from said(node, "names", f"check:{identity}", f'this was a name of the check "{identity}"', NAME)
    elif name == "smalltalk":
        for talk in items(node):
            identity = str(entry_id(talk))
            yield from said(talk, "phrasings", f"talk:{identity}", f'this phrasing was of the small talk "{identity}"')
    elif name == "keywords":
        for rule in items(node):
            identity = str(entry_id(rule))
            replies = [f"{key}:{text_at(one, key)}" for one in items(rule, "replies") for key in keys(one)]
            only = replies[0] if len(replies) == 1 else ""
            for word in items(rule, "keywords"):
                for text in word.value.values() if isinstance(word.value, dict) else ():
                    if isinstance(text.value, str):
                        was = f'this reply keyword was of the rule "{identity}"'
                        yield Claim(KEYWORD, text, f"rule:{identity}", was, word, only)


def said(node: Node, key: str, label: str, what: str, kind: str = SAID) -> Iterator[Claim]:
    """The phrasings under a key, in both languages."""
    spoken = node.value.get(key) if isinstance(node.value, dict) else None
    for lang in LANGUAGES if spoken else ():
        for text in items(spoken, lang):
            if isinstance(text.value, str) and loose_key(text.value):
                yield Claim(kind, text, label, what, text)


def items(node: Node | None, key: str = "") -> list[Node]:
    """The entries of a list, or of one that stands under a key."""
    if node is not None and key:
        node = node.value.get(key) if isinstance(node.value, dict) else None
    return node.value if node is not None and isinstance(node.value, list) else []


def keys(node: Node) -> list[str]:
    return list(node.value) if isinstance(node.value, dict) else []
