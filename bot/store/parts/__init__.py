"""The parts of a store that both databases share."""

from __future__ import annotations

from bot.store.parts.broadcasts import BroadcastsPart
from bot.store.parts.conversations import ConversationsPart
from bot.store.parts.editing import EditingPart
from bot.store.parts.files import FilesPart
from bot.store.parts.outbox import OutboxPart
from bot.store.parts.people import PeoplePart
from bot.store.parts.persons import PersonsPart
from bot.store.parts.sums import SumsPart
from bot.store.parts.talks import TalksPart
from bot.store.parts.upkeep import UpkeepPart


class Parts(
    OutboxPart,
    ConversationsPart,
    BroadcastsPart,
    UpkeepPart,
    PeoplePart,
    EditingPart,
    FilesPart,
    SumsPart,
    TalksPart,
    PersonsPart,
):
    """All shared parts."""
