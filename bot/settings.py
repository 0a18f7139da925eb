"""Settings from the environment and a `.env` file; all mistakes are reported together, by name, with an example."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from dotenv.parser import Binding, parse_stream
from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict

from bot.content.said import Notice, said
from bot.redaction import hide, of_url

EXAMPLES = {
    "TELEGRAM_TOKEN": "123456789:AAExampleTokenFromBotFather-xyz",
    "TELEGRAM_LIBRARY": "ptb",
    "TELEGRAM_API_URL": "http://localhost:8081",
    "TELEGRAM_WEBHOOK_URL": "https://bot.example.com/telegram",
    "TELEGRAM_WEBHOOK_SECRET": "a-long-random-word",
    "DATABASE_URL": "sqlite:///assistant.db",
    "PORT": "8080",
    "METRICS_PORT": "9180",
    "ALLOW_GROUPS": "asked",
    "ALLOW_BUSINESS": "7000000003 7000000004",
    "METRICS_TOKEN": "at-least-sixteen-random-characters",
    "PUBLIC_URL": "https://example.com/chat",
    "EMBED_ORIGINS": "https://example.com https://*.example.org",
    "TRUSTED_PROXIES": "10.0.0.0/8 192.0.2.7",
    "WIDGET_SECRET": "at-least-sixteen-random-characters",
    "SECRET": "at-least-sixteen-random-characters",
    "MESSAGES_PER_MINUTE": "20",
    "GROUP_MESSAGES_PER_MINUTE": "60",
    "CONSULTANT_CHAT": "-1001234567890",
    "OVER_LIMIT": "queue",
    "KEEP_DAYS": "365",
    "KEEP_QUESTIONS_DAYS": "30",
    "LOG_LEVEL": "info",
    "SENDS_PER_SECOND": "30",
    "SENDS_PER_CHAT_PER_SECOND": "1",
    "SENDS_PER_GROUP_PER_MINUTE": "20",
    "KNOWLEDGE": "our-content:more-content",
    "KNOWLEDGE_ONLY": "yes",
    "WECHAT_APP_ID": "wx0123456789abcdef",
    "WECHAT_TOKEN": "aRandomWordOfYours",
    "WECHAT_SECRET": "0123456789abcdef0123456789abcdef",
    "WECHAT_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "WECHAT_API_URL": "http://localhost:8090",
    "WECHAT_VERIFIED": "yes",
    "WECHAT_DESK": "yes",
}


Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK = "127.0.0.0/8 ::1"
LEVELS = ("debug", "info", "warning", "error")
ENV = ".env"


@dataclass(frozen=True)
class Dependency:
    """A dependency between settings: if `setting` is set, `needs` must be set too, and is reported if it is not."""

    setting: str
    needs: str
    why: str


DEPENDENCIES = (
    Dependency("telegram_webhook_url", "telegram_token", "the webhook is Telegram's, which needs the bot's token"),
    Dependency(
        "telegram_webhook_url",
        "telegram_webhook_secret",
        "a webhook needs a secret, so that nobody else can speak in Telegram's name",
    ),
    Dependency("knowledge_only", "knowledge", "without the content that ships, name a folder"),
    Dependency(
        "consultant_chat", "telegram_token", "the consultants' chat is on Telegram, which needs the bot's token"
    ),
    Dependency("wechat_token", "wechat_app_id", "the official account is known by its AppID"),
    Dependency("wechat_token", "wechat_secret", "the account's interface needs its AppSecret"),
)


def is_set(value: object) -> bool:
    """Return true if a raw value is neither empty nor a word for none or no."""
    return str(value).strip(" :").lower() not in ("", "none", "0", "off", "f", "false", "n", "no")


def mistake(need: Dependency) -> InitErrorDetails:
    """Return the error for a needed setting that is not set."""
    having = need.setting.upper()
    why = PydanticCustomError(
        "missing",
        "it is not set, but {place}{having} is: {why}",
        {"place": env_file_place(having), "having": having, "why": need.why},
    )
    return InitErrorDetails(type=why, loc=(need.needs,), input=None)


class BadSettings(Exception):
    """Invalid settings, one line each. Values are not shown, since they may be secrets."""


def token(value: SecretStr | None) -> SecretStr | None:
    """Check a bot token: a number, a colon, and at least thirty characters. Raises ValueError."""
    if value is not None:
        number, colon, rest = value.get_secret_value().partition(":")
        if not (number.isdecimal() and colon and len(rest) >= 30 and rest.replace("-", "").replace("_", "").isalnum()):
            raise ValueError("this is not a bot token")
    return value


def database(value: str) -> str:
    """Check a DATABASE_URL. Raises ValueError."""
    if value.startswith("sqlite:///") and value != "sqlite:///":
        return value
    if not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("this is not a database address; write sqlite:///FILE or postgresql://…")
    check_encoding(value)
    return value


def check_encoding(value: str) -> None:
    """Check that reserved characters in a user or password are encoded; otherwise the rest would appear in messages.

    Raises ValueError, without any part of the value.
    """
    authority, _, rest = re.sub(r"[/?#]", " ", value.partition("://")[2], count=1).partition(" ")
    ports = [host.rpartition("]")[2].partition(":")[2] for host in authority.rpartition("@")[2].split(",")]
    if "@" in rest or not all(port == "" or port.isdecimal() for port in ports):
        raise ValueError(
            "signs of a user or a password stand in an address as / %2F, @ %40, : %3A, ? %3F and # %23, "
            "and a port is a number"
        )


def address(value: str | None) -> str | None:
    """Check an http(s) address, and remove a slash at its end. Raises ValueError."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if value.startswith(("http://", "https://")):
        check_encoding(value)
    if not fine:
        raise ValueError("this is not an http:// or https:// address")
    return value.rstrip("/")


