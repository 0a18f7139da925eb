"""Conversations that outlive the process."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from bot.model import Address, Button, CheckState, Conversation, Json, Result


class Store(Protocol):
    """Keeps a conversation for each address, and the results of checks by their codes."""

    def load(self, address: Address) -> Conversation: ...

    def save(self, address: Address, conversation: Conversation) -> None: ...

    def keep_result(self, result: Result) -> None: ...

    def result(self, code: str) -> Result | None: ...


class StoreError(Exception):
    """The database cannot be used; the message says why and what to do."""


class MemoryStore:
    """Keeps conversations as long as the process lives, for the terminal and for tests."""

    def __init__(self) -> None:
        self.conversations: dict[Address, Conversation] = {}
        self.results: dict[str, Result] = {}

    def load(self, address: Address) -> Conversation:
        return self.conversations.get(address, Conversation())

    def save(self, address: Address, conversation: Conversation) -> None:
        self.conversations[address] = conversation

    def keep_result(self, result: Result) -> None:
        self.results[result.code] = result

    def result(self, code: str) -> Result | None:
        return self.results.get(code)


class SqliteStore:
    """Keeps conversations in one SQLite file, made when it is first needed. Raises StoreError."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(path, isolation_level=None)
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute(
                "CREATE TABLE IF NOT EXISTS conversations (address TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT"
            )
            self.connection.execute(
                "CREATE TABLE IF NOT EXISTS results "
                "(code TEXT PRIMARY KEY, address TEXT NOT NULL, until TEXT NOT NULL, result TEXT NOT NULL) STRICT"
            )
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{path}: this database cannot be used: {error}") from error

    def load(self, address: Address) -> Conversation:
        row = self.connection.execute("SELECT state FROM conversations WHERE address = ?", (str(address),)).fetchone()
        return from_json(row[0]) if row else Conversation()

    def save(self, address: Address, conversation: Conversation) -> None:
        self.connection.execute(
            "INSERT INTO conversations VALUES (?, ?) ON CONFLICT (address) DO UPDATE SET state = excluded.state",
            (str(address), to_json(conversation)),
        )

    def keep_result(self, result: Result) -> None:
        self.connection.execute(
            "INSERT INTO results VALUES (?, ?, ?, ?) ON CONFLICT (code) DO NOTHING",
            (result.code, result.address, result.until, json.dumps(asdict(result), ensure_ascii=False)),
        )

    def result(self, code: str) -> Result | None:
        row = self.connection.execute("SELECT result FROM results WHERE code = ?", (code,)).fetchone()
        return result_of(json.loads(row[0])) if row else None

    def close(self) -> None:
        self.connection.close()


def to_json(conversation: Conversation) -> str:
    return json.dumps(asdict(conversation), ensure_ascii=False)


def from_json(text: str) -> Conversation:
    """A conversation as it was saved; what an older version wrote and this one does not know is passed over."""
    state = json.loads(text)
    state["offered"] = tuple(Button(**known(Button, button)) for button in state.get("offered", ()))
    state["check"] = check_of(state["check"]) if state.get("check") else None
    return Conversation(**known(Conversation, state))


def known(type_: Any, state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name in type_.__dataclass_fields__}


def check_of(state: dict[str, Any]) -> CheckState:
    answers, chosen = state.get("answers", ()), state.get("chosen")
    return CheckState(
        **{
            **known(CheckState, state),
            "answers": answers_of(answers),
            "chosen": None if chosen is None else tuple(chosen),
            "doubt": json_of(state["doubt"]) if state.get("doubt") is not None else None,
        }
    )


def result_of(state: dict[str, Any]) -> Result:
    return Result(**{**known(Result, state), "answers": answers_of(state.get("answers", ()))})


def answers_of(pairs: Any) -> tuple[tuple[str, Json], ...]:
    return tuple((name, json_of(value)) for name, value in pairs)


def json_of(value: Any) -> Json:
    return tuple(value) if isinstance(value, list) else value
