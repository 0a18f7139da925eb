"""Copies of people's messages between merchants and consultants, at the limits of Telegram."""

from __future__ import annotations

from typing import Any

from bot.channels.channel import Labels
from bot.channels.telegram.call import Call
from bot.channels.telegram.desk import copied, copies

LABELS = Labels(
    "Ann", "Ann, corrected", lambda origin: f"Ann, from {origin}", lambda kind, told: f"Ann: [{kind}] {told}"
)
PLACE = {"message_id": 7, "chat": {"id": 1}}
CHAT = -1001


def text_at(call: Call, entity: dict[str, Any]) -> str:
    units: bytes = call.params["text"].encode("utf-16-le")
    return units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")


def test_a_text_of_4096_characters_with_formatting_at_the_cut_goes_over_whole() -> None:
    text = "a" * 4080 + "😀" * 8
    bold = {"type": "bold", "offset": 4070, "length": 26}
    link = {"type": "text_link", "offset": 4080, "length": 16, "url": "https://example.com"}
    made = copied({**PLACE, "text": text, "entities": [bold, link]}, CHAT, 1, LABELS)
    assert len(made) == 2
    assert "".join(one.params["text"] for one in made) == f"Ann: {text}"
    shown = [(one["type"], text_at(call, one)) for call in made for one in call.params["entities"]]
    assert "".join(words for kind, words in shown if kind == "bold") == "Ann:" + text[4070:]
    assert "".join(words for kind, words in shown if kind == "text_link") == "😀" * 8
    assert all(len(one.params["text"].encode("utf-16-le")) <= 2 * 4096 for one in made)


def test_an_album_of_ten_with_captions_is_one_and_the_eleventh_begins_another() -> None:
    def picture(number: int) -> Call:
        sizes = [{"file_id": f"file{number}", "width": 9, "height": 9}]
        sent = {**PLACE, "media_group_id": "5", "photo": sizes, "caption": f"caption {number}"}
        (call,) = copied(sent, CHAT, 1, LABELS)
        return call

    together = picture(0)
    for number in range(1, 10):
        joined = copies.joined(together, picture(number))
        assert joined is not None
        together = joined
    assert together.method == "sendMediaGroup"
    assert [one["media"] for one in together.params["media"]] == [f"file{number}" for number in range(10)]
    captions = [one["caption"] for one in together.params["media"]]
    assert captions == ["Ann: caption 0", *(f"caption {number}" for number in range(1, 10))]
    assert copies.joined(together, picture(10)) is None


def test_a_file_of_two_gigabytes_is_copied_on_the_platform() -> None:
    document = {"file_id": "big", "file_name": "shop.zip", "file_size": 2 << 30}
    (call,) = copied({**PLACE, "document": document, "caption": "ours"}, CHAT, 1, LABELS)
    assert (call.method, call.params["message_id"], call.params["caption"]) == ("copyMessage", 7, "Ann: ours")
    assert "shop.zip" in call.instead
