"""A remark is a trouble, a thing that is done, a plan, an agreement, or none of these."""

from __future__ import annotations

import pytest

from bot.language.moods import mood_of


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("I am a bit nervous about it", "worry"),
        ("心里没底", "worry"),
        ("what a silly rule", "protest"),
        ("这规定不合理", "protest"),
        ("the upload failed again", "trouble"),
        ("they took the money from me", "trouble"),
        ("材料被退回来了", "trouble"),
        ("we have no problem with that", None),
        ("我们没被查过", None),
        ("the account is ready now", "done"),
        ("it came back yesterday", "done"),
        ("执照办好了", "done"),
        ("it is not ready yet", None),
        ("执照还没办好", None),
        ("that takes so long", "effort"),
        ("那我得等三个月", "effort"),
        ("okay then we start with the papers", "plan"),
        ("I'll call the accountant", "plan"),
        ("行，我去找会计", "plan"),
        ("那我等过完年再弄", "plan"),
        ("那我自己搜", "plan"),
        ("那我先不退了", "plan"),
        ("我找过代办的", None),
        ("fine by him", "agrees"),
        ("好，那就这样", "agrees"),
        ("the papers are in a drawer", None),
    ],
)
def test_the_mood_of_a_remark(text: str, mood: str | None) -> None:
    assert mood_of(text) == mood
