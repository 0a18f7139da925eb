"""What topics from a table make of a knowledge folder: which are new, which change, and what other content has already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import yaml

from bot.commands.importing import NAMES, Imported, title_of, titles
from bot.commands.spreadsheet import NotImported
from bot.content.tree import Loader, Mistake, Node
from bot.content.tree import read as read_yaml
from bot.knowledge.library import Library, file_name, phrasings_of, shipped
from bot.language.normalize import loose_key
from bot.model import LANGUAGES, Language

AREA = "imported"
ANSWER = "answer"  # the fact that an import writes
LONGEST_ID = 48
Dumper: Any = type("Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {})


def as_lines(dumper: Any, text: str) -> Any:
    """A text of several lines as an editor would write it, below "|"."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, as_lines)


class NotEmpty(Exception):
    """The folder to write to holds something already."""


Body = dict[str, Any]  # of a topic's file


class Change(NamedTuple):
    """What an import does to a topic, and what differs, a line each."""

    id: str
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Files to be written and deleted, and what that means."""

    files: Mapping[Path, str]
    gone: tuple[Path, ...]
    added: tuple[Change, ...]
    changed: tuple[Change, ...]
    same: tuple[Change, ...]
    absent: tuple[Change, ...]  # of an earlier import, and no longer in the file
    collisions: tuple[Mistake, ...]
    questions: int

    def write(self) -> None:
        """Raises OSError."""
        for path in self.gone:
            path.unlink()
        for path, text in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def text(self, replace: bool) -> str:
        """For an editor who has not decided yet."""
        parts = [
            *listed("Added", self.added),
            *listed("Changed", self.changed),
            *listed(
                "Taken away" if replace else "No longer in the file (they stay; --replace takes them away)", self.absent
            ),
            *([f"Unchanged: {len(self.same)}"] if self.same else []),
            *(
                [f"Collides: {len(self.collisions)}", *(f"  {one}" for one in self.collisions)]
                if self.collisions
                else []
            ),
        ]
        return "\n".join(parts)


def listed(what: str, changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield f"{what}: {len(changes)}"
    for one in changes:
        yield f"  {one.id}" + (f"  {one.title}" if one.title != one.id else "")
        yield from (f"    {line}" for line in one.lines)


def refuse_strange(folder: Path, *, replace: bool) -> None:
    """Raises NotEmpty where a folder holds what an import may not delete."""
    held = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    strange = [path for path in held if not (replace and ours(path))]
    if strange:
        ways = "--update adds to it" if replace else "--update adds to it, --replace an earlier import"
        raise NotEmpty(f"{folder}: this folder is not empty ({strange[0]}); {ways}, or choose another folder")


def ours(inside: Path) -> bool:
    return inside.parts in (("sources.yaml",), ("smalltalk.yaml",)) or inside.parts[:2] == ("topics", AREA)


def plan(
    topics: Sequence[Imported],
    folder: Path,
    title: str,
    day: date,
    *,
    replace: bool = False,
    beside: Library | None = None,
) -> Plan:
    """What the topics of a file make of a folder; `title` is the source's name, `day` its date.

    With `replace`, nothing of an earlier import is kept but the topics' ids. `beside` is the content that is used together with them:
    a question that it has already stays where it is. Raises NotImported, OSError.
    """
    before = earlier(folder)
    bodies = {name: body for name, (_, body) in before.items()}
    name_topics(topics, bodies, beside)
    collisions: list[Mistake] = []
    claims = claims_of(beside, folder) if beside else {}
    kept = [one for topic in topics if (one := apart(topic, claims, collisions))]
    source, taken = slug(title), {path.stem.casefold() for path, _ in before.values()}
    claimed = {loose_key(words): topic.id for topic in kept for words in topic.asked}
    files: dict[Path, str] = {}
    added, changed, same, absent = list[Change](), list[Change](), list[Change](), list[Change]()
    for topic in kept:
        body, new = bodies.get(topic.id), entry(topic, source)
        if body and not replace:
            new = merged(body, new, topic, claimed)
        path = before[topic.id][0] if body else folder / "topics" / AREA / f"{file_name(topic.id, taken)}.yaml"
        files[path] = dumped(new)
        lines = tuple(differences(body or {}, new))
        (same if body and not lines else changed if body else added).append(Change(topic.id, title_of(topic), lines))
    for name in bodies.keys() - {topic.id for topic in kept}:
        path, body = before[name]
        rest = without(body, claimed, name)
        absent.append(Change(name, body["title"]["en"]))
        if not replace and rest != body:
            files[path] = dumped(rest)
            changed.append(Change(name, body["title"]["en"], tuple(differences(body, rest))))
    files[folder / "sources.yaml"] = sources(folder / "sources.yaml", source, title, day, replace=replace)
    if replace or not folder.exists():
        files[folder / "smalltalk.yaml"] = dumped([])  # none of what ships: a topic may well be a greeting
    gone = tuple(path for path, _ in before.values() if replace and path not in files)
    return Plan(
        files,
        gone,
        tuple(added),
        tuple(sorted(changed)),
        tuple(same),
        tuple(sorted(absent)),
        tuple(collisions),
        len(claimed),
    )


def earlier(folder: Path) -> dict[str, tuple[Path, Body]]:
    """What an earlier import has written into a folder, by topic. Raises NotImported."""
    found: dict[str, tuple[Path, Body]] = {}
    mistakes: list[Mistake] = []
    for path in sorted((folder / "topics" / AREA).glob("*.yaml")):
        node = read_yaml(path, str(path), mistakes)
        body = node.plain() if node else None
        if isinstance(body, dict) and isinstance(body.get("title"), dict) and isinstance(body.get("phrasings"), dict):
            found[unquote(path.stem)] = (path, body)
        elif node:
            mistakes.append(node.mistake('this topic lacks "title" or "phrasings"; mend it, or take the file away'))
    if bad := [one for one in mistakes if not one.warning]:
        raise NotImported(bad)
    return found


def name_topics(topics: Sequence[Imported], bodies: Mapping[str, Body], beside: Library | None) -> None:
    """Give each topic an id: that of the earlier one of the same title, else of the same questions, else a new one of its title."""
    titled = {loose_key(title): name for name, body in bodies.items() for title in body["title"].values()}
    asked = {loose_key(words): name for name, body in bodies.items() for words in questions_of(body)}
    used = {topic.id for topic in topics if topic.id}
    for topic in topics:
        take(topic, (titled.get(loose_key(title)) for title in titles(topic).values() if not topic.id), used)
    for topic in topics:
        take(topic, (asked.get(loose_key(words)) for words in topic.asked if not topic.id), used)
    taken = {
        *used,
        *bodies,
        *(path.stem for path in shipped().glob("topics/*/*.yaml")),
        *(beside.topics if beside else ()),
    }
    for topic in topics:
        if not topic.id:
            name = slug(topic.titles.get("en") or title_of(topic))
            topic.id = next(
                one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken
            )
            taken.add(topic.id)


def take(topic: Imported, names: Iterable[str | None], used: set[str]) -> None:
    topic.id = next((name for name in names if name and name not in used), topic.id)
    used.add(topic.id)


def slug(title: str) -> str:
    """An id from a title: its Latin letters and digits, Chinese as it sounds."""
    from pypinyin import lazy_pinyin  # deferred: slow to import

    name = re.sub(r"[^a-z0-9]+", "-", "-".join(lazy_pinyin(title)).lower()).strip("-")
    return (name if len(name) <= LONGEST_ID else name[:LONGEST_ID].rpartition("-")[0] or name[:LONGEST_ID]) or "topic"


def questions_of(body: Body) -> list[str]:
    return [words for lang in LANGUAGES for words in body["phrasings"].get(lang) or ()]


def claims_of(beside: Library, folder: Path) -> dict[str, tuple[str, Node]]:
    """What has each phrasing of the content, and where; an earlier import into the same folder aside."""
    return {
        loose_key(words): (label, place.at((lang, index)))
        for label, phrasings, place in phrasings_of(beside)
        if not place.file.startswith(f"{folder.name}/topics/{AREA}/")
        for lang in LANGUAGES
        for index, words in enumerate(phrasings[lang])
    }


def apart(topic: Imported, claims: Mapping[str, tuple[str, Node]], collisions: list[Mistake]) -> Imported | None:
    """The topic without the questions that other content has; None where none is left."""
    kept: dict[Language, list[str]] = {lang: [] for lang in LANGUAGES}
    for lang in LANGUAGES:
        for words in topic.phrasings[lang]:
            label, place = claims.get(loose_key(words), ("", None))
            if not place or label == f"topic:{topic.id}":
                kept[lang].append(words)
                continue
            kind, _, name = label.partition(":")
            has = {
                "topic": f"the topic {name}",
                "missing": f"a missing detail of {name}",
                "talk": f"the small talk {name}",
            }
            collisions.append(
                topic.first.mistake(
                    f'"{words}" is a phrasing of {has.get(kind, f"the check {name}")} ({place.file}:{place.line}), which keeps it; '
                    "left out here",
                    warning=True,
                )
            )
    if topic.asked and not any(kept.values()):
        collisions.append(
            topic.first.mistake(
                f'no question is left for "{title_of(topic)}", so that its answer is left out too', warning=True
            )
        )
        return None
    return replaced(topic, phrasings=kept)


def merged(body: Body, new: Body, topic: Imported, claimed: Mapping[str, str]) -> Body:
    """What an earlier import wrote with what the file says now. What an editor has added stays, and nothing is taken away."""
    one_title, told = len(set(body["title"].values())) == 1, answer_of(body)
    texts = dict(answer_of(new))
    for lang in LANGUAGES if told else ():
        if not topic.answers or (lang not in topic.answers and told["en"] != told["zh"]):
            texts[lang] = told[lang]
    title = {
        lang: topic.titles.get(lang) or (new if one_title and topic.titles else body)["title"][lang]
        for lang in LANGUAGES
    }
    made = {**body, **new, "title": title, "phrasings": {}}
    if topic.known:
        made.pop("instead", None)
        facts = {fact["id"]: fact for fact in (*(body.get("facts") or ()), *new["facts"])}
        before: Body = next((fact for fact in body.get("facts") or () if fact["id"] == ANSWER), {})
        unchanged = before if all(before.get(lang) == texts[lang] for lang in LANGUAGES) else {}
        status = "stated" if topic.answers else before.get("status", "missing")
        facts[ANSWER] = {**unchanged, "id": ANSWER, "status": status, **texts}
        made["facts"] = list(facts.values())
    else:
        made.pop("facts", None)
        made["instead"] = texts
    rest = without(body, claimed, topic.id)["phrasings"]
    for lang in LANGUAGES:
        own = {loose_key(words) for words in topic.phrasings[lang]}
        others = {key for key, name in claimed.items() if name == topic.id} - own
        stay = [words for words in rest.get(lang) or () if loose_key(words) not in others]
        there = set(map(loose_key, stay))
        made["phrasings"][lang] = [*stay, *(words for words in topic.phrasings[lang] if loose_key(words) not in there)]
    return made


def without(body: Body, claimed: Mapping[str, str], name: str) -> Body:
    """A topic without the questions that the file gives to others."""
    said = {
        lang: [words for words in body["phrasings"].get(lang) or () if claimed.get(loose_key(words), name) == name]
        for lang in LANGUAGES
    }
    return {**body, "phrasings": said}


def answer_of(body: Body) -> dict[str, str]:
    facts = [fact for fact in body.get("facts") or () if fact["id"] == ANSWER]
    return {lang: one[lang] for one in [*facts, body.get("instead") or {}][:1] if one for lang in LANGUAGES}


def differences(old: Body, new: Body) -> Iterator[str]:
    """What an editor should see: old and new titles and answers, and the questions that come and go."""
    for what, before, after in (
        ("title", old.get("title") or {}, new["title"] if old else {}),
        ("answer", answer_of(old), answer_of(new)),
    ):
        one = len(set(before.values())) < 2 and len(set(after.values())) < 2
        for lang in LANGUAGES[:1] if one else LANGUAGES:
            if before.get(lang) != after.get(lang):
                was = f"{line_of(before[lang])} → " if lang in before else ""
                yield f"{what}{'' if one else f' in {NAMES[lang]}'}: {was}{line_of(after[lang])}"
    had, has = (questions_of(body) if body else [] for body in (old, new))
    yield from (f"+ {words}" for words in has if words not in had)
    yield from (f"- {words}" for words in had if words not in has)


def line_of(text: str) -> str:
    """A text of a file as a merchant reads it, on one line."""
    return " ".join(GIVEN.sub(lambda match: chr(int(match[2], 16)) if match[2] else match[1], text).split())


def sources(path: Path, source: str, title: str, day: date, *, replace: bool) -> str:
    """The file of sources with the imported file among them; what else stands there stays to the letter. Raises NotImported, OSError."""
    fresh = dumped([{"id": source, "date": day.isoformat(), "en": title, "zh": title}])
    if replace or not path.exists():
        return fresh
    mistakes: list[Mistake] = []
    text, node = path.read_text("utf-8-sig"), read_yaml(path, str(path), mistakes)
    before = node.plain() if node else None
    there = before if isinstance(before, list) else []
    for one in there:
        if isinstance(one, dict) and one.get("id") == source:
            return text.replace(dumped([one]), dumped([{**one, "date": day.isoformat()}]))
    whole = f"{text.rstrip()}\n{fresh}".lstrip("\n")
    try:
        fits = len(yaml.load(whole, Loader=Loader)) == len(there) + 1
    except (yaml.YAMLError, TypeError):
        fits = False
    if not fits:
        words = f"nothing can be added to this file as it is written; add this by hand and import again:\n{fresh}"
        raise NotImported(mistakes or [Mistake(str(path), 1, words)])
    return whole


def dumped(data: Any) -> str:
    return str(yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=10**6))


def entry(topic: Imported, source: str) -> Body:
    """The topic as a content file holds it; where no answer is given, one says so."""
    shown, given = title_of(topic), topic.answers
    neutral: dict[Language, str] = {
        "en": f"No answer to “{escaped(shown)}” has been written yet.",
        "zh": f"“{escaped(shown)}”还没有写好的回答。",
    }
    texts: dict[str, str] = {
        lang: verbatim(given.get(lang) or next(iter(given.values()), neutral[lang])) for lang in LANGUAGES
    }
    fact = {"id": ANSWER, "status": "stated" if given else "missing", **texts}
    body: Body = {"source": source, "facts": [fact]} if topic.known else {"instead": texts}
    phrasings = {lang: topic.phrasings[lang] for lang in LANGUAGES}
    return {"title": titles(topic), **body, "phrasings": phrasings}


def escaped(text: str) -> str:
    """The text as Markdown that shows it to the letter."""
    return re.sub(r"([\\`*_\[\]<>#&])", r"\\\1", text)


# What a template would read, or lint would take for a slip of the keyboard.
TAKEN = re.compile(r"\{(?=[{%#]| ?[a-z_])|[｛｝]|^“")
GIVEN = re.compile(r"\{\{ '(?:(\{)|\\u([0-9a-f]{4}))' \}\}")


def verbatim(text: str) -> str:
    """The text as a template that gives it to the letter."""
    return TAKEN.sub(lambda match: "{{ '" + (match[0] if match[0] == "{" else f"\\u{ord(match[0]):04x}") + "' }}", text)
