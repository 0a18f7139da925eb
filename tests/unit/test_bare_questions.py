"""Questions that have no subject of their own."""

import pytest

from bot.language.bare_questions import is_bare_question


@pytest.mark.parametrize(
    "text", ["who does that", "and how long does it take?", "why not", "is it worth it", "谁来弄", "要多久", "收费吗", "那不弄会怎样", "能再来一次吗"]
)  # fmt: skip
def test_a_question_without_a_subject_is_bare(text: str) -> None:
    assert is_bare_question(text)


@pytest.mark.parametrize(
    "text", ["who pays the deposit", "how do I apply", "is a brand needed", "ok thanks", "we are ready", "保证金多少", "怎么申请", "好的知道了", "要商标吗"]
)  # fmt: skip
def test_a_question_with_a_subject_and_a_remark_are_not(text: str) -> None:
    assert not is_bare_question(text)
