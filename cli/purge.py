"""The command `retrouve purge`. It lists expired data. With --apply, it erases this data."""

from pathlib import Path

import click

from cli.open_services import open_services_or_exit
from cli.terminal_translation import IN_FOLDER, option, say, say_error, translate_for_terminal
from core.adapters.sql.retention import DatabaseNotRewritten, rewrite_database
from core.app.services import Services
from core.roll.personal_data_purge import count_erasable_rows, erase_due_rows
from core.security.key_roles import ProgramKeyRole
from core.text.faces import purge_cli_sentences as words
from core.text.text import Moment


@click.command(help=translate_for_terminal(words.HELP))
@option("--apply", "apply", is_flag=True, help=words.APPLY_HELP)
@IN_FOLDER
def purge(directory: Path, *, apply: bool) -> None:
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    if apply and services.dependencies.clock.now() >= services.dependencies.calendar.vote_closes:
        _erase(services)
    else:
        _print_found(services)


def _print_found(services: Services) -> None:
    found, now = count_erasable_rows(services.dependencies), services.dependencies.clock.now()
    due = [left for left in found if left.count and left.due <= now]
    for left in found:
        sentence, moment = (
            words.DUE if left.due <= now else words.LATER,
            services.dependencies.calendar.to_local(left.due),
        )
        say(sentence, due=Moment(moment), what=words.WHAT[left.kind], count=left.count)
    say(words.NOT_APPLIED if due else words.NOTHING_DUE)


def _erase(services: Services) -> None:
    erased = erase_due_rows(services.dependencies)
    for kind, count in erased.items():
        say(words.ERASED, what=words.WHAT[kind], count=count)
    say(words.ENTRIES_ERASED.for_count(sum(erased.values())) if erased else words.NOTHING_DUE)
    try:
        rewrite_database(services.database_engine)
    except DatabaseNotRewritten as failure:
        say_error(words.NOT_COMPACTED, detail=str(failure))
    say(words.JOURNAL_STAYS, words.STILL_THERE)
