"""Fixtures: an empty database of either kind, as a DATABASE_URL."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from bot.store import open_store
from tests import postgres

NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server; without one on the machine, the test is skipped."""
    if not postgres.available():
        pytest.skip(postgres.HOW)
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
    else:
        with postgres.cluster() as made:
            yield made.url


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """A database with the schema and no rows, of which others are copies: migrations take longer than most tests."""
    name = f"merchant_bot_template_{os.getpid()}"

    async def make() -> None:
        async with made(postgres_url, f"CREATE DATABASE {name}"):
            await (await open_store(at(postgres_url, name))).close()

    async def drop() -> None:
        async with made(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"):
            pass

    with ThreadPoolExecutor(1) as pool:  # a test's event loop may be set here
        pool.submit(asyncio.run, make()).result()
        yield name
        pool.submit(asyncio.run, drop()).result()


@pytest.fixture
async def postgres_database(postgres_url: str, postgres_template: str) -> AsyncIterator[str]:
    """A PostgreSQL database without rows, whose schema is made."""
    async with copy_of(postgres_url, postgres_template) as url:
        yield url


@pytest.fixture
async def empty_postgres_database(postgres_url: str) -> AsyncIterator[str]:
    """A PostgreSQL database in which nothing is, not even the schema."""
    async with copy_of(postgres_url, "template1") as url:
        yield url


@asynccontextmanager
async def copy_of(server: str, template: str) -> AsyncIterator[str]:
    name = f"merchant_bot_test_{os.getpid()}_{next(NUMBERS)}"
    async with made(server, f"CREATE DATABASE {name} TEMPLATE {template}") as admin:
        yield at(server, name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def made(server: str, command: str) -> AsyncIterator[asyncpg.Connection]:
    admin = await asyncpg.connect(server)
    try:
        await admin.execute(command)
        yield admin
    finally:
        await admin.close()


def at(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind without rows."""
    return url_of(request, tmp_path, "postgres_database")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind in which nothing is, not even the schema."""
    return url_of(request, tmp_path, "empty_postgres_database")


def url_of(request: pytest.FixtureRequest, folder: Path, postgres_fixture: str) -> str:
    url: str = (
        request.getfixturevalue(postgres_fixture)
        if request.param == "postgres"
        else f"sqlite:///{folder / 'assistant.db'}"
    )
    return url
