"""The plan of an import: new, changed and absent topics of a folder, and collisions with other content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from bot import private
from bot.content.said import Notice, said
from bot.content.tree import Mistake, Node
from bot.content.tree import read as read_yaml
from bot.importing.row_reader import TONGUE, ImportedTopic, title_of, titles
from bot.importing.spreadsheet import NotImported
from bot.importing.yaml_text import NotPut, dump, put_entries
from bot.knowledge.library import Library, file_name, phrasings_of, shipped
from bot.language.normalize import loose_key
from bot.model import LANGUAGES, Language

AREA = "imported"
ANSWER = "answer"  # the fact that an import writes
LONGEST_ID = 48
PHRASING_OF = {"topic": "phrasing-of-topic", "missing": "phrasing-of-missing", "talk": "phrasing-of-talk"}


class NotEmpty(Exception):
    """The target folder has other files."""


Body = dict[str, Any]  # of a topic's file


class Change(NamedTuple):
    """The effect of an import on a topic, with a line for each difference."""

    id: str
    title: str
    lines: tuple[Notice | str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The files to write and delete, and the changes of topics."""

    files: Mapping[Path, str]
    gone: tuple[Path, ...]
    added: tuple[Change, ...]
    changed: tuple[Change, ...]
    same: tuple[Change, ...]
    absent: tuple[Change, ...]  # in an earlier import, but no longer in the file
    collisions: tuple[Mistake, ...]
    questions: int
    bodies: Mapping[str, tuple[Body | None, Body]]  # of the topics added and changed: as it was, as it becomes
    source: Body

    def write(self) -> None:
        """Delete and write the files. Raises OSError."""
        for path in self.gone:
            path.unlink()
        for path, text in self.files.items():
            private.write_whole(path, text.encode())

    def text(self, replace: bool) -> str:
        """Describe the plan, for --dry-run."""
        parts = [
            *change_lines("Added", self.added),
            *change_lines("Changed", self.changed),
            *change_lines(
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


def change_lines(what: str, changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield f"{what}: {len(changes)}"
    for one in changes:
        yield f"  {one.id}" + (f"  {one.title}" if one.title != one.id else "")
        yield from (f"    {line}" for line in one.lines)


def require_import_folder(folder: Path, *, replace: bool) -> None:
    """Raise NotEmpty if the folder has files that an import must not delete."""
    held = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    strange = [path for path in held if not (replace and is_import_file(path))]
    if strange:
        ways = "--update adds to it" if replace else "--update adds to it, --replace an earlier import"
        raise NotEmpty(f"{folder}: this folder is not empty ({strange[0]}); {ways}, or choose another folder")


def is_import_file(inside: Path) -> bool:
    return inside.parts in (("sources.yaml",), ("smalltalk.yaml",)) or inside.parts[:2] == ("topics", AREA)


def plan(
    topics: Sequence[ImportedTopic],
    folder: Path,
    title: str,
    day: date,
    *,
    replace: bool = False,
    beside: Library | None = None,
) -> Plan:
    """Plan the import of topics into a folder; `title` is the source's name, `day` its date.

    `replace`: discard an earlier import except for the topics' ids. `beside`: the content used together with the folder,
    which keeps its questions. Raises NotImported, OSError.
    """
    before = earlier_topics(folder)
    bodies = {name: body for name, (_, body) in before.items()}
    name_topics(topics, bodies, beside)
    collisions: list[Mistake] = []
    claims = claims_of(beside, folder) if beside else {}
    kept = [one for topic in topics if (one := without_collisions(topic, claims, collisions))]
    source, taken = slug(title), {path.stem.casefold() for path, _ in before.values()}
    claimed = {loose_key(words): topic.id for topic in kept for words in topic.questions}
    files: dict[Path, str] = {}
    made: dict[str, tuple[Body | None, Body]] = {}
    added, changed, same, absent = list[Change](), list[Change](), list[Change](), list[Change]()
    for topic in kept:
        body, new = bodies.get(topic.id), entry(topic, source)
        if body and not replace:
            new = merged_body(body, new, topic, claimed)
        path = before[topic.id][0] if body else folder / "topics" / AREA / f"{file_name(topic.id, taken)}.yaml"
        files[path] = dump(new)
        made[topic.id] = body, new
        lines = tuple(differences(body or {}, new))
        (same if body and not lines else changed if body else added).append(Change(topic.id, title_of(topic), lines))
    for name in bodies.keys() - {topic.id for topic in kept}:
        path, body = before[name]
        rest = without_questions(body, claimed, name)
        absent.append(Change(name, body["title"]["en"]))
        if not replace and rest != body:
            files[path] = dump(rest)
            made[name] = body, rest
            changed.append(Change(name, body["title"]["en"], tuple(differences(body, rest))))
    files[folder / "sources.yaml"] = sources(folder / "sources.yaml", source, title, day, replace=replace)
    if any(topic.named for topic in topics) and (replace or not folder.exists()):
        # Topics that a table names itself are all that is to be found: one of them may be a greeting.
        files[folder / "smalltalk.yaml"] = dump([])
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
        {name: made[name] for name in (*(one.id for one in added), *(one.id for one in changed))},
        source_entry(source, title, day),
    )


def earlier_topics(folder: Path) -> dict[str, tuple[Path, Body]]:
    """Read the topics of an earlier import by id: (path, body). Raises NotImported."""
    found: dict[str, tuple[Path, Body]] = {}
    mistakes: list[Mistake] = []
    for path in sorted((folder / "topics" / AREA).glob("*.yaml")):
        node = read_yaml(path, str(path), mistakes)
        body = without_last_breaks(node.plain()) if node else None
        if isinstance(body, dict) and isinstance(body.get("title"), dict) and isinstance(body.get("phrasings"), dict):
            found[unquote(path.stem)] = (path, body)
        elif node:
            mistakes.append(node.mistake(said("imported-lacks")))
    if bad := [one for one in mistakes if not one.warning]:
        raise NotImported(bad)
    return found


def without_last_breaks(value: Any) -> Any:
    """Return a body with its texts as an import writes them: blocks of other writers end in a line break."""
    if isinstance(value, dict):
        return {key: without_last_breaks(one) for key, one in value.items()}
    if isinstance(value, list):
        return [without_last_breaks(one) for one in value]
    return value.rstrip("\n") if isinstance(value, str) else value


def name_topics(topics: Sequence[ImportedTopic], bodies: Mapping[str, Body], beside: Library | None) -> None:
    """Assign ids: those of earlier topics with the same title, else the same questions, else new ones from the titles."""
    titled = {loose_key(title): name for name, body in bodies.items() for title in body["title"].values()}
    asked = {loose_key(words): name for name, body in bodies.items() for words in questions_of(body)}
    used = {topic.id for topic in topics if topic.id}
    for topic in topics:
        take(topic, (titled.get(loose_key(title)) for title in titles(topic).values() if not topic.id), used)
    for topic in topics:
        take(topic, (asked.get(loose_key(words)) for words in topic.questions if not topic.id), used)
    taken = {
        *used,
        *bodies,
        *(path.stem for path in shipped().glob("topics/*/*.yaml")),
        *((*beside.topics, *beside.hidden) if beside else ()),
    }
    for topic in topics:
        if not topic.id:
            name = slug(topic.titles.get("en") or title_of(topic))
            topic.id = next(
                one for one in (name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))) if one not in taken
            )
            taken.add(topic.id)


