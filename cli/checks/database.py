"""Checks the database: its version, keys, standby servers, rows and journal."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, LargeBinary, false, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cli.checks import NOT_READY, DoctorCheckResult, fault, passed, warning
from core.adapters import key_vault, role_key_files
from core.adapters.key_vault import KeyVault
from core.adapters.sql import schema_version
from core.adapters.sql.database_check import (
    DatabasePropertyName,
    DatabaseRefused,
    announced_key,
    election_key_fingerprint,
    read_properties,
    require_compatible_tables,
)
from core.adapters.sql.database_failure_cause import database_failure_cause_of
from core.adapters.sql.engine import WRITES, open_snapshot_transaction, temporary_engine
from core.adapters.sql.journal_chain import SqlJournalChain
from core.adapters.sql.postgresql_cluster import StandbyConfirmationState, count_writable_servers, read_standbys
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.row_examination import ProtectedRowExaminer
from core.adapters.sql.schema_comparison import (
    declared_schema,
    differing_schema_objects,
    read_schema,
    schema_digest,
)
from core.adapters.sql.tables import PRESENT, counters, voters
from core.app.election_folder import open_services
from core.app.health import doctor_sentences as words
from core.app.settings import Settings
from core.security.digests import KEY_MARK_BYTES
from core.security.key_roles import ProgramKeyRole
from core.text.faces.readiness_sentences import NO_FINGERPRINT, WRONG_KEY, NotReadyCause
from core.text.text import Moment, Text

LATE = timedelta(minutes=5)


def check_database(database_url: str) -> DoctorCheckResult:
    path = sqlite_file_of(database_url)
    if path is not None and not path.is_file():  # connecting would create an empty file
        return _broken(words.DATABASE_MISSING.fill({"path": str(path)}), words.RESTORE_DATABASE)
    try:
        with temporary_engine(database_url) as engine:
            try:
                with engine.connect() as connection:
                    require_compatible_tables(connection)
                    found = read_schema(connection)
            except SQLAlchemyError as failure:
                cause, sentence = database_failure_cause_of(failure, engine)
                if cause is NotReadyCause.UNREACHABLE:
                    raise
                return _broken(words.DATABASE_CAUSE.fill({"cause": cause.value}), sentence)
            return _check_writing(engine, found)
    except DatabaseRefused as refused:
        return _broken(words.DATABASE_REFUSED, refused.reason)
    except (SQLAlchemyError, ImportError) as failure:
        return _broken(words.DATABASE_UNREACHABLE.fill(_detail(failure)), words.START_DATABASE)


def database_time(database_url: str) -> datetime | None:
    """Return the time of the database server. Returns None if the database is SQLite or unavailable."""
    if sqlite_file_of(database_url) is not None:
        return None
    with suppress(*NOT_READY), temporary_engine(database_url) as engine, engine.connect() as connection:
        server_time: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return server_time.astimezone(UTC)
    return None


def _check_writing(engine: Engine, facts: frozenset[str]) -> DoctorCheckResult:
    try:
        with engine.connect() as connection:
            connection.execution_options(**WRITES)
            with connection.begin() as transaction:
                connection.execute(counters.delete().where(false()))
                transaction.rollback()
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as failure:
        cause, sentence = database_failure_cause_of(failure, engine)
        if cause is NotReadyCause.UNREACHABLE:  # the database answered before, so another program may have locked it
            return _broken(words.DATABASE_READ_ONLY.fill(_detail(failure)), words.FREE_DATABASE)
        return _broken(words.DATABASE_CAUSE.fill({"cause": cause.value}), sentence)
    more = differing_schema_objects(facts, declared_schema(engine.dialect))
    if more:
        return warning(words.DATABASE, words.DATABASE_MORE.fill({"more": ", ".join(more)}), words.LEAVE_DATABASE)
    schema = {"revision": schema_version.HEAD, "digest": schema_digest(facts)}
    return passed(words.DATABASE, words.DATABASE_FINE.fill(schema))


def sqlite_file_of(database_url: str) -> Path | None:
    url = make_url(database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _broken(finding: Text, remedy: Text) -> DoctorCheckResult:
    return fault(words.DATABASE, finding, remedy)


def _detail(failure: Exception) -> dict[str, str]:
    return {"detail": str(getattr(failure, "orig", None) or failure).partition("\n")[0]}


def check_database_keys(settings: Settings, folder: Path) -> Iterator[DoctorCheckResult]:
    """Check that the database was created with the election's keys. If one of the keys is unusable, check nothing."""
    file = sqlite_file_of(settings.database_url)
    if file is not None and not file.is_file():  # connecting would create an empty file
        return
    with suppress(*NOT_READY), temporary_engine(settings.database_url) as engine, engine.connect() as connection:
        vaults = dict(_vaults(folder, settings.key_command))
        own = {name: election_key_fingerprint(vault) for name, vault in vaults.items()}
        known = read_properties(connection).get(DatabasePropertyName.FINGERPRINT)
        newest = next((announced_key(connection, vault) for vault in vaults.values()), None)
        if known is None:
            yield fault(words.DATABASE_OF_KEYS, NO_FINGERPRINT)
        elif foreign := [name for name, found in own.items() if found != known]:
            finding = words.KEYS_OF_ANOTHER.fill({"files": ", ".join(foreign)})
            yield fault(words.DATABASE_OF_KEYS, finding, WRONG_KEY)
        elif newest and (behind := [name for name, vault in vaults.items() if not vault.holds_key(newest.id)]):
            now = datetime.now(UTC)
            report = fault if newest.is_in_use(now) else warning
            finding = words.KEYS_WITHOUT_NEWEST.fill({"files": ", ".join(behind), "key": newest.id})
            yield report(words.DATABASE_OF_KEYS, finding, newest.missing_sentence(now))
        else:
            yield passed(words.DATABASE_OF_KEYS, words.DATABASE_OF_OUR_KEYS)


