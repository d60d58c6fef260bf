"""Reads and writes the key files of the roles, in the folder keys/."""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

from core.adapters import key_vault
from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.key_vault import (
    KeyFileRefused,
    KeyFileWatch,
    KeyVault,
    encode_keys,
    read_key_file,
    read_private_file,
)
from core.adapters.master_keys import (
    SECRET_BYTES,
    ElectionKey,
    MasterKey,
    SubkeyNotHeldByRole,
    are_keys_in_order,
)
from core.adapters.random_source import SystemRandomSource
from core.security.key_roles import ANCHORED, ProgramKeyRole, subkey_names
from core.text.text import N_

FOLDER = "keys"
COMMAND_SECONDS = 30
FOLDER_MODE = 0o711
# Each account can open its own key file but cannot list the folder.
MISSING = N_(
    "Les clés {path} n'existent pas ou ne peuvent pas être lues. Remettez master.key dans le dossier, le temps de faire : retrouve init --upgrade"
)
COMMAND_FAILED = N_("La commande {path}, de key_command, n'a pas donné les clés de ce programme ({detail}).")
COMMAND_UNUSABLE = N_(
    "Ce que la commande {path}, de key_command, a écrit n'est pas le fichier de clés entier du programme {role}. Donnez-lui ceux qu'écrit « retrouve init --upgrade » à côté de master.key."
)
MASTER_KEY_UNUSABLE = N_(
    "Ce que la commande {path}, de key_command, a écrit n'est pas une clé maîtresse entière. Donnez-lui master.key."
)
UNUSABLE = N_(
    "Le fichier {path} n'a pas toutes les clés de ce programme. Remettez master.key dans le dossier, le temps de faire : retrouve init --upgrade"
)


class RoleKey(ElectionKey, frozen=True, kw_only=True):
    subkeys: dict[str, Annotated[bytes, msgspec.Meta(min_length=SECRET_BYTES, max_length=SECRET_BYTES)]]

    def subkey(self, kind: str, purpose: str) -> bytes:
        try:
            return self.subkeys[f"{kind} {purpose}"]
        except KeyError:
            raise SubkeyNotHeldByRole(kind, purpose) from None

    def same_secrets(self, other: ElectionKey) -> bool:
        return isinstance(other, RoleKey) and all(
            other.subkeys.get(name, value) == value for name, value in self.subkeys.items()
        )


class RoleKeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role: ProgramKeyRole
    keys: Annotated[list[RoleKey], msgspec.Meta(min_length=1)]


def role_file_path(folder: Path, role: ProgramKeyRole) -> Path:
    return folder / FOLDER / f"{role}.key"


def role_keys(keys: Sequence[MasterKey], role: ProgramKeyRole) -> tuple[RoleKey, ...]:
    return tuple(
        RoleKey(
            **{name: getattr(key, name) for name in ElectionKey.__struct_fields__},
            subkeys={
                f"{kind} {purpose}": key.subkey(kind, purpose) for kind, purpose in _needed_subkeys(key, keys, role)
            },
        )
        for key in keys
    )


def read_role_file(path: Path, role: ProgramKeyRole) -> tuple[RoleKey, ...]:
    return decode_role_file(read_private_file(path, MISSING), path, role)


def decode_role_file(content: bytes, path: Path, role: ProgramKeyRole) -> tuple[RoleKey, ...]:
    try:
        found = msgspec.json.decode(content, type=RoleKeyFile)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise KeyFileRefused(UNUSABLE, path) from None
    complete = all(
        f"{kind} {purpose}" in key.subkeys
        for key in found.keys
        for kind, purpose in _needed_subkeys(key, found.keys, role)
    )
    if found.role is not role or not are_keys_in_order(found.keys) or not complete:
        raise KeyFileRefused(UNUSABLE, path)
    return tuple(found.keys)


def role_file_contents(folder: Path, keys: Sequence[MasterKey]) -> Iterator[tuple[Path, bytes]]:
    for role in ProgramKeyRole:
        yield role_file_path(folder, role), encode_keys(RoleKeyFile(role=role, keys=list(role_keys(keys, role))))


class RoleKeyFilesComparison(StrEnum):
    CURRENT = "current"
    """All key files are up to date, as far as this machine can check."""
    BEHIND = "behind"
    MISSING = "missing"
    """At least one role has no key file, and uses the master key file instead."""
    PARTIAL = "partial"
    """Some roles have no key file, and there is no master key file."""