def take(topic: ImportedTopic, names: Iterable[str | None], used: set[str]) -> None:
    topic.id = next((name for name in names if name and name not in used), topic.id)
    used.add(topic.id)


def slug(title: str) -> str:
    """Derive an id from a title: its Latin letters and digits, and pinyin for Chinese."""
    from pypinyin import lazy_pinyin  # deferred: slow to import

    name = re.sub(r"[^a-z0-9]+", "-", "-".join(lazy_pinyin(title)).lower()).strip("-")
    return (name if len(name) <= LONGEST_ID else name[:LONGEST_ID].rpartition("-")[0] or name[:LONGEST_ID]) or "topic"


def questions_of(body: Body) -> list[str]:
    return [words for lang in LANGUAGES for words in body["phrasings"].get(lang) or ()]


def claims_of(beside: Library, folder: Path) -> dict[str, tuple[str, Node]]:
    """Map the content's phrasings to (label, place), without those of an earlier import into the folder."""
    return {
        loose_key(words): (label, place.at((lang, index)))
        for label, phrasings, place in phrasings_of(beside)
        if not place.file.startswith(f"{folder.name}/topics/{AREA}/")
        for lang in LANGUAGES
        for index, words in enumerate(phrasings[lang])
    }


def without_collisions(
    topic: ImportedTopic, claims: Mapping[str, tuple[str, Node]], collisions: list[Mistake]
) -> ImportedTopic | None:
    """Drop the questions that other content has, with notes; None if no question is left."""
    kept: dict[Language, list[str]] = {lang: [] for lang in LANGUAGES}
    for lang in LANGUAGES:
        for words in topic.phrasings[lang]:
            label, place = claims.get(loose_key(words), ("", None))
            if not place or label == f"topic:{topic.id}":
                kept[lang].append(words)
                continue
            kind, _, name = label.partition(":")
            code = PHRASING_OF.get(kind, "phrasing-of-check")
            collisions.append(
                topic.first.mistake(said(code, words=words, name=name, file=place.file, line=place.line), warning=True)
            )
    if topic.questions and not any(kept.values()):
        collisions.append(topic.first.mistake(said("no-question-left", title=title_of(topic)), warning=True))
        return None
    return replaced(topic, phrasings=kept)


