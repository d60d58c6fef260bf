"""Checks that each program's account can open the files that the program needs. Only root can check this."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.checks import DoctorCheckResult, fault, passed
from cli.checks.database import sqlite_file_of
from core.adapters.role_key_files import role_file_path
from core.app import SETTINGS_FILE
from core.app.health import doctor_sentences as words
from core.app.settings import DeclaredGatewaySection, KannelSection, Settings
from core.security.key_roles import ProgramKeyRole

OPERATOR = "retrouve"
"""Name of the account for the operator's commands. The account names of the other programs begin with this name."""
SENDERS = {ProgramKeyRole.COURIER, ProgramKeyRole.OPERATOR}


def check_program_accounts(settings: Settings, folder: Path) -> Iterator[DoctorCheckResult]:
    """Check that each program's account can open the program's files. Skipped in a demo or without root rights."""
    if os.geteuid() != 0 or settings.demo:
        return
    faulty = False
    for role in ProgramKeyRole:
        account = _account_of(role, folder)
        if account is None:
            continue
        needed = list(_needed_files(settings, folder, role))
        with _acting_as(account):
            closed = [str(path) for path in needed if not _can_open(path)]
        if closed:
            faulty = True
            facts = {"account": account.pw_name, "program": role.value, "files": ", ".join(closed)}
            yield fault(words.ACCOUNTS, words.ACCOUNT_CANNOT_OPEN.fill(facts), words.LET_OPEN)
    if not faulty:
        yield passed(words.ACCOUNTS, words.ACCOUNTS_FINE)


def _account_of(role: ProgramKeyRole, folder: Path) -> pwd.struct_passwd | None:
    """Return the account that runs the program, or None if the account is unknown."""
    try:
        owner = pwd.getpwuid(folder.stat().st_uid)
        if owner.pw_name == OPERATOR:
            return owner if role is ProgramKeyRole.OPERATOR else pwd.getpwnam(f"{OPERATOR}-{role}")
        return pwd.getpwuid(role_file_path(folder, role).stat().st_uid)
    except (OSError, KeyError):
        return None


def _needed_files(settings: Settings, folder: Path, role: ProgramKeyRole) -> Iterator[Path]:
    yield folder / SETTINGS_FILE
    key_file = role_file_path(folder, role)
    if key_file.exists():  # otherwise the keys come from systemd, a command or master.key
        yield key_file
    gateways = settings.sms.gateways
    declared = [each for each in gateways if isinstance(each, DeclaredGatewaySection)]
    reports = [report.secret_file for each in declared if (report := each.report_with_secret) is not None]
    named = [settings.sms.inbound_secret_file, *reports]
    if role in SENDERS:
        servers = (*settings.mail.relays, *(each for each in gateways if isinstance(each, KannelSection)))
        named += [server.password_file for server in servers] + [each.secret_file for each in declared]
        named.append(settings.platform.key_file)
    yield from (folder / path for path in named if path is not None)
    file = sqlite_file_of(settings.database_url)
    if file is not None:
        yield file


@contextmanager
def _acting_as(account: pwd.struct_passwd) -> Iterator[None]:
    """Run the block with the rights of an account."""
    group, groups = os.getegid(), os.getgroups()
    os.setgroups(os.getgrouplist(account.pw_name, account.pw_gid))
    os.setegid(account.pw_gid)
    os.seteuid(account.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def _can_open(path: Path) -> bool:
    try:
        with path.open("rb"):
            return True
    except OSError:
        return False
