"""Seal composed messages for the store, each bound to its outbox row so that it cannot stand in for another."""

import msgspec

from core.ports import ComposedMail, IdentifierOrder, Sms, SmsToCaseNumber, Vault
from core.security import key_purposes

Content = ComposedMail | Sms
"""A message ready to send."""
Kept = Content | IdentifierOrder | SmsToCaseNumber
DECODER: "msgspec.msgpack.Decoder[Kept]" = msgspec.msgpack.Decoder(Kept)


class SealedBodyUnreadable(Exception):
    """None of our keys opens the sealed body: the key file is wrong, or the row is another's."""


def seal_message(vault: Vault, parcel: int, content: Kept) -> bytes:
    """Return the message encrypted."""
    return vault.seal(key_purposes.OUTBOX, msgspec.msgpack.encode(content), context=str(parcel).encode())


def open_message(vault: Vault, parcel: int, body: bytes) -> Kept:
    """Return the message decrypted. Raises SealedBodyUnreadable."""
    clear = vault.open(key_purposes.OUTBOX, body, context=str(parcel).encode())
    if clear is None:
        raise SealedBodyUnreadable
    return DECODER.decode(clear)