def merged_body(body: Body, new: Body, topic: ImportedTopic, claimed: Mapping[str, str]) -> Body:
    """Merge the file's version into the earlier import's; editors' additions are kept, and nothing is removed."""
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
    rest = without_questions(body, claimed, topic.id)["phrasings"]
    for lang in LANGUAGES:
        own = {loose_key(words) for words in topic.phrasings[lang]}
        others = {key for key, name in claimed.items() if name == topic.id} - own
        stay = [words for words in rest.get(lang) or () if loose_key(words) not in others]
        there = set(map(loose_key, stay))
        made["phrasings"][lang] = [*stay, *(words for words in topic.phrasings[lang] if loose_key(words) not in there)]
    return made


def without_questions(body: Body, claimed: Mapping[str, str], name: str) -> Body:
    """Drop the questions that the file assigns to other topics."""
    said = {
        lang: [words for words in body["phrasings"].get(lang) or () if claimed.get(loose_key(words), name) == name]
        for lang in LANGUAGES
    }
    return {**body, "phrasings": said}


def answer_of(body: Body) -> dict[str, str]:
    facts = [fact for fact in body.get("facts") or () if fact["id"] == ANSWER]
    return {lang: one[lang] for one in [*facts, body.get("instead") or {}][:1] if one for lang in LANGUAGES}


def differences(old: Body, new: Body) -> Iterator[Notice | str]:
    """Yield the differences: old and new titles and answers, added and removed questions."""
    for what, before, after in (
        (said("change-title"), old.get("title") or {}, new["title"] if old else {}),
        (said("change-answer"), answer_of(old), answer_of(new)),
    ):
        one = len(set(before.values())) < 2 and len(set(after.values())) < 2
        for lang in LANGUAGES[:1] if one else LANGUAGES:
            if before.get(lang) != after.get(lang):
                was = f"{line_of(before[lang])} → " if lang in before else ""
                told = what if one else said("change-in", what=what, lang=said(TONGUE[lang]))
                yield said("change-line", what=told, change=f"{was}{line_of(after[lang])}")
    had, has = (questions_of(body) if body else [] for body in (old, new))
    yield from (f"+ {words}" for words in has if words not in had)
    yield from (f"- {words}" for words in had if words not in has)


def line_of(text: str) -> str:
    """Return a stored text on one line, without template escapes."""
    return " ".join(GIVEN.sub(lambda match: chr(int(match[2], 16)) if match[2] else match[1], text).split())


def sources(path: Path, source: str, title: str, day: date, *, replace: bool) -> str:
    """Add or update the import's source in the text of sources.yaml; other lines are kept. Raises NotImported, OSError."""
    fresh = source_entry(source, title, day)
    if replace or not path.exists():
        return dump([fresh])
    mistakes: list[Mistake] = []
    text, node = path.read_text("utf-8-sig"), read_yaml(path, str(path), mistakes)
    before = node.plain() if node else None
    there = [one for one in before if isinstance(one, dict)] if isinstance(before, list) else []
    same = next((one for one in there if one.get("id") == source), None)
    if same and same.get("date") == fresh["date"]:
        return text
    try:
        return put_entries(text, [{**same, "date": fresh["date"]} if same else fresh])
    except NotPut as error:
        raise NotImported(mistakes or [Mistake(str(path), 1, f"{error}")]) from None


def source_entry(source: str, title: str, day: date) -> Body:
    return {"id": source, "date": day.isoformat(), "en": title, "zh": title}


def entry(topic: ImportedTopic, source: str) -> Body:
    """Make the body of a topic's file, with a placeholder for a missing answer."""
    shown, given = title_of(topic), topic.answers
    neutral: dict[Language, str] = {
        "en": f"No answer to “{escape_markdown(shown)}” has been written yet.",
        "zh": f"“{escape_markdown(shown)}”还没有写好的回答。",
    }
    texts: dict[str, str] = {
        lang: escape_template(given.get(lang) or next(iter(given.values()), neutral[lang])) for lang in LANGUAGES
    }
    fact = {"id": ANSWER, "status": "stated" if given else "missing", **texts}
    body: Body = {"source": source, "facts": [fact]} if topic.known else {"instead": texts}
    phrasings = {lang: topic.phrasings[lang] for lang in LANGUAGES}
    return {"title": titles(topic), **body, "phrasings": phrasings}


def escape_markdown(text: str) -> str:
    """Escape Markdown syntax."""
    return re.sub(r"([\\`*_\[\]<>#&])", r"\\\1", text)


# Template syntax, and characters that lint reports as typing mistakes.
TAKEN = re.compile(r"\{(?=[{%#]| ?[a-z_])|[｛｝]|^“")
GIVEN = re.compile(r"\{\{ '(?:(\{)|\\u([0-9a-f]{4}))' \}\}")


def escape_template(text: str) -> str:
    """Escape template syntax."""
    return TAKEN.sub(lambda match: "{{ '" + (match[0] if match[0] == "{" else f"\\u{ord(match[0]):04x}") + "' }}", text)