def _vaults(folder: Path, command: Sequence[str]) -> Iterator[tuple[str, KeyVault]]:
    """Yield (name of the source, keys) pairs.

    The keys come from the key command if one is set, otherwise from the key files.
    """
    if command:
        for role in (ProgramKeyRole.SERVE, ProgramKeyRole.OPERATOR):
            yield f"key_command {role}", role_key_files.open_vault(folder, role, command=command)
        return
    if (folder / key_vault.FILE).exists():
        yield key_vault.FILE, role_key_files.open_vault(folder, None)
    for role in ProgramKeyRole:
        file = role_key_files.role_file_path(folder, role)
        if file.exists():
            yield f"{role_key_files.FOLDER}/{file.name}", role_key_files.open_vault(folder, role)


STANDBY_SENTENCES: Mapping[StandbyConfirmationState, tuple[Text, Text]] = {
    StandbyConfirmationState.NONE: (words.STANDBY_NONE, words.NAME_STANDBY),
    StandbyConfirmationState.ASYNCHRONOUS: (words.STANDBY_ASYNCHRONOUS, words.NAME_STANDBY),
    StandbyConfirmationState.MISSING: (words.STANDBY_MISSING, words.START_STANDBY),
    StandbyConfirmationState.UNSEEN: (words.STANDBY_UNSEEN, words.LET_SEE_STANDBY),
}


def check_standbys(database_url: str) -> Iterator[DoctorCheckResult]:
    """Check the standby servers of PostgreSQL. If the database is SQLite or unavailable, check nothing."""
    with suppress(*NOT_READY), temporary_engine(database_url) as engine:
        found = read_standbys(engine)
        if found is not None and found.state is StandbyConfirmationState.CONFIRMED:
            yield passed(words.STANDBY, words.STANDBYS_CONFIRM.for_count(found.confirming_standby_count))
        elif found is not None:
            yield warning(words.STANDBY, *STANDBY_SENTENCES[found.state])


def check_writable_servers(database_url: str) -> Iterator[DoctorCheckResult]:
    """Check that only one server in the database URL accepts writes."""
    count = count_writable_servers(database_url) or 0
    if count == 1:
        yield passed(words.PRIMARY, words.ONE_PRIMARY)
    elif count:
        yield fault(words.PRIMARY, words.SEVERAL_PRIMARIES.fill({"count": count}), words.STOP_BEFORE_CHOOSING)


def check_roll_pseudonyms(folder: Path) -> Iterator[DoctorCheckResult]:
    """Check that the roll contains voters, and that their pseudonyms were made with the election's key."""
    with suppress(*NOT_READY), closing(open_services(folder, ProgramKeyRole.OPERATOR)) as services:
        with open_snapshot_transaction(services.database_engine) as connection:
            empty = connection.execute(select(voters.c.id).where(PRESENT).limit(1)).first() is None
            mark = func.substr(voters.c.pseudonym, 1, KEY_MARK_BYTES, type_=LargeBinary)
            of_another_key = PRESENT, mark != services.platform_pseudonyms.mark
            others = connection.execute(select(func.count()).select_from(voters).where(*of_another_key)).scalar_one()
        if empty:
            yield warning(words.ROLL, words.ROLL_EMPTY, words.IMPORT_ROLL)
        elif others:
            yield fault(words.ROLL, words.ROLL_OF_ANOTHER_KEY.for_count(others), words.IMPORT_ROLL_AGAIN)
        else:
            yield passed(words.ROLL, words.ROLL_FINE)


def check_row_tags(folder: Path) -> Iterator[DoctorCheckResult]:
    with suppress(*NOT_READY), closing(open_services(folder, ProgramKeyRole.OPERATOR)) as services:
        with open_snapshot_transaction(services.database_engine) as connection:
            rows = RowAuthenticator(services.dependencies.vault, services.measures)
            altered = sum(1 for _ in ProtectedRowExaminer(connection, rows, journal=False).findings())
        if altered:
            yield fault(words.ROWS, words.ROWS_ALTERED.for_count(altered), words.VERIFY_ROWS)
        else:
            yield passed(words.ROWS, words.ROWS_FINE)


def check_unsealed_lines_and_board_address(settings: Settings, now: datetime) -> Iterator[DoctorCheckResult]:
    with suppress(*NOT_READY), temporary_engine(settings.database_url) as engine, engine.begin() as connection:
        chain = SqlJournalChain(connection, None)
        unsealed_since, last = chain.count_unsealed().oldest, chain.checkpoint()
        if unsealed_since is not None and now - unsealed_since > LATE:
            oldest = Moment(unsealed_since.astimezone(settings.election.zone))
            yield warning(words.JOURNAL, words.JOURNAL_UNSEALED.fill({"oldest": oldest}), words.START_COURIER)
        elif last is None:
            yield passed(words.JOURNAL, words.JOURNAL_NEW)
        else:
            yield passed(words.JOURNAL, words.JOURNAL_FINE.fill({"checkpoint": str(last.number)}))
        if settings.board.email is None and not settings.demo:
            yield warning(words.JOURNAL, words.JOURNAL_KEPT_HERE, words.GIVE_BOARD)
