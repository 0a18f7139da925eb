"""A strict stand-in of the Telegram Bot API: a real HTTP server that refuses what Telegram refuses.

`async with BotApi() as api:` in a test, `python -m tests.botapi --port 0` as a process of its own.
Descriptions that begin with "stand-in:" (after "Bad Request: ") are not Telegram's: there Telegram would let something
pass that a test should know of, or its words are not known.
"""

from .description import Refusal, Upload
from .server import BotApi, Call, Fault
from .world import Room, World, member

__all__ = ["BotApi", "Call", "Fault", "Refusal", "Room", "Upload", "World", "member"]
