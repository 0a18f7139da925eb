"""QR codes of an official account with a scene: a deep link that the platform tells us when the code is scanned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from bot.channels.wechat.api import WeChatApi

LONGEST_DAYS = 30  # of a temporary code
DAY = 24 * 60 * 60
PICTURE = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket="


@dataclass(frozen=True)
class Code:
    """A code: the address that it holds, and the platform's picture of it."""

    address: str
    picture: str


async def make_code(api: WeChatApi, scene: str, days: int | None) -> Code:
    """Ask the interface for a code that lasts for `days`, or forever with None. Raises WeChatRefused, WeChatUnreachable."""
    lasting = {"action_name": "QR_LIMIT_STR_SCENE"}
    passing = {"action_name": "QR_STR_SCENE", "expire_seconds": (days or 0) * DAY}
    body = {**(passing if days else lasting), "action_info": {"scene": {"scene_str": scene}}}
    answer = await api.post("qrcode/create", body)
    return Code(str(answer["url"]), PICTURE + quote(str(answer["ticket"]), safe=""))
