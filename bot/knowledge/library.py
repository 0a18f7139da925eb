"""Loading of content folders: reads the files, overlays the folders, validates the entries, and collects mistakes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TypeVar
from urllib.parse import unquote

from pydantic import BaseModel

from bot.checks import Check
from bot.compiled import Form
from bot.content import figures, kinds
from bot.content.agency import Operator
from bot.content.figures import Sourced
from bot.content.folder import Unreadable, content_files, read_bytes
from bot.content.kinds import (
    NO_PHRASINGS,
    Asked,
    Benefit,
    CannedReply,
    Course,
    Guard,
    KeywordRule,
    Phrasings,
    RegistrationStep,
    SideKind,
    SmallTalk,
    Source,
    Term,
    Text,
    Tier,
    Topic,
)
from bot.content.said import Notice, said
from bot.content.templates import Data
from bot.content.tree import Mistake, Node, entry_id, read
from bot.knowledge.mending import HIDDEN, REMOVED, hide, mended
from bot.knowledge.overlay import Laying, removed
from bot.knowledge.winning import own_words_win
from bot.memory import uncollected
from bot.model import LANGUAGES

LISTS: Mapping[str, type[BaseModel]] = {
    "sources": Source,
    "glossary": Term,
    "tiers": Tier,
    "benefits": Benefit,
    "registration": RegistrationStep,
    "courses": Course,
    "keywords": KeywordRule,
    "smalltalk": SmallTalk,
    "replies": CannedReply,
    "guards": Guard,
    "sides": SideKind,
}
MAPPINGS = ("figures", "operator", "phrases")
FOLDERS = ("topics", "checks", "files")
MOST_ENTRIES = {
    "keywords": 1000,
    "benefits": 200,
    "registration": 200,
    "replies": 200,
}  # compared in pairs, or all shown at once
REFUSED = r'^\.|[%/\\:*?"<>|]'  # invalid in file names on some file system
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Library:
    """The content of all folders: entries by id, with their places for messages."""

    topics: Mapping[str, Topic]
    checks: Mapping[str, Check]
    sources: Mapping[str, Source]
    terms: Mapping[str, Term]
    rules: Mapping[str, KeywordRule]
    smalltalk: Mapping[str, SmallTalk]
    replies: Mapping[str, CannedReply]
    guards: Mapping[str, Guard]
    sides: Mapping[str, SideKind]
    phrases: Mapping[str, Text]
    data: Data
    files: Mapping[str, str]  # name below `files/` → path
    places: Mapping[str, Node] = field(repr=False, compare=False)  # "topics/deposit-amount" → its tree
    version: str = ""
    sourced: Sourced = field(default_factory=Sourced)
    unread: frozenset[str] = frozenset()  # invalid entries and files, already reported
    hidden: Mapping[str, Topic] = field(default_factory=dict)  # topics that an agency hides
    base: str = "\0"  # prefix of the lowest layer's file names

    @property
    def operator(self) -> Operator:
        return self.data.operator

    def has(self, kind: str, name: str) -> bool:
        """True if a topic, check, source or term of this id exists, hidden and invalid ones included."""
        made = {"topics": self.topics, "checks": self.checks, "sources": self.sources, "glossary": self.terms}[kind]
        hidden = kind == "topics" and name in self.hidden
        return name in made or hidden or f"{kind}/{name}" in self.unread or kind in self.unread

    def topic_behind(self, name: str) -> Topic | None:
        """Return the topic of a check's rule, also if it is hidden."""
        return self.topics.get(name) or self.hidden.get(name)

    def place(self, kind: str, name: str, *path: str | int) -> Node:
        return self.places[f"{kind}/{name}"].at(path)


# The packages whose code determines the compiled content.
STOREYS = tuple(
    Path(__file__).parent.parent / name for name in ("content", "language", "search", "checks", "knowledge")
)


def shipped() -> Path:
    """Return the folder of the shipped content."""
    inside = Path(__file__).resolve().parent.parent / "shipped"
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent.parent / "knowledge"


