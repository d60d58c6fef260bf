"""How a composed message rests in the store: closed, and tied to its parcel so that it cannot stand in for another."""

import msgspec

from core import purposes
from core.ports import Envelope, Order, Sms, Vault

Content = Envelope | Sms
"""What is handed on."""
Kept = Content | Order
DECODER: "msgspec.msgpack.Decoder[Kept]" = msgspec.msgpack.Decoder(Kept)


class Unsealable(Exception):
    """A sealed body that none of our keys opens: the wrong key file, or someone else's row."""


def sealed(vault: Vault, parcel: int, content: Kept) -> bytes:
    """The message, closed."""
    return vault.seal(purposes.OUTBOX, msgspec.msgpack.encode(content), context=str(parcel).encode())


def opened(vault: Vault, parcel: int, body: bytes) -> Kept:
    """The message again. Raises Unsealable."""
    clear = vault.open(purposes.OUTBOX, body, context=str(parcel).encode())
    if clear is None:
        raise Unsealable
    return DECODER.decode(clear)
