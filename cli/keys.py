"""The command `retrouve keys`, which adds, retires and lists master keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from socket import gethostname

import click
from sqlalchemy.exc import SQLAlchemyError

from cli.open_services import open_services_or_exit
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, say, translate_for_terminal
from core.adapters import key_vault as key_file
from core.adapters import master_key_rotation
from core.adapters.master_key_rotation import KeyChangeRefused
from core.adapters.master_keys import MasterKey, current_encryption_key
from core.adapters.random_source import SystemRandomSource
from core.adapters.role_key_files import roles_without_newest_key
from core.adapters.sql.database_check import AnnouncedKey, announce_key, announced_key
from core.adapters.sql.engine import open_snapshot_transaction
from core.adapters.sql.host_heartbeats import read_host_heartbeats
from core.adapters.sql.outages import translate_errors
from core.adapters.sql.outbox import MessageNeedingKey, messages_needing_keys
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.row_renewal import renew_tags
from core.adapters.sql.transaction import SqlTransaction
from core.app.services import Services
from core.ports import Actor, CommitOutcomeUnknown, Event, EventType, StoreUnavailable
from core.roll.sentences import LINES_LEFT_OUT
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole
from core.text.faces import keys_cli_sentences as words
from core.text.faces.shared_cli_sentences import JOURNAL_OUTCOME_UNKNOWN, NOT_IN_JOURNAL
from core.text.text import Moment, Text

MOST_SHOWN = 20
MINUTES_IN_A_WEEK = 7 * 24 * 60


@click.group(help=translate_for_terminal(words.HELP))
def keys() -> None:
    pass


@keys.command(help=translate_for_terminal(words.ROTATE_HELP))
@option("--after", type=click.IntRange(0, MINUTES_IN_A_WEEK), default=0, help=words.AFTER_HELP)
@IN_FOLDER
def rotate(directory: Path, after: int) -> None:
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    path, now = directory / key_file.FILE, datetime.now(UTC)
    with _translate_refusals():
        announced = _refuse_unsafe_rotation(services, path, now, at_once=not after)
        added = master_key_rotation.rotate_keys(
            path, entropy=SystemRandomSource(), now=now, after=timedelta(minutes=after)
        )
        unannounced = [key for key in key_file.read_key_file(path) if key.id > announced]
    if services.settings.key_command:
        sentences = [words.ADDED_LATER if after else words.ADDED, words.GIVE_TO_COMMAND]
    elif after:
        sentences = [words.ROTATED_LATER, words.COPY_TO_HOSTS, words.GIVE_TO_SYSTEMD]
    else:
        sentences = [words.ROTATED, words.GIVE_TO_SYSTEMD]
    say(*sentences, words.COPY_AWAY, key=added.id, seals_from=_moment(added.seals_from or now))
    # An earlier rotation may have added a key without announcing it. That key may encrypt sooner than the new one.
    seals_from = min(key.seals_from or key.created for key in unannounced)
    _record(services, EventType.KEYS_ROTATED, str(added.id), AnnouncedKey(added.id, seals_from))


@keys.command(help=translate_for_terminal(words.RETIRE_HELP))
@IN_FOLDER
def retire(directory: Path) -> None:
    services = open_services_or_exit(directory, None)
    with _translate_refusals():
        ended = master_key_rotation.retire_keys(
            directory / key_file.FILE, now=datetime.now(UTC), check=lambda ids: _reencrypt(services, directory, ids)
        )
    say(words.KEYS_RETIRED.for_count(len(ended)), *words.NO_LONGER_OPENS)
    if services.settings.key_command:
        say(words.GIVE_AGAIN_TO_COMMAND)
    operator = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    _record(operator, EventType.KEYS_RETIRED, " ".join(str(key.id) for key in ended))


@keys.command("list", help=translate_for_terminal(words.LIST_HELP))
@IN_FOLDER
def list_(directory: Path) -> None:
    now = datetime.now(UTC)
    with _translate_refusals():
        found = key_file.read_key_file(directory / key_file.FILE)
    for key in found:
        line = words.LINE_OF_ANCHOR if key is found[0] and len(found) > 1 else words.LINE
        say(line, key=key.id, created=_moment(key.created), role=_role(key, found, now))


def _refuse_unsafe_rotation(services: Services, path: Path, now: datetime, *, at_once: bool) -> int:
    """Raise KeyChangeRefused if a host would lack a key. Returns the newest key id that all hosts know."""
    engine = services.database_engine
    try:
        with translate_errors(engine.dialect), open_snapshot_transaction(engine) as connection:
            heartbeats = read_host_heartbeats(connection, now - timedelta(minutes=MINUTES_IN_A_WEEK))
            newest = announced_key(connection, services.dependencies.vault)
    except StoreUnavailable:
        raise KeyChangeRefused(words.OTHER_MACHINES_UNSEEN) from None
    if newest is not None and key_file.read_key_file(path)[-1].id < newest.id:
        raise KeyChangeRefused(newest.missing_sentence(now))
    others = {each.machine for each in heartbeats} - {gethostname()}
    if others and at_once:
        raise KeyChangeRefused(words.OTHER_MACHINES.fill({"hosts": ", ".join(sorted(others))}))
    return 1 if newest is None else newest.id


def _role(key: MasterKey, found: tuple[MasterKey, ...], now: datetime) -> Text:
    if key.retired is not None:
        return words.RETIRED.fill({"retired": _moment(key.retired)})
    if key.seals_from is not None and key.seals_from > now:
        return words.WILL_SEAL.fill({"seals_from": _moment(key.seals_from)})
    return words.SEALS if key is current_encryption_key(found, now) else words.OPENS


def _reencrypt(services: Services, folder: Path, ids: frozenset[int]) -> None:
    """Encrypt all data with the newest key, so that the older keys can be retired. Raises KeyChangeRefused."""
    _refuse_without_newest_key(services, folder)
    try:
        _refuse_needed(services, ids)
        services.desk.accounts.reencrypt_totp_secrets()
        for flow in services.flows:
            flow.reencrypt_stored_values()
        renew_tags(services.database_engine, RowAuthenticator(services.dependencies.vault, services.measures), ids)
        _refuse_needed(services, ids)
    except (SQLAlchemyError, StoreUnavailable):
        raise KeyChangeRefused(words.DATABASE_SILENT) from None


def _refuse_without_newest_key(services: Services, folder: Path) -> None:
    """Raise KeyChangeRefused if a program does not use the newest key in the key file."""
    known = key_file.read_key_file(folder / key_file.FILE)
    newest = key_file.KeyVault(known[-1:], SystemRandomSource())
    sealed = services.dependencies.vault.seal(key_purposes.ROW, b"", context=b"")
    lacking = [] if newest.open(key_purposes.ROW, sealed, context=b"") == b"" else ["master"]
    command = services.settings.key_command
    lacking += roles_without_newest_key(folder, known, command=command)
    if lacking:
        sentence = words.COMMAND_LACKS_KEY if command else words.FILES_LACK_KEY
        raise KeyChangeRefused(sentence.fill({"key": known[-1].id, "names": ", ".join(lacking), "folder": str(folder)}))


def _refuse_needed(services: Services, ids: frozenset[int]) -> None:
    """Raise KeyChangeRefused if a message that may still be sent needs one of these keys."""
    with open_snapshot_transaction(services.database_engine) as connection:
        needed = list(messages_needing_keys(connection, ids, services.dependencies.clock.now()))
    if needed:
        raise KeyChangeRefused(*_explain_needed_keys(needed, services))


def _explain_needed_keys(needed: list[MessageNeedingKey], services: Services) -> Iterator[Text]:
    def until(one: MessageNeedingKey) -> dict[str, object]:
        return {"until": Moment(services.dependencies.calendar.to_local(one.until + timedelta(minutes=1)))}

    yield words.VALUES_NEEDING_OLD_KEY.for_count(len(needed))
    for one in islice(needed, MOST_SHOWN):
        yield words.NEEDED_BY.fill({"case": one.case, "key": one.key, **until(one)})
    if len(needed) > MOST_SHOWN:
        yield LINES_LEFT_OUT.for_count(len(needed) - MOST_SHOWN)
    yield words.NEEDED_END.fill(until(needed[0]))


def _record(services: Services, act: EventType, keys: str, added: AnnouncedKey | None = None) -> None:
    """Record in the journal which keys were added or retired. Raises CommandRefused."""
    try:
        with services.dependencies.store.write() as transaction:
            transaction.journal.write(
                Event(at=services.dependencies.clock.now(), actor=Actor.OPERATOR, act=act, reason=keys)
            )
            if added is not None and isinstance(transaction, SqlTransaction):
                announce_key(transaction.connection, services.dependencies.vault, added)
    except StoreUnavailable as away:
        sentence = JOURNAL_OUTCOME_UNKNOWN if isinstance(away, CommitOutcomeUnknown) else NOT_IN_JOURNAL
        unknown = () if added is None else (words.NOT_ANNOUNCED,)
        raise CommandRefused(sentence, *unknown, detail=str(away), folder=str(services.folder)) from away


def _moment(at: datetime) -> Moment:
    return Moment(at.astimezone())


@contextmanager
def _translate_refusals() -> Iterator[None]:
    try:
        yield
    except KeyChangeRefused as refused:
        raise CommandRefused(*refused.sentences) from refused
    except key_file.KeyFileRefused as refused:
        raise CommandRefused(refused.reason) from refused