def fingerprint(folders: Sequence[Path]) -> str:
    """Hash the folders' YAML files and the list of their other files. Raises Unreadable."""
    digest = hashlib.sha256()
    for folder in folders:
        for one in content_files(folder):
            if not one.is_text or one.refused:
                digest.update(f"{one.name}\0{one.path}\0{one.refused}\0".encode("utf-8", "replace"))
                continue
            try:
                digest.update(f"{one.name}\0".encode() + read_bytes(one.path) + b"\0")
            except OSError as error:
                raise Unreadable(said("unreadable-folder", folder=one.path, why=error.strerror)) from error
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Trees:
    """Overlaid content folders before validation: trees by name, files to send, and the version."""

    trees: Mapping[str, Node]
    files: Mapping[str, str]
    version: str
    under: Node | None = None  # the shipped figures
    unread: frozenset[str] = frozenset()  # names of unreadable files
    base: str = "\0"  # prefix of the lowest layer's file names

    def form(self) -> Form:
        return Form(
            {
                "trees": {name: node.packed() for name, node in self.trees.items()},
                "files": self.files,
                "version": self.version,
                "under": self.under and self.under.packed(),
                "unread": sorted(self.unread),
                "base": self.base,
            }
        )

    @classmethod
    def of(cls, form: Form) -> Trees:
        facts = form.facts
        return cls(
            {name: Node.of(node) for name, node in facts["trees"].items()},
            facts["files"],
            facts["version"],
            facts["under"] and Node.of(facts["under"]),
            frozenset(facts["unread"]),
            facts["base"],
        )


@uncollected()
def load(folders: Sequence[Path], *, only: bool = False) -> tuple[Library, list[Mistake]]:
    """Load the folders, later ones over earlier ones. Returns the valid content and all mistakes.

    The shipped content is the lowest layer; with `only`, just its sentences and small talk are used.
    Raises Unreadable if a folder cannot be read.
    """
    read, mistakes = read_trees(folders, only=only)
    library, more = made_of(read)
    return library, mistakes + more


def read_trees(folders: Sequence[Path], *, only: bool = False) -> tuple[Trees, list[Mistake]]:
    """The first half of `load`: read and overlay the folders. Raises Unreadable."""
    mistakes: list[Mistake] = []
    base = shipped()
    layers = list(folders) if only else [base, *folders]
    lowest = layers[0] if len(layers) > 1 else base
    trees: dict[str, Node] = {}
    files: dict[str, str] = {}
    unread: set[str] = set()
    under: Node | None = None
    shown = {lowest.name: lowest}
    for number, layer in enumerate(layers):
        name = layer.name if shown.setdefault(layer.name, layer) == layer else str(layer.absolute())
        read_layer(layer, name, trees, files, mistakes, unread)
        if not number and not only:
            under = trees.get("figures")
    if only:
        lend(base, trees, mistakes)
    from_courses(trees)
    begins = f"{lowest.name}/"
    mended(trees, begins, mistakes)
    own_words_win(trees, begins, mistakes)
    return Trees(trees, files, fingerprint(layers), under, frozenset(unread), begins), mistakes


def made_of(read: Trees) -> tuple[Library, list[Mistake]]:
    """The second half of `load`: validate the trees."""
    mistakes: list[Mistake] = []
    trees = dict(read.trees)
    lists = {name: listed(name, model, trees, mistakes) for name, model in LISTS.items()}
    numbers, sourced = (
        figures.read(trees["figures"], read.under, lists["sources"], mistakes)  # type: ignore[arg-type]
        if "figures" in trees
        else ({}, Sourced())
    )
    topics = entries("topics", Topic, trees, mistakes)
    checks = entries("checks", Check, trees, mistakes)
    operator = kinds.parse(Operator, trees["operator"], mistakes) if "operator" in trees else None
    data = Data(
        figures=numbers,
        operator=operator or Operator.none(),
        benefits=tuple(lists["benefits"].values()),  # type: ignore[arg-type]
        steps=tuple(lists["registration"].values()),  # type: ignore[arg-type]
        courses=tuple(lists["courses"].values()),  # type: ignore[arg-type]
        tiers=lists["tiers"],  # type: ignore[arg-type]
        checks=titles(operator, topics, checks),
        keyword=example_of(lists["keywords"].values()),  # type: ignore[arg-type]
        until=max((source.date for source in lists["sources"].values()), default=None),  # type: ignore[attr-defined]
    )
    library = Library(
        topics={name: citing(topic, sourced) for name, topic in topics.items()},
        checks=checks,
        sources={**lists["sources"], **{source.id: source for source in sourced.sources.values()}},  # type: ignore[dict-item]
        terms=lists["glossary"],  # type: ignore[arg-type]
        rules=lists["keywords"],  # type: ignore[arg-type]
        smalltalk=lists["smalltalk"],  # type: ignore[arg-type]
        replies=lists["replies"],  # type: ignore[arg-type]
        guards=lists["guards"],  # type: ignore[arg-type]
        sides=lists["sides"],  # type: ignore[arg-type]
        phrases=phrases(trees, mistakes),
        data=data,
        files=read.files,
        places=trees,
        version=read.version,
        sourced=sourced,
        unread=frozenset({*read.unread, *broken(trees, topics, checks), *unmade(trees, lists)}),
        hidden={name: citing(topic, sourced) for name, topic in entries(HIDDEN.rstrip("/"), Topic, trees, []).items()},
        base=read.base,
    )
    for name, source in sourced.sources.items():
        trees.setdefault(f"sources/{source.id}", trees["figures"].at(tuple(name.split("."))))
    if "figures" in trees:
        mistakes += figures.laid_over(read.under, trees["figures"], texts(library))
    return library, mistakes


