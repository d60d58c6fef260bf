"""Encrypt composed messages for the store. Each is bound to its outbox row and cannot be moved to another row."""

import msgspec

from core.ports import ComposedMail, ReissueOrderWithSms, Sms, SmsToPhoneOfCase, Vault
from core.security import key_purposes

Content = ComposedMail | Sms
"""A message ready to send."""
Kept = Content | ReissueOrderWithSms | SmsToPhoneOfCase
DECODER: "msgspec.msgpack.Decoder[Kept]" = msgspec.msgpack.Decoder(Kept)


class SealedBodyUnreadable(Exception):
    """None of our keys opens the sealed body. The key file is wrong, or the body belongs to another row."""


def seal_message(vault: Vault, message_id: int, content: Kept) -> bytes:
    return vault.seal(key_purposes.OUTBOX, msgspec.msgpack.encode(content), context=str(message_id).encode())


def open_message(vault: Vault, message_id: int, body: bytes) -> Kept:
    """Decrypt a message. Raises SealedBodyUnreadable."""
    clear = vault.open(key_purposes.OUTBOX, body, context=str(message_id).encode())
    if clear is None:
        raise SealedBodyUnreadable
    return DECODER.decode(clear)
