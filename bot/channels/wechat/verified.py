"""The account's verification, which allows customer-service messages: set by the operator, or learnt and kept."""

from __future__ import annotations

import logging

from bot.store.ports import Notes

log = logging.getLogger(__name__)

WORDS = {True: "yes", False: "no"}


class Verified:
    """The account's verification; None while nothing is known of it."""

    def __init__(self, app_id: str, set: bool | None, notes: Notes) -> None:
        self.note, self.set, self.known, self.notes = f"wechat-verified:{app_id}", set, set, notes

    async def recall(self) -> None:
        """Take up what a process has learnt."""
        if self.set is None and (kept := await self.notes.recall(self.note)):
            self.known = kept == WORDS[True]

    async def learn(self, verified: bool) -> None:
        """Keep the verification that the platform's answer to a message shows; the setting takes precedence, even if it is wrong."""
        if self.set is not None:
            if self.set and not verified:
                log.error("WECHAT_VERIFIED is yes, but the platform says that the account has no such right; set no")
                self.set = self.known = False
            return
        if self.known is not verified:
            self.known = verified
            await self.notes.remember(self.note, WORDS[verified])
            log.info(
                "the account is %s: kept until WECHAT_VERIFIED says otherwise",
                "verified" if verified else "not verified",
            )
