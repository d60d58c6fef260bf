"""Publishes the Ed25519 keys that verify the programs' journal events."""

from collections.abc import Mapping

from core.journal.verifier import PublicKeys
from core.ports import Vault
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole, event_signing_purpose


def program_keys(vault: Vault) -> Mapping[str, bytes]:
    return {program.value: vault.public_key(event_signing_purpose(program)) for program in ProgramKeyRole}


def program_keys_file(keys: Mapping[str, bytes]) -> bytes:
    """Return the content of cles-des-programmes.txt in the exported journal."""
    return "".join(f"{program} {key.hex()}\n" for program, key in keys.items()).encode("ascii")


def journal_keys(vault: Vault) -> PublicKeys:
    return PublicKeys(vault.public_key(key_purposes.JOURNAL), program_keys(vault))
