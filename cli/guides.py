"""`retrouve guides`: build the voters' illustrated help from the flows."""

import logging
import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.open_services import open_services_or_exit
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, say, translate_for_terminal
from core.adapters.file_lock import take_lock
from core.app.services import Services
from core.election.urls import HELP_FRONT, HELP_PATH, help_page_file
from core.ports import StoreUnavailable
from core.security.roles_holding_keys import ProgramKeyRole
from core.text.faces import guides_cli_sentences as words
from core.text.faces import page_frame_texts as around
from core.text.language_facts import LANGUAGES
from core.text.text import Language, Text
from guides.pictures import ChromiumFailed, PictureRefused

if TYPE_CHECKING:
    from guides.handout_files import Handout

HELP_FAILURES = (OSError, sqlite3.Error, StoreUnavailable, PictureRefused)
"""The errors that end the making of the help, such as a full disk's."""


@click.group(help=translate_for_terminal(words.HELP))
def guides() -> None:
    """The commands about the help."""


@guides.command(help=translate_for_terminal(words.BUILD_HELP.fill({"path": HELP_PATH})))
@IN_FOLDER
@option("--to", "to", type=click.Path(file_okay=False, path_type=Path), help=words.TO_HELP)
def build(directory: Path, to: Path | None) -> None:
    """Build the site and report how readable its words are."""
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    folder = to or services.settings.guides_folder
    front = folder / help_page_file(HELP_FRONT, Language.FRENCH)
    if folder.exists() and any(folder.iterdir()) and not front.exists():  # it must not be replaced
        raise CommandRefused(words.NOT_OURS, folder=str(folder))
    with reporting_missing_library():
        import cli.update_handouts  # noqa: F401, PLC0415  # what is missing is told before minutes of walking
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    logging.getLogger("asyncio").setLevel(
        logging.CRITICAL
    )  # Ctrl+C also ends Playwright's driver, which asyncio would report
    try:
        with locked_help(folder):
            pictures, handouts = _pictures(services, pictures_folder_beside(folder)), handouts_folder_beside(folder)
            build_guides(services, folder, pictures, _handouts(services, pictures, handouts), handouts)
    except HELP_FAILURES as refused:
        raise CommandRefused(words.NOT_BUILT, detail=help_failure_reason(refused)) from refused
    except KeyboardInterrupt:
        raise CommandRefused(words.INTERRUPTED) from None
    _tell_wording(services)
    say(words.BUILT, folder=str(folder))


@contextmanager
def locked_help(folder: Path, *, seconds: float = 0) -> Iterator[None]:
    """Keep others from building that help inside the block, after waiting that long for them. Raises CommandRefused."""
    pictures = pictures_folder_beside(folder)
    pictures.mkdir(parents=True, exist_ok=True)
    opened = os.open(pictures, os.O_RDONLY)
    try:
        if not take_lock(opened, seconds):
            raise CommandRefused(words.BUILT_BY_ANOTHER, folder=str(folder))
        yield
    finally:
        os.close(opened)


def help_failure_reason(refused: Exception) -> str:
    """Return in a few words why the help could not be made."""
    match refused:
        case shutil.Error(args=[[(_, _, why), *_]]):
            return str(why)
        case OSError(strerror=str(why)):
            return why if refused.filename is None else f"{why}: {refused.filename}"
        case ChromiumFailed():
            return translate_for_terminal(refused.cause)
        case _:
            return str(refused).partition("\n")[0].rstrip(".") or type(refused).__name__


def pictures_folder_beside(folder: Path) -> Path:
    """Return the folder of the pictures that belong to that help."""
    return folder.with_name(f"{folder.name}.pictures")


def handouts_folder_beside(folder: Path) -> Path:
    """Return the folder of the handouts that belong to that help."""
    return folder.with_name(f"{folder.name}.handouts")


def _pictures(services: Services, folder: Path) -> Path:
    """Take the pictures that have changed and report their number. Raises CommandRefused."""
    with reporting_missing_library():
        from cli.update_pictures import update_pictures  # noqa: PLC0415  # an election that builds no help needs none of this
        from guides.pictures.chromium import CHROMIUM, ChromiumMissing  # noqa: PLC0415
    try:
        tally = update_pictures(services, folder)
    except ChromiumMissing:
        raise CommandRefused(words.CHROMIUM_MISSING, path=CHROMIUM) from None
    say(words.PICTURED, pictures=tally.pictures, taken=tally.taken)
    return folder


def _handouts(services: Services, pictures: Path, folder: Path) -> "Sequence[Handout]":
    """Make the handouts that have changed and report their number."""
    from cli.update_handouts import update_all_handouts  # noqa: PLC0415  # an election that builds no help needs none of this

    handouts, made = update_all_handouts(services, pictures, folder)
    say(words.HANDED_OUT, handouts=len(handouts), made=made)
    return handouts


def build_guides(
    services: Services,
    folder: Path,
    pictures: Path | None = None,
    handouts: "Sequence[Handout]" = (),
    served_beside: Path = Path(),
    *,
    notice: Text | None = None,
) -> None:
    """Build the site with the pictures and handouts of those folders, all or nothing; the notice stands on its front.

    Raises CommandRefused.
    """
    with reporting_missing_library():
        from mkdocs.exceptions import Abort  # noqa: PLC0415  # an election that builds no help needs none of this

        from guides.help_site_builder import HelpSiteBuildInputs, build_site  # noqa: PLC0415
        from guides.help_source import help_source_of  # noqa: PLC0415
        from guides.picture_manifest import read_manifest  # noqa: PLC0415
    taken = {} if pictures is None else read_manifest(pictures)
    inputs = HelpSiteBuildInputs(help_source_of(services), taken, pictures or Path(), handouts, served_beside, notice)
    with _put_in_place_of(folder) as fresh:
        try:
            build_site(inputs, fresh)
        except Abort:
            raise CommandRefused(words.REFUSED) from None


@contextmanager
def reporting_missing_library() -> Iterator[None]:
    """Say which library of the help is missing, where an import inside the block fails. Raises CommandRefused."""
    try:
        with redirect_stdout(StringIO()):  # WeasyPrint prints a banner when Pango is missing
            yield
    except ModuleNotFoundError as missing:
        raise CommandRefused(words.PARTS_MISSING, name=missing.name or "") from None
    except OSError:
        raise CommandRefused(words.PANGO_MISSING) from None


@contextmanager
def _put_in_place_of(folder: Path) -> Iterator[Path]:
    """Yield a new folder that replaces the old one when it is complete, so that readers never meet half a site."""
    fresh, former = (folder.with_name(f"{folder.name}.{part}") for part in ("fresh", "former"))

    def clear() -> None:
        if former.exists() and not folder.exists():  # stopped between the two moves
            former.rename(folder)
        for left_over in (fresh, former):
            shutil.rmtree(left_over, ignore_errors=True)

    clear()
    try:
        yield fresh
        if folder.exists():
            folder.rename(former)
        fresh.rename(folder)
    finally:
        clear()


def _tell_wording(services: Services) -> None:
    from guides.help_source import help_source_of  # noqa: PLC0415
    from guides.readability import LONGEST, measure_readability  # noqa: PLC0415

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