MOST_TITLES = 3


def titles(operator: Operator | None, topics: Mapping[str, Topic], checks: Mapping[str, Check]) -> tuple[Text, ...]:
    """Return some checks' titles: those of the most-asked topics, else the first."""
    asked = (topics[name].check for name in operator.most_asked if name in topics) if operator else ()
    names = [name for name in dict.fromkeys(asked) if name in checks] or [*checks]
    return tuple(checks[name].title for name in names[:MOST_TITLES] if name)


def example_of(rules: Iterable[KeywordRule]) -> Text | None:
    """Return the first reply keyword in each language, as an example."""
    words = [one.equal for rule in rules for one in rule.keywords if one.equal]
    if not words:
        return None
    english = next((word for word in words if word.isascii()), words[0])
    return Text(en=english, zh=next((word for word in words if not word.isascii()), english))


def read_layer(
    layer: Path, called: str, trees: dict[str, Node], files: dict[str, str], mistakes: list[Mistake], unread: set[str]
) -> None:
    """Overlay one folder on the trees; `called` is its name in messages."""
    seen: dict[str, str] = {}
    files_here = content_files(layer)
    names = {place_of(PurePosixPath(one.name)) for one in files_here if one.is_text}
    laying = Laying(mistakes)
    for one in files_here:
        inside = PurePosixPath(one.name)
        shown = f"{called}/{one.name}"
        if one.refused:
            mistakes.append(Mistake(shown, 1, one.refused))
            continue
        if one.is_sent:
            files[one.name.removeprefix("files/")] = str(one.path)
            continue
        name = place_of(inside)
        if name is None:
            mistakes.append(Mistake(shown, 1, misplaced(inside)))
            continue
        if name in seen:
            mistakes.append(Mistake(shown, 1, said("id-taken", name=inside.stem, file=seen[name])))
            continue
        original = copy_of(name)
        if original and (original in names or original in trees):
            mistakes.append(Mistake(shown, 1, said("a-copy", name=original.rpartition("/")[2])))
            continue
        seen[name] = shown
        node = read(one.path, shown, mistakes)
        if node is None:
            unread.add(name)
            continue
        if node.value is None and not name.startswith(("topics/", "checks/")):
            continue
        if name.startswith("topics/") and isinstance(node.value, dict):
            node.value.setdefault("area", Node(inside.parent.name, shown, 1))
        if removed(node):
            take_away(name, node, trees, mistakes)
        else:
            trees[name] = laying.laid(trees[name], node, (name,)) if name in trees else node
            for gone in (f"{REMOVED}{name}", f"{HIDDEN}{name.removeprefix('topics/')}"):
                trees.pop(gone, None)
    trees |= {f"{REMOVED}{'|'.join(place)}": node for place, node in laying.taken.items()}


def take_away(name: str, by: Node, trees: dict[str, Node], mistakes: list[Mistake]) -> None:
    """Hide a whole topic, check or list."""
    kind, _, identity = name.rpartition("/")
    if name not in trees:
        known = [one.rpartition("/")[2] for one in trees if one.rpartition("/")[0] == kind]
        mistakes.append(by.mistake(said("nothing-to-hide", name=identity, hint=kinds.suggest(identity, known))))
        return
    trees[f"{REMOVED}{name}"] = by
    if kind == "topics":
        hide(trees, name, by)
    else:
        trees.pop(name)


def misplaced(inside: PurePosixPath) -> Notice:
    """Report a file that is not a content file by its name."""
    if len(inside.parts) > 1:
        return said("no-content-folder", name=inside.parts[0], hint=kinds.suggest(inside.parts[0], FOLDERS))
    return said("no-content-file", hint=kinds.suggest(inside.stem, [*LISTS, *MAPPINGS]))


