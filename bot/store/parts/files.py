"""Files between merchants and consultants: their rows, and their contents where each database keeps them."""

from __future__ import annotations

import time
from abc import abstractmethod

from bot.model import Address, KeptFile
from bot.store.parts.database import Database, Steps

SELECT_FILE = "SELECT address, file, name, type, size FROM files WHERE file = @1"
INSERT_FILE = """
INSERT INTO files (file, address, name, type, size, made)
SELECT CAST(@1 AS TEXT), CAST(@2 AS TEXT), CAST(@3 AS TEXT), CAST(@4 AS TEXT), CAST(@5 AS BIGINT), CAST(@6 AS DOUBLE PRECISION)
WHERE (SELECT coalesce(sum(size), 0) FROM files) + CAST(@5 AS BIGINT) <= CAST(@7 AS BIGINT) RETURNING file"""


class FilesPart(Database):
    @abstractmethod
    def store_content(self, id: str, content: bytes) -> Steps[None]:
        """Store a file's content, as part of the transaction that stores its row."""

    @abstractmethod
    async def file_content(self, id: str) -> bytes | None: ...

    async def file(self, id: str) -> tuple[Address, KeptFile] | None:
        rows = await self.look(SELECT_FILE, id)
        return next(((Address.of(address), KeptFile(*rest)) for address, *rest in rows), None)

    async def keep_file(self, address: Address, file: KeptFile, content: bytes, most: int) -> bool:
        row = (file.id, str(address), file.name, file.type, file.size, time.time(), most)

        def steps() -> Steps[bool]:
            if (yield SELECT_FILE, (file.id,)):
                return True
            if not (yield INSERT_FILE, row):
                return False
            yield from self.store_content(file.id, content)
            return True

        return await self.transact(steps)
