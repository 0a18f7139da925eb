"""QR codes of an official account with a scene: whoever scans one is asked to follow, and answered for the scene."""

from __future__ import annotations

from bot.channels.wechat.api import WeChatApi

DAY = 24 * 3600


async def make_code(api: WeChatApi, scene: str, days: int | None) -> str:
    """Return the address in a code for a scene, which ends after so many days, or never for None.

    Raises WeChatRefused, WeChatUnreachable.
    """
    kind = {"action_name": "QR_LIMIT_STR_SCENE"} if days is None else {"action_name": "QR_STR_SCENE"}
    lasts = {} if days is None else {"expire_seconds": days * DAY}
    made = await api.post("qrcode/create", {**kind, **lasts, "action_info": {"scene": {"scene_str": scene}}})
    return str(made["url"])