def copy_of(name: str) -> str | None:
    """Return the original's name of a file manager's copy: "a copy", "a (1)", "a - 副本"."""
    found = re.fullmatch(r"(.+?)(?: copy(?: \d+)?| - (?:Copy|副本)(?: ?\(\d+\))?| ?\(\d+\)| ?的?副本 ?\d*)", name)
    return found[1] if found else None


def place_of(inside: PurePosixPath) -> str | None:
    if inside.parts[0] in ("topics", "checks") and len(inside.parts) > 1:
        return f"{inside.parts[0]}/{unquote(inside.stem)}"
    return inside.stem if len(inside.parts) == 1 and inside.stem in {*LISTS, *MAPPINGS} else None


def file_name(topic: str, taken: set[str]) -> str:
    """Return a topic's file name without its extension: the id, with invalid characters percent-encoded (RFC 3986).

    `taken`: the casefolded names so far, to which the name is added; names must not differ in case alone.
    """
    name = re.sub(REFUSED, encoded, topic)
    if name.casefold() in taken:
        name = re.sub(f"{REFUSED}|[A-Z]", encoded, topic)
    taken.add(name.casefold())
    return name


def encoded(character: re.Match[str]) -> str:
    return f"%{ord(character[0]):02X}"


def lend(base: Path, trees: dict[str, Node], mistakes: list[Mistake]) -> None:
    """Put the shipped sentences under those of a standalone folder, and the shipped small talk if it has none."""
    for name in ("phrases", "smalltalk"):
        path = base / f"{name}.yaml"
        node = read(path, f"{base.name}/{path.name}", mistakes)
        if node is None or (name == "smalltalk" and name in trees):
            continue
        trees[name] = Laying(mistakes).laid(node, trees[name], (name,)) if name in trees else node


def from_courses(trees: dict[str, Node]) -> None:
    """Generate the topic and the reply keyword of each course with `keywords`, unless a file defines them."""
    courses, words = trees.get("courses"), trees.get("phrases")
    told = words.at(("course_told",)) if words else None
    for item in courses.value if courses and isinstance(courses.value, list) else ():
        name, keywords, title = entry_id(item), item.at(("keywords",)), item.at(("title",))
        if name is None or not isinstance(keywords.value, list) or not told or not isinstance(title.value, dict):
            continue
        topic = f"course-{name}"
        if f"{HIDDEN}{topic}" in trees:
            continue
        if f"topics/{topic}" not in trees:
            trees[f"topics/{topic}"] = topic_of(item, name, told)
        rule = {
            "id": topic,
            "priority": "10",
            "keywords": [{"equal": word.value} for word in keywords.value],
            "replies": [{"topic": topic}],
        }
        rules = trees.setdefault("keywords", Node([], item.file, item.line))
        if isinstance(rules.value, list) and topic not in map(entry_id, rules.value):
            trees["keywords"] = replace(rules, value=[*rules.value, planted(rule, keywords)])


def topic_of(course: Node, name: str, told: Node) -> Node:
    """Generate a course's topic from the sentence `course_told`."""
    title = course.at(("title",)).value
    assert isinstance(title, dict)
    fact: dict[str, object] = {"id": "course"}
    for lang, words in told.value.items() if isinstance(told.value, dict) else ():
        fact[lang] = str(words.value).replace("course(this)", f'course("{name}")')
    asked = {lang: [title[lang]] for lang in LANGUAGES if lang in title}
    topic = planted({"area": "people", "title": title, "facts": [fact], "phrasings": asked}, course)
    assert isinstance(topic.value, dict)
    assert isinstance(course.value, dict)
    for key in ("source", "phrasings"):
        if key in course.value:
            topic.value[key] = (
                Laying([]).laid(topic.value[key], course.value[key], (key,))
                if key in topic.value
                else course.value[key]
            )
    return topic


def planted(value: object, at: Node) -> Node:
    """Make a tree of plain values, with the place of `at`."""
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        return Node({key: planted(one, at) for key, one in value.items()}, at.file, at.line)
    if isinstance(value, list):
        return Node([planted(one, at) for one in value], at.file, at.line)
    return Node(None if value is None else str(value), at.file, at.line)


