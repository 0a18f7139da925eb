"""What a merchant puts in other words, without the words that ask for a yes, and what it concludes."""

from __future__ import annotations

import pytest

from bot.language.restating import claims, concluded, denies, restated, stance, without_answer_word
from handlers.confirming import by_figure


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("so seven days, right?", "seven days"),
        ("my cousin said nine stores", "nine stores"),
        ("那就是七天是吧", "七天"),
        ("我老板说九个", "九个"),
        ("we bake bread", ""),
        ("我们做面包", ""),
    ],
)
def test_the_words_around_a_restatement_are_left_out(text: str, core: str) -> None:
    assert restated(text) == core


@pytest.mark.parametrize(
    ("core", "means"),
    [
        ("I can't open a store", "cannot"),
        ("it is not possible", "cannot"),
        ("我就做不了了", "cannot"),
        ("that's allowed", "can"),
        ("这样可以", "can"),
        ("I can't find the button", None),
        ("可以换颜色", None),
    ],
)
def test_a_bare_conclusion_is_told_from_others(core: str, means: str | None) -> None:
    assert concluded(core) == means


@pytest.mark.parametrize(
    ("core", "text", "said"),
    [
        ("6 stores", "At most 6 stores.", "right"),
        ("8 stores", "At most 6 stores.", "wrong"),
        ("3 stores", "At most 6 stores.", None),
        ("5 to 8 percent", "It is 5% to 8%.", "right"),
        ("6 percent", "It is 5% to 8%.", None),
        ("12 percent", "It is 5% to 8%.", "wrong"),
        ("with 90 days I can start", "It takes 2 days.", None),
        ("我交3万", "保证金为1万元至5万元。", None),
        ("8万", "保证金为1万元至5万元。", "wrong"),
    ],
)
def test_a_figure_is_compared_with_that_of_the_answer(core: str, text: str, said: str | None) -> None:
    assert by_figure(core, text) == said


def test_the_answer_word_is_read_and_left_out() -> None:
    assert (stance("No. It cannot."), stance("可以。每月一次。"), stance("It takes a day.")) == ("cannot", "can", None)
    assert (without_answer_word("No. it cannot."), without_answer_word("可以。每月一次。")) == (
        "It cannot.",
        "每月一次。",
    )


@pytest.mark.parametrize(
    ("text", "claim"), [("my boss says eight", True), ("那就是八个吧", True), ("好 那我等双11过了再弄", False)]
)
def test_a_plan_claims_nothing(text: str, claim: bool) -> None:
    assert claims(text, restated(text)) is claim


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("it isn't given back, is it?", True),
        ("这个不退的吧", True),
        ("it is given back, right?", False),
        ("这不是退的吗", False),
    ],
)
def test_a_question_whether_something_is_not_so_takes_no_yes(text: str, asked: bool) -> None:
    assert denies(text) is asked
