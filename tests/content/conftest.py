"""Tests of content lay their files over the content that ships, which is parsed once for all of them."""

from __future__ import annotations

import pytest

from tests.opened import shipped_trees


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> None:
    shipped_trees()