def entries(kind: str, model: type[T], trees: Mapping[str, Node], mistakes: list[Mistake]) -> dict[str, T]:
    """Validate the entries with a file each, by id."""
    found = {}
    for name in sorted(trees):
        if name.startswith(f"{kind}/"):
            entry = kinds.parse(model, trees[name], mistakes, id=name.split("/", 1)[1])
            if entry is not None:
                found[name.split("/", 1)[1]] = entry
    return found


def listed(name: str, model: type[T], trees: dict[str, Node], mistakes: list[Mistake]) -> dict[str, T]:
    """Validate the entries of a list file, by id; their places are added to `trees` as `file/id`."""
    if name not in trees:
        return {}
    node = trees[name]
    if not isinstance(node.value, list):
        mistakes.append(node.mistake(said("not-a-list-file")))
        return {}
    if len(node.value) > (most := MOST_ENTRIES.get(name, len(node.value))):
        mistakes.append(node.mistake(said("too-many-entries", count=f"{len(node.value):,}", most=f"{most:,}")))
        return {}
    found: dict[str, T] = {}
    for number in range(len(node.value)):
        item = node.at((number,))
        entry = kinds.parse(model, item, mistakes)
        if entry is not None:
            identity = str(getattr(entry, "id", ""))
            found[identity] = entry
            trees[f"{name}/{identity}"] = item
    return found


def broken(trees: Mapping[str, Node], *found: Mapping[str, object]) -> set[str]:
    """Return the names of invalid topics and checks."""
    kinds = dict(zip(("topics", "checks"), found, strict=True))
    return {
        name
        for name in trees
        if "/" in name and (kind := name.split("/", 1))[0] in kinds and kind[1] not in kinds[kind[0]]
    }


def unmade(trees: Mapping[str, Node], lists: Mapping[str, Mapping[str, object]]) -> set[str]:
    """Return the names of invalid list entries, as `file/id`, and of files that are not lists."""
    found = set()
    for name, made in lists.items():
        entries = trees[name].value if name in trees else []
        if not isinstance(entries, list):
            found.add(name)
            continue
        found |= {f"{name}/{identity}" for one in entries if (identity := entry_id(one)) and identity not in made}
    return found


def citing(topic: Topic, sourced: Sourced) -> Topic:
    """Add the sources of figures to a topic's facts."""
    if not any(sourced.of(f"{fact.en}\n{fact.zh}") for fact in topic.facts):
        return topic
    return topic.model_copy(
        update={"facts": tuple(fact.citing(sourced.of(f"{fact.en}\n{fact.zh}")) for fact in topic.facts)}
    )


def texts(library: Library) -> Iterator[str]:
    """Yield all entries that may name a figure, as JSON."""
    for kind in (library.topics, library.checks, library.rules, library.smalltalk, library.replies, library.phrases):
        for entry in kind.values():
            yield entry.model_dump_json()
    yield library.operator.model_dump_json()


def phrases(trees: Mapping[str, Node], mistakes: list[Mistake]) -> dict[str, Text]:
    node = trees.get("phrases")
    if node is None or not isinstance(node.value, dict):
        return {}
    parsed = {name: kinds.parse(Text, node.at((name,)), mistakes) for name in node.value}
    return {name: text for name, text in parsed.items() if text is not None}


def phrasings_of(library: Library, *, hidden: bool = False) -> list[tuple[str, Phrasings, Node]]:
    """List all phrasings as (label, phrasings, place). A label is `kind:id`, or `part:topic/id` of a topic's part.

    `hidden`: include hidden topics, in the order as if they were not hidden.
    """
    found: list[tuple[str, Phrasings, Node]] = []
    topics = {**library.topics, **(library.hidden if hidden else {})}
    for name, topic in sorted(topics.items()):
        kind = "topics" if name in library.topics else HIDDEN.rstrip("/")
        found.append((f"topic:{name}", topic.phrasings, library.place(kind, name, "phrasings")))
        for path, part in parts_of(topic):
            if part.asked is not NO_PHRASINGS:
                found.append((f"part:{name}/{part.id}", part.asked, library.place(kind, name, *path, "asked")))
    for name, talk in library.smalltalk.items():
        found.append((f"talk:{name}", talk.phrasings, library.place("smalltalk", name, "phrasings")))
    for name, check in library.checks.items():
        found.append((f"check:{name}", check.start, library.place("checks", name, "start")))
    return found


def parts_of(topic: Topic) -> Iterator[tuple[tuple[str, int], Asked]]:
    """Yield a topic's parts with their path in its file."""
    for kind in ("facts", "answers", "missing"):
        for index, part in enumerate(getattr(topic, kind)):
            yield (kind, index), part
