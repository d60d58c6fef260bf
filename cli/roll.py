"""The command `retrouve roll`, which imports the electoral roll from CSV."""

import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import click

from cli.open_services import open_services_or_exit
from cli.stop_signal_handlers import is_started_in_terminal
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, progress_bar, translate_for_terminal
from core.flows.dependencies import Dependencies
from core.forms.errors import Refusal
from core.forms.field_parsers import mask_address
from core.ports import TamperedRowsError
from core.ports.journal import SETTLES_AFTER
from core.roll import sentences as words
from core.roll.roll_changes import RollChanges, apply_changes, compare_rolls, imports_after
from core.roll.roll_check import read_roll
from core.roll.roll_columns import columns_as_markdown
from core.roll.roll_csv_reader import join_column_names
from core.roll.sentences import RollFaulty
from core.roll.spooled_roll import SpooledRoll
from core.security.digests import PlatformPseudonyms
from core.security.key_roles import ProgramKeyRole
from core.text.text import Text

CORRECTIONS_SHOWN = 50
Echo = Callable[[str], None]


@click.group(help=translate_for_terminal(words.ROLL_HELP))
def roll() -> None:
    pass


@roll.command("import", help=translate_for_terminal(words.IMPORT_HELP))
@click.argument("path", metavar="FILE.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--apply", "apply", is_flag=True, help=words.APPLY_HELP)
@IN_FOLDER
@option("--removing", type=click.IntRange(min=0), help=words.REMOVING_HELP)
def import_(path: Path, directory: Path, *, apply: bool, removing: int | None) -> None:
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    try:
        status = import_roll(
            path,
            services.dependencies,
            services.platform_pseudonyms,
            scratch=directory,
            wanted=apply,
            echo=click.echo,
            removing=removing,
            type_count=_type_count if is_started_in_terminal() else lambda: None,
        )
    except OSError as failure:
        raise CommandRefused(words.IMPOSSIBLE, detail=failure.strerror or str(failure)) from failure
    sys.exit(status)


def _type_count() -> int | None:
    count: int = click.prompt(
        translate_for_terminal(words.REMOVED_COUNT), type=int, default=0, show_default=False, err=True
    )
    return count


@roll.command("columns", help=translate_for_terminal(words.COLUMNS_HELP))
def columns() -> None:
    click.echo(columns_as_markdown(translate_for_terminal))


def import_roll(
    path: Path,
    dependencies: Dependencies,
    pseudonyms: PlatformPseudonyms,
    *,
    scratch: Path,
    wanted: bool,
    echo: Echo,
    removing: int | None = None,
    type_count: Callable[[], int | None] = lambda: None,
) -> int:
    """Import a roll and return the exit status. `removing` is the confirmed number of removals."""
    with TemporaryFile(dir=scratch) as spool:
        try:
            new_roll = _read(path, dependencies, pseudonyms, spool)
            changes, applied = _settle(new_roll, dependencies, wanted=wanted, removing=removing)
        except Refusal as refused:
            _print(echo, *_refusal_sentences(refused))
            return 1
        except TamperedRowsError as refused:
            _print(echo, words.ROWS_ALTERED.for_count(len(refused.voters)))
            return 1
        _print(echo, *_change_sentences(changes))
        if applied is not None:
            done = words.APPLIED if applied else words.NOT_APPLIED
            _print(echo, done if changes.changed_person_count else words.NOTHING_TO_CHANGE)
            return 0
    count = len(changes.removed)
    typed = {"removed": str(count), "path": shlex.quote(str(path)), "folder": shlex.quote(str(scratch))}
    _print(echo, words.CONFIRM_REMOVALS_HINT.for_count(count).fill(typed))
    if removing is not None or type_count() != count:
        return 1
    return import_roll(path, dependencies, pseudonyms, scratch=scratch, wanted=wanted, echo=echo, removing=count)


def _read(path: Path, dependencies: Dependencies, pseudonyms: PlatformPseudonyms, spool: BinaryIO) -> SpooledRoll:
    today = dependencies.clock.now().date()
    with path.open("rb") as file, progress_bar(words.READING, path.stat().st_size) as bar:
        return read_roll(file, dependencies.vault, pseudonyms, today=today, spool=spool, progress=bar.update)


def _settle(
    new_roll: SpooledRoll, dependencies: Dependencies, *, wanted: bool, removing: int | None
) -> tuple[RollChanges, bool | None]:
    """Apply a new roll if `wanted` is True or if this is the first import. Returns (changes, applied)."""
    with dependencies.store.read() as transaction:
        settled = transaction.journal.last_line_before(dependencies.clock.now() - SETTLES_AFTER)
        imports = imports_after(transaction, settled)
        changes = compare_rolls(transaction.roll.entries(), new_roll, transaction.roll.entries_of_removed_voters())
    applying = bool(changes.changed_person_count) and (wanted or changes.is_first_import)
    many = changes.removes_too_many(dependencies.policy.roll_change_percent)
    if applying and many and removing != len(changes.removed):
        return changes, None
    if applying:
        with (
            progress_bar(words.WRITING, changes.changed_person_count) as bar,
            dependencies.store.write() as transaction,
        ):
            transaction.roll.lock()
            # The rolls were compared without the lock, so that voters do not wait. Another import may have come first.
            if imports_after(transaction, settled) != imports:
                raise words.RollChangedMeanwhile
            apply_changes(transaction, changes, dependencies.clock.now, bar.update)
    return changes, applying


def _print(echo: Echo, *sentences: Text) -> None:
    for sentence in sentences:
        echo(translate_for_terminal(sentence))


def _refusal_sentences(refused: Refusal) -> Iterator[Text]:
    for sentence in (refused.title, *refused.remedy):
        yield sentence.fill(refused.facts)
    if isinstance(refused, RollFaulty):
        yield from (fault.sentence() for fault in refused.faults)
        yield from _more(refused.total - len(refused.faults))
        yield words.LINE_FAULTS.for_count(refused.total)


def _change_sentences(changes: RollChanges) -> Iterator[Text]:
    yield words.PERSONS_UNCHANGED.for_count(changes.unchanged)
    yield words.PERSONS_ADDED.for_count(len(changes.added))
    if changes.returned:
        yield words.PERSONS_RETURNED.for_count(len(changes.returned))
    yield words.PERSONS_REMOVED.for_count(len(changes.removed))
    yield words.PERSONS_CORRECTED.for_count(len(changes.corrected))
    for each in changes.corrected[:CORRECTIONS_SHOWN]:
        address, columns = mask_address(changes.roll[each.position].email), join_column_names(each.labels)
        line = str(changes.roll.line_of(each.position))
        yield words.CORRECTION.fill({"line": line, "address": address, "columns": columns})
    yield from _more(len(changes.corrected) - CORRECTIONS_SHOWN)


def _more(count: int) -> Iterator[Text]:
    if count > 0:
        yield words.LINES_LEFT_OUT.for_count(count)
