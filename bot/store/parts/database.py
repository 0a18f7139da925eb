"""A database, as the parts of a store use it: statements of both databases, alone or in steps of one transaction.

In a statement "@" and a number is a value, which may stand in it more than once, and `IN @1:bigint[]` asks for one of a list.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from bot.store.group_commit import Attempts, GroupCommit
from bot.store.records import Write

T = TypeVar("T")

Row = Sequence[Any]
LISTED = re.compile(r"(NOT )?IN (@\d):(\w+)\[\]")


class Many(NamedTuple):
    """A statement for each of the rows."""

    sql: str
    rows: Sequence[Row]


# A transaction that knows no database: it gives its statements with their values, and gets what rows they return.
Steps = Generator[tuple[str, Row] | Many, list[Row], T]


class Database(ABC):
    """What the parts of a store are made of; SQLite and PostgreSQL each have their own."""

    arrived: asyncio.Event
    posted: asyncio.Event
    attempts: Attempts
    group: GroupCommit

    @property
    @abstractmethod
    def mine(self) -> Collection[int]:
        """The parts in which this process sees what waits."""

    @abstractmethod
    async def read(self, sql: str, *values: Any) -> list[Row]: ...

    async def look(self, sql: str, *values: Any) -> list[Row]:
        """Read a few rows by an index."""
        return await self.read(sql, *values)

    @abstractmethod
    async def transact(self, steps: Callable[[], Steps[T]]) -> T:
        """Do the steps in one transaction, from the first again where the database goes away. Raises StoreError."""

    @abstractmethod
    def settled(
        self, now: float, arrivals: list[Row], marks: list[Row], entries: Sequence[tuple[int, str | None]]
    ) -> Steps[set[int]]:
        """Store updates, what became of attempts to send, and that entries of the inbox are finished, with an error or without.
        Returns the ids of those entries that were new."""

    @abstractmethod
    def made(self, now: float, said: list[Row], outgoing: list[Row], events: list[Row]) -> Steps[None]:
        """Store conversations, calls and events."""

    @abstractmethod
    def put(self, now: float, outgoing: list[Row]) -> Steps[Iterable[Row]]:
        """Store calls. Returns the id, the channel and the chat of each."""

    def alone(self) -> Steps[None]:
        """Wait until no other process puts a broadcast into the outbox."""
        yield from ()

    def notice(self, arrived: Collection[int] | None = None, posted: Collection[int] = ()) -> Steps[None]:
        """Tell other processes for which parts something is new; for any if that is not said."""
        yield from ()

    @abstractmethod
    async def facts(self) -> dict[str, Any]:
        """What only this database knows of its status: the fields of Status."""

    @abstractmethod
    def answers(self) -> str:
        """The statement that counts answers by verdict, all since 2 and those since 1."""

    async def write(self, write: Write) -> bool:
        return await self.group.write(write)

    async def change(self, sql: str, *values: Any) -> None:
        """Do one thing."""

        def steps() -> Steps[None]:
            yield sql, values

        await self.transact(steps)
