"""Settings from the environment and a `.env` file; every mistake is reported at once, by name, with what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

EXAMPLES = {
    "TELEGRAM_TOKEN": "123456789:AAExampleTokenFromBotFather-xyz",
    "TELEGRAM_API_URL": "http://localhost:8081",
    "DATABASE_URL": "sqlite:///assistant.db",
    "KNOWLEDGE": "our-content:more-content",
}


class BadSettings(Exception):
    """One line for each setting that is wrong. Values are not shown, since they may be secrets."""


def token(value: SecretStr | None) -> SecretStr | None:
    """A bot token is a number, a colon, and at least thirty characters."""
    if value is not None:
        number, colon, rest = value.get_secret_value().partition(":")
        if not (number.isdecimal() and colon and len(rest) >= 30 and rest.replace("-", "").replace("_", "").isalnum()):
            raise ValueError("this is not a bot token")
    return value


def database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://", "postgres://")) or value == "sqlite:///":
        raise ValueError("this is not the address of a database, which is sqlite:///FILE or postgresql://…")
    return value


def address(value: str | None) -> str | None:
    if value is not None and not value.startswith(("http://", "https://")):
        raise ValueError("this is not an address")
    return value.rstrip("/") if value else None


class Settings(BaseSettings):
    """What the operator of a machine sets; the agency's words and links are content."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    telegram_token: Annotated[SecretStr | None, AfterValidator(token)] = None
    telegram_api_url: Annotated[str | None, AfterValidator(address)] = None
    database_url: Annotated[str, AfterValidator(database)] = Field(default_factory=lambda: default_database())
    knowledge: Annotated[str, NoDecode] = ""

    @property
    def knowledge_folders(self) -> list[Path]:
        return [Path(part) for part in self.knowledge.split(":") if part]


def default_database() -> str:
    return f"sqlite:///{Path(platformdirs.user_data_dir('merchant-bot', appauthor=False)) / 'assistant.db'}"


def read_settings() -> Settings:
    """The settings of this process. Raises BadSettings with a line for each that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings("\n".join(line(str(detail["loc"][0]), detail["msg"]) for detail in error.errors())) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f".env: this file cannot be read: {error}") from error


def line(name: str, message: str) -> str:
    name = name.upper()
    example = f"; right would be, for example, {name}={EXAMPLES[name]}" if name in EXAMPLES else ""
    return f"{name}: {message.removeprefix('Value error, ')}{example}"
