"""No secret stands in what is shown: in any spelling, in the errors of the real clients, in messages and tracebacks."""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Iterator

import pytest

from bot import app, redaction
from bot.channels.channel import Unreachable
from bot.channels.telegram import connection
from bot.commands import line
from bot.redaction import hide, of_url, redacted
from bot.settings import BadSettings, read_settings
from bot.store import StoreError
from bot.store.backup import without_password

TOKEN = "123456789:AAExampleTokenFromBotFather-xyz12345"
PASSWORD = 'hush/"hush" ü+1'
ENCODED = "hush%2F%22hush%22%20%C3%BC%2B1"


@pytest.fixture(autouse=True)
def nothing_hidden() -> Iterator[None]:
    before = dict(redaction.hidden)
    redaction.hidden.clear()
    yield
    redaction.hidden.clear()
    redaction.hidden.update(before)


@pytest.mark.parametrize("given", [PASSWORD, ENCODED])
def test_a_hidden_word_is_hidden_in_every_spelling(given: str) -> None:
    hide([given])
    for shown in (
        PASSWORD,
        ENCODED,
        "hush/%22hush%22%20%C3%BC%2B1",
        "hush%2F%22hush%22+%C3%BC%2B1",
        json.dumps({"event": PASSWORD}),
        json.dumps({"event": PASSWORD}, ensure_ascii=False),
        repr(PASSWORD),
        str(RuntimeError(PASSWORD)),
    ):
        assert "hush" not in redacted(f"before {shown} after"), shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"GET https://api.telegram.org/bot{TOKEN}/getMe", "GET https://api.telegram.org/bot123456789:…/getMe"),
        (f"/bot{TOKEN.replace(':', '%3A')}/x", "/bot123456789:…/x"),
        ("at postgresql://me:word@host:5432/db now", "at postgresql://…@host:5432/db now"),
        ("at http://me:wo/rd@host/x", "at http://…@host/x"),
        ("at http://key@host/x", "at http://…@host/x"),
        ("'postgresql://host/db?user=me&password=word&sslmode=require'", "'postgresql://host/db?user=me&password=…&sslmode=require'"),
        ("https://host/x?sslpassword=word;api_key=word", "https://host/x?sslpassword=…"),
        ("https://example.com/page and me@example.com", "https://example.com/page and me@example.com"),
        ("12:30:45 a line at 7:8 as it was", "12:30:45 a line at 7:8 as it was"),
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_hidden_whosever_it_is(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_short_words_do_not_take_others_apart() -> None:
    hide(["", "a", "bot"])
    assert redacted("a bot is about") == "a bot is about"


def test_the_secrets_of_an_address_are_its_password_its_header_and_its_parameters() -> None:
    basic = b64encode(b"me:p@ss").decode()
    assert of_url("postgresql://me:p%40ss@host/db?password=other&sslpassword=third") == {
        "p%40ss",
        basic,
        "other",
        "third",
    }
    assert of_url("sqlite:///file.db") == of_url("https://example.com/x") == of_url(None) == set()


@pytest.mark.parametrize("name", ["DATABASE_URL", "TELEGRAM_API_URL"])
@pytest.mark.parametrize("password", ["wo/rd", "12/rd", "wo?rd", "12?rd", "wo#rd", "12#rd", "a@b/rd", "wo:rd/x"])
def test_a_password_that_is_not_encoded_is_told_without_any_of_it(
    name: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, f"{'postgresql' if name == 'DATABASE_URL' else 'http'}://me:{password}@host/db")
    with pytest.raises(BadSettings) as told:
        read_settings()
    message, _, example = str(told.value).partition("; right would be")
    assert message.startswith(f"{name}: signs of a user or a password stand in an address as / %2F")
    assert example
    assert "rd" not in message.replace("password", "").replace("address", "")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:wo%2Frd@[::1]:5432/db",
        "postgresql://one:5432,two:5433/db?user=me&password=word",
        "postgresql:///db?host=/run/postgresql",
        "postgres://me@host",
    ],
)
def test_addresses_of_databases_as_they_are_written(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert read_settings().database_url == url


def test_a_program_is_given_no_password_where_others_see_it() -> None:
    assert without_password("postgresql://me:wo%2Frd@host:1/db") == ("postgresql://me@host:1/db", "wo/rd")
    url = "postgresql://me:first@one:1,two:2/db?sslmode=require&password=sec%2Bond&application_name=x"
    public = "postgresql://me@one:1,two:2/db?sslmode=require&application_name=x"
    assert without_password(url) == (public, "sec+ond")
    assert without_password("postgresql:///db?password=w") == ("postgresql:///db", "w")
    with pytest.raises(StoreError, match="sslpassword"):
        without_password("postgresql://host/db?sslpassword=w")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("library", ["aiogram", "ptb"])
async def test_errors_of_the_clients_show_neither_the_token_nor_the_password(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://robot:hush-hush@127.0.0.1:9"
    monkeypatch.setenv("TELEGRAM_API_URL", url)
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_LIBRARY", library)
    monkeypatch.setattr(connection, "PAUSE", 0.0)
    with pytest.raises(Unreachable, match=f"^Telegram cannot be reached at {url}: ") as failed:
        async with connection.open_bot(read_settings()):
            pass
    error: BaseException | None = failed.value
    seen = f"{url}/bot{TOKEN}"
    while error is not None:
        seen += f"\n{error!s}\n{error!r}\n{vars(error)}"
        error = error.__cause__ or error.__context__
    shown = redacted(seen)
    for secret in (TOKEN.partition(":")[2], "hush-hush", "robot"):
        assert secret not in shown, shown


def test_a_fault_of_the_command_line_is_a_traceback_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"broken at http://me:word@host/bot{TOKEN} with a very secret word")

    monkeypatch.setenv("SECRET", "a very secret word")
    monkeypatch.setattr(app, "memory_assistant", broken)
    monkeypatch.setattr(sys, "argv", ["merchant-bot", "ask", "hello"])
    with pytest.raises(SystemExit) as ended:
        line.main()
    told = capsys.readouterr().err
    assert ended.value.code == line.NOT_DONE
    assert told.endswith("RuntimeError: broken at http://…@host/bot123456789:… with …\n")
    assert "Traceback" in told
