"""`/console` in private: members of the consultants' group get a one-time link, others read why not."""

from __future__ import annotations

from bot.channels.channel import Desk
from bot.console import access
from bot.console.words import Words
from bot.model import Language, Message
from bot.store import Store

COMMAND = "/console"
NAMED = "console-staff:"  # begins the note with a person's name in the console, by their id on the platform


class Entrance:
    """Answers who asks for the console, on the platform of the consultants' desk."""

    def __init__(self, store: Store, desk: Desk | None, address: str, *, public: bool) -> None:
        self.store, self.desk, self.address, self.public = store, desk, address, public

    async def __call__(self, message: Message, lang: Language) -> str | None:
        """Return the answer in Markdown, None to what does not ask for the console."""
        if message.kind != "text" or message.group or message.business or not is_asked(message.text):
            return None
        say = Words(lang)
        if self.desk is None or self.desk.channel != message.address.channel:
            return say("entrance_no_group")
        if not await self.desk.admits(message.address.user, surely=True):
            return say("entrance_not_a_member")
        link = await self.invited(message)
        if link is None:
            return say("entrance_revoked")
        told = say("entrance_link", link=f"{self.address}/console/in/{link}")
        return told if self.public else f"{told}\n\n{say('entrance_local')}"

    async def invited(self, message: Message) -> str | None:
        """Return a link's secret, None if the person's access was revoked.

        They are known by their id, since anybody may call themselves by another's name.
        """
        user = message.address.user
        note = f"{NAMED}{message.address.channel}:{user}"
        name = await self.store.recall(note)
        new = f"{' '.join(message.name.split())[:40]} ({message.address.channel} {user})".strip()
        made = await access.invite(self.store, name or new, None if name else "consultant")
        if made and not name:
            await self.store.remember(note, new)
        return made[1] if made else None


def is_asked(text: str) -> bool:
    words = text.strip().lower().split("@")[0].split()
    return words == [COMMAND]
