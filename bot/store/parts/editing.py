"""The editors' data: unanswered questions, the draft's edits, and publications."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from bot.store.parts.database import Database, Many, Steps
from bot.store.records import DraftEdit, KeptQuestion, Publication

NEWEST_QUESTIONS = """
SELECT id, time, lang, words, reason, topic, vector FROM questions
WHERE state = 'new' AND until > @1 AND id > @3 ORDER BY id DESC LIMIT @2"""
QUESTION_IDS = "SELECT id FROM questions WHERE state = 'new' AND until > @1 ORDER BY id DESC LIMIT @2"
LAST_WORDS = (
    "SELECT DISTINCT words FROM (SELECT words FROM questions WHERE until > @1 ORDER BY id DESC LIMIT @2) AS newest"
)
SET_VECTOR = "UPDATE questions SET vector = @2 WHERE id = @1"
SET_STATE = "UPDATE questions SET state = @2 WHERE id IN @1:bigint[]"
DRAFT = "SELECT id, time, who, edit FROM edits ORDER BY id"
ADD_EDIT = "INSERT INTO edits (time, who, edit) VALUES (@1, @2, @3)"
DROP_EDITS = "DELETE FROM edits WHERE id IN @1:bigint[]"
PUBLISH = "INSERT INTO publications (time, who, told, files) VALUES (@1, @2, @3, @4)"
PUBLICATIONS = "SELECT id, time, who, told, files FROM publications ORDER BY id DESC LIMIT @1"
PUBLICATION = "SELECT id, time, who, told, files FROM publications WHERE id = @1"


class EditingPart(Database):
    async def questions(self, limit: int, after: int = 0) -> list[KeptQuestion]:
        return [KeptQuestion(*row) for row in await self.read(NEWEST_QUESTIONS, time.time(), limit, after)]

    async def question_ids(self, limit: int) -> list[int]:
        return [id for (id,) in await self.read(QUESTION_IDS, time.time(), limit)]

    async def last_words(self, limit: int) -> list[str]:
        return [words for (words,) in await self.read(LAST_WORDS, time.time(), limit)]

    async def set_vectors(self, vectors: Sequence[tuple[int, bytes]]) -> None:
        def steps() -> Steps[None]:
            yield Many(SET_VECTOR, vectors)

        await self.transact(steps)

    async def leave(self, questions: Collection[int]) -> None:
        await self.change(SET_STATE, list(questions), "left")

    async def edits(self) -> list[DraftEdit]:
        return [DraftEdit(*row) for row in await self.read(DRAFT)]

    async def add_edits(self, who: str, edits: Sequence[str]) -> None:
        now = time.time()

        def steps() -> Steps[None]:
            for edit in edits:
                yield ADD_EDIT, (now, who, edit)

        await self.transact(steps)

    async def drop_edits(self, ids: Collection[int]) -> None:
        await self.change(DROP_EDITS, list(ids))

    async def publish(self, who: str, told: str, files: str, edits: Collection[int], settled: Collection[int]) -> None:
        now = time.time()

        def steps() -> Steps[None]:
            yield PUBLISH, (now, who, told, files)
            yield DROP_EDITS, (list(edits),)
            yield SET_STATE, (list(settled), "settled")

        await self.transact(steps)

    async def publications(self, limit: int) -> list[Publication]:
        return [Publication(*row) for row in await self.read(PUBLICATIONS, limit)]

    async def publication(self, id: int) -> Publication | None:
        return next((Publication(*row) for row in await self.read(PUBLICATION, id)), None)
