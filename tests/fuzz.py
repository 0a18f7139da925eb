"""What strangers and editors can send, made by hypothesis, and the readers that meet it first: each takes all or refuses it by name.

`run(name, count, seed)` tries one; tests/benchmarks/fuzz.py tries them by the million.
"""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from bot.assistant import Assistant
from bot.channels.telegram import updates
from bot.channels.telegram.desk.reading import at_desk
from bot.channels.telegram.fields import Me
from bot.channels.web import wire
from bot.channels.wechat import messages, xml
from bot.console.edits import CannotEdit, Edit, with_edit
from bot.content import tree
from bot.json_text import from_text, to_text
from bot.model import Address, Message
from bot.store import MemoryStore
from tests.conftest import TODAY
from tests.opened import shipped_knowledge

ME = Me(7)
BATCH = 5_000  # tries of which hypothesis remembers what they had in common
TOPIC = "title: {en: Bread, zh: 面包}\ninstead:\n  en: Three coins.  # since May\n  zh: 三块钱。\nphrasings:\n  en: [bread price]\n"

text = st.text(max_size=60)
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | text
values = st.recursive(
    scalars, lambda one: st.lists(one, max_size=3) | st.dictionaries(text, one, max_size=3), max_leaves=8
)
ANN = {"id": 1, "is_bot": False, "first_name": "Ann", "language_code": "en"}
PRIVATE, GROUP = {"id": 1, "type": "private"}, {"id": -100, "type": "supergroup", "title": "Sellers"}
SENT = {"message_id": 5, "date": 1_700_000_000, "from": ANN, "text": "/help @merchant_test_bot deposit"}
MEMBER = {"user": {"id": 7, "is_bot": True, "first_name": "Bot"}, "status": "member"}
ENTITIES = [
    {"type": "mention", "offset": 6, "length": 18},
    {"type": "text_link", "offset": 0, "length": 5, "url": "https://x"},
]
UPDATES: list[dict[str, Any]] = [
    {"message": {**SENT, "chat": PRIVATE, "entities": ENTITIES}},
    {"message": {**SENT, "chat": GROUP, "entities": ENTITIES, "reply_to_message": {**SENT, "chat": GROUP}}},
    {"message": {**SENT, "chat": GROUP, "migrate_to_chat_id": -200}},
    {"edited_message": {**SENT, "chat": PRIVATE}},
    {
        "message": {
            "message_id": 5,
            "date": 1,
            "from": ANN,
            "chat": PRIVATE,
            "photo": [{"file_id": "x"}],
            "caption": "x",
        }
    },
    {"callback_query": {"id": "1", "from": ANN, "data": "forget=yes", "message": {**SENT, "chat": PRIVATE}}},
    {"my_chat_member": {"chat": GROUP, "from": ANN, "date": 1, "old_chat_member": MEMBER, "new_chat_member": MEMBER}},
    {"business_message": {**SENT, "chat": PRIVATE, "business_connection_id": "B"}},
    {"business_connection": {"id": "B", "user": ANN, "user_chat_id": 1, "date": 1, "is_enabled": True, "rights": {}}},
]
FRAMES: list[dict[str, Any]] = [
    {"type": "hello", "after": 3},
    {"type": "older", "before": 3},
    {"type": "say", "id": "1", "text": "deposit", "lang": "en"},
    {"type": "press", "id": "1", "says": "topic=deposit-amount", "label": "x", "lang": "zh", "quiet": True},
    {"type": "identify", "person": {"id": "1", "expires": 1, "signature": "x", "name": "x"}, "lang": "en"},
]
WECHATS: list[dict[str, Any]] = [{"ToUserName": "gh_1", "FromUserName": "oAnn", "CreateTime": "1", "MsgType": "text", "MsgId": "1", "Content": "x",
          "Event": "CLICK", "EventKey": "x"}]  # fmt: skip
PRESSES = (
    "topic=deposit-amount",
    "check=store-entry",
    "forget=ask",
    "store-entry.business_type=company",
    "more",
    "group=off",
)
SIGNS = st.text("[]{}:,-?!&*|>'\"%@` \t\n#a1保\ufeff\u2028\x85", max_size=80)


