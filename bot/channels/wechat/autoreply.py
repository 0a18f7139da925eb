"""The auto-replies of an official account's console: the answer of `get_current_autoreply_info`, with all its fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

LONGEST_KEYWORD = 30  # characters, as the console allows
MOST_KEYWORDS, MOST_REPLIES, LONGEST_REPLY, MOST_RULES = (
    10,
    5,
    300,
    200,
)  # of a rule; characters of a text; of an account
MOST_READ = 1000  # rules of an account, keywords and replies of a rule: more than the console allows, and bounded
MOST_NAMED = 20  # mistakes in a message


class NotRead(Exception):
    """The file is not an account's auto-replies; the message names each place and what would be right."""


class Part(BaseModel):
    """Base of all parts. Fields outside the description are kept, for `unknown_fields`."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)


Flag = Annotated[bool, BeforeValidator(lambda value: value in (1, "1", True))]


class Article(Part):
    """An article of a news reply."""

    title: str = ""
    author: str = ""
    digest: str = ""
    show_cover: Flag = False
    cover_url: str = ""
    content_url: str = ""
    source_url: str = ""


class News(Part):
    articles: tuple[Article, ...] = Field(default=(), alias="list")


class AutoReply(Part):
    """One reply: `content` is its text, or the media id of a picture (img), voice, video or news; old answers give a URL."""

    type: str
    content: str = ""
    news_info: News | None = None


class Keyword(Part):
    """A keyword: the whole message ("equal", full match) or a part of it ("contain", half match)."""

    type: str = "text"
    match_mode: Literal["equal", "contain"]
    content: Annotated[str, StringConstraints(max_length=LONGEST_KEYWORD)]


class Rule(Part):
    rule_name: str = ""
    create_time: int = 0
    reply_mode: Literal["reply_all", "random_one"]
    keyword_list_info: tuple[Keyword, ...] = Field(max_length=MOST_READ)
    reply_list_info: tuple[AutoReply, ...] = Field(max_length=MOST_READ)


class Rules(Part):
    rules: tuple[Rule, ...] = Field(default=(), alias="list", max_length=MOST_READ)


class AutoReplies(Part):
    """An account's auto-replies. `rules` are in the console's order, the newest first."""

    is_add_friend_reply_open: Flag
    is_autoreply_open: Flag = False
    add_friend_autoreply_info: AutoReply | None = None
    message_default_autoreply_info: AutoReply | None = None
    keyword_autoreply_info: Rules | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.keyword_autoreply_info.rules if self.keyword_autoreply_info else ()

    @property
    def welcome(self) -> AutoReply | None:
        """The reply to a new follower, if it is switched on."""
        return self.add_friend_autoreply_info if self.is_add_friend_reply_open else None

    @property
    def default(self) -> AutoReply | None:
        """The reply to all other messages, if it is switched on."""
        return self.message_default_autoreply_info if self.is_autoreply_open else None

    @property
    def answers(self) -> tuple[AutoReply, ...]:
        """All replies that are sent."""
        listed = [answer for rule in self.rules for answer in rule.reply_list_info]
        return (*listed, *(one for one in (self.welcome, self.default) if one))


def read(data: bytes, file: str) -> AutoReplies:
    """Read the answer of `get_current_autoreply_info`. Raises NotRead."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotRead(f"{file}: this file is not in UTF-8; save the interface's answer as it comes") from None
    except json.JSONDecodeError as error:
        why = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise NotRead(f"{file}:{error.lineno}: this is not JSON ({why}); save the interface's answer whole") from None
    except RecursionError:
        raise NotRead(f"{file}: this JSON is nested too deeply to be an interface's answer") from None
    return parse(found, file)


def parse(found: Any, file: str) -> AutoReplies:
    """Validate the answer of `get_current_autoreply_info`. Raises NotRead."""
    if isinstance(found, dict) and found.get("errcode"):
        raise NotRead(f"{file}: the interface refused: {found['errcode']} {found.get('errmsg', '')}".rstrip())
    if not isinstance(found, dict) or "is_add_friend_reply_open" not in found:
        raise NotRead(
            f"{file}: this is not an answer of get_current_autoreply_info, "
            'which begins {"is_add_friend_reply_open": …, "is_autoreply_open": …'
        )
    try:
        return AutoReplies.model_validate(found)
    except ValidationError as error:
        lines = [f"{file}: {at(found, one['loc'])}: {words(one)}" for one in error.errors(include_url=False)]
        rest = len(lines) - MOST_NAMED
        raise NotRead("\n".join([*lines[:MOST_NAMED], *([f"… and {rest} more"] if rest > 0 else [])])) from None


def at(found: Any, path: tuple[int | str, ...]) -> str:
    """Name a place, with the name of its rule: `list[2] "Gifts": keyword_list_info[0].content`."""
    here, shown = found, ""
    for step in path:
        if isinstance(step, int):
            shown += f"[{step}]"
        else:
            shown += f"{'.' if shown and not shown.endswith(' ') else ''}{step}"
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
        if isinstance(here, dict) and here.get("rule_name"):
            shown += f' "{here["rule_name"]}": '
    return shown.removesuffix(": ")


def words(error: Any) -> str:
    """Describe a mistake and its correction."""
    given, kind = error.get("input"), error["type"]
    if kind == "string_too_long":
        return (
            f'the keyword "{given[:LONGEST_KEYWORD]}…" has {len(given)} characters, and a message is compared with at most '
            f"{LONGEST_KEYWORD}; shorten it in the console, and save the answer again"
        )
    if kind == "too_long":
        return f"{len(given)} entries; at most {MOST_READ} are read"
    if kind == "missing":
        return "this field is missing; save the interface's answer whole"
    if kind == "literal_error":
        return f'"{str(given)[:40]}" is none of {error["ctx"]["expected"]}'
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, not {str(given)[:40]!r}"


def unknown_fields(part: Part, path: str = "") -> Iterator[str]:
    """Yield the fields that the description does not have."""
    for name in part.model_extra or {}:
        yield f"{path}{name}"
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        for number, one in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(one, Part):
                index = f"[{number}]" if isinstance(value, tuple) else ""
                yield from unknown_fields(one, f"{path}{field.alias or name}{index}.")
