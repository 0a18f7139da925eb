"""Markdown on its way to the channels."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.markup import PARSER, blocks, plain, split, telegram_html, telegram_inline, utf16_length
from bot.language.quoting import escape_markdown

LIMIT = 4096


class Balance(HTMLParser):
    """Fails where a tag is opened and not closed in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "i", "s", "a", "code"}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def text_of(html: str) -> str:
    parser = Balance()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return "".join(parser.text)


def test_telegram_gets_its_own_html_and_nothing_else() -> None:
    html = telegram_html("A **bold < b** and [link](https://a.example/?x=1&y=2).\n\n- one\n- *two*\n\n3. c\n4. d")
    assert html == (
        'A <b>bold &lt; b</b> and <a href="https://a.example/?x=1&amp;y=2">link</a>.\n\n• one\n• <i>two</i>\n\n3. c\n4. d'
    )


def test_plain_text_keeps_the_address_of_a_link() -> None:
    assert plain("**Go** [there](https://a.example), or <https://b.example>") == (
        "Go there (https://a.example), or https://b.example"
    )


def test_raw_html_is_text() -> None:
    assert text_of(telegram_html("<script>alert(1)</script> <b>x</b>")) == "<script>alert(1)</script> <b>x</b>"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_a_merchants_words_are_never_markup(words: str) -> None:
    html = telegram_html(f"You wrote: {escape_markdown(words)}.")
    assert "<" not in html.replace("&lt;", "")
    shown = text_of(html)
    assert " ".join(shown.split()) == " ".join(f"You wrote: {words}.".split())


@pytest.mark.parametrize(
    "text",
    [
        "word " * 3000,
        "好" * 9000,
        "😀é👩‍👩‍👧" * 3000,
        "<&>" * 4000,
        "**bold** and *soft* words. " * 400,
        "\n\n".join(f"Paragraph {n} with **bold**." for n in range(500)),
        "\n".join(f"- entry {n} of [a list](https://a.example/{n})" for n in range(300)),
    ],
)
def test_long_texts_are_cut_into_parts_that_are_whole_and_fit(text: str) -> None:
    parts = split(text, LIMIT, telegram_html, utf16_length)
    assert len(parts) > 1
    for part in parts:
        assert utf16_length(part) <= LIMIT
        shown = text_of(part)
        assert shown.strip()
        assert not shown.startswith(("\u0301", "\u200d", "\ufe0f"))
    assert "".join("".join(map(text_of, parts)).split()) == "".join(text_of(telegram_html(text)).split())


def test_a_text_that_fits_stays_whole() -> None:
    assert split("a **b**\n\nc", LIMIT, telegram_html) == ["a <b>b</b>\n\nc"]


def test_half_a_surrogate_pair_is_one_unit() -> None:
    assert utf16_length("9\ud83d") == 2


PIECES = (
    *(
        "a",
        "*b*",
        "**保证金** c",
        "*2 d*",
        "“e",
        "*",
        "**",
        "- f",
        "- 1. g",
        "- - h",
        "- ```",
        "1. i",
        "# j",
        "---",
        "===",
        "```",
        "~~",
        "> k",
    ),
    *(
        "[l]: https://a.example",
        "[l]",
        "`m`",
        "<i>",
        "    n",
        "\\*o*",
        "_",
        " ",
        "  ",
        "\t",
        "\r",
        "\n",
        "\n\n",
        "\n\n",
        "\n\n\n",
    ),
)


@example("- a\n\n- b")
@example("a\n- [b]: https://b.example\n\nc [b]")
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_stanzas_read_by_themselves_are_those_of_the_whole(markdown: str) -> None:
    assert telegram_html(markdown) == blocks(PARSER.parse(markdown), telegram_inline)
