"""`retrouve purge`: erase what must no longer be kept; without --apply, say what would be erased."""

from pathlib import Path

import click

from cli.open_services import IN_FOLDER, open_or_exit
from cli.terminal_translation import terminal_text
from core.adapters.sql.retention import NotRewritten, rewrite_database
from core.app.services import Services
from core.ports import ErasableKind
from core.roll.purge import Purge, RowsDueForErasure
from core.security.key_roles import KeyRole
from core.text.faces import purge_sentences as words
from core.text.text import Moment, Text


@click.command(help=terminal_text(words.HELP))
@click.option("--apply", "apply", is_flag=True, help=terminal_text(words.APPLY_HELP))
@IN_FOLDER
def purge(directory: Path, *, apply: bool) -> None:
    """Report what there is, or erase what is due."""
    services = open_or_exit(directory, KeyRole.OPERATOR)
    purging = Purge(services.dependencies)
    if apply:
        _erase(services, purging)
    else:
        _tell_found(services, purging.counts())


def _tell_found(services: Services, found: list[RowsDueForErasure]) -> None:
    now = services.clock.now()
    due = [left for left in found if left.count and left.due <= now]
    for left in found:
        sentence = words.DUE if left.due <= now else words.LATER
        _say(sentence.fill({"due": Moment(services.calendar.to_local(left.due))}), left.kind, left.count)
    click.echo(terminal_text(words.NOT_APPLIED if due else words.NOTHING_DUE))


def _erase(services: Services, purging: Purge) -> None:
    erased = purging.erase()
    for kind, count in erased.items():
        _say(words.ERASED, kind, count)
    click.echo(terminal_text(words.entries_erased(sum(erased.values())) if erased else words.NOTHING_DUE))
    _rewrite(services)
    for sentence in (words.JOURNAL_STAYS, words.STILL_THERE):
        click.echo(terminal_text(sentence))


def _rewrite(services: Services) -> None:
    assert services.engine is not None  # noqa: S101  # `open_or_exit` of a folder gives one
    try:
        rewrite_database(services.engine)
    except NotRewritten as failure:
        click.echo(terminal_text(words.NOT_COMPACTED.fill({"detail": str(failure)})), err=True)


def _say(sentence: Text, kind: ErasableKind, count: int) -> None:
    click.echo(terminal_text(sentence.fill({"what": words.WHAT[kind], "count": count})))
