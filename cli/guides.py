"""The command `retrouve guides`, which builds the illustrated help pages for voters."""

import logging
from pathlib import Path

import click

from cli.open_services import open_services_or_exit
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, say, translate_for_terminal
from core.app.services import Services
from core.security.key_roles import ProgramKeyRole
from core.text.faces import guides_cli_sentences as words
from core.text.faces import page_frame_texts as around
from core.text.language_facts import LANGUAGES
from core.text.text import Language
from core.text.urls import HELP_FRONT, HELP_PATH, help_page_file
from guides import HelpNotBuilt
from guides.builds import (
    HELP_FAILURES,
    build_help,
    handouts_folder_beside,
    help_failure_reason,
    locked_help,
    pictures_folder_beside,
    reporting_missing_library,
)
from guides.help_source import help_source_of
from guides.interruption import interruptible_by_signals
from guides.readability import LONGEST, measure_readability


@click.group(help=translate_for_terminal(words.HELP))
def guides() -> None:
    pass


@guides.command(help=translate_for_terminal(words.BUILD_HELP.fill({"path": HELP_PATH})))
@IN_FOLDER
@option("--to", "to", type=click.Path(file_okay=False, path_type=Path), help=words.TO_HELP)
def build(directory: Path, to: Path | None) -> None:
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    folder = to or services.settings.guides_folder
    front = folder / help_page_file(HELP_FRONT, Language.FRENCH)
    if (
        folder.exists() and any(folder.iterdir()) and not front.exists()
    ):  # do not replace a folder that contains something else
        raise CommandRefused(words.NOT_OURS, folder=str(folder))
    # At Ctrl+C, asyncio would report that Playwright's driver has ended.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        with reporting_missing_library():
            import guides.handouts  # noqa: F401, PLC0415  # report a missing library before taking pictures for minutes
        with locked_help(folder), interruptible_by_signals():
            _update_pictures(services, pictures_folder_beside(folder))
            _update_handouts(services, pictures_folder_beside(folder), handouts_folder_beside(folder))
            build_help(services, folder)
    except HelpNotBuilt as refused:
        raise CommandRefused(refused.sentence) from None
    except HELP_FAILURES as refused:
        raise CommandRefused(words.NOT_BUILT, detail=help_failure_reason(refused)) from refused
    _print_wording(services)
    say(words.BUILT, folder=str(folder))


def _update_pictures(services: Services, folder: Path) -> None:
    with reporting_missing_library():
        from cli.update_pictures import update_pictures  # noqa: PLC0415  # Playwright is needed only to build the help
    counts = update_pictures(services, folder)
    say(words.PICTURED, pictures=counts.pictures, taken=counts.taken)


def _update_handouts(services: Services, pictures: Path, folder: Path) -> None:
    from guides.handouts import update_all_handouts  # noqa: PLC0415  # the same for WeasyPrint

    handouts, made = update_all_handouts(services, pictures, folder)
    say(words.HANDED_OUT, handouts=len(handouts), made=made)


def _print_wording(services: Services) -> None:
    for language in Language:
        wording = measure_readability(help_source_of(services), language)
        say(
            words.WORDING,
            language=around.AUTONYMS[language],
            sentences=wording.sentences,
            average=f"{wording.average:.1f}",
            longest=wording.longest,
            ease=round(wording.ease),
            formula=LANGUAGES[language].ease_formula,
        )
        for sentence in wording.too_long:
            say(words.TOO_LONG, count=LONGEST, sentence=sentence)
        for sentence in wording.banned:
            say(words.AVOIDED, sentence=sentence)
