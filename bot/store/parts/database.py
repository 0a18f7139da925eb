"""The interface of a database to the parts of a store: shared statements, alone or as the steps of a transaction.

In a statement, "@" and a number is a value, which may occur more than once, and `IN @1:bigint[]` takes a list.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple, TypeVar

from bot.store.group_commit import Attempts, GroupCommit
from bot.store.parts.counting import Counted
from bot.store.records import Write

T = TypeVar("T")

Row = Sequence[Any]
LISTED = re.compile(r"(NOT )?IN (@\d):(\w+)\[\]")


class Many(NamedTuple):
    """A statement to run once per row."""

    sql: str
    rows: Sequence[Row]


# A transaction independent of the database: yields statements with their values, and receives the rows they return.
Steps = Generator[tuple[str, Row] | Many, list[Row], T]


class Database(ABC):
    """The base of a store's parts, with implementations for SQLite and PostgreSQL."""

    arrived: asyncio.Event
    posted: asyncio.Event
    attempts: Attempts
    group: GroupCommit
    zone: Callable[[], tzinfo] | None = None  # that of the agency

    @property
    @abstractmethod
    def mine(self) -> Collection[int]:
        """The parts whose waiting entries this process loads."""

    def day_of(self, time: float) -> str:
        """Return the day of a time (Unix seconds) in the agency's zone, or in UTC while that is not known."""
        return datetime.fromtimestamp(time, self.zone() if self.zone else UTC).date().isoformat()

    @property
    def shard(self) -> int:
        """The number of this process's own sums: no other process adds to their rows, and waits for it."""
        return min(self.mine, default=0)

    @abstractmethod
    async def read(self, sql: str, *values: Any) -> list[Row]: ...

    async def look(self, sql: str, *values: Any) -> list[Row]:
        """Read a few rows by an index."""
        return await self.read(sql, *values)

    @abstractmethod
    async def transact(self, steps: Callable[[], Steps[T]]) -> T:
        """Run the steps in one transaction, starting over if the connection is lost. Raises StoreError."""

    @abstractmethod
    def store_settled(
        self, now: float, arrivals: list[Row], marks: list[Row], entries: Sequence[tuple[int, str | None]]
    ) -> Steps[set[int]]:
        """Store updates and the outcomes of send attempts, and finish inbox entries, each with an error or None.

        Returns the ids of the entries that were new. The rows are: key, channel, chat, part and payload of an update;
        id, state, time of the next attempt, platform id and error of a call.
        """

    @abstractmethod
    def store_turns(
        self, now: float, said: list[Row], outgoing: list[Row], events: list[Row], counted: Counted
    ) -> Steps[None]:
        """Store conversations (address, state), calls (rows of `row_of`) and events (kind, address, data) with their sums."""

    @abstractmethod
    def store_calls(self, now: float, outgoing: list[Row]) -> Steps[Iterable[Row]]:
        """Store calls. Returns the id, channel and chat of each."""

    def lock_broadcasts(self) -> Steps[None]:
        """Wait until no other process is storing a broadcast."""
        yield from ()

    def notice(self, arrived: Collection[int] | None = None, posted: Collection[int] = ()) -> Steps[None]:
        """Notify other processes of the parts with new updates and new calls; None: any part."""
        yield from ()

    @abstractmethod
    async def facts(self) -> dict[str, Any]:
        """Return the fields of Status that depend on the database."""

    @abstractmethod
    def answers(self) -> str:
        """Return the statement that counts answers by verdict: (verdict, count since @2, count since @1)."""

    async def write(self, write: Write) -> bool:
        return await self.group.write(write)

    async def change(self, sql: str, *values: Any) -> None:
        """Run one statement in a transaction. Raises StoreError."""

        def steps() -> Steps[None]:
            yield sql, values

        await self.transact(steps)