@st.composite
def changed(draw: st.DrawFn, known: list[dict[str, Any]]) -> Any:
    """One of these with up to three places that hold something else, or nothing."""
    made = copy.deepcopy(draw(st.sampled_from(known)))
    for _ in range(draw(st.integers(0, 3))):
        here: Any = made
        while isinstance(here, dict | list) and here:
            key = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
            if isinstance(here[key], dict | list) and here[key] and draw(st.booleans()):
                here = here[key]
                continue
            if isinstance(here, dict) and draw(st.booleans()):
                del here[key]
            else:
                here[key] = draw(values)
            break
    return made


def update(made: dict[str, Any]) -> None:
    """Telegram's update is stored as it is, and read after."""
    stored = updates.arrival({"update_id": 1, **made}, ME, ("-100",))
    if stored and at_desk(from_text(stored.payload), ("-100",)) is False:
        updates.message_of(from_text(stored.payload))


def press(says: str) -> None:
    """A button's statement, which anybody can forge, is answered."""
    who = Address("fuzz", "1", "1")
    assert assistant().receive_now(Message(who, "", "1", "press", says, "en")).replies is not None


def say(words: str) -> None:
    assert assistant().receive_now(Message(Address("fuzz", "1", "1"), words, "1", hint="en")).replies is not None


def frame(made: str) -> None:
    with suppress(wire.InvalidFrame):
        said = wire.parse(made)
        if isinstance(said, wire.Incoming):
            wire.WebChannel(lambda visitor: None).read(wire.arrival("v", said).payload)


def wechat(body: bytes) -> None:
    with suppress(xml.BadXml, messages.BadMessage):
        fields = xml.read_fields(body)
        messages.check(fields)
        messages.message_of(messages.fields_of(messages.arrival("wx", fields, 1.0).payload))


def content(body: bytes) -> None:
    """An editor's file is read, or its mistakes are named."""
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(body)
        file.flush()
        mistakes: list[Any] = []
        read = tree.read(Path(file.name), "x.yaml", mistakes)
        assert read is not None or mistakes
        assert all(one.words("zh") and one.words("en") for one in mistakes)


def form(typed: str) -> None:
    """What an editor types into a form is in the file as it was typed, or refused; the rest of the file stays."""
    for edit in (
        Edit("set", "topics/bread", ("instead", "zh"), typed),
        Edit("add", "topics/bread", ("phrasings", "en"), typed),
        Edit("set", "topics/bread", ("title", typed or "x"), "x"),
    ):
        with suppress(CannotEdit):
            assert "# since May" in with_edit("topics/bread.yaml", TOPIC, edit)


def in_xml(fields: dict[str, str]) -> bytes:
    return f"<xml>{''.join(f'<{name}><![CDATA[{value}]]></{name}>' for name, value in fields.items())}</xml>".encode(
        "utf-8", "replace"
    )


def assistant() -> Assistant:
    global ASSISTANT
    ASSISTANT = ASSISTANT or Assistant(shipped_knowledge(), MemoryStore(), lambda: TODAY)
    return ASSISTANT


ASSISTANT: Assistant | None = None
as_bytes = SIGNS.map(lambda one: one.encode()) | st.binary(max_size=60)
TARGETS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], None]]] = {
    "updates": (changed(UPDATES), update),
    "presses": (st.sampled_from(PRESSES).flatmap(lambda one: st.tuples(st.just(one), text)).map("".join) | text, press),
    "messages": (SIGNS | text, say),
    "frames": (changed(FRAMES).map(to_text) | changed(FRAMES).map(json.dumps) | text, frame),
    "WeChat XML": (
        changed(WECHATS).map(lambda one: in_xml({str(k): str(v) for k, v in one.items()})) | as_bytes,
        wechat,
    ),
    "YAML": (as_bytes | text.map(lambda one: TOPIC.replace("Bread", one).encode("utf-8", "replace")), content),
    "forms": (SIGNS | text, form),
}


def run(name: str, count: int, number: int = 0) -> None:
    """Try so many inputs; the first that fails is told as small as hypothesis finds it. `number` chooses others."""
    strategy, target = TARGETS[name]
    for batch in range(-(-count // BATCH)):

        @seed(number * 1_000_003 + batch)
        @settings(
            max_examples=min(BATCH, count - batch * BATCH),
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def tried(made: Any) -> None:
            target(made)

        tried()
