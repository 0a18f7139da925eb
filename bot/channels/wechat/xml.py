"""The platform's XML: flat fields in, a passive reply out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

# Characters that XML 1.0 does not have; a merchant's lone surrogate may come back in an answer that quotes them.
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BadXml(Exception):
    """A body that is not the platform's XML; the message gives the reason, without its content."""


def read_fields(body: bytes) -> dict[str, str]:
    """Read the text of each field below the root; a DTD is refused, and with it every entity. Raises BadXml."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BadXml("the XML has a DTD") from error
    except (ParseError, ValueError, LookupError) as error:
        raise BadXml("the request is not XML") from error
    if root.tag != "xml":
        raise BadXml("the XML is not a message")
    return {field.tag: field.text or "" for field in root}


def cdata(text: str) -> str:
    """Quote a text, whatever it contains."""
    return f"<![CDATA[{NO_XML.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def write_fields(fields: Mapping[str, str | int]) -> str:
    """Write fields below the root; numbers stand plain, as in the platform's own messages."""
    return f"<xml>{''.join(f'<{name}>{value if isinstance(value, int) else cdata(value)}</{name}>' for name, value in fields.items())}</xml>"


def passive_reply(fields: Mapping[str, str], at: int, text: str | None) -> str:
    """Return the reply to a message, with a text, or handing the merchant to the platform's own desk without one."""
    made: dict[str, str | int] = {
        "ToUserName": fields["FromUserName"],
        "FromUserName": fields["ToUserName"],
        "CreateTime": at,
        "MsgType": "transfer_customer_service" if text is None else "text",
    }
    return write_fields(made if text is None else {**made, "Content": text})
