"""The roles that hold each purpose's keys, one row a purpose. A role's key file has the subkeys of its purposes and no others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.security import key_purposes


class ProgramKeyRole(StrEnum):
    """The programs that read a key file of their own. The files are written in this order: who opens, before who seals."""

    COURIER = "courier"
    BOUNCES = "bounces"
    DESK = "desk"
    OPERATOR = "operator"
    """The other commands: roll, agent, journal, platform, guides, purge."""
    SERVE = "serve"


class KeyOperation(StrEnum):
    """Uses of a purpose's keys."""

    SEAL = "seal"
    """AES-256-GCM: who holds it seals and opens."""
    DIGEST = "digest"
    """HMAC-SHA256 under the first key, the anchor."""
    SIGN = "sign"
    """Ed25519 under the anchor: `public` roles verify and cannot sign."""
    SEND = "send"
    """age (X25519): `public` roles seal and cannot open."""


@dataclass(frozen=True, slots=True)
class KeyPurposeHolders:
    """The roles that hold a purpose; those in `public` have its public key only."""

    use: KeyOperation
    roles: frozenset[ProgramKeyRole]
    public: frozenset[ProgramKeyRole] = frozenset()


def _seal(*roles: ProgramKeyRole) -> KeyPurposeHolders:
    return KeyPurposeHolders(KeyOperation.SEAL, frozenset(roles))


def _digest(*roles: ProgramKeyRole) -> KeyPurposeHolders:
    return KeyPurposeHolders(KeyOperation.DIGEST, frozenset(roles))


COURIER, BOUNCES, DESK, OPERATOR, SERVE = ProgramKeyRole

HOLDERS: Final[Mapping[str, KeyPurposeHolders]] = {
    key_purposes.BIRTH_DATE: _digest(SERVE, DESK, OPERATOR),
    key_purposes.NUMEN: _digest(SERVE, DESK, OPERATOR),
    key_purposes.PHONE: _digest(SERVE, OPERATOR),
    key_purposes.PENDING_REQUEST: _seal(SERVE),
    key_purposes.LINK_COOKIE: _seal(SERVE),
    key_purposes.STOP_LINK: _seal(COURIER, SERVE),
    key_purposes.DEVICE: _seal(SERVE),
    key_purposes.OUTBOX: KeyPurposeHolders(KeyOperation.SEND, frozenset({COURIER}), public=frozenset({SERVE})),
    key_purposes.BOUNCE: _digest(COURIER, BOUNCES),
    key_purposes.MESSAGE_ID: _digest(COURIER),
    key_purposes.SMS_REPORT: _digest(COURIER, SERVE),
    key_purposes.SMS_ANSWER: _digest(SERVE),
    key_purposes.THROTTLE: _digest(*ProgramKeyRole),
    key_purposes.CODE: _digest(COURIER, SERVE),  # the courier makes a code that had to wait
    key_purposes.PHONE_NUMBER: KeyPurposeHolders(KeyOperation.SEND, frozenset({COURIER}), public=frozenset({SERVE})),
    key_purposes.PLATFORM: _digest(COURIER, OPERATOR),
    key_purposes.AGENT_CODE: _seal(DESK, OPERATOR),
    key_purposes.ROW: _seal(*ProgramKeyRole),
    key_purposes.CREDENTIAL: _seal(
        *ProgramKeyRole
    ),  # whoever reads a voter opens it, whoever begins an epoch seals it anew
    key_purposes.CREDENTIAL_DIGEST: _digest(SERVE, OPERATOR),
    key_purposes.IDENTIFIER_DIGEST: _digest(COURIER, OPERATOR),
    key_purposes.FINGERPRINT: _digest(*ProgramKeyRole),
    key_purposes.JOURNAL: KeyPurposeHolders(KeyOperation.SIGN, frozenset({COURIER}), public=frozenset({OPERATOR})),
}

SENT: Final = frozenset(purpose for purpose, held in HOLDERS.items() if held.use is KeyOperation.SEND)
"""The purposes sealed to a public key."""

NAMES: Final[Mapping[KeyOperation, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    KeyOperation.SEAL: ((), ("seal",)),
    KeyOperation.DIGEST: ((), ("digest",)),
    KeyOperation.SIGN: (("verify",), ("sign",)),
    KeyOperation.SEND: (
        ("bind", "recipient"),
        ("identity", "seal"),
    ),  # who may open seals with "seal": that needs no age
}
"""The subkeys of a use: those that public holders have too, and those that only full holders have."""
ANCHORED: Final = frozenset({"digest", "sign", "verify"})
"""The subkeys that come from the anchor only, retired or not."""


def subkey_names(role: ProgramKeyRole) -> Iterator[tuple[str, str]]:
    """Yield the kind and purpose of each subkey that a role holds."""
    for purpose, held in HOLDERS.items():
        public, secret = NAMES[held.use]
        if role in held.roles | held.public:
            yield from ((kind, purpose) for kind in public)
        if role in held.roles:
            yield from ((kind, purpose) for kind in secret)