def compare_role_files_with_master(folder: Path) -> tuple[RoleKeyFilesComparison, int]:
    """Compare the roles' key files with the master key file. Also returns the number of keys. Raises KeyFileRefused."""
    master = folder / key_vault.FILE
    keys = read_key_file(master) if master.exists() else None
    found = {
        role: read_role_file(file, role) for role in ProgramKeyRole if (file := role_file_path(folder, role)).exists()
    }
    if keys is None and not found:
        raise KeyFileRefused(MISSING, folder / FOLDER)
    count = len(keys or next(iter(found.values())))
    if len(found) < len(ProgramKeyRole):
        return RoleKeyFilesComparison.PARTIAL if keys is None else RoleKeyFilesComparison.MISSING, count
    current = keys is None or all(stored == role_keys(keys, role) for role, stored in found.items())
    return RoleKeyFilesComparison.CURRENT if current else RoleKeyFilesComparison.BEHIND, count


def roles_without_newest_key(
    folder: Path, keys: Sequence[MasterKey], *, command: Sequence[str] = ()
) -> list[ProgramKeyRole]:
    """Return the roles that do not have the newest master key."""
    return [role for role in ProgramKeyRole if not _has_newest_key(folder, keys, role, command)]


def _has_newest_key(folder: Path, keys: Sequence[MasterKey], role: ProgramKeyRole, command: Sequence[str]) -> bool:
    file = role_file_path(folder, role)
    if not command and not file.exists():
        return True  # derived from master.key
    try:
        present = _keys_of_command(command, role) if command else read_role_file(file, role)
    except KeyFileRefused:
        return False
    newest = role_keys(keys, role)[-1]
    return present[-1].id == newest.id and present[-1].same_secrets(newest)


def open_vault(
    folder: Path, role: ProgramKeyRole | None, clock: DatabaseSyncedClock | None = None, *, command: Sequence[str] = ()
) -> KeyVault:
    """Return a vault with the keys of `role`, or with the master keys if `role` is None. Raises KeyFileRefused."""
    if command:
        return KeyVault(_keys_of_command(command, role), SystemRandomSource(), clock=clock)
    master = _credential(key_vault.FILE) or folder / key_vault.FILE
    if role is None:
        return _open(master, read_key_file, clock)
    own = _credential(f"{role}.key") or role_file_path(folder, role)
    if own.exists() or not master.exists():
        return _open(own, partial(read_role_file, role=role), clock)
    return _open(master, lambda path: role_keys(read_key_file(path), role), clock)


def _credential(name: str) -> Path | None:
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    return path if given and (path := Path(given) / name).exists() else None


def _keys_of_command(command: Sequence[str], role: ProgramKeyRole | None) -> tuple[ElectionKey, ...]:
    program, name = Path(command[0]), role or "master"
    try:
        ended = subprocess.run(  # noqa: S603  # the command is from the operator's settings
            [part.replace("{role}", name) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=COMMAND_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as failure:
        raise KeyFileRefused(COMMAND_FAILED.fill({"detail": _why_command_failed(failure)}), program) from None
    try:
        if role is None:
            return key_vault.decode_key_file(ended.stdout, program)
        return decode_role_file(ended.stdout, program, role)
    except KeyFileRefused:
        wrong = MASTER_KEY_UNUSABLE if role is None else COMMAND_UNUSABLE.fill({"role": name})
        raise KeyFileRefused(wrong, program) from None


def _why_command_failed(failure: Exception) -> str:
    match failure:
        case subprocess.TimeoutExpired():
            return f"> {COMMAND_SECONDS} s"
        case subprocess.CalledProcessError():
            return f"code {failure.returncode}"
        case _:
            return getattr(failure, "strerror", None) or type(failure).__name__


def _open(path: Path, read: Callable[[Path], tuple[ElectionKey, ...]], clock: DatabaseSyncedClock | None) -> KeyVault:
    return KeyVault(read(path), SystemRandomSource(), KeyFileWatch(path, read), clock)


def _needed_subkeys(key: ElectionKey, keys: Sequence[ElectionKey], role: ProgramKeyRole) -> Iterator[tuple[str, str]]:
    for kind, purpose in subkey_names(role):
        if key is keys[0] if kind in ANCHORED else key.retired is None:
            yield kind, purpose
