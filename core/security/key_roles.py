"""Lists the keys that each program has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.security import key_purposes


class ProgramKeyRole(StrEnum):
    """A program that has its own key file."""

    COURIER = "courier"
    BOUNCES = "bounces"
    DESK = "desk"
    OPERATOR = "operator"
    SERVE = "serve"


class KeyOperation(StrEnum):
    SEAL = "seal"
    DIGEST = "digest"
    """Compute digests with HMAC-SHA-256, always with the election's first key."""
    SIGN = "sign"
    """Sign with Ed25519, always with the election's first key."""
    SEND = "send"
    """Encrypt with age (X25519), so that only the receiving program can decrypt."""


@dataclass(frozen=True, slots=True)
class KeyPurposeHolders:
    use: KeyOperation
    roles: frozenset[ProgramKeyRole]
    public: frozenset[ProgramKeyRole] = frozenset()
    """Programs that have only the public key."""


def _seal(*roles: ProgramKeyRole) -> KeyPurposeHolders:
    return KeyPurposeHolders(KeyOperation.SEAL, frozenset(roles))


def _digest(*roles: ProgramKeyRole) -> KeyPurposeHolders:
    return KeyPurposeHolders(KeyOperation.DIGEST, frozenset(roles))


def event_signing_purpose(program: ProgramKeyRole) -> str:
    return f"{key_purposes.EVENTS}-{program}"


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
    key_purposes.CODE: _digest(COURIER, SERVE),  # the courier makes the codes that had to wait
    key_purposes.PHONE_NUMBER: KeyPurposeHolders(KeyOperation.SEND, frozenset({COURIER}), public=frozenset({SERVE})),
    key_purposes.PLATFORM: _digest(COURIER, OPERATOR),
    key_purposes.AGENT_CODE: _seal(DESK, OPERATOR),
    key_purposes.ROW: _seal(*ProgramKeyRole),
    key_purposes.CREDENTIAL: _seal(*ProgramKeyRole),  # decrypted with every voter, and encrypted in every new epoch
    key_purposes.CREDENTIAL_DIGEST: _digest(SERVE, OPERATOR),
    key_purposes.IDENTIFIER_DIGEST: _digest(COURIER, OPERATOR),
    key_purposes.FINGERPRINT: _digest(*ProgramKeyRole),
    key_purposes.JOURNAL: KeyPurposeHolders(KeyOperation.SIGN, frozenset({COURIER}), public=frozenset({OPERATOR})),
    # The courier verifies events before it seals them, and the operator's commands when they verify the journal.
    **{
        event_signing_purpose(role): KeyPurposeHolders(
            KeyOperation.SIGN, frozenset({role}), public=frozenset({COURIER, OPERATOR}) - {role}
        )
        for role in ProgramKeyRole
    },
}

SENT: Final = frozenset(purpose for purpose, holders in HOLDERS.items() if holders.use is KeyOperation.SEND)

SUBKEY_KINDS: Final[Mapping[KeyOperation, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    KeyOperation.SEAL: ((), ("seal",)),
    KeyOperation.DIGEST: ((), ("digest",)),
    KeyOperation.SIGN: (("verify",), ("sign",)),
    KeyOperation.SEND: (
        ("bind", "recipient"),
        ("identity", "seal"),
    ),  # programs that hold the secret key encrypt with "seal", without age
}
ANCHORED: Final = frozenset({"digest", "sign", "verify"})
"""Kinds of subkeys that are always derived from the election's first key."""


def subkey_names(role: ProgramKeyRole) -> Iterator[tuple[str, str]]:
    """Yield the (kind, purpose) pairs of a program's subkeys."""
    for purpose, holders in HOLDERS.items():
        public, secret = SUBKEY_KINDS[holders.use]
        if role in holders.roles | holders.public:
            yield from ((kind, purpose) for kind in public)
        if role in holders.roles:
            yield from ((kind, purpose) for kind in secret)
