"""The public keys that verify the journal.

Each program signs the events that it writes with its own Ed25519 key (`SqlJournal.write`), so that a line written or
changed without the keys is found. `core.journal.verifier`, the board's program, defines the signed bytes.
"""

from collections.abc import Mapping

from core.journal.verifier import PublicKeys
from core.ports import Vault
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole, event_signing_purpose


def program_keys(vault: Vault) -> Mapping[str, bytes]:
    """Return the public key of each program. Raises SubkeyNotHeldByRole unless the role may verify events."""
    return {program.value: vault.public_key(event_signing_purpose(program)) for program in ProgramKeyRole}


def journal_keys(vault: Vault) -> PublicKeys:
    """Return the keys that verify the journal. Raises SubkeyNotHeldByRole unless the role may verify it."""
    return PublicKeys(vault.public_key(key_purposes.JOURNAL), program_keys(vault))
