"""Encrypts each message so that it can be decrypted only in its own outbox row."""

import msgspec

from core.ports import ComposedMail, ReissueOrderWithSms, Sms, SmsToPhoneOfCase, Vault
from core.security import key_purposes

Content = ComposedMail | Sms
Kept = Content | ReissueOrderWithSms | SmsToPhoneOfCase
DECODER: "msgspec.msgpack.Decoder[Kept]" = msgspec.msgpack.Decoder(Kept)


class SealedBodyUnreadable(Exception):
    """Raised when a message cannot be decrypted with this key in this row."""


def seal_message(vault: Vault, message_id: int, content: Kept) -> bytes:
    return vault.seal(key_purposes.OUTBOX, msgspec.msgpack.encode(content), context=str(message_id).encode())


def open_message(vault: Vault, message_id: int, body: bytes) -> Kept:
    clear = vault.open(key_purposes.OUTBOX, body, context=str(message_id).encode())
    if clear is None:
        raise SealedBodyUnreadable
    return DECODER.decode(clear)
