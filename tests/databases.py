"""Fixtures: an empty database of either kind, as a DATABASE_URL."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

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


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[str]:
    """An empty PostgreSQL database."""
    name = f"merchant_bot_test_{os.getpid()}_{next(NUMBERS)}"
    server = await asyncpg.connect(postgres_url)
    await server.execute(f"CREATE DATABASE {name}")
    yield f"{postgres_url.rpartition('/')[0]}/{name}"
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'assistant.db'}"
    url: str = request.getfixturevalue("postgres_database")
    return url
