"""The folder, its key and its settings."""

from pathlib import Path

from cli.checks import Check, attention, fault, ok
from core import purposes
from core.adapters import keys
from core.adapters.entropy import SystemEntropy
from core.settings import Settings, SettingsRefused, load
from core.words import doctor as words

OTHERS = 0o077
PROBE = b"probe"


def check_folder(folder: Path) -> Check:
    """Whether it is there, and closed to others."""
    name = {"folder": str(folder)}
    if not folder.is_dir():
        return fault(words.FOLDER, words.FOLDER_MISSING.fill(name), words.RUN_INIT.fill(name))
    if folder.stat().st_mode & OTHERS:
        return attention(words.FOLDER, words.FOLDER_OPEN.fill(name), words.CLOSE_FOLDER.fill(name))
    return ok(words.FOLDER, words.FOLDER_FINE.fill(name))


def check_keys(folder: Path) -> Check:
    """Whether the key file can be used, and opens what it seals."""
    try:
        found = keys.read(folder / keys.FILE)
    except keys.KeysRefused as refused:
        return fault(words.KEYS, refused.reason)
    vault = keys.KeyVault(found, SystemEntropy())
    sealed = vault.seal(purposes.OUTBOX, PROBE, context=PROBE)
    if vault.open(purposes.OUTBOX, sealed, context=PROBE) != PROBE:
        return fault(words.KEYS, words.KEYS_DO_NOT_OPEN, words.RESTORE_KEYS)
    return ok(words.KEYS, words.keys_fine(len(found)))


def check_settings(folder: Path) -> tuple[Settings | None, tuple[Check, ...]]:
    """The settings, or each of their faults."""
    try:
        return load(folder), (ok(words.SETTINGS, words.SETTINGS_FINE),)
    except SettingsRefused as refused:
        return None, tuple(fault(words.SETTINGS, each.sentence()) for each in refused.faults)
