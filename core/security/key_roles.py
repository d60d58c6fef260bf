"""The roles that hold the keys of each purpose. A role's key file contains the subkeys of its purposes only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.security import key_purposes


class ProgramKeyRole(StrEnum):
    """The programs with their own key file. Files are written in this order: roles that open before roles that seal."""

    COURIER = "courier"
    BOUNCES = "bounces"
    DESK = "desk"
    OPERATOR = "operator"
    """The other commands: roll, agent, journal, platform, guides, purge."""
    SERVE = "serve"


class KeyOperation(StrEnum):
    SEAL = "seal"
    DIGEST = "digest"
    """HMAC-SHA-256 under the first key, the anchor."""
    SIGN = "sign"
    """Ed25519 under the anchor key. `public` roles can verify but not sign."""
    SEND = "send"
    """age (X25519). `public` roles can seal but not open."""


@dataclass(frozen=True, slots=True)
class KeyPurposeHolders:
    """The roles that hold a purpose's keys. `public` roles hold the public key only."""

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
    key_purposes.CODE: _digest(COURIER, SERVE),  # the courier generates codes that had to wait
    key_purposes.PHONE_NUMBER: KeyPurposeHolders(KeyOperation.SEND, frozenset({COURIER}), public=frozenset({SERVE})),
    key_purposes.PLATFORM: _digest(COURIER, OPERATOR),
    key_purposes.AGENT_CODE: _seal(DESK, OPERATOR),
    key_purposes.ROW: _seal(*ProgramKeyRole),
    key_purposes.CREDENTIAL: _seal(*ProgramKeyRole),  # opened with every voter, and resealed in every new epoch
    key_purposes.CREDENTIAL_DIGEST: _digest(SERVE, OPERATOR),
    key_purposes.IDENTIFIER_DIGEST: _digest(COURIER, OPERATOR),
    key_purposes.FINGERPRINT: _digest(*ProgramKeyRole),
    key_purposes.JOURNAL: KeyPurposeHolders(KeyOperation.SIGN, frozenset({COURIER}), public=frozenset({OPERATOR})),
}

SENT: Final = frozenset(purpose for purpose, held in HOLDERS.items() if held.use is KeyOperation.SEND)
"""Purposes sealed to a public key."""

NAMES: Final[Mapping[KeyOperation, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    KeyOperation.SEAL: ((), ("seal",)),
    KeyOperation.DIGEST: ((), ("digest",)),
    KeyOperation.SIGN: (("verify",), ("sign",)),
    KeyOperation.SEND: (
        ("bind", "recipient"),
        ("identity", "seal"),
    ),  # full holders seal with "seal", without age
}
"""The subkeys of each use: those that all holders have, and those that only full holders have."""
ANCHORED: Final = frozenset({"digest", "sign", "verify"})
"""Subkeys derived from the anchor key only, even after it is retired."""


def subkey_names(role: ProgramKeyRole) -> Iterator[tuple[str, str]]:
    """Yield the kind and purpose of each subkey that a role holds."""
    for purpose, held in HOLDERS.items():
        public, secret = NAMES[held.use]
        if role in held.roles | held.public:
            yield from ((kind, purpose) for kind in public)
        if role in held.roles:
            yield from ((kind, purpose) for kind in secret)
