"""The command `retrouve journal`, which verifies and exports the journal."""

import sys
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import click

from cli.journal_declaration import EXISTING_FILE, Outside, checkpoints_in, declare
from cli.open_services import open_services_or_exit
from cli.stop_signal_handlers import exit_on_stop_signals
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, progress_bar, say, translate_for_terminal
from core.adapters.embedded_voting_platform import EmbeddedVotingPlatform
from core.adapters.event_signing import journal_keys, program_keys, program_keys_file
from core.adapters.journal_export import BoardLanguageAndClock, export_journal
from core.adapters.sql.engine import open_snapshot_transaction
from core.adapters.sql.outages import translate_errors
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.row_examination import ProtectedRowExaminer, count_protected_rows
from core.app.services import Services
from core.flows.board_alarms import JOURNAL_BROKEN, raise_board_alarm_in_own_transaction
from core.journal import protected_row_findings as row_words
from core.journal import sentences as words
from core.journal.loss_sentences import sentences_of_declared_loss
from core.journal.verification import JournalVerifier
from core.journal.verification_findings import finding_sentence
from core.journal.verifier import CheckpointStatement, parse_statement
from core.ports import Transaction
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole
from core.text.faces import journal_export_sentences as export_words
from core.text.text import Moment, Text

MOST_SHOWN = 50
F = TypeVar("F")


@click.group(help=translate_for_terminal(words.HELP))
def journal() -> None:
    pass


journal.add_command(declare)


@journal.command(help=translate_for_terminal(words.VERIFY_HELP))
@option("--checkpoint", "files", multiple=True, type=EXISTING_FILE, help=words.CHECKPOINT_HELP)
@IN_FOLDER
def verify(files: tuple[Path, ...], directory: Path) -> None:
    outside = checkpoints_in(files)
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    with services.dependencies.store.read() as transaction:
        found = report_journal_findings(services, transaction, outside)
    if found:  # raise the alarm before the rows are examined, which takes minutes and may fail
        raise_board_alarm_in_own_transaction(services.dependencies, JOURNAL_BROKEN)
    altered = examine_rows(services)
    if not outside:
        say(words.ONLY_FROM_INSIDE)
    sys.exit(1 if found or altered else 0)


def report_journal_findings(services: Services, transaction: Transaction, outside: Outside = ()) -> int:
    length = transaction.chain.end().position
    with progress_bar(words.VERIFYING, length) as bar:
        keys = journal_keys(services.dependencies.vault)
        examination = JournalVerifier(transaction.chain, keys, outside, bar.update)
        first, left = _first_and_rest(examination.findings())
    say(words.NOT_SOUND if first else words.SOUND)
    _print_findings([finding_sentence(finding, services.dependencies.calendar.to_local) for finding in first], left)
    _print_extent(services, transaction, examination)
    for loss in examination.check.losses.known:
        say(*sentences_of_declared_loss(loss.said, services.dependencies.calendar.to_local, loss.after))
    if not first:
        for statement in (each for each, _ in outside if not examination.check.losses.covers(each)):
            say(words.CONFIRMED, checkpoint=str(statement.number), made_at=_checkpoint_time(services, statement))
    return len(first) + left


def examine_rows(services: Services) -> int:
    """Check the protected rows and print the problems. Returns the number of problems."""
    rows, engine = RowAuthenticator(services.dependencies.vault, services.measures), services.database_engine
    with translate_errors(engine.dialect), open_snapshot_transaction(engine) as connection:
        length = count_protected_rows(connection)
        with progress_bar(row_words.EXAMINING, length) as bar:
            examination = ProtectedRowExaminer(
                connection,
                rows,
                embedded_platform=isinstance(services.platform, EmbeddedVotingPlatform),
                progress=bar.update,
            )
            first, left = _first_and_rest(examination.findings())
    say(row_words.NOT_AUTHENTIC if first else row_words.AUTHENTIC_ROWS.for_count(examination.examined))
    _print_findings(list(map(row_words.row_finding_sentence, first)), left)
    return len(first) + left


def _first_and_rest(findings: Iterator[F]) -> tuple[list[F], int]:
    return list(islice(findings, MOST_SHOWN)), sum(1 for _ in findings)


def _print_findings(first: list[Text], left: int) -> None:
    say(*first)
    if left:
        say(words.MORE_FINDINGS.for_count(left))


def _print_extent(services: Services, transaction: Transaction, examination: JournalVerifier) -> None:
    place, tail = examination.check.place, examination.tail
    say(words.SEALED_LINES.for_count(place) if place else words.NOTHING_SEALED)
    last = transaction.chain.checkpoint()
    statement = None if last is None else parse_statement(last.statement)
    if statement is not None:
        say(words.LAST_CHECKPOINT, checkpoint=str(statement.number), made_at=_checkpoint_time(services, statement))
    elif last is None:
        say(words.NO_CHECKPOINT)
    if tail.oldest is None:
        say(words.NO_TAIL)
    else:
        say(
            words.LINES_UNSEALED.for_count(tail.waiting),
            at=Moment(services.dependencies.calendar.to_local(tail.oldest)),
        )


@journal.command("export", help=translate_for_terminal(export_words.HELP))
@click.argument("folder", type=click.Path(path_type=Path))
@IN_FOLDER
def export_(folder: Path, directory: Path) -> None:
    exit_on_stop_signals()
    if folder.exists():
        raise CommandRefused(export_words.FOLDER_THERE, folder=str(folder))
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    try:
        with TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.absolute().parent) as temporary:
            lines = _export(services, Path(temporary) / folder.name)
            (Path(temporary) / folder.name).rename(folder)
    except OSError as failure:
        raise CommandRefused(export_words.IMPOSSIBLE, detail=failure.strerror or str(failure)) from failure
    say(export_words.LINES_EXPORTED.for_count(lines), export_words.DONE, export_words.NOT_IN_IT, folder=str(folder))


def _export(services: Services, folder: Path) -> int:
    folder.mkdir(mode=0o700)
    now = services.dependencies.calendar.to_local(services.dependencies.clock.now())
    facts = {
        "election": services.dependencies.election.name,
        "site": services.dependencies.election.site,
        "made_at": Moment(now),
    }
    board = BoardLanguageAndClock(
        say=translate_for_terminal,
        local=services.dependencies.calendar.to_local,
        timeline=services.flows.timeline_texts,
        facts=facts,
    )
    with services.dependencies.store.read() as transaction:
        length = transaction.chain.end().position
        with progress_bar(export_words.EXPORTING, length) as bar:
            keys = journal_keys(services.dependencies.vault)
            return export_journal(folder, transaction.chain, board, keys, bar.update)


@journal.command(help=translate_for_terminal(words.KEY_HELP))
@IN_FOLDER
def key(directory: Path) -> None:
    vault = open_services_or_exit(directory, ProgramKeyRole.OPERATOR).dependencies.vault
    say(words.KEY_EXPLAINED)
    click.echo(vault.public_key(key_purposes.JOURNAL).hex())
    say(words.PROGRAM_KEYS_EXPLAINED)
    click.echo(sha256(program_keys_file(program_keys(vault))).hexdigest())


def _checkpoint_time(services: Services, statement: CheckpointStatement) -> Moment | str:
    """Return a checkpoint's time. Text that is not a valid time is returned unchanged."""
    try:
        return Moment(services.dependencies.calendar.to_local(datetime.fromisoformat(statement.made)))
    except ValueError:
        return statement.made