def networks(value: str) -> tuple[Network, ...]:
    """Read addresses and networks, separated by spaces or commas. Raises ValueError."""
    try:
        return tuple(ipaddress.ip_network(one, strict=False) for one in re.split(r"[\s,]+", value) if one)
    except ValueError as error:
        raise ValueError(
            "these are addresses of proxies or networks of them, with a space between them, and one is neither"
        ) from error


def proxies(value: str) -> str:
    networks(value)
    return value


def webhook_secret(value: SecretStr | None) -> SecretStr | None:
    """Check a webhook secret by the rules of the Bot API's setWebhook. Raises ValueError."""
    if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
        raise ValueError("a secret has 1 to 256 letters, digits, underscores and hyphens")
    return value


def sites(value: str) -> str:
    """Check the origins for the Content-Security-Policy, so that no other text can enter it. Raises ValueError."""
    for site in re.split(r"[\s,]+", value.strip()):
        if site and not re.fullmatch(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?", site):
            raise ValueError("an origin is https:// and a host, without a path; separate several with spaces")
    return value


def desk(value: str | None) -> str | None:
    """Check a Telegram chat's number, with an optional forum topic. Raises ValueError."""
    if value is not None and not re.fullmatch(r"-?[0-9]{1,20}(/[0-9]{1,20})?", value):
        raise ValueError("write the number of a chat on Telegram, and for a forum topic add / and its number")
    return value


def admitted(value: str) -> str:
    """Check who may be answered: all, asked, listed, or ids. Returns the ids with single spaces. Raises ValueError."""
    words = re.split(r"[\s,]+", value.strip().lower())
    if words[0] == "listed":
        words = words[1:] or ["listed"]
    if not (len(words) == 1 and words[0] in ("all", "asked", "listed")) and not all(
        re.fullmatch(r"-?[0-9]{1,20}", one) for one in words
    ):
        raise ValueError("write all, asked, or the numbers of those who are answered, with a space between them")
    return " ".join(words)


def app_id(value: str | None) -> str | None:
    """Check the AppID of an official account. Raises ValueError."""
    if value is not None and not re.fullmatch(r"wx[0-9A-Za-z]{16}", value):
        raise ValueError(
            "an AppID is wx and 16 letters or digits; the account's name that begins with gh_ is another one"
        )
    return value


def message_token(value: SecretStr | None) -> SecretStr | None:
    """Check the token that signs WeChat's requests. Raises ValueError."""
    if value is not None and not re.fullmatch(r"[0-9A-Za-z]{3,32}", value.get_secret_value()):
        raise ValueError("the token is the one entered in the account's console, 3 to 32 letters and digits")
    return value


def app_secret(value: SecretStr | None) -> SecretStr | None:
    """Check the AppSecret of an official account. Raises ValueError."""
    if value is not None and not re.fullmatch(r"[0-9A-Za-z]{32}", value.get_secret_value()):
        raise ValueError("an AppSecret has 32 letters and digits")
    return value


def aes_key(value: SecretStr | None) -> SecretStr | None:
    """Check the EncodingAESKey of an official account. Raises ValueError."""
    if value is not None and not re.fullmatch(r"[0-9A-Za-z]{43}", value.get_secret_value()):
        raise ValueError("an EncodingAESKey has 43 letters and digits")
    return value


def own_secret(value: SecretStr | None) -> SecretStr | None:
    if value is not None and len(value.get_secret_value()) < 16:
        raise ValueError("a secret needs at least sixteen characters")
    return value


def level(value: str) -> str:
    """Check a log level, and return it in lower case. Raises ValueError."""
    if value.lower() not in LEVELS:
        raise ValueError(f"this is not a log level; choose one of: {', '.join(LEVELS)}")
    return value.lower()


class Settings(BaseSettings):
    """The settings of a machine's operator; an agency's words and links are content, not settings."""

    model_config = SettingsConfigDict(env_file=ENV, env_ignore_empty=True, extra="ignore", frozen=True)

    telegram_token: Annotated[SecretStr | None, AfterValidator(token)] = None
    telegram_library: Literal["aiogram", "ptb"] = "aiogram"
    telegram_api_url: Annotated[str | None, AfterValidator(address)] = None
    database_url: Annotated[str, AfterValidator(database)] = Field(default_factory=lambda: default_database())
    knowledge: Annotated[str, NoDecode] = ""
    knowledge_only: bool = False
    telegram_webhook_url: Annotated[str | None, AfterValidator(address)] = None
    telegram_webhook_secret: Annotated[SecretStr | None, AfterValidator(webhook_secret)] = None
    host: str = "127.0.0.1"
    port: Annotated[int | None, Field(ge=0, le=65535)] = None
    metrics_port: Annotated[int | None, Field(ge=0, le=65535)] = None
    metrics_token: Annotated[SecretStr | None, AfterValidator(own_secret)] = None
    public_url: Annotated[str | None, AfterValidator(address)] = None
    embed_origins: Annotated[str, AfterValidator(sites)] = ""
    trusted_proxies: Annotated[str, AfterValidator(proxies)] = LOOPBACK
    secret: Annotated[SecretStr | None, AfterValidator(own_secret)] = None
    widget_secret: Annotated[SecretStr | None, AfterValidator(own_secret)] = None
    files_mb: Annotated[float, Field(ge=0)] = 1000
    messages_per_minute: Annotated[float, Field(ge=0)] = 20
    group_messages_per_minute: Annotated[float, Field(ge=0)] = 60
    consultant_chat: Annotated[str | None, AfterValidator(desk)] = None
    allow_groups: Annotated[str, AfterValidator(admitted)] = "all"
    allow_business: Annotated[str, AfterValidator(admitted)] = "all"
    over_limit: Literal["drop", "queue"] = "drop"
    log_level: Annotated[str, AfterValidator(level)] = "info"
    keep_days: Annotated[float, Field(ge=0, le=36500)] = 365
    keep_questions_days: Annotated[float, Field(ge=0, le=36500)] = 30
    sends_per_second: Annotated[float, Field(ge=0)] = 30
    sends_per_chat_per_second: Annotated[float, Field(ge=0)] = 1
    sends_per_group_per_minute: Annotated[float, Field(ge=0)] = 20
    wechat_app_id: Annotated[str | None, AfterValidator(app_id)] = None
    wechat_token: Annotated[SecretStr | None, AfterValidator(message_token)] = None
    wechat_secret: Annotated[SecretStr | None, AfterValidator(app_secret)] = None
    wechat_aes_key: Annotated[SecretStr | None, AfterValidator(aes_key)] = None
    wechat_api_url: Annotated[str | None, AfterValidator(address)] = None
    wechat_verified: bool | None = None
    wechat_desk: bool = False

    @model_validator(mode="wrap")
    @classmethod
    def check_dependencies(cls, given: Any, read: ModelWrapValidatorHandler[Settings]) -> Settings:
        """Check dependencies between settings together with each value, so that all mistakes are reported at once."""
        mistakes = [
            mistake(one) for one in DEPENDENCIES if is_set(given.get(one.setting)) and not is_set(given.get(one.needs))
        ]
        try:
            found = read(given)
        except ValidationError as error:
            alone: list[Any] = [dict(detail) for detail in error.errors()]
            raise ValidationError.from_exception_data(cls.__name__, [*alone, *mistakes]) from error
        if mistakes:
            raise ValidationError.from_exception_data(cls.__name__, mistakes)
        return found

    @property
    def secrets(self) -> list[str]:
        """The values to hide in logs and messages."""
        given = [
            self.telegram_token, self.telegram_webhook_secret, self.secret, self.widget_secret, self.metrics_token,
            self.wechat_token, self.wechat_secret, self.wechat_aes_key,
        ]  # fmt: skip
        urls = [
            self.database_url, self.telegram_api_url, self.telegram_webhook_url, self.public_url, self.wechat_api_url,
        ]  # fmt: skip
        return [*(one.get_secret_value() for one in given if one), *(one for url in urls for one in of_url(url))]

    @property
    def embedding_sites(self) -> list[str]:
        """The sites that may embed the web chat."""
        return [site for site in re.split(r"[\s,]+", self.embed_origins) if site]

    @property
    def most_files(self) -> int:
        """The bytes of all files between merchants and consultants together."""
        return int(self.files_mb * (1 << 20))

    @property
    def trusted_networks(self) -> tuple[Network, ...]:
        """The networks of trusted proxies."""
        return networks(self.trusted_proxies)

    @property
    def knowledge_folders(self) -> list[Path]:
        return [Path(part) for part in self.knowledge.split(":") if part]


def default_database() -> str:
    """Return the address of a SQLite file in the user's data folder."""
    return f"sqlite:///{Path(platformdirs.user_data_dir('merchant-bot', appauthor=False)) / 'assistant.db'}"


def read_settings() -> Settings:
    """Read this process's settings, and hide their secrets from now on. Raises BadSettings."""
    try:
        found = Settings()
        hide(found.secrets)
        return found
    except ValidationError as error:
        raise BadSettings("\n".join(map(mistake_line, error.errors()))) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{ENV}: this file cannot be read: {error}") from error


def misspelt() -> list[Notice]:
    """Return a warning for each name in `.env` or the environment that is a misspelt setting. Raises BadSettings."""
    try:
        written = [name.upper() for name in DotEnvSettingsSource(Settings).env_vars]
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{ENV}: this file cannot be read: {error}") from error
    return misspelt_names(written, os.environ)


def misspelt_names(written: Iterable[str], environment: Iterable[str]) -> list[Notice]:
    """Return a warning for each misspelt setting.

    The environment is shared with other programs, so only a close match of a long name with the same first four letters
    counts there.
    """
    ours = [name.upper() for name in Settings.model_fields]
    found = {
        name: closest_name(name, [one for one in ours if one[:4] == name[:4] and len(one) > 7], 0.9)
        for name in environment
        if name not in ours
    }
    found |= {
        name: transposed_name(name, ours) or closest_name(name, ours, 0.85) for name in written if name not in ours
    }
    return [said("no-setting", name=name, near=one) for name, one in found.items() if one]


def closest_name(name: str, ours: Iterable[str], cutoff: float) -> str:
    return next(iter(difflib.get_close_matches(name[:60], list(ours), n=1, cutoff=cutoff)), "")


def transposed_name(name: str, ours: Iterable[str]) -> str:
    """Return the setting with the same letters in another order, or ""."""
    return next((one for one in ours if sorted(one) == sorted(name)), "")


def mistake_line(detail: ErrorDetails) -> str:
    """Format a mistake: its place, the setting's name, the error, and a correct example."""
    name = str(detail["loc"][0]).upper()
    message = detail["msg"].removeprefix("Value error, ")
    example = f"; right would be, for example, {name}={EXAMPLES[name]}" if name in EXAMPLES else ""
    return f"{env_file_place(name)}{name}: {message}{example}"


def env_file_place(name: str) -> str:
    """Return ".env:LINE: " for a setting from the `.env` file, or "" for any other source."""
    if any(one.upper() == name and value for one, value in os.environ.items()) or not Path(ENV).is_file():
        return ""
    with Path(ENV).open(encoding="utf-8") as file:
        lines = {(one.key or "").upper(): first_line(one) for one in parse_stream(file)}
    return f"{ENV}:{lines[name]}: " if name in lines else ""


def first_line(one: Binding) -> int:
    """Return the line number of a setting's name; the parser's own number includes the empty lines before it."""
    text = one.original.string
    return one.original.line + text[: len(text) - len(text.lstrip())].count("\n")
