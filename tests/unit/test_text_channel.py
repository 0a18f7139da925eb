"""What stands in, on a channel of plain words, for what its platform cannot do."""

from __future__ import annotations

import pytest

from bot.app import CHANNELS, platforms
from bot.channels.text import as_text, calls, pack
from bot.json_text import from_text
from bot.model import Attachment, Button, Reply

CHOICES = (Button("**Yes**", "yes"), Button("7 days", "seven", numbered=False), Button("No", "no"))


def texts(reply: Reply, limit: int | None = None, public_url: str | None = None) -> list[str]:
    return [from_text(call).get("text", "") for call in calls(reply, limit, public_url)]


def test_buttons_are_numbered_lines_where_a_number_chooses() -> None:
    assert texts(Reply("**Sure?**", CHOICES)) == [as_text(Reply("Sure?", CHOICES))]
    assert as_text(Reply("Sure?", CHOICES)).endswith("\n\n  1. **Yes**\n  - 7 days\n  2. No")


@pytest.mark.parametrize(
    ("public_url", "shown"),
    [("https://example.com/chat", "https://example.com/chat/files/our%20code.png"), (None, "[our code.png]")],
)
def test_a_file_is_its_address_on_the_web_chat_or_its_name(public_url: str | None, shown: str) -> None:
    reply = Reply("Scan it", attachments=(Attachment("picture", "/srv/ours/files/our code.png"),))
    assert texts(reply, public_url=public_url) == [f"Scan it\n\n{shown}"]


def test_what_is_kept_of_a_merchant_is_named_by_their_address_until_it_is_sent() -> None:
    reply = Reply("Here it is", attachments=(Attachment("data", "lines:Ann:Ann"),))
    assert list(map(from_text, calls(reply))) == [{"text": "Here it is"}, {"data": "lines:Ann:Ann"}]


def test_a_long_reply_is_cut_between_its_parts_and_loses_nothing() -> None:
    reply = Reply("One sentence here. " * 20 + "\n\nA last one.", CHOICES)
    parts = texts(reply, limit=80)
    assert all(len(part) <= 80 for part in parts)
    assert parts[-1].endswith("2. No")
    assert " ".join(parts).count("One sentence here.") == 20


def test_lines_are_joined_up_to_a_limit_and_cut_beyond_it() -> None:
    assert pack(["aa", "bb", "cc"], "\n", 5) == ["aa\nbb", "cc"]
    assert pack(["a" * 7, "b"], "\n", 5) == ["aaaaa", "aa\nb"]
    assert pack(["aa", "bb"], "\n", None) == ["aa\nbb"]


def test_every_channel_offers_what_the_rest_needs_under_its_own_name() -> None:
    assert [one.name for one in platforms()] == [path.rpartition(".")[2] for path in CHANNELS]
