"""The parts of the web chat by themselves: Markdown as HTML, limits, frames."""

from __future__ import annotations

import json
import re

import pytest

from bot.channels.limits import Limit
from bot.channels.web.rendering import html
from bot.channels.web.wire import (
    Hello,
    Incoming,
    InvalidFrame,
    WebChannel,
    arrival,
    parse,
    rendered_reply,
    stored_reply,
)
from bot.knowledge.knowledge import Knowledge
from bot.model import Attachment, Button, Message, Progress, Reply

SAY = {"type": "say", "id": "1", "text": "hello", "lang": "en"}


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[x](javascript:alert(1))",
        "![x](https://e.com/x.png)",
        "<!-- -->",
    ],
)
def test_nothing_in_a_text_is_markup_but_markdown(text: str) -> None:
    made = html(text)
    for unwanted in ("<script", "<img", "<!--", 'href="javascript'):
        assert unwanted not in made


def test_links_open_in_a_new_tab_wherever_they_stand() -> None:
    safe = 'target="_blank" rel="noopener noreferrer"'
    assert safe in html("see [this](https://example.com)")
    assert safe in html("**To do:**  \n☐ see [this](https://example.com)")


def test_a_reply_brings_its_source_in_full_to_the_page(knowledge: Knowledge) -> None:
    reply = stored_reply(
        Reply("The fee.\n\n*29 March 2022*", source="Source: [a **bold** article](https://example.com), 29 March 2022.")
    )
    page = rendered_reply(reply, knowledge)
    assert "article" not in page["html"]
    assert page["source"].startswith('<p>Source: <a href="https://example.com" target="_blank"')
    assert "source" not in rendered_reply(stored_reply(Reply("Hello.")), knowledge)


def test_a_paragraph_in_italics_is_small_print_and_italics_in_one_are_not() -> None:
    assert html("*Source: a **bold** article*").startswith('<p class="small">')
    assert 'class="small"' not in html("*one* and *two*")
    assert 'class="small"' not in html("a *word*")


def test_lines_with_signs_become_a_list_with_a_heading() -> None:
    made = html("**Why:**  \n✓ A company.  \n✗ No **trademark**.  \n☐ Ask.")
    assert made.startswith("<h3>Why:</h3>")
    assert [f'<li class="{name}">' in made for name in ("yes", "no", "todo", "maybe")] == [True, True, True, False]
    assert "<div>No <strong>trademark</strong>.</div>" in made
    assert "<ul" not in html("**Why:**  \n✓ A company.  \nand more")
    assert "<ul" not in html("Why:  \n✓ A company.")
    assert html("✓ A company.").startswith('<ul class="signs">')  # below the list of another reason
    assert html("**Why:**  \n✓ A company.") == html("**Why:**  \n✓ A company.")


def test_a_table_can_be_moved_sideways() -> None:
    made = html("| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert made.startswith('<div class="table" tabindex="0"><table>')
    assert made.count("</div>") == 1


def test_a_limit_lets_a_minutes_share_through_at_once_and_then_one_after_another() -> None:
    now = 100.0
    limit = Limit(6, lambda: now)
    assert [limit.wait("ann") for _ in range(6)] == [0.0] * 6
    assert limit.wait("ann") == pytest.approx(10)
    assert limit.wait("wei") == 0.0
    now += 9
    assert limit.wait("ann") == pytest.approx(1)
    now += 1
    assert limit.wait("ann") == 0.0
    assert limit.wait("ann") == pytest.approx(10)
    now += 120
    assert [limit.wait("ann") for _ in range(7)][-2:] == [0.0, pytest.approx(10)]


def test_no_limit_lets_everything_through() -> None:
    limit = Limit(0)
    assert {limit.wait("ann") for _ in range(1000)} == {0.0}


def test_a_limit_forgets_names_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.limits.MOST", 10)
    now = 0.0
    limit = Limit(60, lambda: now)
    for number in range(100):
        limit.wait(str(number))
        now += 10
    assert len(limit.full) <= 12


def test_frames_say_what_the_page_says() -> None:
    assert parse('{"type": "hello"}') == Hello(None)
    assert parse('{"type": "hello", "after": 7}') == Hello(7)
    assert parse(json.dumps(SAY)) == Incoming("1", "hello", None, "en")
    press = {"type": "press", "id": "2", "says": "lang=zh", "label": "中文", "lang": "zh"}
    assert parse(json.dumps(press)) == Incoming("2", "中文", "lang=zh", "zh")


@pytest.mark.parametrize(
    "change", [{"id": None}, {"id": "x" * 65}, {"text": 3}, {"lang": ""}, {"lang": None}, {"type": None}]
)
def test_what_is_no_frame_is_garbage(change: dict[str, object]) -> None:
    with pytest.raises(InvalidFrame):
        parse(json.dumps(SAY | change))


def test_the_same_message_of_the_same_visitor_alone_has_the_same_key() -> None:
    one, again, other = Incoming("1", "x", None, "en"), Incoming("1", "y", None, "zh"), Incoming("2", "x", None, "en")
    assert arrival("ann", one).key == arrival("ann", again).key
    assert len({arrival("ann", one).key, arrival("ann", other).key, arrival("wei", one).key}) == 3


async def test_a_turn_is_one_call_with_everything_in_it() -> None:
    woken: list[str] = []
    channel = WebChannel(woken.append)
    payload = arrival("ann", Incoming("1", "Yes", "medal.gmv=yes", "en")).payload
    message = channel.read(payload)
    assert isinstance(message, Message)
    assert (message.press, message.text, message.kind, message.hint) == ("medal.gmv=yes", "", "press", "en")
    replies = [
        Reply("One", attachments=(Attachment("picture", "/content/files/a.png"),)),
        Reply("Two", (Button("A", "topic=a"),), progress=Progress("Medal", 1, 4)),
        Reply("Three", verdict="eligible", code="C"),
    ]
    (call,) = channel.write(payload, message, replies)
    kept = json.loads(call)
    assert kept["said"] == {"id": "1", "text": "Yes", "press": True}
    assert [reply["text"] for reply in kept["replies"]] == ["One", "Two", "Three"]
    assert kept["replies"][1]["progress"] == ["Medal", 1, 4]
    assert await channel.send(call, "ann") is None
    assert woken == ["ann"]


@pytest.mark.parametrize(
    ("markdown", "rows"),
    [
        ("- **MALL only:** a; b\n- **Gold:** c", [("MALL only", "<ul><li>a</li><li>b</li></ul>"), ("Gold", "c")]),
        ("- **仅MALL**：甲；乙\n- **金牌**：丙", [("仅MALL", "<ul><li>甲</li><li>乙</li></ul>"), ("金牌", "丙")]),
        (
            "- **a:** x & y; <b>\n- **b:** **c; d**",
            [("a", "<ul><li>x &amp; y</li><li>&lt;b&gt;</li></ul>"), ("b", "<strong>c; d</strong>")],
        ),
        ("- **official store** (x)\n- **other store** (y)", []),
        ("- **a:** one alone", []),
        ("- plain\n- **a:** x", []),
        ("- **a:** x\n\n  more\n- **b:** y", []),
        ("- **a:** x\n  - inner\n- **b:** y", []),
        ("1. **a:** x\n2. **b:** y", []),
    ],
)
def test_a_list_of_labelled_entries_is_a_table(markdown: str, rows: list[tuple[str, str]]) -> None:
    found = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td></tr>', html(markdown))
    assert found == rows
    assert ("<table>" in html(markdown)) == bool(rows)
