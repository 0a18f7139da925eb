"""The draft that all editors share: its edits, its trial, its publication, and how that is undone."""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot import private
from bot.console.edits import EXAMPLES, CannotEdit, Edit, Texts, applied, is_outdated, merged, read_texts
from bot.console.trial import Ended, Finding, Trial, Tried
from bot.content.folder import Unreadable
from bot.knowledge.last_good import LastGood
from bot.knowledge.library import Library, fingerprint, load, read_trees
from bot.store import DraftEdit, Publication
from bot.store.ports import Drafts, Questions

LAST_QUESTIONS = 1000
PROJECT = Path(__file__).with_name("strangers.jsonl")  # in the package; else beside the tests
IN_SOURCES = Path(__file__).resolve().parents[2] / "tests" / "questions" / "strangers.jsonl"


class EditingStore(Drafts, Questions, Protocol):
    """The store's interface for the draft."""


class NotPublished(Exception):
    """Nothing was published; `code` names the words for it, `values` what they tell."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True)
class Draft:
    """The edits not published yet, with the files that they make; `outdated`: those whose value was changed meanwhile."""

    rows: tuple[DraftEdit, ...]
    edits: tuple[Edit, ...]
    texts: Texts
    outdated: tuple[int, ...] = ()  # ids
    problem: str = ""

    @property
    def digest(self) -> str:
        return digest(self.texts)


def digest(texts: Texts) -> str:
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode("utf-8", "replace")).hexdigest()[:16]


class Drafting:
    """The draft over the content in use, which `in_use` returns."""

    def __init__(self, store: EditingStore, content: LastGood | None, in_use: Callable[[], Library]) -> None:
        self.store, self.content, self.in_use = store, content, in_use
        self.read: Library | None = None
        self.made: tuple[tuple[list[str], dict[str, str]], Texts] | None = None  # the draft's files, by what makes them
        self.drafted: tuple[Path, Library] | None = None  # by the folder of the draft's trial
        self.read_below: frozenset[str] | None = None
        self.answered: tuple[str, Mapping[str, str]] = (
            "",
            {},
        )  # a version of the content in use, and how it answers questions
        self.trial: Trial | None = None
        self.tried_digest = ""
        self.task: asyncio.Task[Tried] | None = None
        self.writing = asyncio.Lock()

    @property
    def folder(self) -> Path | None:
        """The operator's own folder, the one that edits change: the last of KNOWLEDGE."""
        return self.content.folders[-1] if self.content and self.content.folders else None

    # --- the draft

    async def on_disk(self) -> Library:
        """Return the content as the files have it now, which may be more than what is in use; that, if they have mistakes."""
        in_use = self.in_use()
        if self.content is None:
            return in_use
        try:
            version = await asyncio.to_thread(fingerprint, self.content.layers)
            if version == in_use.version:
                return in_use
            if self.read is not None and self.read.version == version:
                return self.read
            read, _ = await asyncio.to_thread(load, self.content.folders, only=self.content.only)
            self.read = read
            return read
        except Unreadable:
            return in_use

    async def below(self) -> frozenset[str]:
        """Return the places of the content in the folders below the operator's own."""
        if self.content is None or self.folder is None:
            return frozenset()
        if self.read_below is None:
            folders, only = self.content.folders[:-1], self.content.only
            if only and not folders:
                self.read_below = frozenset()
            else:
                trees, _ = await asyncio.to_thread(read_trees, folders, only=only)
                self.read_below = frozenset(trees.trees)
        return self.read_below

    async def draft(self) -> Draft:
        library = await self.on_disk()
        rows = await self.store.edits()
        edits = [Edit.of(row.edit) for row in rows]
        if self.folder is None or not rows:
            return Draft((), (), {})
        outdated: tuple[int, ...] = ()
        try:
            on_disk = await asyncio.to_thread(read_texts, self.folder)
            outdated = tuple(
                row.id for row, edit in zip(rows, edits, strict=True) if is_outdated(library, edit, on_disk)
            )
            made_of = [row.edit for row in rows], on_disk
            if self.made is None or self.made[0] != made_of:
                self.made = made_of, await asyncio.to_thread(applied, self.folder, merged(edits))
            texts = self.made[1]
            return Draft(tuple(rows), tuple(edits), texts, outdated)
        except (CannotEdit, OSError, Unreadable) as error:
            return Draft(tuple(rows), tuple(edits), {}, outdated, str(error))

    async def library(self) -> Library:
        """Return the content with the draft, as forms show it: what other editors have changed is seen."""
        draft = await self.draft()
        if self.folder is None or self.content is None or not draft.texts:
            return self.in_use()
        trial = await self.started(draft)
        if self.drafted is None or self.drafted[0] != trial.folder:
            folders = [*self.content.folders[:-1], trial.folder]
            made, _ = await asyncio.to_thread(load, folders, only=self.content.only)
            self.drafted = trial.folder, made
        return self.drafted[1]

    async def drafted_folder(self) -> Path:
        """Return the operator's own folder as the draft has it."""
        assert self.folder
        draft = await self.draft()
        return (await self.started(draft)).folder if draft.texts else self.folder

    async def started(self, draft: Draft) -> Trial:
        """Return the trial of a draft, and end that of another."""
        assert self.content
        assert self.folder
        if self.trial is None or self.tried_digest != draft.digest or not self.trial.folder.is_dir():
            self.end()
            self.content.place.mkdir(mode=0o700, parents=True, exist_ok=True)
            root = Path(tempfile.gettempdir())
            self.trial = await asyncio.to_thread(
                lambda: Trial(self.content_folders, draft.texts, only=self.only, root=root)
            )
            self.tried_digest = draft.digest
        return self.trial

    @property
    def content_folders(self) -> list[Path]:
        return self.content.folders if self.content else []

    @property
    def only(self) -> bool:
        return self.content.only if self.content else False

    def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
            self.task = None
        if self.trial is not None:
            self.trial.end()
            self.trial = None

    # --- trying

    async def tried(self, draft: Draft) -> Tried | None:
        """Return the result of the draft's trial, None while it is under way."""
        trial = await self.started(draft)
        task = self.task
        if task is None:
            task = self.task = asyncio.create_task(self.compared(trial, draft))
        done, _ = await asyncio.wait([task], timeout=0.05)
        if not done:
            return None
        try:
            return task.result()
        except (Ended, asyncio.CancelledError):
            if self.task is task:
                self.end()
            return None

    async def compared(self, trial: Trial, draft: Draft) -> Tried:
        kept = await self.store.last_words(LAST_QUESTIONS)
        texts = draft.texts.get(EXAMPLES)
        if texts is None and self.folder is not None:
            texts = (await asyncio.to_thread(read_texts, self.folder)).get(EXAMPLES)
        own = project_questions() if not self.only else []
        examples = read_examples(texts or "")
        questions = list(dict.fromkeys([*own, *(str(one["text"]) for one in examples), *kept]))
        version = await asyncio.to_thread(fingerprint, self.content.layers) if self.content else ""
        known = self.answered[1] if self.answered[0] == version else {}
        tried = await trial.compare(questions, examples, {text: known[text] for text in questions if text in known})
        self.answered = version, tried.before
        return tried

    async def findings(self, place: str, text: str | None = None) -> list[Finding] | None:
        """Return lint's findings in a file of the draft, or in another text for it; None if the trial ended."""
        if self.folder is None:
            return []
        trial = await self.started(await self.draft())
        try:
            return await trial.lint(place, text)
        except Ended:
            self.end()
            return None

    # --- publishing

    async def publish(self, who: str, seen: str, *, anyway: bool) -> None:
        """Write the draft's files, if they are the ones that were tried. Raises NotPublished."""
        async with self.writing:
            draft = await self.draft()
            if draft.problem:
                raise NotPublished("cannot_edit", problem=draft.problem)
            if draft.outdated:
                raise NotPublished("outdated")
            tried = await self.tried(draft) if draft.digest == seen else None
            if tried is None:
                raise NotPublished("changed_meanwhile")
            if not tried.fine or (tried.failed and not anyway):
                raise NotPublished("not_fine")
            told = [edit.about for edit in draft.edits]
            settled = sorted({one for edit in draft.edits for one in edit.questions})
            await self.write(who, told, draft.texts, [row.id for row in draft.rows], settled)
            self.end()

    async def undo(self, who: str, publication: Publication) -> None:
        """Bring back the files from before a publication. Raises NotPublished if one was changed since."""
        assert self.folder
        files: dict[str, list[str | None]] = json.loads(publication.files)
        async with self.writing:
            now = await asyncio.to_thread(read_texts, self.folder)
            for name, (_, after) in files.items():
                if now.get(name) != after:
                    raise NotPublished("undo_changed", file=name)
            texts: Texts = {name: before for name, (before, _) in files.items()}
            root = Path(tempfile.gettempdir())
            trial = await asyncio.to_thread(lambda: Trial(self.content_folders, texts, only=self.only, root=root))
            try:
                tried = await trial.compare([], [])
            except Ended:
                raise NotPublished("changed_meanwhile") from None
            finally:
                trial.end()
            if not tried.fine:
                raise NotPublished("not_fine")
            told: list[str] = json.loads(publication.told)
            await self.write(who, [f"↶ {one}" for one in told], texts, [], [])

    async def write(
        self, who: str, told: Sequence[str], texts: Texts, edits: Sequence[int], settled: Sequence[int]
    ) -> None:
        assert self.folder
        before = await asyncio.to_thread(read_texts, self.folder)
        files = {name: [before.get(name), text] for name, text in texts.items()}
        try:
            await asyncio.to_thread(write_texts, self.folder, texts)
        except OSError as error:
            raise NotPublished("cannot_write", folder=str(self.folder), problem=error.strerror or "") from error
        await self.store.publish(who, to_json(told), to_json(files), edits, settled)


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_texts(folder: Path, texts: Texts) -> None:
    """Write or delete a folder's files; those with merchants' words, the questions, are secret. Raises OSError."""
    for name, text in texts.items():
        if text is None:
            (folder / name).unlink(missing_ok=True)
        else:
            private.write_whole(folder / name, text.encode(), secret=name == EXAMPLES)


def read_examples(text: str) -> list[dict[str, Any]]:
    """Read the operator's accepted examples; other lines are left alone."""
    found = []
    for line in text.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if isinstance(one, dict) and isinstance(one.get("text"), str) and isinstance(one.get("topics"), list):
            found.append(one)
    return found


def project_questions() -> list[str]:
    """Return the project's own test questions."""
    path = PROJECT if PROJECT.is_file() else IN_SOURCES
    return [str(one["text"]) for one in read_examples(path.read_text("utf-8"))] if path.is_file() else []
