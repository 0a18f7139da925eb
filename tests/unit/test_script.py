"""Traditional characters: which messages are written in them, and what a reply in them keeps."""

from __future__ import annotations

import pytest

from bot.language.script import is_traditional, traditional


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("請問註冊要幾天", True),
        ("我想開間鋪，點做好呢", True),
        ("國際站後台", True),
        ("台灣公司", True),
        ("GMV要多少才夠", True),
        ("请问注册要几天", False),
        ("台湾公司", False),
        ("在后台看", False),
        ("我在台北", None),
        ("好的", None),
        ("how much", None),
        ("", None),
        ("12,000", None),
        ("註冊\ud83d", True),
    ],
)
def test_characters_tell_in_which_script_a_message_is_written(text: str, written: bool | None) -> None:
    assert is_traditional(text) is written


def test_half_a_character_is_replaced() -> None:
    assert traditional("请说\ud83d。") == "請説?。"


def test_links_code_and_commands_stay_as_they_are() -> None:
    told = traditional("发送 /help 或打开[课程](https://例子.cn/课程?a=后台)：https://例子.cn/简体 ，代码`关键词`。")
    assert told == "發送 /help 或打開[課程](https://例子.cn/课程?a=后台)：https://例子.cn/简体 ，代碼`关键词`。"
