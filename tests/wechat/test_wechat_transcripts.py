"""The same conversations as in every other channel, on an official account: with links to tap, and with numbers alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.assistant import Context
from bot.channels.wechat.texts import shown
from bot.knowledge.knowledge import Knowledge
from bot.model import Address, Language, Message, Terms, Turn
from tests.contract.channels import MORE, TAPPABLE, WeChatPerson, serving_wechat
from tests.transcripts.scripts import Script, fulfil
from tests.transcripts.test_transcripts_on_channels import ALONE, Noted
from tests.wechat_platform import Account, WeChatPlatform

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Spoken(Noted):
    """An assistant that is told the language of each merchant's device, which the platform does not tell."""

    def __init__(self, knowledge: Knowledge, store: Any, today: Any) -> None:
        super().__init__(knowledge, store, Terms())

    def turn(self, message: Message, context: Context) -> Turn:
        lang: Language = ALONE.get(message.address.user.removeprefix("o-"), {}).get("lang", "en")
        return super().turn(replace(message, hint=lang), context)


async def play(person: WeChatPerson, script: Script, made: list[Turn]) -> int:
    """Play a conversation. Returns how many choices were tapped."""
    tapped = 0
    for number, step in enumerate(script["turns"], 1):
        if step.get("restart"):
            continue
        if "user" in step:
            await person.say(str(step["user"]))
        else:
            links = [found for text in person.texts for found in TAPPABLE.findall(text)]
            link = next((link for link, words in reversed(links) if words.startswith(step["press"])), None)
            tapped += link is not None
            if link is not None:
                await person.heard(await person.platform.tap(person.who, link))
            else:
                offered = [button.label for turn in made for reply in turn.replies for button in reply.buttons]
                await person.say([label for label in offered if label.startswith(step["press"])][-1])
        text = shown(person.texts[-1])
        labels = [button.label for reply in made[-1].replies for button in reply.buttons]
        assert all(f" {label}" in text for label in labels), (script, number, labels, text)
        for hint in MORE:
            text = text.replace(hint, "")
        fulfil(step, made[-1], text, labels, f"turn {number}")
    return tapped


@pytest.mark.parametrize("verified", [True, False])
async def test_an_official_account_holds_the_same_conversations(
    verified: bool, knowledge: Knowledge, tmp_path: Path
) -> None:
    assistants: list[Spoken] = []

    def spoken(*given: Any) -> Spoken:
        assistants.append(Spoken(*given))
        return assistants[-1]

    async with (
        WeChatPlatform(Account(verified=verified)) as platform,
        serving_wechat(platform, knowledge, f"sqlite:///{tmp_path / 'wechat.db'}", spoken) as served,
        asyncio.TaskGroup() as playing,
    ):
        tasks = [
            playing.create_task(
                play(
                    WeChatPerson(platform, served.store, f"o-{name}"),
                    script,
                    assistants[0].turns[Address("wechat", f"o-{name}", f"o-{name}")],
                )
            )
            for name, script in ALONE.items()
            if not any(str(step.get("user", "")).startswith("/subscribe") for step in script["turns"])  # no news here
        ]
    assert [one for one in platform.shown if one.by == "unavailable"] == []
    assert {one.code for one in platform.called("message/custom/send")} <= {0}
    assert bool(sum(task.result() for task in tasks)) == verified
