"""The envelope of the platform's requests and of our answers: signatures, and encryption in the safe mode.

Source: "Message encryption and decryption" of the platform's documentation: AES-256 in CBC mode, padded to 32 bytes, over
16 random bytes, the length of the text (4 bytes, big-endian), the text and the AppID.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # bytes to which texts are padded
RANDOM = 16  # bytes at the beginning


class BadEnvelope(Exception):
    """A request that is not from the platform, or not for this account; the message gives the reason, without its content."""


def signature(*parts: str) -> str:
    """Sign parts together: the token, the timestamp, the nonce, and the encrypted text if there is one."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    """Compare a signature in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), signature(*parts).encode())


class Envelope:
    """Seals and opens texts with the key of the account's console."""

    def __init__(self, aes_key: str, app_id: str) -> None:
        self.key, self.app_id = base64.b64decode(f"{aes_key}="), app_id.encode()

    def cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES256(self.key), modes.CBC(self.key[:16]))

    def seal(self, text: str) -> str:
        body = text.encode("utf-8", "replace")
        whole = secrets.token_bytes(RANDOM) + len(body).to_bytes(4, "big") + body + self.app_id
        padding = BLOCK - len(whole) % BLOCK
        encryptor = self.cipher().encryptor()
        return base64.b64encode(encryptor.update(whole + bytes([padding]) * padding) + encryptor.finalize()).decode()

    def open(self, sealed: str) -> bytes:
        """Return the text in an envelope. Raises BadEnvelope."""
        try:
            decryptor = self.cipher().decryptor()
            whole = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        except (ValueError, binascii.Error) as error:
            raise BadEnvelope("the encrypted text is damaged") from error
        padding = whole[-1] if whole else 0
        if not 1 <= padding <= BLOCK or len(whole) < RANDOM + 4 + padding:
            raise BadEnvelope("the text is encrypted with another key than WECHAT_AES_KEY")
        whole = whole[:-padding]
        end = RANDOM + 4 + int.from_bytes(whole[RANDOM : RANDOM + 4], "big")
        if end > len(whole):
            raise BadEnvelope("the text is encrypted with another key than WECHAT_AES_KEY")
        if not hmac.compare_digest(whole[end:], self.app_id):
            raise BadEnvelope("the text is for another account than WECHAT_APP_ID")
        return whole[RANDOM + 4 : end]
