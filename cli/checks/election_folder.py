"""Checks the folder of the election, its keys and its settings."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from grp import getgrgid
from pathlib import Path
from pwd import getpwuid
from stat import S_ISGID
from urllib.parse import urlsplit

from cli.checks import DoctorCheckResult, fault, passed, warning
from core.adapters import key_vault, role_key_files
from core.app import SETTINGS_FILE
from core.app.health import doctor_sentences as words
from core.app.settings import Settings, SettingsRefused, load
from core.policy.policy import Policy
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole

OTHERS, GROUP = 0o007, 0o070
PROBE = b"probe"


def check_folder(folder: Path) -> DoctorCheckResult:
    """Check that the folder exists, contains an election, and cannot be read by other accounts."""
    name = {"folder": str(folder.absolute())}
    if not folder.is_dir():
        return fault(words.FOLDER, words.FOLDER_MISSING.fill(name), words.RUN_INIT.fill(name))
    if not any((folder / each).exists() for each in (SETTINGS_FILE, key_vault.FILE, role_key_files.FOLDER)):
        return fault(words.FOLDER, words.FOLDER_OF_NO_ELECTION.fill(name), words.GIVE_FOLDER)
    if is_open_to_others(folder):
        return warning(words.FOLDER, words.FOLDER_OPEN.fill(name), words.CLOSE_FOLDER.fill(name))
    found = folder.stat()
    shown = {**name, "account": _name_of(getpwuid, found.st_uid), "group": _name_of(getgrgid, found.st_gid)}
    return passed(words.FOLDER, (words.FOLDER_SHARED if found.st_mode & GROUP else words.FOLDER_FINE).fill(shown))


def _name_of(look_up: Callable[[int], Sequence[object]], number: int) -> str:
    with suppress(KeyError):
        return str(look_up(number)[0])
    return str(number)


def is_open_to_others(folder: Path) -> bool:
    """Return whether other accounts can access the folder.

    If the setgid bit is set, the folder's group may have access.
    """
    mode = folder.stat().st_mode
    return bool(mode & OTHERS or (mode & GROUP and not mode & S_ISGID))


def check_program_keys(folder: Path) -> DoctorCheckResult:
    """Check that the keys of each program are usable, and that the courier can decrypt what the site encrypts."""
    command: tuple[str, ...] = ()
    with suppress(SettingsRefused):
        command = load(folder, as_written=True).key_command
    try:
        state, count = (None, 0) if command else role_key_files.compare_role_files_with_master(folder)
        if state is role_key_files.RoleKeyFilesComparison.PARTIAL:
            return warning(words.KEYS, words.KEYS_OF_SOME, words.COPY_ROLE_FILES)
        site, courier = (
            role_key_files.open_vault(folder, role, command=command)
            for role in (ProgramKeyRole.SERVE, ProgramKeyRole.COURIER)
        )
    except key_vault.KeyFileRefused as refused:
        return fault(words.KEYS, refused.reason)
    sealed = site.seal(key_purposes.OUTBOX, PROBE, context=PROBE)
    if courier.open(key_purposes.OUTBOX, sealed, context=PROBE) != PROBE:
        return fault(words.KEYS, words.KEYS_DO_NOT_OPEN, words.RESTORE_KEYS)
    return _source_of_keys(state, count, folder)


def _source_of_keys(state: role_key_files.RoleKeyFilesComparison | None, count: int, folder: Path) -> DoctorCheckResult:
    """Report whether the keys come from files or from a command. For a command, `state` is None."""
    remedy = words.WRITE_ROLE_FILES.fill({"folder": str(folder)})
    match state:
        case None:
            return passed(words.KEYS, words.KEYS_BY_COMMAND)
        case role_key_files.RoleKeyFilesComparison.MISSING:
            return warning(words.KEYS, words.KEYS_NOT_APART, remedy)
        case role_key_files.RoleKeyFilesComparison.BEHIND:
            return warning(words.KEYS, words.KEYS_BEHIND, remedy)
        case _:
            return passed(words.KEYS, words.MASTER_KEYS_USABLE.for_count(count))


def check_settings(folder: Path) -> tuple[Settings | None, tuple[DoctorCheckResult, ...]]:
    """Load the settings. Returns (settings, results).

    If the settings are invalid, `settings` is None and there is one result for each fault.
    """
    try:
        return load(folder), (passed(words.SETTINGS, words.SETTINGS_FINE),)
    except SettingsRefused as refused:
        return None, tuple(fault(words.SETTINGS, each.sentence()) for each in refused.faults)


def check_https(settings: Settings) -> DoctorCheckResult:
    site = {"site": settings.election.site}
    if urlsplit(settings.election.site).scheme == "https":
        return passed(words.SITE, words.SITE_FINE.fill(site))
    return warning(words.SITE, words.SITE_IN_CLEAR.fill(site), words.USE_HTTPS)


def check_site_host_allowed(settings: Settings) -> DoctorCheckResult:
    host, allowed = settings.site_host, settings.web.allowed_hosts
    if any(host == name or (name.startswith(".") and host.endswith(name)) for name in allowed):
        return passed(words.HOSTS, words.HOSTS_FINE.fill({"hosts": ", ".join(allowed)}))
    return fault(words.HOSTS, words.HOSTS_WITHOUT_SITE.fill({"host": host}), words.ADD_HOST)


def check_legal_settings(settings: Settings) -> Iterator[DoctorCheckResult]:
    """Warn if settings in the [legal] section are empty, except in a demo."""
    if settings.demo:
        return
    missing = settings.legal.missing
    if missing:
        yield warning(words.LEGAL, words.LEGAL_MISSING.fill({"settings": ", ".join(missing)}), words.GIVE_LEGAL)
    else:
        yield passed(words.LEGAL, words.LEGAL_FINE)


def check_identifier_protection(policy: Policy) -> DoctorCheckResult:
    """Warn if voters can get a new identifier without confirming the request by email."""
    if policy.confirm_in_mailbox:
        return passed(words.IDENTITY, words.IDENTITY_BY_MAILBOX)
    return warning(words.IDENTITY, words.IDENTITY_BY_PASSWORD, words.CONFIRM_IN_MAILBOX)
