"""Signs the journal's events, so that a line written or changed without the keys is found.

Each program signs the events that it writes with its own Ed25519 key. A random id in each event reveals copied lines.
`core.journal.verifier`, the electoral board's program, verifies the signatures.
"""

import secrets
from collections.abc import Mapping

import msgspec

from core.journal.hash_chain import canonical_bytes
from core.journal.verifier import EVENT_PREFIX, PublicKeys
from core.ports import Event, Vault
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole, event_signing_purpose

UID_BYTES = 16


def signed_event(event: Event, program: ProgramKeyRole, vault: Vault) -> dict[str, object]:
    """Return the columns of an event's journal line: its fields, the program, a random id and the signature."""
    columns = {**msgspec.structs.asdict(event), "program": program.value, "uid": secrets.token_hex(UID_BYTES)}
    signature = vault.sign(event_signing_purpose(program), EVENT_PREFIX + canonical_bytes(columns))
    return {**columns, "signature": signature.hex()}


def program_keys(vault: Vault) -> Mapping[str, bytes]:
    """Return the public key of each program. Raises SubkeyNotHeldByRole unless the role may verify events."""
    return {program.value: vault.public_key(event_signing_purpose(program)) for program in ProgramKeyRole}


def journal_keys(vault: Vault) -> PublicKeys:
    """Return the keys that verify the journal. Raises SubkeyNotHeldByRole unless the role may verify it."""
    return PublicKeys(vault.public_key(key_purposes.JOURNAL), program_keys(vault))
